"""Bringing an assessment to people: files in the report folder, notifications, and the exit code of it all."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from itsm_bridge.disk import unwritten
from itsm_bridge.errors import EXIT_NOT_DELIVERED, DeliveryError
from itsm_bridge.redaction import redact

if TYPE_CHECKING:
    from itsm_bridge.plugins import Plugins
    from itsm_bridge.reports.view import AssessmentView
    from itsm_bridge.settings import Config

_log = logging.getLogger(__name__)

ON_THE_TERMINAL = "console"


@dataclass(frozen=True, slots=True)
class Delivered:
    """Files written, and the exit code of the assessment, or 4 where something did not arrive."""

    files: tuple[Path, ...]
    exit_code: int


def deliver_reports(config: Config, plugins: Plugins, view: AssessmentView, *, notify: bool) -> Delivered:
    """Write every report but the console's as `assessment-<number>.<name>`, and notify when asked."""
    files, failures = _write_all(config, plugins, view)
    if notify:
        failures += plugins.notify(view, config)
    for failure in failures:
        _log.error("not delivered: %s%s", redact(str(failure)), f" ({failure.hint})" if failure.hint else "")
    return Delivered(tuple(files), EXIT_NOT_DELIVERED if failures else view.exit_code)


def _write_all(config: Config, plugins: Plugins, view: AssessmentView) -> tuple[list[Path], list[DeliveryError]]:
    files: list[Path] = []
    failures: list[DeliveryError] = []
    try:
        config.report.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message, hint = unwritten(error, config.report.path)
        hint = f"{hint} Another folder can be chosen in [report] path."
        return [], [DeliveryError(f"the reports {message}", where=str(config.report.path), hint=hint)]
    shown = view if config.report.process else replace(view, process=None)
    for name, report in plugins.reports.items():
        if name == ON_THE_TERMINAL:
            continue
        try:
            written = report.write(shown, config.report.path / f"assessment-{view.number:04d}.{name}")
        except DeliveryError as error:
            failures.append(error)
        else:
            files += [written] if written else []
    return files, failures
