"""Hooks of what comes with itsm-bridge itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itsm_bridge.hookspecs import hookimpl

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter


@hookimpl
def itsm_adapters() -> Sequence[type[Adapter]]:
    """Return the adapter for files."""
    from itsm_bridge.adapters.files import Files

    return [Files]


@hookimpl
def itsm_checks() -> Sequence[Path]:
    """Return the folder of our checks."""
    return [Path(__file__).parent / "checks"]


@hookimpl
def itsm_kpis() -> Sequence[Path]:
    """Return the folder of our KPIs."""
    return [Path(__file__).parent / "kpis"]


@hookimpl
def itsm_reports() -> Sequence[Any]:
    """Return the reports for terminals, programs and browsers."""
    from itsm_bridge.reports import CONSOLE, HTML, JSON

    return [CONSOLE, JSON, HTML]
