"""Reads tickets many at once. One that may not be read refuses the whole batch, and only halving finds out which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from itsm_bridge.errors import BadAnswer
from itsm_bridge.nested import NestedPage
from itsm_bridge.transport import Answer
from itsm_bridge_otrs.answers import Refused

Accept = Callable[[Answer], None]
Ask = Callable[[Sequence[str], Accept], Answer]
Decode = Callable[[bytes], NestedPage]


def batches(ids: Sequence[str], most: Callable[[Sequence[str]], int]) -> Iterator[Sequence[str]]:
    """Yield the ids in parts, each of as many as `most` says that one request can hold of those that are left."""
    while ids:
        size = max(most(ids), 1)
        yield ids[:size]
        ids = ids[size:]


def pages(ids: Sequence[str], ask: Ask, decode: Decode) -> Iterator[NestedPage]:
    """Yield what the server gives of these tickets; those that it refuses one by one are left out.

    They were deleted or moved out of sight after the search; if not, the comparison of ids will miss them.
    """
    found: list[NestedPage] = []

    def is_whole(answer: Answer) -> None:
        page = decode(answer.body)
        if page.count + page.quarantined < len(set(ids)):
            told = f"{page.count} tickets came of {len(ids)} that were asked for"
            raise BadAnswer(told, where=answer.address, hint="If it persists, lower `batch_tickets`.")
        found.append(page)

    try:
        ask(ids, is_whole)
    except Refused:
        middle = len(ids) // 2
        for part in (ids[:middle], ids[middle:]) if middle else ():
            yield from pages(part, ask, decode)
        return
    yield found[-1]
