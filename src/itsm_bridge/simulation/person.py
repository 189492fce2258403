"""Serving a simulated tool for a person to try."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Mapping

from itsm_bridge.simulation.server import SimulatedServer


def arguments(package: str, description: str | None, *, size: int, of: str) -> argparse.ArgumentParser:
    """Return the parser of `python -m <package>`: `--port`, `--size` (how many `of`, roughly) and `--seed`."""
    parser = argparse.ArgumentParser(prog=package, description=description)
    parser.add_argument("--port", type=int, default=0, help="port to listen on (any free one by default)")
    parser.add_argument("--size", type=int, default=size, help=f"about how many {of}")
    parser.add_argument("--seed", type=int, default=7)
    return parser


def serve_for_a_person(server: SimulatedServer, ways_in: Mapping[str, str]) -> None:
    """Say where a server is and how to get in, and serve until Ctrl+C."""
    told = {"url": server.url, **ways_in}
    width = max(map(len, told))
    with server:
        _say(*(f"{name:<{width}} {value}" for name, value in told.items()), "Stop with Ctrl+C.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            _say("stopped")


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
