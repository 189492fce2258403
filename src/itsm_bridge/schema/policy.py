"""What an organisation sets itself: calendars, targets, matrices, registers (policy folder, catalogue §2.2)."""

from __future__ import annotations

from dataclasses import replace

from itsm_bridge.schema import lifecycles as lists
from itsm_bridge.schema.model import (
    Table,
    choice,
    flag,
    identifier,
    instant,
    integer,
    label,
    reference,
    seconds,
)  # fmt: skip

_TABLES = (
    Table(
        "supplier",
        "A supplier, its owner and its contract.",
        ("supplier_id",),
        (
            identifier("supplier_id", "Primary key"),
            label("name", "Name"),
            choice("kind", "What kind", "external", "internal", "customer_as_supplier"),
            reference("owner_id", "person", "Who manages the relationship"),
            label("contract_reference", "Contract"),
            instant("contract_start_at", "Start of the contract"),
            instant("contract_end_at", "End of the contract"),
            instant("review_due_at", "Next review"),
            flag("is_active", "In use"),
        ),
    ),
    Table(
        "calendar_bucket",
        "Working time per calendar in buckets of 900 seconds, with the open seconds accumulated before each bucket.",
        ("calendar_id", "bucket"),
        (
            identifier("calendar_id", "Name of the calendar in the policy"),
            integer("bucket", "Seconds since 1970 divided by 900", nullable=False),
            seconds("open_from", "First open second within the bucket, 0 to 900", nullable=False),
            seconds("open_to", "First closed second after it, 0 to 900", nullable=False),
            seconds("open_before", "Open seconds of the calendar before the bucket", nullable=False),
        ),
    ),
    Table(
        "calendar_binding",
        "Which calendar of the policy stands for which schedule of a source.",
        ("source_id", "source_schedule"),
        (
            identifier("source_id", "Source", references="source"),
            label("source_schedule", "Schedule in the tool; empty for clocks without one", nullable=False),
            identifier("calendar_id", "Name of the calendar in the policy"),
        ),
    ),
    Table(
        "sla_pause_rule",
        "States, and pending reasons, in which a clock does not run.",
        ("source_id", "metric", "state", "reason"),
        (
            label("source_id", "Source; empty for all"),
            label("sla_name", "Name of the definition; empty for all"),
            choice("metric", "Metric; empty for all", *lists.SLA_METRICS),
            choice("state", "State; none: no line for all sources holds here", "none", *lists.STATES, nullable=False),
            choice("reason", "Pending reason; empty for all", *lists.STATE_REASONS),
        ),
    ),
    Table(
        "freeze_window",
        "A time in which changes are not to be implemented.",
        ("freeze_window_id",),
        (
            identifier("freeze_window_id", "Primary key"),
            label("name", "Name"),
            instant("from_at", "Start"),
            instant("to_at", "End"),
            reference("service_id", "service", "Service; empty for all"),
            flag("allows_emergency", "Emergency changes are allowed"),
            flag("allows_standard", "Standard changes are allowed"),
        ),
    ),
    Table(
        "priority_matrix",
        "Priority that follows from impact and urgency.",
        ("source_id", "record_type", "impact", "urgency"),
        (
            label("source_id", "Source; empty for all"),
            choice("record_type", "Record type", *lists.RECORD_TYPES, nullable=False),
            integer("impact", "Impact", nullable=False),
            integer("urgency", "Urgency", nullable=False),
            integer("priority", "Priority", nullable=False),
        ),
    ),
    Table(
        "transition_rule",
        "A transition that the documented state model allows.",
        ("record_type", "variant", "from_state", "to_state"),
        (
            choice("record_type", "Record type", *lists.RECORD_TYPES, nullable=False),
            choice("variant", "Change type; empty for all", *lists.CHANGE_TYPES),
            choice("from_state", "From", *lists.STATES, nullable=False),
            choice("to_state", "To", *lists.STATES, nullable=False),
        ),
    ),
    Table(
        "target",
        "A default target where no agreement sets one.",
        ("record_type", "metric", "priority"),
        (
            choice("record_type", "Record type", *lists.RECORD_TYPES, nullable=False),
            choice("metric", "What is limited", "response", "stale", "root_cause", nullable=False),
            integer("priority", "Priority; empty for all"),
            seconds("limit_seconds", "Limit", nullable=False),
        ),
    ),
    Table(
        "policy_list",
        "Named lists of words that checks refer to.",
        ("name", "value"),
        (label("name", "List", nullable=False), label("value", "Word, lower case", nullable=False)),
    ),
    Table(
        "register_item",
        "An entry of a register that lies beside the tools: reviews, tests, complaints, improvements.",
        ("register_item_id",),
        (
            identifier("register_item_id", "Primary key"),
            label("kind", "Which register", nullable=False),
            label("clause", "Clause it serves"),
            label("title", "Title"),
            label("subject_id", "What it is about"),
            label("owner", "Owner"),
            instant("opened_at", "Opened"),
            instant("due_at", "Due"),
            instant("escalated_at", "Escalated"),
            instant("closed_at", "Closed"),
            instant("period_from", "Start of the period covered"),
            instant("period_to", "End of the period covered"),
            integer("cause_length", "Length of the cause", unit="characters"),
            integer("action_length", "Length of the action", unit="characters"),
            instant("effect_verified_at", "Effect verified"),
            label("target_value", "Target"),
            label("actual_value", "Actual"),
            instant("communicated_at", "Communicated"),
            label("evidence_reference", "Where the evidence lies"),
        ),
    ),
    Table(
        "required_activity",
        "Something that must happen at planned intervals.",
        ("activity_id",),
        (
            identifier("activity_id", "Primary key"),
            label("kind", "Register that shows it", nullable=False),
            label("clause", "Clause", nullable=False),
            label("subject_id", "What it is about"),
            integer("interval_days", "Interval", unit="days"),
            flag("is_active", "In force"),
        ),
    ),
    Table(
        "required_document",
        "A document that must exist.",
        ("document_key",),
        (identifier("document_key", "Primary key"), label("title", "Title"), label("clause", "Clause")),
    ),
    Table(
        "document",
        "A document that exists.",
        ("document_id",),
        (
            identifier("document_id", "Primary key"),
            identifier("document_key", "Which requirement it meets", references="required_document"),
            label("title", "Title"),
            label("version", "Version"),
            label("owner", "Owner"),
            label("approved_by", "Approver"),
            instant("approved_at", "Approved"),
            instant("review_due_at", "Next review"),
            choice("status", "Status", "draft", "approved", "retired"),
            label("location", "Where it lies"),
        ),
    ),
    Table(
        "attestation",
        "What a person confirms where no record can.",
        ("attestation_id",),
        (
            identifier("attestation_id", "Primary key"),
            label("clause", "Clause", nullable=False),
            integer("point", "Requirement point"),
            choice("verdict", "Verdict", "fulfilled", "not_fulfilled"),
            label("by", "Who"),
            instant("at", "When"),
            instant("valid_to", "Until when"),
            label("evidence_reference", "Where the evidence lies"),
        ),
    ),
    Table(
        "clause_scope",
        "Which clauses apply, and who owns them.",
        ("clause",),
        (
            identifier("clause", "Clause"),
            flag("is_applicable", "Applies"),
            label("process_owner", "Owner"),
        ),
    ),
)

TABLES = tuple(replace(table, origin="policy") for table in _TABLES)
