"""Which fields an answer shows: `*all`, `*navigable`, names, and those with a minus before them."""

from __future__ import annotations

from collections.abc import Sequence

from itsm_bridge_jira_sm.testing.field_list import Field
from itsm_bridge_jira_sm.testing.site import Site

_NOT_NAVIGABLE = frozenset({"comment", "subtasks", "issuelinks_of_subtasks"})


def chosen(site: Site, names: Sequence[str]) -> list[Field]:
    """Return the fields that names stand for; unknown ones are silently left out, as with the vendor."""
    shown = {field.id: field for field in site.shown_fields()}
    found: dict[str, Field] = {}
    if names and all(name.startswith("-") for name in names):
        names = ["*navigable", *names]
    for name in names:
        if name == "*all":
            found |= shown
        elif name == "*navigable":
            found |= {id: field for id, field in shown.items() if id not in _NOT_NAVIGABLE}  # noqa: A001
        elif name.startswith("-"):
            found.pop(name[1:], None)
        elif name in shown:
            found[name] = shown[name]
    return list(found.values())
