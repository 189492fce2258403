"""The streams of Jira: issues with what lies in them, and the small tables that issues point to."""

from __future__ import annotations

from itsm_bridge.adapter import Stream

ISSUE, HISTORY = "issue", "issue_history"
KEY, CURSOR, PARENT = "id", "updated", "issue"


def _detail(name: str, title: str, *capabilities: str, is_append_only: bool = False) -> Stream:
    return Stream(
        name, KEY, "", title, is_append_only=is_append_only, capabilities=capabilities, detail_of=ISSUE, parent=PARENT
    )


def _table(name: str, title: str, *capabilities: str) -> Stream:
    return Stream(name, KEY, "", title, capabilities=capabilities)


DETAILS = (
    _detail(
        HISTORY,
        "History of issues",
        "history.state",
        "history.priority",
        "history.group",
        "history.fields",
        is_append_only=True,
    ),
    _detail("issue_sla", "SLA cycles", "sla.claim"),
    _detail("issue_approval", "Approvals", "approval.rollup"),
    _detail("issue_vote", "Answers of approvers", "approval.vote", "approval.vote_time"),
    _detail("issue_comment", "Comments", "comment.visibility"),
    _detail("issue_link", "Links between issues", "relation.types"),
    _detail("issue_component", "Components of issues"),
    _detail("issue_version", "Versions of issues"),
    _detail("issue_organization", "Organisations of issues"),
    _detail("issue_service", "Affected services"),
    _detail("issue_asset", "Affected assets"),
)
TABLES = (
    _table("project", "Projects"),
    _table("issue_type", "Issue types"),
    _table("status", "Statuses"),
    _table("priority", "Priorities"),
    _table("resolution", "Resolutions"),
    _table("field", "Fields"),
    _table("sla_metric", "SLA metrics"),
    _table("component", "Components"),
    _table("version", "Versions", "release"),
    _table("service_desk", "Service desks"),
    _table("request_type", "Request types"),
    _table("organization", "Organisations"),
    _table("person", "People"),
    _table("group", "Groups"),
    _table("group_member", "Members of groups", "membership"),
    _table("asset", "Objects of Assets"),
    _table("asset_relation", "References between objects of Assets"),
)
STREAMS = (Stream(ISSUE, KEY, CURSOR, "Issues", needs=("created",), group="project.id"), *DETAILS, *TABLES)
