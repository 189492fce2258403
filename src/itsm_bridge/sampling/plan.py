"""What a sampling plan says, and the arithmetic behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Literal

from itsm_bridge.errors import UsageError

FAILING, PASSING = 25, 5
"""How many failing and passing records of each check people verify."""
WANTED_PRECISION = 0.80
"""Below this share of confirmed findings, mapping or parameters are to be corrected before anything is reported."""

Part = Literal["failing", "passing", "random", "all"]
PARTS: dict[Part, str] = {
    "failing": "fails the check: is it true?",
    "passing": "passes the check: is it true?",
    "random": "drawn at random: judge what no check can, such as the quality of texts",
    "all": "of a kind of which every record is looked at",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One record that a person is to look at. `group` is the check or the process, `place` its order within."""

    part: Part
    group: str
    place: int
    source_id: str
    subject: str
    work_item_id: str | None
    number: str | None = None
    url: str | None = None
    reason: str = ""
    priority: int | None = None
    service: str | None = None
    team: str | None = None
    change_type: str | None = None


@dataclass(frozen=True, slots=True)
class CheckSample:
    """How many of a check's failing and passing subjects are drawn."""

    check: str
    title: str
    failing: int
    failing_drawn: int
    passing: int
    passing_drawn: int


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """How many records of a process lived in the period, how many of them are taken all, how many drawn at random."""

    process: str
    population: int
    taken: int
    wanted: int
    drawn: int


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """All records that people are to look at in one assessment, with the seed that draws them again."""

    assessment: int
    snapshot: int
    seed: str
    confidence: float
    tolerance: float
    checks: tuple[CheckSample, ...]
    processes: tuple[ProcessSample, ...]
    records: tuple[Drawn, ...]


def discovery_size(confidence: float, tolerance: float) -> int:
    """Return how many records without an error show, with a confidence, that at most a share of all has one."""
    for name, share in (("confidence", confidence), ("tolerance", tolerance)):
        if not 0 < share < 1:
            raise UsageError(f"the {name} is {share}", hint="Write a share between 0 and 1, such as 0.95.")
    return ceil(log(1 - confidence) / log(1 - tolerance))


def rank(seed: str, group: str, subject: str) -> str:
    """Return by what subjects are ordered before the first are drawn: SHA-256 of seed, group and subject."""
    return hashlib.sha256(f"{seed}/{group}/{subject}".encode("utf-8", "surrogatepass")).hexdigest()


def drawn_first(seed: str, group: str, subjects: Iterable[str], number: int) -> list[str]:
    """Return the subjects that are drawn, in order."""
    return sorted(set(subjects), key=lambda subject: (rank(seed, group, subject), subject))[:number]


def spread(seed: str, group: str, population: int, number: int) -> Sequence[int]:
    """Return the places that are drawn from a list: evenly over it, from a start that the seed decides.

    Drawn so from a list sorted by strata, every stratum has its share.
    """
    number = min(number, population)
    start = int(rank(seed, group, "start"), 16) % population if population else 0
    return sorted((n * population + start) // number for n in range(number)) if number else ()
