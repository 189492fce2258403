from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from itsm_bridge.cli.application import application
from itsm_bridge.plugins import Plugins, build_plugin_manager

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.glob("*.md") if path.name != "schema.md")

WORK_ITEMS = """\
work_item_id,record_type,source_key,number,title,description,state,priority,requester_id,assignee_id,opened_at,created_at,resolved_at,closed_at,updated_at,resolution_code,resolution,service_id,history_level
1,incident,1,INC0001,Mail is slow,Mail takes a minute to open since this morning,closed,3,anna,ben,2026-10-02T08:00:00Z,2026-10-02T08:00:00Z,2026-10-02T12:00:00Z,2026-10-05T12:00:00Z,2026-10-05T12:00:00Z,fixed,Restarted the mail relay and cleared its queue,mail,full
2,incident,2,INC0002,No network,,closed,1,,ben,2026-10-03T09:00:00Z,2026-10-03T09:00:00Z,2026-10-03T10:00:00Z,2026-10-04T10:00:00Z,2026-10-04T10:00:00Z,fixed,ok,network,full
"""
TRANSITIONS = """\
transition_id,work_item_id,at,seq,field,old_value,new_value,actor_id,actor_kind,origin
1,1,2026-10-02T09:00:00Z,1,state,new,in_progress,ben,agent,native
2,1,2026-10-02T12:00:00Z,2,state,in_progress,resolved,ben,agent,native
3,2,2026-10-03T09:05:00Z,1,state,new,in_progress,ben,agent,native
"""
CONFIG = """\
[assessment]
period = "2026-10-01/2026-10-31"
[schedule]
sweep = "0 2 * * *"
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
    """The built-in plugins and ServiceNow, whether it is installed as a distribution or not."""
    return build_plugin_manager([EntryPoint("servicenow", "itsm_bridge_servicenow", "itsm_bridge")])


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command in an empty folder, and leave logging as it was."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ITSM_BRIDGE_CONFIG", raising=False)
    root, ours = logging.getLogger(), logging.getLogger("itsm_bridge")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield lambda *arguments: CliRunner().invoke(application(), list(arguments), prog_name="itsm-bridge")
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)
    logging.captureWarnings(False)


@pytest.fixture
def swept(tmp_path: Path, run: Run) -> Path:
    """A folder with a configuration, a store with two snapshots, and an assessment of each."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "work_item.csv").write_text(WORK_ITEMS, encoding="utf-8")
    (tmp_path / "in" / "transition.csv").write_text(TRANSITIONS, encoding="utf-8")
    (tmp_path / "itsm-bridge.toml").write_text(CONFIG, encoding="utf-8")
    assert run("sweep").exit_code in (0, 1, 3)
    (tmp_path / "in" / "work_item.csv").write_text(WORK_ITEMS.replace(",fixed,ok,", ",workaround,ok,"), encoding="utf-8")
    assert run("sweep").exit_code in (0, 1, 3)
    return tmp_path
