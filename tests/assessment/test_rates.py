"""The ladder from counts to a status, with the worked values of the catalogue (§4.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.assessment.rates import Counts, Severity, Status, status, wilson


def judged(failing: int, assessable: int, severity: Severity = "minor", not_assessable: int = 0, **more: int) -> Status:
    return status(Counts(assessable + not_assessable, assessable, not_assessable, failing), severity, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failing", "assessable", "low", "high"),
    [
        (1, 3, 7.8, 74.6), (1, 60, 0.4, 7.1), (1, 200, 0.1, 2.2), (4, 200, 0.9, 4.4), (12, 200, 3.8, 9.4),
        (6, 60, 5.3, 18.2), (40, 200, 15.8, 25.0),
    ],
)  # fmt: skip
def test_the_interval_has_the_worked_values_of_the_catalogue(
    failing: int, assessable: int, low: float, high: float
) -> None:
    interval = wilson(failing, assessable)

    assert interval is not None
    assert (interval[0] * 100, interval[1] * 100) == pytest.approx((low, high), abs=0.051)


@pytest.mark.parametrize(
    ("failing", "assessable", "minor", "major"),
    [
        (1, 3, "deviation", "deviation"), (1, 60, "pass", "deviation"), (1, 200, "pass", "isolated"),
        (4, 200, "isolated", "deviation"), (12, 200, "deviation", "deviation"), (6, 60, "deviation", "systemic"),
        (40, 200, "systemic", "systemic"), (0, 4, "insufficient", "insufficient"), (0, 5, "pass", "pass"),
    ],
)  # fmt: skip
def test_the_status_has_the_worked_values_of_the_catalogue(
    failing: int, assessable: int, minor: str, major: str
) -> None:
    assert (judged(failing, assessable, "minor"), judged(failing, assessable, "major")) == (minor, major)


@pytest.mark.parametrize(("failing", "severity"), [(1, "major"), (3, "minor"), (3, "ofi")])
def test_tolerance_ends_where_the_catalogue_says(failing: int, severity: Severity) -> None:
    assert judged(failing, 1000, severity) != "pass"


def test_exactly_two_percent_is_within_the_tolerance_of_a_minor_check() -> None:
    assert (judged(1, 50), judged(1, 49)) == ("pass", "isolated" if 1 / 49 <= 0.05 else "deviation")


def test_nothing_assessable_is_not_assessed_and_has_no_rate() -> None:
    counts = Counts(in_scope=7, not_assessable=7)

    assert status(counts, "minor") == "not_assessed"
    assert counts.rate is None
    assert wilson(0, 0) is None


def test_more_than_a_fifth_not_assessable_is_not_assessed_whatever_fails() -> None:
    assert judged(0, 80, not_assessable=20) == "pass"
    assert judged(40, 79, not_assessable=21) == "not_assessed"


def test_the_third_period_in_a_row_at_deviation_is_systemic() -> None:
    assert judged(12, 200, periods_before=1) == "deviation"
    assert judged(12, 200, periods_before=2) == "systemic"
    assert judged(1, 200, periods_before=5) == "pass"


def test_deviation_in_three_places_at_once_is_systemic() -> None:
    assert judged(12, 200, scopes_at_deviation=3) == "systemic"
    assert judged(12, 200, scopes_at_deviation=2) == "deviation"


@pytest.mark.parametrize(
    ("failing", "subjects", "expected"),
    [
        (0, 1, "pass"),
        (1, 10, "deviation"),
        (2, 10, "deviation"),
        (3, 100, "systemic"),
        (3, 10, "systemic"),
        (1, 1, "systemic"),
    ],
)
def test_few_subjects_are_judged_by_number_and_not_by_rate(failing: int, subjects: int, expected: str) -> None:
    assert status(Counts(subjects, subjects, 0, failing), "major", is_few_subjects=True) == expected


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate_and_stays_between_nothing_and_all(numbers: tuple[int, int]) -> None:
    failing, assessable = numbers
    low, high = wilson(failing, assessable) or (1.0, 0.0)

    assert 0 <= low <= failing / assessable <= high <= 1
