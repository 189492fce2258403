"""The demo's OTRS: the seeded company behind a simulated installation, for as long as the demo runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from itsm_bridge import Demonstration
from itsm_bridge_otrs.testing import SimulatedOtrs
from itsm_bridge_otrs.testing.company import ALWAYS, OFFICE_HOURS, OVERLAY, TIMEZONE, seeded_company

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
    """Serve about 400 tickets of the five months before now, with known nonconformities."""
    company = seeded_company()
    with SimulatedOtrs(desk=company.desk) as server:
        settings = {
            "adapter": "otrs", "url": server.url, "username": server.username, "password": server.password,
            "mappings": [str(OVERLAY)],
        }  # fmt: skip
        bound = {**dict.fromkeys(OFFICE_HOURS, "demo-desk"), **dict.fromkeys(ALWAYS, "always")}
        bindings = [_BINDING.format(agreement=name, calendar=calendar) for name, calendar in bound.items()]
        calendars = _CALENDARS + "".join(bindings)
        yield Demonstration(settings, {"calendars.toml": calendars, **company.policy("demo-otrs")})
