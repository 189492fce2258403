"""What happened to work items: transitions, comments, approvals, relations, clocks (catalogue §2.2)."""

from __future__ import annotations

from itsm_bridge.schema import lifecycles as lists
from itsm_bridge.schema.model import (
    Table,
    choice,
    flag,
    identifier,
    instant,
    integer,
    label,
    real,
    reference,
    seconds,
)  # fmt: skip

TRANSITION = Table(
    "transition",
    "Event log: one change of one field of one record, as the tool recorded it.",
    ("transition_id",),
    (
        identifier("transition_id", "Primary key"),
        identifier("source_id", "Source that holds the record", references="source"),
        identifier("work_item_id", "Record that changed", references="work_item"),
        instant("at", "When the change was committed", nullable=False),
        integer("seq", "Tie-break from the tool's own sequence; order events by at, then seq", nullable=False),
        reference("actor_id", "person", "Who changed it"),
        choice("actor_kind", "What kind of actor", *lists.ACTOR_KINDS),
        choice("field", "Which field", *lists.TRANSITION_FIELDS, nullable=False),
        label("source_field", "Field in the tool's own words"),
        label("old_value", "Canonical value before"),
        label("new_value", "Canonical value after"),
        label("source_old_value", "Value before, in the tool's own words"),
        label("source_new_value", "Value after, in the tool's own words"),
        choice("reason", "Pending reason at that moment", *lists.STATE_REASONS, capability="state.pending_reason"),
        label("batch_id", "One action of one user"),
        choice("origin", "Where the event comes from", "native", "derived", "synthetic", nullable=False),
    ),
)

COMMENT = Table(
    "comment",
    "One message on a record: who, when, visible to whom, how long; never the words.",
    ("comment_id",),
    (
        identifier("comment_id", "Primary key"),
        identifier("source_id", "Source that holds the record", references="source"),
        identifier("work_item_id", "Record that was commented", references="work_item"),
        instant("at", "When it was written", nullable=False),
        reference("author_id", "person", "Who wrote it"),
        choice("author_role", "Role of the author", "agent", "requester", "supplier", "system", "unknown"),
        choice("visibility", "Who can read it", "public", "internal", "unknown", capability="comment.visibility"),
        choice("channel", "How it was sent", "portal", "email", "phone", "chat", "management", "unknown"),
        integer("body_length", "Length without markup and outer space", unit="characters"),
    ),
)

APPROVAL = Table(
    "approval",
    "One vote of one person, or the effective decision (rollup) of a round of votes.",
    ("approval_id",),
    (
        identifier("approval_id", "Primary key"),
        identifier("source_id", "Source that holds the record", references="source"),
        identifier("work_item_id", "Record to be approved", references="work_item"),
        choice("level", "Vote of one person, or rolled-up decision", "vote", "rollup", nullable=False),
        integer("round", "Number of the round of votes"),
        choice("stage", "What is decided, where the tool says so", *lists.APPROVAL_STAGES),
        reference("approver_id", "person", "Person asked"),
        reference("support_group_id", "support_group", "Group asked"),
        reference("decided_by_id", "person", "Person who really decided"),
        choice("decision", "Decision", *lists.APPROVAL_DECISIONS, nullable=False),
        label("source_decision", "Decision in the tool's own words"),
        instant("requested_at", "When it was asked"),
        instant("decided_at", "When it was decided", capability="approval.vote_time"),
        choice("decided_basis", "How well the time of decision is known", "exact", "rollup", "inferred"),
        integer("comment_length", "Length of the approver's comment", unit="characters"),
    ),
)

RELATION = Table(
    "relation",
    "A directed link between two records.",
    ("relation_id",),
    (
        identifier("relation_id", "Primary key"),
        identifier("source_id", "Source that holds the link", references="source"),
        identifier("from_id", "Record from which the link goes", references="work_item"),
        identifier("to_id", "Record to which the link goes", references="work_item"),
        choice(
            "relation_type", "Meaning of the link", *lists.RELATION_TYPES, nullable=False, capability="relation.types"
        ),
        label("source_relation_type", "Meaning in the tool's own words"),
        instant("created_at", "When the link was made", capability="relation.created_at"),
        reference("created_by_id", "person", "Who made the link"),
    ),
)

