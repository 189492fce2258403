"""The derived views that all checks share: read from `views/*.sql`, made once per assessment, only as far as needed.

A view is one SELECT in a file of its name. Lines `-- column can be told without x.y, z` in its head say
what a column (`rows` for which rows there are, `*` for all of it) means something without; a line
`-- kept: no` says that the view is made anew wherever it is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from itsm_bridge.checking.lineage import Relation, Resolver, schema_relations
from itsm_bridge.errors import CheckError

_NOT_KEPT = re.compile(r"^-- kept: no$", re.MULTILINE)
_WITHOUT = re.compile(r"^-- (\w+|\*) can be told without (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class View:
    """One derived view: its SQL as written and parsed, and what its columns and rows can be told without."""

    name: str
    text: str
    select: exp.Select | exp.SetOperation
    without: Mapping[str, tuple[str, ...]]
    is_kept: bool = True

    @property
    def reads(self) -> frozenset[str]:
        """Tables and views that it names."""
        return frozenset(_tables(self.select))


@dataclass(frozen=True, slots=True)
class Plan:
    """Views to be made, in order, as SQL that selects only what is read of them.

    `passing` names, per view, those that nothing reads once it is made; `tables` and `columns` are those
    of the schema that are read.
    """

    statements: Mapping[str, str]
    passing: Mapping[str, tuple[str, ...]]
    tables: frozenset[str]
    columns: frozenset[tuple[str, str]]


@cache
def views() -> Mapping[str, View]:
    """Return all views in an order in which each comes after those it reads."""
    folder = files("itsm_bridge.checking") / "views"
    sources = [each for each in folder.iterdir() if each.name.endswith(".sql")]
    made = [_view(each.name.removesuffix(".sql"), each.read_text("utf-8")) for each in sources]
    found = {view.name: view for view in made}
    order = TopologicalSorter({name: view.reads & found.keys() for name, view in found.items()}).static_order()
    return {name: found[name] for name in order}


@cache
def relations() -> Mapping[str, Relation]:
    """Return schema tables and views with what each of their columns is made from."""
    known = schema_relations()
    for view in views().values():
        made = Resolver(known).query(view.select)
        everywhere = view.without.get("*", ())
        columns = {
            name: needs.without((*everywhere, *view.without.get(name, ()))) for name, needs in made.columns.items()
        }
        rows = made.rows.without((*everywhere, *view.without.get("rows", ())))
        # What a view asks of `capability` is its own affair: only a check says that it copes with a lack.
        coping = {name: replace(needs, handled=frozenset()) for name, needs in columns.items()}
        known[view.name] = Relation(coping, replace(rows, handled=frozenset()), view.name)
    return known


def plan(used: Iterable[tuple[str, str]]) -> Plan:
    """Return how to make the views of which `used` names (view, column), leaving out what nothing reads."""
    return _planned(frozenset(used))


@lru_cache(maxsize=256)
def _planned(used: frozenset[tuple[str, str]]) -> Plan:
    wanted: dict[str, set[str]] = {}
    for name, column in used:
        wanted.setdefault(name, set()).add(column)
    last = {name for name in wanted if name in views()}
    statements: dict[str, str] = {}
    reads: dict[str, frozenset[str]] = {}
    for view in reversed(list(views().values())):
        if view.name not in wanted:
            continue
        made = _made(view.name, frozenset(wanted[view.name]))
        statements[view.name] = made.sql
        for name in made.tables:
            wanted.setdefault(name, set())
        for name, column in made.used:
            wanted.setdefault(name, set()).add(column)
        reads[view.name] = made.tables & views().keys()
    order = list(reversed(statements))
    tables = frozenset(wanted) - frozenset(views())
    columns = frozenset((table, column) for table in tables for column in wanted[table])
    return Plan({name: statements[name] for name in order}, _passing(order, reads, last), tables, columns)


@dataclass(frozen=True, slots=True)
class _Made:
    """A view that selects only some of its columns: its SQL, and what it reads."""

    sql: str
    tables: frozenset[str]
    used: frozenset[tuple[str, str]]


@lru_cache(maxsize=2048)
def _made(name: str, columns: frozenset[str]) -> _Made:
    select = _pruned(views()[name].select, columns)
    resolver = Resolver(relations())
    resolver.query(select)
    return _Made(select.sql("duckdb"), frozenset(_tables(select)), frozenset(resolver.used))


def make_views(connection: duckdb.DuckDBPyConnection, made: Plan, binding: Mapping[str, Any]) -> None:
    """Make the views of a plan as temporary tables; `binding` has the values of `$now` and the like."""
    for name, sql in made.statements.items():
        used = {key: value for key, value in binding.items() if re.search(rf"\${key}\b", sql)}
        kind = "TABLE" if views()[name].is_kept else "VIEW"
        connection.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {sql}", used).fetchall()
        for done in made.passing[name]:
            connection.execute(f"DROP TABLE {done}").fetchall()


def _passing(order: list[str], reads: Mapping[str, Collection[str]], last: set[str]) -> dict[str, tuple[str, ...]]:
    """Return, per view, the tables of which it is the last reader; `last` are those that checks read."""
    passing: dict[str, tuple[str, ...]] = {}
    read_later = _stored(last, reads) | last
    for name in reversed(order):
        mine = _stored(reads[name], reads) if views()[name].is_kept else set()
        passing[name] = tuple(sorted(mine - read_later))
        read_later |= mine
    return passing


def _stored(names: Collection[str], reads: Mapping[str, Collection[str]]) -> set[str]:
    """Return the tables behind some views: themselves where they are kept, else those that they read."""
    found: set[str] = set()
    for name in names:
        found |= {name} if views()[name].is_kept else _stored(reads[name], reads)
    return found


def _view(name: str, text: str) -> View:
    select = sqlglot.parse_one(text, read="duckdb")
    if not isinstance(select, exp.Select | exp.SetOperation):
        raise CheckError("a view is one SELECT", where=f"views/{name}.sql", hint="Write one query.")
    without: dict[str, tuple[str, ...]] = {}
    for column, things in _WITHOUT.findall(text):
        without[column] = (*without.get(column, ()), *(thing.strip() for thing in things.split(",")))
    return View(name, text, select, without, is_kept=_NOT_KEPT.search(text) is None)


def _pruned(query: exp.Expr, columns: Collection[str]) -> exp.Expr:
    """Leave out columns that nobody reads and left joins that served only them."""
    branches = list(_branches(query))
    if any(branch.args.get("distinct") for branch in branches):
        return _bare(query.copy())
    names = [each.alias_or_name for each in branches[0].expressions]
    wanted = [n for n, name in enumerate(names) if name in columns] or [0]
    if isinstance(query, exp.Select):
        return _without_ctes(_narrowed(query, wanted))
    kept = query.copy()
    for branch in list(_branches(kept)):
        branch.replace(_narrowed(branch, wanted))
    return _without_ctes(_bare(kept))


def _bare(query: exp.Expr) -> exp.Expr:
    for part in query.walk():
        part.comments = None
    return query


def _branches(query: exp.Expr) -> Iterator[exp.Select]:
    """Yield the selects of a union in order."""
    if isinstance(query, exp.SetOperation):
        yield from _branches(query.left)
        yield from _branches(query.right)
    elif isinstance(query, exp.Select):
        yield query


def _narrowed(select: exp.Select, wanted: Sequence[int]) -> exp.Select:
    """Copy what is kept of a select only: a wide view is mostly what nobody reads."""
    expressions = [select.expressions[n] for n in wanted]
    parts = {name: part for name, part in select.args.items() if name not in ("expressions", "joins") and part}
    reading = [part for name in ("where", "group", "having") if (part := parts.get(name)) is not None]
    joins = _kept_joins(select, [*expressions, *reading])
    made = exp.Select(expressions=[each.copy() for each in expressions])
    for name, part in parts.items():
        made.set(name, part.copy() if isinstance(part, exp.Expr) else part)
    if joins:
        made.set("joins", [join.copy() for join in joins])
    _bare(made)
    return made


def _kept_joins(select: exp.Select, read_by: Iterable[exp.Expr]) -> list[exp.Join]:
    """Return the joins that are no left joins, or that what is kept reads: of another join too."""
    joins: list[exp.Join] = list(select.args.get("joins") or ())
    read = set().union(*map(_aliases, read_by))
    kept: set[int] = set()
    while more := [
        n for n, join in enumerate(joins) if n not in kept and (join.side != "LEFT" or join.this.alias_or_name in read)
    ]:
        for n in more:
            kept.add(n)
            read |= _aliases(joins[n])
    return [join for n, join in enumerate(joins) if n in kept]


def _aliases(part: exp.Expr) -> set[str]:
    return {column.table for column in part.find_all(exp.Column)}


def _without_ctes(query: exp.Expr) -> exp.Expr:
    with_ = query.args.get("with_") or query.args.get("with")
    while with_ is not None and with_.expressions:
        named = set(_names(query))
        unread = [cte for cte in with_.expressions if cte.alias not in named]
        if not unread:
            return query
        for cte in unread:
            cte.pop()
    if with_ is not None:
        with_.pop()
    return query


def _names(select: exp.Expr) -> Iterator[str]:
    for table in select.find_all(exp.Table):
        yield table.name


def _tables(select: exp.Expr) -> set[str]:
    """Name the tables and views that a query reads, its own common table expressions aside."""
    own = {cte.alias for cte in select.find_all(exp.CTE)}
    return set(_names(select)) - own
