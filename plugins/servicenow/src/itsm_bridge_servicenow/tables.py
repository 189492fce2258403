"""One request to the Table API: what is asked, and what must hold before an answer is believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import orjson

from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge.transport import Answer, Transport, json_body
from itsm_bridge_servicenow.settings import EXAMPLE

TABLE = re.compile(r"[a-z0-9_]+")
_ADDRESS = "Check that `url` is the address of a ServiceNow instance; if it is, ask its administrators."
_TRIES = 3
_CANCELLED = re.compile("transaction cancelled|maximum execution time", re.IGNORECASE)


class Cancelled(Exception):
    """The instance gave up on a request after its time quota (60 s): ask for less."""


class Rows(Protocol):
    """Records of one answer: what the page loop needs to know of them."""

    @property
    def quarantined(self) -> int:
        """Records that could not be decoded."""

    def __len__(self) -> int: ...
    def values(self, name: str) -> Sequence[str | None]:
        """Return one field of every record."""


R = TypeVar("R", bound=Rows)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table; `with_count` has the instance count all rows that the query matches."""

    table: str
    query: str
    fields: tuple[str, ...]
    limit: int
    offset: int = 0
    with_count: bool = False


class Tables:
    """The Table API of one instance."""

    def __init__(self, transport: Transport, url: str) -> None:
        self._transport = transport
        self._url = url
        self._clock_difference: float | None = None

    def ask(self, question: Question, read: Callable[[bytes], R]) -> tuple[R, int | None]:
        """Return the records and, where asked for, the count; `read` decodes a body and checks what lies beside.

        Raises Cancelled when the instance ran out of time, and PermissionDenied for a table that is closed.
        """
        found: list[R] = []

        def accept(answer: Answer) -> None:
            found[:] = [_believed(answer, read)]
            if question.with_count:
                _count(answer)

        answer = self._get(question, accept)
        if answer.status == 404:
            return read(b'{"result":[]}'), 0
        return found[0], _count(answer) if question.with_count else None

    def count(self, table: str, query: str) -> int:
        """Return how many rows match, those that the account may not see included."""
        return self._ask_again(Question(table, query, ("sys_id",), 1, with_count=True))[1] or 0

    def first(self, table: str, query: str, fields: tuple[str, ...], limit: int = 1) -> list[Mapping[str, Any]]:
        """Return the first rows that the account sees among the first `limit` that match."""
        return self._ask_again(Question(table, query, fields, limit))[0].records

    def _ask_again(self, question: Question) -> tuple[PlainRows, int | None]:
        """Ask a question that cannot be made smaller a few times before it counts as cancelled."""
        for _ in range(_TRIES - 1):
            try:
                return self.ask(question, PlainRows.read)
            except Cancelled:
                continue
        return self.ask(question, PlainRows.read)

    def clock_difference(self) -> float:
        """Return by how many seconds the instance's clock is ahead of ours; 0 where it does not say."""
        if self._clock_difference is None:
            question = Question("sys_user", "", ("sys_id",), 1)
            # A refusal has a date too: only credentials that are refused end it here.
            answer = self._transport.get(self._url_of(question), _parameters(question), keep=(400, 403, 404))
            if answer.status in (400, 404) and not _says_no_rows(answer):
                raise self._no_instance(answer)
            now = datetime.now(UTC)
            self._clock_difference = ((answer.date or now) - now).total_seconds()
        return self._clock_difference

    def now(self) -> int:
        """Return the instance's own time in epoch seconds."""
        return int(datetime.now(UTC).timestamp() + self.clock_difference())

    def _get(self, question: Question, accept: Callable[[Answer], None]) -> Answer:
        url = self._url_of(question)
        answer = self._transport.get(url, _parameters(question), accept=accept, keep=(404, 414))
        if answer.status == 414:
            raise BadAnswer(
                "the instance refuses the question as too long", where=f"GET {url}",
                hint="Name fewer fields in `keep` and `audit_fields` of this source.",
            )  # fmt: skip
        # The first version of the API says "no rows" with this status; a missing table says something else.
        if answer.status == 404 and not _says_no_rows(answer):
            raise PermissionDenied(
                f"the instance does not show {question.table} ({words(answer) or 'status 404'})", where=f"GET {url}",
                hint="Check `url`, that the plugin with this table is active, and the account's rights.",
            )  # fmt: skip
        return answer

    def _no_instance(self, answer: Answer) -> BadAnswer:
        """Every instance has the table that is asked for first, so this is not the address of one."""
        return BadAnswer(
            f"it does not answer like a ServiceNow instance (status {answer.status}: {words(answer) or 'no words'})",
            where=f"GET {answer.address}",
            hint=f"Check `url`, which is {self._url}: it must be where the instance opens in a browser, such as "
            f"{EXAMPLE}, with a path only where a gateway in between adds one.",
        )  # fmt: skip

    def _url_of(self, question: Question) -> str:
        if not TABLE.fullmatch(question.table):
            raise BadAnswer(f"{question.table!r} cannot be the name of a table")
        return f"{self._url}/api/now/table/{question.table}"


