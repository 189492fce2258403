"""How a broken promise is told: what went wrong, and what the author of the adapter does about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

_SHOWN = 3


class BrokenPromise(AssertionError):
    """The adapter does not do what every adapter promises."""


def tell(what: str, advice: str) -> NoReturn:
    """Raise BrokenPromise: `what` went wrong, and `advice` for the author."""
    __tracebackhide__ = True  # pytest shows the promise, not how it is told
    raise BrokenPromise(f"{what}\n    What to do: {advice}")


def hold(kept: object, what: str, advice: str) -> None:
    """Raise BrokenPromise unless the promise is kept."""
    __tracebackhide__ = True
    if not kept:
        tell(what, advice)


def some(keys: Iterable[object]) -> str:
    """Return the first few of many keys, and how many there are."""
    listed = sorted(map(str, keys))
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
