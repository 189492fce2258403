"""Read KPI files: one TOML file is one figure (docs/kpis.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from itsm_bridge.checking import definition, question_file
from itsm_bridge.checking.definition import Kpi
from itsm_bridge.checking.reading import Problems, Values
from itsm_bridge.errors import CheckError
from itsm_bridge.schema.lifecycles import RECORD_TYPES
from itsm_bridge.schema.runs import KPI_UNITS

_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def load_kpis(folders: Sequence[Path]) -> list[Kpi]:
    """Load every KPI below the folders, in order of id; CheckError for a broken file or an id that comes twice."""
    return question_file.load_all(folders, load_kpi, "KPI")


def load_kpi(path: Path) -> Kpi:
    """Load one KPI file; CheckError tells everything that is wrong with it."""
    return parse_kpi(question_file.text_of(path, "KPI"), path)


def parse_kpi(text: str, path: Path) -> Kpi:
    """Make a KPI from the text of its file; one that was read before is not read again."""
    try:
        return replace(_sound_kpi(text), path=path)
    except CheckError:
        return _read(text, path)  # once more, to name the file


@lru_cache(maxsize=512)
def _sound_kpi(text: str) -> Kpi:
    return _read(text, Path())


def _read(text: str, path: Path) -> Kpi:
    problems = Problems(path, text, "KPI file")
    kpi = _kpi(Values(question_file.table_of(text, path), problems), path, text)
    if kpi.id and not _ID.fullmatch(kpi.id):
        problems.add("id", f"{kpi.id!r} is not an id of a KPI", "Write small letters: reopen_rate.")
    if bool(kpi.weight) != (kpi.figure == "quotient"):
        problems.add("weight", "belongs to a quotient, and to nothing else")
    question_file.verify(kpi, problems)
    problems.raise_any()
    question_file.resolve(kpi, problems, "value")
    problems.raise_any()
    return kpi


def _kpi(values: Values, path: Path, text: str) -> Kpi:
    kpi = Kpi(
        id=values.text("id"),
        version=values.number("version"),
        title=values.text("title"),
        process=values.text("process"),
        clauses=tuple(question_file.clauses(values)),
        figure=values.text("figure", choices=definition.FIGURES),
        unit=values.text("unit", choices=KPI_UNITS),
        better=values.text("better", choices=definition.BETTER),
        record_types=values.texts("record_types", (), choices=RECORD_TYPES),
        anchor=values.text("anchor"),
        population=values.text("population", "TRUE"),
        value=values.text("value"),
        weight=values.text("weight", ""),
        meaning=values.text("meaning"),
        formula=values.text("formula"),
        limits=values.text("limits"),
        subject=question_file.subject(values),
        not_assessable=tuple(question_file.not_assessable(values)),
        parameters={each.name: each for each in question_file.parameters(values)},
        cases=tuple(case.table for case in values.tables("cases")),
        path=path,
        text=text,
    )
    values.end()
    return kpi
