"""What a check and a KPI are once their file has been read (design §7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

KINDS = (
    "completeness", "timeliness", "process", "relation", "separation_of_duties", "service_level", "data_integrity",
)  # fmt: skip
SEVERITIES = ("major", "minor", "ofi")
BASES = ("standard", "policy", "agreement", "practice", "integrity")
RELATIONS = ("full", "partial", "supporting")
OPEN_ANCHORS = ("now", "open")
"""Anchors that are no moment: the state at `$now` is judged, whatever the period."""

FIGURES = ("count", "share", "mean", "median", "p90", "quotient")
"""What is made of the values of single subjects; a quotient is the sum of values by the sum of weights."""
BETTER = ("lower", "higher", "neither")
AT_END = "end"
"""Anchor of a figure that is told for the end of any period, rather than over what fell into it."""

ParameterKind = Literal["duration", "count", "share", "word"]


class Clause(NamedTuple):
    """A clause that a check serves, and how far it covers the point it serves."""

    clause: str
    relation: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a view, its alias in the check's SQL, and the expression that names one row for good."""

    view: str = "w"
    alias: str = "w"
    key: str = "w.work_item_id"


@dataclass(frozen=True, slots=True)
class NotAssessable:
    """A predicate under which a record cannot be judged, and why."""

    when: str
    reason: str


@dataclass(frozen=True, slots=True)
class Taint:
    """What a failed data-quality check makes untrustworthy, under which predicate.

    `columns` are names of the schema (`work_item.closed_at`) or capabilities (`history.state`).
    `tables` is an expression that yields comma-separated tables of the source instead.
    """

    when: str
    columns: tuple[str, ...] = ()
    tables: str = ""


class Bound(NamedTuple):
    """How far a parameter may go before a pass no longer shows what the clause asks for; None is open."""

    min: str | int | None = None
    max: str | int | None = None

    def __str__(self) -> str:
        ends = (("at least", self.min), ("at most", self.max))
        return " and ".join(f"{word} {end}" for word, end in ends if end is not None)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that an organisation may set, as people write it: `24h`, `7d`, `2 %`, 20, a word."""

    name: str
    default: str | int
    kind: ParameterKind
    meaning: str
    unit: str = ""
    bound: Bound | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of records. `text` is the file's contents, for the manifest."""

    id: str
    version: int
    title: str
    process: str
    clauses: tuple[Clause, ...]
    kind: str
    severity: str
    basis: str
    record_types: tuple[str, ...]
    anchor: str
    violation: str
    message: str
    why: str
    remedy: str
    limits: str
    procedure: str
    population: str = "TRUE"
    subject: Subject = Subject()
    not_assessable: tuple[NotAssessable, ...] = ()
    taints: tuple[Taint, ...] = ()
    suppressed_by: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    declare: str = ""
    cases: tuple[Mapping[str, Any], ...] = ()
    path: Path = Path()
    text: str = ""

    @property
    def is_anchored(self) -> bool:
        """Whether the period decides which records count; otherwise the state at `$now` is judged."""
        return self.anchor not in OPEN_ANCHORS

    @property
    def expressions(self) -> dict[str, str]:
        """Every SQL expression of the check by the key that holds it."""
        found = {**_asked(self), "violation": self.violation}
        for n, taint in enumerate(self.taints, 1):
            found[f"taints[{n}].when"] = taint.when
            if taint.tables:
                found[f"taints[{n}].tables"] = taint.tables
        found.update((f"evidence.{name}", sql) for name, sql in self.evidence.items())
        return found


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure asked of records: subjects in scope, a value of each, and what is made of these values.

    `value` is a predicate where the figure is a count or a share, else a number; `weight` belongs to a quotient.
    """

    id: str
    version: int
    title: str
    process: str
    clauses: tuple[Clause, ...]
    figure: str
    unit: str
    better: str
    record_types: tuple[str, ...]
    anchor: str
    value: str
    meaning: str
    formula: str
    limits: str
    weight: str = ""
    population: str = "TRUE"
    subject: Subject = Subject()
    not_assessable: tuple[NotAssessable, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    cases: tuple[Mapping[str, Any], ...] = ()
    path: Path = Path()
    text: str = ""

    @property
    def is_anchored(self) -> bool:
        """Whether subjects fall into the period by a moment of their own."""
        return self.anchor not in (*OPEN_ANCHORS, AT_END)

    @property
    def is_repeatable(self) -> bool:
        """Whether the figure can be told for an earlier period too, and not only as things stand now."""
        return self.anchor not in OPEN_ANCHORS

    @property
    def taints(self) -> tuple[Taint, ...]:
        """What it makes untrustworthy: nothing, as only data-quality checks do."""
        return ()

    @property
    def expressions(self) -> dict[str, str]:
        """Every SQL expression of the KPI by the key that holds it."""
        return {**_asked(self), "value": self.value, **({"weight": self.weight} if self.weight else {})}


Question = Check | Kpi
"""Something that is asked of records."""


def _asked(question: Question) -> dict[str, str]:
    """Return the SQL that decides which subjects are in scope and which of them can be told."""
    found = {"subject.key": question.subject.key, "population": question.population}
    if question.is_anchored:
        found["anchor"] = question.anchor
    found.update((f"not_assessable[{n}].when", each.when) for n, each in enumerate(question.not_assessable, 1))
    return found
