"""The company as its stories see it: who works there, what can break, what time it is, and what is wrong on purpose."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from itsm_bridge.simulation.company import Chance, words
from itsm_bridge_jira_sm.testing.desk import Desk
from itsm_bridge_jira_sm.testing.instants import DAY, as_datetime
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


class World(Chance):
    """A site with the company's people in it, and the chance that all stories share."""

    def __init__(self, desk: Desk, seed: int | str, *, is_flawed: bool = True) -> None:
        super().__init__(seed, desk.site.present, per_second=1000, is_flawed=is_flawed)
        self.desk = desk
        self.teams = {name: list(members) for name, members in words.TEAMS.items()}
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
