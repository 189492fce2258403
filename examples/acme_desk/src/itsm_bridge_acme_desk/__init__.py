"""Acme Desk adapter for itsm-bridge."""

from __future__ import annotations

from collections.abc import Sequence

from itsm_bridge import hookimpl


@hookimpl
def itsm_adapters() -> Sequence[type]:
    """Return the Acme Desk adapter."""
    from itsm_bridge_acme_desk.adapter import AcmeDesk

    return [AcmeDesk]
