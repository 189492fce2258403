"""The demo's ServiceNow: the seeded company behind a simulated instance, for as long as the demo runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from itsm_bridge import Demonstration
from itsm_bridge_servicenow.testing import SCHEDULE_NAME, SimulatedServiceNow, seeded_company

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
    """Serve about 5,000 work items of the year before now, with known nonconformities."""
    company = seeded_company()
    with SimulatedServiceNow(company.tables) as server:
        settings = {
            "adapter": "servicenow", "url": server.url, "username": server.username, "password": server.password,
            "mappings": [str(OVERLAY)],
        }  # fmt: skip
        yield Demonstration(settings, {"calendars.toml": _CALENDAR, **company.policy("demo-servicenow")})
