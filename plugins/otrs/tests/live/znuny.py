"""A real Znuny of our own: set up by the tool `otrs_live`, changed by Znuny's own modules, asked around the adapter."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

TOOL = Path(os.environ.get("OTRS_LIVE", Path(__file__).parents[5] / "shared" / "tools" / "otrs_live" / "otrs_live"))
TICKETS = int(os.environ.get("OTRS_LIVE_TICKETS", "300"))
KEPT = os.environ.get("OTRS_LIVE_FOLDER")
"""A folder to set up once and use again; without it, each run has its own and leaves nothing."""

CALLS = Path(__file__).with_name("calls.pl")
AGENT = "anna.müller"
_LONGEST = 1800  # seconds for one command of the tool: a busy machine needs minutes

Call = tuple[str, str, dict[str, Any]]
"""A module of Znuny, its method, and the arguments."""


class CouldNotBeHad(Exception):
    """This machine cannot have the server; says why in one line."""


class Znuny:
    """One server in one folder, with fresh tickets in one time zone."""

    def __init__(self, tool: Path, folder: Path) -> None:
        self._tool, self._folder, self._port = tool, folder, 0

    @property
    def url(self) -> str:
        """Address of the installation."""
        return f"http://127.0.0.1:{self._port}/otrs"

    @property
    def zone(self) -> str:
        """Time zone in which the tickets were written; "" before there are any."""
        noted = self._folder / "populated"
        lines = noted.read_text(encoding="utf-8").splitlines() if noted.exists() else ()
        return dict(line.split("=", 1) for line in lines).get("TIMEZONE", "")

    def serve(self, zone: str) -> None:
        """Serve tickets written in a zone: those that are there, or fresh ones. Raises CouldNotBeHad at the start."""
        if not self._port:
            port = _port_for(self._folder)
            given = {"--port": str(port), "--tickets": str(TICKETS), "--timezone": self.zone or zone}
            try:
                self._run("start", *chain.from_iterable(given.items()))
            except (OSError, subprocess.SubprocessError) as error:
                raise CouldNotBeHad(str(error).splitlines()[-1]) from error
            self._port = port
        if self.zone != zone:
            self._run("reset", str(TICKETS), "--timezone", zone)

    def stop(self) -> None:
        """End both servers."""
        if (self._folder / "settings").exists():
            self._run("stop")

    def change(self, calls: Sequence[Call]) -> None:
        """Call methods of Znuny's modules one after the other, as the agent; then run the job for escalations."""
        answer = self._perl(["-e", CALLS.read_text(encoding="utf-8"), AGENT], json.dumps(calls))
        assert answer.split() == ["done"] * len(calls), answer

    def truth(self) -> dict[str, Any]:
        """Return what Znuny holds now, by the program that wrote the tool's own file of truth."""
        told: dict[str, Any] = json.loads(self._perl([str(self._folder / "perl" / "ground_truth.pl")]))
        return told

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query, asked of the database itself."""
        psql = max(Path("/usr/lib/postgresql").glob("*/bin/psql"))
        reached = ["-h", "127.0.0.1", "-p", str(self._port + 1), "-U", "otrs", "otrs"]
        asked = f"SELECT coalesce(json_agg(found), '[]') FROM ({query}) found"
        return list(json.loads(_output([str(psql), "-X", "-At", *reached, "-c", asked])))

    def requests(self) -> list[str]:
        """Return method and address of every request since the folder was set up, by the web server's log."""
        log = (self._folder / "httpd" / "access.log").read_text(encoding="utf-8")
        return [" ".join(line.split('"')[1].split()[:2]) for line in log.splitlines()]

    def _run(self, command: str, *arguments: str) -> None:
        _output([str(self._tool), command, str(self._folder), *arguments])

    def _perl(self, arguments: list[str], given: str = "") -> str:
        home = self._folder / "otrs"
        libraries = [f"-I{home}", f"-I{home}/Kernel/cpan-lib", f"-I{home}/Custom"]
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
        return _output(
            ["setpriv", "--reuid=www-data", "--regid=www-data", "--init-groups", "perl", *libraries, *arguments],
            input=given, cwd=home, env=variables,
        )  # fmt: skip


def own_folder() -> Path:
    """Return a folder that the servers' own users can reach. Raises CouldNotBeHad where it is of no use."""
    if not TOOL.exists():
        raise CouldNotBeHad(f"there is no {TOOL} (OTRS_LIVE may name another place)")
    if os.geteuid() != 0:
        raise CouldNotBeHad("it must run as root, to install packages and to start servers as users of their own")
    if KEPT:
        return Path(KEPT)
    folder = Path(tempfile.mkdtemp(prefix="itsm-bridge-otrs-live-"))
    folder.chmod(0o755)
    return folder


def leave(folder: Path) -> None:
    """Remove the folder, unless it is to be kept."""
    if not KEPT:
        shutil.rmtree(folder, ignore_errors=True)


def _port_for(folder: Path) -> int:
    """Return the port that the folder has, or one that is free together with the next."""
    settings = folder / "settings"
    if settings.exists():
        return int(settings.read_text(encoding="utf-8").split("PORT=")[1].split()[0])
    for port in range(18600, 18900, 2):
        if not (_is_taken(port) or _is_taken(port + 1)):
            return port
    raise CouldNotBeHad("between 18600 and 18900, no two ports are free")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _output(command: list[str], **how: Any) -> str:
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=_LONGEST, check=False, **how
    )  # fmt: skip
    if done.returncode:
        raise Failed((done.stderr or done.stdout).strip()[-2000:] or f"{command[0]} ended with {done.returncode}")
    return str(done.stdout)


class Failed(subprocess.SubprocessError):
    """A command ended with an error; says what it said last."""
