"""What the site is made of: fields, projects, statuses and other words, people and groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.instants import as_datetime
from itsm_bridge_jira_sm.testing.issue_json import group_id
from itsm_bridge_jira_sm.testing.records import Project, Term
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import CATEGORIES, Json, Words

_LISTS = {"status": "status", "priority": "priority", "resolution": "resolution", "issuetype": "issuetype"}
_PERMISSIONS = ("BROWSE_PROJECTS", "ADMINISTER", "SERVICEDESK_AGENT", "VIEW_VOTERS_AND_WATCHERS", "USER_PICKER")
VERSIONS = {True: ("1001.0.0-SNAPSHOT", 100289), False: ("10.3.2", 10030002)}


class ReferenceApi:
    """Answers what is asked of everything but issues.

    `may_list_people` says whether the account may list people and groups.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.may_list_people = True

    def answer(self, asked: Asked, words: Words) -> Answer | None:
        """Return an answer; None where there is no such thing."""
        first, *rest = asked.steps
        if first in _LISTS and not rest:
            return Answer.of([getattr(words, first)(term) for term in self._terms(first)])
        if first == "project":
            return self._projects(asked, words, rest)
        whole = "/".join(asked.steps)
        known: dict[str, Callable[[Asked, Words], Answer]] = {
            "field": lambda _, w: Answer.of([w.field_of(field) for field in self.site.shown_fields()]),
            "statuscategory": lambda _, w: Answer.of([w.category(key) for key in CATEGORIES]),
            "issueLinkType": lambda _, w: Answer.of(
                {"issueLinkTypes": [w.link_type(kind) for kind in self.site.link_types.values()]}
            ),
            "myself": self._myself, "serverInfo": self._server_info, "mypermissions": self._permissions,
            "user/search": self._people, "group/member": self._members,
        }  # fmt: skip
        if self.site.is_cloud:
            known |= {
                "field/search": lambda a, w: paged(a, [_found(w.field_of(f)) for f in self.site.shown_fields()], w),
                "statuses/search": lambda a, w: paged(a, [_status(t) for t in self._terms("status")], w, 200),
                "priority/search": lambda a, w: paged(a, [w.priority(t) for t in self._terms("priority")], w),
                "resolution/search": lambda a, w: paged(a, [w.resolution(t) for t in self._terms("resolution")], w),
                "users/search": self._people, "users": self._people, "group/bulk": self._groups,
            }  # fmt: skip
        else:
            known["groups/picker"] = self._picker
        found = known.get(whole)
        return found(asked, words) if found else None

    def _terms(self, kind: str) -> list[Any]:
        browsable = {project.id for project in self.site.browsable()}
        return [term for term in self.site.terms[kind].values() if not term.project or term.project in browsable]

    # -- about the account and the site -----------------------------------------------------------------

    def _myself(self, _: Asked, words: Words) -> Answer:
        groups = [name for name, members in self.site.groups.items() if self.site.account in members]
        items = [{"name": name, "self": f"{words.api}/group?groupname={name}"} for name in groups]
        more = {"locale": "en_US", "groups": {"size": len(groups), "items": items},
                "applicationRoles": {"size": 1, "items": []}, "expand": "groups,applicationRoles"}  # fmt: skip
        return Answer.of(words.person(self.site.account) | more)

    def _server_info(self, _: Asked, words: Words) -> Answer:
        version, build = VERSIONS[self.site.is_cloud]
        now = as_datetime(self.site.present)
        return Answer.of({
            "baseUrl": words.home or words.site_url, "version": version,
            "versionNumbers": [int("".join(filter(str.isdigit, part)) or 0) for part in version.split(".")],
            "deploymentType": "Cloud" if self.site.is_cloud else "Server", "buildNumber": build,
            "buildDate": "2026-11-01T00:00:00.000+0000", "serverTime": f"{now:%Y-%m-%dT%H:%M:%S.000+0000}",
            "scmInfo": "0c4b5f0e", "serverTitle": "Jira",
        } | ({"serverTimeZone": "Etc/UTC"} if self.site.is_cloud else {}))  # fmt: skip

    def _permissions(self, asked: Asked, _: Words) -> Answer:
        wanted = asked.names("permissions")
        if wanted is None and self.site.is_cloud:
            raise Refusal(400, "The 'permissions' query parameter is required.")
        key = asked.get("projectKey") or asked.get("projectId")
        projects = [p for p in self.site.browsable() if key in (None, p.key, p.id)]
        have = {"BROWSE_PROJECTS": bool(projects), "ADMINISTER": False, "SERVICEDESK_AGENT": self.site.is_agent,
                "USER_PICKER": self.may_list_people, "VIEW_VOTERS_AND_WATCHERS": True}  # fmt: skip
        found: Json = {}
        for number, name in enumerate(wanted or _PERMISSIONS):
            shown = name.replace("_", " ").title()
            found[name] = {"id": str(number), "key": name, "name": shown, "type": "PROJECT",
                           "havePermission": have.get(name, False)}  # fmt: skip
        return Answer.of({"permissions": found})

    # -- projects -------------------------------------------------------------------------------------

    def _projects(self, asked: Asked, words: Words, rest: Sequence[str]) -> Answer | None:
        if not rest:
            return Answer.of([self._project(project, words) for project in self.site.browsable()])
        if rest[0] == "search":
            if not self.site.is_cloud:
                return None
            states = asked.names("status") or ["live"]
            keys = (asked.get("keys") or "").split(",") if asked.get("keys") else None
            found = [p for state in states for p in self.site.browsable(state) if keys is None or p.key in keys]
            found.sort(key=lambda project: project.key)
            return paged(asked, [self._project(project, words) for project in found], words)
        project = next((p for p in self.site.browsable() if rest[0].upper() in (p.key, p.id)), None)
        if project is None:
            raise Refusal(404, f"No project could be found with key '{rest[0]}'.")
        if len(rest) == 1:
            return Answer.of(self._project(project, words))
        return self._of_project(asked, words, project, rest[1])

    def _of_project(self, asked: Asked, words: Words, project: Project, what: str) -> Answer | None:
        site = self.site
        if what == "statuses":
            return Answer.of([self._statuses(term, project, words) for term in self._terms("issuetype")
                         if (not project.types or term.id in project.types) and term.project in ("", project.id)
                         ])  # fmt: skip
        components = [self._component(one.id, words) for one in site.components.values() if one.project == project.id]
        versions = [words.version_of(one) | {"projectId": int(project.id)} for one in site.versions.values()
                    if one.project == project.id]  # fmt: skip
        match what:
            case "components":
                return Answer.of(components)
            case "versions":
                return Answer.of(versions)
            case "component" if site.is_cloud:
                return paged(asked, components, words)
            case "version":
                return paged(asked, versions, words)
        return None

    def _project(self, project: Project, words: Words) -> Json:
        found: Json = {"expand": "description,lead,issueTypes,url,projectKeys", **words.project(project)}
        if not self.site.is_cloud:
            return {name: value for name, value in found.items() if name != "simplified"}
        state: Json = {} if project.state == "live" else {project.state: True}
        return found | {"style": "next-gen" if project.is_simplified else "classic", "isPrivate": False,
                        "properties": {}, **state}  # fmt: skip

    def _statuses(self, term: Any, project: Project, words: Words) -> Json:
        used = [one for one in self._terms("status") if (not project.statuses or one.id in project.statuses)
                and one.project in ("", project.id)]  # fmt: skip
        return {"self": f"{words.api}/issuetype/{term.id}", "id": term.id, "name": term.name,
                "subtask": term.is_subtask, "statuses": [words.status(one) for one in used]}  # fmt: skip

    def _component(self, number: str, words: Words) -> Json:
        one = self.site.components[number]
        project = self.site.projects[one.project]
        lead = {"lead": words.person(one.lead)} if one.lead else {}
        return words.component(one) | lead | {"assigneeType": "PROJECT_DEFAULT", "isAssigneeTypeValid": True,
                                              "project": project.key, "projectId": int(project.id)}  # fmt: skip

    # -- people ---------------------------------------------------------------------------------------

    def _people(self, asked: Asked, words: Words) -> Answer:
        self._demand_listing()
        site = self.site
        logins = sorted(login for login, one in site.people.items() if not (one.is_forgotten and site.is_cloud))
        if asked.steps[-1] == "search" and asked.steps[0] == "user":
            wanted = asked.get("query" if site.is_cloud else "username")
            if wanted is None:
                name = "query" if site.is_cloud else "username"
                raise Refusal(400, f"The {name} query parameter was not provided")
            logins = [login for login in logins if wanted in (".", "", "%") or wanted.lower() in login]
        start, size = asked.number("startAt", 0), asked.number("maxResults", 50, 1000)
        shown = logins[start : start + size]
        return Answer.of([words.person(login) for login in shown], len(shown))

    def _groups(self, asked: Asked, words: Words) -> Answer:
        self._demand_listing()
        return paged(asked, [{"name": name, "groupId": group_id(name)} for name in sorted(self.site.groups)], words)

    def _picker(self, asked: Asked, _: Words) -> Answer:
        wanted, size = str(asked.get("query") or ""), asked.number("maxResults", 20)
        names = [name for name in sorted(self.site.groups) if wanted in name]
        shown = [{"name": name, "html": name, "labels": []} for name in names[:size]]
        return Answer.of({"header": f"Showing {len(shown)} of {len(names)} matching groups", "total": len(names),
                     "groups": shown})  # fmt: skip

    def _members(self, asked: Asked, words: Words) -> Answer:
        self._demand_listing()
        wanted = (asked.get("groupId"), asked.get("groupname"))
        name = next((one for one in self.site.groups if one in wanted or group_id(one) in wanted), None)
        if name is None:
            raise Refusal(404, f"The group '{wanted[1] or wanted[0]}' does not exist.")
        return paged(asked, [words.person(login) for login in self.site.groups[name]], words)

    def _demand_listing(self) -> None:
        if not self.may_list_people:
            raise Refusal(403, "You do not have permission to browse users and groups.")


def _found(field: Json) -> Json:
    return {name: value for name, value in field.items() if name in ("id", "key", "name", "schema")}


def _status(term: Term) -> Json:
    category = {"new": "TODO", "indeterminate": "IN_PROGRESS", "done": "DONE"}[term.category]
    scope = {"type": "PROJECT", "project": {"id": term.project}} if term.project else {"type": "GLOBAL"}
    return {"id": term.id, "name": term.name, "description": "", "statusCategory": category, "scope": scope}


def paged(asked: Asked, values: Sequence[Any], words: Words, most: int = 50) -> Answer:
    """Return a page of a list by offset, with a link to the next one."""
    start, size = asked.number("startAt", 0), asked.number("maxResults", most, most)
    shown = values[start : start + size]
    link = f"{words.api}/{'/'.join(asked.steps)}"
    body: Json = {"self": f"{link}?startAt={start}&maxResults={size}", "maxResults": size, "startAt": start,
                  "total": len(values), "isLast": start + size >= len(values), "values": shown}  # fmt: skip
    if not body["isLast"]:
        body["nextPage"] = f"{link}?startAt={start + size}&maxResults={size}"
    return Answer.of(body, len(shown))
