"""Failing subjects with the values that prove it, and the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import Formatter
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from itsm_bridge.checking import quantities
from itsm_bridge.checking.definition import Check
from itsm_bridge.checking.frame import FINDINGS
from itsm_bridge.checking.verdicts import Judging, used

NOT_RECORDED = "not recorded"


def find(connection: duckdb.DuckDBPyConnection, judging: Judging, binding: Mapping[str, Any]) -> Findings:
    """Return every subject in table `failing`, in order, with its evidence and its sentence."""
    check = judging.check
    evidence = "".join(f", {sql}" for sql in check.evidence.values())
    sql = (
        f"SELECT f.source_id, f.work_item_id, f.subject, r.number, r.url{evidence} FROM failing AS f "
        f"JOIN {_subject(judging)} ON {check.subject.key} = f.subject "
        f"LEFT JOIN work_item AS r ON r.work_item_id = f.work_item_id ORDER BY f.subject NULLS LAST"
    )
    found = Findings(check)
    sentence = Sentence(check, binding)
    names = tuple(check.evidence)
    for source, work_item, subject, number, url, *values in connection.execute(sql, used(sql, binding)).fetchall():
        proof = dict(zip(names, values, strict=True))
        found.sources.append(source)
        found.work_items.append(work_item)
        found.subjects.append(subject)
        found.numbers.append(number)
        found.urls.append(url)
        found.messages.append(sentence.say({**proof, "number": number or subject}))
        found.evidence.append(orjson.dumps(proof, default=_json, option=_INSTANTS).decode())
    return found


@dataclass(slots=True)
class Findings:
    """The failing subjects of one check, column by column; `causes` names the check that explains one, or None."""

    check: Check
    sources: list[str] = field(default_factory=list)
    work_items: list[str | None] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    numbers: list[str | None] = field(default_factory=list)
    urls: list[str | None] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    causes: list[str | None] = field(default_factory=list)

    def explain(self, failing: Mapping[str, frozenset[str | None]]) -> None:
        """Name, for each subject, the first check of `suppressed_by` that fails on the same record."""
        known = [(cause, failing[cause]) for cause in self.check.suppressed_by if cause in failing]
        self.causes = [next((cause for cause, items in known if item in items), None) for item in self.work_items]

    def table(self) -> pa.Table:
        """Return the rows of `FINDINGS`."""
        rows = len(self.subjects)
        columns = [
            [self.check.id] * rows, self.sources, self.work_items, self.subjects, self.numbers, self.urls, self.causes,
            [False] * rows, self.messages, self.evidence,
        ]  # fmt: skip
        arrays = [pa.array(values, each.type) for values, each in zip(columns, FINDINGS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=FINDINGS)


class Sentence:
    """The sentence of a check, taken apart once and filled with values as people say them."""

    def __init__(self, check: Check, binding: Mapping[str, Any]) -> None:
        self._parts = [(before, name) for before, name, _, _ in Formatter().parse(check.message)]
        varying = {None, "number", *check.evidence}
        self._fixed = {name: _said(name, binding[name]) for _, name in self._parts if name and name not in varying}

    def say(self, values: Mapping[str, Any]) -> str:
        """Fill in the values of one subject."""
        said = []
        for before, name in self._parts:
            said.append(before)
            if name in self._fixed:
                said.append(self._fixed[name])
            elif name is not None:
                said.append(_said(name, values[name]))
        return "".join(said)


def _subject(judging: Judging) -> str:
    return f"({judging.from_})" if " JOIN " in judging.from_ else judging.from_


def _said(name: str, value: Any) -> str:
    if name.endswith("_seconds") and isinstance(value, int):
        return quantities.words(timedelta(seconds=value))
    say = _WORDS.get(type(value))
    return say(value) if say else str(value)


_WORDS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: NOT_RECORDED,
    bool: lambda value: "yes" if value else "no",
    datetime: lambda value: f"{value.isoformat(' ', 'minutes')} UTC",
    timedelta: quantities.words,
    float: lambda value: f"{value:.0%}",
}
_INSTANTS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


def _json(value: Any) -> Any:
    """Turn what JSON has no form for: lengths of time become seconds."""
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return str(value)
