"""The seeded company keeps its promises."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from itsm_bridge_otrs.testing.company import Company, advance, seeded_company
from itsm_bridge_otrs.testing.records import Ticket

NOW = datetime(2026, 3, 18, 11, 0, tzinfo=UTC)
NO_TICKETS = {"CAT-001", "SLM-009", "SUP-004"}
"""Checks that judge services, targets and suppliers."""
CHECKS = {
    *(f"INC-{number:03}" for number in (1, 2, 3, 5, 6, 7, 8, 9, 11, 15, 16)),
    *(f"CHG-{number:03}" for number in (1, 2, 3, 4, 5, 8, 9, 10, 12, 13, *range(15, 24))),
    *(f"PRB-{number:03}" for number in (2, 3, 4, 5, 8, 9, 10)), *(f"SRQ-{number:03}" for number in (1, 2, 3)),
    "SLM-004", "SLM-006", "SLM-009", "SLM-012", "DQ-001", "DQ-004", "DQ-006", "DQ-007", "DQ-008", "CAT-001",
    "SUP-004",
}  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Company:
    return seeded_company(now=NOW)


def states(ticket: Ticket, company: Company) -> list[tuple[str, str]]:
    """Old and new state of every change, as the history tells it."""
    parts = [row.name.split("%%") for row in ticket.rows if row.type == "StateUpdate"]
    return [(old, new) for _, old, new, *_ in parts]


def test_every_check_has_something_to_find_and_most_tickets_are_right(company: Company) -> None:
    assert set(company.planted) == CHECKS
    wrong = set.union(*(found for check, found in company.planted.items() if check not in NO_TICKETS))
    assert {int(key) for key in wrong} <= set(company.desk.tickets)
    assert 380 <= len(company.desk.tickets) <= 420
    assert len(wrong) < 0.2 * len(company.desk.tickets)


def test_the_same_arguments_give_the_same_company() -> None:
    one, same, other = (seeded_company(seed, now=NOW, size=60) for seed in (7, 7, 8))
    assert (one.desk.tickets, one.planted) == (same.desk.tickets, same.planted)
    assert one.desk.tickets != other.desk.tickets


def test_a_company_without_flaws_has_none() -> None:
    assert seeded_company(now=NOW, size=60, flawed=False).planted == {}


def test_nothing_lies_in_the_future_and_tickets_are_numbered_as_they_came(company: Company) -> None:
    now = company.desk.moment
    for ticket in company.desk.tickets.values():
        assert max(ticket.created, ticket.changed, *(row.at for row in ticket.rows)) <= now
        assert all(article.at <= now for article in ticket.articles)
    kinds = {company.desk.words.types[name].id for name in ("Incident", "ServiceRequest")}
    asked = [one for _, one in sorted(company.desk.tickets.items()) if one.type in kinds]
    out_of_turn = sum(before.created > after.created for before, after in pairwise(asked))
    assert out_of_turn <= 8  # a second report of the same comes some minutes after the first, and is told with it


def test_history_is_one_chain_from_creation_to_now(company: Company) -> None:
    for key, ticket in company.desk.tickets.items():
        chain = states(ticket, company)
        is_whole = all(before[1] == after[0] for before, after in pairwise(chain))
        is_whole &= not chain or chain[-1][1] == company.desk.words.states.by_id[ticket.state].name
        assert is_whole != (str(key) in company.planted["DQ-004"])


def test_some_tickets_are_merged_some_removed_and_some_gone(company: Company) -> None:
    held = {company.desk.words.states.by_id[ticket.state].name for ticket in company.desk.tickets.values()}
    assert {"merged", "removed", "open"} <= held
    assert len(company.desk.tickets) < max(company.desk.tickets)


def test_another_day_brings_work_and_takes_some_away() -> None:
    company = seeded_company(now=NOW, size=120)
    desk = company.desk
    before = {key: ticket.changed for key, ticket in desk.tickets.items()}
    planted = advance(desk, days=2)
    after = {key: ticket.changed for key, ticket in desk.tickets.items()}
    assert (desk.now - NOW).days == 2
    assert len(planted["INC-003"]) == 2
    assert len(after.keys() - before.keys()) > 12
    assert len(planted["DQ-010"]) == 2
    assert not planted["DQ-010"] & {str(key) for key in after}
    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert changed
    assert all(NOW.timestamp() < after[key] <= desk.moment for key in changed)


@pytest.mark.parametrize("seed", range(8))
def test_another_day_takes_away_neither_what_is_wrong_nor_the_oldest(seed: int) -> None:
    company = seeded_company(seed, now=NOW, size=80)
    desk, before = company.desk, set(company.desk.tickets)
    removed = desk.words.states["removed"].id
    (gone,) = advance(desk, seed=seed)["DQ-010"]
    taken = {gone, *(str(key) for key in before & set(desk.tickets) if desk.tickets[key].state == removed)}
    assert not taken & set.union(*(found for check, found in company.planted.items() if check not in NO_TICKETS))
    assert int(gone) > sorted(before)[len(before) // 10]
