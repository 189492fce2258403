"""The words of a new site: the issue types, statuses, priorities and so on of the company-managed ITSM template."""

from __future__ import annotations

from itsm_bridge_jira_sm.testing.records import LinkType, Term

_STATUSES = {
    "new": ("Open", "To Do", "Waiting for support", "Review"),
    "indeterminate": (
        "In Progress", "Work in progress", "Pending", "Escalated", "Waiting for customer", "Waiting for approval",
        "Awaiting approval", "Under investigation", "Under review", "Planning", "Awaiting CAB approval",
        "Awaiting implementation",
        "Implementing", "Peer review / change manager approval", "Reopened",
    ),
    "done": ("Resolved", "Completed", "Closed", "Canceled", "Declined", "Failed", "Done"),
}  # fmt: skip
_TYPES = (
    "[System] Incident", "[System] Service request", "[System] Service request with approvals", "[System] Change",
    "[System] Problem", "[System] Post-incident review", "Task",
)  # fmt: skip
_RESOLUTIONS = ("Done", "Won't Do", "Duplicate", "Cannot Reproduce", "Known Error", "Declined", "Canceled", "Failed")
_LINKS = (
    ("Blocks", "is blocked by", "blocks"), ("Cloners", "is cloned by", "clones"),
    ("Duplicate", "is duplicated by", "duplicates"), ("Relates", "relates to", "relates to"),
    ("Problem/Incident", "is caused by", "causes"), ("Post-Incident Reviews", "is reviewed by", "reviews"),
)  # fmt: skip
METRICS = ("Time to first response", "Time to resolution")


def statuses() -> list[Term]:
    """Return the statuses of a new site."""
    pairs = [(category, name) for category, names in _STATUSES.items() for name in names]
    return [Term(str(10000 + n), name, category) for n, (category, name) in enumerate(pairs)]


def issue_types() -> list[Term]:
    """Return the issue types of a new site."""
    types = [Term(str(10001 + n), name) for n, name in enumerate(_TYPES)]
    return [*types, Term("10050", "Sub-task", is_subtask=True)]


def priorities() -> list[Term]:
    """Return the priorities of a new site, the most urgent first."""
    return [Term(str(n), name) for n, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), 1)]


def resolutions() -> list[Term]:
    """Return the resolutions of a new site."""
    return [Term(str(10000 + n), name) for n, name in enumerate(_RESOLUTIONS)]


def link_types() -> list[LinkType]:
    """Return the kinds of links of a new site."""
    return [LinkType(str(10000 + n), *words) for n, words in enumerate(_LINKS)]
