"""What runs and assessments leave behind: sources, capabilities, completeness, findings, conclusions."""

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

ORGANISATION = "organisation"
"""Stands for the source of what no tool tells: registers, documents, clauses, suppliers. No source may be called so."""

SEVERITIES = ("major", "minor", "ofi")
CHECK_STATUSES = ("pass", "insufficient", "isolated", "deviation", "systemic", "not_assessed")
FINDING_STATUSES = ("new", "persisting", "reopened", "resolved", "gone", "unverified")
CONCLUSIONS = (
    "conforming", "conforming_so_far", "opportunity_for_improvement", "observation", "minor", "major", "not_assessed",
    "not_applicable",
)  # fmt: skip

KPI_DIMENSIONS = ("all", "source", "service", "team", "priority")
KPI_UNITS = ("count", "share", "seconds", "score")
KPI_TRENDS = ("better", "worse", "higher", "lower", "unchanged", "too_few")

SOURCE = Table(
    "source",
    "One configured connection to a tool.",
    ("source_id",),
    (
        identifier("source_id", "Name in the configuration"),
        label("adapter", "Adapter"),
        label("base_url", "Address"),
        label("timezone", "Time zone in which the tool answers"),
    ),
    origin="run",
)

CAPABILITY = Table(
    "capability",
    "What a source can tell, and why not (catalogue §2.8).",
    ("source_id", "capability", "record_type"),
    (
        identifier("source_id", "Source", references="source"),
        choice("capability", "What is asked of it", *lists.CAPABILITIES, nullable=False),
        label("record_type", "Record type, or * for all", nullable=False),
        choice("level", "How well", "full", "partial", "none", nullable=False),
        label("reason", "Why not fully"),
    ),
    origin="run",
)

STREAM_RUN = Table(
    "stream_run",
    "Completeness record: what one stream of one source brought in one run.",
    ("source_id", "stream", "snapshot"),
    (
        identifier("source_id", "Source", references="source"),
        label("stream", "Stream", nullable=False),
        integer("snapshot", "Snapshot of the run", nullable=False),
        choice("status", "How it ended", "complete", "partial", "denied", "failed", "skipped", nullable=False),
        label("reason", "Why it is not complete"),
        label("remedy", "What to ask for so that it can be"),
        label("missing_fields", "Fields that exist, but do not show to the account, comma-separated"),
        label("unread_fields", "Fields that the mapping names since the last sync, comma-separated"),
        label("lost_columns", "What both would have filled, as record_type:table.column, comma-separated"),
        label("emptied_columns", "What no field fills, as record_type:table.column, comma-separated"),
        instant("started_at", "Start"),
        instant("finished_at", "End"),
        integer("expected", "Rows by the tool's own count"),
        integer("received", "Rows received in this run"),
        integer("held", "Rows held now, deletions aside"),
        integer("hidden", "Rows that exist but are not shown to the account"),
        integer("truncated", "Rows that came incomplete"),
        integer("unmapped", "Values that the mapping does not know"),
        integer("quarantined", "Rows that could not be decoded"),
        integer("retried", "Requests that were repeated"),
        label("feeds", "Canonical tables fed, comma-separated"),
        label("cursor", "Where the next run resumes"),
    ),
    origin="run",
)

SLA_CLAIM = Table(
    "sla_claim",
    "What a tool claimed of a finished service-level clock: every version that snapshots hold, up to the present one.",
    ("sla_instance_id", "snapshot"),
    (
        identifier("sla_instance_id", "Clock", references="sla_instance", capability="sla.claim"),
        identifier("source_id", "Source", references="source"),
        identifier("work_item_id", "Record of the clock", references="work_item"),
        integer("snapshot", "Snapshot that brought the claim", nullable=False),
        instant("seen_at", "When that snapshot was published"),
        flag("is_remapped", "The mapping had changed by then: how it differs from earlier claims may be our doing"),
        integer("later_snapshots", "In how many later snapshots the source was read"),
        choice("stage", "Where the clock stood; of remapped claims also while it ran", *lists.SLA_STAGES),
        instant("stopped_at", "Stop of the clock"),
        seconds("elapsed_seconds", "Elapsed working time, as claimed"),
        flag("is_breached", "Breach, as claimed"),
        instant("captured_at", "Last update of the claim in the tool"),
    ),
    origin="run",
)

SOURCE_READING = Table(
    "source_reading",
    "Each snapshot that brought a source up to date, up to the present one.",
    ("source_id", "snapshot"),
    (
        identifier("source_id", "Source", references="source"),
        integer("snapshot", "Snapshot", nullable=False),
        instant("read_at", "When it was published"),
        flag("is_remapped", "The mapping of records or their history, or the software, had changed by then"),
        integer("later_snapshots", "In how many later snapshots the source was read"),
    ),
    origin="run",
)

EVIDENCE_LOSS = Table(
    "evidence_loss",
    "What the tool showed in an earlier snapshot and does not show any more, or shows otherwise.",
    ("evidence_loss_id",),
    (
        identifier("evidence_loss_id", "Primary key", capability="delete.detect"),
        identifier("source_id", "Source", references="source"),
        identifier("work_item_id", "Record, which may be gone", references="work_item"),
        label("number", "Number of a record that is gone"),
        choice("kind", "What was lost", "record_vanished", "event_vanished", "event_altered", nullable=False),
        instant("lost_at", "When the snapshot was published that did not show it any more"),
        instant("opened_at", "When the record that is gone was opened"),
        instant("closed_at", "When the record that is gone was closed"),
        instant("event_at", "When the event had happened"),
        choice("field", "Which field the event had changed", *lists.TRANSITION_FIELDS),
    ),
    origin="run",
)

