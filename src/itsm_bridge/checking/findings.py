"""Failing subjects with the values that prove it, and the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

import duckdb
import orjson

from itsm_bridge.checking import quantities
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.verdicts import Judging, used

NOT_KNOWN = "unknown"


def finding_rows(
    connection: duckdb.DuckDBPyConnection, judging: Judging, binding: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return a row of `FINDINGS` for every subject in table `failing`, in order of subject."""
    check = judging.check
    evidence = "".join(f", {sql}" for sql in check.evidence.values())
    sql = (
        f"SELECT f.source_id, f.work_item_id, f.subject, r.number, r.url{evidence} FROM failing AS f "
        f"JOIN {_subject(judging)} ON {check.subject.key} = f.subject "
        f"LEFT JOIN work_item AS r ON r.work_item_id = f.work_item_id ORDER BY f.subject NULLS LAST"
    )
    rows = connection.execute(sql, used(sql, binding)).fetchall()
    names = tuple(check.evidence)
    made = []
    for source, work_item, subject, number, url, *values in rows:
        proof = dict(zip(names, values, strict=True))
        made.append(
            {
                "check_id": check.id,
                "source_id": source,
                "work_item_id": work_item,
                "subject": subject,
                "number": number,
                "url": url,
                "suppressed_by": None,
                "is_waived": False,
                "message": message(check, {**binding, **proof, "number": number or subject}),
                "evidence": orjson.dumps({name: _json(value) for name, value in proof.items()}).decode(),
            }
        )
    return made


def message(check: Check, values: Mapping[str, Any]) -> str:
    """Fill the check's sentence with values as people say them."""
    parts = []
    for before, name, _, _ in Formatter().parse(check.message):
        parts.append(before)
        if name is not None:
            parts.append(_said(name, values.get(name)))
    return "".join(parts)


def _subject(judging: Judging) -> str:
    return f"({judging.from_})" if " JOIN " in judging.from_ else judging.from_


def _said(name: str, value: Any) -> str:
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, timedelta):
        return quantities.words(value)
    if isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, int) and name.endswith("_seconds"):
        return quantities.words(timedelta(seconds=value))
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value
