"""Serve the seeded company for a person to try: `python -m itsm_bridge_otrs.testing [--port N] [--size N]`."""

from __future__ import annotations

from itsm_bridge.simulation import arguments, serve_for_a_person
from itsm_bridge_otrs.testing import SimulatedOtrs
from itsm_bridge_otrs.testing.company import OVERLAY, seeded_company


def main() -> None:
    """Serve until interrupted."""
    chosen = arguments("itsm_bridge_otrs.testing", __doc__, size=400, of="tickets").parse_args()
    company = seeded_company(chosen.seed, size=chosen.size)
    server = SimulatedOtrs(desk=company.desk, port=chosen.port)
    ways_in = {"username": server.username, "password": server.password, "restricted": "apiro / apiropw",
               "services": ", ".join(server.services), "mappings": str(OVERLAY)}  # fmt: skip
    serve_for_a_person(server, ways_in)


if __name__ == "__main__":
    main()
