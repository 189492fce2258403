"""`python -m benchmarks`: run them all, or `--only` one, and print ratios with their targets."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib import import_module, metadata

from benchmarks.figures import Figure, shown
from benchmarks.scale import SCALES, Scale

BENCHMARKS = {
    "sync_cpu": "CPU of a sync against a bare requests + orjson loop",
    "jira_cpu": "CPU and memory of a sync from Jira against the same loop",
    "otrs_cpu": "CPU and requests of a sync from OTRS against the same calls in a loop",
    "connections": "wall of one connection against four",
    "growth": "memory of a sync, remap and nightly sync against it",
    "checks": "all checks and KPIs against one pass over the history, and against pandas and pandera",
}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; returns the exit code: 0, whether targets were met or not."""
    asked = _parser().parse_args(arguments)
    scale = SCALES[asked.scale]
    figures: list[Figure] = []
    if not asked.json:
        print(_about(scale))
    for name in [asked.only] if asked.only else BENCHMARKS:
        run: Callable[[Scale], list[Figure]] = import_module(f"benchmarks.{name}").run
        started = time.monotonic()
        found = run(scale)
        figures += found
        if not asked.json:
            print(f"\n{name}: {BENCHMARKS[name]}  [{time.monotonic() - started:.0f} s]\n{shown(found)}", flush=True)
    if asked.json:
        print(json.dumps({"scale": scale.name, **_machine(), "figures": [f.as_dict() for f in figures]}, indent=2))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small", help="full: the sizes that the targets speak of")
    parser.add_argument("--only", choices=BENCHMARKS, help="run one benchmark")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _machine() -> dict[str, object]:
    names = ("itsm-bridge", "duckdb", "deltalake", "pyarrow", "msgspec", "orjson", "pandas")
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {"python": platform.python_version(), "cores": os.cpu_count(), "versions": versions}


def _about(scale: Scale) -> str:
    machine = _machine()
    said = f"scale {scale.name}; {machine['cores']} cores, Python {machine['python']}; both sides are of this run"
    if scale.name != "full":
        said += "\ntargets are meant for --scale full: at this scale fixed costs weigh more"
    return said


if __name__ == "__main__":
    sys.exit(main())
