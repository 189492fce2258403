"""The demo: every installed adapter that can simulate its tool does so, and two nights of sweeps judge them all."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from itsm_bridge.adapter import Demonstration
from itsm_bridge.adapters.demo_registers import objectives, registers
from itsm_bridge.errors import UsageError
from itsm_bridge.policy import forms, template
from itsm_bridge.policy.choices import PARAMETERS
from itsm_bridge.secrets import Secret
from itsm_bridge.settings import CONFIG_FILE, load_config

if TYPE_CHECKING:
    from itsm_bridge.adapter import Adapter
    from itsm_bridge.delivery import Delivered
    from itsm_bridge.plugins import Plugins
    from itsm_bridge.progress import Progress
    from itsm_bridge.reports.view import AssessmentView
    from itsm_bridge.settings import Config

MARK = "# Written by `itsm-bridge demo`; safe to delete together with this folder."
_ENDED = """\
# Its simulated tools ended with it. `check`, `report`, `export` and `verify` work with what is here; before `sync`,
# `sweep` and `doctor`, serve them again in another terminal:"""
_AGAIN = "#   "
_DAYS = 30
_SECTIONS = (
    "", "[store]", 'path = "data"', "", "[assessment]", f'period = "{_DAYS}d"', 'timezone = "Europe/Berlin"',
    'policy = "policy"', "", "[report]", 'path = "reports"',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """The simulated tools while they run: the settings to read them all, and what is to happen in the next day."""

    config: Config
    next_days: tuple[Callable[[], object], ...]


def run_demo(
    folder: Path, plugins: Plugins, progress: Progress, *, now: datetime | None = None
) -> tuple[AssessmentView, Delivered]:  # fmt: skip
    """Sweep the simulated tools of all adapters into a fresh store in `folder` and write the reports there.

    They are read in two nights, as a schedule would. The first judges the period before; a day goes by in the tools;
    the second judges the last one, as of `now` (by default this moment), and its assessment is returned.
    Raises UsageError when the folder holds something else than an earlier demo, or no adapter can simulate.
    """
    from itsm_bridge import pipeline
    from itsm_bridge.delivery import deliver_reports

    today = (now or datetime.now(UTC)).date()
    with served(folder, plugins, progress, today) as demo:
        (folder / "policy" / PARAMETERS).write_text(objectives(today), encoding="utf-8")
        if demo.next_days:
            progress.note(f"first night: reading all tools, and judging the {_DAYS} days before the last ones")
            pipeline.sync(demo.config, plugins, progress=progress)
            pipeline.check(_period_before(demo.config, today), plugins, now=now, progress=progress)
            for next_day in demo.next_days:
                next_day()
            progress.note(f"second night: reading what happened since, and judging the last {_DAYS} days")
        view = pipeline.sweep(demo.config, plugins, now=now, progress=progress)
        return view, deliver_reports(demo.config, plugins, view, notify=False)


@contextmanager
def served(folder: Path, plugins: Plugins, progress: Progress, today: date) -> Iterator[Served]:
    """Serve the simulated tools of all adapters, with settings in `folder` and registers dated from `today`.

    Raises UsageError as `run_demo` does.
    """
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
        config = load_config(_write_config(folder, sources, today), plugins)
        yield Served(config, tuple(shown.next_day for _, shown in sources.values() if shown.next_day))


def _period_before(config: Config, today: date) -> Config:
    """Return settings that judge the 30 whole days before the last ones."""
    last = today - timedelta(days=_DAYS + 1)
    period = f"{last - timedelta(days=_DAYS - 1)}/{last}"
    return config.model_copy(update={"assessment": config.assessment.model_copy(update={"period": period})})


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


def _write_config(folder: Path, sources: Mapping[str, tuple[type[Adapter], Demonstration]], today: date) -> Path:
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
    _write_policy(folder / "policy", [simulated for _, simulated in sources.values()], today)
    path = folder / CONFIG_FILE
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _serving(adapter: type[Adapter], simulated: Demonstration) -> Iterator[str]:
    """Yield the command that serves a simulated tool again, `python -m <package>.testing`, where its plugin has it."""
    module = f"{adapter.__module__.partition('.')[0]}.testing"
    port = urlsplit(str(simulated.settings.get("url", ""))).port
    if port and find_spec(module) and find_spec(f"{module}.__main__"):
        yield f"{sys.executable} -m {module} --port {port}"


def _write_policy(folder: Path, simulated: Iterable[Demonstration], today: date) -> None:
    texts = {**template(), **forms()}
    for more in (registers(today), *(demonstration.policy for demonstration in simulated)):
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
