"""What lies in issues, as rows of its own: links, values, SLA cycles, approvals and votes, comments, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import cast

from itsm_bridge.nested import Column, Columns, NestedPage, one_below_other
from itsm_bridge_jira_sm.instants import all_in_utc, in_utc
from itsm_bridge_jira_sm.shape import Shape

Rows = tuple[Mapping[str, Column], int]
_SYSTEM_FIELDS = {"link": "issuelinks", "fix version": "fixVersions", "version": "versions", "component": "components"}
_ONE_SECOND = 1000


def rows_of(page: NestedPage, stream: str) -> Columns:
    """Return the elements of a list in all issues, or in each of several fields with such a list."""
    return one_below_other(table for name, table in page.tables.items() if name.rpartition(" ")[0] == stream)


def values(shape: Shape, page: NestedPage, stream: str) -> Rows:
    """Return what a field with several values points to: components, versions, organisations, services, assets."""
    found = rows_of(page, stream)
    if not found.count:
        return {}, 0
    issues, pointed = found.columns["issue"], found.columns["value"]
    if stream == "issue_asset" and not shape.is_cloud:  # there it is written `Label (KEY-1)`
        pointed = [value and value[value.rfind("(") + 1 :].rstrip(")") for value in pointed]
    columns = {**found.columns, "value": pointed, "id": joined_keys(issues, pointed)}
    return _once(columns, found.count)


def links(page: NestedPage) -> Rows:
    """Return links, each from the side of the issue that shows it."""
    found = rows_of(page, "issue_link")
    if not found.count:
        return {}, 0
    raw = found.columns
    is_inward = [value is not None for value in raw["inwardIssue"]]
    words = zip(is_inward, raw["type.inward"], raw["type.outward"], strict=True)
    others = zip(raw["inwardIssue"], raw["outwardIssue"], strict=True)
    return {
        "id": joined_keys(raw["issue"], raw["link"]), "issue": raw["issue"], "link": raw["link"],
        "type.id": raw["type.id"], "type.name": raw["type.name"],
        "direction": ["inward" if inward else "outward" for inward in is_inward],
        "words": [inward if is_in else outward for is_in, inward, outward in words],
        "other": [inward or outward for inward, outward in others],
        "other.key": [inward or outward for inward, outward in zip(raw["inwardKey"], raw["outwardKey"], strict=True)],
    }, found.count  # fmt: skip


def cycles(shape: Shape, page: NestedPage, captured: str) -> Rows:
    """Return the cycles of all SLA fields, numbered by their start; `captured` is when running ones were read."""
    parts = [
        Columns({**table.columns, "field": [field] * table.count, "is_ongoing": [_flag(is_ongoing)] * table.count},
                table.count)
        for field, table, is_ongoing in shape.sla(page)
    ]  # fmt: skip
    found = one_below_other(parts)
    if not found.count:
        return {}, 0
    raw = found.columns
    begun = [
        (issue or "", field or "", int(started), place)
        for place, (issue, field, started) in enumerate(zip(raw["issue"], raw["field"], raw["started"], strict=True))
        if started
    ]
    begun.sort()
    number, numbers, before = 0, [], ("", "")
    for issue, field, _, _ in begun:
        number = number + 1 if (issue, field) == before else 1
        numbers.append(str(number))
        before = issue, field
    places = [place for *_, place in begun]
    sorted_ = {name: [column[place] for place in places] for name, column in raw.items()}
    ongoing = sorted_["is_ongoing"]
    return {
        "id": [f"{issue}/{field}/{n}" for (issue, field, _, _), n in zip(begun, numbers, strict=True)],
        **{name: sorted_[name] for name in ("issue", "field", "name", "is_ongoing", "breached", "paused")},
        "cycle": numbers,
        **{name: all_in_utc(sorted_[name]) for name in ("started", "stopped", "due")},
        **{f"{name}_seconds": _seconds(sorted_[name]) for name in ("goal", "elapsed", "remaining")},
        "captured": [captured if value == "true" else None for value in ongoing],
    }, len(places)


def history(shape: Shape, raw: Columns) -> Rows:
    """Return histories as one row for each field that changed."""
    if not raw.count:
        return {}, 0
    columns = dict(raw.columns)
    columns["id"] = joined_keys(columns["history"], columns["position"])
    columns["created"] = all_in_utc(columns["created"])
    columns["fieldId"] = _field_ids(shape, columns["fieldId"], columns["field"])
    return columns, raw.count


def _field_ids(shape: Shape, ids: Column, names: Column) -> list[str | None]:
    """Return the fields' ids, own fields as the mapping calls them."""
    by_name = {name.lower(): field for field, name in shape.fields.names.items()}
    own = {field: name for name, fields in shape.fields.ids.items() for field in fields}
    if not all(ids):
        ids = [id_ or _field_id(name, by_name) for id_, name in zip(ids, names, strict=True)]
    known = {id_: own.get(id_ or "", id_) for id_ in set(ids)}
    return list(map(known.__getitem__, ids))


