"""What a benchmark says: a ratio of two measurements of one run, its target, and whether it was met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

Bound = Literal["at most", "at least", ""]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result.

    `value` is a ratio unless `unit` says otherwise; `target` is None where there is nothing to be met.
    `spread` are the lowest and highest of the repetitions.
    """

    benchmark: str
    what: str
    value: float
    bound: Bound = ""
    target: float | None = None
    unit: str = ""
    spread: tuple[float, float] | None = None
    detail: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target was met; None without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.bound == "at most" else self.value >= self.target

    @property
    def verdict(self) -> str:
        """The same in words."""
        return {None: "", True: "met", False: "not met"}[self.is_met]

    def as_dict(self) -> dict[str, Any]:
        """Return the figure as JSON takes it."""
        return {**asdict(self), "met": self.is_met}


def middle(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """Return the median, and the lowest and highest."""
    return median(values), (min(values), max(values))


def shown(figures: Sequence[Figure]) -> str:
    """Return figures as a table for a terminal."""
    lines = []
    for figure in figures:
        value = f"{figure.value:,.0f} {figure.unit}" if figure.unit else f"{figure.value:.2f}"
        number = f"{figure.target:,.0f} {figure.unit}" if figure.unit and figure.target else f"{figure.target}"
        target = f"{figure.bound} {number}" if figure.target is not None else ""
        spread = f"  ({figure.spread[0]:.2f} to {figure.spread[1]:.2f})" if figure.spread else ""
        lines.append(f"  {figure.what:<72} {value:>9}  {target:<17} {figure.verdict}".rstrip())
        if figure.detail or spread:
            lines.append(f"      {figure.detail}{spread}")
    return "\n".join(lines)
