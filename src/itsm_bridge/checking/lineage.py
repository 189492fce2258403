"""Follow the columns of a query back to the columns of the schema they are made from.

sqlglot parses; this module resolves names through joins, subqueries, common table expressions and
our views, so that what a check needs is derived from its SQL and never written down twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from itsm_bridge.errors import CheckError
from itsm_bridge.schema import TABLES
from itsm_bridge.suggestions import did_you_mean

_LOOK = "`itsm-bridge schema` shows tables and columns; the derived views lie in checking/views."
HISTORY = {"state": "history.state", "priority": "history.priority", "group": "history.group"}
LEVELS = {"vote": "approval.vote", "rollup": "approval.rollup"}
# Reading only some rows of these tables asks for less than reading the table: the literal that is compared decides.
DISCRIMINATORS = {("transition", "field"), ("approval", "level"), ("capability", "capability")}


@dataclass(frozen=True, slots=True)
class Needs:
    """Columns and tables of the schema that something is made from, and the capabilities they ask for.

    `handled` are capabilities whose absence the SQL itself asks about: they are not needed.
    """

    columns: frozenset[tuple[str, str]] = frozenset()
    capabilities: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    handled: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(
            self.columns | other.columns,
            self.capabilities | other.capabilities,
            self.tables | other.tables,
            self.handled | other.handled,
        )

    @property
    def things(self) -> frozenset[str]:
        """All that a source may lack: capabilities, tables and `table.column`."""
        return self.capabilities | self.tables | {f"{table}.{column}" for table, column in self.columns}

    def without(self, things: Iterable[str]) -> Needs:
        """Return the needs less what can be done without: `table`, `table.column` or a capability."""
        columns, capabilities, tables = set(self.columns), set(self.capabilities), set(self.tables)
        for thing in things:
            capabilities.discard(thing)
            table, _, column = thing.partition(".")
            gone = {each for each in columns if each[0] == table and column in ("", each[1])}
            columns -= gone
            capabilities -= {TABLES[t].column(c).capability for t, c in gone}
            if not any(each[0] == table for each in columns):
                tables.discard(table)
            if thing == "transition":
                capabilities = {each for each in capabilities if not each.startswith("history.")}
            if thing == "approval":
                capabilities -= set(LEVELS.values())
        return Needs(frozenset(columns), frozenset(capabilities), frozenset(tables), self.handled)


NOTHING = Needs()


@dataclass(slots=True)
class Relation:
    """A table, view or subquery: what each column is made from, and what decides which rows there are."""

    columns: dict[str, Needs]
    rows: Needs = NOTHING
    name: str = ""

    @property
    def everything(self) -> Needs:
        """All needs of all columns and rows."""
        return _join(self.columns.values()) | self.rows


def schema_relations() -> dict[str, Relation]:
    """Return the tables of the canonical schema as relations."""
    return {
        name: Relation(
            {
                column.name: Needs(
                    frozenset({(name, column.name)}),
                    frozenset({column.capability} - {""}),
                    frozenset({name}),
                )
                for column in table.columns
            },
            Needs(
                tables=frozenset({name}),
                capabilities=frozenset(table.column(key).capability for key in table.key) - {""},
            ),
            name,
        )
        for name, table in TABLES.items()
    }


@dataclass(slots=True)
class Scope:
    """Names that an expression may use, and the scope around it."""

    relations: dict[str, Relation]
    outer: Scope | None = None


@dataclass(slots=True)
class Resolver:
    """Resolves queries over `relations`; notes in `used` which columns of which named relation were read."""

    relations: Mapping[str, Relation]
    used: set[tuple[str, str]] = field(default_factory=set)
    correlated: list[str] = field(default_factory=list)

    def query(
        self, query: exp.Expr, outer: Scope | None = None, known: Mapping[str, Relation] | None = None
    ) -> Relation:
        """Resolve a SELECT or a UNION; `known` are the common table expressions around it."""
        known = dict(known or {})
        with_ = query.args.get("with_") or query.args.get("with")
        for cte in with_.expressions if with_ else ():
            known[cte.alias] = self.query(cte.this, outer, known)
        if isinstance(query, exp.SetOperation):
            left, right = self.query(query.left, outer, known), self.query(query.right, outer, known)
            pairs = zip(left.columns.items(), right.columns.values(), strict=True)
            return Relation({name: mine | theirs for (name, mine), theirs in pairs}, left.rows | right.rows)
        if isinstance(query, exp.Subquery):
            return self.query(query.this, outer, known)
        if not isinstance(query, exp.Select):
            raise CheckError(f"not a query: {query.sql('duckdb')[:80]}")
        return self._select(query, outer, known)

    def expression(self, node: exp.Expr | None, scope: Scope, known: Mapping[str, Relation] | None = None) -> Needs:
        """Return what an expression is made from, subqueries included."""
        if node is None:
            return NOTHING
        needs = self._asked(self.literals(node, scope))
        for part in _parts(node):
            if isinstance(part, exp.Column):
                needs |= self.column(part, scope)
            else:
                needs |= self.query(part, scope, known).everything
        return needs

    def column(self, column: exp.Column, scope: Scope) -> Needs:
        """Resolve one column; CheckError where its alias or its name does not exist."""
        alias, name = column.table, column.name
        if not alias:
            raise CheckError(f"column {name!r} has no alias", hint=f"Write for example w.{name}.")
        level: Scope | None = scope
        while level is not None:
            if alias in level.relations:
                relation = level.relations[alias]
                if level is not scope:
                    self.correlated.append(f"{alias}.{name}")
                if name not in relation.columns:
                    guess = did_you_mean(name, relation.columns)
                    raise CheckError(f"{alias} has no column {name!r}{guess}", hint=_LOOK)
                if relation.name:
                    self.used.add((relation.name, name))
                return relation.columns[name]
            level = level.outer
        raise CheckError(f"unknown alias {alias!r} in {alias}.{name}{did_you_mean(alias, scope.relations)}", hint=_LOOK)

    def literals(self, node: exp.Expr, scope: Scope) -> dict[tuple[str, str], set[str]]:
        """Return the words that discriminating columns are compared with in an expression."""
        found: dict[tuple[str, str], set[str]] = {}
        for part in _compared(node):
            column, words = part
            if not _resolves(column, scope):
                continue
            source = self.column(column, scope).columns
            if len(source) == 1 and source <= DISCRIMINATORS:
                found.setdefault(next(iter(source)), set()).update(words)
        return found

    def _select(self, select: exp.Select, outer: Scope | None, known: Mapping[str, Relation]) -> Relation:
        scope, rows, tables = self._sources(select, outer, known)
        for part in ("where", "having", "group"):
            rows |= self.expression(select.args.get(part), scope, known)
        asked = self._discriminated(select, scope, tables)
        made = {each.alias_or_name: self.expression(each, scope, known) for each in select.expressions}
        if "*" in made:
            raise CheckError("SELECT * hides which columns are read", hint="Name the columns.")
        relation = Relation(made, rows | asked)
        where = select.args.get("where")
        if where is not None and self.literals(where, scope).get(("approval", "level")) == {"rollup"}:
            # Only the time of single votes is in question; a rolled-up decision has its own.
            relation = Relation({n: e.without(["approval.vote_time"]) for n, e in made.items()}, relation.rows)
        return relation

    def _sources(
        self, select: exp.Select, outer: Scope | None, known: Mapping[str, Relation]
    ) -> tuple[Scope, Needs, set[str]]:
        scope, rows, tables = Scope({}, outer), NOTHING, set()
        from_ = select.args.get("from_") or select.args.get("from")
        if from_ is not None:
            alias, relation = self._source(from_.this, outer, known)
            scope.relations[alias], rows = relation, relation.rows
            tables.add(relation.name)
        for join in select.args.get("joins") or ():
            alias, relation = self._source(join.this, outer, known)
            scope.relations[alias] = relation
            tables.add(relation.name)
            condition = self.expression(join.args.get("on"), scope, known)
            if join.side == "LEFT":
                # A left join decides no rows: it matters only to those who read its columns.
                extra = relation.rows | condition
                columns = {name: needs | extra for name, needs in relation.columns.items()}
                scope.relations[alias] = Relation(columns, NOTHING, relation.name)
            else:
                rows |= relation.rows | condition
        return scope, rows, tables

    def _source(self, node: exp.Expr, outer: Scope | None, known: Mapping[str, Relation]) -> tuple[str, Relation]:
        if isinstance(node, exp.Table):
            if node.name in known:
                return node.alias_or_name, known[node.name]
            if not node.name:
                raise CheckError("only tables and views can be read, and no functions in their place", hint=_LOOK)
            if node.name not in self.relations:
                raise CheckError(f"unknown table {node.name!r}{did_you_mean(node.name, self.relations)}", hint=_LOOK)
            # A query may ask only whether there are rows: then the key stands for them.
            if node.name in TABLES:
                self.used.update((node.name, key) for key in TABLES[node.name].key)
            return node.alias_or_name, self.relations[node.name]
        return node.alias_or_name, self.query(node, outer, known)

    def _discriminated(self, select: exp.Select, scope: Scope, tables: set[str]) -> Needs:
        """Return the history asked for when a select reads all transitions without saying which fields."""
        if "transition" not in tables:
            return NOTHING
        parts = [select.args.get("where"), *select.expressions]
        parts += [join.args.get("on") for join in select.args.get("joins") or ()]
        if any(("transition", "field") in self.literals(part, scope) for part in parts if part is not None):
            return NOTHING
        return Needs(capabilities=frozenset({"history.state"}))

    @staticmethod
    def _asked(literals: Mapping[tuple[str, str], set[str]]) -> Needs:
        fields = literals.get(("transition", "field"), set())
        levels = literals.get(("approval", "level"), set())
        capabilities = {HISTORY.get(each, "history.fields") for each in fields}
        capabilities |= {LEVELS[each] for each in levels if each in LEVELS}
        return Needs(
            capabilities=frozenset(capabilities), handled=frozenset(literals.get(("capability", "capability"), ()))
        )


def parse_expression(sql: str) -> exp.Expr:
    """Parse one SQL expression; SqlglotError where it is none. The result is shared: nobody may change it."""
    select = parsed(sql)[0]
    if select is None:
        raise ParseError("nothing is written")
    expression: exp.Expr = select.expressions[0]
    return expression


@lru_cache(maxsize=2048)
def parsed(sql: str) -> tuple[exp.Expr | None, ...]:
    """Parse what stands where one SQL expression should: one SELECT of it, when all is well."""
    return tuple(sqlglot.parse(f"SELECT {sql}", read="duckdb"))


def conjuncts(node: exp.Expr) -> list[exp.Expr]:
    """Split a predicate at its outermost ANDs."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        return [*conjuncts(node.left), *conjuncts(node.right)]
    return [node]


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the columns of an expression, and its subqueries unopened."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.Column | exp.Select | exp.SetOperation):
            yield part
        else:
            stack.extend(part.iter_expressions())


def _compared(node: exp.Expr) -> Iterator[tuple[exp.Column, set[str]]]:
    """Yield columns that are compared with words, subqueries left out."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.Select | exp.SetOperation):
            continue
        if isinstance(part, exp.EQ) and isinstance(part.left, exp.Column) and isinstance(part.right, exp.Literal):
            yield part.left, {part.right.name}
        if isinstance(part, exp.In) and isinstance(part.this, exp.Column) and part.expressions:
            yield part.this, {each.name for each in part.expressions if isinstance(each, exp.Literal)}
        stack.extend(part.iter_expressions())


def _resolves(column: exp.Column, scope: Scope) -> bool:
    relation = scope.relations.get(column.table)
    return relation is not None and column.name in relation.columns


def _join(needs: Iterable[Needs]) -> Needs:
    total = NOTHING
    for each in needs:
        total |= each
    return total
