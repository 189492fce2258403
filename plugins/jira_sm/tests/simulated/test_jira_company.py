"""The seeded company keeps its promises."""

from __future__ import annotations

from itertools import pairwise

import pytest
from asking_jira import NOW

from itsm_bridge_jira_sm.testing import Company, Cycle, SimulatedJira, advance, seeded_company
from itsm_bridge_jira_sm.testing.records import Issue

CHECKS = {
    *(f"INC-{number:03}" for number in (*range(1, 12), 13, 15, 16)),
    *(f"CHG-{number:03}" for number in (*range(1, 9), 10, *range(12, 19), 20, 21, 22, 23)),
    *(f"PRB-{number:03}" for number in range(1, 11)), *(f"SRQ-{number:03}" for number in range(1, 6)),
    *(f"SLM-{number:03}" for number in (1, *range(3, 10), 11, 12)), *(f"DQ-{number:03}" for number in (1, *range(3, 9))),
    "BRM-002", "CFG-001", "CFG-003", "CFG-006", "REL-002", "SUP-005",
}  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Company:
    return seeded_company(now=NOW)


def statuses(issue: Issue) -> list[tuple[str | None, str | None]]:
    changes = sorted(issue.history, key=lambda history: (history.at, int(history.id)))
    return [(item.before, item.after) for history in changes for item in history.items if item.field_id == "status"]


def test_every_check_has_something_to_find_and_most_issues_are_right(company: Company) -> None:
    assert set(company.planted) == CHECKS
    wrong = set.union(*company.planted.values())
    assert {int(number) for number in wrong if number.isdigit()} <= {*company.site.issues, *company.site.assets}
    assert 380 <= len(company.site.issues) <= 420
    assert len(wrong) < 0.25 * len(company.site.issues)


def test_the_same_arguments_give_the_same_company() -> None:
    one, same, other = (seeded_company(seed, now=NOW, size=60) for seed in (7, 7, 8))
    assert (one.site.issues, one.planted) == (same.site.issues, same.planted)
    assert one.site.issues != other.site.issues


def test_a_company_without_flaws_has_none(company: Company) -> None:
    assert seeded_company(now=NOW, size=60, flawed=False).planted == {}


def test_nothing_lies_in_the_future_but_plans(company: Company) -> None:
    now = company.site.present
    for issue in company.site.issues.values():
        moments = [issue.created, issue.updated, *(history.at for history in issue.history)]
        assert max(moments) <= now
        assert all(comment.at <= now for comment in issue.comments)


def test_history_is_one_chain_from_creation_to_now(company: Company) -> None:
    for issue in company.site.issues.values():
        chain = statuses(issue)
        is_whole = all(before[1] == after[0] for before, after in pairwise(chain))
        is_whole &= not chain or chain[-1][1] == issue.values["status"]
        assert is_whole != (str(issue.id) in company.planted["DQ-004"])


def test_claims_of_clocks_are_true(company: Company) -> None:
    clocks = [field.id for field in company.site.fields.values() if field.kind == "sla"]
    for issue in company.site.issues.values():
        cycles: list[Cycle] = [cycle for clock in clocks for cycle in issue.values.get(clock) or ()]
        honest = all(cycle.is_breached == (cycle.elapsed > cycle.goal) and cycle.elapsed <= cycle.stop - cycle.start
                     for cycle in cycles if cycle.stop is not None)  # fmt: skip
        assert honest != (str(issue.id) in company.planted["SLM-004"])


def test_some_issues_have_moved_and_some_are_gone(company: Company) -> None:
    moved = [issue for issue in company.site.issues.values() if issue.old_keys]
    assert moved
    assert any(issue.key.startswith("OPS-") for issue in moved)
    assert len(company.site.issues) <= max(company.site.issues) - 10001


def test_there_is_one_for_data_center_too() -> None:
    company = seeded_company(now=NOW, size=60, is_cloud=False)
    assert len(company.site.issues) > 50
    assert "affected_services" not in {field.logical for field in company.site.fields.values()}


def test_another_day_brings_work_and_takes_some_away() -> None:
    company = seeded_company(now=NOW, size=120)
    before = {number: (issue.key, issue.updated) for number, issue in company.site.issues.items()}
    jira = SimulatedJira(site=company.site)
    jira.close()
    planted = advance(jira, days=2)
    after = {number: (issue.key, issue.updated) for number, issue in company.site.issues.items()}
    assert (jira.now - NOW).days == 2
    assert len(planted["INC-003"]) == 2
    assert len(after.keys() - before.keys()) > 10
    assert len(planted["DQ-010"]) == 2
    assert not planted["DQ-010"] & {str(number) for number in after}
    changed = [number for number in before.keys() & after.keys() if before[number] != after[number]]
    assert any(before[number][0] != after[number][0] for number in changed)
    assert all(NOW.timestamp() * 1000 < after[number][1] <= company.site.present for number in changed)


@pytest.mark.parametrize("seed", range(6))
def test_another_day_leaves_what_is_wrong_and_the_oldest_where_they_are(seed: int) -> None:
    company = seeded_company(seed, now=NOW, size=150)
    before = {str(number): issue for number, issue in company.site.issues.items()}
    keys = {number: issue.key for number, issue in before.items()}
    jira = SimulatedJira(site=company.site)
    jira.close()
    (gone,) = advance(jira, seed=seed)["DQ-010"]
    after = company.site.issues
    taken = {gone, *(number for number, key in keys.items() if number != gone and after[int(number)].key != key)}
    assert not taken & set.union(*company.planted.values())
    assert before[gone].created > min(issue.created for issue in before.values())
