"""The company as its stories see it: who works there, what can break, what time it is, and what is wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from itsm_bridge.simulation.company import Chance, words
from itsm_bridge_otrs.testing.desk import Desk
from itsm_bridge_otrs.testing.records import Ticket
from itsm_bridge_otrs.testing.vocabulary import LEVELS, Named, Targets, Vocabulary, packaged
from itsm_bridge_otrs.testing.wall import DAY, HOUR

TIMEZONE = "Europe/Berlin"
DESK, CHANGES, PROBLEMS = "Service Desk", "Changes", "Problems"
QUEUES: Mapping[str, str] = {"network": "Netzwerk & VPN", "servers": "Servers", "applications": "Applications::SAP",
                             "databases": "Databases"}  # fmt: skip
"""The queue of each team."""
RESPONSE_ONLY = "Response only"
"""An agreement without a target for the solution: for tickets that close by themselves, days after they are solved."""
NO_TARGETS = "No targets"
AGREEMENTS = ("Gold 24x7", "Silver", "Bronze")
"""Agreements of tickets that are closed when they are solved."""
ALWAYS, OFFICE_HOURS = ("Gold 24x7",), ("Silver", "Bronze", RESPONSE_ONLY)
"""Agreements by when their clocks run."""
IMPACTS, URGENCIES = ("5 very high", "4 high", "3 normal"), ("high", "medium", "low")
MATRIX = {(1, 1): 1, (1, 2): 2, (1, 3): 3, (2, 1): 2, (2, 2): 3, (2, 3): 4, (3, 1): 3, (3, 2): 4, (3, 3): 5}
PARKED, EMERGENCY = "Wartet auf Ersatzteile", "Notfall"
"""A state and a priority that no mapping knows."""
_STATES = {
    "awaiting approval": "open", "in assessment": "open", "scheduled": "open", "in implementation": "open",
    "in review": "open", "rejected": "closed", "cause analysis": "open", "fix under way": "open",
    PARKED: "pending reminder",
}  # fmt: skip
_FIELDS = {
    "Urgency": "dropdown", "ChangeType": "dropdown", "ChangeRisk": "dropdown", "BackoutPlan": "text",
    "PlannedStart": "datetime", "PlannedEnd": "datetime", "ActualStart": "datetime", "ActualEnd": "datetime",
    "ReviewedOn": "datetime", "ReviewNote": "text", "TestPlan": "text", "BackedOut": "dropdown",
}  # fmt: skip
SHARED = "shift.desk"
"""An account that several people use."""
_SERVICES = ("Web shop", "Intranet", "Backup: 100 %% sicher")


class World(Chance):
    """A desk with the company's people at it, and the chance that all stories share. Moments are epoch seconds."""

    def __init__(self, desk: Desk, seed: int | str, *, is_flawed: bool = True) -> None:
        super().__init__(seed, desk.moment, is_flawed=is_flawed)
        self.desk = desk
        self.teams = {name: list(members) for name, members in words.TEAMS.items()}
        self.services = [service.name for service in desk.words.services]
        self.linked: set[str] = set()

    @classmethod
    def founded(cls, seed: int, now: datetime, *, is_flawed: bool) -> World:
        """Return the company with a new installation, before its first ticket."""
        return cls(Desk(TIMEZONE, now=now, words=_vocabulary()), seed, is_flawed=is_flawed)

    def team(self, but: str = "") -> str:
        """Return one of the technical teams."""
        return self.random.choice([name for name in self.teams if name != but])

    def member(self, team: str, but: tuple[str, ...] = ()) -> str:
        """Return somebody of a team."""
        return self.random.choice([person for person in self.teams[team] if person not in but])

    def service(self) -> str:
        """Return what a ticket is about."""
        return self.random.choice(self.services)

    def incidents(self, *states: str) -> list[Ticket]:
        """Return the incidents in some states that are no major ones, by id."""
        names = self.desk.words
        wanted, kind = {names.states[state].id for state in states}, names.types["Incident"].id
        return [one for _, one in sorted(self.desk.tickets.items()) if one.state in wanted and one.type == kind]

    def emergency_before(self, moment: int) -> str:
        """Return the id of the last urgent incident that was opened before a moment; none is an empty text."""
        names = self.desk.words
        urgent = {names.priorities[level].id for level in LEVELS[3:]}
        found = [one for one in self.incidents("open", "closed successful", "pending auto close+")
                 if one.priority in urgent and one.created < moment]  # fmt: skip
        return str(max(found, key=lambda one: one.created).id) if found else ""

    def awake(self, moment: int) -> int:
        """Return a moment, or a later one instead of one in the hours that the clock shows twice, when nobody works.

        The tool itself reads its own times wrongly then, and claims minutes of a clock that are an hour off.
        """
        local = datetime.fromtimestamp(moment, self.desk.wall.zone)
        is_shown_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return moment + 2 * HOUR if is_shown_twice else moment

    def plannable(self, start: int, length: int) -> int:
        """Return when work of a length is to start: not in the night in which hours are shown twice, but a day later.

        What is written into a field in these hours is read as the first of the two.
        """
        is_clear = all(self.awake(at) == at for at in range(start - 3 * HOUR, start + length + 2 * HOUR, HOUR))
        return start if is_clear else start + DAY

    def local(self, moment: int) -> str:
        """Return a moment as it stands in a field of the company's own."""
        return self.desk.wall.text(moment)


def urgent(impact: int, urgency: int) -> dict[str, Any]:
    """Return how a ticket of an impact and an urgency (1 to 3) is classified, and its priority by the matrix."""
    fields = {"ITSMImpact": IMPACTS[impact - 1], "Urgency": URGENCIES[urgency - 1]}
    return {"priority": LEVELS[5 - MATRIX[impact, urgency]], "dynamic": fields}


def instant(moment: int) -> datetime:
    """Return a moment as the desk takes it."""
    return datetime.fromtimestamp(moment, UTC)


def _vocabulary() -> Vocabulary:
    found = packaged()
    for name, type_ in _STATES.items():
        found.add_state(name, type_)
    for name, kind in _FIELDS.items():
        found.add_dynamic_field(name, kind)
    for name in (CHANGES, PROBLEMS, *QUEUES.values()):
        if found.queues.get(name) is None:
            found.add_queue(name)
    for name in _SERVICES:
        found.add_service(name)
    found.priorities.add(Named(found.priorities.next_id, EMERGENCY))
    found.add_sla(RESPONSE_ONLY, Targets(response=240))
    for login in (SHARED, *words.AGENTS, *words.BOARD, *(one for members in words.TEAMS.values() for one in members)):
        found.add_agent(login)
    for number, login in enumerate(customers()):
        found.add_customer(login, ("Northwind", "Contoso")[number % 2])
    return found


def customers() -> tuple[str, ...]:
    """Return the logins of the company's customers; some are what no program expects."""
    return (*words.HOSTILE_NAMES, *words.CUSTOMERS[len(words.HOSTILE_NAMES) :])
