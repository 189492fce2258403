"""What conclusions are drawn from: where checks stand, what registers hold, what people attested, what applies."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa

from itsm_bridge.assessment.standings import Standing
from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.policy.reads import files_read

ATTESTED_FOR = timedelta(days=366)
"""How long an attestation counts where it does not say so itself (catalogue §4.2)."""

DOCUMENTS_CHECK = "RPT-005"
ACTIVITIES_CHECK = "RPT-002"
REPORTS_CHECK = "RPT-001"
REGISTER_CHECKS = (DOCUMENTS_CHECK, ACTIVITIES_CHECK, REPORTS_CHECK)
"""Checks of documents and activities: for a clause, what they say counts only through its own entries."""

_ABOUT_ALL_DOCUMENTS = ("7.5.1", "7.5.2", "7.5.3", "7.5.4")
_SERVICE_REPORT = "service_report"

Point = tuple[str, int | None]
"""A clause and one of its points; None is the whole clause."""


@dataclass(frozen=True, slots=True)
class Attested:
    """What people confirmed or denied and is current, and what does not count; the texts say who, when, until when."""

    fulfilled: Mapping[Point, str] = field(default_factory=dict)
    denied: Mapping[Point, str] = field(default_factory=dict)
    lapsed: Mapping[Point, str] = field(default_factory=dict)


def attested(attestations: pa.Table, now: datetime, timezone: str = "UTC") -> Attested:
    """Return what people attested. Current is what somebody signed in the last twelve months and did not let expire."""
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    found: dict[str, dict[Point, str]] = {"fulfilled": {}, "not_fulfilled": {}, "lapsed": {}}
    for row in sorted(attestations.to_pylist(), key=lambda row: (row["at"] is not None, row["at"] or now)):
        why_not = why_no_attestation(row, now)
        words = f"{row['by'] or 'nobody named'}{_span(row, timezone)}"
        kind = "lapsed" if why_not else row["verdict"]
        found[kind][row["clause"], row["point"]] = f"{words}: {why_not}" if why_not else words
    denied = found["not_fulfilled"]
    fulfilled = {point: words for point, words in found["fulfilled"].items() if point not in denied}
    return Attested(fulfilled, denied, found["lapsed"])


def why_no_attestation(row: Mapping[str, Any], now: datetime) -> str:
    """Return why a line of attestations.csv does not count at a moment; empty where it does."""
    if row["verdict"] is None:
        return "it has no verdict"
    if not row["by"]:
        return "nobody signed it"
    if row["at"] is None:
        return "it has no date"
    if row["at"] > now:
        return "it lies in the future"
    if row["at"] < now - ATTESTED_FOR:
        return "it is older than twelve months"
    return "it has lapsed" if row["valid_to"] is not None and row["valid_to"] <= now else ""


def expires(row: Mapping[str, Any]) -> datetime | None:
    """Return until when an attestation counts: as it says, and never longer than twelve months."""
    if row["at"] is None:
        return None
    longest: datetime = row["at"] + ATTESTED_FOR
    return min(longest, row["valid_to"]) if row["valid_to"] is not None else longest


def _span(row: Mapping[str, Any], timezone: str) -> str:
    until = expires(row)
    return f", {_day(row['at'], timezone)} (counts until {_day(until, timezone)})" if until else ""


def _day(at: datetime, timezone: str) -> str:
    """Write the day that people meant when they wrote it in the policy."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document or an activity that clauses ask for: the check that judges it, and what the registers say of it."""

    key: str
    title: str
    clauses: tuple[str, ...]
    check: str
    words: str
    is_current: bool

    def serves(self, clause: str) -> bool:
        """Tell whether the entry is for a clause: named itself, or through a clause above it."""
        if self.check == DOCUMENTS_CHECK and clause in _ABOUT_ALL_DOCUMENTS:
            return True
        return any(clause == named or clause.startswith(f"{named}.") for named in self.clauses)


def clauses_in(text: str | None) -> tuple[str, ...]:
    """Return the clauses that a register entry names: one or several, separated by spaces or semicolons."""
    return tuple(part for part in re.split(r"[;\s]+", text or "") if part)


def entries(
    tables: Mapping[str, pa.Table], failing: Mapping[str, Collection[str]], timezone: str = "UTC"
) -> tuple[Entry, ...]:
    """Return what the registers say is required. `failing` names, per check, the subjects that it found wanting."""
    documents = _documents(tables, failing.get(DOCUMENTS_CHECK, ()), timezone)
    return (*documents, *_activities(tables, failing, timezone))


