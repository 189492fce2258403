"""Faults that real instances show besides those that every server does."""

from __future__ import annotations

from itsm_bridge import simulation
from itsm_bridge.simulation import EVERYWHERE

KINDS = (
    "rate_limit_seconds", "rate_limit_date", "rate_limit_reset", *EVERYWHERE, "html", "partial_result", "error_only",
    "short_page", "token_expiry",
)  # fmt: skip


class Faults(simulation.Faults):
    """The faults of an instance."""

    kinds = KINDS
