"""What each fault makes of an answer."""

from __future__ import annotations

from email.utils import formatdate

import orjson

from itsm_bridge_servicenow.testing import answers
from itsm_bridge_servicenow.testing.answers import Answer
from itsm_bridge_servicenow.testing.faults import Fault

_OUTAGES = {"server_error": (500, "Internal Server Error"), "bad_gateway": (502, "Bad Gateway"),
            "unavailable": (503, "Service Unavailable")}  # fmt: skip
_CANCELLED = {
    "message": "Transaction cancelled: maximum execution time exceeded",
    "detail": "Check logs for error trace or enable glide.rest.debug property to verify REST request processing",
}
_NO_OBJECT = {"null_body": b"null", "list_body": b"[]", "empty_body": b""}
_SLEEPING = (
    b"<!DOCTYPE html><html><head><title>Instance Hibernating page</title></head>"
    b"<body>Your instance is hibernating</body></html>"
)


def refusal(fault: Fault, now: float) -> Answer | None:
    """Return the answer of a fault that strikes before the request is even looked at; `now` is the server's clock."""
    if fault.kind.startswith("rate_limit"):
        return _rate_limited(fault, now)
    if fault.kind in _OUTAGES:
        status, text = _OUTAGES[fault.kind]
        return Answer(status, f"<html><body><h1>{status} {text}</h1></body></html>".encode(), content_type="text/html")
    if fault.kind == "html":
        return Answer(200, _SLEEPING, content_type="text/html;charset=UTF-8")
    if fault.kind in _NO_OBJECT:
        return Answer(200, _NO_OBJECT[fault.kind])
    if fault.kind == "error_only":
        return Answer(200, orjson.dumps({"error": _CANCELLED, "status": "failure"}))
    return None


def spoil(fault: Fault, answer: Answer) -> Answer:
    """Return a good answer as the fault leaves it."""
    if answer.status != 200:
        return answer
    if fault.kind == "cut_json":
        answer.body = answer.body[: max(1, len(answer.body) * 2 // 3)]
    elif fault.kind == "partial_result":
        _keep_half(answer, {"error": _CANCELLED, "status": "failure"})
    elif fault.kind == "short_page":
        _keep_half(answer, {})
    return answer


def _keep_half(answer: Answer, beside: dict[str, object]) -> None:
    body = orjson.loads(answer.body)
    rows = body.get("result")
    if isinstance(rows, list):
        kept = rows[: (len(rows) + 1) // 2]
        answer.body = orjson.dumps({"result": kept, **beside})
        answer.rows = len(kept)


def _rate_limited(fault: Fault, now: float) -> Answer:
    detail = "Rate limit of 100 requests per hour for Table API exceeded"
    answer = answers.error(429, "Rate limit exceeded", detail)
    until = now + fault.seconds
    answer.headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Rule": "ab07bd0e4b4c3300a5b34b6d0e0f1b4e"}
    if fault.kind == "rate_limit_seconds":
        answer.headers["Retry-After"] = str(round(fault.seconds))
    elif fault.kind == "rate_limit_date":
        answer.headers["Retry-After"] = formatdate(until, usegmt=True)
    else:
        answer.headers["X-RateLimit-Reset"] = str(round(until))
    return answer
