"""What the files of checks and of KPIs have in common: how they are found and read, and the keys of both."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlglot import exp
from sqlglot.errors import SqlglotError

from itsm_bridge.checking import definition
from itsm_bridge.checking.definition import Bound, Check, Clause, Kpi, NotAssessable, Parameter, Question, Subject
from itsm_bridge.checking.lineage import parsed
from itsm_bridge.checking.needs import needs
from itsm_bridge.checking.parameters import bind
from itsm_bridge.checking.reading import Problems, Values
from itsm_bridge.errors import CheckError, ConfigurationError
from itsm_bridge.suggestions import did_you_mean

ALWAYS_BOUND = ("now", "period_from", "period_to")


Q = TypeVar("Q", Check, Kpi)


def load_all(folders: Sequence[Path], load: Callable[[Path], Q], kind: str) -> list[Q]:
    """Load every file below the folders, in order of id; CheckError for a broken file or an id that comes twice."""
    found: dict[str, Q] = {}
    for folder in folders:
        if not folder.is_dir():
            raise CheckError(f"no such folder of {kind}s", where=str(folder), hint=f"Name a folder of {kind} files.")
        for path in sorted(folder.rglob("*.toml")):
            each = load(path)
            if each.id in found:
                raise CheckError(
                    f"{kind} {each.id} exists already in {found[each.id].path}",
                    where=str(path),
                    hint="Give it an id of its own, or remove one of the two files.",
                )
            found[each.id] = each
    return [found[name] for name in sorted(found)]


def text_of(path: Path, kind: str) -> str:
    """Return the text of a file; CheckError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = f"{kind[0].upper()}{kind[1:]} files are UTF-8 text."
        raise CheckError(f"cannot be read: {error}", where=str(path), hint=hint) from error


def table_of(text: str, path: Path) -> dict[str, Any]:
    """Return the TOML of a file; CheckError names the line where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise CheckError(f"not valid TOML: {error}", where=where, hint="Correct the syntax there.") from error


def clauses(values: Values) -> Iterator[Clause]:
    """Read the clauses that are served."""
    for each in values.tables("clauses"):
        yield Clause(each.text("clause"), each.text("relation", choices=definition.RELATIONS))
        each.end()


def subject(values: Values) -> Subject:
    """Read what is looked at; a record where nothing is said."""
    table = values.mapping("subject")
    if not table:
        return Subject()
    each = Values(table, values.problems, "subject")
    found = Subject(each.text("view"), each.text("alias"), each.text("key"))
    each.end()
    return found


def not_assessable(values: Values) -> Iterator[NotAssessable]:
    """Read under which predicates a subject is not assessable."""
    for each in values.tables("not_assessable"):
        yield NotAssessable(each.text("when"), each.text("reason"))
        each.end()


def parameters(values: Values) -> Iterator[Parameter]:
    """Read the parameters; a default or a bound that does not fit its kind is a problem."""
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


def verify(question: Question, problems: Problems) -> None:
    """Note what is wrong with the SQL, and parameters that are used or declared only."""
    if not question.clauses:
        problems.add("clauses", "names no clause")
    used = _verify_sql(question, problems)
    for name in sorted(used - set(question.parameters) - set(ALWAYS_BOUND)):
        problems.add("parameters", f"${name} is used, but not declared{did_you_mean(name, question.parameters)}")
    for name in sorted(set(question.parameters) - used):
        problems.add(f"parameters.{name}", "is declared, but no SQL uses it")
    for name in ALWAYS_BOUND:
        if name in question.parameters:
            problems.add(f"parameters.{name}", f"${name} is bound by the engine and cannot be a parameter")


def resolve(question: Question, problems: Problems, key: str) -> None:
    """Note a view, an alias or a column that does not exist; `key` is where most of the SQL stands."""
    try:
        needs(question)
    except CheckError as error:
        found = (error.where or "").partition(": ")[2]
        problems.add(found or key, error.message, error.hint or "")


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


def _verify_sql(question: Question, problems: Problems) -> set[str]:
    used: set[str] = set()
    for key, sql in question.expressions.items():
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
