"""Read check files: one TOML file is one check (design §7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from string import Formatter

from itsm_bridge.checking import definition, question_file
from itsm_bridge.checking.definition import Check, Taint
from itsm_bridge.checking.reading import Problems, Values
from itsm_bridge.errors import CheckError
from itsm_bridge.schema import TABLES
from itsm_bridge.schema.lifecycles import CAPABILITIES, RECORD_TYPES
from itsm_bridge.suggestions import did_you_mean

_ID = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{3,4}")


def load_checks(folders: Sequence[Path]) -> list[Check]:
    """Load every check below the folders, in order of id; CheckError for a broken file or an id that comes twice."""
    return question_file.load_all(folders, load_check, "check")


def load_check(path: Path) -> Check:
    """Load one check file; CheckError tells everything that is wrong with it."""
    return parse_check(question_file.text_of(path, "check"), path)


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
    problems = Problems(path, text)
    check = _check(Values(question_file.table_of(text, path), problems), path, text)
    _verify(check, problems)
    problems.raise_any()
    question_file.resolve(check, problems, "violation")
    problems.raise_any()
    return check


def _check(values: Values, path: Path, text: str) -> Check:
    check = Check(
        id=values.text("id"),
        version=values.number("version"),
        title=values.text("title"),
        process=values.text("process"),
        clauses=tuple(question_file.clauses(values)),
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
        subject=question_file.subject(values),
        not_assessable=tuple(question_file.not_assessable(values)),
        taints=tuple(_taints(values)),
        suppressed_by=values.texts("suppressed_by", ()),
        parameters={each.name: each for each in question_file.parameters(values)},
        evidence=_evidence(values),
        declare=values.text("declare", ""),
        cases=tuple(case.table for case in values.tables("cases")),
        path=path,
        text=text,
    )
    values.end()
    return check


def _taints(values: Values) -> Iterator[Taint]:
    for each in values.tables("taints"):
        yield Taint(each.text("when"), each.texts("columns", ()), each.text("tables", ""))
        each.end()


def _evidence(values: Values) -> dict[str, str]:
    each = Values(values.mapping("evidence"), values.problems, "evidence")
    return {name: each.text(name) for name in each.table}


def _verify(check: Check, problems: Problems) -> None:
    if check.id and not _ID.fullmatch(check.id):
        problems.add("id", f"{check.id!r} is not an id of a check", "Write capitals, a hyphen and a number: INC-001.")
    question_file.verify(check, problems)
    _verify_message(check, problems)
    _verify_taints(check, problems)


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
