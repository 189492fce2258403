"""The closed lists of the schema: record types, canonical states and the like (catalogue §2.3–2.5)."""

from __future__ import annotations

RECORD_TYPES = ("incident", "service_request", "problem", "change", "release", "task", "unknown")

STATES = (
    "new", "draft", "plan", "approval", "assess", "authorize", "scheduled", "assigned", "in_progress", "rca",
    "known_error", "fix", "implement", "build", "test", "deploy", "review", "pending",
    "resolved", "closed", "cancelled", "rejected", "unknown",
)  # fmt: skip
STATE_REASONS = (
    "requester",
    "supplier",
    "change",
    "problem",
    "approval",
    "scheduled",
    "confirmation",
    "evidence",
    "other",
)
CHANNELS = ("portal", "email", "phone", "chat", "monitoring", "walk_in", "import", "other", "unknown")
RESOLUTION_CODES = (
    "fixed", "workaround", "fulfilled", "not_fulfilled", "duplicate", "cancelled", "rejected", "user_error",
    "cause_not_found", "risk_accepted", "not_a_problem", "other", "unknown",
)  # fmt: skip
CHANGE_TYPES = ("normal", "standard", "emergency", "unknown")
OUTCOMES = ("successful", "successful_issues", "failed", "backed_out", "unknown")
ACTOR_KINDS = ("agent", "customer", "system", "integration", "automation", "discovery", "supplier", "unknown")
TRANSITION_FIELDS = (
    "state", "priority", "impact", "urgency", "assignee", "group", "category", "record_type", "service",
    "configuration_item", "risk", "planned_start", "planned_end", "change_type", "implementation_plan", "backout_plan",
    "scope", "resolution_code", "resolved_at", "closed_at", "opened_at", "outcome", "major", "escalation", "approval",
    "state_reason", "resolution_notes", "link", "root_cause", "known_error", "activity", "other",
)  # fmt: skip
APPROVAL_STAGES = ("technical", "manager", "cab", "ecab", "authorize", "request", "release", "retrospective")
APPROVAL_DECISIONS = ("requested", "approved", "rejected", "cancelled", "not_required", "unknown")
SLA_METRICS = ("response", "resolution", "update", "fulfil", "custom")
SLA_KINDS = ("sla", "ola", "uc")
SLA_STAGES = ("in_progress", "paused", "completed", "cancelled", "unknown")
RELATION_TYPES = (
    "caused_by", "investigated_by", "resolved_by", "remediated_by", "child_of", "duplicate_of", "part_of",
    "review_of", "related",
)  # fmt: skip
CAPABILITIES = (
    "history.state", "history.priority", "history.group", "history.fields", "state.resolved_distinct",
    "state.pending_reason", "field.impact", "field.urgency", "comment.visibility", "approval.vote",
    "approval.vote_time", "approval.rollup", "sla.claim", "sla.pause", "sla.original_due", "sla.calendar",
    "relation.types", "relation.created_at", "ci.link", "ci.history", "csat", "change.type", "change.risk",
    "change.actuals", "change.plan", "change.window", "change.outcome", "change.review", "problem.cause", "release",
    "release.detail", "outage", "delete.detect", "membership",
)  # fmt: skip
