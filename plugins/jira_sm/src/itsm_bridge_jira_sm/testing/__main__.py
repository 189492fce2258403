"""Serve the seeded company for a person to try: `python -m itsm_bridge_jira_sm.testing [--data-center] [--port N]`."""

from __future__ import annotations

from itsm_bridge.simulation import arguments, serve_for_a_person
from itsm_bridge_jira_sm.testing import SimulatedJira, seeded_company


def main() -> None:
    """Serve until interrupted."""
    parser = arguments("itsm_bridge_jira_sm.testing", __doc__, size=400, of="issues")
    parser.add_argument("--data-center", action="store_true", help="a Data Center instead of a Cloud site")
    chosen = parser.parse_args()
    company = seeded_company(chosen.seed, size=chosen.size, is_cloud=not chosen.data_center)
    server = SimulatedJira(site=company.site, port=chosen.port)
    ways_in = {"username": server.username}
    if chosen.data_center:
        ways_in |= {"password": server.password, "token": server.token}
    else:
        ways_in |= {
            "api_token": server.api_token, "scoped": server.scoped_token, "gateway": server.root,
            "client": f"{server.client_id} / {server.client_secret}", "refresh": server.sign_in.refresh_token,
        }  # fmt: skip
    serve_for_a_person(server, ways_in)


if __name__ == "__main__":
    main()
