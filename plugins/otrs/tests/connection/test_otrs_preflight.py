"""What is said before anything is read: who asks, what shows, what is missing, and what to ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
import responses
from otrs_answers import BASE, Desk, connected, error, every

from itsm_bridge.adapter import Access, Preflight
from itsm_bridge_otrs.survey import preflight

WANTED = {
    "ticket": ("TicketID", "Changed", "dynamic.ITSMImpact", "dynamic.ITSMDecisionResult"),
    "ticket_history": (), "ticket_article": (), "ticket_clock": (), "queue": (),
}  # fmt: skip
HISTORY = re.compile(rf"{BASE}/TicketHistory/.*")


def desk(**more: Any) -> Desk:
    return Desk(every(1, 20), **more)


def told(of: dict[str, tuple[str, ...]] = WANTED, **given: Any) -> Preflight:
    return preflight(connected(**given), of)


def access(found: Preflight) -> dict[str, Access]:
    return {item.stream: item for item in found.access}


def levels(found: Preflight) -> dict[str, str]:
    return {item.name: item.level for item in found.capabilities}


def test_all_is_well_where_tickets_and_their_histories_show(tool: responses.RequestsMock) -> None:
    desk().serve(tool)
    found = told()
    assert (found.identity, found.timezone, found.problems) == ("bridge", "UTC", ())
    assert "measured on" in found.timezone_note
    assert found.clock_difference_seconds is not None
    assert list(access(found)) == list(WANTED)
    assert all(item.is_readable for item in found.access)
    assert access(found)["ticket"].rows == 20


def test_dynamic_fields_that_a_site_does_not_have_are_absent_and_nothing_to_ask_for(
    tool: responses.RequestsMock,
) -> None:
    desk().serve(tool)
    found = told()
    ticket = access(found)["ticket"]
    assert ticket.missing_fields == ticket.absent_fields == ("dynamic.ITSMDecisionResult",)
    assert ticket.rights == ()
    reasons = {item.name: item.reason for item in found.capabilities}
    assert reasons["approval.rollup"].startswith("ticket.dynamic.ITSMDecisionResult does not exist")
    assert levels(found)["field.impact"] == "full"


def test_where_no_ticket_shows_nothing_is_readable_and_the_right_is_named(tool: responses.RequestsMock) -> None:
    Desk([]).serve(tool)
    found = told()
    assert not any(item.is_readable for item in found.access)
    assert "may read no queue, or there is no ticket" in access(found)["ticket"].reason
    assert {right.on for item in found.access for right in item.rights} == set(WANTED)
    assert "permission ro" in access(found)["queue"].remedy
    assert found.clock_difference_seconds is None
    assert "could not be measured" in found.timezone_note
    assert levels(found)["history.state"] == levels(found)["sla.claim"] == "none"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"json": error("TicketHistoryGet", "AuthFail", "User needs to an Agent!")}, "needs to an Agent"),
        ({"json": error("TicketHistoryGet", "AccessDenied")}, "AccessDenied"),
        ({"json": error("TicketGet", "MissingParameter")}, "MissingParameter"),
        ({"status": 403}, "status 403"),
        ({"status": 500, "body": "HTTP::REST Error while determine Operation", "content_type": "text/plain"}, "route"),
        ({"body": requests.ConnectionError(ConnectionError("closed connection without response"))}, "without response"),
    ],
)
def test_histories_that_may_not_be_read_are_told_with_the_operation_to_ask_for(
    tool: responses.RequestsMock, answer: dict[str, Any], reason: str
) -> None:
    tool.get(HISTORY, **answer)
    desk().serve(tool, histories=False)
    found = told()
    history = access(found)["ticket_history"]
    assert not history.is_readable
    assert reason in history.reason
    (right,) = history.rights
    assert right.grant == (
        "operation Ticket::TicketHistoryGet in the web service GenericTicketConnectorREST, mapped to "
        "GET /TicketHistory/:TicketID"
    )
    assert access(found)["ticket"].is_readable
    assert levels(found)["history.priority"] == "none"
    assert levels(found)["comment.visibility"] == "full"


def test_a_ticket_that_goes_between_two_requests_hides_no_stream(tool: responses.RequestsMock) -> None:
    site_desk = desk()
    site_desk.serve(tool, histories=False)
    site = connected()
    tool.replace("GET", f"{BASE}/Ticket", json={"TicketID": ["20", "19", "18"]})
    site_desk.gone |= {"20", "19"}
    tool.get(re.compile(f"{BASE}/TicketHistory/(20|19)$"), json=error("TicketHistoryGet", "AccessDenied"))
    tool.get(f"{BASE}/TicketHistory/18", json={"TicketHistory": [{"TicketID": "18", "History": []}]})
    assert all(item.is_readable for item in preflight(site, WANTED).access)


def test_a_clock_that_is_apart_is_a_problem(tool: responses.RequestsMock) -> None:
    desk(ahead=600, pending=(3,)).serve(tool)
    found = told()
    assert found.clock_difference_seconds == pytest.approx(600, abs=3)
    assert "600 seconds away" in found.problems[0] or "599 seconds away" in found.problems[0]


def test_what_a_restricted_agent_does_not_see_is_said_of_every_source(tool: responses.RequestsMock) -> None:
    desk().serve(tool)
    found = told()
    assert found.scope.startswith("20 tickets: those of queues that the agent may read")
    (deleted,) = (item for item in found.capabilities if item.name == "delete.detect")
    assert deleted.level == "partial"
    assert "queues that the agent may not read are neither seen nor counted" in deleted.reason


def test_what_the_tool_never_tells_is_declared(tool: responses.RequestsMock) -> None:
    desk().serve(tool)
    found = levels(told())
    never = ("state.resolved_distinct", "approval.vote", "field.urgency", "ci.link", "membership", "sla.pause")
    assert {found[name] for name in never} == {"none"}
    assert found["sla.claim"] == "partial"


def test_a_field_of_the_sites_own_may_tell_what_the_package_does_not(tool: responses.RequestsMock) -> None:
    site_desk = desk()
    site_desk.fields = ("Dringlichkeit",)
    site_desk.serve(tool)
    found = told(WANTED | {"ticket": ("TicketID", "dynamic.Dringlichkeit", "dynamic.ITSMImpact")})
    (urgency,) = (item for item in found.capabilities if item.name == "field.urgency")
    assert urgency.level == "partial"
    assert "dynamic.Dringlichkeit" in urgency.reason


def test_streams_that_are_left_out_cost_what_they_tell(tool: responses.RequestsMock) -> None:
    desk().serve(tool)
    found = told({"ticket": WANTED["ticket"]})
    reasons = {item.name: item.reason for item in found.capabilities}
    assert "ticket_history is not read" in reasons["history.state"]
    assert "ticket_article is not read" in reasons["comment.visibility"]
    assert "ticket_clock is not read" in reasons["sla.claim"]


def test_every_capability_is_declared_once(tool: responses.RequestsMock) -> None:
    from itsm_bridge.schema.lifecycles import CAPABILITIES

    desk().serve(tool)
    names = [item.name for item in told().capabilities]
    assert sorted(names) == sorted(set(names))
    assert set(names) == set(CAPABILITIES)
