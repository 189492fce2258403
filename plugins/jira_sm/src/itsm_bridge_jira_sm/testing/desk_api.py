"""The service desk API: desks, request types, organisations; clocks and approvals of one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing.answers import DeskRefusal
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.instants import date_object
from itsm_bridge_jira_sm.testing.issue_json import WORKSPACE, Issues
from itsm_bridge_jira_sm.testing.records import Issue, Project
from itsm_bridge_jira_sm.testing.reference_api import VERSIONS
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import Json

_EXPERIMENTAL = "This API is experimental. Experimental APIs are not guaranteed to be stable within the preview period."
_NEEDS_OPT_IN = frozenset({"approval", "organization"})


class DeskApi:
    """Answers below `rest/servicedeskapi`. `is_licensed` is false on a site without service management."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.is_licensed = True
        self.has_assets = True

    def answer(self, asked: Asked, issues: Issues) -> Answer | None:
        """Return an answer; None where there is no such thing."""
        is_experimental = not self.site.is_cloud and _NEEDS_OPT_IN & set(asked.steps)
        if is_experimental and asked.headers.get("x-experimentalapi") not in ("true", "opt-in"):
            raise DeskRefusal(412, f"{_EXPERIMENTAL} Add the header X-ExperimentalApi: opt-in to use it.")
        words = issues.words
        match asked.steps:
            case ("info",):
                return self._info()
            case _ if not self.is_licensed:
                raise DeskRefusal(403, "You don't have access to Jira Service Management.", "sd.unlicensed")
            case ("servicedesk",):
                return _page(asked, [self._desk(project, issues) for project in self._desks()], issues)
            case ("servicedesk", number, *rest):
                return self._of_desk(asked, number, rest, issues)
            case ("requesttype",):
                desks = {project.desk for project in self._desks()}
                shown = [one.id for one in self.site.request_types.values() if one.desk in desks]
                return _page(asked, [words.request_type(number) for number in shown], issues)
            case ("organization",):
                return _page(asked, [words.organization(one) for one in self.site.organizations], issues)
            case ("request", name):
                return Answer.of(self._request(self._issue(name), issues), 1)
            case ("request", name, "sla"):
                return _page(asked, self._clocks(self._issue(name), issues), issues)
            case ("request", name, "approval"):
                rounds = self._issue(name).values.get(self.site.field("approvals").id) or []
                return _page(asked, [issues.approval(one) for one in rounds], issues)
            case ("assets", "workspace") if self.site.is_cloud:
                found = [{"workspaceId": WORKSPACE}] if self.has_assets else []
                return _page(asked, found, issues)
        return None

    def _info(self) -> Answer:
        version, _ = VERSIONS[self.site.is_cloud]
        return Answer.of({"version": version, "platformVersion": version, "isLicensedForUse": self.is_licensed,
                     "buildDate": date_object(1_760_000_000_000), "_links": {}})  # fmt: skip

    def _desks(self) -> list[Project]:
        return [project for project in self.site.browsable() if project.desk and self.site.is_agent]

    def _desk(self, project: Project, issues: Issues) -> Json:
        return {"id": project.desk, "projectId": project.id, "projectName": project.name, "projectKey": project.key,
                "_links": {"self": f"{issues.words.desk_api}/servicedesk/{project.desk}"}}  # fmt: skip

    def _of_desk(self, asked: Asked, number: str, rest: Sequence[str], issues: Issues) -> Answer | None:
        project = next((one for one in self._desks() if number in (one.desk, f"projectId:{one.id}", one.key)), None)
        if project is None:
            raise DeskRefusal(404, f"Service Desk with id {number} cannot be found.", "sd.servicedesk.not.found")
        words = issues.words
        match list(rest):
            case []:
                return Answer.of(self._desk(project, issues))
            case ["requesttype"]:
                found = [one.id for one in self.site.request_types.values() if one.desk == project.desk]
                return _page(asked, [words.request_type(one) for one in found], issues)
            case ["queue"]:
                queue = {"id": "1", "name": "All open", "jql": f"project = {project.key} AND resolution = Unresolved",
                         "fields": ["issuekey", "summary"]}  # fmt: skip
                return _page(asked, [queue], issues)
            case ["organization"]:
                return _page(asked, [words.organization(one) for one in self.site.organizations], issues)
        return None

    def _issue(self, name: str) -> Issue:
        try:
            issue = self.site.issue(name)
        except (KeyError, ValueError):
            issue = None
        if issue is None or not self.site.may_see(issue):
            raise DeskRefusal(404, "The request does not exist, or you may not see it.", "sd.request.not.found")
        return issue

    def _clocks(self, issue: Issue, issues: Issues) -> list[Any]:
        if not self.site.is_agent:
            raise DeskRefusal(403, "You must be an agent of the service desk to see its SLAs.", "sd.agent.only")
        fields = (field for field in self.site.shown_fields() if field.kind == "sla")
        values = (issues.value(issue, field) for field in fields if issue.values.get(field.id))
        return [value for value in values if isinstance(value, dict) and "name" in value]

    def _request(self, issue: Issue, issues: Issues) -> Json:
        kind = issue.values.get(self.site.field("request_type").id)
        if kind is None:
            raise DeskRefusal(404, "The issue is no request.", "sd.request.not.found")
        shown = issues.value(issue, self.site.field("request_type"))
        reporter = issue.values.get("reporter")
        return {
            "_expands": ["participant", "status", "sla", "requestType", "serviceDesk"], "issueId": str(issue.id),
            "issueKey": issue.key, "requestTypeId": kind, "serviceDeskId": self.site.request_types[kind].desk,
            "createdDate": date_object(issue.created, issues.zone), "currentStatus": shown["currentStatus"],
            "reporter": issues.words.person(reporter) if reporter else None,
            "requestFieldValues": [{"fieldId": "summary", "label": "Summary", "value": issue.values.get("summary")}],
            "_links": shown["_links"],
        }  # fmt: skip


def _page(asked: Asked, values: Sequence[Any], issues: Issues) -> Answer:
    start, limit = asked.number("start", 0), asked.number("limit", 50, 100)
    shown = values[start : start + limit]
    is_last = start + limit >= len(values)
    link = f"{issues.words.desk_api}/{'/'.join(asked.steps)}"
    links = {"self": link, "base": issues.words.site_url, "context": ""}
    if not is_last:
        links["next"] = f"{link}?start={start + limit}&limit={limit}"
    body = {"_expands": [], "size": len(shown), "start": start, "limit": limit, "isLastPage": is_last,
            "_links": links, "values": shown}  # fmt: skip
    return Answer.of(body, len(shown))
