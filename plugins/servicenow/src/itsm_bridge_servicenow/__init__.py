"""ServiceNow adapter for itsm-bridge."""

from __future__ import annotations

from collections.abc import Sequence

from itsm_bridge.hookspecs import hookimpl


@hookimpl
def itsm_adapters() -> Sequence[type]:
    """Return the ServiceNow adapter."""
    from itsm_bridge_servicenow.adapter import ServiceNow

    return [ServiceNow]
