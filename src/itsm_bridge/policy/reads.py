"""Which files of the policy folder a check reads: derived from its SQL, never written down twice."""

from __future__ import annotations

from itsm_bridge.checking.needs import CheckNeeds
from itsm_bridge.policy.calendars import FILE as CALENDARS
from itsm_bridge.policy.choices import LISTS
from itsm_bridge.policy.tables import FILES

FILE_OF = {table: file for file, table in FILES.items()} | {
    "calendar_bucket": CALENDARS, "calendar_binding": CALENDARS, "policy_list": LISTS,
}  # fmt: skip
"""The file behind each table of the policy."""


_BY_ALL = frozenset({
    ("registered_service", "source_id"), ("registered_service", "service"), ("registered_service", "is_in_scope"),
})  # fmt: skip
"""Read by nearly every check, to leave out services that are not in scope: no check depends on the file for that."""


def files_read(needs: CheckNeeds) -> frozenset[str]:
    """Return the names of the files that something reads."""
    return frozenset(
        FILE_OF[table] for table, column in needs.total.columns if table in FILE_OF and (table, column) not in _BY_ALL
    )
