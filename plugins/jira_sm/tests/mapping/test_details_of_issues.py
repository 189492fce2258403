"""What lies in issues and beside them: approvals, clocks, links, comments, releases, people; and what changes have."""

from __future__ import annotations

from board import Board


def test_a_change_has_type_risk_plans_windows_and_outcome(board: Board) -> None:
    plan = {"implementation_plan": "Swap it", "backout_plan": "", "planned_start": "2026-03-05T09:00:00.000+0100"}
    board.issue("1", "15", "4", description="Why", change_type__value="Emergency", change_risk__value="High",
                change_reason__value="Repair", actual_end="2026-03-05T10:00:00.000+0000", **plan)  # fmt: skip
    board.status("51", "Failed", "done")
    board.issue("2", "51", "4", change_type__value="Sonstige")
    board.issue("3", "14", "4", resolution__name="Backed out")
    board.issue("4", "12", "4")
    board.issue("5", "15", "1", change_type__value="Normal")
    board.sync()
    columns = (
        "change_type, source_change_type, risk, change_category, outcome, justification_length, "
        "implementation_plan_length, backout_plan_length, planned_start_at::VARCHAR, actual_end_at::VARCHAR"
    )
    assert board.sql(f"SELECT {columns} FROM change_detail ORDER BY work_item_id") == [
        ("emergency", "Emergency", 2, "Repair", "successful", 3, 7, 0, "2026-03-05 08:00:00+00",
         "2026-03-05 10:00:00+00"),
        ("unknown", "Sonstige", None, None, "failed", *[None] * 5),
        (None, None, None, None, "backed_out", *[None] * 5),
        (None, None, None, None, None, *[None] * 5),
    ]  # fmt: skip


def test_a_problem_has_a_cause_and_since_when(board: Board) -> None:
    board.issue("1", "12", "3", root_cause="A bad cable", workaround="Another cable")
    board.event("1/0", "1", "root_cause", (None, None), (None, "A bad"), "2026-03-02T08:00:00.000Z")
    board.event("2/0", "1", "root_cause", (None, "A bad"), (None, "A bad cable"), "2026-03-09T08:00:00.000Z")
    board.sync()
    columns = "root_cause_length, workaround_length, root_cause_at::VARCHAR"
    assert board.one(columns, "problem_detail") == (11, 13, "2026-03-02 08:00:00+00")


def test_approvals_are_the_decision_that_counts_and_votes_with_how_well_their_time_is_known(board: Board) -> None:
    board.issue("1", "12", "4")
    board.issue("2", "12", "4")
    board.put("issue_approval", "7", issue="1", name="CAB approval", finalDecision="approved",
              createdDate="2026-03-01T08:00:00.000Z", completedDate="2026-03-02T08:00:00.000Z")  # fmt: skip
    board.put(
        "issue_approval", "8", issue="1", name="Etwas", finalDecision="pending", createdDate="2026-03-01T08:00:00Z"
    )
    for person, decision, decided in (
        ("ann", "approved", "2026-03-01T12:00:00.000Z"), ("bob", "declined", None), ("eve", "pending", None),
    ):  # fmt: skip
        board.put("issue_vote", f"7/{person}", issue="1", approval="7", approver__accountId=person,
                  approverDecision=decision, decided=decided, createdDate="2026-03-01T08:00:00.000Z")  # fmt: skip
    board.sync()
    columns = "approval_id, level, stage, decision, decided_by_id, decided_at::VARCHAR, decided_basis"
    assert board.sql(f"SELECT {columns} FROM approval ORDER BY approval_id") == [
        ("jira:approval:7", "rollup", "cab", "approved", None, "2026-03-02 08:00:00+00", "exact"),
        (
            "jira:approval:7/ann/vote",
            "vote",
            "cab",
            "approved",
            "jira:person:ann",
            "2026-03-01 12:00:00+00",
            "inferred",
        ),
        ("jira:approval:7/bob/vote", "vote", "cab", "rejected", "jira:person:bob", "2026-03-02 08:00:00+00", "rollup"),
        ("jira:approval:7/eve/vote", "vote", "cab", "requested", None, None, None),
        ("jira:approval:8", "rollup", None, "requested", None, None, None),
    ]
    needs = "SELECT is_approval_required FROM work_item ORDER BY source_key"
    assert board.sql(needs) == [(True,), (None,)]


