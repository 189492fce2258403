"""Geometry of the inline pictures: numbers for SVG attributes, so that the page needs no style attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from itsm_bridge.reports.lines import ResultLine, SourceLine
from itsm_bridge.reports.process import STANDINGS, RuleLine
from itsm_bridge.reports.words import CONCLUSIONS, STREAM_STATUSES, count, percent

STANDING_PATTERNS = {
    "kept": "conforming", "pending": "observation", "violated": "major", "vacuous": "opportunity_for_improvement",
    "not_assessable": "not_assessed",
}  # fmt: skip
"""The pattern that stands for each standing to a rule."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a stacked bar of width 1000."""

    name: str
    x: float
    width: float
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class RateBar:
    """A rate on a bar of width 100 (percent), its interval, and the sentence for those who do not see it."""

    rate: float
    low: float
    high: float
    words: str


def conclusions_bar(leaf_counts: Mapping[str, int]) -> list[Segment]:
    """Return the share of leaf clauses per conclusion, worst first."""
    return _stack({name: leaf_counts[name] for name in CONCLUSIONS}, {n: w.label for n, w in CONCLUSIONS.items()})


def streams_bar(source: SourceLine) -> list[Segment]:
    """Return the share of the streams asked for per outcome."""
    numbers = {name: sum(s.status == name for s in source.asked) for name in STREAM_STATUSES}
    return _stack(numbers, {name: word.label for name, word in STREAM_STATUSES.items()})


def standing_bar(line: RuleLine) -> list[Segment]:
    """Return the share of the records in scope by where they stand to a rule."""
    numbers = {STANDING_PATTERNS[name]: number for name, number in line.parts.items()}
    return _stack(numbers, {STANDING_PATTERNS[name]: label for name, label in STANDINGS.items()})


def rate_bar(result: ResultLine) -> RateBar | None:
    """Return the bar of a check's rate; None where nothing was assessed."""
    if result.rate is None or result.rate_low is None or result.rate_high is None:
        return None
    words = (
        f"{count(result.failing)} of {count(result.assessable)} failing, {percent(result.rate)}; "
        f"90 % interval {percent(result.rate_low)} to {percent(result.rate_high)}"
    )
    rate, low, high = (round(share * 100, 2) for share in (result.rate, result.rate_low, result.rate_high))
    return RateBar(rate, low, high, words)


def _stack(numbers: Mapping[str, int], labels: Mapping[str, str]) -> list[Segment]:
    total = sum(numbers.values())
    segments, x = [], 0.0
    for name, number in numbers.items():
        if number:
            width = number / total * 1000
            segments.append(Segment(name, round(x, 3), round(width, 3), number, labels[name]))
            x += width
    return segments
