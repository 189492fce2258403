"""TicketSearch finds what matches, in order, and nothing at all where it does not understand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from asking_otrs import NOW, POSTING, Asking, ago
from captured import CAPTURED, named

from itsm_bridge_otrs.testing import Desk, SimulatedOtrs

EMPTY = [name for name in named("search_") if CAPTURED[name]["answer"] == {}]
FOUND = [name for name in named("search_", "post_search") if "TicketID" in CAPTURED[name]["answer"]]
RESTRICTED = "search_restricted_user_forbidden_queue"


@pytest.fixture(scope="module")
def filled() -> Iterator[Asking]:
    """A desk with tickets for every captured question; nothing changes in it."""
    with SimulatedOtrs(now=NOW) as server, Asking(server) as ask:
        desk = server.desk
        for number in range(5, 8):
            desk.create(f"VPN {number}", key=str(number), at=ago(days=6), service="Workplace", sla="Silver")
        more: dict[str, Any] = {"dynamic": {"ITSMImpact": "4 high"}, "at": ago(days=5)}
        for queue in ("Netzwerk & VPN", "Service Desk::2nd Level", "Service Desk"):
            for kind in ("Problem", "RfC", "Incident"):
                desk.create(f"Outlook {kind}", queue=queue, type=kind, service="VPN", sla="Gold 24x7", **more)
        desk.create("out of sight for some", queue="Security", at=ago(days=5))
        for number, key in enumerate(list(desk.tickets)[-4:]):
            desk.update(str(key), state=("open", "closed successful", "in Bearbeitung – Lieferant", "open")[number],
                        at=ago(days=3, minutes=number))  # fmt: skip
        yield ask


def asked(ask: Asking, name: str) -> Any:
    """Return what a captured question finds."""
    told = CAPTURED[name]
    if told["method"] == "POST":
        body = {parameter: value for parameter, value in told["body"].items() if parameter != "SessionID"}
        return ask.get("/TicketSearch", method="POST", service=POSTING, body=body)
    pairs = [
        pair
        for pair in parse_qsl(urlsplit(told["path"]).query)
        if pair[0] not in ("SessionID", "UserLogin", "Password")
    ]
    parameters: dict[str, list[str]] = {}
    for parameter, value in pairs:
        parameters.setdefault(parameter, []).append(value)
    return ask.get("/Ticket", **parameters)


@pytest.mark.parametrize("name", [name for name in EMPTY if name not in (RESTRICTED, "search_newerdate_30s_in_future")])
def test_what_the_real_server_did_not_understand_finds_nothing(filled: Asking, name: str) -> None:
    assert asked(filled, name) == {}


@pytest.mark.parametrize("name", FOUND)
def test_what_the_real_server_understood_finds_something(filled: Asking, name: str) -> None:
    found = asked(filled, name)
    assert set(found) == {"TicketID"}
    assert all(isinstance(key, str) for key in found["TicketID"])
    limit = {"search_limit1_scalar_or_array": 1, "search_limit5": 5}.get(name, 500)
    assert 0 < len(found["TicketID"]) <= limit


@pytest.mark.parametrize(
    "parameters",
    [
        {"SortBy": ["Changed", "Ticket"], "OrderBy": "Up"}, {"Limit": ["2", "3"]}, {"Queues": "service desk"},
        {"Types": "incident"}, {"States": "Open"}, {"StateType": "OPEN"}, {"Queues": ["Service Desk", "Nope"]},
        {"QueueIDs": "x"}, {"TicketID": "abc"}, {"TicketID": "5,6"}, {"TicketCreateTimeNewerMinutes": "abc"},
        {"TicketCreateTimeNewerDate": "2026-11-31 00:00:00"}, {"TicketLastChangeTimeOlderDate": "2026-11-22 00:00:61"},
        {"TicketCreateTimeNewerDate": "2026-11-20 00:00:00", "TicketCreateTimeOlderDate": "2026-11-19 00:00:00"},
    ],
)  # fmt: skip
def test_more_that_finds_nothing_as_was_tried_on_a_real_server(filled: Asking, parameters: dict[str, Any]) -> None:
    assert filled.get("/Ticket", **parameters) == {}


def test_more_that_is_understood_as_was_tried_on_a_real_server(filled: Asking) -> None:
    everything = filled.ids()
    assert filled.ids(Owner="x") == everything
    assert filled.ids(TicketCreateTimeOlderDate="2026-11-19 1:2:3") == everything
    assert filled.ids(Title="vpn*") == filled.ids(Title="vpn%") == ["5", "6", "7"]
    assert [len(filled.ids(Limit=limit)) for limit in ("2.5", "+2", " 3", "1e11")] == [3, 2, 3, len(everything)]


def test_a_restricted_agent_finds_fewer_and_nothing_says_so(filled: Asking) -> None:
    with Asking(filled.server, "apiro", "apiropw") as restricted:
        assert asked(restricted, RESTRICTED) == {}
        assert asked(filled, RESTRICTED)["TicketID"]
        shown = restricted.ids()
        assert set(shown) == set(filled.ids(Queues="Netzwerk & VPN")) < set(filled.ids())
        other = next(key for key in filled.ids() if key not in shown)
        assert restricted.error(f"/Ticket/{shown[0]},{other}") == "TicketGet.AccessDenied"
        told = restricted.get(f"/TicketHistory/{shown[0]},{other}")["Error"]["ErrorMessage"]
        assert told == f"TicketHistoryGet: User does not have access to the ticket {other}!"


def test_without_a_limit_five_hundred_come_and_a_large_one_is_honoured(desk: Desk, ask: Asking) -> None:
    for _ in range(503):
        desk.create(text="")
    assert [len(ask.ids(**asked)) for asked in ({}, {"Limit": 0}, {"Limit": 1000000}, {"Limit": 502})] == [
        500, 500, 503, 502,
    ]  # fmt: skip


def test_order_is_by_several_keys_and_newest_first_without_any(desk: Desk, ask: Asking) -> None:
    keys = [desk.create(text="", at=ago(days=day)) for day in (1, 3, 2)]
    for key in keys[:2]:
        desk.update(key, title="same second", at=ago(hours=1))
    assert ask.ids() == ask.ids(SortBy="Age", OrderBy="Down") == [keys[0], keys[2], keys[1]]
    assert ask.ids(SortBy="Age", OrderBy="Up") == [keys[1], keys[2], keys[0]]
    by_change = {"SortBy": ["Changed", "Ticket"]}
    # Ticket is the number, which begins with the day of creation, and not the id.
    assert ask.ids(**by_change, OrderBy=["Up", "Up"]) == [keys[2], keys[1], keys[0]]
    assert ask.ids(**by_change, OrderBy=["Up", "Down"]) == [keys[2], keys[0], keys[1]]


def test_dates_of_change_are_inclusive_at_both_ends(desk: Desk, ask: Asking) -> None:
    keys = [desk.create(text="", at=ago(minutes=minutes)) for minutes in (30, 20, 10)]
    floor, ceiling = "2026-11-22 11:40:00", "2026-11-22 11:50:00"
    for name in ("TicketLastChangeTime", "TicketCreateTime"):
        assert ask.ids(**{f"{name}NewerDate": floor}) == [keys[2], keys[1]]
        assert ask.ids(**{f"{name}OlderDate": floor}) == [keys[1], keys[0]]
        assert ask.ids(**{f"{name}NewerDate": floor, f"{name}OlderDate": ceiling}) == [keys[2], keys[1]]
        assert ask.ids(**{f"{name}NewerDate": floor, f"{name}OlderDate": floor}) == [keys[1]]
        assert ask.ids(**{f"{name}NewerMinutes": 20}) == [keys[2], keys[1]]
    assert len(ask.ids(TicketLastChangeTimeNewerDate="2026-11-22 12:00:00")) == 0
    desk.create(text="", at=ago(hours=-1))  # by a clock that was wrong then
    assert ask.get("/Ticket", TicketLastChangeTimeNewerDate="2026-11-22 12:00:30") == {}


def test_rows_of_history_are_another_matter_than_the_last_change(desk: Desk, ask: Asking) -> None:
    key = desk.create(sla="Gold 24x7", at=ago(days=2))
    desk.escalate(at=ago(hours=1))
    asked = "2026-11-22 00:00:00"
    assert ask.ids(TicketLastChangeTimeNewerDate=asked) == []
    assert ask.ids(TicketChangeTimeNewerDate=asked) == [key]


def test_archived_tickets_show_only_when_they_are_asked_for(desk: Desk, ask: Asking) -> None:
    keys = [desk.create(text="") for _ in range(3)]
    desk.archive(keys[:1])
    assert ask.ids() == keys[1:]
    assert ask.ids(SearchInArchive="AllTickets") == keys
    assert ask.ids(SearchInArchive="ArchivedTickets") == [keys[0]]
    assert ask.ticket(keys[0])["ArchiveFlag"] == "y"


def test_merged_and_removed_tickets_are_found_and_deleted_ones_are_not(desk: Desk, ask: Asking) -> None:
    merged, removed, deleted, main = (desk.create() for _ in range(4))
    desk.merge(merged, main)
    desk.close(removed, "removed")
    desk.delete(deleted)
    assert set(ask.ids()) == {merged, removed, main}
    assert ask.ids(StateType="merged") == [merged]
    assert ask.ids(StateType=["removed", "merged"]) == [merged, removed]


def test_searches_by_escalation_and_by_fields_of_the_site(desk: Desk, ask: Asking) -> None:
    late = desk.create(sla="Gold 24x7", at=ago(days=1), dynamic={"AffectedSystems": ["mail01", "vpn-gw1"]})
    desk.create(sla="No targets", at=ago(days=1), queue="Raw", dynamic={"ITSMDueDate": "2026-11-01 00:00:00"})
    assert ask.ids(TicketEscalationTimeOlderMinutes=1) == ask.ids(TicketEscalationSolutionTimeOlderMinutes=1) == [late]
    assert ask.ids(TicketEscalationTimeNewerMinutes=1) == []

    def by(field: Any) -> Any:
        return ask.get("/TicketSearch", method="POST", service=POSTING, body={"DynamicField": field}).get("TicketID")

    assert by({"Name": "AffectedSystems", "Equals": "vpn-gw1"}) == [late]
    assert len(by([{"Name": "ITSMDueDate", "SmallerThan": "2026-11-02 00:00:00"}])) == 1
    assert len(by({"Name": "Nonsense", "Equals": "x"})) == 2  # as silently as an unknown parameter


def test_what_a_real_server_would_understand_and_this_one_does_not_is_refused(ask: Asking) -> None:
    for name in ("CreatedStates", "Fulltext", "TicketPendingTimeOlderMinutes"):
        assert ask.send("/Ticket", **{name: "1"}).status_code == 500