def test_each_goal_of_a_metric_is_a_definition_and_a_clock_says_where_it_stands(board: Board) -> None:
    board.put("sla_metric", "customfield_9", name="Time to resolution")
    clock = {"field": "customfield_9", "name": "Zeit bis zur Lösung", "started": "2026-03-01T08:00:00.000Z"}
    for key, issue, goal, ongoing, paused in (
        ("1", "1", "3600", "false", None), ("2", "1", "3600", "true", "true"), ("3", "2", "7200", "true", "false"),
    ):  # fmt: skip
        board.put("issue_sla", f"{issue}/customfield_9/{key}", issue=issue, cycle=key, is_ongoing=ongoing,
                  paused=paused, goal_seconds=goal, elapsed_seconds="60", breached="false", **clock)  # fmt: skip
        board.issue(issue)
    board.put("issue_sla", "2/customfield_8/1", issue="2", cycle="1", is_ongoing="true", paused="false",
              goal_seconds="60", field="customfield_8", name="Eigene")  # fmt: skip
    board.sync()
    columns = "sla_definition_id, name, metric, goal_seconds"
    definitions = board.sql(f"SELECT {columns} FROM sla_definition ORDER BY 1")
    assert definitions == [
        ("jira:sla_definition:customfield_8/60", "Eigene", None, 60),
        ("jira:sla_definition:customfield_9/3600", "Time to resolution", "resolution", 3600),
        ("jira:sla_definition:customfield_9/7200", "Time to resolution", "resolution", 7200),
    ]
    clocks = board.sql(
        "SELECT stage, elapsed_seconds, is_breached, sla_definition_id FROM sla_instance ORDER BY sla_instance_id"
    )
    assert clocks[0] == ("completed", 60, False, "jira:sla_definition:customfield_9/3600")
    assert [clock[0] for clock in clocks] == ["completed", "paused", "in_progress", "in_progress"]
    del board.rows["issue_sla"]["1/customfield_9/1"]
    board.sync()
    assert board.sql(f"SELECT {columns} FROM sla_definition ORDER BY 1") == definitions
    del board.rows["issue_sla"]["1/customfield_9/2"]
    board.sync()
    assert [row[0] for row in board.sql(f"SELECT {columns} FROM sla_definition ORDER BY 1")] == [
        "jira:sla_definition:customfield_8/60", "jira:sla_definition:customfield_9/7200",
    ]  # fmt: skip


def test_links_have_a_meaning_and_a_direction_once_for_both_sides(board: Board) -> None:
    for key, kind in (("1", "1"), ("3", "3"), ("4", "4"), ("5", "1")):
        board.issue(key, "10", kind)
    for link, source, destination, kind in (
        ("11", "3", "1", "Problem/Incident"), ("12", "4", "1", "Causes"), ("13", "3", "5", "Causes"),
        ("14", "5", "1", "Duplicate"), ("15", "1", "4", "Blocks"), ("16", "1", "5", "Hängt an"),
    ):  # fmt: skip
        for issue, other, direction in ((source, destination, "outward"), (destination, source, "inward")):
            board.put("issue_link", f"{issue}/{link}", issue=issue, link=link, direction=direction, other=other,
                      type__id="1", type__name=kind, other__key=f"OPS-{other}")  # fmt: skip
    del board.rows["issue_link"]["3/11"]  # the problem is in a project that is not read
    board.event("9/0", "1", "Link", (None, None), ("OPS-3", "This is caused by OPS-3"), "2026-03-07T08:00:00.000Z")
    board.event("9/1", "3", "Link", (None, None), ("OPS-1", "This causes OPS-1"), "2026-03-07T08:00:00.000Z")
    board.sync()
    found = board.sql(
        "SELECT relation_id, from_id, to_id, relation_type, source_relation_type FROM relation ORDER BY 1"
    )
    assert [tuple(str(value).rpartition(":")[2] for value in row) for row in found] == [
        ("11", "1", "3", "investigated_by", "Problem/Incident"), ("12", "1", "4", "caused_by", "Causes"),
        ("13", "5", "3", "investigated_by", "Causes"), ("14", "5", "1", "duplicate_of", "Duplicate"),
        ("15", "1", "4", "related", "Blocks"), ("16", "1", "5", "related", "Hängt an"),
    ]  # fmt: skip
    made = board.sql("SELECT created_at::VARCHAR, created_by_id FROM relation ORDER BY relation_id")
    assert made == [("2026-03-07 08:00:00+00", "jira:person:ann"), *[(None, None)] * 5]


