"""What the faults of an instance make of an answer."""

from __future__ import annotations

import orjson

from itsm_bridge.simulation import Answer, Fault, retry_after
from itsm_bridge_servicenow.testing import answers

_CANCELLED = {
    "message": "Transaction cancelled: maximum execution time exceeded",
    "detail": "Check logs for error trace or enable glide.rest.debug property to verify REST request processing",
}
_SLEEPING = (
    "<!DOCTYPE html><html><head><title>Instance Hibernating page</title></head>"
    "<body>Your instance is hibernating</body></html>"
)


def refusal(fault: Fault, now: float) -> Answer | None:
    """Return the answer of a fault that strikes before the request is even looked at; `now` is the server's clock."""
    if fault.kind.startswith("rate_limit"):
        return _rate_limited(fault, now)
    if fault.kind == "html":
        return Answer.page(200, _SLEEPING)
    if fault.kind == "error_only":
        return Answer.of({"error": _CANCELLED, "status": "failure"})
    return None


def spoil(fault: Fault, answer: Answer) -> Answer:
    """Return a good answer as the fault leaves it."""
    if answer.status != 200:
        return answer
    if fault.kind == "partial_result":
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
    answer.headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Rule": "ab07bd0e4b4c3300a5b34b6d0e0f1b4e"}
    answer.headers |= retry_after(fault, now)
    if fault.kind == "rate_limit_reset":
        answer.headers["X-RateLimit-Reset"] = str(round(now + fault.seconds))
    return answer
