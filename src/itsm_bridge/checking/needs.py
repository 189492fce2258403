"""What a check needs to mean anything: derived from its SQL, followed through the views to the schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot.errors import SqlglotError

from itsm_bridge.checking.definition import Question, Subject
from itsm_bridge.checking.lineage import NOTHING, Needs, Resolver, Scope, conjuncts, parse_expression
from itsm_bridge.checking.views import relations
from itsm_bridge.errors import CheckError
from itsm_bridge.schema import TABLES

_NOT_JUDGED = ("evidence.", "taints[")


@dataclass(frozen=True, slots=True)
class CheckNeeds:
    """What a whole check needs, and its parts: rows of its subject, each conjunct of its population, its anchor.

    `used` are the (view or table, column) pairs that its SQL names; `correlated` columns of an outer query
    that a subquery reads.
    """

    total: Needs
    rows: Needs
    conjuncts: tuple[tuple[str, Needs], ...]
    anchor: Needs
    used: frozenset[tuple[str, str]]
    correlated: tuple[str, ...]

    @property
    def tables(self) -> frozenset[str]:
        """Canonical tables that are read."""
        return self.total.tables

    @property
    def capabilities(self) -> frozenset[str]:
        """Capabilities that each source must have."""
        return self.total.capabilities

    @property
    def readings(self) -> frozenset[str]:
        """What a taint may name: `table.column` and capabilities."""
        return frozenset(f"{table}.{column}" for table, column in self.total.columns) | self.total.capabilities


def needs(check: Question) -> CheckNeeds:
    """Derive what is needed; CheckError where a view, an alias or a column does not exist."""
    try:
        return _needs(check.subject, check.population, tuple(check.expressions.items()))
    except CheckError as error:
        raise CheckError(error.message, where=f"{check.path}: {error.where}", hint=error.hint) from error


@lru_cache(maxsize=1024)
def _needs(subject: Subject, population: str, expressions: tuple[tuple[str, str], ...]) -> CheckNeeds:
    known = relations()
    if subject.view not in known:
        raise CheckError(f"there is no view {subject.view!r}", where="subject.view", hint=_known_views())
    resolver = Resolver(known)
    scope = Scope({subject.alias: known[subject.view]})
    rows = known[subject.view].rows
    if _joins_record(subject):
        scope.relations["w"] = known["w"]
        rows |= known["w"].rows
        resolver.used |= {("w", "work_item_id"), (subject.view, "work_item_id")}
    elif "source_id" in known[subject.view].columns:
        resolver.used.add((subject.view, "source_id"))
    parts = {key: _resolve(resolver, key, sql, scope) for key, sql in expressions}
    judged = [found for key, found in parts.items() if not key.startswith(_NOT_JUDGED)]
    total = _plain(_union([rows, *judged]))
    split = tuple(
        (part.sql("duckdb"), _plain(resolver.expression(part, scope)))
        for part in conjuncts(parse_expression(population))
    )
    anchor = _plain(parts.get("anchor", NOTHING))
    return CheckNeeds(total, _plain(rows), split, anchor, frozenset(resolver.used), tuple(resolver.correlated))


def joins_record(check: Question) -> bool:
    """Tell whether the subject belongs to a record other than itself, which the engine then joins as `w`."""
    return _joins_record(check.subject)


def has_record(question: Question) -> bool:
    """Tell whether the subjects are records, or belong to some."""
    return question.subject.view == "w" or joins_record(question)


def has_no_source(question: Question) -> bool:
    """Tell whether the subjects belong to the organisation and not to a tool: entries of registers, documents."""
    return not has_record(question) and "source_id" not in relations()[question.subject.view].columns


def needs_of(checks: Iterable[Question]) -> Mapping[str, CheckNeeds]:
    """Derive the needs of several checks, by id."""
    return {check.id: needs(check) for check in checks}


def _joins_record(subject: Subject) -> bool:
    return subject.view != "w" and "work_item_id" in relations()[subject.view].columns


def _resolve(resolver: Resolver, where: str, sql: str, scope: Scope) -> Needs:
    try:
        return resolver.expression(parse_expression(sql), scope)
    except SqlglotError as error:
        raise CheckError(f"is not SQL: {error}", where=where) from error
    except CheckError as error:
        raise CheckError(error.message, where=where, hint=error.hint) from error


def _plain(found: Needs) -> Needs:
    """Leave out what the SQL itself asks about, and tables that no tool fills."""
    tables = frozenset(name for name in found.tables if TABLES[name].origin == "tool")
    return Needs(found.columns, found.capabilities - found.handled, tables, found.handled)


def _union(all_needs: Iterable[Needs]) -> Needs:
    total = NOTHING
    for each in all_needs:
        total |= each
    return total


def _known_views() -> str:
    return f"Views and tables: {', '.join(sorted(relations()))}."