def test_comments_say_who_when_to_whom_and_how_long(board: Board) -> None:
    board.issue("1")
    for number, (kind, is_public) in enumerate((("customer", "true"), ("atlassian", "false"), ("app", None))):
        board.put("issue_comment", f"{number}", issue="1", created="2026-03-01T09:00:00.000Z", body=" Hello ",
                  author__accountId="ann", author__accountType=kind, jsdPublic=is_public)  # fmt: skip
    board.sync()
    columns = "author_role, visibility, body_length, author_id"
    assert board.sql(f"SELECT {columns} FROM comment ORDER BY comment_id") == [
        ("requester", "public", 5, "jira:person:ann"), (None, "internal", 5, "jira:person:ann"),
        ("system", None, 5, "jira:person:ann"),
    ]  # fmt: skip


def test_parents_versions_services_assets_components_people_and_groups(board: Board) -> None:
    board.issue("1", "10", "5", parent__id="2", major_incident="MAJOR_INCIDENT", satisfaction__rating="4")
    board.issue("2", "10", "4", request_type__requestType__id="77")
    board.event("1/0", "1", "major_incident", (None, None), (None, "MAJOR_INCIDENT"), "2026-03-07T08:00:00.000Z")
    board.put("request_type", "77", name="New laptop")
    board.put("version", "10020", name="v2", released="true", releaseDate="2026-03-20", project__id="7")
    board.put("version", "10021", name="v3", released="false", releaseDate="2026-04-20", project__id="7")
    board.put("issue_version", "2/10020", issue="2", value="10020")
    board.put("issue_service", "1/ari:x", issue="1", value="ari:x")
    board.put("issue_service", "2/ari:x", issue="2", value="ari:x")
    board.put("issue_asset", "1/ws:9", issue="1", value="ws:9")
    board.put("component", "55", name="Mail", lead__accountId="bob")
    board.put("issue_component", "1/55", issue="1", value="55")
    board.put("person", "ann", accountType="customer", active="true")
    board.put("group", "g1", name="CAB")
    board.put("group_member", "g1/ann", group="g1", accountId="ann")
    board.put("project", "7", name="Operations")
    board.sync()
    item = board.sql("SELECT record_type, parent_id, is_major, major_declared_at::VARCHAR, satisfaction_score, service_id, "
                     "configuration_item_id FROM work_item WHERE source_key = '1'")  # fmt: skip
    assert item == [("task", "jira:work_item:2", True, "2026-03-07 08:00:00+00", 4.0, "jira:service:ari:x",
                     "jira:configuration_item:ws:9")]  # fmt: skip
    releases = board.sql(
        "SELECT work_item_id, number, state, support_group_id FROM work_item WHERE record_type = 'release'"
    )
    assert sorted(releases) == [
        ("jira:work_item:10020/version", "v2", "closed", "jira:support_group:7/project"),
        ("jira:work_item:10021/version", "v3", "plan", "jira:support_group:7/project"),
    ]
    relations = board.sql("SELECT from_id, to_id, relation_type FROM relation ORDER BY relation_type")
    assert relations == [
        ("jira:work_item:1", "jira:work_item:2", "child_of"),
        ("jira:work_item:2", "jira:work_item:10020/version", "part_of"),
    ]
    assert board.one("service_id, name", "service") == ("jira:service:ari:x", None)
    assert board.one("configuration_item_type, owner_id", "configuration_item") == ("component", "jira:person:bob")
    assert board.sql("SELECT configuration_item_id FROM work_item_configuration_item ORDER BY 1") == [
        ("jira:configuration_item:55",), ("jira:configuration_item:ws:9",),
    ]  # fmt: skip
    assert board.one("kind, is_active", "person") == ("customer", True)
    assert board.sql("SELECT name, kind FROM support_group ORDER BY name") == [("CAB", "cab"), ("Operations", "team")]
    assert board.one("person_id, support_group_id", "membership") == ("jira:person:ann", "jira:support_group:g1")
    assert board.one("catalogue_item_id, name", "catalogue_item") == ("jira:catalogue_item:77", "New laptop")
