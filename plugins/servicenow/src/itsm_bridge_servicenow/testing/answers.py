"""The vendor's words for what went well and what went wrong."""

from __future__ import annotations

from itsm_bridge import simulation
from itsm_bridge.simulation import Answer


class Refusal(simulation.Refusal):
    """A request that the instance refuses, as the vendor words it."""

    def __init__(
        self, status: int, message: str, detail: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error(status, message, detail, headers))


def result(value: object, headers: dict[str, str] | None = None, rows: int = 0) -> Answer:
    """Return a good answer around a result."""
    return Answer.of({"result": value}, rows, headers=headers)


def error(status: int, message: str, detail: str | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Return an error with the vendor's body."""
    body = {"error": {"message": message, "detail": detail}, "status": "failure"}
    return Answer.of(body, status=status, headers=headers)


def no_record() -> Refusal:
    """Return the refusal for a record that is not there, or not for this account."""
    return Refusal(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
