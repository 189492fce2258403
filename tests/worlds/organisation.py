"""A small organisation in canonical tables: sound records with their history, from which single flaws are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from itsm_bridge.checking.case_rows import DEFAULTS, NOW, PERIOD_FROM, create_tables, fill
from itsm_bridge.schema import TABLES

__all__ = ["NOW", "OPENED", "PERIOD_FROM", "Record", "World", "after"]

OPENED = datetime(2026, 3, 10, 9)
"""When records begin, unless they say otherwise: a Tuesday, far enough from both ends of March 2026."""

Step = tuple[str, timedelta]

INCIDENT: Sequence[Step] = (
    ("new", timedelta()), ("assigned", timedelta(minutes=5)), ("in_progress", timedelta(minutes=10)),
    ("resolved", timedelta(hours=2)), ("closed", timedelta(hours=26)),
)  # fmt: skip
REQUEST: Sequence[Step] = (
    ("new", timedelta()), ("approval", timedelta(minutes=5)), ("in_progress", timedelta(hours=1)),
    ("resolved", timedelta(hours=4)), ("closed", timedelta(hours=28)),
)  # fmt: skip
PROBLEM: Sequence[Step] = (
    ("new", timedelta()), ("assess", timedelta(hours=1)), ("rca", timedelta(hours=4)), ("fix", timedelta(days=2)),
    ("resolved", timedelta(days=4)), ("closed", timedelta(days=5)),
)  # fmt: skip
CHANGE: Sequence[Step] = (
    ("draft", timedelta()), ("assess", timedelta(hours=1)), ("authorize", timedelta(hours=3)),
    ("scheduled", timedelta(hours=6)), ("implement", timedelta(days=1)), ("review", timedelta(days=1, hours=2)),
    ("closed", timedelta(days=2)),
)  # fmt: skip
RELEASE: Sequence[Step] = (
    ("plan", timedelta()), ("build", timedelta(hours=1)), ("test", timedelta(hours=5)),
    ("authorize", timedelta(hours=8)), ("deploy", timedelta(days=1)), ("review", timedelta(days=1, hours=2)),
    ("closed", timedelta(days=3)),
)  # fmt: skip


def after(moment: datetime, **span: float) -> datetime:
    """Return a moment later than another: `after(OPENED, hours=2)`."""
    return moment + timedelta(**span)


@dataclass(slots=True)
class Record:
    """A record of the world; `row` and `detail` may still be changed, `at` says when it entered a state."""

    id: str
    number: str
    row: dict[str, Any]
    detail: dict[str, Any] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)
    clocks: dict[str, dict[str, Any]] = field(default_factory=dict)


class World:
    """Rows of every table of the schema, beginning with a desk, a board, a service and an item in source `prod`."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self._counts: dict[str, int] = {}
        self.source("prod")
        self._lists()

    def source(self, name: str) -> str:
        """Begin a source with people, groups, a service, a configuration item and service-level definitions."""
        self.rows["source"].append({"source_id": name})
        self.add("stream_run", source_id=name, stream="records", snapshot=1, status="complete",
                 finished_at=NOW - timedelta(hours=2), started_at=NOW - timedelta(hours=2), expected=100, received=100,
                 held=100, hidden=0, truncated=0, unmapped=0, quarantined=0, feeds=",".join(name for name, table in TABLES.items() if table.origin == "tool"))  # fmt: skip
        for person, kind in (
            ("agent", "agent"), ("engineer", "agent"), ("manager", "agent"), ("approver", "agent"),
            ("owner", "agent"), ("requester", "customer"),
        ):  # fmt: skip
            self.rows["person"].append(
                {"person_id": f"{name}:person:{person}", "source_id": name, "source_key": person, "login": person,
                 "kind": kind, "is_active": True, "is_shared": False}
            )  # fmt: skip
        for group, kind, tier in (("desk", "team", 1), ("experts", "team", 2), ("board", "cab", None)):
            self.rows["support_group"].append(
                {"support_group_id": f"{name}:support_group:{group}", "source_id": name, "source_key": group,
                 "name": group, "kind": kind, "tier": tier, "is_active": True}
            )  # fmt: skip
        for person, group in (("agent", "desk"), ("engineer", "experts"), ("approver", "board")):
            self.add("membership", source_id=name, person_id=f"{name}:person:{person}",
                     support_group_id=f"{name}:support_group:{group}")  # fmt: skip
        self.service("mail", source=name)
        self.item("mail-server", source=name)
        self.item("mail-database", source=name)
        for record_type, metric, goal in (
            ("incident", "response", 3600), ("incident", "resolution", 28800), ("service_request", "resolution", 86400),
        ):  # fmt: skip
            self.rows["sla_definition"].append(
                {"sla_definition_id": f"{name}:sla_definition:{record_type}-{metric}", "source_id": name,
                 "name": f"{record_type} {metric}", "kind": "sla", "metric": metric, "record_type": record_type,
                 "goal_seconds": goal, "agreed_goal_seconds": goal, "attainment_target": 0.9, "is_active": True,
                 "start_rule": "opened", "valid_from": datetime(2025, 1, 1)}
            )  # fmt: skip
        return name

    def service(self, key: str, source: str = "prod", **more: Any) -> str:
        """Add a service that is described, owned and in the catalogue; returns its id."""
        row = {
            "service_id": f"{source}:service:{key}", "source_id": source, "source_key": key, "name": key,
            "status": "operational", "criticality": 3, "owner_id": f"{source}:person:owner", "is_in_scope": True,
            "is_in_catalogue": True, "description_length": 80, "has_documented_dependencies": True,
            "is_continuity_required": False, **more,
        }  # fmt: skip
        self.rows["service"].append(row)
        return str(row["service_id"])

    def item(self, key: str, source: str = "prod", **more: Any) -> str:
        """Add a configuration item that is described, owned, verified and needed by the mail server; returns its id."""
        row = {
            "configuration_item_id": f"{source}:configuration_item:{key}", "source_id": source, "source_key": key,
            "name": key, "configuration_item_type": "server", "description_length": 40, "status": "in_use",
            "status_since": datetime(2025, 6, 1), "environment": "production", "criticality": 3,
            "owner_id": f"{source}:person:owner", "is_in_scope": True, "last_verified_at": datetime(2026, 3, 1),
            "updated_at": datetime(2026, 3, 1), **more,
        }  # fmt: skip
        self.rows["configuration_item"].append(row)
        if key != "mail-server":
            self.add("configuration_item_relation", source_id=source, from_id=f"{source}:configuration_item:mail-server",
                     to_id=row["configuration_item_id"], relation_type="runs on")  # fmt: skip
        return str(row["configuration_item_id"])

    def person(self, key: str, source: str = "prod") -> str:
        """Return the id of a person, who is added if new."""
        person_id = f"{source}:person:{key}"
        if not any(row["person_id"] == person_id for row in self.rows["person"]):
            self.rows["person"].append(
                {"person_id": person_id, "source_id": source, "source_key": key, "login": key, "kind": "agent",
                 "is_active": True, "is_shared": False}
            )  # fmt: skip
        return person_id

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """Add a row to a table; a missing key is made, what is left out gets the defaults of cases."""
        known = TABLES[table]
        full = {**DEFAULTS.get(table, {}), **row}
        if known.origin != "policy" and "source_id" in known.names:
            full.setdefault("source_id", "prod")
        key = known.key[0] if len(known.key) == 1 else ""
        if key and key != "source_id":
            full.setdefault(key, f"{full.get('source_id') or 'policy'}:{table}:{self._next(table)}")
        unknown = full.keys() - set(known.names)
        assert not unknown, f"{table} has no {unknown}"
        self.rows[table].append(full)
        return full

    def incident(self, source: str = "prod", opened: datetime = OPENED, steps: Sequence[Step] = INCIDENT,
                 **more: Any) -> Record:  # fmt: skip
        """Add an incident that was answered, resolved in time, confirmed and closed."""
        record = self._record("incident", "INC", source, opened, steps, {
            "resolution_code": "fixed", "requester_id": f"{source}:person:requester",
            "opened_by_id": f"{source}:person:requester", **more,
        })  # fmt: skip
        self._answer(record, source, opened + timedelta(minutes=15))
        self._confirm(record, source)
        self._clocks(record, source, opened)
        return record

    def request(self, source: str = "prod", opened: datetime = OPENED, steps: Sequence[Step] = REQUEST,
                **more: Any) -> Record:  # fmt: skip
        """Add a service request that was approved by somebody else, fulfilled and closed."""
        catalogue_item = f"{source}:catalogue_item:laptop"
        if not any(row["catalogue_item_id"] == catalogue_item for row in self.rows["catalogue_item"]):
            self.rows["catalogue_item"].append(
                {"catalogue_item_id": catalogue_item, "source_id": source, "source_key": "laptop", "name": "laptop",
                 "service_id": f"{source}:service:mail", "is_active": True, "is_approval_required": True,
                 "instruction_reference": "KB100", "is_standard_change": False}
            )  # fmt: skip
        record = self._record("service_request", "REQ", source, opened, steps, {
            "resolution_code": "fulfilled", "catalogue_item_id": catalogue_item, "is_approval_required": True,
            "requester_id": f"{source}:person:requester", "opened_by_id": f"{source}:person:requester", **more,
        })  # fmt: skip
        if "approval" in record.at:
            self.approve(record, source, "request", opened + timedelta(minutes=30), "manager")
        self._answer(record, source, opened + timedelta(minutes=65))
        self._confirm(record, source)
        self._clocks(record, source, opened)
        return record

    def problem(self, source: str = "prod", opened: datetime = OPENED, steps: Sequence[Step] = PROBLEM,
                **more: Any) -> Record:  # fmt: skip
        """Add a problem whose cause was found and whose fix was recorded, with the incident that led to it."""
        record = self._record("problem", "PRB", source, opened, steps, {
            "resolution_code": "fixed", "knowledge_reference": "KB200", **more,
        })  # fmt: skip
        record.detail = self.add(
            "problem_detail", source_id=source, work_item_id=record.id, origin="reactive", root_cause_length=80,
            root_cause_at=record.at.get("fix"), workaround_length=60, is_known_error=True,
            known_error_at=record.at.get("fix"), fix_type="none",
        )  # fmt: skip
        return record

    def change(self, source: str = "prod", opened: datetime = OPENED, steps: Sequence[Step] = CHANGE,
               **more: Any) -> Record:  # fmt: skip
        """Add a normal change that was assessed, approved by the board, implemented in its window and reviewed.

        Columns of `change_detail` may be given beside those of the record.
        """
        detail = {name: more.pop(name) for name in list(more) if name in TABLES["change_detail"].names}
        record = self._record("change", "CHG", source, opened, steps, {
            "resolution_code": None, "requester_id": f"{source}:person:manager",
            "opened_by_id": f"{source}:person:manager", "assignee_id": f"{source}:person:engineer",
            "support_group_id": f"{source}:support_group:experts", **more,
        })  # fmt: skip
        start = record.at.get("implement")
        end = start + timedelta(hours=2) if start else None
        record.detail = self.add(
            "change_detail", source_id=source, work_item_id=record.id, **{
                "change_type": "normal", "change_category": "software", "risk": 3, "is_major_impact": False,
                "justification_length": 80, "implementation_plan_length": 120, "backout_plan_length": 90,
                "test_plan_length": 90, "test_result": "passed", "is_cab_required": False,
                "planned_start_at": start and start - timedelta(minutes=5), "planned_end_at": end and end + timedelta(hours=1),
                "actual_start_at": start, "actual_end_at": end,
                "outcome": "successful" if "closed" in record.at else None, "is_backed_out": False,
                "reviewed_at": record.at.get("closed"), "review_length": 60,
                "communicated_at": start and start - timedelta(hours=5), "changes_configuration": False,
                "is_conflict_acknowledged": True, **detail,
            },
        )  # fmt: skip
        if "scheduled" in record.at and record.detail["change_type"] == "normal":
            self.event(record, record.at["assess"], "risk", None, "3")
            self.approve(record, source, "cab", record.at["scheduled"] - timedelta(minutes=10), "approver")
        if record.detail["is_major_impact"] and "closed" in record.at:
            self.register("transition_report", record.number, record.at["closed"])
        return record

    def release(self, source: str = "prod", opened: datetime = OPENED, steps: Sequence[Step] = RELEASE,
                **more: Any) -> Record:  # fmt: skip
        """Add a release that was planned, accepted, based and measured, with an authorised change in it.

        Columns of `release_detail` may be given beside those of the record.
        """
        detail = {name: more.pop(name) for name in list(more) if name in TABLES["release_detail"].names}
        record = self._record("release", "REL", source, opened, steps, more)
        deployed = record.at.get("deploy")
        record.detail = self.add(
            "release_detail", source_id=source, work_item_id=record.id, **{
                "release_type": "minor", "planned_deploy_at": deployed, "deployed_at": deployed, "method_length": 60,
                "deliverables_length": 60, "acceptance_length": 60, "acceptance_result": "met",
                "accepted_at": deployed and deployed - timedelta(hours=4), "baseline_reference": "tag-1",
                "baseline_at": deployed and deployed - timedelta(hours=5), "outcome": "successful",
                "measured_at": deployed and deployed + timedelta(days=1), **detail,
            },
        )  # fmt: skip
        if deployed:
            self.approve(record, source, "release", deployed - timedelta(hours=2), "manager")
        self.relate(self.change(source, opened), record, "part_of")
        return record

    def register(self, kind: str, subject: str | None, opened: datetime, **more: Any) -> str:
        """Add an entry of a register that was owned, dealt with in five days, and verified; returns its id."""
        done = opened + timedelta(days=5)
        return str(self.add("register_item", **{
            "kind": kind, "subject_id": subject, "title": f"{kind} of {subject or 'all'}", "owner": "A. Person",
            "opened_at": opened, "due_at": done + timedelta(days=5), "closed_at": done, "cause_length": 60,
            "action_length": 60, "effect_verified_at": done, "target_value": "1", "actual_value": "1",
            "communicated_at": done, "evidence_reference": "DOC-1", **more,
        })["register_item_id"])  # fmt: skip

    def approve(self, record: Record, source: str, stage: str, at: datetime, person: str, decision: str = "approved",
                requested: timedelta = timedelta(hours=1)) -> None:  # fmt: skip
        """Add a vote of a person and the decision that came of it."""
        common = {"source_id": source, "work_item_id": record.id, "stage": stage, "decision": decision, "round": 1,
                  "decided_at": at, "requested_at": at - min(requested, timedelta(minutes=20)), "decided_basis": "exact"}  # fmt: skip
        who = self.person(person, source)
        self.add("approval", level="vote", approver_id=who, decided_by_id=who, **common)
        self.add("approval", level="rollup", **common)

    def event(self, record: Record, at: datetime, what: str, old: str | None, new: str | None, **more: Any) -> None:
        """Add one change of one field."""
        source = record.row["source_id"]
        self.add("transition", **{
            "source_id": source, "work_item_id": record.id, "at": at, "seq": self._next("seq"), "field": what,
            "old_value": old, "new_value": new, "actor_id": record.row.get("assignee_id"), "actor_kind": "agent",
            "origin": "native", **more,
        })  # fmt: skip

    def relate(self, from_: Record, to: Record, relation_type: str, at: datetime | None = None) -> None:
        """Link two records: `relate(incident, problem, "investigated_by")`."""
        self.add("relation", source_id=from_.row["source_id"], from_id=from_.id, to_id=to.id,
                 relation_type=relation_type, created_at=at or from_.row["opened_at"])  # fmt: skip

    def touch(self, record: Record, item: str) -> None:
        """Link a record to a configuration item."""
        self.add("work_item_configuration_item", source_id=record.row["source_id"], work_item_id=record.id,
                 configuration_item_id=item, role="affected", added_at=record.row["opened_at"])  # fmt: skip

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a database with all rows, as checks see it."""
        connection = duckdb.connect(":memory:")
        create_tables(connection)
        for name, rows in self.rows.items():
            if rows:
                fill(connection, TABLES[name], rows)
        return connection

    def _record(self, record_type: str, prefix: str, source: str, opened: datetime, steps: Sequence[Step],
                more: dict[str, Any]) -> Record:  # fmt: skip
        n = self._next(prefix)
        number = f"{prefix}{n:04}" if source == "prod" else f"{source}-{prefix}{n:04}"
        at = {state: opened + span for state, span in steps}
        last = steps[-1][0]
        row = {
            "work_item_id": f"{source}:work_item:{number}", "source_id": source, "record_type": record_type,
            "source_key": number, "number": number, "url": f"https://itsm.example/{number}", "state": last,
            "priority": 3, "impact": 2, "urgency": 2, "category": f"software {n}", "subcategory": "client",
            "channel": "portal", "assignee_id": f"{source}:person:agent",
            "support_group_id": f"{source}:support_group:desk", "service_id": f"{source}:service:mail",
            "configuration_item_id": f"{source}:configuration_item:mail-server", "occurred_at": opened,
            "opened_at": opened, "created_at": opened, "resolved_at": at.get("resolved"), "closed_at": at.get("closed"),
            "updated_at": max(at.values()), "title_length": 30, "description_length": 120, "resolution_length": 60,
            "is_major": False, "is_security": False, "history_level": "full", "mapping_confidence": 1.0,
            "reopen_claimed": 0, "reassignment_claimed": 0, **more,
        }  # fmt: skip
        if "resolved" in at:
            row.setdefault("resolved_by_id", row["assignee_id"])
        if "closed" in at:
            row.setdefault("closed_by_id", row["assignee_id"])
        record = Record(str(row["work_item_id"]), number, row, at=at)
        self.rows["work_item"].append(row)
        for (state, span), before in zip(steps, (None, *(name for name, _ in steps)), strict=False):
            who = (
                {"actor_id": row["opened_by_id"], "actor_kind": "customer"}
                if not before and row.get("opened_by_id")
                else {}
            )
            self.event(record, opened + span, "state", before, state,
                       **{**who, "origin": "native" if before else "synthetic"})  # fmt: skip
        if row["configuration_item_id"]:
            self.touch(record, str(row["configuration_item_id"]))
        return record

    def _answer(self, record: Record, source: str, at: datetime) -> None:
        self.add("comment", source_id=source, work_item_id=record.id, at=at, author_id=f"{source}:person:agent",
                 author_role="agent", visibility="public", channel="portal", body_length=80)  # fmt: skip

    def _confirm(self, record: Record, source: str) -> None:
        if "resolved" in record.at:
            self._answer(record, source, record.at["resolved"] - timedelta(minutes=1))

    def _clocks(self, record: Record, source: str, opened: datetime) -> None:
        ends = {"response": opened + timedelta(minutes=15), "resolution": record.at.get("resolved")}
        for definition in self.rows["sla_definition"]:
            if definition["source_id"] != source or definition["record_type"] != record.row["record_type"]:
                continue
            if definition["name"] != f"{record.row['record_type']} {definition['metric']}":
                continue
            end = ends[definition["metric"]]
            due = opened + timedelta(seconds=definition["goal_seconds"])
            record.clocks[definition["metric"]] = self.add(
                "sla_instance", source_id=source, work_item_id=record.id, cycle=1, started_at=opened, stopped_at=end,
                sla_definition_id=definition["sla_definition_id"], original_due_at=due, due_at=due, paused_seconds=0,
                stage="completed" if end else "in_progress", captured_at=end or NOW, is_breached=bool(end and end > due),
                elapsed_seconds=int(((end or NOW) - opened).total_seconds()),
            )  # fmt: skip

    def _lists(self) -> None:
        self.rows["policy_list"] += [
            {"name": "controlled_item_field", "value": value} for value in ("status", "version", "owner")
        ] + [{"name": "protected_field", "value": value} for value in ("resolution_code", "closed_at", "priority")]
        self.rows["policy_list"] += [{"name": "default_category", "value": "other"},
                                     {"name": "problem_without_cause_code", "value": "duplicate"}]  # fmt: skip

    def _next(self, what: str) -> int:
        self._counts[what] = self._counts.get(what, 0) + 1
        return self._counts[what]
