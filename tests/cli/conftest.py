from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from itsm_bridge.cli.application import application

Run = Callable[..., Result]

WORK_ITEMS = """work_item_id,record_type,source_key,number,state,source_state,priority,opened_at,created_at,updated_at
1,incident,1,INC1,resolved,Solved,2,2026-01-05T09:00:00Z,2026-01-05T09:00:00Z,2026-01-06T09:00:00Z
2,incident,2,INC2,unknown,Strange,3,2026-01-07T09:00:00Z,2026-01-07T09:00:00Z,2026-01-07T09:00:00Z
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder, on a terminal of 100 columns."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "ITSM_BRIDGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: str, columns: int = 100) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", columns)
        return CliRunner().invoke(application(), list(arguments), prog_name="itsm-bridge")

    return command


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A configuration with one source of files, two incidents in it."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "work_item.csv").write_text(WORK_ITEMS, encoding="utf-8")
    file = tmp_path / "itsm-bridge.toml"
    file.write_text(
        '[assessment]\nperiod = "2026-01-01/2026-01-31"\n[schedule]\nsweep = "0 2 * * *"\n'
        "[report]\nprocess = false\n"
        '[sources.desk]\nadapter = "files"\npath = "in"\nstreams = ["work_item"]\n',
        encoding="utf-8",
    )
    return file
