"""The vendor's words for what went wrong."""

from __future__ import annotations

from itsm_bridge import simulation
from itsm_bridge.simulation import Answer


class Refusal(simulation.Refusal):
    """A request that is refused, as the vendor words it."""

    def __init__(self, status: int, *messages: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(Answer.of({"errorMessages": messages, "errors": {}}, status=status, headers=headers))


class DeskRefusal(simulation.Refusal):
    """A refusal of the service desk API, whose body looks different."""

    def __init__(self, status: int, message: str, key: str = "") -> None:
        body = {"errorMessage": message, "i18nErrorMessage": {"i18nKey": key, "parameters": []}}
        super().__init__(Answer.of(body, status=status))


def no_issue() -> Refusal:
    """Return the refusal for an issue that is not there, or not for this account."""
    return Refusal(404, "Issue does not exist or you do not have permission to see it.")
