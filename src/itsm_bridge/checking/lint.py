"""What SQL may not do in checks, KPIs and views, because other engines do not know it or mean something else by it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from itsm_bridge.checking.definition import Check, Kpi, Question
from itsm_bridge.checking.measuring.statement import Measuring
from itsm_bridge.checking.needs import needs
from itsm_bridge.checking.verdicts import Judging

_PORTABLE: tuple[type[exp.Expr], ...] = (
    exp.Abs, exp.And, exp.Avg, exp.Case, exp.Cast, exp.Coalesce, exp.Concat, exp.ConcatWs, exp.Count, exp.Exists,
    exp.Floor, exp.If, exp.Lag, exp.Lead, exp.Length, exp.Lower, exp.Max, exp.Min, exp.Not, exp.Nullif, exp.Or,
    exp.Rank, exp.RowNumber, exp.Sum, exp.TimeToUnix, exp.Trim, exp.TryCast, exp.Upper,
)  # fmt: skip
_INSTEAD: dict[type[exp.Expr] | str, str] = {
    exp.UnixToTime: "EPOCH_MS means the opposite elsewhere: write CAST(FLOOR(EPOCH(x)) AS BIGINT)",
    exp.DateDiff: "it counts boundaries here and elapsed units elsewhere: subtract timestamps",
    exp.Least: "engines differ on NULL: write CASE",
    exp.Greatest: "engines differ on NULL: write CASE",
    exp.ArgMin: "engines differ on NULL: number the rows and take the first",
    exp.ArgMax: "engines differ on NULL: number the rows and take the first",
    exp.First: "it depends on the order of rows",
    exp.AnyValue: "it depends on the order of rows",
    exp.TimeToStr: "format codes differ: the message formats instants",
    exp.StrToTime: "format codes differ: instants come parsed",
    exp.CurrentTimestamp: "use $now, so that an assessment can be repeated",
    exp.CurrentDate: "use $now, so that an assessment can be repeated",
    exp.Rand: "an assessment must be repeatable",
    exp.Uuid: "an assessment must be repeatable",
    "now": "use $now, so that an assessment can be repeated",
    "age": "it means something else elsewhere: subtract timestamps",
    "to_seconds": "no other engine knows it: multiply INTERVAL '1' SECOND",
}
_STATED = re.compile(r"\bNULLS\s+(?:FIRST|LAST)\b", re.IGNORECASE)


def lint_check(check: Check) -> list[str]:
    """Return what does not carry over in a check's SQL, one sentence each."""
    return _lint(check, statement(check))


def lint_kpi(kpi: Kpi) -> list[str]:
    """Return what does not carry over in a KPI's SQL, one sentence each."""
    return _lint(kpi, Measuring(kpi, needs(kpi)).statement())


def _lint(question: Question, statement: str) -> list[str]:
    found, name = [], question.id
    for key, sql in question.expressions.items():
        found += [f"{name}: {key}: {each}" for each in lint(f"SELECT {sql}")]
    asked = needs(question)
    found += [f"{name}: {each} of the outer query is read in a subquery: join instead" for each in asked.correlated]
    try:
        to_spark(statement)
    except SqlglotError as error:
        found.append(f"{name}: sqlglot cannot carry it to Spark: {error}")
    return found


def lint(sql: str) -> list[str]:
    """Return what does not carry over in one query."""
    node = sqlglot.parse_one(sql, read="duckdb")
    found = list(dict.fromkeys(each for part in node.walk() for each in _complaints(part)))
    # The parser fills in an order of NULL where none is stated, so the words themselves are counted.
    if len(list(node.find_all(exp.Ordered))) != len(_STATED.findall(sql)):
        found.append("ORDER BY: engines order NULL differently: write NULLS FIRST or NULLS LAST")
    return found


def to_spark(sql: str) -> str:
    """Carry a query to Spark; SqlglotError where something is not supported there."""
    return sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)[0]


def statement(check: Check) -> str:
    """Return the check as one query over the views: a row per subject in scope, its anchor, and whether it fails."""
    judging = Judging(check, needs(check))
    anchor = check.anchor if check.is_anchored else "$now"
    reasons = "".join(f" WHEN {each.when} THEN '{n}'" for n, each in enumerate(check.not_assessable, 1))
    blocked = f"CASE{reasons} END" if reasons else "NULL"
    of_type = f"{judging.of_types} AND " if judging.of_types else ""
    return (
        f"SELECT {check.subject.key} AS subject, {anchor} AS anchor, {blocked} AS not_assessable, "
        f"({check.violation}) AS fails FROM {judging.from_} WHERE {of_type}({check.population})"
    )


def _complaints(part: exp.Expr) -> Iterator[str]:
    if isinstance(part, exp.Div) and not any(_is_decimal(each) for each in (part.left, part.right)):
        yield f"{_said(part)}: whole numbers divide differently elsewhere: make one of them a decimal, such as 100.0"
    elif isinstance(part, exp.IntDiv):
        yield f"{_said(part)}: no other engine knows //: write FLOOR(a / 2.0)"
    elif isinstance(part, exp.AtTimeZone) or (isinstance(part, exp.DataType) and part.is_type("timestamptz")):
        yield f"{_said(part)}: instants are UTC without a zone"
    elif isinstance(part, exp.Star) and isinstance(part.parent, exp.Select):
        yield "SELECT * hides which columns are read: name them"
    elif isinstance(part, exp.RegexpLike | exp.SimilarTo | exp.Qualify):
        yield f"{_said(part)}: engines differ here"
    elif isinstance(part, exp.Min | exp.Max) and part.args.get("count"):
        yield f"{_said(part)}: MIN and MAX take one argument: write CASE"
    elif isinstance(part, exp.Func) and not isinstance(part, _PORTABLE):
        name = part.name.lower() if isinstance(part, exp.Anonymous) else type(part)
        yield f"{_said(part)}: {_INSTEAD.get(name, 'it is not known to mean the same on every engine')}"


def _is_decimal(node: exp.Expr) -> bool:
    node = node.unnest()
    if isinstance(node, exp.Cast):
        return node.to.is_type("double", "decimal")
    return isinstance(node, exp.Literal) and not node.is_string and "." in node.name


def _said(part: exp.Expr) -> str:
    text = part.sql("duckdb")
    return text if len(text) <= 60 else f"{text[:57]}…"
