"""A small instance and a way to ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import requests

from itsm_bridge_servicenow.testing import Company, SimulatedServiceNow, seeded_company

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
Ask = Callable[..., requests.Response]


def _user(key: str, name: str) -> dict[str, str]:
    return {"sys_id": key, "user_name": name.lower(), "name": name, "sys_updated_on": "2026-01-01 00:00:00"}


def _incident(number: int, **fields: str) -> dict[str, str]:
    return {
        "sys_id": f"{number:032x}",
        "number": f"INC{number:07}",
        "state": "2",
        "priority": str(1 + number % 5),
        "caller_id": "a" * 32 if number % 2 else "b" * 32,
        "short_description": f"Title {number}",
        "opened_at": "2026-11-20 08:00:00",
        "active": "true",
        "sys_created_on": "2026-11-20 08:00:00",
        "sys_updated_on": f"2026-11-20 08:00:{number // 4:02}",
        **fields,
    }


@pytest.fixture
def server() -> Iterator[SimulatedServiceNow]:
    """An instance with 20 incidents (four a second), two callers and a change."""
    tables = {
        "incident": [_incident(number) for number in range(20)],
        "change_request": [{**_incident(100), "number": "CHG0000100", "state": "-5", "risk": "4"}],
        "sys_user": [_user("a" * 32, "Anna"), _user("b" * 32, "Ben")],
        "sys_choice": [
            {
                "sys_id": "c1",
                "name": "incident",
                "element": "state",
                "value": "2",
                "label": "In Progress",
                "language": "en",
            }
        ],
        "task_sla": [
            {"sys_id": "5" * 32, "task": f"{3:032x}", "business_duration": "1970-01-01 00:02:17", "sys_updated_on": "x"}
        ],
    }
    with SimulatedServiceNow(tables, now=NOW) as running:
        yield running


@pytest.fixture
def http(server: SimulatedServiceNow) -> Iterator[requests.Session]:
    """A session that is signed in by basic authentication."""
    with requests.Session() as session:
        session.auth = (server.username, server.password)
        yield session


@pytest.fixture
def ask(server: SimulatedServiceNow, http: requests.Session) -> Ask:
    """Ask the table API: `ask("incident", query="active=true", limit="5")`."""

    def asked(table: str, version: str = "", **parameters: str) -> requests.Response:
        params = {f"sysparm_{name}": value for name, value in parameters.items()}
        return http.get(f"{server.url}/api/now/{version}table/{table}", params=params, timeout=10)

    return asked


@pytest.fixture(scope="session")
def company() -> Company:
    """The seeded company of the demo, as of a fixed moment."""
    return seeded_company(now=NOW)
