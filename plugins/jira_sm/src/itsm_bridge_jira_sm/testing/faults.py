"""Faults that real sites show besides those that every server does."""

from __future__ import annotations

from itsm_bridge import simulation
from itsm_bridge.simulation import EVERYWHERE

KINDS = (
    "rate_limit", "rate_limit_seconds", "rate_limit_date", "rate_limit_reset", *EVERYWHERE, "html", "partial_result",
    "short_page", "empty_page", "repeated_token", "missing_is_last", "oauth_expiry",
)  # fmt: skip


class Faults(simulation.Faults):
    """The faults of a site; a repeated token is an error, which no client gets over."""

    kinds = KINDS
    not_passing = ("repeated_token",)
