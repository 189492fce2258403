"""What earlier assessments say, period by period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from itsm_bridge.assessment import earlier_results
from itsm_bridge.schema import TABLES

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def results(*rows: tuple[int, str, str, str]) -> pa.Table:
    schema = TABLES["check_result"].arrow
    counts = ("in_scope", "assessable", "not_assessable", "failing", "suppressed", "waived")
    made = [
        {**dict.fromkeys(counts, 0), "assessment": number, "check_id": check, "source_id": source, "status": status}
        for number, check, source, status in rows
    ]
    return pa.Table.from_pylist(made, schema=schema)


def months(*back: int) -> list[tuple[int, datetime, datetime]]:
    """Return assessments 1, 2, …, each of the month that lies so many months back."""
    return [(n, DAY - timedelta(days=30 * b), DAY - timedelta(days=30 * (b - 1))) for n, b in enumerate(back, 1)]


def test_each_period_counts_once_with_its_last_assessment() -> None:
    before = results((1, "INC-001", "prod", "pass"), (2, "INC-001", "prod", "pass"), (3, "INC-001", "prod", "systemic"))
    found = earlier_results(before, months(2, 1, 1), DAY, {"INC-001": "minor"}).to_pylist()
    assert [(row["periods_back"], row["assessment"], row["status"]) for row in found] == [
        (2, 1, "pass"), (1, 3, "systemic"),
    ]  # fmt: skip
    assert found[1]["period_to"] == DAY


def test_a_period_that_reaches_into_this_one_is_no_earlier_one() -> None:
    before = results((1, "INC-001", "prod", "pass"))
    assert (
        earlier_results(
            before, [(1, DAY - timedelta(days=20), DAY + timedelta(days=10))], DAY, {"INC-001": "minor"}
        ).num_rows
        == 0
    )


def test_totals_and_checks_that_are_gone_are_left_out() -> None:
    before = results(
        (1, "INC-001", "*", "pass"), (1, "OLD-001", "prod", "pass"), (1, "RPT-005", "organisation", "pass")
    )
    found = earlier_results(before, months(1), DAY, {"INC-001": "minor", "RPT-005": "major"}).to_pylist()
    assert [(row["check_id"], row["source_id"], row["severity"]) for row in found] == [
        ("RPT-005", "organisation", "major")
    ]
