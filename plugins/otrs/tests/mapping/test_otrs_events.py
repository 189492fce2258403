"""What lies in tickets: events by the same maps as what tickets hold, messages, clocks, merging, decisions."""

from __future__ import annotations

import pytest
from office import Office

LOCKS, UNTOLD, EVENTS, LOST, MERGED, WORDS, DECISIONS, LINKS = (
    range(start, start + 100) for start in range(100, 900, 100)
)
DUE = 1_795_331_289  # 2026-11-22 07:08:09
EVENT = "field, old_value, new_value"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A tool with the tickets of all tests, each in a hundred of their own, read once."""
    office = Office(tmp_path_factory.mktemp("desk"))
    for make in (_locks, _untold, _events, _lost, _merged, _words, _decisions, _links):
        make(office)
    office.sync()
    return office


def _locks(office: Office) -> None:
    office.ticket(100, "open", Lock="unlock", OwnerID=7)
    office.life(100, "new", "open")
    office.entry(100, "Lock", "%%lock", "2026-03-01 10:00:00")
    office.entry(100, "OwnerUpdate", "%%dsmith%%7", "2026-03-01 10:00:00", OwnerID=7)
    office.entry(100, "StateUpdate", "%%open%%in Bearbeitung%%", "2026-03-01 11:00:00", StateID=12)
    office.entry(100, "Unlock", "%%unlock", "2026-03-01 12:00:00", CreateBy=1)
    office.entry(100, "StateUpdate", "%%in Bearbeitung%%open%%", "2026-03-01 13:00:00", StateID=4)
    office.entry(100, "StateUpdate", "%%open%%closed successful%%", "2026-03-01 14:00:00", StateID=2)
    office.entry(100, "Lock", "%%lock", "2026-03-01 15:00:00")
    office.ticket(101, "in Bearbeitung")


def test_an_open_ticket_changes_its_state_with_its_lock_as_it_does_with_its_state(desk: Office) -> None:
    events = desk.of(
        LOCKS, "old_value, new_value, origin, actor_kind, source_field, field", "transition", "seq, transition_id"
    )
    assert [row[:5] for row in events if row[5] == "state"] == [
        (None, "new", "native", "agent", "NewTicket"), ("new", "assigned", "native", "agent", "StateUpdate"),
        ("assigned", "in_progress", "derived", "agent", "OwnerUpdate"),
        ("in_progress", "in_progress", "native", "agent", "StateUpdate"),
        ("in_progress", "assigned", "derived", "system", "Unlock"),
        ("assigned", "assigned", "native", "agent", "StateUpdate"),
        ("assigned", "closed", "native", "agent", "StateUpdate"),
    ]  # fmt: skip


def test_the_history_of_problems_and_changes_goes_through_states_of_their_own(office: Office) -> None:
    for key, kind in ((1, "Problem"), (2, "RfC"), (3, "Problem"), (4, "Problem")):
        office.ticket(key, "new" if key == 4 else "closed successful", kind, Lock="lock", OwnerID=7)
        office.life(key, "new")
    for key in (1, 2, 4):
        office.entry(key, "Lock", "%%lock", "2026-03-01 09:00:00")
        office.entry(key, "OwnerUpdate", "%%dsmith%%7", "2026-03-01 09:00:00", OwnerID=7)
    for key in (1, 2):
        office.entry(key, "StateUpdate", "%%new%%open%%", "2026-03-01 10:00:00", StateID=4)
        office.entry(key, "Unlock", "%%unlock", "2026-03-01 11:00:00")
        office.entry(key, "StateUpdate", "%%open%%pending auto close+%%", "2026-03-01 12:00:00", StateID=7)
        office.entry(key, "StateUpdate", "%%pending auto close+%%closed successful%%", "2026-03-01 13:00:00", StateID=2)
    office.histories[3][0]["OwnerID"] = 7
    office.ticket(5, "open", "Problem")
    office.histories[5] = []
    office.entry(5, "OwnerUpdate", "%%dsmith%%7", StateID=4, OwnerID=7)  # nothing was told of locks before
    office.entry(5, "OwnerUpdate", "%%root@localhost%%1", "2026-03-01 09:00:00", OwnerID=1)
    office.entry(3, "StateUpdate", "%%new%%open%%", "2026-03-01 10:00:00", StateID=4)
    office.entry(3, "StateUpdate", "%%open%%closed successful%%", "2026-03-01 11:00:00", StateID=2)
    office.sync()
    passed: dict[str, list[tuple[str, str]]] = {}
    steps = "split_part(work_item_id, ':', 3), old_value, new_value"
    for ticket, old, new in office.sql(f"SELECT {steps} FROM transition WHERE field = 'state' ORDER BY \"at\", seq"):
        passed.setdefault(ticket, []).append((old, new))
    assert passed == {
        "1": [(None, "new"), ("new", "assess"), ("assess", "resolved"), ("resolved", "closed")],
        "2": [(None, "draft"), ("draft", "draft"), ("draft", "pending"), ("pending", "closed")],
        "3": [(None, "new"), ("new", "assess"), ("assess", "closed")],
        "4": [(None, "new")],  # whoever locks a problem does not move it
    }  # fmt: skip


def _untold(office: Office) -> None:
    office.ticket(200, "open", Lock="lock", OwnerID=7)
    office.life(200, "new", "open")
    office.histories[200][1]["OwnerID"] = 7
    office.ticket(201, "open", OwnerID=7)
    office.life(201, "open")
    office.histories[201][0]["OwnerID"] = 7


def test_a_ticket_locked_all_its_life_was_worked_on_though_no_row_tells_of_locks(desk: Office) -> None:
    assert desk.of(UNTOLD, EVENT, "transition", "seq") == [
        ("state", None, "new"), ("state", "new", "in_progress"), ("state", None, "assigned"),
    ]  # fmt: skip


def _events(office: Office) -> None:
    office.ticket(300, "Wartet auf Lieferant", "Problem")
    for kind, text, *more in (
        ("PriorityUpdate", "%%1 very low%%1%%5 very high%%5"),
        ("Move", "%%Service Desk::2nd Level%%6%%Service Desk%%5"),
        ("OwnerUpdate", "%%dsmith%%7", {"OwnerID": 7}),
        ("OwnerUpdate", "%%root@localhost%%1", {"OwnerID": 1}),
        ("TypeUpdate", "%%Problem%%3%%Incident%%2"),
        ("ServiceUpdate", "%%VPN%%5%%NULL%%"),
        ("SLAUpdate", "%%Gold%%1%%Silver%%2"),
        ("TitleUpdate", "%%Secret words%%Others"),
        ("SetPendingTime", "%%2026-03-09 09:00"),
        ("CustomerUpdate", "%%CustomerID=ACME;CustomerUser=jane;"),
        ("TicketDynamicFieldUpdate", "%%FieldName%%ITSMImpact%%Value%%4 high%%OldValue%%3 normal"),
        ("TicketDynamicFieldUpdate", "%%FieldName%%ITSMDecisionResult%%Value%%Rejected%%OldValue%%Pending"),
        ("TicketDynamicFieldUpdate", "%%FieldName%%RootCause%%Value%%Secret words%%OldValue%%"),
        ("EscalationSolutionTimeStart", "%%EscalationSolutionTimeStart%%triggered"),
        ("StateUpdate", "%%pending auto close-%%Wartet auf Lieferant%%", {"StateID": 11}),
        ("FollowUp", "%%jane@acme.com", {"ArticleID": 4}),
        ("Misc", "Reset of unlock time."),
        ("Unbekannt", "%%Secret words"),
    ):
        office.entry(300, kind, text, **(more[0] if more else {}))


def test_events_of_every_kind_mean_what_tickets_mean(desk: Office) -> None:
    found = desk.of(EVENTS, EVENT, "transition", "seq")
    title, cause, unknown = found[7], found[12], found[15]
    assert found == [
        ("priority", "5", "1"), ("group", "otrs:support_group:5", "otrs:support_group:6"),
        ("assignee", None, "otrs:person:7"), ("assignee", "otrs:person:7", None), ("record_type", "incident", "problem"),
        ("service", None, "otrs:service:5"), ("other", "2", "1"), title, ("other", None, "2026-03-09T09:00:00Z"),
        ("other", None, "otrs:person:jane/customer"), ("impact", "3", "2"), ("approval", "requested", "rejected"), cause,
        ("escalation", None, "SolutionTimeStart"), ("state", "pending", "pending"), unknown,
    ]  # fmt: skip
    for event in (title, cause, unknown):
        assert event[0] == "other"
        assert event[2].startswith("text:")
    reasons = [row for row in desk.of(EVENTS, "field, reason", "transition", "seq") if row[1]]
    assert reasons == [("state", "requester")]
    kept = {value for row in desk.of(EVENTS, "*", "transition", "seq") for value in row}
    assert not [value for value in kept if isinstance(value, str) and "Secret" in value]


def _lost(office: Office) -> None:
    office.ticket(400, "open")
    office.life(400, "closed successful", "pending auto close+", "closed with workaround", "open")
    office.entry(400, "StateUpdate", "%%open%%verschollen%%", "2026-03-02 10:00:00", StateID=77)


def test_a_state_that_no_ticket_has_any_more_is_known_by_the_name_that_the_tool_ships(desk: Office) -> None:
    states = [row[2] for row in desk.of(LOST, EVENT, "transition", "seq")]
    assert states == ["closed", "resolved", "closed", "assigned", "unknown"]
    # That one, and a decision that nobody knows.
    assert desk.sql("SELECT unmapped FROM stream_run WHERE stream = 'ticket_history'") == [(2,)]


def _merged(office: Office) -> None:
    for key in (500, 501):
        office.ticket(key, "merged" if key == 501 else "open")
        office.entry(key, "Merged", "%%20260501%%501%%20260500%%500", "2026-03-02 10:00:00")


def test_a_merged_ticket_is_a_duplicate_of_the_one_it_went_into(desk: Office) -> None:
    columns = "from_id, to_id, relation_type, source_relation_type, strftime(created_at, '%H'), created_by_id"
    assert desk.sql(f"SELECT {columns} FROM relation WHERE source_relation_type = 'merged'") == [
        ("otrs:work_item:501", "otrs:work_item:500", "duplicate_of", "merged", "10", "otrs:person:5"),
    ]  # fmt: skip


def _links(office: Office) -> None:
    for key, kind in enumerate(("Problem", "Incident", "Problem", "RfC"), 800):
        office.ticket(key, "open", kind)
    for first, second in ((800, 801), (801, 802), (801, 803), (800, 803)):
        for one, other in ((first, second), (second, first)):
            office.entry(one, "TicketLinkAdd", f"%%2026{other}%%{other}%%{one}", "2026-03-02 10:00:00")
    for one, other in ((801, 802), (802, 801)):
        office.entry(one, "TicketLinkDelete", f"%%2026{other}%%{other}%%{one}", "2026-03-02 11:00:00")
        office.entry(one, "TicketLinkAdd", f"%%2026{other}%%{other}%%{one}", "2026-03-02 12:00:00")
    for one, other in ((800, 803), (803, 800)):
        office.entry(one, "TicketLinkDelete", f"%%2026{other}%%{other}%%{one}", "2026-03-02 11:00:00")


def test_a_link_is_told_once_while_it_lasts_and_that_of_an_incident_and_a_problem_is_its_investigation(
    desk: Office,
) -> None:
    columns = "from_id, to_id, relation_type"
    assert desk.sql(f"SELECT {columns} FROM relation WHERE source_relation_type = 'linked' ORDER BY 1, 2") == [
        ("otrs:work_item:801", "otrs:work_item:800", "investigated_by"),
        ("otrs:work_item:801", "otrs:work_item:802", "investigated_by"),
        ("otrs:work_item:801", "otrs:work_item:803", "related"),
    ]  # fmt: skip


def _words(office: Office) -> None:
    office.ticket(600, "closed successful", CustomerUserID="jane", FirstResponse="2026-03-01 08:30:00")
    office.article(600, 1, "customer", CreateBy=1, CommunicationChannelID=2, Body="Hello, <b>help</b>")
    office.article(600, 2, "agent", IsVisibleForCustomer=0, CommunicationChannelID=3)
    office.article(600, 3, "agent", CreateBy=7)
    office.article(600, 4, "system", CreateBy=1)


def test_articles_are_messages_with_their_author_and_their_readers(desk: Office) -> None:
    assert desk.of(WORDS, "author_id, author_role, visibility, channel, body_length", "comment", "comment_id") == [
        ("otrs:person:jane/customer", "requester", "public", "phone", 11),
        ("otrs:person:5", "agent", "internal", None, 6), ("otrs:person:7", "agent", "public", "email", 6),
        ("otrs:person:1", "system", "public", "email", 6),
    ]  # fmt: skip
    columns = "channel, description_length, resolution_length, strftime(first_response_at, '%H:%M')"
    assert desk.of(WORDS, columns) == [("phone", 11, 6, "08:30")]


def _decisions(office: Office) -> None:
    for key, (result, at) in enumerate(
        (
            ("Approved", None),
            ("Rejected", "2026-03-04 12:00:00"),
            ("Pending", None),
            ("Vielleicht", None),
            (None, None),
        ),
        700,
    ):
        office.ticket(key, "open", "RfC", dynamic={"ITSMDecisionResult": result, "ITSMDecisionDate": at})
        if result:
            text = f"%%FieldName%%ITSMDecisionResult%%Value%%{result}%%OldValue%%"
            office.entry(key, "TicketDynamicFieldUpdate", text, "2026-03-03 10:00:00", CreateBy=7)


def test_messages_go_with_a_ticket_that_is_removed_and_come_back_with_it(office: Office) -> None:
    for key in (1, 2):
        office.ticket(key)
        office.article(key, key + 5, "agent")
    kept = []
    for state in ("open", "removed", "open"):
        office.tickets[1] |= {"State": state, "StateType": state, "Changed": f"2026-03-0{len(kept) + 3} 08:00:00"}
        office.sync()
        kept.append([row[0] for row in office.sql("SELECT comment_id FROM comment ORDER BY 1")])
    both = ["otrs:comment:1/6", "otrs:comment:2/7"]
    assert kept == [both, both[1:], both]


def test_a_decision_of_the_itsm_package_is_an_approval_and_without_the_field_there_is_none(desk: Office) -> None:
    columns = "level, decision, source_decision, strftime(decided_at, '%d %H'), decided_by_id, decided_basis"
    by = "otrs:person:7"
    assert desk.of(DECISIONS, columns, "approval") == [
        ("rollup", "approved", "Approved", "03 10", by, "exact"), ("rollup", "rejected", "Rejected", "04 12", by, "exact"),
        ("rollup", "requested", "Pending", None, None, None), ("rollup", "unknown", "Vielleicht", "03 10", by, "exact"),
    ]  # fmt: skip
    assert desk.of(DECISIONS, "is_approval_required") == [(True,)] * 4 + [(None,)]


def test_clocks_go_by_the_sla_or_else_the_queue_and_keep_the_due_time_that_the_tool_forgets(office: Office) -> None:
    office.ticket(1, SLAID=1, SLA="Gold", EscalationSolutionTime=DUE, Changed="2026-03-01 09:00:00")
    office.ticket(2, EscalationResponseTime=DUE, FirstResponseTimeEscalation=1)
    office.sync()
    columns = "sla_instance_id, sla_definition_id, strftime(due_at, '%d %H:%M'), stage, is_breached, elapsed_seconds"
    running = (
        "otrs:sla_instance:1/solution",
        "otrs:sla_definition:sla/1/solution",
        "22 07:08",
        "in_progress",
        False,
        None,
    )
    assert office.sql(f"SELECT {columns} FROM sla_instance ORDER BY 1") == [
        running,
        ("otrs:sla_instance:2/response", "otrs:sla_definition:queue/5/response", "22 07:08", "in_progress", True, None),
    ]  # fmt: skip
    defined = "name, metric, goal_seconds, source_schedule, is_pausable, stop_rule"
    assert office.sql(f"SELECT {defined} FROM sla_definition ORDER BY 1") == [
        ("Gold", "resolution", None, "Gold", False, "closed"),
        ("Service Desk", "response", None, "Service Desk", False, None),
    ]  # fmt: skip
    office.ticket(1, "closed successful", SLAID=1, SLA="Gold", Closed="2026-03-02 08:00:00", SolutionInMin=200,
                  SolutionDiffInMin=39, Changed="2026-03-02 08:00:00")  # fmt: skip
    office.sync()
    first = office.sql(f"SELECT {columns} FROM sla_instance ORDER BY 1")[0]
    assert first == (*running[:3], "completed", False, 12_000)
    assert office.sql("SELECT goal_seconds FROM sla_definition ORDER BY name")[0] == (14_400,)
