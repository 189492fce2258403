"""Read check files: one TOML file is one check (design §7)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from itsm_bridge.checking import definition
from itsm_bridge.checking.definition import Bound, Check, Clause, NotAssessable, Parameter, Subject, Taint
from itsm_bridge.checking.lineage import parsed
from itsm_bridge.checking.needs import needs
from itsm_bridge.checking.parameters import bind
from itsm_bridge.checking.reading import Problems, Values
from itsm_bridge.errors import CheckError, ConfigurationError
from itsm_bridge.schema import TABLES
from itsm_bridge.schema.lifecycles import CAPABILITIES, RECORD_TYPES
from itsm_bridge.suggestions import did_you_mean

ALWAYS_BOUND = ("now", "period_from", "period_to")
_ID = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{3,4}")


def load_checks(folders: Sequence[Path]) -> list[Check]:
    """Load every check below the folders, in order of id; CheckError for a broken file or an id that comes twice."""
    checks: dict[str, Check] = {}
    for folder in folders:
        if not folder.is_dir():
            raise CheckError("no such folder of checks", where=str(folder), hint="Name a folder of check files.")
        for path in sorted(folder.rglob("*.toml")):
            check = load_check(path)
            if check.id in checks:
                raise CheckError(
                    f"check {check.id} exists already in {checks[check.id].path}",
                    where=str(path),
                    hint="Give it an id of its own, or remove one of the two files.",
                )
            checks[check.id] = check
    return [checks[name] for name in sorted(checks)]


def load_check(path: Path) -> Check:
    """Load one check file; CheckError tells everything that is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CheckError(f"cannot be read: {error}", where=str(path), hint="Check files are UTF-8 text.") from error
    return parse_check(text, path)


def parse_check(text: str, path: Path) -> Check:
    """Make a check from the text of its file; one that was read before is not read again."""
    try:
        return replace(_sound_check(text), path=path)
    except CheckError:
        return _read(text, path)  # once more, to name the file


@lru_cache(maxsize=1024)
def _sound_check(text: str) -> Check:
    return _read(text, Path())


def _read(text: str, path: Path) -> Check:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise CheckError(f"not valid TOML: {error}", where=where, hint="Correct the syntax there.") from error
    problems = Problems(path, text)
    check = _check(Values(table, problems), path, text)
    _verify(check, problems)
    problems.raise_any()
    _resolve(check, problems)
    problems.raise_any()
    return check


def _check(values: Values, path: Path, text: str) -> Check:
    check = Check(
        id=values.text("id"),
        version=values.number("version"),
        title=values.text("title"),
        process=values.text("process"),
        clauses=tuple(_clauses(values)),
        kind=values.text("kind", choices=definition.KINDS),
        severity=values.text("severity", choices=definition.SEVERITIES),
        basis=values.text("basis", choices=definition.BASES),
        record_types=values.texts("record_types", (), choices=RECORD_TYPES),
        anchor=values.text("anchor"),
        population=values.text("population", "TRUE"),
        violation=values.text("violation"),
        message=values.text("message"),
        why=values.text("why"),
        remedy=values.text("remedy"),
        limits=values.text("limits"),
        procedure=values.text("procedure"),
        subject=_subject(values),
        not_assessable=tuple(_not_assessable(values)),
        taints=tuple(_taints(values)),
        suppressed_by=values.texts("suppressed_by", ()),
        parameters={each.name: each for each in _parameters(values)},
        evidence=_evidence(values),
        declare=values.text("declare", ""),
        cases=tuple(case.table for case in values.tables("cases")),
        path=path,
        text=text,
    )
    values.end()
    return check


def _clauses(values: Values) -> Iterator[Clause]:
    for each in values.tables("clauses"):
        yield Clause(each.text("clause"), each.text("relation", choices=definition.RELATIONS))
        each.end()


def _subject(values: Values) -> Subject:
    table = values.mapping("subject")
    if not table:
        return Subject()
    each = Values(table, values.problems, "subject")
    subject = Subject(each.text("view"), each.text("alias"), each.text("key"))
    each.end()
    return subject


def _not_assessable(values: Values) -> Iterator[NotAssessable]:
    for each in values.tables("not_assessable"):
        yield NotAssessable(each.text("when"), each.text("reason"))
        each.end()


def _taints(values: Values) -> Iterator[Taint]:
    for each in values.tables("taints"):
        yield Taint(each.text("when"), each.texts("columns", ()), each.text("tables", ""))
        each.end()


