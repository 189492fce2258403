"""Who answers which path, for whom: the account, or nobody, to whom the vendor answers some questions all the same."""

from __future__ import annotations

from collections.abc import Callable

from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.asset_api import AssetApi
from itsm_bridge_jira_sm.testing.clocks import WorkingTime
from itsm_bridge_jira_sm.testing.desk_api import DeskApi
from itsm_bridge_jira_sm.testing.issue_api import IssueApi
from itsm_bridge_jira_sm.testing.issue_json import Issues
from itsm_bridge_jira_sm.testing.reference_api import ReferenceApi
from itsm_bridge_jira_sm.testing.search_api import SearchApi
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import Words

READING_POSTS = (
    "search",
    "search/jql",
    "search/approximate-count",
    "issue/bulkfetch",
    "changelog/bulkfetch",
    "object/aql",
)
_MUST = "Client must be authenticated to access this resource."


class Routes:
    """The APIs of a site. `calendar` says when service-level clocks run."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.search = SearchApi(site, issues_per_page=100 if site.is_cloud else 1000)
        self.issues = IssueApi(site)
        self.reference = ReferenceApi(site)
        self.desk = DeskApi(site)
        self.assets = AssetApi(site)

    def platform(self, asked: Asked, words: Words, calendar: WorkingTime) -> Answer:
        """Answer below `rest/api/2` and `rest/api/3` for the account; raises Refusal."""
        found = self._of_issues(asked)
        if found is not None:
            return found(asked, Issues(words, calendar))
        answer = self.reference.answer(asked, words) if asked.method == "GET" else None
        if answer is None:
            raise Refusal(404, f"null for uri: {words.api}/{'/'.join(asked.steps)}")
        return answer

    def service_desk(self, asked: Asked, words: Words, calendar: WorkingTime) -> Answer:
        """Answer below `rest/servicedeskapi` for the account; raises Refusal."""
        answer = self.desk.answer(asked, Issues(words, calendar))
        if answer is None:
            raise Refusal(404, f"null for uri: {words.desk_api}/{'/'.join(asked.steps)}")
        return answer

    def assets_of(self, asked: Asked) -> Answer:
        """Answer in Assets for the account; raises Refusal."""
        answer = self.assets.answer(asked)
        if answer is None:
            raise Refusal(404, f"null for uri: {'/'.join(asked.steps)}")
        return answer

    def for_nobody(self, asked: Asked, words: Words, *, is_desk: bool) -> Answer:
        """Answer somebody who is not signed in: with nothing, where the vendor does not refuse; raises Refusal."""
        is_cloud = self.site.is_cloud
        if is_desk:
            if asked.steps != ("info",):
                raise Refusal(401, _MUST)
            return self.service_desk(asked, words, _NEVER)
        match asked.steps:
            case ("serverInfo",):
                return self.platform(asked, words, _NEVER)
            case ("field",):
                return Answer.of([words.field_of(field) for field in self.site.shown_fields() if not field.is_custom])
            case ("search", "jql") if is_cloud:
                return Answer.of({"issues": [], "isLast": True})
            case ("search",) if not is_cloud:
                return Answer.of({"startAt": 0, "maxResults": 50, "total": 0, "issues": []})
            case ("search",):
                raise self.search.removed()
            case ("search", "approximate-count") if is_cloud:
                return Answer.of({"count": 0})
            case ("project", "search") if is_cloud:
                return Answer.of({"maxResults": 50, "startAt": 0, "total": 0, "isLast": True, "values": []})
            case ("project",):
                return Answer.of([])
            case ("issue", *_):
                raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
        raise Refusal(401, _MUST)

    def _of_issues(self, asked: Asked) -> Callable[[Asked, Issues], Answer] | None:
        is_cloud = self.site.is_cloud
        match asked.steps:
            case ("search",):
                if is_cloud:
                    raise self.search.removed()
                return self.search.by_offset
            case ("search", "jql") if is_cloud:
                return self.search.by_token
            case ("search", "approximate-count") if is_cloud and asked.method == "POST":
                return lambda asked, _: self.search.count(asked)
            case ("issue", "bulkfetch") if is_cloud and asked.method == "POST":
                return self.issues.bulk
            case ("changelog", "bulkfetch") if is_cloud and asked.method == "POST":
                return self.issues.changelogs
            case ("issue", _):
                return self.issues.single
            case ("issue", _, "changelog"):
                return self.issues.changelog
            case ("issue", _, "comment"):
                return self.issues.comments
        return None


class _Never:
    def between(self, start: int, end: int) -> int:
        return end - start

    def after(self, start: int, length: int) -> int:
        return start + length


_NEVER = _Never()
