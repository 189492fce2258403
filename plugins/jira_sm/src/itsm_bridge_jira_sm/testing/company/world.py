"""The company as its stories see it: who works there, what can break, what time it is, and what is wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from itsm_bridge.simulation.company import Chance, words
from itsm_bridge_jira_sm.testing.desk import Desk
from itsm_bridge_jira_sm.testing.instants import DAY, as_datetime
from itsm_bridge_jira_sm.testing.records import LinkType
from itsm_bridge_jira_sm.testing.site import Site

PROJECT = "ITSM"
ADVISER = "advising.consultant"
"""Somebody of a supplier who sits on the board."""
SHARED = "service.desk"
"""An account that several people use."""
PARKED = "Awaiting parts"
RESPONSE, RESOLUTION = "Time to first response", "Time to resolution"
IMPACTS = ("Extensive / Widespread", "Significant / Large", "Moderate / Limited", "Minor / Localized")
URGENCIES = ("Critical", "High", "Medium", "Low")
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
MATRIX = {(1, 1): 1, (1, 2): 2, (1, 3): 3, (2, 1): 2, (2, 2): 3, (2, 3): 4, (3, 1): 3, (3, 2): 4, (3, 3): 5}
RESPONSE_GOALS = {"Highest": 900, "High": 1800, "Medium": 4 * 3600, "Low": 8 * 3600, "Lowest": 24 * 3600}
RESOLUTION_GOALS = {"Highest": 4 * 3600, "High": 8 * 3600, "Medium": 48 * 3600, "Low": 96 * 3600, "Lowest": 240 * 3600}
COMPONENTS = ("Web shop", "Finance", "Intranet", "Mail", "Telephony", "Warehouse", "Reporting", "Travel")
_SERVICES = 6
_OFFICE = ZoneInfo("Europe/Berlin")
"""Where people write days down: the timezone of the demo's assessment."""
_LINKS = (
    LinkType("10050", "Causes", "is caused by", "causes"),
    LinkType("10051", "Resolves", "is resolved by", "resolves"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What later stories need to know of an incident that was told."""

    id: str
    at: int
    rank: int
    service: str
    category: str
    is_plain: bool
    is_explicable: bool
    """Whether a problem may look into it and cure nothing that is wrong on purpose."""


class World(Chance):
    """A site with the company's people in it, and the chance that all stories share."""

    def __init__(self, desk: Desk, seed: int | str, *, is_flawed: bool = True) -> None:
        super().__init__(seed, desk.site.present, per_second=1000, is_flawed=is_flawed)
        self.desk = desk
        self.teams = {name: list(members) for name, members in words.TEAMS.items()}
        self.incidents: list[Told] = []
        self.kept = set[str]()
        self.versions: dict[str, str] = {}
        self.register: list[str] = []
        self._slots: dict[str, list[tuple[int, int]]] = {name: [] for name in COMPONENTS}
        self.services = [f"ari:cloud:graph::service/acme/{UUID(int=number)}" for number in range(1, 1 + _SERVICES)]

    @classmethod
    def founded(cls, seed: int, now: datetime, *, is_cloud: bool, is_flawed: bool) -> World:
        """Return the company on a new site, before its first issue."""
        world = cls(Desk(Site(is_cloud=is_cloud, now=now)), seed, is_flawed=is_flawed)
        world._employ()
        world._set_up()
        return world

    def team(self, but: str = "") -> str:
        """Return one of the technical teams."""
        return self.random.choice([name for name in self.teams if name != but])

    def member(self, team: str, but: tuple[str, ...] = ()) -> str:
        """Return somebody of a team."""
        return self.random.choice([person for person in self.teams[team] if person not in but])

    def service(self) -> list[str]:
        """Return what a record is about: one service, but not the last, about which the same keeps coming back."""
        return [self.random.choice(self.services[:-1])]

    def known(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return those fields that the site has: Data Center has fewer."""
        logical = {field.logical for field in self.desk.site.fields.values()}
        return {name: value for name, value in fields.items() if name in logical}

    def critical(self) -> str:
        """Return the service that the company cannot do without."""
        return self.services[0]

    def released_at(self, number: int) -> int:
        """Return when a release of the shop was, or is to be, there."""
        return self.now - (100 - 30 * number) * DAY

    def frozen(self) -> str:
        """Return the service that nobody is to change these weeks."""
        return self.services[-1]

    def keeps(self, check: str, subject: str) -> bool:
        """Tell whether something beside the issues is as it should be; where it is not, note that."""
        if self.is_flawed:
            self.plant(check, subject)
        return not self.is_flawed

    def free_component(self, start: int, end: int) -> str:
        """Return a part of the product on which no other change is carried out then, and reserve it."""
        names = self.random.sample(COMPONENTS, len(COMPONENTS))
        free = (n for n in names if all(end < a or start > b for a, b in self._slots[n]))
        name = next(free, names[0])
        self._slots[name].append((start, end))
        return name

    def incident_before(self, at: int, most: int, worst_rank: int = 2) -> Told | None:
        """Return the last urgent incident before a moment, if there was one, and see that it stays."""
        found = [one for one in self.incidents if one.is_plain and one.rank <= worst_rank and at - most < one.at < at]
        return self._keep(found[-1:])

    def incident_after(self, at: int, most: int, worst_rank: int = 3) -> Told | None:
        """Return the first incident after a moment, if there was one, and see that it stays."""
        found = [one for one in self.incidents if one.is_plain and one.rank <= worst_rank and at < one.at < at + most]
        return self._keep(found[:1])

    def note(self, kind: str, subject: str, clause: str, at: int) -> None:
        """Enter in the register what was done about a record on a day, unless that day is still to come."""
        day = f"{as_datetime(at).astimezone(_OFFICE):%Y-%m-%d}"
        if at <= self.now:
            key = f"{kind.upper()}-{len(self.register)}"
            self.register.append(
                f"{key},{kind},{clause},{kind},{subject},Duty manager,{day},,{day},,,,,,,,{day},wiki/{key}"
            )

    def _keep(self, found: list[Told]) -> Told | None:
        self.kept.update(one.id for one in found)
        return found[0] if found else None

    def _employ(self) -> None:
        desk = self.desk
        desk.add_person(desk.site.account, "ITSM Bridge", email="svc-bridge@example.com")
        desk.add_person("admin", "Site Admin", groups=["jira-administrators"])
        desk.add_person(ADVISER, groups=["Change Advisory Board"])
        desk.add_person(SHARED, "Service Desk", groups=["service-desk", "jira-servicemanagement-users"])
        desk.add_person("automation", "Automation for Jira", kind="app")
        for login in words.AGENTS:
            desk.add_person(login, groups=["service-desk", "jira-servicemanagement-users"])
        for team, members in words.TEAMS.items():
            for login in members:
                desk.add_person(login, groups=[team, "jira-servicemanagement-users"])
        for login in words.BOARD:
            desk.add_person(login, groups=["Change Advisory Board"])
        for number, login in enumerate(words.CUSTOMERS):
            name = words.HOSTILE_NAMES[number] if number < len(words.HOSTILE_NAMES) else ""
            desk.add_person(login, name, kind="customer")

    def _set_up(self) -> None:
        desk = self.desk
        desk.add_project(PROJECT, "IT service management")
        desk.add_project("OPS", "Operations", request_types=False)
        desk.add_term("status", PARKED, "indeterminate")
        desk.add_term("status", "Known error", "indeterminate")
        desk.add_term("resolution", "Workaround")
        desk.site.link_types.update((kind.id, kind) for kind in _LINKS)
        for name in COMPONENTS:
            desk.add_component(PROJECT, name, lead=words.BOARD[0])
        for number in range(1, 5):
            release = as_datetime(self.released_at(number))
            name = f"Shop {number}.0"
            day = f"{release:%Y-%m-%d}"
            self.versions[name] = desk.add_version(PROJECT, name, release=day, is_released=number < 4)
        for name in ("Northwind", "Contoso"):
            desk.add_organization(name, self.now - 500 * DAY)
