"""The DECLARE templates straight from their definitions, one trace at a time: nothing of ours runs here.

A trace is a list of activity names in order. Each template tells (activations, violations, pending): what is not kept
so far is a violation where the trace is over, and pending where it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

Trace = Sequence[str]
Names = Collection[str]
Numbers = tuple[int, int, int]


def told(activations: int, broken: int, awaited: int, is_over: bool) -> Numbers:
    return (activations, broken + awaited, 0) if is_over else (activations, broken, awaited)


def init(trace: Trace, a: Names, is_over: bool) -> Numbers:
    return told(1, bool(trace) and trace[0] not in a, not trace, is_over)


def end(trace: Trace, a: Names, is_over: bool) -> Numbers:
    return told(1, 0, not trace or trace[-1] not in a, is_over)


def existence(trace: Trace, a: Names, times: int, is_over: bool) -> Numbers:
    return told(1, 0, count(trace, a) < times, is_over)


def absence(trace: Trace, a: Names, times: int, is_over: bool) -> Numbers:
    return told(1, count(trace, a) >= times, 0, is_over)


def exactly(trace: Trace, a: Names, times: int, is_over: bool) -> Numbers:
    return told(1, count(trace, a) > times, count(trace, a) < times, is_over)


def choice(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return told(1, 0, not count(trace, a) and not count(trace, b), is_over)


def exclusive_choice(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    has = (count(trace, a) > 0, count(trace, b) > 0)
    return told(1, all(has), not any(has), is_over)


def responded_existence(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return told(count(trace, a), 0, count(trace, a) if not count(trace, b) else 0, is_over)


def co_existence(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    activations = count(trace, {*a, *b})
    return told(activations, 0, activations if bool(count(trace, a)) != bool(count(trace, b)) else 0, is_over)


def response(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    open_ = [n for n in places(trace, a) if not count(trace[n + 1 :], b)]
    return told(count(trace, a), 0, len(open_), is_over)


def precedence(trace: Trace, a: Names, b: Names, is_over: bool, reset: Names = ()) -> Numbers:
    broken = 0
    for n in places(trace, b):
        is_allowed = False
        for earlier in trace[:n]:
            # Who both allows and undoes at one event leaves it allowed.
            is_allowed = earlier in a or (is_allowed and earlier not in reset)
        broken += not is_allowed
    return told(count(trace, b), broken, 0, is_over)


def succession(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return both(response(trace, a, b, is_over), precedence(trace, a, b, is_over))


def alternate_response(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return nearest(trace, a, b, [each for each in trace if each in a or each in b], is_over)


def alternate_precedence(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    mirrored = [each for each in reversed(trace) if each in a or each in b]
    activations, broken, awaited = nearest(mirrored, b, a, mirrored, is_over=False)
    return activations, broken + awaited, 0


def alternate_succession(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return both(alternate_response(trace, a, b, is_over), alternate_precedence(trace, a, b, is_over))


def chain_response(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return nearest(trace, a, b, trace, is_over)


def chain_precedence(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    mirrored = list(reversed(trace))
    activations, broken, awaited = nearest(mirrored, b, a, mirrored, is_over=False)
    return activations, broken + awaited, 0


def chain_succession(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    return both(chain_response(trace, a, b, is_over), chain_precedence(trace, a, b, is_over))


def not_co_existence(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    activations = count(trace, {*a, *b})
    return told(activations, activations if count(trace, a) and count(trace, b) else 0, 0, is_over)


def not_succession(trace: Trace, a: Names, b: Names, is_over: bool, reset: Names = ()) -> Numbers:
    broken = 0
    for n in places(trace, a):
        for later in trace[n + 1 :]:
            if later in reset:
                break
            if later in b:
                broken += 1
                break
    return told(count(trace, a), broken, 0, is_over)


def not_chain_succession(trace: Trace, a: Names, b: Names, is_over: bool) -> Numbers:
    broken = sum(after in b for now, after in pairwise(trace) if now in a)
    return told(count(trace, a), broken, 0, is_over)


def nearest(trace: Trace, a: Names, b: Names, seen: Trace, is_over: bool) -> Numbers:
    """Each a of `seen` must be followed right away by b."""
    followers = [seen[n + 1] if n + 1 < len(seen) else None for n in places(seen, a)]
    broken = sum(each is not None and each not in b for each in followers)
    return told(count(trace, a), broken, followers.count(None), is_over)


def both(one: Numbers, other: Numbers) -> Numbers:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def places(trace: Trace, names: Names) -> list[int]:
    return [n for n, each in enumerate(trace) if each in names]


def count(trace: Trace, names: Names) -> int:
    return len(places(trace, names))


ONE = {"init": init, "end": end}
COUNTED = {"existence": existence, "absence": absence, "exactly": exactly}
RESETTABLE: dict[str, Callable[..., Numbers]] = {"precedence": precedence, "not_succession": not_succession}
TWO: dict[str, Callable[..., Numbers]] = {
    each.__name__: each
    for each in (
        choice, exclusive_choice, responded_existence, co_existence, response, precedence, succession,
        alternate_response, alternate_precedence, alternate_succession, chain_response, chain_precedence,
        chain_succession, not_co_existence, not_succession, not_chain_succession,
    )
}  # fmt: skip
