"""Serve the seeded company for a person to try: `python -m itsm_bridge_jira_sm.testing [--data-center] [--port N]`."""

from __future__ import annotations

import argparse
import sys
import threading

from itsm_bridge_jira_sm.testing import SimulatedJira, seeded_company


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="itsm_bridge_jira_sm.testing", description=__doc__)
    parser.add_argument("--data-center", action="store_true", help="a Data Center instead of a Cloud site")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (any free one by default)")
    parser.add_argument("--size", type=int, default=400, help="about how many issues")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    company = seeded_company(chosen.seed, size=chosen.size, is_cloud=not chosen.data_center)
    with SimulatedJira(site=company.site, port=chosen.port) as server:
        _say(f"url       {server.url}\nusername  {server.username}")
        if chosen.data_center:
            _say(f"password  {server.password}\ntoken     {server.token}")
        else:
            _say(f"api_token {server.api_token}\nscoped    {server.scoped_token}\ngateway   {server.gateway_root}")
            _say(f"client    {server.client_id} / {server.client_secret}\nrefresh   {server.sign_in.refresh_token}")
        _say("Stop with Ctrl+C.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            _say("stopped")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
