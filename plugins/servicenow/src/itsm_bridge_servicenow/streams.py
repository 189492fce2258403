"""The streams of ServiceNow, and the tables whose history, comments and labels belong to them."""

from __future__ import annotations

from itsm_bridge.adapter import Stream

UPDATED, CREATED = "sys_updated_on", "sys_created_on"

TASK_TABLES = (
    "incident", "problem", "change_request", "change_task", "rm_release", "sc_request", "sc_req_item", "sc_task",
)  # fmt: skip
OF_PLUGINS = ("rm_release", "rm_m2m_release_task")
"""Tables that come with plugins which many instances do not have: where one is missing, there is nothing to read."""
ITEM_HISTORY = "sys_audit_cmdb"
"""The stream of the rows of sys_audit that are about configuration items; all others are named like their table."""
RECORD_TYPES = {
    "incident": "incident", "problem": "problem", "change_request": "change", "change_task": "task",
    "rm_release": "release", "sc_request": "task", "sc_req_item": "service_request", "sc_task": "task",
}  # fmt: skip
CHOICE_TABLES = (
    *TASK_TABLES, "task", "task_sla", "contract_sla", "sysapproval_approver", "cmdb_ci", "cmdb_ci_service",
    "service_offering", "cmdb_ci_outage",
)  # fmt: skip


def _records(name: str, title: str, *capabilities: str) -> Stream:
    return Stream(name, "sys_id", UPDATED, title, capabilities=capabilities)


def _log(name: str, title: str, *capabilities: str, needs: tuple[str, ...] = ()) -> Stream:
    return Stream(
        name, "sys_id", CREATED, title, is_append_only=True, has_census=False, capabilities=capabilities, needs=needs
    )


STREAMS: tuple[Stream, ...] = (
    _records("incident", "Incidents"),
    _records("problem", "Problems"),
    _records(
        "change_request", "Changes",
        "change.type", "change.risk", "change.actuals", "change.outcome", "change.review",
    ),
    _records("change_task", "Change tasks"),
    _records("rm_release", "Releases", "release", "release.detail"),
    _records("rm_m2m_release_task", "Records that are part of releases"),
    _records("sc_request", "Requests"),
    _records("sc_req_item", "Requested items"),
    _records("sc_task", "Catalogue tasks"),
    _records("sysapproval_approver", "Approvals", "approval.vote", "approval.vote_time"),
    _records("contract_sla", "SLA definitions", "sla.claim", "sla.calendar"),
    _records("task_sla", "SLA clocks", "sla.claim", "sla.pause", "sla.original_due"),
    _log(
        "sys_audit", "History of fields",
        "history.state", "history.priority", "history.group", "history.fields", "approval.rollup",
        needs=("tablename", "fieldname"),
    ),
    _log(
        ITEM_HISTORY, "History of configuration items (a part of sys_audit)", "ci.history",
        needs=("tablename", "fieldname"),
    ),
    _log("sys_audit_delete", "Deleted records"),
    _log("sys_journal_field", "Comments and work notes", "comment.visibility", needs=("name", "element")),
    _records("metric_instance", "Metrics of fields, where there is no history"),
    _records("sys_user", "People"),
    _records("sys_user_group", "Groups"),
    _records("sys_user_grmember", "Memberships", "membership"),
    _records("cmdb_ci", "Configuration items"),
    _records("cmdb_rel_ci", "Relations of configuration items"),
    _records("task_ci", "Affected items", "ci.link"),
    _records("cmdb_ci_service", "Services"),
    _records("service_offering", "Service offerings"),
    _records("sc_cat_item", "Catalogue items"),
    _records("cmdb_ci_outage", "Outages", "outage"),
    _records("std_change_producer_version", "Templates of standard changes"),
    Stream("sys_choice", "sys_id", UPDATED, "Labels of codes", needs=("name",)),
    Stream("sys_dictionary", "sys_id", UPDATED, "Fields of tables", needs=("name",)),
)  # fmt: skip
BY_NAME = {stream.name: stream for stream in STREAMS}
