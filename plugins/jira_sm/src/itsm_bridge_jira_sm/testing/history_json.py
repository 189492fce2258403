"""How histories look in answers: embedded, paged, and in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from itsm_bridge_jira_sm.testing.instants import written
from itsm_bridge_jira_sm.testing.records import History, Issue, Item
from itsm_bridge_jira_sm.testing.terms_json import Json, Words


def in_order(issue: Issue) -> list[History]:
    """Return an issue's histories, the oldest first."""
    return sorted(issue.history, key=lambda history: (history.at, int(history.id)))


def one(words: Words, history: History, zone: str | None) -> Json:
    """Return a history; `created` is a number of milliseconds where no zone is given, as it is in bulk."""
    found: Json = {"id": history.id}
    author = words.author(history.author)
    if author is not None:
        found["author"] = author
    found["created"] = history.at if zone is None else written(history.at, zone)
    found["items"] = [_item(item, has_ids=words.site.is_cloud) for item in history.items]
    return found


def embedded(words: Words, issue: Issue, most: int | None, zone: str) -> Json:
    """Return the changelog inside an issue: on Cloud the 40 newest, the newest first; all on Data Center."""
    histories = in_order(issue)
    shown = histories[::-1][:most] if words.site.is_cloud else histories
    return {"startAt": 0, "maxResults": len(shown), "total": len(histories),
            "histories": [one(words, history, zone) for history in shown]}  # fmt: skip


def in_bulk(words: Words, issues: Iterable[Issue], fields: Collection[str], start: int, size: int) -> tuple[Json, bool]:
    """Return a page of the histories of many issues, by time and issue; and whether there is more.

    An issue's histories are spread: a new entry begins whenever another issue's came between.
    """
    found = [(history.at, issue.id, int(history.id), history) for issue in issues for history in issue.history
             if not fields or any(_is_about(item, fields) for item in history.items)]  # fmt: skip
    found.sort(key=lambda entry: entry[:3])
    entries: list[Json] = []
    for _, number, _, history in found[start : start + size]:
        if not entries or entries[-1]["issueId"] != str(number):
            entries.append({"issueId": str(number), "changeHistories": []})
        entries[-1]["changeHistories"].append(one(words, history, None))
    return {"issueChangeLogs": entries}, start + size < len(found)


def _is_about(item: Item, fields: Collection[str]) -> bool:
    return item.field_id in fields or (not item.field_id and item.field in fields)


def _item(item: Item, *, has_ids: bool) -> Json:
    shown = {"fieldId": item.field_id} if has_ids and item.field_id else {}
    return {"field": item.field, "fieldtype": item.kind, **shown, "from": item.before, "fromString": item.before_text,
            "to": item.after, "toString": item.after_text}  # fmt: skip
