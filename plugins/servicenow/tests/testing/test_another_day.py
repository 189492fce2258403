"""Another day in the company: little changes, and what is newly wrong is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from itsm_bridge_servicenow.testing import Company, SimulatedServiceNow, advance, seeded_company

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_day_changes_little_and_moves_the_clock(company: Company) -> None:
    with SimulatedServiceNow(company.tables, now=company.now) as server:
        before = {row["sys_id"]: row for row in server.rows("incident")}
        planted = advance(server, days=1, seed=3)
        after = {row["sys_id"]: row for row in server.rows("incident")}
        deletions = server.rows("sys_audit_delete")
        assert server.now == company.now + timedelta(days=1)
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert 3 <= len(new) <= 12
    assert 5 <= len(changed) <= 80
    assert len(gone) == 1
    assert gone <= {row["documentkey"] for row in deletions}
    assert planted["INC-004"] <= new


def test_days_are_the_same_for_the_same_seed() -> None:
    company = seeded_company(now=NOW, size=200)
    found = []
    for _ in range(2):
        with SimulatedServiceNow(company.tables, now=company.now) as server:
            advance(server, days=2, seed=3)
            found.append((server.rows("incident"), server.rows("sys_audit")[-50:]))
    assert found[0] == found[1]
