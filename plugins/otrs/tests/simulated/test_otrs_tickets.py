"""TicketGet gives all tickets that it is asked for, or none, with as much of them as is wanted."""

from __future__ import annotations

from asking_otrs import Asking, ago
from captured import ticket

from itsm_bridge_otrs.testing import Desk, SimulatedOtrs


def test_order_and_duplicates_are_kept(desk: Desk, ask: Asking) -> None:
    keys = [desk.create() for _ in range(3)]
    asked = [keys[2], keys[0], keys[2]]
    assert [str(one["TicketID"]) for one in ask.get(f"/Ticket/{','.join(asked)}")["Ticket"]] == asked
    assert [one["TicketID"] for one in ask.get(f"/TicketHistory/{','.join(asked)}")["TicketHistory"]] == asked


def test_one_that_is_denied_refuses_them_all(desk: Desk, ask: Asking, otrs: SimulatedOtrs) -> None:
    good, hidden, denied, deleted = (desk.create() for _ in range(4))
    desk.hide([hidden])
    desk.delete(deleted)
    otrs.deny([denied])
    assert ask.ids() == [good, denied]
    assert [str(one.id) for one in otrs.visible()] == [good]
    for key in (hidden, denied, deleted, "999999", "abc"):
        told = ask.get(f"/Ticket/{good},{key}")["Error"]
        assert told["ErrorMessage"] == "TicketGet: User does not have access to the ticket!"
        told = ask.get(f"/TicketHistory/{good},{key}")["Error"]
        assert told["ErrorMessage"] == f"TicketHistoryGet: User does not have access to the ticket {key}!"
    assert ask.ticket(good)


def test_flags_add_keys_and_nothing_else_does(desk: Desk, ask: Asking) -> None:
    key = desk.create(at=ago(days=1))
    desk.answer(key, at=ago(hours=20))
    plain = set(ask.ticket(key))
    assert plain & {"FirstResponse", "DynamicField", "Article"} == set()
    assert set(ask.ticket(key, Extended=1)) - plain == {"FirstResponse", "FirstResponseInMin", "FirstResponseDiffInMin"}
    assert set(ask.ticket(key, DynamicFields=1)) - plain == {"DynamicField"}
    assert set(ask.ticket(key, AllArticles=1)) - plain == {"Article"}
    assert set(ask.ticket(key, Extended=0, DynamicFields=0, AllArticles=0)) == plain


def test_without_service_and_agreement_their_names_are_missing(desk: Desk, ask: Asking) -> None:
    bare, full = ask.ticket(desk.create()), ask.ticket(desk.create(service="VPN", sla="No targets"))
    assert (bare["SLAID"], bare["ServiceID"]) == ("", "")
    assert set(full) - set(bare) == {"SLA", "Service"} - set(bare)
    assert (full["SLAID"], full["ServiceID"]) == (4, 2)
    assert (type(bare["SLAID"]), type(full["SLAID"])) == (str, int)


def test_dynamic_fields_come_all_of_them_with_values_of_their_kind(desk: Desk, ask: Asking) -> None:
    given = {"AffectedSystems": ["mail01"], "IsMajor": 1, "PlannedDate": "2026-11-15 00:00:00", "ITSMImpact": "4 high"}
    key = desk.create(dynamic=given)
    told = {one["Name"]: one["Value"] for one in ask.ticket(key, DynamicFields=1)["DynamicField"]}
    assert {name: value for name, value in told.items() if value is not None} == given
    assert list(told) == [one["Name"] for one in ticket("ticketget_closed_df_ext")["DynamicField"]]


