from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from itsm_bridge.cli.application import application
from itsm_bridge.plugins import Plugins, build_plugin_manager

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.glob("*.md") if path.name != "schema.md")

CONFIG = """\
[assessment]
period = "2026-10-01/2026-10-31"
[schedule]
sweep = "0 2 * * *"
[report]
process = false
[sources.desk]
adapter = "files"
path = "in"
streams = ["work_item", "transition"]
"""

Run = Callable[..., Result]


def blocks(path: Path, language: str) -> list[str]:
    """The fenced examples of one language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def plugins() -> Plugins:
    """The built-in plugins and the adapters of this repository, whether installed as distributions or not."""
    names = {"servicenow": "itsm_bridge_servicenow", "jira_sm": "itsm_bridge_jira_sm", "otrs": "itsm_bridge_otrs"}
    return build_plugin_manager([EntryPoint(name, package, "itsm_bridge") for name, package in names.items()])


@contextmanager
def logging_as_before() -> Iterator[None]:
    """Commands configure logging for their process: undo it."""
    root, ours = logging.getLogger(), logging.getLogger("itsm_bridge")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)
    logging.captureWarnings(False)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(application(), list(arguments), prog_name="itsm-bridge")


@pytest.fixture(scope="session")
def store_of_two_sweeps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration, a store with two snapshots, and an assessment of each."""
    folder = tmp_path_factory.mktemp("swept")
    config = folder / "itsm-bridge.toml"
    shutil.copytree(Path(__file__).parent / "desk", folder / "in")
    work_items = folder / "in" / "work_item.csv"
    config.write_text(CONFIG, encoding="utf-8")
    with logging_as_before():
        for outcome in ("fixed", "workaround"):
            text = work_items.read_text(encoding="utf-8")
            work_items.write_text(text.replace(",fixed,ok,", f",{outcome},ok,"), encoding="utf-8")
            assert _run("sweep", "--config", str(config)).exit_code in (0, 1, 3)
    return folder


@pytest.fixture
def swept(store_of_two_sweeps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a store of two sweeps."""
    shutil.copytree(store_of_two_sweeps, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command, and leave logging as it was."""
    monkeypatch.delenv("ITSM_BRIDGE_CONFIG", raising=False)
    with logging_as_before():
        yield _run
