"""What the company agreed beside its tool: lines of its policy, some of which its records do not live up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from itsm_bridge_servicenow.testing.company import people
from itsm_bridge_servicenow.testing.company.world import World
from itsm_bridge_servicenow.testing.records import DAY, Tables, epoch, stamp

CARRIER = "itsm_carrier"
"""The supplier that staffs a group, as the policy names it."""
_REST = "," * 9  # columns of the register that stay empty
Policy = Mapping[str, tuple[str, ...]]
"""Lines by file; `{source}` stands for the source."""


def agreed(world: World, tables: Tables) -> Policy:
    """Return the lines of the policy; where the company is flawed, some of what is agreed is not kept."""
    return {
        "services.csv": tuple(_services(world, tables)),
        "agreed_targets.csv": tuple(_targets(world, tables)),
        "groups.csv": (f"{{source}},{people.CARRIER},team,3,{CARRIER}",),
        "accounts.csv": tuple(_accounts(world, tables)),
        "suppliers.csv": (_supplier(world),),
        "freeze_windows.csv": (_freeze(world),),
        "register.csv": tuple(f"{line}{_REST}" for line in world.register),
    }


def written(policy: Policy, sources: Iterable[str]) -> dict[str, str]:
    """Return the lines as they are added to the files of the policy of these sources."""
    return {
        name: "".join(f"{line}\n" for line in dict.fromkeys(line.format(source=s) for s in sources for line in lines))
        for name, lines in policy.items()
    }


def _services(world: World, tables: Tables) -> Iterable[str]:
    """Every service is described; one is not in the catalogue, and one was less available than promised."""
    broken = _most_often(row["cmdb_ci"] for row in tables.get("cmdb_ci_outage", ()) if row["end"])
    for row in tables["cmdb_ci_service"]:
        is_listed = world.keeps("CAT-001", row["sys_id"]) if row["name"] == "Printing" else True
        target = "1.0" if row["sys_id"] == broken and not world.keeps("AVL-002", broken) else "0.95"
        rank = row["busines_criticality"][0]
        text = "Used by all employees and partners every day"
        owner, listed = f"Owner of {row['name']}", str(is_listed).lower()
        is_continued = str(rank < "3").lower()
        yield f"{{source}},{row['name']},{owner},true,{listed},{rank},{text},true,{target},{is_continued}"
    for row in tables["service_offering"]:
        yield f"{{source}},{row['name']},,false,false,,Counted with its service,,,"


def _targets(world: World, tables: Tables) -> Iterable[str]:
    """One goal of the tool is looser than agreed, one target was missed, and one is asked for too often."""
    stopped = [row for row in tables.get("task_sla", ()) if row["stage"] == "completed"]
    many = {key for key, number in Counter(row["sla"] for row in stopped).items() if number > 12}
    missed = _most_often(row["sla"] for row in stopped if row["has_breached"] == "true" and row["sla"] in many)
    for row in tables["contract_sla"]:
        key, name = row["sys_id"], row["name"]
        if row["type"] != "SLA":
            yield f"{{source}},{name},uc,,0.5,,{CARRIER}"
            continue
        goal = epoch(row["duration"])
        if name == "Priority 5 resolution" and not world.keeps("SLM-009", key):
            goal -= 3600
        limit = "1" if name == "Priority 4 response" and not world.keeps("SLM-013", key) else "9000"
        share = "1.0" if key == missed and not world.keeps("SLM-003", key) else "0.5"
        yield f"{{source}},{name},sla,{goal},{share},{limit},"


def _accounts(world: World, tables: Tables) -> Iterable[str]:
    yield f"{{source}},{people.SHARED},true,"
    for user in tables["sys_user"]:
        if user["sys_id"] in world.members[world.group(people.CARRIER)]:
            yield f"{{source}},{user['user_name']},false,{CARRIER}"


def _supplier(world: World) -> str:
    begun, ends, review = (stamp(world.now + days * DAY)[:10] for days in (-700, 700, 90))
    return f"{CARRIER},Carrier,external,Head of network,C-2024-7,{begun},{ends},{review},true"


def _freeze(world: World) -> str:
    begin, end = (datetime.fromtimestamp(at, UTC).isoformat() for at in world.freeze)
    return f"itsm_closing,Closing of the books,{begin},{end},{world.frozen},true,true"


def _most_often(keys: Iterable[str]) -> str:
    """Return the key that comes most often; of equals the lowest."""
    found = Counter(keys)
    return min(found, key=lambda key: (-found[key], key), default="")
