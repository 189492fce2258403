"""The DECLARE templates as SQL over the activity log.

A template looks at the events of one record in order. Relation `v` holds them with `seq` and the flags
`is_a`, `is_b`, `is_reset` (1 or 0); `p` is `v` with the columns of `windows`. Of each event, or of the record as a
whole, a template tells three numbers: activations (how often it asked for something), broken (it can never be kept
any more) and awaited (not kept so far: a violation once the record is over, pending until then).
"""

from __future__ import annotations

from dataclasses import dataclass

_RECORD = "PARTITION BY v.work_item_id"
_ORDERED = f"{_RECORD} ORDER BY v.seq NULLS LAST"
_LATER = f"OVER ({_ORDERED} ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"
_EARLIER = f"OVER ({_ORDERED} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
WINDOWS = {
    "has_a": f"MAX(v.is_a) OVER ({_RECORD})",
    "has_b": f"MAX(v.is_b) OVER ({_RECORD})",
    "last_b": f"MAX(CASE WHEN v.is_b = 1 THEN v.seq END) OVER ({_RECORD})",
    "next_is_a": f"LEAD(v.is_a) OVER ({_ORDERED})",
    "next_is_b": f"LEAD(v.is_b) OVER ({_ORDERED})",
    "previous_is_a": f"LAG(v.is_a) OVER ({_ORDERED})",
    "next_b": f"MIN(CASE WHEN v.is_b = 1 THEN v.seq END) {_LATER}",
    "next_reset": f"MIN(CASE WHEN v.is_reset = 1 THEN v.seq END) {_LATER}",
    "previous_a": f"MAX(CASE WHEN v.is_a = 1 THEN v.seq END) {_EARLIER}",
    "previous_reset": f"MAX(CASE WHEN v.is_reset = 1 THEN v.seq END) {_EARLIER}",
}
"""What an event is told of its neighbours; positions are those in the whole history of the record."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template: predicates over `p` for each event, or with `of_record` over the sums in `r` for each record.

    `sees_all` says that events of other activities count as neighbours. `parts` are the templates that together make
    this one.
    """

    meaning: str
    violated: str
    activates: str = ""
    broken: str = "FALSE"
    awaited: str = "FALSE"
    windows: tuple[str, ...] = ()
    sees_all: bool = False
    of_record: bool = False
    has_b: bool = True
    has_times: bool = False
    has_reset: bool = False
    parts: tuple[str, ...] = ()


TEMPLATES = {
    "init": Template(
        "the first event is a", "the first event is another", has_b=False, of_record=True, sees_all=True,
        broken="r.first_is_a = 0", awaited="r.first_is_a IS NULL",
    ),
    "end": Template(
        "the last event is a", "the last event is another once the record is over", has_b=False, of_record=True,
        sees_all=True, windows=("next_is_a",), awaited="COALESCE(r.last_is_a, 0) = 0",
    ),
    "existence": Template(
        "a at least n times", "fewer once the record is over", has_b=False, has_times=True, of_record=True,
        awaited="COALESCE(r.count_a, 0) < {times}",
    ),
    "absence": Template(
        "a fewer than n times", "n times or more", has_b=False, has_times=True, of_record=True,
        broken="COALESCE(r.count_a, 0) >= {times}",
    ),
    "exactly": Template(
        "a exactly n times", "more often, or fewer times once the record is over", has_b=False, has_times=True,
        of_record=True, broken="COALESCE(r.count_a, 0) > {times}", awaited="COALESCE(r.count_a, 0) < {times}",
    ),
    "choice": Template(
        "a or b, or both", "neither once the record is over", of_record=True,
        awaited="COALESCE(r.count_a, 0) + COALESCE(r.count_b, 0) = 0",
    ),
    "exclusive_choice": Template(
        "either a or b", "both, or neither once the record is over", of_record=True,
        broken="r.count_a > 0 AND r.count_b > 0", awaited="COALESCE(r.count_a, 0) + COALESCE(r.count_b, 0) = 0",
    ),
    "responded_existence": Template(
        "where a happens, b happens too, before or after", "a without b once the record is over",
        activates="p.is_a = 1", awaited="p.has_b = 0", windows=("has_b",),
    ),
    "co_existence": Template(
        "a and b happen both, or neither", "one of them only once the record is over",
        activates="p.is_a = 1 OR p.is_b = 1", awaited="p.has_a <> p.has_b", windows=("has_a", "has_b"),
    ),
    "response": Template(
        "every a is followed by b, sooner or later", "an a without a later b once the record is over",
        activates="p.is_a = 1", awaited="p.last_b IS NULL OR p.last_b <= p.seq", windows=("last_b",),
    ),
    "precedence": Template(
        "b happens only after a", "a b without an earlier a",
        activates="p.is_b = 1", broken="p.previous_a IS NULL OR p.previous_reset > p.previous_a",
        windows=("previous_a", "previous_reset"), has_reset=True,
    ),
    "succession": Template(
        "every a is followed by b, and b happens only after a", "either of the two",
        parts=("response", "precedence"),
    ),
    "alternate_response": Template(
        "every a is followed by b before the next a", "another a before the b, or no b once the record is over",
        activates="p.is_a = 1", broken="p.next_is_b = 0", awaited="p.next_is_b IS NULL", windows=("next_is_b",),
    ),
    "alternate_precedence": Template(
        "every b has an a of its own before it", "a b with no a since the b before it",
        activates="p.is_b = 1", broken="COALESCE(p.previous_is_a, 0) = 0", windows=("previous_is_a",),
    ),
    "alternate_succession": Template(
        "a and b take turns, a first", "either of the two", parts=("alternate_response", "alternate_precedence"),
    ),
    "chain_response": Template(
        "the event right after every a is b", "another event right after a, or none once the record is over",
        activates="p.is_a = 1", broken="p.next_is_b = 0", awaited="p.next_is_b IS NULL", windows=("next_is_b",),
        sees_all=True,
    ),
    "chain_precedence": Template(
        "the event right before every b is a", "another event right before b, or none",
        activates="p.is_b = 1", broken="COALESCE(p.previous_is_a, 0) = 0", windows=("previous_is_a",), sees_all=True,
    ),
    "chain_succession": Template(
        "a and b come only right after one another", "either of the two",
        parts=("chain_response", "chain_precedence"),
    ),
    "not_co_existence": Template(
        "a and b never happen both", "both happen",
        activates="p.is_a = 1 OR p.is_b = 1", broken="p.has_a = 1 AND p.has_b = 1", windows=("has_a", "has_b"),
    ),
    "not_succession": Template(
        "a is never followed by b", "a b after an a",
        activates="p.is_a = 1", broken="p.next_b IS NOT NULL AND (p.next_reset IS NULL OR p.next_b < p.next_reset)",
        windows=("next_b", "next_reset"), has_reset=True,
    ),
    "not_chain_succession": Template(
        "the event right after a is never b", "b right after a",
        activates="p.is_a = 1", broken="p.next_is_b = 1", windows=("next_is_b",), sees_all=True,
    ),
}  # fmt: skip


def is_unary(name: str) -> bool:
    """Tell whether a template speaks of a alone."""
    return not TEMPLATES[name].has_b