WORK_ITEM_CONFIGURATION_ITEM = Table(
    "work_item_configuration_item",
    "A configuration item that a record touches.",
    ("link_id",),
    (
        identifier("link_id", "Primary key", capability="ci.link"),
        identifier("source_id", "Source that holds the link", references="source"),
        identifier("work_item_id", "The record", references="work_item", capability="ci.link"),
        identifier("configuration_item_id", "The item", references="configuration_item", capability="ci.link"),
        choice("role", "How the item is touched", "affected", "impacted_service"),
        instant("added_at", "When the link was made"),
    ),
)

OUTAGE = Table(
    "outage",
    "A time in which a service or an item was not available.",
    ("outage_id",),
    (
        identifier("outage_id", "Primary key", capability="outage"),
        identifier("source_id", "Source that holds the record", references="source"),
        reference("work_item_id", "work_item", "Record that explains it", capability="outage"),
        reference("configuration_item_id", "configuration_item", "What was out", capability="outage"),
        instant("started_at", "Start", capability="outage"),
        instant("ended_at", "End; empty while it lasts", capability="outage"),
        choice("outage_type", "What kind", "outage", "degradation", "planned", "unknown", capability="outage"),
    ),
)

SLA_DEFINITION = Table(
    "sla_definition",
    "A service-level target as configured in the tool.",
    ("sla_definition_id",),
    (
        identifier("sla_definition_id", "Primary key", capability="sla.claim"),
        identifier("source_id", "Source that holds the definition", references="source"),
        label("name", "Name"),
        choice("kind", "Agreement with a customer, another team, or a supplier", *lists.SLA_KINDS),
        choice("metric", "What is measured", *lists.SLA_METRICS),
        choice("record_type", "Records it applies to", *lists.RECORD_TYPES),
        reference("service_id", "service", "Service it applies to; empty for all"),
        integer("priority", "Priority it applies to; empty for all"),
        seconds("goal_seconds", "Configured goal"),
        seconds("agreed_goal_seconds", "Goal in the signed agreement"),
        label("source_schedule", "Working-time schedule in the tool", capability="sla.calendar"),
        choice("start_rule", "What starts the clock", "opened", "condition"),
        choice("stop_rule", "What stops a resolution clock; empty: the resolution", "resolved", "closed"),
        flag("is_pausable", "The tool can let its clocks stand still; empty: it can"),
        real("attainment_target", "Share of clocks to be met", unit="0–1"),
        reference("supplier_id", "supplier", "Supplier bound by it"),
        instant("valid_from", "Start of validity"),
        instant("valid_to", "End of validity"),
        flag("is_active", "Applied to new records"),
    ),
)

SLA_INSTANCE = Table(
    "sla_instance",
    "One service-level clock of one record, as the tool claims it.",
    ("sla_instance_id",),
    (
        identifier("sla_instance_id", "Primary key", capability="sla.claim"),
        identifier("source_id", "Source that holds the clock", references="source"),
        identifier("work_item_id", "The record", references="work_item"),
        reference("sla_definition_id", "sla_definition", "Its definition"),
        integer("cycle", "Number of the cycle"),
        instant("started_at", "Start of the clock", capability="sla.claim"),
        instant("original_due_at", "Due time without pauses", capability="sla.original_due"),
        instant("due_at", "Due time as it stands", capability="sla.claim"),
        instant("stopped_at", "Stop of the clock", capability="sla.claim"),
        choice("stage", "Where the clock stands", *lists.SLA_STAGES, capability="sla.claim"),
        label("source_stage", "Stage in the tool's own words", capability="sla.claim"),
        seconds("elapsed_seconds", "Elapsed working time, as claimed", capability="sla.claim"),
        seconds("paused_seconds", "Paused working time, as claimed", capability="sla.pause"),
        flag("is_breached", "Breach, as claimed", capability="sla.claim"),
        instant("captured_at", "Last update of the claim in the tool"),
    ),
)

TABLES = (
    TRANSITION, COMMENT, APPROVAL, RELATION, WORK_ITEM_CONFIGURATION_ITEM, OUTAGE, SLA_DEFINITION, SLA_INSTANCE,
)  # fmt: skip