EARLIER_RESULT = Table(
    "earlier_result",
    "Where checks stood in the periods before the one that is judged: of assessments that overlap only the last.",
    ("source_id", "check_id", "periods_back"),
    (
        label("source_id", "Source, or organisation for what no tool tells", nullable=False),
        identifier("check_id", "Check"),
        integer("periods_back", "1 is the period directly before this one", nullable=False),
        integer("assessment", "Number of the assessment"),
        instant("period_from", "Start of its period"),
        instant("period_to", "End of its period"),
        choice("status", "Status by rate", *CHECK_STATUSES, nullable=False),
        choice("severity", "How much findings of the check weigh today", *SEVERITIES, nullable=False),
    ),
    origin="run",
)

CHECK_RESULT = Table(
    "check_result",
    "Counts of one check in one scope of one assessment.",
    ("assessment", "check_id", "source_id"),
    (
        integer("assessment", "Number of the assessment", nullable=False),
        identifier("check_id", "Check"),
        label("source_id", "Source, organisation for what no tool tells, or * for all", nullable=False),
        choice("status", "Status by rate (catalogue §4.1)", *CHECK_STATUSES, nullable=False),
        integer("in_scope", "Records in the population and period", nullable=False),
        integer("assessable", "Of these, assessable", nullable=False),
        integer("not_assessable", "Of these, not assessable", nullable=False),
        integer("failing", "Of the assessable, failing and neither suppressed nor waived", nullable=False),
        integer("suppressed", "Failing, but explained by the finding of another check", nullable=False),
        integer("waived", "Failing, but waived", nullable=False),
        real("rate", "Failing divided by assessable; empty when none is", unit="0–1"),
        real("rate_low", "Lower end of the Wilson 90 % interval", unit="0–1"),
        real("rate_high", "Upper end of the Wilson 90 % interval", unit="0–1"),
        label("reasons", "Why records were not assessable: JSON object of reason to count"),
    ),
    origin="assessment",
)

FINDING = Table(
    "finding",
    "One record that fails one check.",
    ("assessment", "finding_id"),
    (
        integer("assessment", "Number of the assessment", nullable=False),
        identifier("finding_id", "Hash of check, source, record and discriminator; the same over time"),
        identifier("check_id", "Check"),
        identifier("source_id", "Source, or organisation for what no tool tells", references="source"),
        reference("work_item_id", "work_item", "Record"),
        label("subject", "What was judged: a record, a clock, an event, a stream", nullable=False),
        label("number", "Number that people use"),
        label("url", "Link into the tool"),
        choice("severity", "Severity", *SEVERITIES, nullable=False),
        choice("status", "Compared with the assessment before", *FINDING_STATUSES),
        label("suppressed_by", "Check whose finding explains this one"),
        flag("is_waived", "Covered by a waiver"),
        label("message", "What is wrong, in a sentence"),
        label("evidence", "Values that prove it: JSON object"),
    ),
    origin="assessment",
)

CONCLUSION = Table(
    "conclusion",
    "What the evidence says about one clause; always to be confirmed by a person.",
    ("assessment", "clause"),
    (
        integer("assessment", "Number of the assessment", nullable=False),
        identifier("clause", "Clause"),
        label("title", "Our label of the clause"),
        choice("conclusion", "Proposed conclusion", *CONCLUSIONS, nullable=False),
        choice("assurance", "How far to trust it", "high", "medium", "low"),
        integer("points", "Requirement points of the clause", nullable=False),
        integer("points_evidenced", "Of these, evidenced", nullable=False),
        label("reasons", "What led to it: JSON list of sentences"),
        label("owner", "Who owns the clause, by the policy"),
        label("requirement", "Its requirement points, with what evidences each and what is missing: JSON list"),
    ),
    origin="assessment",
)

KPI_RESULT = Table(
    "kpi_result",
    "One figure of one scope in one period, beside that of the period before.",
    ("assessment", "kpi_id", "dimension", "source_id", "scope"),
    (
        integer("assessment", "Number of the assessment", nullable=False),
        identifier("kpi_id", "KPI"),
        choice("dimension", "What it is split by", *KPI_DIMENSIONS, nullable=False),
        label("source_id", "Source, or * for all", nullable=False),
        label("scope", "Source, service, team or priority; * for all, empty where records name none", nullable=False),
        label("scope_name", "Name of the service or team"),
        instant("period_from", "Start of the period"),
        instant("period_to", "End of the period"),
        choice("unit", "Unit of the value, a share being between 0 and 1", *KPI_UNITS),
        real("value", "Value; empty where nothing stands behind it"),
        integer("n", "Records behind it", nullable=False),
        real("numerator", "What is divided, where the value is a share, a mean or a quotient"),
        real("denominator", "What it is divided by"),
        real("median", "Median of the records' values, where it has a meaning"),
        real("p90", "Their 90th percentile, by linear interpolation"),
        integer("not_assessable", "Records in the population that were not assessable", nullable=False),
        label("reasons", "Why they were not: JSON object of reason to count"),
        label("reason", "Why there is no value"),
        real("previous_value", "Value of the period before, by today's records"),
        integer("previous_n", "Records behind that"),
        choice("trend", "What became of it; better and worse as the KPI says", *KPI_TRENDS),
    ),
    origin="assessment",
)

TABLES = (
    SOURCE,
    CAPABILITY,
    STREAM_RUN,
    SLA_CLAIM,
    SOURCE_READING,
    EVIDENCE_LOSS,
    EARLIER_RESULT,
    CHECK_RESULT,
    FINDING,
    CONCLUSION,
    KPI_RESULT,
)
