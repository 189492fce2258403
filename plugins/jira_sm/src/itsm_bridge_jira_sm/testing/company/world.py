"""The company as its stories see it: who works there, what can break, what time it is, and what is wrong on purpose."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from random import Random
from uuid import UUID

from itsm_bridge_jira_sm.testing.company import words
from itsm_bridge_jira_sm.testing.desk import Desk
from itsm_bridge_jira_sm.testing.instants import DAY, as_datetime, millis
from itsm_bridge_jira_sm.testing.site import Site

PROJECT = "ITSM"
PARKED = "Awaiting parts"
RESPONSE, RESOLUTION = "Time to first response", "Time to resolution"
IMPACTS = ("Extensive / Widespread", "Significant / Large", "Moderate / Limited", "Minor / Localized")
URGENCIES = ("Critical", "High", "Medium", "Low")
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
MATRIX = {(1, 1): 1, (1, 2): 2, (1, 3): 3, (2, 1): 2, (2, 2): 3, (2, 3): 4, (3, 1): 3, (3, 2): 4, (3, 3): 5}
RESPONSE_GOALS = {"Highest": 900, "High": 1800, "Medium": 4 * 3600, "Low": 8 * 3600, "Lowest": 24 * 3600}
RESOLUTION_GOALS = {"Highest": 4 * 3600, "High": 8 * 3600, "Medium": 48 * 3600, "Low": 96 * 3600, "Lowest": 240 * 3600}
_SERVICES = 6


class World:
    """A site with the company's people in it, and the chance that all stories share.

    `planted` holds, per check, the ids of the issues that are wrong on purpose; none where `is_flawed` is false.
    """

    def __init__(self, desk: Desk, seed: int | str, *, is_flawed: bool = True) -> None:
        self.desk = desk
        self.random = Random(seed)
        self.now = desk.site.present
        self.is_flawed = is_flawed
        self.planted: defaultdict[str, set[str]] = defaultdict(set)
        self.teams = {name: list(members) for name, members in words.TEAMS.items()}
        self.services = [f"ari:cloud:graph::service/acme/{UUID(int=number)}" for number in range(1, 1 + _SERVICES)]
        self._titles = 0

    @classmethod
    def founded(cls, seed: int, now: datetime, *, is_cloud: bool, is_flawed: bool) -> World:
        """Return the company on a new site, before its first issue."""
        world = cls(Desk(Site(is_cloud=is_cloud, now=now)), seed, is_flawed=is_flawed)
        world._employ()
        world._set_up()
        return world

    def plant(self, check: str, issue: str) -> None:
        """Note that an issue is wrong on purpose."""
        self.planted[check].add(issue)

    def draw(self, low: int, high: int) -> int:
        """Return a length between two bounds."""
        return self.random.randint(low, max(low, high))

    def moment(self, least_days: float, most_days: float) -> int:
        """Return an instant so many days ago; most fall into a working day."""
        at = self.draw(self.now - int(most_days * DAY), self.now - int(least_days * DAY))
        local = as_datetime(at)
        if self.random.random() < 0.85 and (local.weekday() > 4 or not 7 <= local.hour < 16):
            noon = local.replace(hour=self.random.randint(7, 15))
            shifted = millis(noon) - max(0, local.weekday() - 4) * DAY
            at = shifted if shifted < self.now - int(least_days * DAY) else at
        return at

    def team(self, but: str = "") -> str:
        """Return one of the technical teams."""
        return self.random.choice([name for name in self.teams if name != but])

    def member(self, team: str, but: tuple[str, ...] = ()) -> str:
        """Return somebody of a team."""
        return self.random.choice([person for person in self.teams[team] if person not in but])

    def title(self, choices: tuple[str, ...]) -> str:
        """Return a summary; about one in forty is hostile, each kind in turn."""
        if self.random.random() < 0.025:
            self._titles += 1
            return words.HOSTILE_TITLES[self._titles % len(words.HOSTILE_TITLES)]
        return self.random.choice(choices).format(n=self.random.randint(1, 400))

    def service(self) -> list[str]:
        """Return what a record is about: one service."""
        return [self.random.choice(self.services)]

    def _employ(self) -> None:
        desk = self.desk
        desk.add_person(desk.site.account, "ITSM Bridge", email="svc-bridge@example.com")
        desk.add_person("admin", "Site Admin", groups=["jira-administrators"])
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
        for name in ("Web shop", "Finance", "Intranet"):
            desk.add_component(PROJECT, name, lead=words.BOARD[0])
        for number in range(1, 5):
            release = as_datetime(self.now - (100 - 30 * number) * DAY)
            desk.add_version(PROJECT, f"Shop {number}.0", release=f"{release:%Y-%m-%d}", is_released=number < 4)
        for name in ("Northwind", "Contoso"):
            desk.add_organization(name, self.now - 500 * DAY)
