"""How long to wait before asking again, and when to give up."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from itsm_bridge.errors import ItsmBridgeError
from itsm_bridge.transport.answer import Answer, parse_http_date


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of one request: how often it is sent, and how many seconds it may wait in all.

    `first_attempts` holds until the tool has answered once, so that a wrong address is told in seconds.
    `total` outlasts an hourly rate limit.
    """

    attempts: int = 8
    first_attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 60.0
    total: float = 3900.0

    def wait(self, attempt: int, asked: float | None) -> float:
        """Return seconds to wait after the given attempt (from 1): what the tool asked for, else twice as long."""
        backoff = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        jitter = random.random()  # noqa: S311  spreads requests, guards nothing
        jittered = backoff * (0.5 + jitter / 2)
        return jittered if asked is None else max(asked + jitter, jittered)


class Failed(Exception):
    """One attempt brought no answer that counts; `asked` is the wait in seconds that the tool demanded."""

    def __init__(self, error: ItsmBridgeError, *, is_transient: bool, asked: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.is_transient = is_transient
        self.asked = asked


def asked_wait(answer: Answer) -> float | None:
    """Return the seconds for which the tool asks; None where it does not say.

    `Retry-After` is seconds or a date (0 says nothing: Jira sends it with every answer), `X-RateLimit-Reset` epoch
    seconds or an instant, `RateLimit` a policy with `t`, the seconds until it is filled again.
    """
    now = answer.date or datetime.now(UTC)
    after = answer.headers.get("Retry-After", "").strip()
    if after.isdigit() and int(after):
        return float(after)
    reset = answer.headers.get("X-RateLimit-Reset", "").strip()
    moment = parse_http_date(after) or _instant(reset)
    if moment is not None:
        return max(0.0, (moment - now).total_seconds())
    policy = answer.headers.get("RateLimit") or answer.headers.get("Beta-RateLimit") or ""
    used_up = re.search(r";\s*r=0\b.*?;\s*t=(\d+)", policy)
    return float(used_up[1]) if used_up else None


def _instant(text: str) -> datetime | None:
    try:
        # Digits alone would be taken for a date without dashes.
        moment = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
