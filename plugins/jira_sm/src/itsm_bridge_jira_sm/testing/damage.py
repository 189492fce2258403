"""What the faults of a site make of an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from itsm_bridge.simulation import Answer, Fault, retry_after
from itsm_bridge_jira_sm.testing.sign_in import login_page

_FAILED = "An internal error occurred while the search results were being loaded."


def refusal(fault: Fault, now: float) -> Answer | None:
    """Return the answer of a fault that strikes before the request is even looked at; `now` is the server's clock."""
    if fault.kind.startswith("rate_limit"):
        return _rate_limited(fault, now)
    if fault.kind == "html":
        return login_page()
    return None


def spoil(fault: Fault, answer: Answer, token: str | None, same_place: Callable[[], str]) -> Answer:
    """Return a good answer as the fault leaves it.

    `token` is the page token that was asked with, and `same_place` makes another one for that place.
    """
    if answer.status != 200:
        return answer
    body = orjson.loads(answer.body)
    if not isinstance(body, dict) or not isinstance(body.get("issues"), list):
        return answer
    _spoil_page(fault, body, token, same_place)
    answer.body, answer.rows = orjson.dumps(body), len(body["issues"])
    return answer


def _spoil_page(fault: Fault, body: dict[str, Any], token: str | None, same_place: Callable[[], str]) -> None:
    has_tokens = "total" not in body
    match fault.kind:
        case "missing_is_last":
            body.pop("isLast", None)
        case "repeated_token" if token and has_tokens:
            body |= {"nextPageToken": token, "isLast": False}
        case "empty_page" if has_tokens:
            body |= {"issues": [], "nextPageToken": same_place(), "isLast": False}
        case "partial_result":
            body["issues"] = body["issues"][: len(body["issues"]) // 2]
            body["errorMessages"] = [_FAILED]
            body.pop("nextPageToken", None)
        case "short_page" if not has_tokens:
            body["issues"] = body["issues"][: (len(body["issues"]) + 1) // 2]


def _rate_limited(fault: Fault, now: float) -> Answer:
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0", "RateLimit-Reason": "jira-burst-based"}
    headers |= retry_after(fault, now)
    if fault.kind == "rate_limit_reset":
        headers["X-RateLimit-Reset"] = f"{datetime.fromtimestamp(now + fault.seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Answer.of({"errorMessages": ["Rate limit exceeded."], "errors": {}}, status=429, headers=headers)
