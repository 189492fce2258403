"""The company as its records see it: who can be asked, what can break, what time it is."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from random import Random

from itsm_bridge_servicenow.testing.company import estate, people, words
from itsm_bridge_servicenow.testing.company.schedule import AllTime, BusinessTime, around
from itsm_bridge_servicenow.testing.records import DAY, Row, Tables, stamp, sys_id

MATRIX = {(1, 1): 1, (1, 2): 2, (1, 3): 3, (2, 1): 2, (2, 2): 3, (2, 3): 4, (3, 1): 3, (3, 2): 4, (3, 3): 5}


class World:
    """Reference data, indexed, with the chance and the present that all stories share.

    `tables` collects what the stories write; `planted` the records that were made wrong on purpose,
    by check; none are where `is_flawed` is false.
    """

    def __init__(self, reference: Tables, seed: int, now: int, salt: str = "", *, is_flawed: bool = True) -> None:
        self.seed = seed
        self.is_flawed = is_flawed
        self.now = now
        self.random = Random(f"{seed}/{salt}")
        self.calendar: BusinessTime = around(now)
        self.always = AllTime()
        self.tables: Tables = {}
        self.planted: defaultdict[str, set[str]] = defaultdict(set)
        self._hostile = count()
        users = reference["sys_user"]
        self._logins = {row["sys_id"]: row["user_name"] for row in users}
        self.system = sys_id("sys_user", "system")
        self.monitoring = sys_id("sys_user", "svc_monitoring")
        self.customers = [row["sys_id"] for row in users if row["user_name"].startswith("user")]
        self.managers = {row["sys_id"]: row["manager"] for row in users if row.get("manager")}
        self.members: defaultdict[str, list[str]] = defaultdict(list)
        for row in reference["sys_user_grmember"]:
            self.members[row["group"]].append(row["user"])
        self.services = [
            row["sys_id"] for row in reference["cmdb_ci_service"] if row["sys_class_name"] == "cmdb_ci_service"
        ]
        self.items: defaultdict[str, list[str]] = defaultdict(list)
        for row in reference["cmdb_rel_ci"]:
            self.items[row["parent"]].append(row["child"])
        self.records_of_items = {
            row["sys_id"]: row for name, rows in reference.items() if name.startswith("cmdb_ci_") for row in rows
        }
        self.cured: set[str] = set()
        self._struck: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self.untended = sys_id("cmdb_ci_server", estate.UNTENDED)
        self.retired = sys_id("cmdb_ci_server", estate.RETIRED)
        self.shared = sys_id("sys_user", people.SHARED)
        self.frozen = self.services[2] if len(self.services) > 2 else ""
        self.freeze = (now - 24 * DAY, now - 21 * DAY)
        self.failed_change = ""
        self.register: list[str] = []
        self.changes: list[Row] = []
        self._booked: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self.catalogue = {row["sys_id"]: row["u_approval_required"] == "true" for row in reference["sc_cat_item"]}
        self.catalogue_names = {row["sys_id"]: row["name"] for row in reference["sc_cat_item"]}
        self.templates = [row["sys_id"] for row in reference["std_change_producer_version"] if not row["valid_to"]]
        self.lapsed = sys_id("std_change_producer_version", estate.LAPSED)
        self.definitions, self.contracts = (
            {
                (row["collection"], row["target"], _priority(row)): row
                for row in reference["contract_sla"]
                if (row["type"] == "SLA") == is_ours
            }
            for is_ours in (True, False)
        )

    def add(self, table: str, row: Row) -> None:
        """Store a row."""
        self.tables.setdefault(table, []).append(row)

    def plant(self, check: str, key: str) -> None:
        """Note that a record is wrong on purpose."""
        self.planted[check].add(key)

    def keeps(self, check: str, key: str) -> bool:
        """Say whether the company keeps a rule about something that is no work item; notes where it does not."""
        if self.is_flawed and key:
            self.plant(check, key)
            return False
        return True

    def note_down(self, kind: str, clause: str, number: str, opened: str, closed: str = "") -> None:
        """Write a line into the register that is kept beside the tool."""
        known = (f"{kind}-{number}", kind, clause, f"Of {number}", number, "Head of operations", opened, "", closed)
        self.register.append(",".join(known))

    def login(self, person: str) -> str:
        """Return the user name of a person."""
        return self._logins.get(person, "system")

    def group(self, name: str) -> str:
        """Return the id of a group."""
        return sys_id("sys_user_group", name)

    def team(self) -> str:
        """Return one of the technical groups."""
        return self.group(self.random.choice(people.TEAMS))

    def member(self, group: str, but: tuple[str, ...] = ()) -> str:
        """Return a member of a group, other than those named."""
        return self.random.choice([person for person in self.members[group] if person not in but])

    def item(self, service: str) -> str:
        """Return a configuration item of a service, but none whose problem was solved: what is cured stays well."""
        return self.random.choice([item for item in self.items[service] if item not in self.cured])

    def struck(self, service: str, item: str, category: str, at: int) -> tuple[str, str]:
        """Return the service and the item that an incident is about: these, or others near by.

        On none the same came so often lately that somebody should ask why.
        """
        place = self.services.index(service)
        for near in (*self.services[place:], *self.services[:place]):
            calm = [each for each in self.items[near] if each not in self.cured and self._is_calm(each, category, at)]
            if calm:
                service, item = near, item if item in calm else self.random.choice(calm)
                break
        self._struck[item, category].append(at)
        return service, item

    def _is_calm(self, item: str, category: str, at: int) -> bool:
        return sum(abs(at - other) < 31 * DAY for other in self._struck[item, category]) < 3

    def book(self, service: str, start: int, end: int) -> str:
        """Return an item of a service on which nobody else carries out a change at that time, and keep it so."""
        free = [
            item
            for item in self.items[service]
            if all(end + DAY < low or high + DAY < start for low, high in self._booked[item])
        ]
        item = self.random.choice(free or self.items[service])
        self._booked[item].append((start, end))
        return item

    def touch(self, item: str, at: int) -> None:
        """Write down that the record of a configuration item was updated."""
        row = self.records_of_items.get(item)
        if row is not None and at <= self.now:
            row["sys_updated_on"] = max(row["sys_updated_on"], stamp(at))

    def edit(self, item: str, at: int, by: str) -> str:
        """Write into the history of a configuration item that somebody entered a new address or version of it."""
        row = self.records_of_items.get(item)
        if row is None or at > self.now:
            return ""
        kind, user = row["sys_class_name"], self.login(by)
        name = "ip_address" if kind in ("cmdb_ci_server", "cmdb_ci_netgear") else "version"
        key = sys_id(item, "edit", at)
        self.add("sys_audit", {
            "sys_id": key, "tablename": kind, "documentkey": item, "fieldname": name, "oldvalue": row.get(name, ""),
            "newvalue": f"10.0.{at % 199}.{at % 251}", "user": user, "reason": "", "record_checkpoint": "1",
            "sys_created_on": stamp(at), "sys_created_by": user,
        })  # fmt: skip
        row[name] = f"10.0.{at % 199}.{at % 251}"
        self.touch(item, at)
        return key

    def quiet_item(self, service: str, at: int) -> str:
        """Return an item of a service on which no change is carried out around a moment; empty where there is none."""
        return next(
            (item for item in self.items[service]
             if all(at < start - DAY or end + 12 * DAY < at for start, end in self._booked[item])),
            "",
        )  # fmt: skip

    def title(self, choices: tuple[str, ...]) -> str:
        """Return a short description; about one in a hundred is hostile, each kind in turn."""
        if self.random.random() < 0.01:
            return words.HOSTILE_TITLES[next(self._hostile) % len(words.HOSTILE_TITLES)]
        return self.random.choice(choices).format(n=self.random.randint(1, 400))

    def note(self) -> str:
        """Return what somebody may write while working."""
        return self.random.choice(words.NOTES)

    def draw(self, low: int, high: int) -> int:
        """Return a number of seconds between two bounds."""
        return self.random.randint(low, max(low, high))

    def moment(self, start: int, end: int, share_at_work: float = 0.85) -> int:
        """Return an instant between two; most fall into working time."""
        at = self.draw(start, end)
        if self.random.random() < share_at_work and not self.calendar.is_open(at):
            at = self.calendar.after(at, self.draw(60, 9 * 3600))
        return min(at, end)


def _priority(definition: Row) -> int:
    _, found, rest = definition["start_condition"].partition("priority=")
    return int(rest[0]) if found else 0
