"""What the agent sees and what not: restricted rights, lost queues, deletions, merges, jobs that leave no trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from otrs_site import SECRET, OtrsSite, about

from itsm_bridge_otrs.testing import Fault, SimulatedOtrs

AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)


def filled(server: SimulatedOtrs, count: int = 12, queue: str = "Service Desk") -> list[str]:
    return [server.desk.create(queue=queue, at=AGO + timedelta(hours=number)) for number in range(count)]


@pytest.mark.usefixtures("reading_only")
def test_a_queue_that_the_agent_lost_is_no_mass_deletion(site: OtrsSite, server: SimulatedOtrs) -> None:
    filled(server)
    lost = filled(server, 3, "Security")
    site.sync()
    words = server.desk.words
    words.queues.replace("Security", group=words.groups["admin"].id)
    report = site.sync()
    assert (about(report)["status"], about(report)["hidden"], about(report)["deleted"]) == ("partial", 3, 0)
    assert set(lost) <= site.keys()


def test_what_is_merged_changed_in_type_or_deleted_between_two_syncs(site: OtrsSite, server: SimulatedOtrs) -> None:
    site.settings["streams"] = None
    ids, desk = filled(server), server.desk
    desk.answer(ids[0], at=AGO + timedelta(days=1))
    site.sync()
    before = site.keys("ticket_history")
    desk.merge(ids[0], ids[1])
    desk.update(ids[2], type="Problem", queue="Security", priority="5 very high")
    desk.delete(ids[3])
    report = site.sync()
    assert report.incomplete == []
    assert site.keys() == site.visible()
    moved = {f"{ticket.id}/{article.id}" for ticket in server.visible() for article in ticket.articles}
    assert site.keys("ticket_article") == moved
    assert before <= site.keys("ticket_history")  # what happened has happened
    items = site.load("work_item").set_index("source_key")
    assert (items.loc[ids[0], "state"], items.loc[ids[0], "resolution_code"]) == ("cancelled", "duplicate")
    assert (items.loc[ids[2], "record_type"], items.loc[ids[2], "priority"]) == ("problem", 1)
    relations = {
        (row.from_id[-1], row.relation_type, row.to_id[-1]) for row in site.load("relation").itertuples()
    }  # fmt: skip
    assert (ids[0], "duplicate_of", ids[1]) in relations


@pytest.mark.usefixtures("reading_only")
def test_targets_stay_when_the_tool_forgets_them_on_closing(site: OtrsSite, server: SimulatedOtrs) -> None:
    site.settings["streams"] = None
    key = server.desk.create(sla="Gold 24x7", at=datetime.now(UTC) - timedelta(minutes=5))
    site.sync()
    running = site.held("ticket_target", "due")
    assert len(running) == 3
    server.desk.answer(key)
    server.desk.close(key)
    site.sync()
    assert site.held("ticket_target", "due") == running
    assert {name: due for name, due in site.held("ticket_clock", "due") if due} == {}


@pytest.mark.usefixtures("reading_only")
def test_rows_of_the_escalation_job_come_though_the_ticket_did_not_change(
    site: OtrsSite, server: SimulatedOtrs
) -> None:
    key = server.desk.create(sla="Gold 24x7", at=AGO)
    site.sync()
    server.desk.escalate()
    site.sync()
    rows = server.desk.ticket(key).rows
    assert len(site.held("ticket_history")) == len(rows)
    assert {"escalation"} <= {field for _, field in site.held("ticket_history", "field")}


@pytest.mark.usefixtures("reading_only")
def test_a_session_that_ends_in_the_middle_is_opened_anew(tmp_path: Path, server: SimulatedOtrs) -> None:
    site = OtrsSite(tmp_path, server, sign_in="session")
    filled(server, 60)
    server.faults.add(Fault("session_end", about="Ticket*", every=3))
    report = site.sync()
    assert report.incomplete == []
    assert site.keys() == site.visible()


def test_a_restricted_agent_gets_only_the_tickets_of_its_queue_and_is_told(
    tmp_path: Path, server: SimulatedOtrs, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(server)
    seen = filled(server, 4, "Netzwerk & VPN")
    server.username = "apiro"
    monkeypatch.setenv(SECRET, server.password)
    site = OtrsSite(tmp_path, server)
    report = site.sync()
    assert site.keys() == set(seen)
    told = {row.capability: row.reason for row in site.load("capability").itertuples()}
    assert "neither seen nor counted" in told["delete.detect"]
    assert about(report)["held"] == 4
