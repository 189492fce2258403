"""Runs a job in a process of its own and says what it cost: CPU, wall, peak memory; imports aside.

As a program (`python -m benchmarks.children JOB ARGUMENTS`) it is that process.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_MARK = "benchmark result: "
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Cost:
    """What one job cost: seconds of CPU and wall between its preparation and its end, MB at its peak."""

    cpu: float
    wall: float
    peak: float
    told: dict[str, Any] = field(default_factory=dict)


def cost_of(job: str, **arguments: Any) -> Cost:
    """Run a job of `benchmarks.jobs` in a fresh process; RuntimeError with its output when it fails."""
    command = [sys.executable, "-m", "benchmarks.children", job, json.dumps(arguments)]
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    for line in done.stdout.splitlines():
        if line.startswith(_MARK):
            return Cost(**json.loads(line.removeprefix(_MARK)))
    raise RuntimeError(f"the job {job} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    # The high-water mark of this program alone: ru_maxrss would begin with that of the process it was forked from.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _run(job: str, arguments: dict[str, Any]) -> None:
    from benchmarks.jobs import JOBS

    prepared = JOBS[job](**arguments)
    gc.collect()
    cpu, wall = _used(), time.perf_counter()
    told = prepared() or {}
    cost = {"cpu": _used() - cpu, "wall": time.perf_counter() - wall, "peak": _peak(), "told": told}
    print(_MARK + json.dumps(cost), flush=True)


if __name__ == "__main__":
    _run(sys.argv[1], json.loads(sys.argv[2]))
