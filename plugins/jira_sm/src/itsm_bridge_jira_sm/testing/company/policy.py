"""What the company agreed beside its tool: lines of its policy, some of which its records do not live up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from itsm_bridge_jira_sm.testing.company.world import ADVISER, RESOLUTION, RESOLUTION_GOALS, SHARED, World
from itsm_bridge_jira_sm.testing.instants import DAY, as_datetime

Policy = Mapping[str, tuple[str, ...]]
"""Lines by file; `{source}` stands for the source."""
_SUPPLIER = "jsm_advisers"


def agreed(world: World) -> Policy:
    """Return the lines of the policy; where the company is flawed, some of what is agreed is not kept."""
    begin, end, review = (f"{as_datetime(world.now + days * DAY):%Y-%m-%d}" for days in (-30, 300, 90))
    return {
        "services.csv": tuple(
            f"{{source}},{service},,,,{1 if service == world.critical() else 3},,,," for service in world.services
        ),
        "agreed_targets.csv": tuple(_targets(world)),
        "accounts.csv": (
            f"{{source}},{world.desk.person(SHARED)},true,",
            f"{{source}},{world.desk.person(ADVISER)},false,{_SUPPLIER}",
        ),
        "suppliers.csv": (f"{_SUPPLIER},Advisers,external,Head of IT,C-31,{begin},{end},{review},true",),
        "freeze_windows.csv": (
            f"jsm_closing,Closing of the books,{begin}T00:00,{end}T00:00,{world.frozen()},true,true",
        ),
        "register.csv": tuple(world.register),
    }


def written(policy: Policy, source: str) -> dict[str, str]:
    """Return the lines as they are added to the files of the policy of this source."""
    return {name: "".join(f"{line.format(source=source)}\n" for line in lines) for name, lines in policy.items()}


def _targets(world: World) -> Iterable[str]:
    """Yield what was agreed per goal of the metric: one goal is looser than that, and one was missed."""
    metric = world.desk.field_id(RESOLUTION)
    for name, goal in RESOLUTION_GOALS.items():
        key = f"{metric}/{goal}"
        promised = goal if name != "Lowest" or world.keeps("SLM-009", key) else goal - 3600
        share = "0.5" if name != "Low" or world.keeps("SLM-003", key) else "1.0"
        yield f"{{source}},{{source}}:sla_definition:{key},sla,{promised},{share},,"
