"""A server of a benchmark in a process of its own, so that it is not what is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served(module: str, *arguments: object) -> Iterator[str]:
    """Run `python -m <module> …`, which calls `until_told`; yields the address that it tells."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def until_told(url: str) -> None:
    """Tell where this process serves, and end it when its input ends."""
    print(url, flush=True)
    sys.stdin.read()
    os._exit(0)
