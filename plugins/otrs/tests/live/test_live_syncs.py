"""How the server was read: whole, then only what changed; and by an agent who sees one queue."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from differences import assert_same, by
from seen import Seen, Story
from updates import RESTRICTED

UNSEEN = "tickets of queues that the agent may not read are neither seen nor counted"
OVERLAP = timedelta(hours=1)
AHEAD = timedelta(days=5)
"""The job for escalations looks at tickets that are due within this, and does not change what it writes about."""
AGES = datetime.max.replace(tzinfo=UTC)


def test_every_sync_is_whole(story: Story, restricted: Story) -> None:
    for seen in (story.first, story.second, restricted.first, restricted.second):
        assert {name: about["status"] for name, about in seen.report.streams["live"].items()} == dict.fromkeys(
            seen.report.streams["live"], "complete"
        )
        assert seen.report.incomplete == []


def test_the_second_sync_reads_only_what_changed_or_escalates(story: Story) -> None:
    tickets = story.second.server.tickets()
    last = max(_at(told["changed_at"]) for told in story.first.server.tickets().values())
    changed = {number for number, told in tickets.items() if _at(told["changed_at"]) >= last - OVERLAP}
    looked_at = _at(story.second.server.truth["generated_at"])
    due = {
        row["id"]: datetime.fromtimestamp(row["next"], UTC) for row in story.second.server.rows["clocks"] if row["next"]
    }
    for operation, flags in (("Ticket", "AllArticles=1"), ("TicketHistory", "")):
        asked = _asked(story.second, operation, flags)
        assert changed <= asked
        assert {number for number in asked - changed if due.get(number, AGES) > looked_at + AHEAD} == set()
    assert story.done.touched & tickets.keys() <= changed
    assert len(asked) < len(tickets)


def test_a_deleted_ticket_is_told_and_gone(story: Story) -> None:
    gone = story.first.server.tickets().keys() - story.second.server.tickets().keys()
    assert len(gone) == 1
    assert story.second.report.streams["live"]["ticket"]["deleted"] == 1
    assert not gone & {int(row["TicketID"]) for row in story.second.store["ticket"]}


def test_an_agent_of_one_queue_reads_its_tickets_and_no_others(restricted: Story) -> None:
    for seen in (restricted.first, restricted.second):
        truth = {number: {"Queue": told["queue"]} for number, told in seen.server.tickets(RESTRICTED).items()}
        assert_same("ticket", truth, by(lambda row: int(row["TicketID"]), seen.store["ticket"]))


def test_what_an_agent_of_one_queue_does_not_see_is_said_by_doctor_and_report(restricted: Story) -> None:
    limits = [limit.reason for limit in restricted.reader.doctor().limits]
    assert [reason for reason in limits if UNSEEN in reason] != []
    assert UNSEEN in restricted.reader.report()


def _asked(seen: Seen, operation: str, wanted: str = "") -> set[int]:
    """Return the tickets that an operation was asked for, by the log of the web server."""
    paths = [re.search(rf"/{operation}/([0-9,]+)", line) for line in seen.requests if wanted in line]
    return {int(number) for path in paths if path for number in path[1].split(",")}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
