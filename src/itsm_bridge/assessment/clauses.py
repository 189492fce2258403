"""The clauses of ISO/IEC 20000-1 as data: our labels, what each asks for, and what can show it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from itsm_bridge.errors import ConfigurationError

Evidence = Literal["records", "history", "register", "attestation"]
TOOL_EVIDENCE: tuple[Evidence, ...] = ("records", "history")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a clause asks for. `number` counts from 1 within the clause.

    `evidence` says what can show it; all of `checks` must have been assessed before it counts.
    """

    number: int
    text: str
    evidence: Evidence
    checks: tuple[str, ...] = ()

    @property
    def needs_a_person(self) -> bool:
        """True where no check speaks about the point, so that only an attestation can show it."""
        return self.evidence == "attestation" or not self.checks


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause with its points; a clause that only groups others has none."""

    id: str
    title: str
    points: tuple[Point, ...] = ()

    @property
    def is_leaf(self) -> bool:
        """True for a clause that asks for something itself."""
        return bool(self.points)


class Clauses(Mapping[str, Clause]):
    """All clauses in the order of the standard."""

    def __init__(self, clauses: Mapping[str, Clause]) -> None:
        self._clauses = dict(sorted(clauses.items(), key=lambda item: order(item[0])))

    def __getitem__(self, clause: str) -> Clause:
        return self._clauses[clause]

    def __iter__(self) -> Iterator[str]:
        return iter(self._clauses)

    def __len__(self) -> int:
        return len(self._clauses)

    @property
    def leaves(self) -> tuple[Clause, ...]:
        """Clauses that ask for something themselves."""
        return tuple(clause for clause in self.values() if clause.is_leaf)

    def below(self, clause: str) -> tuple[Clause, ...]:
        """Return the leaf clauses below `clause`."""
        return tuple(leaf for leaf in self.leaves if leaf.id.startswith(f"{clause}."))

    def group_of(self, clause: str) -> str:
        """Return the main clause (4 to 10) that `clause` belongs to."""
        return clause.split(".", 1)[0]


def order(clause: str) -> tuple[int, ...]:
    """Return a sort key that puts 8.10 after 8.9; what is not a number sorts last."""
    return tuple(int(part) if part.isdecimal() else 10_000 for part in clause.split("."))


def load_clauses(text: str | None = None, where: str = "clauses.toml") -> Clauses:
    """Read the clauses, the packaged ones by default; raises ConfigurationError where a point is malformed."""
    if text is None:
        text = files("itsm_bridge.assessment").joinpath("clauses.toml").read_text("utf-8")
    try:
        found = tomllib.loads(text).get("clause", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"not TOML: {error}", where=where, hint="Correct the line named.") from error
    return Clauses({name: _clause(name, entry, where) for name, entry in found.items()})


def _clause(name: str, entry: Mapping[str, Any], where: str) -> Clause:
    if not isinstance(entry.get("title"), str):
        raise ConfigurationError(f"clause {name} has no title", where=where, hint='Add title = "…" to it.')
    points = tuple(_point(name, n, point, where) for n, point in enumerate(entry.get("points", ()), start=1))
    return Clause(name, entry["title"], points)


def _point(clause: str, number: int, entry: Mapping[str, Any], where: str) -> Point:
    evidence = entry.get("evidence")
    if evidence not in get_args(Evidence) or not entry.get("text"):
        raise ConfigurationError(
            f"clause {clause}, point {number}: text or evidence is missing or unknown ({evidence!r})",
            where=where,
            hint=f"Evidence is one of {', '.join(get_args(Evidence))}.",
        )
    return Point(number, entry["text"], cast(Evidence, evidence), tuple(entry.get("checks", ())))
