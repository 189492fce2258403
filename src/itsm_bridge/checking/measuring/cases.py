"""The cases of a KPI: rows of canonical tables in, its figures out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from itsm_bridge.checking.case_rows import source
from itsm_bridge.checking.case_worlds import Case, CaseResult, World, worlds
from itsm_bridge.checking.definition import Kpi
from itsm_bridge.checking.run import run_checks
from itsm_bridge.checking.verdicts import ALL_SOURCES
from itsm_bridge.errors import CheckError
from itsm_bridge.suggestions import did_you_mean

COMPARED = ("value", "n", "not_assessable", "median", "p90", "previous_value", "previous_n")
"""What a case may expect; a value that it does not name is expected to be missing."""
_EXACT = 1e-6


def run_kpi_cases(kpi: Kpi) -> list[CaseResult]:
    """Run the cases of a KPI, in their order; CheckError where a case is not written as it should be."""
    results: dict[int, CaseResult] = {}
    for world in worlds(kpi, _verify):
        results.update(_run(kpi, world))
    return [results[number] for number in sorted(results)]


def _run(kpi: Kpi, world: World) -> Iterator[tuple[int, CaseResult]]:
    run = run_checks(world.connection(kpi), [], world.frame, [kpi])
    if run.problems:
        raise CheckError(run.problems[0][1], where=str(kpi.path), hint="Correct the SQL of the KPI.")
    rows = {row["source_id"]: row for row in run.figures.to_pylist() if row["dimension"] in ("all", "source")}
    for number, case in world.cases.items():
        # What no source tells, such as a register, is measured for all sources together.
        row = rows.get(source(number), rows[ALL_SOURCES])
        yield number, CaseResult(kpi.id, str(case.get("name", number)), tuple(_differences(case, row)))


def _differences(case: Case, row: Mapping[str, Any]) -> Iterator[str]:
    expected = {"value": None, "not_assessable": 0, **case["expect"]}
    reasons = f"{row['reason'] or ''} {row['reasons']}"
    for name, value in expected.items():
        came = row[name]
        is_same = (
            came is None if value is None else came is not None and abs(came - value) <= _EXACT * max(1, abs(value))
        )
        if not is_same:
            yield f"{name}: expected {value}, came {came} ({reasons.strip()})"
    if case.get("reason", "") not in reasons:
        yield f"expected the reason {case['reason']!r}, came {reasons}"


def _verify(case: Case, where: str) -> None:
    expected = case.get("expect")
    if not isinstance(expected, Mapping) or "n" not in expected:
        raise CheckError("expects nothing", where=where, hint="Write for example expect = { value = 0.5, n = 2 }.")
    for name in expected:
        if name not in COMPARED:
            guess = did_you_mean(name, COMPARED)
            raise CheckError(f"expects {name!r}{guess}", where=where, hint=f"Expect any of {', '.join(COMPARED)}.")
