"""How the records ran, as console and page show it: steps, rules and paths, each with what it is a part of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from itsm_bridge.checking.quantities import words as length
from itsm_bridge.checking.verdicts import ALL_SOURCES
from itsm_bridge.process import Process

_VERDICTS = ("allowed", "not_allowed", "not_assessable", "no_model")
STANDINGS = {
    "kept": "kept", "pending": "still pending", "violated": "broken", "vacuous": "never activated",
    "not_assessable": "not assessable",
}  # fmt: skip
"""Where records stand to a rule, in words; together they are all records in scope."""


@dataclass(frozen=True, slots=True)
class ModelLine:
    """How the steps of one record type of one source stand to the documented state model."""

    source_id: str
    record_type: str
    steps: int = 0
    allowed: int = 0
    not_allowed: int = 0
    not_assessable: int = 0
    no_model: int = 0
    records: int = 0
    following: int = 0
    departing: int = 0
    unclear: int = 0


@dataclass(frozen=True, slots=True)
class PathLine:
    """One path of records through their states."""

    place: int
    path: str
    records: int
    share: float
    cumulative_share: float
    median: str
    p90: str


@dataclass(frozen=True, slots=True)
class TypeLine:
    """The records of one type of one source, and the most frequent paths of those that have come to their end."""

    source_id: str
    record_type: str
    records: int
    without_history: int
    still_open: int
    complete: int
    variants: int
    paths: tuple[PathLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How the records stand to one rule."""

    constraint_id: str
    title: str
    formula: str
    source_id: str
    in_scope: int
    not_assessable: int
    vacuous: int
    kept: int
    pending: int
    violated: int
    activations: int
    violations: int
    pending_activations: int
    reasons: Mapping[str, int]
    examples: tuple[str, ...]

    @property
    def parts(self) -> dict[str, int]:
        """Records by where they stand."""
        return {name: getattr(self, name) for name in STANDINGS}


@dataclass(frozen=True, slots=True)
class ProcessLines:
    """All of it; `forbidden` are the steps that the model does not allow, the most frequent first."""

    models: tuple[ModelLine, ...]
    forbidden: tuple[Mapping[str, Any], ...]
    rules: tuple[RuleLine, ...]
    types: tuple[TypeLine, ...] = field(default=())

    @property
    def asked(self) -> list[RuleLine]:
        """The rules over all sources that apply to any record; those that were broken first."""
        found = [line for line in self.rules if line.source_id == ALL_SOURCES and line.in_scope]
        return sorted(found, key=lambda line: (-line.violated, line.kept + line.pending == 0, line.constraint_id))

    @property
    def silent(self) -> int:
        """How many rules have no record in scope."""
        return sum(line.source_id == ALL_SOURCES and not line.in_scope for line in self.rules)


def process_lines(found: Process, top: int | None = None) -> ProcessLines:
    """Return the lines, with at most `top` paths of each record type and source."""
    steps = found.steps.to_pylist()
    broken = sorted(
        (row for row in steps if row["verdict"] == "not_allowed"),
        key=lambda row: (-row["steps"], row["source_id"], row["record_type"], row["from_state"], row["to_state"]),
    )
    return ProcessLines(_models(found, steps), tuple(broken), tuple(_rules(found)), tuple(_types(found, top)))


def lasting(seconds: float | None) -> str:
    """Say a length of time; a missing one is a dash."""
    return "–" if seconds is None else length(timedelta(seconds=seconds))


def _models(found: Process, steps: list[dict[str, Any]]) -> tuple[ModelLine, ...]:
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for row in steps:
        numbers = counted.setdefault((row["source_id"], row["record_type"]), dict.fromkeys((*_VERDICTS, "steps"), 0))
        numbers[row["verdict"]] += row["steps"]
        numbers["steps"] += row["steps"]
    for row in found.following.to_pylist():
        numbers = counted[row["source_id"], row["record_type"]]
        numbers |= {name: row[name] for name in ("records", "following", "departing")}
        numbers["unclear"] = row["not_assessable"]
    return tuple(ModelLine(source, kind, **numbers) for (source, kind), numbers in sorted(counted.items()))


def _rules(found: Process) -> list[RuleLine]:
    return [
        RuleLine(**{**row, "reasons": json.loads(row["reasons"]), "examples": tuple(row["examples"])})
        for row in found.constraints.to_pylist()
    ]


def _types(found: Process, top: int | None) -> list[TypeLine]:
    paths: dict[tuple[str, str], list[PathLine]] = {}
    for row in found.variants.to_pylist():
        if top is None or row["place"] <= top:
            line = PathLine(
                row["place"], row["path"], row["records"], row["share"], row["cumulative_share"],
                lasting(row["median_seconds"]), lasting(row["p90_seconds"]),
            )  # fmt: skip
            paths.setdefault((row["source_id"], row["record_type"]), []).append(line)
    return [
        TypeLine(**row, paths=tuple(paths.get((row["source_id"], row["record_type"]), ())))
        for row in found.records.to_pylist()
    ]
