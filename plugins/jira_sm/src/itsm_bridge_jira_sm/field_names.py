"""Our own names of the custom fields that Jira numbers anew on every site."""

from __future__ import annotations

from collections.abc import Mapping

_DESK = "com.atlassian.servicedesk"
_INSIGHT = "com.riadalabs.jira.plugins.insight:rlabs-customfield"

# by the type of the field (`schema.custom`), which no site changes and no language translates
TYPED: Mapping[str, tuple[str, ...]] = {
    "sla": (f"{_DESK}:sd-sla-field",),
    "request_type": (f"{_DESK}:vp-origin",),
    "approvals": (f"{_DESK}.approvals-plugin:sd-approvals",),
    "organizations": (f"{_DESK}:sd-customer-organizations",),
    "participants": (f"{_DESK}:sd-request-participants",),
    "satisfaction": (f"{_DESK}:sd-request-feedback",),
    "satisfaction_date": (f"{_DESK}:sd-request-feedback-date",),
    "request_language": (f"{_DESK}.servicedesk-lingo-integration-plugin:sd-request-language",),
    "affected_services": ("com.atlassian.jira.plugins.service-entity:service-entity-field-cftype",),
    "major_incident": (
        "com.atlassian.jira.modules.servicemanagement.major-incident-entity:major-incident-entity-field-cftype",
    ),
    "responders": ("com.atlassian.jira.modules.servicemanagement.responders-entity:responders-entity-field-cftype",),
    "assets": (
        "com.atlassian.jira.plugins.cmdb:cmdb-object-cftype",
        f"{_INSIGHT}-default-object", f"{_INSIGHT}-object-reference", f"{_INSIGHT}-object-reference-multi",
    ),
    "work_category": ("com.atlassian.jira.plugins.work-category-field:work-category-field-cftype",),
}  # fmt: skip

# plain fields without a type of their own: by the name that the vendor's templates give them
PLAIN: Mapping[str, str] = {
    "change_type": "Change type",
    "change_risk": "Change risk",
    "change_reason": "Change reason",
    "impact": "Impact",
    "urgency": "Urgency",
    "planned_start": "Planned start",
    "planned_end": "Planned end",
    "actual_start": "Actual start",
    "actual_end": "Actual end",
    "implementation_plan": "Implementation plan",
    "backout_plan": "Backout plan",
    "test_plan": "Test plan",
    "cab": "CAB",
    "approvers": "Approvers",
    "approver_groups": "Approver groups",
    "pending_reason": "Pending reason",
    "root_cause": "Root cause",
    "workaround": "Workaround",
    "category": "Category",
}
