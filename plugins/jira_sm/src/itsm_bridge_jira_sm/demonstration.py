"""The demo's Jira: the seeded company behind a simulated Cloud site, for as long as the demo runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from itsm_bridge import Demonstration
from itsm_bridge_jira_sm.testing import SimulatedJira, advance, seeded_company

_CALENDAR = """
# The simulated site's service-level clocks never rest. Jira does not tell calendars: metrics are bound by their names.
[calendars.demo-always]
timezone = "UTC"
hours = { mon-sun = ["00:00-24:00"] }

[[bindings]]
source = "demo-jira_sm"
schedule = "Time to first response"
calendar = "demo-always"

[[bindings]]
source = "demo-jira_sm"
schedule = "Time to resolution"
calendar = "demo-always"
"""


@contextmanager
def serve_company() -> Iterator[Demonstration]:
    """Serve about 400 issues of the five months, as they were yesterday, with known nonconformities."""
    company = seeded_company(now=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))
    with SimulatedJira(site=company.site) as server:
        settings = {
            "adapter": "jira_sm", "url": server.url, "username": server.username, "api_token": server.api_token,
        }  # fmt: skip
        policy = {"calendars.toml": _CALENDAR, **company.policy("demo-jira_sm")}
        yield Demonstration(settings, policy, partial(advance, server))
