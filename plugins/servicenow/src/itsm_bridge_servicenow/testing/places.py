"""What a request to an instance asks for."""

from __future__ import annotations

from dataclasses import dataclass

from itsm_bridge.simulation import Call

_VERSIONS = ("v1", "v2", "latest")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: `/api/now[/version]/{kind}/{table}[/{key}]`."""

    is_api: bool
    version: str
    kind: str
    table: str
    key: str


def place_of(call: Call) -> Place:
    """Return where a request goes."""
    steps = [step for step in call.path.split("/") if step]
    version = steps[2] if len(steps) > 2 and steps[2] in _VERSIONS else ""
    kind, table, key = [*steps[3 if version else 2 :], "", "", ""][:3]
    return Place(steps[:2] == ["api", "now"], version, kind, table, key)
