"""The labels of the instance's codes (sys_choice): English, some German, one state that the company added itself."""

from __future__ import annotations

from itsm_bridge_servicenow.testing.records import Row, reference_row

AWAITING_PARTS = "10"
_PRIORITIES = {"1": "1 - Critical", "2": "2 - High", "3": "3 - Moderate", "4": "4 - Low", "5": "5 - Planning"}
_SCALE = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
_APPROVAL = {"not requested": "Not Yet Requested", "requested": "Requested", "approved": "Approved",
             "rejected": "Rejected", "cancelled": "Cancelled", "not_required": "No Longer Required"}  # fmt: skip
_INCIDENT_STATES = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled",
                    AWAITING_PARTS: "Awaiting parts"}  # fmt: skip
_PROBLEM_STATES = {"101": "New", "102": "Assess", "103": "Root Cause Analysis", "104": "Fix in Progress",
                   "106": "Resolved", "107": "Closed"}  # fmt: skip
_TASK_STATES = {"-5": "Pending", "1": "Open", "2": "Work in Progress", "3": "Closed Complete", "4": "Closed Incomplete",
                "7": "Closed Skipped"}  # fmt: skip
_CATEGORIES = {"network": "Network", "hardware": "Hardware", "software": "Software", "database": "Database",
               "email": "E-Mail", "access": "Access \U0001f511", "inquiry": "Inquiry / Help", "other": "Other",
               "security": "Security", "facility": "Facility",
               "legacy": "=cmd|' /C calc'!A0", "old": "<script>alert(1)</script>"}  # fmt: skip

LABELS: dict[tuple[str, str], dict[str, str]] = {
    ("task", "priority"): _PRIORITIES,
    ("task", "impact"): _SCALE,
    ("task", "urgency"): _SCALE,
    ("task", "approval"): _APPROVAL,
    ("task", "state"): _TASK_STATES,
    ("task", "contact_type"): {"self-service": "Self-service", "phone": "Phone", "email": "Email", "chat": "Chat",
                               "walk-in": "Walk-in", "monitoring": "Monitoring"},
    ("incident", "state"): _INCIDENT_STATES,
    ("incident", "incident_state"): _INCIDENT_STATES,
    ("incident", "hold_reason"): {"1": "Awaiting Caller", "3": "Awaiting Problem", "4": "Awaiting Vendor",
                                  "5": "Awaiting Change"},
    ("incident", "category"): _CATEGORIES,
    ("incident", "close_code"): {code: code for code in (
        "Solved (Permanently)", "Solved (Work Around)", "Solved Remotely (Permanently)", "Closed/Resolved by Caller",
        "Not Solved (Not Reproducible)", "Duplicate")},
    ("incident", "major_incident_state"): {"proposed": "Proposed", "accepted": "Accepted", "rejected": "Rejected",
                                           "canceled": "Canceled", "closed": "Closed"},
    ("problem", "state"): _PROBLEM_STATES,
    ("problem", "problem_state"): _PROBLEM_STATES,
    ("problem", "resolution_code"): {"fix_applied": "Fix Applied", "risk_accepted": "Risk Accepted",
                                     "duplicate": "Duplicate", "canceled": "Canceled"},
    ("change_request", "state"): {"-5": "New", "-4": "Assess", "-3": "Authorize", "-2": "Scheduled",
                                  "-1": "Implement", "0": "Review", "3": "Closed", "4": "Canceled"},
    ("change_request", "type"): {"normal": "Normal", "standard": "Standard", "emergency": "Emergency"},
    ("change_request", "risk"): {"1": "Very High", "2": "High", "3": "Moderate", "4": "Low"},
    ("change_request", "close_code"): {"successful": "Successful", "successful_issues": "Successful with issues",
                                       "unsuccessful": "Unsuccessful", "backed_out": "Backed out"},
    ("rm_release", "release_type"): {"major": "Major", "minor": "Minor", "emergency": "Emergency"},
    ("sysapproval_approver", "state"): _APPROVAL,
    ("sc_request", "request_state"): {"in_process": "Approved", "requested": "Pending Approval",
                                      "closed_complete": "Closed Complete", "closed_skipped": "Closed Skipped"},
    ("sc_req_item", "stage"): {"waiting_for_approval": "Waiting for Approval", "fulfillment": "Fulfillment",
                               "complete": "Completed", "request_cancelled": "Request Cancelled"},
    ("task_sla", "stage"): {"in_progress": "In progress", "paused": "Paused", "completed": "Completed",
                            "cancelled": "Cancelled"},
    ("contract_sla", "type"): {"SLA": "SLA", "OLA": "OLA", "Underpinning contract": "Underpinning contract"},
    ("contract_sla", "target"): {"response": "Response", "resolution": "Resolution"},
    ("cmdb_ci", "operational_status"): {"1": "Operational", "2": "Non-Operational", "6": "Retired"},
    ("cmdb_ci", "install_status"): {"1": "Installed", "3": "In Maintenance", "7": "Retired"},
    ("cmdb_ci_outage", "type"): {"outage": "Outage", "degradation": "Degradation", "planned": "Planned Outage"},
}  # fmt: skip
_GERMAN = {
    "1": "Neu",
    "2": "In Bearbeitung",
    "3": "Zurückgestellt",
    "6": "Gelöst",
    "7": "Geschlossen",
    "8": "Abgebrochen",
}


def choices(born: int, labels: dict[tuple[str, str], dict[str, str]] | None = None) -> list[Row]:
    """Return sys_choice rows: the company's own, or those given."""
    rows = [
        _choice(table, element, value, label, "en", number, born)
        for (table, element), values in (LABELS if labels is None else labels).items()
        for number, (value, label) in enumerate(values.items())
    ]
    if labels is None:
        rows += [_choice("incident", "state", *pair, "de", 0, born) for pair in _GERMAN.items()]
    return rows


def _choice(table: str, element: str, value: str, label: str, language: str, number: int, born: int) -> Row:
    return reference_row(
        "sys_choice", f"{table}.{element}.{value}.{language}", born, name=table, element=element, value=value,
        label=label, language=language, sequence=str(number), inactive="false",
    )  # fmt: skip
