"""Tickets of a real server happen again: the same history row by row, the same ticket field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from captured import history, ticket
from replaying import replay

from itsm_bridge_otrs.testing.ticket_json import Wanted
from itsm_bridge_otrs.testing.ticket_json import history as history_of
from itsm_bridge_otrs.testing.ticket_json import ticket as ticket_of

REBUILT = datetime.fromisoformat("2026-11-22 05:16:30+00:00")
# The program that made the tickets, and not the server, moved `Changed` of those that it left open.
LEFT_OPEN = {"Changed": None}


@pytest.mark.parametrize(
    ("rows", "shown", "aside", "timezone"),
    [
        ("history_escalated", "ticketget_escalated_extended", LEFT_OPEN, "UTC"),
        ("history_pending", "ticketget_pending_reminder", LEFT_OPEN, "UTC"),
        ("history_closed", "ticketget_closed_df_ext", {}, "UTC"),
        ("history_after_rest_update", "ticketget_after_rest_update", {"Article": None}, "UTC"),
        ("tz_berlin_history", "tz_berlin_ticketget", {}, "Europe/Berlin"),
    ],
)
def test_a_ticket_happens_again(rows: str, shown: str, aside: dict[str, Any], timezone: str) -> None:
    told, real = history(rows), ticket(shown)
    desk = replay(told, real, timezone=timezone)
    one, key = desk.ticket(str(real["TicketID"])), str(real["TicketID"])
    assert history_of(desk, one, key)["History"] == told
    wanted = Wanted(is_extended=True, with_dynamic_fields="DynamicField" in real)
    assert typed(ticket_of(desk, one, wanted) | aside) == typed(real | aside)


def test_every_kind_of_update_and_then_the_job_that_moves_changed() -> None:
    told, real = history("history_all_kinds_of_updates"), ticket("ticketget_all_kinds_of_updates")
    desk = replay(told, real | {"Title": "cache test"})
    desk.rebuild_index(at=REBUILT)
    one = desk.ticket("323")
    assert history_of(desk, one, "323")["History"] == told
    assert typed(ticket_of(desk, one, Wanted(is_extended=True, with_dynamic_fields=True))) == typed(real)
    assert len({row["HistoryType"] for row in told}) == 18


def test_articles_have_the_same_keys_and_types() -> None:
    real = ticket("ticketget_closed_all_articles")
    desk = replay(history("history_closed"), real)
    shown = ticket_of(desk, desk.ticket("321"), Wanted(with_articles=True))["Article"]
    kept = ("ArticleID", "ArticleNumber", "CreateBy", "CreateTime", "IncomingTime", "SenderType", "SenderTypeID",
            "IsVisibleForCustomer", "CommunicationChannelID")  # fmt: skip
    assert [{name: one[name] for name in kept} for one in shown] == [
        {name: one[name] for name in kept} for one in real["Article"]
    ]
    assert [shape(one) for one in shown] == [shape(one) for one in real["Article"]]


def test_working_time_is_a_text_once_it_is_over() -> None:
    """And a number before: an oddity to be kept."""
    real = ticket("ticketget_pending_reminder")
    desk = replay(history("history_pending"), real)
    shown = ticket_of(desk, desk.ticket("284"), Wanted())
    assert shown["SolutionTimeWorkingTime"] == real["SolutionTimeWorkingTime"] == "-223079"
    assert (shown["SolutionTimeEscalation"], shown["EscalationDestinationIn"]) == (1, "61h 57m")


def typed(value: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    return {name: (type(one).__name__, one) for name, one in sorted(value.items())}


def shape(value: dict[str, Any]) -> dict[str, str]:
    return {name: type(one).__name__ for name, one in sorted(value.items())}
