"""Serve the seeded company for a person to try: `python -m itsm_bridge_servicenow.testing [--port N] [--size N]`."""

from __future__ import annotations

from itsm_bridge.simulation import arguments, serve_for_a_person
from itsm_bridge_servicenow.testing import SimulatedServiceNow, seeded_company


def main() -> None:
    """Serve until interrupted."""
    chosen = arguments("itsm_bridge_servicenow.testing", __doc__, size=5000, of="work items").parse_args()
    company = seeded_company(chosen.seed, size=chosen.size)
    server = SimulatedServiceNow(company.tables, port=chosen.port)
    ways_in = {"username": server.username, "password": server.password,
               "client": f"{server.client_id} / {server.client_secret}"}  # fmt: skip
    serve_for_a_person(server, ways_in)


if __name__ == "__main__":
    main()
