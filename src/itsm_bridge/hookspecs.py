"""The hooks of itsm-bridge: all that a plugin can add.

A plugin is an entry point in the group `itsm_bridge` that names a module (or object) whose
functions are marked with `hookimpl`. Import what you return inside the function, so that asking for
one thing never loads all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter

PROJECT = "itsm_bridge"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def itsm_adapters() -> Sequence[type[Adapter]]:  # type: ignore[empty-body]  # a specification has no body
    """Return adapter classes; `Adapter.name` is what `[sources.…] adapter` says and must be unique."""


@hookspec
def itsm_checks() -> Sequence[Path]:  # type: ignore[empty-body]  # a specification has no body
    """Return folders that hold check files, at any depth."""


@hookspec
def itsm_kpis() -> Sequence[Path]:  # type: ignore[empty-body]  # a specification has no body
    """Return folders that hold KPI files, at any depth."""


@hookspec
def itsm_reports() -> Sequence[Any]:  # type: ignore[empty-body]  # a specification has no body
    """Return reports (`itsm_bridge.reports.Report`); `name` is what `--format` says and must be unique."""


@hookspec
def itsm_notify(view: Any, config: Any) -> None:
    """Tell somebody about a finished assessment.

    `view` is the AssessmentView that reports get, `config` the Config. Raise DeliveryError when the
    message did not arrive: the sweep then ends with exit code 4, and other plugins are still asked.
    """
