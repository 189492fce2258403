"""The cases of a check: rows of canonical tables in, the verdict of each subject out.

A case names only the columns that matter (`case_rows` fills the rest).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from itsm_bridge.checking.case_rows import inside, listed, source
from itsm_bridge.checking.case_worlds import Case, CaseResult, World, worlds
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import CheckRun
from itsm_bridge.checking.needs import has_no_source
from itsm_bridge.checking.run import run_checks
from itsm_bridge.errors import CheckError
from itsm_bridge.schema.runs import ORGANISATION

OUT_OF_SCOPE = "out_of_scope"
VERDICTS = ("pass", "fail", "not_assessable", OUT_OF_SCOPE)


def run_cases(check: Check) -> list[CaseResult]:
    """Run the cases of a check, in their order; CheckError where a case is not written as it should be."""
    results: dict[int, CaseResult] = {}
    for world in worlds(check, _verify):
        results.update(_run(check, world))
    return [results[number] for number in sorted(results)]


def verdict_names(check: Check) -> frozenset[str]:
    """Return the verdicts that the cases of a check expect of any subject."""
    return frozenset(verdict for case in check.cases for verdict in _expected(case).values())


def _run(check: Check, world: World) -> Iterator[tuple[int, CaseResult]]:
    wanted = [_named(check, number, subject) for number, case in world.cases.items() for subject in _expected(case)]
    run = run_checks(world.connection(check), [check], replace(world.frame, watched={check.id: wanted}))
    if run.problems:
        raise CheckError(run.problems[0][1], where=str(check.path), hint="Correct the SQL of the check.")
    reasons = {row["source_id"]: row["reasons"] for row in run.counts.to_pylist()}
    for number, case in world.cases.items():
        differences = tuple(_differences(check, case, number, run, reasons.get(_place(check, number), "{}")))
        yield number, CaseResult(check.id, str(case.get("name", number)), differences)


def _differences(check: Check, case: Case, number: int, run: CheckRun, reasons: str) -> Iterator[str]:
    for subject, verdict in _expected(case).items():
        came = run.verdicts.get((check.id, _named(check, number, subject)), OUT_OF_SCOPE)
        if came != verdict:
            yield f"{subject}: expected {verdict}, came {came}{f' {reasons}' if reasons != '{}' else ''}"
    if case.get("reason", "") not in reasons:
        yield f"expected the reason {case['reason']!r}, came {reasons}"


def _named(check: Check, number: int, subject: str) -> str:
    """Return the subject of a case as the check names it; what is no tool's lies in no source."""
    return subject if has_no_source(check) else inside(number, subject)


def _place(check: Check, number: int) -> str:
    return ORGANISATION if has_no_source(check) else source(number)


def _verify(case: Case, where: str) -> None:
    for verdict in _expected(case).values():
        if verdict not in VERDICTS:
            raise CheckError(f"expects {verdict!r}", where=where, hint=f"Expect one of {', '.join(VERDICTS)}.")


def _expected(case: Case) -> dict[str, str]:
    """Return verdict by subject; a bare verdict is that of the only record."""
    expect = case.get("expect", {})
    if isinstance(expect, str):
        items = listed(case.get("work_item", []))
        return {str(items[0].get("work_item_id", "R1")) if items else "R1": expect}
    return {str(subject): verdict for subject, verdict in expect.items()}
