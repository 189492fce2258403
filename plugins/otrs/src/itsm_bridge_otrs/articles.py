"""Articles of tickets: who wrote what to whom, and whether the customer sees it."""

from __future__ import annotations

from itsm_bridge.nested import NestedPage
from itsm_bridge_otrs.shape import Rows, filled, rows_of
from itsm_bridge_otrs.streams import ARTICLE
from itsm_bridge_otrs.times import AnyZone


def articles(page: NestedPage, zone: AnyZone) -> Rows:
    """Return a row for each article. One that is merged into another ticket becomes a row of that ticket."""
    raw, count = rows_of(page, ARTICLE)
    if not count:
        return {}, 0
    keys = zip(raw["ticket"], raw["article"], strict=True)
    return {
        **{name: filled(column) for name, column in raw.items()},
        "id": [f"{ticket}/{article}" for ticket, article in keys],
        "created": zone.to_utc(raw["created"]),
    }, count
