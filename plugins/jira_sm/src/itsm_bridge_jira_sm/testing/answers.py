"""Answers of the server, and the vendor's words for what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """One request as the server saw it; `body` is that of a POST, `rows` how many records the answer held."""

    method: str
    path: str
    parameters: Mapping[str, str]
    body: Mapping[str, Any]
    status: int
    rows: int
    fault: str = ""


class Refusal(Exception):
    """A request that is refused, as the vendor words it."""

    def __init__(self, status: int, *messages: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(*messages)
        self.answer = Answer(status, orjson.dumps({"errorMessages": messages, "errors": {}}), headers or {})


class DeskRefusal(Refusal):
    """A refusal of the service desk API, whose body looks different."""

    def __init__(self, status: int, message: str, key: str = "") -> None:
        super().__init__(status, message)
        body = {"errorMessage": message, "i18nErrorMessage": {"i18nKey": key, "parameters": []}}
        self.answer = Answer(status, orjson.dumps(body))


def good(value: object, rows: int = 0, headers: dict[str, str] | None = None) -> Answer:
    """Return a good answer."""
    return Answer(200, orjson.dumps(value), headers or {}, rows=rows)


def no_issue() -> Refusal:
    """Return the refusal for an issue that is not there, or not for this account."""
    return Refusal(404, "Issue does not exist or you do not have permission to see it.")
