"""What the company keeps in Assets: a server for each part of its product, and one object that nobody looks after."""

from __future__ import annotations

from itsm_bridge.simulation.company import words
from itsm_bridge_jira_sm.testing.company.world import COMPONENTS, World
from itsm_bridge_jira_sm.testing.instants import DAY, as_datetime

UNDESCRIBED, UNVERIFIED = 101, 102
"""Numbers of the objects that are wrong on purpose."""


def stock(world: World) -> None:
    """Put the company's objects into Assets."""
    for number, name in enumerate(COMPONENTS, 1):
        _add(world, number, f"{name} server")
    if not world.keeps("CFG-003", _subject(world, UNDESCRIBED)):
        _add(world, UNDESCRIBED, "Old print server", Description="")
    if not world.keeps("CFG-006", _subject(world, UNVERIFIED)):
        _add(world, UNVERIFIED, "Forgotten server", Last_verified="")


def _subject(world: World, number: int) -> str:
    """Return the last part of the key by which the object is known."""
    return str(number) if world.desk.site.is_cloud else f"CMDB-{number}"


def _add(world: World, number: int, label: str, **wrong: str) -> None:
    verified = f"{as_datetime(world.now - 30 * DAY):%Y-%m-%d}"
    sound = {"Status": "In Service", "Owner": words.BOARD[0], "Description": f"{label}, in the first data centre",
             "Last_verified": verified}  # fmt: skip
    first = {} if number == 1 else {"Depends_on": [1]}
    world.desk.add_asset(number, label, kind="Server", at=world.now - 30 * DAY, **(sound | wrong | first))
