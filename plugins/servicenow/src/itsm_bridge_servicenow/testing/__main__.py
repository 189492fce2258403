"""Serve the seeded company for a person to try: `python -m itsm_bridge_servicenow.testing [--port N] [--size N]`."""

from __future__ import annotations

import argparse
import sys
import threading

from itsm_bridge_servicenow.testing import SimulatedServiceNow, seeded_company


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="itsm_bridge_servicenow.testing", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port to listen on (any free one by default)")
    parser.add_argument("--size", type=int, default=5000, help="about how many work items")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    company = seeded_company(chosen.seed, size=chosen.size)
    with SimulatedServiceNow(company.tables, port=chosen.port) as server:
        _say(f"url      {server.url}\nusername {server.username}\npassword {server.password}")
        _say(f"client   {server.client_id} / {server.client_secret}\nStop with Ctrl+C.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            _say("stopped")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
