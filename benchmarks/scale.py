"""How much is measured: a default that runs in about two minutes, and the sizes that the targets speak of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of all benchmarks.

    `slow_*` belong to the slow instance, `work_items` to the checks, `issue*` to Jira, `ticket*` to OTRS.
    """

    name: str
    rows: int
    pairs: int
    slow_rows: int
    slow_window: int
    growth_rows: int
    work_items: int
    issues: int
    issues_with_history: int
    issue_pairs: int
    tickets: int
    ticket_pairs: int


SCALES = {
    "tiny": Scale("tiny", 2_000, 1, 4_000, 1_000, 2_000, 2_000, 1_000, 300, 1, 1_000, 1),
    "small": Scale("small", 20_000, 3, 40_000, 2_000, 30_000, 50_000, 10_000, 2_000, 3, 10_000, 3),
    "full": Scale("full", 300_000, 5, 300_000, 20_000, 1_000_000, 1_000_000, 100_000, 100_000, 5, 100_000, 5),
}
