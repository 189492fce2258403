"""Who works in the company and who is served by it: users, groups, memberships."""

from __future__ import annotations

from random import Random

from itsm_bridge_servicenow.testing.company import words
from itsm_bridge_servicenow.testing.records import Row, Tables, reference_row, sys_id

SERVICE_DESK = "Service Desk"
TEAMS = ("Network", "Server", "Database", "Workplace", "ERP Applications", "Web Applications", "Identity")
CARRIER, SHARED = "Network Carrier", "frontdesk"
APPROVERS, CAB, ECAB = "Change Approvers", "Change Advisory Board", "Emergency CAB"
_SIZES = {SERVICE_DESK: 10, **dict.fromkeys(TEAMS, 5), APPROVERS: 4, CAB: 6, ECAB: 3, CARRIER: 3}
_TYPES = {APPROVERS: "approval", CAB: "cab", ECAB: "ecab"}
_SYSTEM = (
    ("system", "System"),
    ("admin", "System Administrator"),
    ("guest", "Guest"),
    ("svc_monitoring", "Monitoring"),
    (SHARED, "Front desk"),
)
CUSTOMERS = 300


def people(random: Random, born: int) -> Tables:
    """Return users, groups and memberships. Line managers are the managers of the other customers."""
    users = [_account(name, title, born) for name, title in _SYSTEM]
    groups: list[Row] = []
    members: list[Row] = []
    for group, size in _SIZES.items():
        team = [
            _person(random, f"{group.lower().replace(' ', '_')}_{number:02}", "agent", born) for number in range(size)
        ]
        users += team
        groups.append(_group(group, team[0]["sys_id"], born))
        members += [_member(user["sys_id"], group, born) for user in team]
    users += _customers(random, born)
    company = reference_row("core_company", "Acme", born, name="Acme GmbH", customer="true", vendor="false")
    place = reference_row("cmn_location", "Berlin", born, name="Berlin", city="Berlin", country="Germany")
    for user in users:
        user["company"], user["location"] = company["sys_id"], place["sys_id"]
    return {
        "sys_user": users,
        "sys_user_group": groups,
        "sys_user_grmember": members,
        "core_company": [company],
        "cmn_location": [place],
    }


def _customers(random: Random, born: int) -> list[Row]:
    managers = [_person(random, f"manager{number:02}", "Head of department", born) for number in range(20)]
    rest = [_person(random, f"user{number:03}", "employee", born) for number in range(CUSTOMERS)]
    for row in rest:
        row["manager"] = random.choice(managers)["sys_id"]
    for row, name in zip(rest, words.HOSTILE_NAMES, strict=False):
        row["name"] = name
    return managers + rest


def _person(random: Random, login: str, title: str, born: int) -> Row:
    first, last = random.choice(words.FIRST_NAMES), random.choice(words.LAST_NAMES)
    row = _account(login, f"{first} {last}", born)
    return {**row, "first_name": first, "last_name": last, "title": title, "email": f"{login}@acme.example"}


def _account(login: str, name: str, born: int) -> Row:
    is_machine = "true" if login.startswith("svc_") else "false"
    title = "service account" if is_machine == "true" else "system account" if login == "system" else ""
    return reference_row(
        "sys_user", login, born, user_name=login, name=name, active="true",
        title=title, vip="false", time_zone="Europe/Berlin",
        internal_integration_user=is_machine, web_service_access_only=is_machine, locked_out="false",
    )  # fmt: skip


def _group(name: str, manager: str, born: int) -> Row:
    return reference_row(
        "sys_user_group", name, born, name=name, type=_TYPES.get(name, ""), manager=manager, active="true"
    )


def _member(user: str, group: str, born: int) -> Row:
    target = sys_id("sys_user_group", group)
    return reference_row("sys_user_grmember", f"{user}/{group}", born, user=user, group=target)
