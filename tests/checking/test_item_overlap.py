"""Overlaps of changes on one configuration item: what windows find equals what comparing every pair finds."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from typing import NamedTuple

from itsm_bridge.checking.case_rows import OPENED

from .conftest import World


class Work(NamedTuple):
    id: str
    item: str
    begin: datetime
    end: datetime
    bundle: str | None


def works(seed: int) -> list[Work]:
    chance = Random(seed)
    made = []
    for n in range(80):
        begin = OPENED + timedelta(hours=chance.randrange(120))
        end = begin + timedelta(hours=chance.choice((0, 1, 2, 3, 12)))
        bundle = chance.choice((None, None, "REL1", "REL2"))
        made.append(Work(f"C{n:02}", f"ci{chance.randrange(4)}", begin, end, bundle))
    return made


def compared(made: list[Work]) -> list[tuple[str]]:
    found = set[str]()
    for one, other in permutations(made, 2):
        is_planned_together = one.bundle is not None and one.bundle == other.bundle
        one_end, other_end = (max(each.end, each.begin + timedelta(seconds=1)) for each in (one, other))
        meet = one.begin < other_end and other.begin < one_end
        if one.item == other.item and meet and not is_planned_together:
            found.add(one.id)
    return [(each,) for each in sorted(found)]


def test_overlaps_are_those_that_a_comparison_of_all_pairs_finds(world: World) -> None:
    made = works(seed=7)
    for each in made:
        world.record(each.id, "change", state="review", configuration_item_id=each.item)
        world.add("change_detail", work_item_id=each.id, actual_start_at=each.begin, actual_end_at=each.end)
        if each.bundle:
            world.add("relation", from_id=each.id, to_id=each.bundle, relation_type="part_of")
    expected = compared(made)
    assert 20 < len(expected) < 75
    assert world.view("item_overlap", "work_item_id") == expected
