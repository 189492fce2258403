"""The demo's ServiceNow: the seeded company behind a simulated instance, for as long as the demo runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from itsm_bridge import Demonstration
from itsm_bridge_servicenow.testing import SCHEDULE_NAME, SimulatedServiceNow, advance, seeded_company

WITHDRAWN = "sys_user_grmember"
"""The table that may not be read any more after the next day: who belongs to which group, which one check asks."""
OVERLAY = Path(__file__).parent / "testing" / "company" / "overlay"
"""What the company added to its ServiceNow, as its administrators would map it."""

_CALENDAR = f"""
# The simulated company's working time, bound to the schedule of its service-level clocks.
[calendars.demo-office]
timezone = "Europe/Berlin"
hours = {{ mon-fri = ["08:00-18:00"] }}
holidays = {{ country = "DE" }}

[[bindings]]
source = "demo-servicenow"
schedule = "{SCHEDULE_NAME}"
calendar = "demo-office"
"""


@contextmanager
def serve_company() -> Iterator[Demonstration]:
    """Serve about 5,000 work items of the year, as they were yesterday, with known nonconformities."""
    company = seeded_company(now=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))
    with SimulatedServiceNow(company.tables, now=company.now) as server:
        settings = {
            "adapter": "servicenow", "url": server.url, "username": server.username, "password": server.password,
            "mappings": [str(OVERLAY)],
        }  # fmt: skip
        policy = {"calendars.toml": _CALENDAR, **company.policy("demo-servicenow")}
        yield Demonstration(settings, policy, partial(_next_day, server))


def _next_day(server: SimulatedServiceNow) -> None:
    """Play a day, at the end of which the account may not read everything any more."""
    advance(server)
    server.deny_table(WITHDRAWN)
