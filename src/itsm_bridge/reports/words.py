"""The words of the reports: conclusions and statuses for people, figures with their denominators."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Word:
    """A value of the schema for people: in full, in a few letters, and what it means."""

    label: str
    short: str
    meaning: str


PROPOSAL = "This is a proposal drawn from records, to be confirmed by a person."
NOT_ASSESSED = "not assessed"

CONCLUSIONS = {
    "major": Word("Major nonconformity", "MAJOR", "puts effective control of the process in doubt"),
    "minor": Word("Minor nonconformity", "MINOR", "a requirement is not met, without doubt about the whole"),
    "observation": Word("Observation", "OBS", "few failures, or indirect evidence: watch it"),
    "opportunity_for_improvement": Word("Opportunity for improvement", "OFI", "not required, or a rule not adopted"),
    "conforming_so_far": Word("Conforming so far", "SO FAR", "nothing found, but not every point is evidenced"),
    "conforming": Word("Conforming", "OK", "every point evidenced, people included"),
    "not_assessed": Word("Not assessed", "–", "too little evidence to say anything"),
    "not_applicable": Word("Said not to apply", "N/A", "the organisation says so; the standard knows no exclusions"),
}  # fmt: skip

CHECK_STATUSES = {
    "systemic": Word("systemic", "SYST", "so frequent that it is not chance"),
    "deviation": Word("deviation", "DEV", "more than isolated cases"),
    "isolated": Word("isolated", "ISO", "single cases"),
    "pass": Word("pass", "PASS", "nothing failing, or within tolerance"),
    "insufficient": Word("too few", "FEW", "nothing failing, but fewer than five records"),
    "not_assessed": Word(NOT_ASSESSED, "–", "no record in scope, or too many that could not be judged"),
}

SEVERITIES = {
    "major": Word("major", "MAJOR", "can be a major nonconformity where systemic"),
    "minor": Word("minor", "MINOR", "can be a minor nonconformity"),
    "ofi": Word("improvement", "OFI", "an opportunity for improvement"),
}

FINDING_STATUSES = {
    "new": Word("new", "new", "not found by the assessment before"),
    "reopened": Word("reopened", "reopened", "was resolved or gone, and is back"),
    "persisting": Word("persisting", "persisting", "found before and still there"),
    "unverified": Word("unverified", "unverified", "found before; could not be judged now"),
    "resolved": Word("resolved", "resolved", "found before, passes now"),
    "gone": Word("gone", "gone", "found before; the record left the scope or the period"),
}

STREAM_STATUSES = {
    "complete": Word("complete", "complete", "all that was asked for came"),
    "partial": Word("in part", "in part", "interrupted; the next run resumes"),
    "denied": Word("denied", "denied", "the account may not read it"),
    "failed": Word("failed", "failed", "an error ended it"),
    "skipped": Word("skipped", "skipped", "left out on purpose, or absent from the tool"),
}

POINT_STATES = {
    "denied": Word("denied", "DENIED", "a person says that it is not fulfilled"),
    "open": Word("open", "OPEN", "nothing evidences it"),
    "in_part": Word("in part", "PART", "some of what it asks for is evidenced, not all"),
    "untold": Word("not told", "–", "assessed by an earlier version, which did not keep it"),
    "evidenced": Word("evidenced", "EVID", "checks were assessed, registers are current, or a person attested it"),
}

BASES = {
    "standard": "the standard", "policy": "own policy", "agreement": "an agreement", "practice": "good practice",
    "integrity": "integrity of evidence",
}  # fmt: skip


def count(number: int | None) -> str:
    """Write a whole number with thousands apart; None is a dash, never zero."""
    return "–" if number is None else f"{number:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """Write a share of 1 as a percentage; None is *not assessed*, and something is never written as 0 %."""
    if share is None:
        return NOT_ASSESSED
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 < share < 1:
        return "> 99.9 %"
    text = f"{share * 100:.1f}".removesuffix(".0")
    return f"{text} %"


def interval(low: float | None, high: float | None) -> str:
    """Write the ends of an interval in percent; empty where there is none."""
    return "" if low is None or high is None else f"{low * 100:.1f}–{high * 100:.1f} %"


def moment(at: datetime | None, timezone: str) -> str:
    """Write an instant in `timezone` with the zone's short name; naive instants are UTC."""
    if at is None:
        return "–"
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def day(at: datetime, timezone: str) -> str:
    """Write the day of an instant in `timezone`."""
    return f"{(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(timezone)):%Y-%m-%d}"


def plain(value: object) -> str:
    """Write a value of evidence or of a parameter for people."""
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