def _field_id(field: str | None, ids: Mapping[str, str]) -> str | None:
    """Return the id of a field that an old Data Center only names."""
    known = (field or "").lower()
    return _SYSTEM_FIELDS.get(known) or ids.get(known) or field


class Decisions:
    """When approvals were decided: by Jira's own time, else by the step that an approver took in that time.

    `issues` are those that have approvals.
    """

    def __init__(self, changes: Rows, issues: Set[str | None]) -> None:
        columns, count = changes
        self._steps: dict[str, list[tuple[int, str]]] = {}
        if count and issues:
            given = (columns["issue"], columns["fieldId"], columns["author.accountId"], columns["created"])
            for issue, field, author, at in zip(*given, strict=True):
                if field == "status" and issue in issues and issue and author and at:
                    self._steps.setdefault(issue, []).append((_milliseconds(at), author))
        for steps in self._steps.values():
            steps.sort()

    def by(self, issue: str | None, people: Iterable[str | None], asked: str | None, until: str | None) -> str | None:
        """Return the first status change by one of these people between two instants in milliseconds; None if none."""
        known = set(people)
        first, last = int(asked or 0), int(until) + _ONE_SECOND if until else None
        for at, author in self._steps.get(issue or "", ()):
            if at > first and (last is None or at <= last) and author in known:
                return in_utc(str(at))
        return None


def approvals(page: NestedPage, changes: Rows) -> tuple[Rows, Rows]:
    """Return the approvals, and the answers of their approvers; `changes` are the histories of the issues."""
    found, votes = rows_of(page, "issue_approval"), rows_of(page, "issue_vote")
    decisions = Decisions(changes, {issue for table in (found, votes) for issue in table.columns.get("issue", ())})
    approvers: dict[str | None, list[str | None]] = {}
    if votes.count:
        for approval, person in zip(votes.columns["approval"], votes.columns["approver.accountId"], strict=True):
            approvers.setdefault(approval, []).append(person)
    return _approvals(found, approvers, decisions), _votes(votes, approvers, decisions)


def _approvals(found: Columns, approvers: Mapping[str | None, list[str | None]], decisions: Decisions) -> Rows:
    if not found.count:
        return {}, 0
    raw = found.columns
    given = zip(
        raw["id"], raw["issue"], raw["finalDecision"], raw["createdDate"], raw["completedDate"], strict=True
    )  # fmt: skip
    decided = [
        None if decision in (None, "pending")
        else in_utc(done) or decisions.by(issue, approvers.get(approval, ()), asked, None)
        for approval, issue, decision, asked, done in given
    ]  # fmt: skip
    columns = {
        **raw, "decided": decided, "createdDate": all_in_utc(raw["createdDate"]),
        "completedDate": all_in_utc(raw["completedDate"]),
    }  # fmt: skip
    return columns, found.count


def _votes(found: Columns, approvers: Mapping[str | None, list[str | None]], decisions: Decisions) -> Rows:
    if not found.count:
        return {}, 0
    raw = found.columns
    given = zip(
        raw["approval"], raw["issue"], raw["approver.accountId"], raw["approverDecision"], raw["createdDate"],
        raw["completedDate"], strict=True,
    )  # fmt: skip
    decided = []
    for approval, issue, person, decision, asked, done in given:
        is_open = decision in (None, "pending")
        at = None if is_open else decisions.by(issue, [person], asked, done)
        # The only one who was asked decided when the approval was.
        is_alone = len(approvers[approval]) == 1
        decided.append(at or (in_utc(done) if is_alone and not is_open else None))
    columns = {
        "id": joined_keys(raw["approval"], raw["approver.accountId"]), "issue": raw["issue"],
        "approval": raw["approval"], "approver.accountId": raw["approver.accountId"],
        "approverDecision": raw["approverDecision"], "decided": decided,
        "createdDate": all_in_utc(raw["createdDate"]),
    }  # fmt: skip
    return _once(columns, found.count)


def joined_keys(first: Sequence[str | None], second: Sequence[str | None]) -> list[str | None]:
    """Return keys of two parts; None where a part is missing."""
    if all(first) and all(second):
        return list(map("/".join, zip(cast("Sequence[str]", first), cast("Sequence[str]", second), strict=True)))
    return [f"{one}/{two}" if one and two else None for one, two in zip(first, second, strict=True)]


def _once(columns: Mapping[str, Column], count: int) -> Rows:
    """Return the rows without those whose key came before."""
    ids = columns["id"]
    if len(set(ids)) == count:
        return columns, count
    first = {key: place for place, key in reversed(list(enumerate(ids)))}
    places = sorted(first.values())
    return {name: [column[place] for place in places] for name, column in columns.items()}, len(places)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _seconds(milliseconds: Column) -> Column:
    return [None if value is None else str(int(value) // 1000) for value in milliseconds]


def _milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)
