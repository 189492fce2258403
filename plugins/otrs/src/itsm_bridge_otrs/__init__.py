"""OTRS, Znuny and OTOBO adapter for itsm-bridge."""

from __future__ import annotations

from collections.abc import Sequence

from itsm_bridge.hookspecs import hookimpl


@hookimpl
def itsm_adapters() -> Sequence[type]:
    """Return the adapter of this family of tools."""
    from itsm_bridge_otrs.adapter import OtrsAdapter

    return [OtrsAdapter]