class PlainRows:
    """Records as dictionaries, for small tables that are not stored."""

    quarantined = 0

    def __init__(self, records: list[Mapping[str, Any]]) -> None:
        self.records = records

    @classmethod
    def read(cls, body: bytes) -> PlainRows:
        """Decode a body."""
        answer = decoded(body)
        check_beside(answer)
        return cls([record for record in answer["result"] if isinstance(record, dict)])

    def __len__(self) -> int:
        return len(self.records)

    def values(self, name: str) -> Sequence[str | None]:
        """Return one field of every record."""
        return [record.get(name) for record in self.records]


def decoded(body: bytes) -> dict[str, Any]:
    """Return the object in a body; raises BadAnswer for anything else."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"the answer is cut or is not JSON ({error})") from error
    if not isinstance(answer, dict):
        raise BadAnswer(f"the answer is a JSON {type(answer).__name__}, not an object", hint=_ADDRESS)
    return answer


def check_beside(answer: Mapping[str, Any]) -> None:
    """Raise Cancelled or BadAnswer when a success carries an error, or no list of records."""
    error = answer.get("error")
    if error or answer.get("status") == "failure":
        message = _message(error)
        if _CANCELLED.search(message):
            raise Cancelled(message)
        raise BadAnswer(f"a success carries an error ({message or 'no words'})")
    if not isinstance(answer.get("result"), list):
        raise BadAnswer("the answer holds no list of records", hint=_ADDRESS)


def _says_no_rows(answer: Answer) -> bool:
    return "no record" in words(answer).lower()


def words(answer: Answer) -> str:
    """Return what an error answer says."""
    try:
        return _message(decoded(answer.body).get("error"))
    except BadAnswer:
        return ""


def _message(error: Any) -> str:
    if isinstance(error, dict):
        parts = [str(error[name]) for name in ("message", "detail") if error.get(name)]
        return ": ".join(parts)
    return str(error or "")


def _believed(answer: Answer, read: Callable[[bytes], R]) -> R:
    try:
        json_body(answer)
        return read(answer.body)
    except BadAnswer as error:
        error.where = error.where or f"GET {answer.address}"
        # An answer that was cut after its error was written: what can be read of it still says why.
        if _CANCELLED.search(answer.body[-2000:].decode(errors="replace")):
            raise Cancelled("the answer broke off in a cancelled transaction") from error
        raise


def _count(answer: Answer) -> int:
    count = answer.headers.get("X-Total-Count", "")
    if not count.isdigit():
        raise BadAnswer("the answer does not say how many rows there are", where=f"GET {answer.address}")
    return int(count)


def _parameters(question: Question) -> dict[str, str]:
    parameters = {
        "sysparm_query": question.query,
        "sysparm_fields": ",".join(question.fields),
        "sysparm_limit": str(question.limit),
        "sysparm_display_value": "false",
        "sysparm_exclude_reference_link": "true",
        "sysparm_suppress_pagination_header": "true",
    }
    if question.offset:
        parameters["sysparm_offset"] = str(question.offset)
    if not question.with_count:
        parameters["sysparm_no_count"] = "true"
    return parameters