def _documents(tables: Mapping[str, pa.Table], failing: Collection[str], timezone: str) -> Iterable[Entry]:
    known = _by_key(_rows(tables, "document"), lambda row: row["document_key"])
    for row in _rows(tables, "required_document"):
        key = row["document_key"]
        versions = sorted(known.get(key, ()), key=lambda each: (each["status"] == "approved", each["version"] or ""))
        said = _document(versions[-1], timezone) if versions else "no line in documents.csv"
        named = clauses_in(row["clause"])
        yield Entry(key, row["title"] or key, named, DOCUMENTS_CHECK, said, bool(versions) and key not in failing)


def _document(row: Mapping[str, Any], timezone: str) -> str:
    by = f" by {row['approved_by']}" if row["approved_by"] else ""
    on = f" on {_day(row['approved_at'], timezone)}" if row["approved_at"] else ""
    return f"version {row['version'] or '?'}, {row['status'] or 'no status'}{by}{on} (documents.csv)"


def _activities(
    tables: Mapping[str, pa.Table], failing: Mapping[str, Collection[str]], timezone: str
) -> Iterable[Entry]:
    done = _by_key(_rows(tables, "register_item"), lambda row: (row["kind"], row["subject_id"]))
    for row in _rows(tables, "required_activity"):
        if row["is_active"] is False:
            continue
        key, check = row["activity_id"], REPORTS_CHECK if row["kind"] == _SERVICE_REPORT else ACTIVITIES_CHECK
        closed = [each["closed_at"] for each in done.get((row["kind"], row["subject_id"]), ()) if each["closed_at"]]
        said = f"last done {_day(max(closed), timezone)} (register.csv)" if closed else "no closed line in register.csv"
        is_current = bool(closed) and key not in failing.get(check, ())
        yield Entry(key, row["kind"], clauses_in(row["clause"]), check, said, is_current)


def _rows(tables: Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables[name].to_pylist() if name in tables else []
    return found


def _by_key(
    rows: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], Any]
) -> Mapping[Any, Sequence[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Scope:
    """Which clauses apply, and who owns them, as clause_scope.csv says; a clause inherits from the one above it."""

    applicable: Mapping[str, bool] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def applies(self, clause: str) -> bool:
        """Tell whether a clause applies; all do unless the file says otherwise."""
        return next((self.applicable[name] for name in _upwards(clause) if name in self.applicable), True)

    def owner(self, clause: str) -> str | None:
        """Return who owns a clause."""
        return next((self.owners[name] for name in _upwards(clause) if name in self.owners), None)


def scope_of(tables: Mapping[str, pa.Table]) -> Scope:
    """Read the scope from table `clause_scope`."""
    rows = _rows(tables, "clause_scope")
    return Scope(
        {row["clause"]: row["is_applicable"] for row in rows if row["is_applicable"] is not None},
        {row["clause"]: row["process_owner"] for row in rows if row["process_owner"]},
    )


def _upwards(clause: str) -> Iterable[str]:
    parts = clause.split(".")
    return (".".join(parts[:length]) for length in range(len(parts), 0, -1))


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a source cannot tell, and why."""

    source_id: str
    capability: str
    level: Literal["none", "partial"]
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that conclusions are drawn from.

    `reads` is what each check reads, `lacks` what sources cannot tell, `empty_files` what the policy leaves empty.
    """

    standings: Mapping[str, Standing]
    attested: Attested = Attested()
    entries: tuple[Entry, ...] = ()
    scope: Scope = Scope()
    reads: Mapping[str, CheckNeeds] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
    empty_files: frozenset[str] = frozenset()

    def files(self, check: str) -> frozenset[str]:
        """Return the files of the policy that a check reads."""
        return files_read(self.reads[check]) if check in self.reads else frozenset()

    def lacking(self, check: str, level: str = "none") -> tuple[Lack, ...]:
        """Return what sources cannot tell, or tell only in part, of what a check reads."""
        needed = self.reads[check].capabilities if check in self.reads else frozenset()
        return tuple(lack for lack in self.lacks if lack.level == level and lack.capability in needed)

    def entries_of(self, clause: str, check: str) -> tuple[Entry, ...]:
        """Return the documents or activities of a clause that a check judges."""
        return tuple(entry for entry in self.entries if entry.check == check and entry.serves(clause))


def lacks_of(capabilities: pa.Table) -> tuple[Lack, ...]:
    """Return what sources declare that they cannot tell, each once a source."""
    once: dict[tuple[str, str, str], Lack] = {}
    for row in capabilities.to_pylist():
        if row["level"] in ("none", "partial"):
            lack = Lack(row["source_id"], row["capability"], row["level"], row["reason"] or "")
            once.setdefault((lack.source_id, lack.capability, lack.level), lack)
    return tuple(once.values())
