"""A small company behind a simulated instance, and the real command line over it."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from itsm_bridge.cli.application import application
from itsm_bridge_servicenow.demonstration import OVERLAY
from itsm_bridge_servicenow.testing import SimulatedServiceNow

SIZE = 200
STREAMS = (
    "incident", "problem", "change_request", "sysapproval_approver", "contract_sla", "task_sla", "sys_audit",
    "sys_audit_delete", "sys_journal_field", "sys_user", "sys_user_group", "sys_choice", "sys_dictionary",
)  # fmt: skip
"""What the tests look at; the others only cost time."""
PASSWORD = "SMALL_COMPANY_PASSWORD"
NOW = datetime.now(UTC).replace(microsecond=0)
"""The command line takes the time of the machine, so the company lives now."""

Document = dict[str, Any]


@dataclass
class World:
    """A folder with a configuration that reads one instance; `run` is the command line in it."""

    folder: Path
    server: SimulatedServiceNow
    environment: dict[str, str] = field(default_factory=dict)

    def configure(self, source: str = "", *, more: str = "", assessment: str = "", shows_process: bool = False) -> Path:
        """Write the configuration: lines for the source, for its section of the assessment, and other sections.

        How records really ran is shown where that is looked at: it takes a fifth of a check.
        """
        first, last = NOW - timedelta(days=500), NOW + timedelta(days=2)
        file = self.folder / "itsm-bridge.toml"
        file.write_text(
            f'[store]\npath = "data"\n[assessment]\nperiod = "{first:%Y-%m-%d}/{last:%Y-%m-%d}"\n{assessment}\n'
            f'[report]\npath = "reports"\nprocess = {str(shows_process).lower()}\n{more}\n[sources.prod]\nadapter = "servicenow"\n'
            + (source or self.signed_in()),
            encoding="utf-8",
        )
        return file

    def signed_in(self) -> str:
        """Return the settings that let the account in."""
        return (
            f'url = "{self.server.url}"\nusername = "{self.server.username}"\npassword = {{ env = "{PASSWORD}" }}\n'
            f'mappings = ["{OVERLAY.as_posix()}"]\nstreams = {json.dumps(STREAMS)}\n'
        )

    def copied_to(self, folder: Path) -> World:
        """Return this world in another folder, store and all, with the same instance behind it."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return World(folder, self.server, dict(self.environment))

    def run(self, *arguments: str, columns: int = 200, environment: Mapping[str, str] | None = None) -> Result:
        """Run one command line in this folder and process."""
        given = {PASSWORD: self.server.password, **self.environment, **(environment or {})}
        return run(self.folder, *arguments, columns=columns, environment=given)

    def check(self, code: int) -> Document:
        """Judge, expect this exit code, and return the report as JSON."""
        result = self.run("check", "--json")
        assert result.exit_code == code, result.output[-3000:]
        return dict(json.loads(result.stdout))

    def sweep(self, code: int = 1) -> Document:
        """Read and judge, expect this exit code of both (a nonconformity is none of the reading)."""
        read = self.run("sync")
        assert read.exit_code == (3 if code == 3 else 0), read.output[-3000:]
        return self.check(code)

    @property
    def store(self) -> Path:
        return self.folder / "data"

    def report(self, form: str) -> str:
        """Return the last report of a form that was written."""
        return max((self.folder / "reports").glob(f"*.{form}")).read_text(encoding="utf-8")


def run(folder: Path, *arguments: str, columns: int = 200, environment: Mapping[str, str] | None = None) -> Result:
    """Run one command line in a folder, in this process, on a terminal that is wide."""
    with as_it_was() as patch:
        patch.chdir(folder)
        for name in [name for name in os.environ if name.startswith("ITSM_BRIDGE_") or name == "FORCE_COLOR"]:
            patch.delenv(name)
        wide = {"COLUMNS": str(columns), "TERMINAL_WIDTH": str(columns)}
        for name, value in {**wide, **(environment or {})}.items():
            patch.setenv(name, value)
        return CliRunner().invoke(application(), list(arguments), prog_name="itsm-bridge")


@contextmanager
def as_it_was() -> Iterator[pytest.MonkeyPatch]:
    """Let environment and logging be as before afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("itsm_bridge")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    with pytest.MonkeyPatch.context() as patch:
        try:
            yield patch
        finally:
            root.handlers[:] = handlers
            root.setLevel(levels[0])
            ours.setLevel(levels[1])
            logging.captureWarnings(False)


def tree(folder: Path) -> dict[str, str]:
    """Return every file of a folder with the hash of its bytes, the lock that is no evidence aside."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "writer.lock")
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}
