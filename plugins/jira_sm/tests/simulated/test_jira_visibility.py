"""What the account may not see, what search does not know yet, and what has other names."""

from __future__ import annotations

from datetime import timedelta

from asking_jira import NOW, Asking

from itsm_bridge_jira_sm.testing import SimulatedJira


def test_a_change_reaches_search_late(jira: SimulatedJira, ask: Asking) -> None:
    old = jira.insert(at=NOW - timedelta(days=1), status="Open")
    jira.site.index_delay = timedelta(hours=2)
    new = jira.insert()
    jira.update(old, status="Pending")
    assert ask.ids("project = IT") == [old]
    assert ask.ids("status = Pending") == []
    assert ask.ids("updated >= -1h") == []
    assert ask.get(f"issue/{new}")["key"] == "IT-2"
    asked = {"jql": "project = IT", "reconcileIssues": [int(new)]}
    assert [issue["id"] for issue in ask.post("search/jql", **asked)["issues"]] == [new, old]
    jira.pass_time(hours=2)
    assert ask.ids("status = Pending") == [old]
    assert ask.ids("project = IT") == [new, old]


def test_a_search_that_is_late_forgets_what_was_deleted(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert()
    jira.site.index_delay = timedelta(hours=2)
    jira.update(key, summary="changed")
    jira.delete(key)
    assert ask.ids("project = IT") == []
    jira.site.catch_up()
    assert ask.ids("project = IT") == []


def test_issue_security_hides_everywhere(jira: SimulatedJira, ask: Asking) -> None:
    secret, public = jira.insert(labels=["hr"]), jira.insert()
    jira.hide(lambda issue: "hr" in (issue.values.get("labels") or ()))
    later = jira.insert(labels=["hr"])
    assert ask.ids("project = IT") == [public]
    assert [str(issue.id) for issue in jira.visible()] == [public]
    for key in (secret, later):
        assert ask.refused(f"issue/{key}") == (404, "Issue does not exist or you do not have permission to see it.")
    assert ask.refused("search/jql", {"jql": f"id in ({secret})"})[0] == 400
    jira.routes.search.knows_issues = False
    assert ask.ids(f"id in ({secret}, 4711)") == []
    jira.site.show()
    assert len(ask.ids("project = IT")) == 3


def test_a_lost_project_is_as_if_it_had_never_been(jira: SimulatedJira, ask: Asking) -> None:
    jira.add_project("OPS")
    jira.insert()
    kept = jira.insert("OPS")
    jira.lose_project("IT")
    assert [project["key"] for project in ask.get("project/search")["values"]] == ["OPS"]
    assert ask.refused("search/jql", {"jql": "project = IT"})[0] == 400
    assert ask.ids("created > -1d") == [kept]
    assert ask.request("project/IT").status_code == 404
    jira.regain_project("IT")
    assert len(ask.ids("created > -1d")) == 2


def test_the_roster_tells_archived_and_trashed_projects_apart(jira: SimulatedJira, ask: Asking) -> None:
    for key in ("OLD", "BIN"):
        jira.add_project(key)
        jira.insert(key)
    jira.archive_project("OLD")
    jira.trash_project("BIN")

    def keys(status: str) -> list[str]:
        return [project["key"] for project in ask.get("project/search", status=status)["values"]]

    assert [keys("live"), keys("archived"), keys("deleted")] == [["IT"], ["OLD"], ["BIN"]]
    assert ask.ids("created > -1d") == []


def test_names_may_be_double_or_translated_and_ids_stay(jira: SimulatedJira, ask: Asking) -> None:
    first = jira.field_id("change_type")
    second = jira.add_field("Change type", "option")
    assert [field["id"] for field in ask.get("field") if field["name"] == "Change type"] == [first, second]
    jira.rename_field(first, "Art der Änderung")
    jira.rename_term("status", "Open", "Offen")
    key = jira.insert(status="Offen")
    status = ask.get(f"issue/{key}")["fields"]["status"]
    assert (status["id"], status["name"], status["statusCategory"]["key"]) == ("10000", "Offen", "new")


def test_a_team_managed_project_has_fields_and_words_of_its_own(jira: SimulatedJira, ask: Asking) -> None:
    jira.add_project("TEAM", is_simplified=True)
    field = jira.add_field("Impact", "option", logical="impact", project="TEAM")
    jira.add_term("status", "Doing", "indeterminate", project="TEAM")
    ours, theirs = jira.insert(impact="High"), jira.insert("TEAM", impact="Low", status="Doing")
    shared = jira.site.fields[jira.field_id("impact")].id
    assert ask.get(f"issue/{ours}")["fields"][shared]["value"] == "High"
    assert field not in ask.get(f"issue/{ours}")["fields"]
    assert ask.get(f"issue/{theirs}")["fields"][field]["value"] == "Low"
    scoped = next(one for one in ask.get("field") if one["id"] == field)
    assert scoped["scope"]["project"]["id"] == jira.site.project("TEAM").id
    jira.lose_project("TEAM")
    assert field not in [one["id"] for one in ask.get("field")]


def test_a_hidden_field_is_missing_from_issues_and_from_the_list(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert(description="words")
    jira.hide_field("description")
    assert "description" not in ask.get(f"issue/{key}")["fields"]
    assert "description" not in [field["id"] for field in ask.get("field")]
    assert ask.refused("search/jql", {"jql": "description ~ words"})[0] == 400


def test_parts_know_their_parent_and_the_other_way_round(jira: SimulatedJira, ask: Asking) -> None:
    whole = jira.insert()
    part = jira.insert(issue_type="Sub-task", parent=whole)
    assert ask.get(f"issue/{part}")["fields"]["parent"]["id"] == whole
    assert [one["id"] for one in ask.get(f"issue/{whole}")["fields"]["subtasks"]] == [part]
    jira.delete(part)
    assert ask.get(f"issue/{whole}")["fields"]["subtasks"] == []


def test_things_of_a_project_and_people(jira: SimulatedJira, ask: Asking) -> None:
    version = jira.add_version("IT", "Shop 1.0", release="2026-10-01", is_released=True)
    jira.add_component("IT", "Shop", lead="admin")
    key = jira.insert(fixVersions=["Shop 1.0"], components=["Shop"])
    shown = ask.get(f"issue/{key}")["fields"]
    assert [one["id"] for one in shown["fixVersions"]] == [version]
    assert ask.get("project/IT/versions")[0]["releaseDate"] == "2026-10-01"
    assert ask.get("project/IT/components")[0]["lead"]["accountId"] == jira.person("admin")
    group = next(one for one in ask.get("group/bulk")["values"] if one["name"] == "jira-administrators")
    members = ask.get("group/member", groupId=group["groupId"])["values"]
    assert [one["accountId"] for one in members] == [jira.person("admin")]
    assert len(ask.get("users/search", maxResults=1)) == 1
    jira.routes.reference.may_list_people = False
    assert ask.refused("users/search")[0] == 403


def test_version_three_of_the_api_speaks_in_documents(jira: SimulatedJira, ask: Asking) -> None:
    key = jira.insert(description="one\ntwo")
    jira.comment(key, "three")
    shown = ask.request(f"issue/{key}", version="3").json()["fields"]
    assert [part["content"][0]["text"] for part in shown["description"]["content"]] == ["one", "two"]
    assert shown["comment"]["comments"][0]["body"]["type"] == "doc"
    assert ask.get(f"issue/{key}")["fields"]["description"] == "one\ntwo"
