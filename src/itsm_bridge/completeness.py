"""How whole a stream is: what the tool says exists, against what came and what is held (design §5).

A row that no longer shows was deleted, or the account lost the right to see it. Where the tool's count still
has room for it, it is taken as hidden: it stays, and the stream is not complete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from itsm_bridge.adapter import Access

Earlier = Mapping[str, Any]
_MANY = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """The counts of one stream after a run; None where the tool does not say."""

    status: str
    reason: str | None
    expected: int | None
    held: int
    hidden: int | None


def by_count(earlier: Earlier, expected: int | None, held: int) -> Verdict | None:
    """Judge by the tool's own count; None when it does not fit what is held, so that ids must be compared."""
    if expected is None:
        return Verdict("complete", None, None, held, None)
    if expected != held + _never_shown(earlier):
        return None
    lost = _lost(earlier)
    return Verdict(*_standing(lost), expected, held, max(expected - held, 0) + lost)


def without_ids(expected: int | None, held: int) -> Verdict:
    """Judge a stream whose ids cannot be listed."""
    hidden = None if expected is None else max(expected - held, 0)
    return Verdict("complete", None, expected, held, hidden)


def by_ids(earlier: Earlier, total: int | None, seen: Set[str], held: Set[str]) -> tuple[Set[str], Verdict]:
    """Judge by the ids that exist: returns the keys that were deleted, and the counts.

    What vanished during a first reading was never published: it goes, for whichever reason.
    """
    missing = held - seen
    hidden = None if total is None else max(total - len(seen), 0)
    was_read = earlier.get("held") is not None
    is_lost = was_read and bool(missing) and hidden is not None and hidden - _never_shown(earlier) >= len(missing)
    if is_lost:
        return set(), Verdict(*_standing(len(missing)), total, len(held), hidden)
    return missing, Verdict("complete", None, total, len(held) - len(missing), hidden)


def out_of_sight(groups: Mapping[str, str], missing: Set[str], visible: Set[str], *, is_believed: bool) -> Set[str]:
    """Return the missing keys that may still exist; `groups` says where each key that is held lies.

    These lie in a group that the account no longer sees, or in one that lost most of its rows at once: that is more
    often a lost right than a deletion. `is_believed` says that a person asked to take it for a deletion.
    """
    held, lost = Counter(groups.values()), Counter(groups[key] for key in missing)
    emptied = {
        group for group, count in lost.items() if count >= _MANY and count * 2 >= held[group] and not is_believed
    }  # fmt: skip
    return {key for key in missing if groups[key] not in visible or groups[key] in emptied}


def with_lost(verdict: Verdict, lost: Set[str], held: int) -> Verdict:
    """Return the verdict of a stream that keeps rows which the account no longer sees."""
    reason = f"{len(lost)} rows that were read before lie where the account no longer sees any, or most, of them"
    return replace(verdict, status="partial", reason=reason, held=held, hidden=len(lost) + (verdict.hidden or 0))


def census_is_due(earlier: Earlier, days: int, now: datetime) -> bool:
    """Say whether ids were last compared too long ago: deletions and late rows may leave the count as it was.

    What is read for the first time, or in full, needs no comparison.
    """
    if not days or earlier.get("held") is None:
        return False
    last = earlier.get("compared_at")
    return last is None or now - datetime.fromisoformat(last) >= timedelta(days=days)


def denied_record(access: Access, number: int, earlier: Earlier) -> dict[str, Any]:
    """Return the record of a stream that may not be read.

    Where the tool has no such thing, it is skipped; but what was there once and is gone is lost, not absent.
    """
    now = datetime.now(UTC).isoformat()
    was_read = bool(earlier.get("fields"))
    reason = access.reason or "the account may not read it"
    if was_read and not access.exists:
        reason += ", and it was read before"
    return {
        "status": "denied" if access.exists or was_read else "skipped", "reason": reason, "remedy": access.remedy,
        "snapshot": number, "started_at": now, "finished_at": now, "received": 0, **where_it_stood(earlier),
    }  # fmt: skip


def where_it_stood(earlier: Earlier) -> dict[str, Any]:
    """Return where the next run resumes a stream that this one did not read."""
    return {
        "cursor": earlier.get("cursor"),
        "compared_at": earlier.get("compared_at"),
        "fields": earlier.get("fields", []),
        "treatments": earlier.get("treatments", {}),
    }


def highest_until(cursors: pa.ChunkedArray, now: datetime) -> str | None:
    """Return the highest cursor value that does not lie after `now`; None where there is none.

    A record with a date to come would have the next run skip all that happens until then.
    """
    highest: str | None = pc.max(cursors).as_py()
    if highest is None or not _is_after(highest, now):
        return highest
    return max((value for value in cursors.to_pylist() if value and not _is_after(value, now)), default=None)


def _is_after(value: str, now: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.replace(tzinfo=moment.tzinfo or UTC) > now


def _standing(lost: int) -> tuple[str, str | None]:
    if not lost:
        return "complete", None
    return "partial", f"{lost} rows that were read before still exist, but the account no longer sees them"


def _never_shown(earlier: Earlier) -> int:
    expected, held = earlier.get("expected"), earlier.get("held")
    if expected is None or held is None:
        return int(earlier.get("hidden") or 0)
    return max(int(expected) - int(held), 0)


def _lost(earlier: Earlier) -> int:
    return max(int(earlier.get("hidden") or 0) - _never_shown(earlier), 0)