def test_articles_by_sender_number_and_order(desk: Desk, ask: Asking) -> None:
    key = desk.create(at=ago(hours=3))
    desk.answer(key, at=ago(hours=2))
    desk.note(key, at=ago(hours=1))

    def shown(**flags: object) -> list[tuple[int, str, int]]:
        articles = ask.ticket(key, AllArticles=1, **flags)["Article"]
        return [(one["ArticleNumber"], one["SenderType"], one["IsVisibleForCustomer"]) for one in articles]

    assert shown() == [(1, "customer", 1), (2, "agent", 1), (3, "agent", 0)]
    assert shown(ArticleSenderType="agent") == [(2, "agent", 1), (3, "agent", 0)]
    assert shown(ArticleOrder="DESC", ArticleLimit=1) == [(3, "agent", 0)]


def test_attachments_come_only_when_they_are_asked_for(desk: Desk, ask: Asking) -> None:
    key = desk.create()
    desk.ticket(key).articles[0].is_attached = True
    assert "Attachment" not in ask.ticket(key, AllArticles=1)["Article"][0]
    whole = ask.ticket(key, AllArticles=1, Attachments=1)["Article"][0]["Attachment"][0]
    empty = ask.ticket(key, AllArticles=1, Attachments=1, GetAttachmentContents=0)["Article"][0]["Attachment"][0]
    assert (whole["Content"], empty["Content"]) == ("iVBORyBmYWtlIDUw", "")
    assert (whole["FileID"], whole["FilesizeRaw"]) == ("1", "12")


def test_targets_show_while_they_run_and_are_gone_after_closing(desk: Desk, ask: Asking) -> None:
    key = desk.create(sla="Gold 24x7", at=ago(minutes=30))
    running = ask.ticket(key)
    kinds = ("FirstResponseTimeDestinationTime", "UpdateTimeDestinationTime", "SolutionTimeDestinationTime")
    assert [running[kind] - running["FirstResponseTimeDestinationTime"] for kind in kinds] == [0, 3600, 3 * 3600]
    assert (running["EscalationTime"], running["EscalationDestinationIn"]) == (1800, "0h 30m".removeprefix("0h "))
    desk.close(key)
    closed = ask.ticket(key, Extended=1)
    assert not set(kinds) & set(closed)
    names = ("EscalationTime", "EscalationResponseTime", "EscalationUpdateTime", "EscalationSolutionTime")
    assert [closed[name] for name in names] == [0, 0, 0, 0]
    assert (closed["SolutionInMin"], closed["SolutionDiffInMin"]) == (30, 210)


def test_closed_stays_after_reopening_and_is_the_last_one(desk: Desk, ask: Asking) -> None:
    key = desk.create(sla="Gold 24x7", at=ago(hours=5))
    desk.close(key, at=ago(hours=4))
    desk.reopen(key, at=ago(hours=3))
    again = ask.ticket(key, Extended=1)
    assert (again["State"], again["Closed"], again["SolutionInMin"]) == ("open", "2026-11-22 08:00:00", 60)
    assert again["EscalationSolutionTime"] == 0
    desk.close(key, "closed with workaround", at=ago(hours=2))
    assert ask.ticket(key, Extended=1)["Closed"] == "2026-11-22 10:00:00"


def test_a_ticket_that_the_interface_created_counts_as_answered_at_once(desk: Desk, ask: Asking) -> None:
    shown = ask.ticket(desk.create(way="interface", by="api", at=ago(hours=1)), Extended=1)
    assert shown["FirstResponse"] == shown["Created"]
    assert (shown["Owner"], shown["Responsible"]) == ("api", "api")


def test_a_pending_ticket_tells_its_date_as_a_moment(desk: Desk, ask: Asking) -> None:
    key = desk.create(at=ago(days=2))
    desk.update(key, state="pending reminder", pending_until=ago(hours=1))
    shown = ask.ticket(key)
    assert (shown["StateType"], shown["UntilTime"]) == ("pending reminder", -3600)
    assert shown["RealTillTimeNotUsed"] == desk.moment - 3600
    desk.update(key, state="open")
    assert ask.ticket(key)["RealTillTimeNotUsed"] == 0
