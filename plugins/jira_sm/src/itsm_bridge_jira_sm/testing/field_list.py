"""The fields of the simulated site: id, name, kind, and the types by which discovery finds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

_DESK = "com.atlassian.servicedesk:"
_PLATFORM = "com.atlassian.jira.plugin.system.customfieldtypes:"
_MODULES = "com.atlassian.jira.modules.servicemanagement."


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind` says how values are stored and rendered; `logical` is the name that tests use.

    `type`, `items` and `custom` are those of the vendor's `schema`. `project` is the id of the team-managed project
    that alone has it.
    """

    id: str
    name: str
    logical: str
    kind: str
    type: str = "string"
    items: str = ""
    custom: str = ""
    project: str = ""

    @property
    def is_custom(self) -> bool:
        """Whether it is no field of every Jira."""
        return self.id.startswith("customfield_")


SYSTEM = tuple(Field(known, name, known, kind, *shape) for known, name, kind, *shape in (
    ("summary", "Summary", "text", "string", ""),
    ("description", "Description", "text", "string", ""),
    ("environment", "Environment", "text", "string", ""),
    ("issuetype", "Issue Type", "issuetype", "issuetype", ""),
    ("project", "Project", "project", "project", ""),
    ("status", "Status", "status", "status", ""),
    ("statusCategory", "Status Category", "computed", "statusCategory", ""),
    ("statuscategorychangedate", "Status Category Changed", "datetime", "datetime", ""),
    ("priority", "Priority", "priority", "priority", ""),
    ("resolution", "Resolution", "resolution", "resolution", ""),
    ("resolutiondate", "Resolved", "datetime", "datetime", ""),
    ("created", "Created", "computed", "datetime", ""),
    ("updated", "Updated", "computed", "datetime", ""),
    ("duedate", "Due date", "date", "date", ""),
    ("reporter", "Reporter", "person", "user", ""),
    ("creator", "Creator", "person", "user", ""),
    ("assignee", "Assignee", "person", "user", ""),
    ("labels", "Labels", "labels", "array", "string"),
    ("components", "Components", "components", "array", "component"),
    ("fixVersions", "Fix versions", "versions", "array", "version"),
    ("versions", "Affects versions", "versions", "array", "version"),
    ("issuelinks", "Linked Issues", "computed", "array", "issuelinks"),
    ("parent", "Parent", "parent", "issuelink", ""),
    ("subtasks", "Sub-tasks", "computed", "array", "issuelinks"),
    ("comment", "Comment", "computed", "comments-page", ""),
    ("security", "Security Level", "text", "securitylevel", ""),
))  # fmt: skip

_TYPED: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("request_type", "Request Type", "request_type", "sd-customerrequesttype", "", f"{_DESK}vp-origin"),
    ("approvals", "Approvals", "approvals", "sd-approvals", "",
     "com.atlassian.servicedesk.approvals-plugin:sd-approvals"),
    ("organizations", "Organizations", "organizations", "array", "sd-customerorganization",
     f"{_DESK}sd-customer-organizations"),
    ("participants", "Request participants", "persons", "array", "user", f"{_DESK}sd-request-participants"),
    ("satisfaction", "Satisfaction", "feedback", "sd-feedback", "", f"{_DESK}sd-request-feedback"),
    ("satisfaction_date", "Satisfaction date", "datetime", "datetime", "", f"{_DESK}sd-request-feedback-date"),
    ("request_language", "Request language", "language", "sd-request-lang", "",
     f"{_DESK[:-1]}.servicedesk-lingo-integration-plugin:sd-request-language"),
    ("affected_services", "Affected services", "services", "array", "service-entity-field",
     "com.atlassian.jira.plugins.service-entity:service-entity-field-cftype"),
    ("major_incident", "Major incident", "text", "string", "",
     f"{_MODULES}major-incident-entity:major-incident-entity-field-cftype"),
    ("responders", "Responders", "responders", "array", "responders-field",
     f"{_MODULES}responders-entity:responders-entity-field-cftype"),
    ("assets", "Affected assets", "assets", "array", "cmdb-object-field",
     "com.atlassian.jira.plugins.cmdb:cmdb-object-cftype"),
    ("work_category", "Work category", "text", "string", "",
     "com.atlassian.jira.plugins.work-category-field:work-category-field-cftype"),
)  # fmt: skip

_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("change_type", "Change type", "option"), ("change_risk", "Change risk", "option"),
    ("change_reason", "Change reason", "option"), ("impact", "Impact", "option"), ("urgency", "Urgency", "option"),
    ("planned_start", "Planned start", "datetime"), ("planned_end", "Planned end", "datetime"),
    ("actual_start", "Actual start", "datetime"), ("actual_end", "Actual end", "datetime"),
    ("implementation_plan", "Implementation plan", "text"), ("backout_plan", "Backout plan", "text"),
    ("test_plan", "Test plan", "text"), ("cab", "CAB", "persons"), ("approvers", "Approvers", "persons"),
    ("approver_groups", "Approver groups", "groups"), ("pending_reason", "Pending reason", "option"),
    ("root_cause", "Root cause", "text"), ("workaround", "Workaround", "text"), ("category", "Category", "option"),
)  # fmt: skip
_SHAPES = {
    "option": ("option", "", f"{_PLATFORM}select"), "datetime": ("datetime", "", f"{_PLATFORM}datetime"),
    "date": ("date", "", f"{_PLATFORM}datepicker"), "number": ("number", "", f"{_PLATFORM}float"),
    "text": ("string", "", f"{_PLATFORM}textarea"), "persons": ("array", "user", f"{_PLATFORM}multiuserpicker"),
    "person": ("user", "", f"{_PLATFORM}userpicker"), "groups": ("array", "group", f"{_PLATFORM}multigrouppicker"),
    "options": ("array", "option", f"{_PLATFORM}multiselect"), "raw": ("any", "", "com.example:anything"),
}  # fmt: skip
_ASSETS_DC = "com.riadalabs.jira.plugins.insight:rlabs-customfield-default-object"
_CLOUD_ONLY = frozenset({"work_category", "major_incident", "responders", "affected_services"})
SLA_TYPE = f"{_DESK}sd-sla-field"


def typed(id: str, name: str, logical: str, kind: str, project: str = "") -> Field:  # noqa: A002  the field's own word
    """Return a custom field of one of the plain kinds: option, datetime, date, number, text, person(s), groups."""
    type_, items, custom = _SHAPES[kind]
    return Field(id, name, logical, kind, type_, items, custom, project)


def sla_field(id: str, name: str) -> Field:  # noqa: A002  likewise
    """Return the field of one service-level metric."""
    return Field(id, name, name, "sla", "sd-servicelevelagreement", "", SLA_TYPE)


def default_fields(metrics: Iterable[str], first: int = 10010, *, is_cloud: bool = True) -> list[Field]:
    """Return the fields of a new site: those of every Jira, then custom ones numbered from `first`."""
    custom = [Field("", name, logical, kind, *rest) for logical, name, kind, *rest in _TYPED]
    if not is_cloud:
        kept = (field for field in custom if field.logical not in _CLOUD_ONLY)
        custom = [replace(field, custom=_ASSETS_DC) if field.kind == "assets" else field for field in kept]
    custom += [typed("", name, logical, kind) for logical, name, kind in _PLAIN]
    custom += [sla_field("", name) for name in metrics]
    return [*SYSTEM, *(replace(field, id=f"customfield_{first + n}") for n, field in enumerate(custom))]