def _evidence(values: Values) -> dict[str, str]:
    each = Values(values.mapping("evidence"), values.problems, "evidence")
    return {name: each.text(name) for name in each.table}


def _parameters(values: Values) -> Iterator[Parameter]:
    for name, table in values.mapping("parameters").items():
        at = f"parameters.{name}"
        if not isinstance(table, dict):
            values.problems.add(at, "should be a table with default, kind and meaning")
            continue
        each = Values(table, values.problems, at)
        bound = Values(each.mapping("bound"), values.problems, f"{at}.bound")
        ends = Bound(bound.raw("min", (str, int), ""), bound.raw("max", (str, int), ""))
        parameter = Parameter(
            name=name,
            default=each.raw("default", (str, int)),
            kind=each.text("kind", choices=("duration", "count", "share", "word")),  # type: ignore[arg-type]
            meaning=each.text("meaning"),
            unit=each.text("unit", ""),
            bound=Bound(*(None if end == "" else end for end in ends)) if bound.table else None,
            choices=each.texts("choices", ()),
        )
        each.end()
        bound.end()
        _verify_parameter(parameter, at, values.problems)
        yield parameter


def _verify_parameter(parameter: Parameter, at: str, problems: Problems) -> None:
    ends: dict[str, Any] = {"default": parameter.default}
    if parameter.bound is not None:
        ends |= {f"bound.{end}": getattr(parameter.bound, end) for end in ("min", "max")}
    for name, value in ends.items():
        try:
            if value is not None:
                bind(parameter, value)
        except ConfigurationError as error:
            problems.add(f"{at}.{name}", error.message)


def _verify(check: Check, problems: Problems) -> None:
    if check.id and not _ID.fullmatch(check.id):
        problems.add("id", f"{check.id!r} is not an id of a check", "Write capitals, a hyphen and a number: INC-001.")
    if not check.clauses:
        problems.add("clauses", "names no clause")
    used = _verify_sql(check, problems)
    for name in sorted(used - set(check.parameters) - set(ALWAYS_BOUND)):
        problems.add("parameters", f"${name} is used, but not declared{did_you_mean(name, check.parameters)}")
    for name in sorted(set(check.parameters) - used):
        problems.add(f"parameters.{name}", "is declared, but no SQL uses it")
    for name in ALWAYS_BOUND:
        if name in check.parameters:
            problems.add(f"parameters.{name}", f"${name} is bound by the engine and cannot be a parameter")
    _verify_message(check, problems)
    _verify_taints(check, problems)


def _resolve(check: Check, problems: Problems) -> None:
    try:
        needs(check)
    except CheckError as error:
        key = (error.where or "").partition(": ")[2]
        problems.add(key or "violation", error.message, error.hint or "")


def _verify_sql(check: Check, problems: Problems) -> set[str]:
    used: set[str] = set()
    for key, sql in check.expressions.items():
        try:
            found = parsed(sql)
        except SqlglotError as error:
            details = getattr(error, "errors", None)
            told = details[0].get("description") if details else None
            problems.add(key, f"is not SQL: {told or error}", "Try the expression in DuckDB.")
            continue
        if len(found) != 1 or not isinstance(found[0], exp.Select) or len(found[0].expressions) != 1:
            problems.add(key, "should be one SQL expression")
            continue
        if any(found[0].args.get(part) for part in ("from_", "from", "where", "joins")):
            problems.add(key, "should be an expression, not a whole query")
            continue
        used |= {each.name for each in found[0].find_all(exp.Placeholder, exp.Parameter) if each.name}
    return used


def _verify_message(check: Check, problems: Problems) -> None:
    known = {"number", *check.evidence, *check.parameters}
    try:
        names = [name for _, name, _, _ in Formatter().parse(check.message) if name is not None]
    except ValueError as error:
        problems.add("message", f"is not a template: {error}")
        return
    for name in names:
        if name not in known:
            problems.add("message", f"{{{name}}} is neither evidence nor a parameter{did_you_mean(name, known)}")


def _verify_taints(check: Check, problems: Problems) -> None:
    known = {f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns} | set(CAPABILITIES)
    for n, taint in enumerate(check.taints, 1):
        if bool(taint.columns) == bool(taint.tables):
            problems.add(f"taints[{n}]", "needs either columns or tables")
        for name in taint.columns:
            if name not in known:
                problems.add(f"taints[{n}].columns", f"there is no column {name!r}{did_you_mean(name, known)}")
