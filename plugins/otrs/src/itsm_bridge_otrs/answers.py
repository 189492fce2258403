"""What an answer of a web service says: data, an error under the status 200, or not the tool at all."""

from __future__ import annotations

import io
import re
from typing import Any

import orjson
import requests
import urllib3

from itsm_bridge.errors import AuthenticationFailed, BadAnswer, ConfigurationError, PermissionDenied, SourceError
from itsm_bridge.hostile import for_terminal
from itsm_bridge.transport import Answer, json_body

_KEYS_ARE_SORTED = re.compile(rb'\s*\{\s*"([^"]*)"')
_NO_ROUTE = "determine Operation"
_ROUTES = (
    "Compare `operations` of this source with the REST settings of the web service (Admin > Web Services > network "
    "transport): each operation needs the method and the route that are mapped there."
)
_NO_SERVER = (
    "Check that `url` is the address of the installation with its path (as in https://desk.acme.com/otrs), and that "
    "nothing in front of it refuses the requests; where only long requests fail, lower `batch_tickets`."
)


class Refused(PermissionDenied):
    """The tool denies a ticket: it is not there, or the agent may not read it, and which of both is not told."""


def believe(answer: Answer, key: str) -> None:
    """Accept an answer that is data under `key`, without reading it all; raises what else it may say."""
    json_body(answer)
    found = _KEYS_ARE_SORTED.match(answer.body)
    first = found[1].decode(errors="replace") if found else ""
    if first == "Error":
        raise error_of(answer)
    if first != key:
        raise BadAnswer(f"the answer has no `{key}`", where=answer.address, hint=_ROUTES)


def ids_of(answer: Answer) -> list[str]:
    """Return the ids that a search brought; `{}` is none."""
    told = _object(answer)
    ids = told.get("TicketID", [])
    is_list = isinstance(ids, list) and all(isinstance(one, str) and one.isascii() and one.isdigit() for one in ids)
    if not is_list or told.keys() - {"TicketID"}:
        raise BadAnswer("the answer is none to a search", where=answer.address)
    return list(ids)


def session_of(answer: Answer) -> str:
    """Return the id of the session that was opened."""
    session = _object(answer).get("SessionID")
    if not isinstance(session, str) or not session.isalnum():
        raise BadAnswer("the answer brings no session", where=answer.address)
    return session


def error_of(answer: Answer) -> SourceError | ConfigurationError:
    """Return what an answer with an `Error` means."""
    error = orjson.loads(answer.body).get("Error")
    told = error if isinstance(error, dict) else {}
    code, message = str(told.get("ErrorCode") or ""), str(told.get("ErrorMessage") or "")
    said = for_terminal(f"{code}: {message}"[:300])
    kind = code.rpartition(".")[2]
    if kind == "AuthFail":
        return AuthenticationFailed(f"the tool refused the credentials ({said})", where=answer.address)
    if kind == "AccessDenied":
        return Refused(f"the tool denies access ({said})", where=answer.address)
    if kind in ("MissingParameter", "WrongStructure"):
        return ConfigurationError(
            f"the operation does not take what it is asked ({said})", where=answer.address, hint=_ROUTES
        )
    return BadAnswer(f"the tool answers with an error ({said})", where=answer.address)


def refuse_what_no_operation_says(response: requests.Response, **_: Any) -> None:
    """Refuse at once what the interface or the web server says where no operation was reached: it would come again."""
    refusal = _refusal(response)
    if refusal:
        response.close()
        refusal.where = f"{response.request.method} {response.request.url}".partition("?")[0]
        raise refusal


def _refusal(response: requests.Response) -> SourceError | ConfigurationError | None:
    status = response.status_code
    if status == 500 and response.headers.get("Content-Type", "").startswith("text/plain"):
        if _NO_ROUTE in response.text:
            message = "the web service has no operation at this route with this method"
            return ConfigurationError(message, hint=_ROUTES)
        response.raw = urllib3.HTTPResponse(io.BytesIO(response.content), preload_content=False)  # to be read again
    elif status in (403, 404, 414):
        kind = PermissionDenied if status == 403 else SourceError
        return kind(f"the web server refuses this before the tool sees it (status {status})", hint=_NO_SERVER)
    return None


def words(answer: Answer) -> str:
    """Return what the interface itself says beside an error status."""
    is_text = answer.headers.get("Content-Type", "").startswith("text/plain")
    return answer.body[:300].decode(errors="replace") if is_text else ""


def _object(answer: Answer) -> dict[str, Any]:
    json_body(answer)
    told = answer.json()
    if not isinstance(told, dict):
        raise BadAnswer("the answer is no object", where=answer.address)
    if "Error" in told:
        raise error_of(answer)
    return told
