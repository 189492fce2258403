"""Where in an issue's JSON the columns of the source tables lie, on this site and this kind of Jira."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from itsm_bridge.nested import EACH, PLACE, Columns, NestedDecoder, NestedPage, Path
from itsm_bridge_jira_sm.discovery import Fields
from itsm_bridge_jira_sm.streams import DETAILS, HISTORY, ISSUE

TOP = ("id", "key")
PERSON = "accountId"
COMMENT_TOTAL = "total of comments"
HISTORY_TOTAL = "total of history"
DONE, OPEN = "done", "open"

_LISTS: Mapping[str, Path] = {
    "issue_comment": ("fields", "comment", "comments"),
    "issue_link": ("fields", "issuelinks"),
    "issue_component": ("fields", "components"),
    "issue_version": ("fields", "fixVersions"),
}
_CUSTOM_LISTS: Mapping[str, str] = {
    "issue_approval": "approvals", "issue_vote": "approvals", "issue_organization": "organizations",
    "issue_service": "affected_services", "issue_asset": "assets",
}  # fmt: skip
_CYCLE: Mapping[str, Path] = {
    "started": ("startTime", "epochMillis"), "stopped": ("stopTime", "epochMillis"),
    "due": ("breachTime", "epochMillis"), "breached": ("breached",), "paused": ("paused",),
    "goal": ("goalDuration", "millis"), "elapsed": ("elapsedTime", "millis"), "remaining": ("remainingTime", "millis"),
}  # fmt: skip
_ELEMENT: Mapping[str, Mapping[str, Path]] = {
    "issue_link": {
        "link": ("id",), "type.id": ("type", "id"), "type.name": ("type", "name"),
        "type.inward": ("type", "inward"), "type.outward": ("type", "outward"),
        "inwardIssue": ("inwardIssue", "id"), "outwardIssue": ("outwardIssue", "id"),
        "inwardKey": ("inwardIssue", "key"), "outwardKey": ("outwardIssue", "key"),
    },
    "issue_approval": {
        "id": ("id",), "name": ("name",), "finalDecision": ("finalDecision",),
        "createdDate": ("createdDate", "epochMillis"), "completedDate": ("completedDate", "epochMillis"),
    },
    "issue_vote": {
        "approval": ("id",), "finalDecision": ("finalDecision",), "createdDate": ("createdDate", "epochMillis"),
        "completedDate": ("completedDate", "epochMillis"),
        "approver.accountId": ("approvers", EACH, "approver", PERSON),
        "approverDecision": ("approvers", EACH, "approverDecision"),
    },
    "issue_component": {"value": ("id",), "name": ("name",)},
    "issue_version": {"value": ("id",), "name": ("name",)},
    "issue_organization": {"value": ("id",), "name": ("name",)},
    "issue_service": {"value": ("id",)},
    "issue_asset": {"value": ("id",)},
}  # fmt: skip
HISTORY_COLUMNS: Mapping[str, Path] = {
    "history": ("id",), "created": ("created",), "author.accountId": ("author", PERSON),
    "position": ("items", EACH, PLACE), "field": ("items", EACH, "field"), "fieldId": ("items", EACH, "fieldId"),
    "fieldtype": ("items", EACH, "fieldtype"), "from": ("items", EACH, "from"), "to": ("items", EACH, "to"),
    "fromString": ("items", EACH, "fromString"), "toString": ("items", EACH, "toString"),
}  # fmt: skip


class Shape:
    """The decoder of issues for the fields that are wanted, and the names under which Jira is asked for them.

    `wanted` are the columns of each stream, `fields` this site's custom fields. On Data Center an issue brings its
    history along, and people have a `key` instead of an `accountId`.
    """

    def __init__(self, fields: Fields, wanted: Mapping[str, Sequence[str]], *, is_cloud: bool) -> None:
        self.fields = fields
        self.is_cloud = is_cloud
        self.wanted = wanted
        self.columns = {name: list(self._columns(name)) for name in wanted[ISSUE]}
        tables: dict[str, Mapping[str, Path]] = {
            ISSUE: {self._alias(name, n): path for name, paths in self.columns.items() for n, path in enumerate(paths)}
        }
        for stream in (detail.name for detail in DETAILS if detail.name in wanted):
            tables |= self._detail(stream)
        self.asked = sorted(
            {path[1] for columns in tables.values() for path in columns.values() if path[0] == "fields"}
        )
        self.expands = ("changelog",) if HISTORY in wanted and not is_cloud else ()
        self._decode = NestedDecoder("issues", tables, ("nextPageToken", "total", "isLast", "errorMessages"))

    def decode(self, body: bytes) -> NestedPage:
        """Decode a page of issues."""
        return self._decode(body)

    def issues(self, page: NestedPage) -> dict[str, Sequence[str | None]]:
        """Return the columns of the stream `issue`; where projects have fields of their own, the one that is filled."""
        raw = page.tables[ISSUE]
        found = {}
        for name, paths in self.columns.items():
            if paths:
                given = [raw.columns[self._alias(name, n)] for n in range(len(paths))] if raw.count else [()]
                found[name] = given[0] if len(given) == 1 else _first_filled(given)
        return found

    def sla(self, page: NestedPage) -> Iterator[tuple[str, Columns, bool]]:
        """Yield the cycles of each SLA field: its id, the cycles, and whether they are still running."""
        for field in self.fields.ids["sla"] if "issue_sla" in self.wanted else ():
            yield field, page.tables[f"{field} {DONE}"], False
            yield field, page.tables[f"{field} {OPEN}"], True

    def person(self, path: Path) -> Path:
        """Return where a person's id lies on this kind of Jira."""
        return path if self.is_cloud or path[-1] != PERSON else (*path[:-1], "key")

    def history(self) -> dict[str, Path]:
        """Return the columns of one entry of a history, which both kinds of Jira give alike."""
        return {name: self.person(path) for name, path in HISTORY_COLUMNS.items()}

    def _columns(self, name: str) -> Iterator[Path]:
        first, *rest = name.split(".")
        if name in TOP:
            yield (name,)
            return
        for field in self.fields.ids.get(first, (first,)):
            yield self.person(("fields", field, *rest))

    @staticmethod
    def _alias(name: str, number: int) -> str:
        return f"{name}@{number}"

    def _detail(self, stream: str) -> dict[str, dict[str, Path]]:
        issue: dict[str, Path] = {"issue": ("id",)}
        if stream == HISTORY:
            if self.is_cloud:
                return {}
            entries = {name: ("changelog", "histories", EACH, *path) for name, path in self.history().items()}
            total: dict[str, Path] = {"total": ("changelog", "total")}
            return {HISTORY: issue | entries, HISTORY_TOTAL: issue | total}
        if stream == "issue_sla":
            return dict(self._cycles())
        if stream == "issue_comment":
            total = {"total": ("fields", "comment", "total")}
            names = [name for name in self.wanted[stream] if name != "issue"]
            comments = {name: self._element(_LISTS[stream], tuple(name.split("."))) for name in names}
            return {stream: issue | comments, COMMENT_TOTAL: issue | total}
        lists = (
            [_LISTS[stream]] if stream in _LISTS
            else [("fields", field) for field in self.fields.ids[_CUSTOM_LISTS[stream]]]
        )  # fmt: skip
        elements = _ELEMENT[stream] if self.is_cloud or stream != "issue_asset" else {"value": ()}
        return {
            f"{stream} {n}": issue | {name: self._element(place, path) for name, path in elements.items()}
            for n, place in enumerate(lists)
        }

    def _cycles(self) -> Iterator[tuple[str, dict[str, Path]]]:
        for field in self.fields.ids["sla"]:
            around: dict[str, Path] = {"issue": ("id",), "name": ("fields", field, "name")}
            done = {name: ("fields", field, "completedCycles", EACH, *path) for name, path in _CYCLE.items()}
            open_ = {name: ("fields", field, "ongoingCycle", *path) for name, path in _CYCLE.items()}
            yield f"{field} {DONE}", around | done
            yield f"{field} {OPEN}", around | open_

    def _element(self, place: Path, path: Path) -> Path:
        return self.person((*place, EACH, *path)) if path else (*place, EACH)


def _first_filled(columns: Sequence[Sequence[str | None]]) -> list[str | None]:
    return [next((value for value in values if value), None) for values in zip(*columns, strict=True)]
