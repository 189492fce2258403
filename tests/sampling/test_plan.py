"""The sampling plan: sizes by the formula, and draws that anybody can repeat (catalogue §4.3)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.errors import UsageError
from itsm_bridge.sampling.plan import discovery_size, drawn_first, spread


@pytest.mark.parametrize(
    ("confidence", "tolerance", "size"), [(0.9, 0.1, 22), (0.95, 0.1, 29), (0.9, 0.05, 45), (0.95, 0.05, 59)]
)
def test_sizes_are_those_of_the_catalogue(confidence: float, tolerance: float, size: int) -> None:
    assert discovery_size(confidence, tolerance) == size


@pytest.mark.parametrize(("confidence", "tolerance"), [(0, 0.1), (1, 0.1), (0.9, 0), (0.9, 5)])
def test_a_share_that_is_none_is_refused(confidence: float, tolerance: float) -> None:
    with pytest.raises(UsageError):
        discovery_size(confidence, tolerance)


def test_the_same_seed_draws_the_same_whatever_the_order() -> None:
    subjects = [f"prod:work_item:{n}" for n in range(100)]

    first = drawn_first("seed", "INC-001", subjects, 25)

    assert len(set(first)) == 25
    assert drawn_first("seed", "INC-001", reversed(subjects), 25) == first
    assert drawn_first("other", "INC-001", subjects, 25) != first
    assert drawn_first("seed", "INC-002", subjects, 25) != first


@given(st.text(max_size=5), st.integers(0, 2000), st.integers(1, 80))
def test_places_are_spread_evenly_over_the_list(seed: str, population: int, number: int) -> None:
    places = spread(seed, "incident", population, number)

    assert len(set(places)) == min(number, population)
    assert all(0 <= place < population for place in places)
    steps = {after - before for before, after in pairwise(places)}
    assert not steps or max(steps) - min(steps) <= 1
