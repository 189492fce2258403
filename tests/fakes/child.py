"""A sync in a process of its own, told apart step by step on stdout: `python child.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from site_of_desk import Site, fill

from itsm_bridge.sync import sync


class Told:
    """Prints a line at every step, and waits for one on stdin where it is asked to."""

    def start(self, task: str, total: int | None = None) -> None:
        self.tell(f"start {task}")

    def advance(self, task: str, count: int = 1) -> None:
        self.tell(f"advance {task}")

    def note(self, text: str) -> None:
        self.tell(text)

    def done(self, task: str) -> None:
        self.tell(f"done {task}")

    def tell(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    site = Site(Path(sys.argv[1]))
    fill(site.desk, incidents=6)
    sync(site.config, site.adapters, Told())
    sys.stdout.write("published\n")
