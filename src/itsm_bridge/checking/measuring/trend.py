"""What became of a figure since the period before, as far as the numbers behind it allow to say."""

from __future__ import annotations

from itsm_bridge.checking.definition import Kpi

FEWEST = 20
"""With fewer subjects than these in either period a figure is shown, and no trend is told (catalogue §5)."""

NOTICEABLE = 0.05
"""What changes by less than this part of what it was, or of what a share lacks to the whole, counts as unchanged."""

Figure = tuple[float | None, int]
"""A value, and how many subjects stand behind it."""


def trend(kpi: Kpi, now: Figure, before: Figure) -> str | None:
    """Return a trend of the schema; None where either period has no value."""
    (value, n), (previous, previous_n) = now, before
    if value is None or previous is None:
        return None
    if min(n, previous_n) < FEWEST:
        return "too_few"
    scale = min(previous, 1 - previous) if kpi.unit == "share" else abs(previous)
    if abs(value - previous) <= NOTICEABLE * scale:
        return "unchanged"
    went = "higher" if value > previous else "lower"
    if kpi.better == "neither":
        return went
    return "better" if went == kpi.better else "worse"
