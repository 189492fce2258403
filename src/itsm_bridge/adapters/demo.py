"""The demo: every installed adapter that can simulate its tool does so, and one sweep judges them all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itsm_bridge.adapter import Demonstration
from itsm_bridge.errors import UsageError
from itsm_bridge.policy import template
from itsm_bridge.settings import CONFIG_FILE, load_config

if TYPE_CHECKING:
    from itsm_bridge.delivery import Delivered
    from itsm_bridge.plugins import Plugins
    from itsm_bridge.progress import Progress
    from itsm_bridge.reports.view import AssessmentView

MARK = "# Written by `itsm-bridge demo`; safe to delete together with this folder."


def run_demo(folder: Path, plugins: Plugins, progress: Progress) -> tuple[AssessmentView, Delivered]:
    """Sweep the simulated tools of all adapters into a fresh store in `folder` and write the reports there.

    Raises UsageError when the folder holds something else than an earlier demo, or no adapter can simulate.
    """
    from itsm_bridge import pipeline
    from itsm_bridge.delivery import deliver_reports

    _make_room(folder)
    with ExitStack() as stack:
        sources: dict[str, Demonstration] = {}
        for name, adapter in plugins.adapters.items():
            simulated = adapter.demonstration()
            if simulated is not None:
                progress.note(f"starting a simulated {adapter.title}")
                sources[f"demo-{name}"] = stack.enter_context(simulated)
        if not sources:
            raise UsageError("no installed adapter can simulate its tool", hint="Install itsm-bridge-servicenow.")
        path = _write_config(folder, sources)
        config = load_config(path, plugins)
        view = pipeline.sweep(config, plugins, progress=progress)
        return view, deliver_reports(config, plugins, view, notify=False)


def _make_room(folder: Path) -> None:
    if not folder.exists():
        return
    config = folder / CONFIG_FILE
    is_ours = config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)
    if not is_ours and any(folder.iterdir()):
        raise UsageError(
            "the folder is not empty and holds no demo", where=str(folder), hint="Name another with --folder."
        )
    for name in ("data", "reports", "policy"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _write_config(folder: Path, sources: Mapping[str, Demonstration]) -> Path:
    lines = [MARK, "", "[store]", 'path = "data"', "", "[assessment]", 'period = "30d"', 'timezone = "Europe/Berlin"',
             'policy = "policy"', "", "[report]", 'path = "reports"']  # fmt: skip
    for name, simulated in sources.items():
        lines += ["", f"[sources.{name}]"]
        for key, value in simulated.settings.items():
            if key in ("password", "client_secret"):
                variable = f"{name}_{key}".upper().replace("-", "_")
                os.environ[variable] = value
                lines.append(f'{key} = {{ env = "{variable}" }}')
            else:
                lines.append(f"{key} = {_literal(value)}")
    _write_policy(folder / "policy", sources.values())
    path = folder / CONFIG_FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _write_policy(folder: Path, simulated: Iterable[Demonstration]) -> None:
    texts = template()
    for demonstration in simulated:
        for name, text in demonstration.policy.items():
            texts[name] = texts.get(name, "") + text
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return str(value) if isinstance(value, int) else json.dumps(str(value))
