"""Jira Service Management adapter for itsm-bridge."""

from __future__ import annotations

from collections.abc import Sequence

from itsm_bridge.hookspecs import hookimpl


@hookimpl
def itsm_adapters() -> Sequence[type]:
    """Return the Jira Service Management adapter."""
    from itsm_bridge_jira_sm.adapter import JiraServiceManagement

    return [JiraServiceManagement]
