"""The demo's OTRS: the seeded company behind a simulated installation, for as long as the demo runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from itsm_bridge import Demonstration
from itsm_bridge_otrs.testing import SimulatedOtrs
from itsm_bridge_otrs.testing.company import ALWAYS, OFFICE_HOURS, OVERLAY, TIMEZONE, advance, seeded_company

_CALENDARS = f"""
# The simulated installation counts from eight to nine, Monday to Friday. OTRS tells neither calendars nor who goes by
# them: agreements are bound by their names.
[calendars.demo-desk]
timezone = "{TIMEZONE}"
hours = {{ mon-fri = ["08:00-21:00"] }}
"""
_BINDING = """
[[bindings]]
source = "demo-otrs"
schedule = "{agreement}"
calendar = "{calendar}"
"""


@contextmanager
def serve_company() -> Iterator[Demonstration]:
    """Serve about 400 tickets of the five months, as they were yesterday, with known nonconformities."""
    company = seeded_company(now=datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))
    with SimulatedOtrs(desk=company.desk) as server:
        settings = {
            "adapter": "otrs", "url": server.url, "username": server.username, "password": server.password,
            "mappings": [str(OVERLAY)],
            "timezone": TIMEZONE,  # which few tickets do not show on the days after clocks were set forward or back
        }  # fmt: skip
        bound = {**dict.fromkeys(OFFICE_HOURS, "demo-desk"), **dict.fromkeys(ALWAYS, "always")}
        bindings = [_BINDING.format(agreement=name, calendar=calendar) for name, calendar in bound.items()]
        calendars = _CALENDARS + "".join(bindings)
        policy = {"calendars.toml": calendars, **company.policy("demo-otrs")}
        yield Demonstration(settings, policy, partial(advance, company.desk))
