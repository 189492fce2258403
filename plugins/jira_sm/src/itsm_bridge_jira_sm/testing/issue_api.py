"""Issues one by one and in bulk, with their histories and comments."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing import history_json
from itsm_bridge_jira_sm.testing.answers import Refusal, no_issue
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.choosing import chosen
from itsm_bridge_jira_sm.testing.issue_json import Issues
from itsm_bridge_jira_sm.testing.records import Issue
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import Json

_MOST_ISSUES, _MOST_HISTORIES_OF, _MOST_FIELDS = 100, 1000, 10


class IssueApi:
    """Answers what is asked of issues by id or key.

    `failing` are ids that a bulk fetch reports as errors. `histories_per_page` limits pages of histories in bulk below
    what is asked. `has_changelog` says whether Data Center answers to `issue/{key}/changelog`, which older ones do not.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.failing: set[int] = set()
        self.histories_per_page = 10_000
        self.has_changelog = site.is_cloud
        self._marks: dict[str, tuple[str, int]] = {}

    def find(self, name: str) -> Issue:
        """Return an issue that the account may see, by id or any of its keys; raises Refusal (404)."""
        try:
            issue = self.site.issue(name)
        except (KeyError, ValueError):
            raise no_issue() from None
        if not self.site.may_see(issue):
            raise no_issue()
        return issue

    def single(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `issue/{idOrKey}`."""
        issue = self.find(asked.steps[1])
        return Answer.of(self._shown(issue, asked.names("fields") or ["*all"], asked.names("expand") or (), issues), 1)

    def changelog(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `issue/{idOrKey}/changelog`: the oldest first, by offset."""
        if not self.has_changelog:
            raise Refusal(404, "null for uri: " + "/".join(asked.steps))
        issue = self.find(asked.steps[1])
        histories = history_json.in_order(issue)
        start, size = asked.number("startAt", 0), asked.number("maxResults", 100, 100)
        shown = [history_json.one(issues.words, history, issues.zone) for history in histories[start : start + size]]
        link = f"{issues.words.api}/issue/{issue.key}/changelog"
        body: Json = {"self": f"{link}?startAt={start}&maxResults={size}", "maxResults": size, "startAt": start,
                      "total": len(histories), "isLast": start + size >= len(histories), "values": shown}  # fmt: skip
        if not body["isLast"]:
            body["nextPage"] = f"{link}?startAt={start + size}&maxResults={size}"
        return Answer.of(body, len(shown))

    def comments(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `issue/{idOrKey}/comment`, by offset."""
        issue = self.find(asked.steps[1])
        start, size = asked.number("startAt", 0), asked.number("maxResults", 50 if self.site.is_cloud else 1_000_000)
        shown = [issues.comment(issue, comment) for comment in issue.comments[start : start + min(size, 5000)]]
        body = {"startAt": start, "maxResults": size, "total": len(issue.comments), "comments": shown}
        return Answer.of(body, len(shown))

    def bulk(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `issue/bulkfetch`: by ascending id; what cannot be seen is left out without a word."""
        names = asked.get("issueIdsOrKeys") or []
        if not names or len(names) > _MOST_ISSUES:
            raise Refusal(400, f"The number of issue IDs or keys must be between 1 and {_MOST_ISSUES}.")
        if isinstance(asked.get("expand"), str):
            raise Refusal(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        found = {issue.id: issue for name in names if (issue := self._seen(name)) is not None}
        failed = sorted(set(found) & self.failing)
        errors = [{"id": str(one), "errorMessage": "The issue could not be fetched."} for one in failed]
        wanted = asked.names("fields") or ["*navigable"]
        expand = asked.names("expand") or ()
        shown = [self._shown(found[one], wanted, expand, issues) for one in sorted(set(found) - self.failing)]
        return Answer.of({"issues": shown, "issueErrors": errors}, len(shown))

    def changelogs(self, asked: Asked, issues: Issues) -> Answer:
        """Answer `changelog/bulkfetch`; issues without a change that fits are absent."""
        names, fields = asked.get("issueIdsOrKeys") or [], asked.get("fieldIds") or []
        if not names or len(names) > _MOST_HISTORIES_OF:
            raise Refusal(400, f"The number of issue IDs or keys must be between 1 and {_MOST_HISTORIES_OF}.")
        if len(set(fields)) > _MOST_FIELDS:
            raise Refusal(400, f"The number of field IDs must not be more than {_MOST_FIELDS}.")
        if asked.number("maxResults", 1000) > 10_000:
            raise Refusal(400, "maxResults must be between 1 and 10000.")
        size = max(1, min(asked.number("maxResults", 1000), self.histories_per_page))
        sign = repr((sorted(map(str, names)), sorted(fields)))
        start = self._start(asked.get("nextPageToken"), sign)
        found = {issue.id: issue for name in names if (issue := self._seen(name)) is not None}
        body, has_more = history_json.in_bulk(issues.words, found.values(), fields, start, size)
        if has_more:
            body["nextPageToken"] = secrets.token_urlsafe(24)
            self._marks[body["nextPageToken"]] = (sign, start + size)
        return Answer.of(body, sum(len(entry["changeHistories"]) for entry in body["issueChangeLogs"]))

    def expire_tokens(self) -> None:
        """Make the tokens of all pages worthless."""
        self._marks.clear()

    def _start(self, token: str | None, sign: str) -> int:
        if not token:
            return 0
        known = self._marks.get(token)
        if known is None or known[0] != sign:
            raise Refusal(400, "The provided next page token is invalid or expired.")
        return known[1]

    def _seen(self, name: Any) -> Issue | None:
        try:
            return self.find(str(name))
        except Refusal:
            return None

    def _shown(self, issue: Issue, names: Sequence[str], expand: Sequence[str], issues: Issues) -> Json:
        body = issues.issue(issue, chosen(self.site, names))
        if "changelog" in expand:
            body["changelog"] = history_json.embedded(issues.words, issue, 40 if self.site.is_cloud else None,
                                                      issues.zone)  # fmt: skip
        return body
