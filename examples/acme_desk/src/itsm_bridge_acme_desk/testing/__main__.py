"""Serve a desk with a few tickets for a person to try: `python -m itsm_bridge_acme_desk.testing [--port N]`."""

from __future__ import annotations

from itsm_bridge.simulation import arguments, serve_for_a_person
from itsm_bridge_acme_desk.testing.desk import PASSWORD, USER, SimulatedDesk
from itsm_bridge_acme_desk.testing.samples import fill


def main() -> None:
    """Serve until interrupted."""
    chosen = arguments("itsm_bridge_acme_desk.testing", __doc__, size=20, of="tickets").parse_args()
    desk = SimulatedDesk(port=chosen.port)
    fill(desk, chosen.size)
    serve_for_a_person(desk, {"username": USER, "password": PASSWORD})


if __name__ == "__main__":
    main()
