"""What the faults that every server knows make of an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

from itsm_bridge.simulation.answers import Answer
from itsm_bridge.simulation.faults import Fault

_OUTAGES = {"server_error": (500, "Internal Server Error"), "bad_gateway": (502, "Bad Gateway"),
            "unavailable": (503, "Service Unavailable")}  # fmt: skip
_NO_OBJECT = {"null_body": b"null", "list_body": b"[]", "empty_body": b""}


def damaged(fault: Fault, good: Callable[[], Answer]) -> Answer | None:
    """Return what comes instead of a good answer; None for a fault that only this tool knows."""
    if fault.kind in _OUTAGES:
        status, text = _OUTAGES[fault.kind]
        return Answer(status, f"<html><body><h1>{status} {text}</h1></body></html>".encode(), content_type="text/html")
    if fault.kind in _NO_OBJECT:
        return Answer(200, _NO_OBJECT[fault.kind])
    match fault.kind:
        case "reset":
            return Answer.none("reset")
        case "slow":
            time.sleep(fault.seconds)
            return good()
        case "cut_json":
            return _cut(good())
    return None


def retry_after(fault: Fault, now: float) -> dict[str, str]:
    """Return the header by which `rate_limit_seconds` and `rate_limit_date` ask to wait; other kinds do not say it."""
    if fault.kind == "rate_limit_seconds":
        return {"Retry-After": str(round(fault.seconds))}
    if fault.kind == "rate_limit_date":
        return {"Retry-After": formatdate(now + fault.seconds, usegmt=True)}
    return {}


def _cut(answer: Answer) -> Answer:
    if answer.status == 200:
        answer.body = answer.body[: max(1, len(answer.body) * 2 // 3)]
    return answer
