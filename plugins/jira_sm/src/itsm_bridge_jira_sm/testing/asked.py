"""What a request asks for: its path below the API, its parameters, and its body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from itsm_bridge.simulation import Call
from itsm_bridge_jira_sm.testing.answers import Refusal

_WORKSPACES = ("jsm", "assets", "workspace")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `steps` of the path below `rest/api/2` or `rest/servicedeskapi`, `version` that of the API.

    `api` is `api`, `servicedeskapi`, `assets`, or `other` for what lies beside both.
    """

    api: str
    method: str
    steps: tuple[str, ...]
    version: str
    parameters: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what the body says (of a POST), or the parameters."""
        return (self.body if self.method == "POST" else self.parameters).get(name, default)

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """Return a whole number, cut to `most`; raises Refusal (400) for anything else."""
        value = self.get(name, default)
        try:
            found = int(value)
        except (TypeError, ValueError):
            raise Refusal(400, f"The value '{value}' of '{name}' is not a number.") from None
        if found < 0:
            raise Refusal(400, f"The value '{value}' of '{name}' must not be negative.")
        return found if most is None else min(found, most)

    def names(self, name: str) -> Sequence[str] | None:
        """Return a list of names: an array, or text with commas; None where it is not given."""
        value = self.get(name)
        if value is None:
            return None
        parts = value.split(",") if isinstance(value, str) else value
        return [part.strip() for part in parts if part.strip()]


def asked_by(call: Call) -> Asked:
    """Return what a request asks for."""
    steps = tuple(unquote(step) for step in call.path.split("/") if step)
    api, version = "other", ""
    if steps[:2] == ("rest", "servicedeskapi"):
        api, steps = "servicedeskapi", steps[2:]
    elif steps[:3] == ("rest", "assets", "1.0"):
        api, steps = "assets", steps[3:]
    elif _WORKSPACES in (steps[:3], steps[2:5]):
        api, steps = "assets", steps[steps.index("workspace") + 1 :]
    elif steps[:2] == ("rest", "api") and len(steps) > 3:
        api, version, steps = "api", steps[2], steps[3:]
    return Asked(api, call.method, steps, version, call.parameters, call.body, call.headers)
