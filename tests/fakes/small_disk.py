"""Jobs on a disk that is really full: `python small_disk.py FOLDER`, with a small file system mounted on FOLDER.

Prints one line of JSON per case: what the job said, what the store held then, and what it held when there was room.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from jobs import JOBS, look, site_at

from itsm_bridge.errors import ItsmBridgeError
from itsm_bridge.progress import SilentProgress

CASES = (
    ("first sync", 0.0), ("sync", 0.3), ("sync", 0.95), ("check", 0.7), ("export", 0.6), ("reports", 0.6),
)  # fmt: skip
"""A job, and the share of what it needs that is left on the disk."""


class Told(logging.Handler):
    """Remembers what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def run(job: str, folder: Path) -> None:
    site = site_at(folder, 1 if job in ("first sync", "remap") else 2, mapped_otherwise=job == "remap")
    JOBS[job.removeprefix("first ")](site, SilentProgress())


def begin(job: str, base: Path, folder: Path) -> None:
    """Put what a job begins with on the small disk: nothing but the mapping for a first sync."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if job == "first sync":
        site_at(folder, 0)
    else:
        shutil.copytree(base, folder, dirs_exist_ok=True)


def fill(folder: Path, room: int) -> Path:
    """Fill the disk until `room` bytes are left; returns what is to be removed to make room again."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(folder).free - room)))
    return ballast


def attempt(job: str, folder: Path, told: Told) -> dict[str, Any]:
    told.lines.clear()
    try:
        run(job, folder)
    except ItsmBridgeError as error:
        said = [f"{error} ({error.hint})", *told.lines]
        return {"error": type(error).__name__, "exit_code": error.exit_code, "said": " | ".join(said)}
    except Exception as error:  # noqa: BLE001  it is for the test to say that this must not be
        return {"error": type(error).__name__, "exit_code": None, "said": repr(error)}
    return {"error": None, "exit_code": 0, "said": ""}


def state(job: str, folder: Path) -> dict[str, Any]:
    """Return what a store holds; after a first sync without hashes, whose key is made by it; and what was delivered."""
    delivered = sorted(
        str(path.relative_to(folder)) for n in ("evidence", "reports") for path in (folder / n).glob("*")
    )
    if job in ("export", "reports"):
        return {"delivered": delivered}
    found = look(site_at(folder, 1).store)
    if job == "first sync":
        found["contents"] = {name: digest.partition(" ")[0] for name, digest in found["contents"].items()}
    return {**found, "delivered": delivered}


def main(folder: Path, base: Path) -> None:
    told = Told()
    logging.getLogger("itsm_bridge").addHandler(told)
    for steps in (0, 1):
        JOBS["sync"](site_at(base, steps), SilentProgress())
    JOBS["check"](site_at(base, 1), SilentProgress())
    before, whole, needed = state("sync", base), {}, {}
    for job in dict.fromkeys(job for job, _ in CASES):
        begin(job, base, folder)
        free = shutil.disk_usage(folder).free
        run(job, folder)
        needed[job] = free - shutil.disk_usage(folder).free
        whole[job] = state(job, folder)
    for job, share in CASES:
        begin(job, base, folder)
        ballast = fill(folder, round(needed[job] * share) // 4096 * 4096)
        case = {"job": job, "share": share, "whole": whole[job], "before": before, "said": attempt(job, folder, told)}
        case["full"] = state(job, folder) if job != "first sync" else {}
        ballast.unlink()
        case["again"] = attempt(job, folder, told)
        case["after"] = state(job, folder)
        sys.stdout.write(json.dumps(case) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
