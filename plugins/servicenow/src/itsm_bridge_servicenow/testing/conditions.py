"""Encoded queries as SQL: one parameterised WHERE and ORDER BY over the tables of the storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from itsm_bridge_servicenow.testing import dictionary
from itsm_bridge_servicenow.testing.encoded_query import Condition, Query

_COMPARISONS = {"=": "=", "SAMEAS": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
_RANGES = frozenset({
    ">", ">=", "<", "<=", "BETWEEN", "STARTSWITH", "ENDSWITH", "LIKE", "NOT LIKE", "CONTAINS", "DOES NOT CONTAIN",
})  # fmt: skip
_PATTERNS = {"LIKE": "%{}%", "CONTAINS": "%{}%", "STARTSWITH": "{}%", "ENDSWITH": "%{}"}


@dataclass(slots=True)
class Compiled:
    """A WHERE clause with its parameters, an ORDER BY, and the fields that the query named in vain."""

    where: str = "1"
    parameters: list[str] = field(default_factory=list)
    order: str = ""
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns exist per table, which are forbidden, and what scripts in values stand for.

    `is_rangeless` names those by which the account may neither compare nor sort (query ACLs).
    """

    known: Mapping[str, frozenset[str]]
    is_forbidden: Callable[[str, str], bool]
    is_rangeless: Callable[[str, str], bool]
    evaluate: Callable[[str], str]

    def expression(self, table: str, name: str, row: str = "") -> str | None:
        """Return SQL for a field, dot-walked through references where it has dots; None where it does not exist."""
        first, _, rest = name.partition(".")
        if first not in self.known.get(table, ()) or self.is_forbidden(table, first):
            return None
        column = f'{row or quoted(table)}."{first}"'
        if not rest:
            return column
        target = dictionary.fields(table).get(first, dictionary.Field(first)).reference
        inner = self.expression(target, rest) if target in self.known else None
        return f'(SELECT {inner} FROM {quoted(target)} WHERE {quoted(target)}."sys_id" = {column})' if inner else None


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', "") + '"'


def compiled(query: Query, table: str, columns: Columns) -> Compiled:
    """Translate a query on a table; conditions on fields that do not exist fall away, as with the vendor."""
    result = Compiled(ignored=list(query.invalid))
    result.order = _order(query, table, columns, result)
    groups = [_group(group, table, columns, result, is_plain=len(query.groups) == 1) for group in query.groups]
    if all(groups):
        result.where = " OR ".join(f"({group})" for group in groups)
    else:
        result.parameters.clear()
    if len(query.groups) > 1:
        _bound_below(query, table, columns, result)
    return result


def _order(query: Query, table: str, columns: Columns, result: Compiled) -> str:
    terms = []
    for name, is_descending in query.order:
        expression = columns.expression(table, name)
        if expression is None or columns.is_rangeless(table, name):
            result.ignored.append(name)
        else:
            kind = dictionary.fields(table).get(name, dictionary.Field(name)).kind
            number = f"CAST({expression} AS INTEGER)" if kind == "integer" else expression
            terms.append(f"{number} DESC" if is_descending else number)
    return ", ".join(terms)


def _group(group: list[list[Condition]], table: str, columns: Columns, result: Compiled, *, is_plain: bool) -> str:
    clauses = []
    for alternatives in group:
        parts = [part for one in alternatives if (part := _condition(one, table, columns, result, is_plain))]
        if parts:
            clauses.append(parts[0] if len(parts) == 1 else "(" + " OR ".join(parts) + ")")
    return " AND ".join(clauses)


def _condition(one: Condition, table: str, columns: Columns, result: Compiled, is_plain: bool) -> str:
    expression = columns.expression(table, one.name)
    if expression is None or (one.operator in _RANGES and columns.is_rangeless(table, one.name)):
        result.ignored.append(one.name)
        return ""
    kind = dictionary.fields(table).get(one.name, dictionary.Field(one.name)).kind
    # A leading plus keeps SQLite from taking one index per alternative and sorting everything afterwards.
    text, values = _sql(expression if is_plain else f"+{expression}", one, kind, columns)
    result.parameters.extend(values)
    return text


def _sql(column: str, one: Condition, kind: str, columns: Columns) -> tuple[str, list[str]]:
    operator = one.operator
    value = columns.evaluate(one.value) if one.value.startswith("javascript:") else one.value
    if operator in ("ISEMPTY", "EMPTYSTRING") or (operator == "=" and not value):
        return f"{column} = ''", []
    if operator == "ISNOTEMPTY" or (operator == "!=" and not value):
        return f"{column} != ''", []
    if operator == "ANYTHING":
        return "1", []
    if operator in ("IN", "NOT IN"):
        values = value.split(",")
        return f"{column} {operator} ({', '.join('?' * len(values))})", values
    if operator == "INSTANCEOF":
        classes = list(dictionary.children(value))
        return f"{column} IN ({', '.join('?' * len(classes))})", classes
    if operator == "BETWEEN":
        low, _, high = value.partition("@")
        return f"({column} >= ? AND {column} <= ?)", [low, high]
    if operator in _PATTERNS:
        return f"{column} LIKE ? ESCAPE '\\'", [_PATTERNS[operator].format(_escaped(value))]
    if operator in ("NOT LIKE", "DOES NOT CONTAIN"):
        return f"{column} NOT LIKE ? ESCAPE '\\'", [f"%{_escaped(value)}%"]
    if operator in ("!=", "NSAMEAS"):
        return f"{column} != ?", [value]
    if kind == "integer" and operator not in ("=", "SAMEAS"):
        return f"({column} != '' AND CAST({column} AS INTEGER) {operator} CAST(? AS INTEGER))", [value]
    filled = f"{column} != '' AND " if operator in ("<", "<=") else ""
    return f"({filled}{column} {_COMPARISONS[operator]} ?)", [value]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _bound_below(query: Query, table: str, columns: Columns, result: Compiled) -> None:
    """Add the lower bound that all alternatives share, so that a keyset page starts inside the index."""
    if not query.order or query.order[0][1] or result.where == "1":
        return
    name = query.order[0][0]
    if columns.is_rangeless(table, name):
        return
    expression = columns.expression(table, name)
    if expression is None or "." in name or dictionary.fields(table).get(name, dictionary.Field("")).kind == "integer":
        return
    bounds = []
    for group in query.groups:
        found = [a[0].value for a in group if len(a) == 1 and a[0].name == name and a[0].operator in (">", ">=", "=")]
        if not found or any(value.startswith("javascript:") for value in found):
            return
        bounds.append(max(found))
    result.where = f"{expression} >= ? AND ({result.where})"
    result.parameters.insert(0, min(bounds))
