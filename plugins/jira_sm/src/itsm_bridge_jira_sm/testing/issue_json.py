"""How issues look in answers: their fields, comments, links, clocks and approvals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from hashlib import blake2b
from typing import Any

from itsm_bridge_jira_sm.testing.clocks import WorkingTime, as_of
from itsm_bridge_jira_sm.testing.field_list import Field
from itsm_bridge_jira_sm.testing.instants import date_object, length_object, written
from itsm_bridge_jira_sm.testing.records import Approval, Comment, Cycle, Issue, Raw
from itsm_bridge_jira_sm.testing.terms_json import Json, Words

_EXPAND = "operations,versionedRepresentations,editmeta,changelog,renderedFields"


class Issues:
    """Renders issues on demand; `zone` is that of the account that asks."""

    def __init__(self, words: Words, calendar: WorkingTime) -> None:
        self.words, self.site, self.calendar = words, words.site, calendar
        self.zone = self.site.zone
        self._terms: dict[tuple[str, str], Json] = {}
        self._kinds: dict[str, Callable[[Field, Any], Any]] = {
            "option": self._option, "options": lambda field, v: [self._option(field, one) for one in v],
            "person": lambda _, v: self.words.person(v), "persons": lambda _, v: [self.words.person(one) for one in v],
            "groups": lambda _, v: [self.group(one) for one in v],
            "datetime": lambda _, v: written(v, self.zone), "parent": lambda _, v: self._brief(self.site.issues[v]),
            "project": lambda _, v: self.words.project(self.site.projects[v]),
            "components": lambda _, v: [self.words.component(self.site.components[one]) for one in v],
            "versions": lambda _, v: [self.words.version_of(self.site.versions[one]) for one in v],
            "organizations": lambda _, v: [self.words.organization(one) for one in v],
            "approvals": lambda _, v: [self.approval(one) for one in v], "feedback": lambda _, v: {"rating": v},
            "language": lambda _, v: {"languageCode": v, "displayName": v},
            "services": lambda _, v: [{"id": one} for one in v], "assets": self._assets, "sla": self.sla,
            "responders": lambda _, v: [{"id": one, "type": "team"} for one in v],
        }  # fmt: skip
        self._kinds |= dict.fromkeys(("status", "priority", "resolution", "issuetype"), self._term)

    def issue(self, issue: Issue, fields: Iterable[Field]) -> Json:
        """Return an issue with these of its fields; those without a value are null."""
        return {
            "expand": _EXPAND, "id": str(issue.id), "self": f"{self.words.api}/issue/{issue.id}", "key": issue.key,
            "fields": {f.id: self.value(issue, f) for f in fields if not f.project or f.project == issue.project},
        }  # fmt: skip

    def value(self, issue: Issue, field: Field) -> Any:
        """Return one field of an issue."""
        value = issue.values.get(field.id)
        if field.kind in ("computed", "project") and value is None:
            return self._computed(issue, field.id)
        if value is None:
            return [] if field.kind in ("labels", "components", "versions") else None
        if isinstance(value, Raw):
            return value.json
        if field.kind == "request_type":
            return self._request_type(issue, value)
        render = self._kinds.get(field.kind)
        if render is None:
            return adf(value) if field.kind == "text" and self.words.version == "3" and _is_rich(field) else value
        return render(field, value)

    def sla(self, field: Field, value: Any) -> Json | None:
        """Return a service-level metric's cycles; null for accounts that are no agents."""
        if not self.site.is_agent:
            return None
        number = str(200 + int(field.id.partition("_")[2]) % 100)
        cycles = [as_of(cycle, self.calendar, self.site.present) for cycle in value]
        found: Json = {
            "id": number, "name": field.name, "_links": {"self": f"{self.words.desk_api}/request/sla/{number}"},
            "completedCycles": [self._cycle(cycle) for cycle in cycles if cycle.stop is not None],
        }  # fmt: skip
        ongoing = next((cycle for cycle in cycles if cycle.stop is None), None)
        if ongoing is not None:
            is_open = self.calendar.between(ongoing.as_of, ongoing.as_of + 1000) > 0
            found["ongoingCycle"] = self._cycle(ongoing, paused=ongoing.is_paused, withinCalendarHours=is_open)
        return found | {"slaDisplayFormat": "NEW_SLA_FORMAT"}

    def approval(self, approval: Approval) -> Json:
        """Return a round of approval with its votes, which carry no times."""
        found: Json = {
            "id": approval.id, "name": approval.name, "finalDecision": approval.decision, "canAnswerApproval": False,
            "approvers": [{"approver": self.words.person(v.approver), "approverDecision": v.decision}
                          for v in approval.votes],
            "createdDate": date_object(approval.created, self.zone),
            "_links": {"self": f"{self.words.desk_api}/request/approval/{approval.id}"},
        }  # fmt: skip
        done = {"completedDate": date_object(approval.completed, self.zone)} if approval.completed is not None else {}
        return found | done

    def comment(self, issue: Issue, comment: Comment) -> Json:
        """Return a comment; `jsdPublic` says whether the customer sees it."""
        author = self.words.author(comment.author)
        found: Json = {
            "self": f"{self.words.api}/issue/{issue.id}/comment/{comment.id}", "id": comment.id,
            "body": adf(comment.body) if self.words.version == "3" else comment.body,
            "created": written(comment.at, self.zone), "updated": written(comment.updated, self.zone),
            "jsdPublic": comment.is_public,
        }  # fmt: skip
        return found | ({"author": author, "updateAuthor": author} if author else {})

    def group(self, name: str) -> Json:
        """Return a group as fields show it."""
        found = {"name": name, "self": f"{self.words.api}/group?groupname={name}"}
        return found | ({"groupId": group_id(name)} if self.site.is_cloud else {})

    def _computed(self, issue: Issue, field: str) -> Any:
        match field:
            case "created" | "updated":
                return written(issue.created if field == "created" else issue.updated, self.zone)
            case "project":
                return self.words.project(self.site.projects[issue.project])
            case "statusCategory":
                return self.words.category(self.site.terms["status"][issue.values["status"]].category)
            case "comment":
                link = f"{self.words.api}/issue/{issue.id}/comment"
                most = self.site.comments_embedded
                shown = [self.comment(issue, comment) for comment in issue.comments[:most]]
                return {"comments": shown, "self": link, "maxResults": len(shown), "total": len(issue.comments),
                        "startAt": 0}  # fmt: skip
            case "issuelinks":
                return self._links(issue)
            case "subtasks":
                parts = (self.site.issues[part] for part in sorted(self.site.parts.get(issue.id, ())))
                return [self._brief(one) for one in parts if self.site.may_see(one)]
        return None

    def _links(self, issue: Issue) -> list[Json]:
        """Return the links to issues that the account may see."""
        found = []
        for link in issue.links:
            is_outward = link.source == issue.id
            other = self.site.issues[link.target if is_outward else link.source]
            if self.site.may_see(other):
                end = "outwardIssue" if is_outward else "inwardIssue"
                found.append({
                    "id": link.id, "self": f"{self.words.api}/issueLink/{link.id}",
                    "type": self.words.link_type(self.site.link_types[link.type]), end: self._brief(other),
                })  # fmt: skip
        return found

    def _brief(self, issue: Issue) -> Json:
        terms = {kind: self._term(self.site.fields[kind], issue.values[kind]) if issue.values.get(kind) else None
                 for kind in ("status", "priority", "issuetype")}  # fmt: skip
        return {"id": str(issue.id), "key": issue.key, "self": f"{self.words.api}/issue/{issue.id}",
                "fields": {"summary": issue.values.get("summary"), **terms}}  # fmt: skip

    def _term(self, field: Field, value: str) -> Json:
        known = self._terms.get((field.kind, value))
        if known is None:
            known = getattr(self.words, field.kind)(self.site.terms[field.kind][value])
            self._terms[field.kind, value] = known
        return known

    def _option(self, field: Field, value: str) -> Json:
        number = self.site.option(field, value)
        return {"self": f"{self.words.api}/customFieldOption/{number}", "value": value, "id": number}

    def _assets(self, _: Field, value: Collection[str]) -> list[Any]:
        if not self.site.is_cloud:
            return [f"Host {one} (CMDB-{one})" for one in value]
        return [{"workspaceId": WORKSPACE, "id": f"{WORKSPACE}:{one}", "objectId": one} for one in value]

    def _request_type(self, issue: Issue, value: str) -> Json:
        status = self.site.terms["status"][issue.values["status"]]
        at = issue.values.get("statuscategorychangedate") or issue.created
        category = {"currentStatus": {"status": status.name, "statusCategory": status.category.upper(),
                                      "statusDate": date_object(at, self.zone)}}  # fmt: skip
        web = f"{self.words.site_url}/servicedesk/customer/portal/{self.site.request_types[value].desk}/{issue.key}"
        links = {"jiraRest": f"{self.words.api}/issue/{issue.id}", "web": web, "agent": web,
                 "self": f"{self.words.desk_api}/request/{issue.id}"}  # fmt: skip
        return {"_links": links, "requestType": self.words.request_type(value), **category}

    def _cycle(self, cycle: Cycle, **more: bool) -> Json:
        found: Json = {"startTime": date_object(cycle.start, self.zone)}
        if cycle.stop is not None:
            found["stopTime"] = date_object(cycle.stop, self.zone)
        if cycle.breach is not None:
            found["breachTime"] = date_object(cycle.breach, self.zone)
        return found | {"breached": cycle.is_breached, **more} | {
            "goalDuration": length_object(cycle.goal), "elapsedTime": length_object(cycle.elapsed),
            "remainingTime": length_object(cycle.goal - cycle.elapsed),
        }  # fmt: skip


WORKSPACE = "f1668d0c-828c-470c-b7d1-8c4f48cd345a"


def adf(text: str) -> Json:
    """Return text as the vendor's document format, which version 3 of the API speaks."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.split("\n")]
    return {"type": "doc", "version": 1, "content": paragraphs}


def group_id(name: str) -> str:
    """Return the id of a group on Cloud."""
    digest = blake2b(name.encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def _is_rich(field: Field) -> bool:
    return field.id in ("description", "environment") or field.custom.endswith("textarea")
