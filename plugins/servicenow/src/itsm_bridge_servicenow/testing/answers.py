"""Answers of the server, and the vendor's words for what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson


@dataclass(slots=True)
class Answer:
    """What goes back over the wire. `rows` counts the records in it, for the log."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the server saw it; `rows` is how many records the answer held."""

    method: str
    path: str
    parameters: Mapping[str, str]
    table: str
    status: int
    rows: int
    fault: str = ""


class Refusal(Exception):
    """A request that the instance refuses, as the vendor words it."""

    def __init__(
        self, status: int, message: str, detail: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.answer = error(status, message, detail, headers)


def result(value: object, headers: dict[str, str] | None = None, rows: int = 0) -> Answer:
    """Return a good answer around a result."""
    return Answer(200, orjson.dumps({"result": value}), headers or {}, rows=rows)


def error(status: int, message: str, detail: str | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Return an error with the vendor's body."""
    body = {"error": {"message": message, "detail": detail}, "status": "failure"}
    return Answer(status, orjson.dumps(body), headers or {})


def no_record() -> Refusal:
    """Return the refusal for a record that is not there, or not for this account."""
    return Refusal(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
