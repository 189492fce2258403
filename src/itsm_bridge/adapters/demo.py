"""The demo: every installed adapter that can simulate its tool does so, and one sweep judges them all."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from itsm_bridge.adapter import Demonstration
from itsm_bridge.adapters.demo_registers import registers
from itsm_bridge.errors import UsageError
from itsm_bridge.policy import forms, template
from itsm_bridge.secrets import Secret
from itsm_bridge.settings import CONFIG_FILE, load_config

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter
    from itsm_bridge.delivery import Delivered
    from itsm_bridge.plugins import Plugins
    from itsm_bridge.progress import Progress
    from itsm_bridge.reports.view import AssessmentView

MARK = "# Written by `itsm-bridge demo`; safe to delete together with this folder."
_ENDED = """\
# Its simulated tools ended with it. `check`, `report`, `export` and `verify` work with what is here; before `sync`,
# `sweep` and `doctor`, serve them again in another terminal:"""
_AGAIN = "#   "
_SECTIONS = (
    "", "[store]", 'path = "data"', "", "[assessment]", 'period = "30d"', 'timezone = "Europe/Berlin"',
    'policy = "policy"', "", "[report]", 'path = "reports"',
)  # fmt: skip


def run_demo(folder: Path, plugins: Plugins, progress: Progress) -> tuple[AssessmentView, Delivered]:
    """Sweep the simulated tools of all adapters into a fresh store in `folder` and write the reports there.

    Raises UsageError when the folder holds something else than an earlier demo, or no adapter can simulate.
    """
    from itsm_bridge import pipeline
    from itsm_bridge.delivery import deliver_reports

    _make_room(folder)
    with ExitStack() as stack:
        sources: dict[str, tuple[type[Adapter], Demonstration]] = {}
        for name, adapter in plugins.adapters.items():
            simulated = adapter.demonstration()
            if simulated is not None:
                progress.note(f"starting a simulated {adapter.title}")
                sources[f"demo-{name}"] = adapter, stack.enter_context(simulated)
        if not sources:
            raise UsageError("no installed adapter can simulate its tool", hint="Install itsm-bridge-servicenow.")
        path = _write_config(folder, sources)
        config = load_config(path, plugins)
        view = pipeline.sweep(config, plugins, progress=progress)
        return view, deliver_reports(config, plugins, view, notify=False)


def holds_demo(folder: Path) -> bool:
    """Tell whether a demo was written to a folder; the next one there replaces it."""
    return _is_demo(folder / CONFIG_FILE)


def to_serve_again(config: Path) -> str:
    """Return what to do where settings are those of a demo and its tool does not answer; else an empty text."""
    if not _is_demo(config):
        return ""
    lines = config.read_text(encoding="utf-8").splitlines()
    commands = [f"`{line.removeprefix(_AGAIN)}`" for line in lines if line.startswith(_AGAIN)]
    return f"The simulated tool ended with the demo: serve it again with {' and '.join(commands)}." if commands else ""


def _is_demo(config: Path) -> bool:
    return config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)


def _make_room(folder: Path) -> None:
    if not folder.exists():
        return
    if not holds_demo(folder) and any(folder.iterdir()):
        raise UsageError(
            "the folder is not empty and holds no demo", where=str(folder), hint="Name another with --folder."
        )
    for name in ("data", "reports", "policy"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _write_config(folder: Path, sources: Mapping[str, tuple[type[Adapter], Demonstration]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    again = [f"{_AGAIN}{command}" for source in sources.values() for command in _serving(*source)]
    lines = [MARK, *([_ENDED, *again] if again else ()), *_SECTIONS]
    for name, (adapter, simulated) in sources.items():
        lines += ["", f"[sources.{name}]"]
        for key, value in simulated.settings.items():
            if Secret.__name__ in str(adapter.settings.model_fields[key].annotation):
                file = folder / f"{name}.{key}"
                file.write_text(value, encoding="utf-8")
                file.chmod(0o600)
                value = {"file": file.name}
            lines.append(f"{key} = {_literal(value)}")
    _write_policy(folder / "policy", [simulated for _, simulated in sources.values()])
    path = folder / CONFIG_FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _serving(adapter: type[Adapter], simulated: Demonstration) -> Iterator[str]:
    """Yield the command that serves a simulated tool again, `python -m <package>.testing`, where its plugin has it."""
    module = f"{adapter.__module__.partition('.')[0]}.testing"
    port = urlsplit(str(simulated.settings.get("url", ""))).port
    if port and find_spec(module) and find_spec(f"{module}.__main__"):
        yield f"{sys.executable} -m {module} --port {port}"


def _write_policy(folder: Path, simulated: Iterable[Demonstration]) -> None:
    texts = {**template(), **forms()}
    for more in (registers(datetime.now(UTC).date()), *(demonstration.policy for demonstration in simulated)):
        for name, text in more.items():
            texts[name] = texts.get(name, "") + text
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_literal(item)}' for key, item in value.items())} }}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return str(value) if isinstance(value, int) else json.dumps(str(value))
