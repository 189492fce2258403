"""The derived views that all checks share: read from `views/*.sql`, made once per assessment, only as far as needed.

A view is one SELECT in a file of its name. Lines `-- column can be told without x.y, z` in its head say
what a column (`rows` for which rows there are, `*` for all of it) means something without; a line
`-- kept: no` says that the view is made anew wherever it is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from itsm_bridge.checking.lineage import Relation, Resolver, schema_relations
from itsm_bridge.checking.pruning import pruned, tables_of
from itsm_bridge.errors import CheckError

RECORDS = "w"
"""The view that has a record in each row."""
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
        return frozenset(tables_of(self.select))


@dataclass(frozen=True, slots=True)
class Statement:
    """How one view is made: its SQL, the tables and views that it reads, and whether its rows are kept."""

    sql: str
    reads: frozenset[str]
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Views to be made, in order, as SQL that selects only what is read of them.

    `passing` names, per view, those that nothing reads once it is made; `tables` and `columns` are those
    of the schema that are read.
    """

    statements: Mapping[str, Statement]
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


def plan(used: Iterable[tuple[str, str]], records: Mapping[str, Collection[str]] | None = None) -> Plan:
    """Return how to make the views of which `used` names (view, column), leaving out what nothing reads.

    `records` names, per type of record, the columns of `w` that are read of such records alone. With it, the records
    of each type get a table of their own (`records_of`), as most columns mean something for one type only, and
    `w` is what all of them have in common.
    """
    kinds = tuple(sorted((kind, frozenset(columns)) for kind, columns in (records or {}).items()))
    return _planned(frozenset(used), kinds)


def records_of(kind: str) -> str:
    """Return the table of the records of one type."""
    return f"{RECORDS}_{kind}"


Wanted = dict[str, set[str]]
"""Per view or table, the columns that are read of it."""


@lru_cache(maxsize=256)
def _planned(used: frozenset[tuple[str, str]], kinds: tuple[tuple[str, frozenset[str]], ...]) -> Plan:
    wanted: Wanted = {}
    for name, column in used:
        wanted.setdefault(name, set()).add(column)
    last = {name for name in wanted if name in views()}
    statements: dict[str, Statement] = {}
    for view in reversed(list(views().values())):
        if view.name == RECORDS and kinds:
            of_records = _by_kind(wanted, kinds)
            statements |= of_records
            last |= of_records.keys()
        elif view.name in wanted:
            made = _made(view.name, frozenset(wanted[view.name]))
            statements[view.name] = Statement(made.sql, made.reads & views().keys(), view.is_kept)
            _want(wanted, made)
    ordered = {name: statements[name] for name in reversed(statements)}
    tables = frozenset(wanted) - frozenset(views())
    columns = frozenset((table, column) for table in tables for column in wanted[table])
    return Plan(ordered, _passing(ordered, last), tables, columns)


def _by_kind(wanted: Wanted, kinds: Iterable[tuple[str, frozenset[str]]]) -> dict[str, Statement]:
    """Return how to make the records of each type, after what they have in common: later ones come first."""
    common = sorted(wanted.get(RECORDS, ()))
    read = {kind: columns.union(common) for kind, columns in kinds if columns or common}
    found = {}
    if common:
        parts = " UNION ALL ".join(f"SELECT {', '.join(common)} FROM {records_of(kind)}" for kind in read)
        found[RECORDS] = Statement(parts, frozenset(map(records_of, read)), is_kept=False)
    for kind, columns in read.items():
        made = _made(RECORDS, columns)
        _want(wanted, made)
        sql = f"{made.sql} AND i.record_type = '{kind}'"
        found[records_of(kind)] = Statement(sql, made.reads & views().keys())
    return found


def _want(wanted: Wanted, made: _Made) -> None:
    for name in made.reads:
        wanted.setdefault(name, set())
    for name, column in made.used:
        wanted.setdefault(name, set()).add(column)


@dataclass(frozen=True, slots=True)
class _Made:
    """A view that selects only some of its columns: its SQL, and what it reads."""

    sql: str
    reads: frozenset[str]
    used: frozenset[tuple[str, str]]


@lru_cache(maxsize=2048)
def _made(name: str, columns: frozenset[str]) -> _Made:
    select = pruned(views()[name].select, columns)
    resolver = Resolver(relations())
    resolver.query(select)
    reads = frozenset(tables_of(select))
    return _Made(select.sql("duckdb", copy=False), reads, frozenset(resolver.used))  # nobody reads it after that


def make_views(connection: duckdb.DuckDBPyConnection, made: Plan, binding: Mapping[str, Any]) -> None:
    """Make the views of a plan as temporary tables; `binding` has the values of `$now` and the like."""
    _make_way(connection)
    for name, statement in made.statements.items():
        used = {key: value for key, value in binding.items() if re.search(rf"\${key}\b", statement.sql)}
        kind = "TABLE" if statement.is_kept else "VIEW"
        connection.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {statement.sql}", used).fetchall()
        for done in made.passing[name]:
            connection.execute(f"DROP TABLE {done}").fetchall()


def _make_way(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the records of an earlier run: a table does not replace a view, nor a view a table."""
    of_kind = "SELECT 'TABLE', table_name FROM duckdb_tables() UNION ALL SELECT 'VIEW', view_name FROM duckdb_views()"
    for kind, name in connection.execute(of_kind).fetchall():
        if name == RECORDS:
            connection.execute(f"DROP {kind} {name}").fetchall()


def _passing(statements: Mapping[str, Statement], last: set[str]) -> dict[str, tuple[str, ...]]:
    """Return, per view, the tables of which it is the last reader; `last` are those that checks read."""
    passing: dict[str, tuple[str, ...]] = {}
    read_later = _stored(last, statements) | last
    for name, statement in reversed(list(statements.items())):
        mine = _stored(statement.reads, statements) if statement.is_kept else set()
        passing[name] = tuple(sorted(mine - read_later))
        read_later |= mine
    return passing


def _stored(names: Collection[str], statements: Mapping[str, Statement]) -> set[str]:
    """Return the tables behind some views: themselves where they are kept, else those that they read."""
    found: set[str] = set()
    for name in names:
        found |= {name} if statements[name].is_kept else _stored(statements[name].reads, statements)
    return found


def _view(name: str, text: str) -> View:
    select = sqlglot.parse_one(text, read="duckdb")
    if not isinstance(select, exp.Select | exp.SetOperation):
        raise CheckError("a view is one SELECT", where=f"views/{name}.sql", hint="Write one query.")
    without: dict[str, tuple[str, ...]] = {}
    for column, things in _WITHOUT.findall(text):
        without[column] = (*without.get(column, ()), *(thing.strip() for thing in things.split(",")))
    return View(name, text, select, without, is_kept=_NOT_KEPT.search(text) is None)
