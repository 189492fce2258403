"""Failing subjects with the values that prove it, and the sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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


Label = tuple[str | None, str | None]
"""Number and address by which people find a record in the tool."""


def find(connection: duckdb.DuckDBPyConnection, judging: Judging, binding: Mapping[str, Any]) -> Findings:
    """Return every subject in table `failing`, in order, with the values that prove it; `name` says it in words."""
    check = judging.question
    evidence = "".join(f", {sql}" for sql in check.evidence.values())
    sql = (
        f"SELECT f.source_id, f.work_item_id, f.subject{evidence} FROM failing AS f "
        f"JOIN {_subject(judging)} ON {check.subject.key} = f.subject ORDER BY f.subject NULLS LAST"
    )
    found = Findings(check, Sentence(check, binding))
    for source, work_item, subject, *values in connection.execute(sql, used(sql, binding)).fetchall():
        found.sources.append(source)
        found.work_items.append(work_item)
        found.subjects.append(subject)
        found.proofs.append(values)
    return found


def labels(connection: duckdb.DuckDBPyConnection, found: Iterable[Findings]) -> Mapping[str | None, Label]:
    """Return the labels of all records that findings are about, for all checks at once."""
    records = {item for each in found for item in each.work_items if item is not None}
    connection.register("labelled", pa.table({"work_item_id": pa.array(sorted(records), pa.string())}))
    sql = "SELECT i.work_item_id, i.number, i.url FROM work_item AS i JOIN labelled AS l USING (work_item_id)"
    known = {item: (number, url) for item, number, url in connection.execute(sql).fetchall()}
    connection.unregister("labelled")
    return known


@dataclass(slots=True)
class Findings:
    """The failing subjects of one check, column by column; `causes` names the check that explains one, or None."""

    check: Check
    sentence: Sentence
    sources: list[str] = field(default_factory=list)
    work_items: list[str | None] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    proofs: list[list[Any]] = field(default_factory=list)
    causes: list[str | None] = field(default_factory=list)

    def explain(self, failing: Mapping[str, frozenset[str | None]]) -> None:
        """Name, for each subject, the first check of `suppressed_by` that fails on the same record."""
        known = [(cause, failing[cause]) for cause in self.check.suppressed_by if cause in failing]
        self.causes = [next((cause for cause, items in known if item in items), None) for item in self.work_items]

    def table(self, known: Mapping[str | None, Label]) -> pa.Table:
        """Return the rows of `FINDINGS`, in words, with the labels of their records."""
        rows = len(self.subjects)
        named = [known.get(item, (None, None)) for item in self.work_items]
        messages, evidence = [], []
        for subject, (number, _), values in zip(self.subjects, named, self.proofs, strict=True):
            proof = dict(zip(self.check.evidence, values, strict=True))
            messages.append(self.sentence.say({**proof, "number": number or subject}))
            evidence.append(orjson.dumps(proof, default=_json, option=_INSTANTS).decode())
        columns = [
            [self.check.id] * rows, self.sources, self.work_items, self.subjects, [number for number, _ in named],
            [url for _, url in named], self.causes, [False] * rows, messages, evidence,
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
    if name.endswith("_score") and isinstance(value, float):
        return f"{value:g}"  # ratings; other broken numbers are shares
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
