"""How people, projects and words look in answers: each with its self link."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from itsm_bridge_jira_sm.testing.field_list import Field
from itsm_bridge_jira_sm.testing.instants import date_object
from itsm_bridge_jira_sm.testing.records import Component, LinkType, Project, Term, Version
from itsm_bridge_jira_sm.testing.site import Site

Json = dict[str, Any]
CATEGORIES: dict[str, Json] = {
    "undefined": {"id": 1, "key": "undefined", "colorName": "medium-gray", "name": "No Category"},
    "new": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
}
CLOUD_ID = "11223344-a1b2-3b33-c444-def123456789"


@dataclass(slots=True)
class Words:
    """Renders what issues refer to; `site_url` is the site's address, or of the gateway to it.

    `version` is that of the API asked (2 or 3), `home` the site's own address.
    """

    site: Site
    site_url: str
    version: str = "2"
    home: str = ""
    _people: dict[str, Json] = field(default_factory=dict)

    @property
    def api(self) -> str:
        """The address of the REST API."""
        return f"{self.site_url}/rest/api/{self.version}"

    @property
    def desk_api(self) -> str:
        """The address of the service desk API."""
        return f"{self.site_url}/rest/servicedeskapi"

    def person(self, login: str) -> Json:
        """Return a user; on Data Center with name and key, and without an account id."""
        return self._people.get(login) or self._people.setdefault(login, self._rendered(login))

    def _rendered(self, login: str) -> Json:
        one = self.site.people[login]
        avatars = {size: f"{self.site_url}/avatars/{size}" for size in ("48x48", "16x16")}
        if not self.site.is_cloud:
            shown = {"name": one.login, "key": one.key, "emailAddress": one.email}
            link = f"{self.api}/user?username={quote(one.login)}"
            return {"self": link, **shown, "avatarUrls": avatars, "displayName": one.display_name,
                    "active": one.is_active, "timeZone": one.zone}  # fmt: skip
        link = f"{self.api}/user?accountId={quote(one.account_id, safe='')}"
        if one.is_forgotten:
            return {"self": link, "accountId": one.account_id, "avatarUrls": avatars, "displayName": "Former user",
                    "active": False, "accountType": "unknown"}  # fmt: skip
        shown = {"accountId": one.account_id} | ({"emailAddress": one.email} if one.kind != "app" else {})
        return {"self": link, **shown, "avatarUrls": avatars, "displayName": one.display_name,
                "active": one.is_active, "timeZone": one.zone, "accountType": one.kind}  # fmt: skip

    def author(self, login: str) -> Json | None:
        """Return who did something; None where nobody is known any more."""
        if not login or login not in self.site.people or self.site.people[login].is_forgotten:
            return None
        return self.person(login)

    def project(self, project: Project) -> Json:
        """Return a project as issues show it."""
        return {
            "self": f"{self.api}/project/{project.id}", "id": project.id, "key": project.key, "name": project.name,
            "projectTypeKey": project.kind, "simplified": project.is_simplified,
            "avatarUrls": {"48x48": f"{self.api}/universal_avatar/view/type/project/avatar/10400"},
        }  # fmt: skip

    def status(self, term: Term) -> Json:
        """Return a status with its category."""
        return {
            "self": f"{self.api}/status/{term.id}", "description": "", "iconUrl": f"{self.site_url}/images/status.png",
            "name": term.name, "id": term.id, "statusCategory": self.category(term.category),
        } | self._scope(term)  # fmt: skip

    def category(self, key: str) -> Json:
        """Return a status category."""
        found = CATEGORIES[key]
        return {"self": f"{self.api}/statuscategory/{found['id']}", **found}

    def priority(self, term: Term) -> Json:
        """Return a priority."""
        icon = f"{self.site_url}/images/icons/priorities/{term.id}.svg"
        return {"self": f"{self.api}/priority/{term.id}", "iconUrl": icon, "name": term.name, "id": term.id}

    def resolution(self, term: Term) -> Json:
        """Return a resolution."""
        return {"self": f"{self.api}/resolution/{term.id}", "id": term.id, "description": "", "name": term.name}

    def issuetype(self, term: Term) -> Json:
        """Return an issue type."""
        level = -1 if term.is_subtask else 0
        return {
            "self": f"{self.api}/issuetype/{term.id}", "id": term.id, "description": "",
            "iconUrl": f"{self.api}/universal_avatar/view/type/issuetype/avatar/10300", "name": term.name,
            "subtask": term.is_subtask, "avatarId": 10300,
        } | ({"hierarchyLevel": level} if self.site.is_cloud else {}) | self._scope(term)  # fmt: skip

    def link_type(self, kind: LinkType) -> Json:
        """Return a kind of link with its phrases."""
        return {"id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward,
                "self": f"{self.api}/issueLinkType/{kind.id}"}  # fmt: skip

    def version_of(self, version: Version) -> Json:
        """Return a release."""
        found: Json = {
            "self": f"{self.api}/version/{version.id}", "id": version.id, "description": "", "name": version.name,
            "archived": version.is_archived, "released": version.is_released,
        }  # fmt: skip
        dates = (("startDate", version.start), ("releaseDate", version.release))
        return found | {name: date for name, date in dates if date}

    def component(self, component: Component) -> Json:
        """Return a component."""
        return {"self": f"{self.api}/component/{component.id}", "id": component.id, "name": component.name}

    def request_type(self, number: str) -> Json:
        """Return a request type as the service desk API shows it."""
        one = self.site.request_types[number]
        link = f"{self.desk_api}/servicedesk/{one.desk}/requesttype/{one.id}"
        found: Json = {
            "_expands": ["field"], "id": one.id, "_links": {"self": link}, "name": one.name, "description": one.name,
            "helpText": "", "issueTypeId": one.issue_type, "serviceDeskId": one.desk, "portalId": one.desk,
            "groupIds": [one.group], "icon": {"id": "10527", "_links": {"iconUrls": {}}},
        }  # fmt: skip
        if not self.site.is_cloud:
            return found
        practice = {"practice": one.practice} if one.practice else {}
        return found | {"restrictionStatus": "OPEN", "canCreateRequest": True} | practice

    def organization(self, number: str) -> Json:
        """Return a customers' organisation."""
        one = self.site.organizations[number]
        found: Json = {"id": one.id, "name": one.name, "_links": {"self": f"{self.desk_api}/organization/{one.id}"}}
        if self.site.is_cloud:
            unique = f"{int(one.id):08x}-0000-4000-8000-000000000000"
            found |= {"uuid": unique, "scimManaged": False, "created": date_object(one.created)}
        return found

    def schema(self, field: Field) -> Json:
        """Return the type of a field, by which it is found."""
        found: Json = {"type": field.type} | ({"items": field.items} if field.items else {})
        if not field.is_custom:
            return found | {"system": field.id}
        return found | {"custom": field.custom, "customId": int(field.id.partition("_")[2])}

    def field_of(self, field: Field) -> Json:
        """Return a field of the site's list."""
        clauses = [f"cf[{field.id.partition('_')[2]}]", field.name] if field.is_custom else [field.id]
        found: Json = {
            "id": field.id, "key": field.id, "name": field.name, "custom": field.is_custom, "orderable": True,
            "navigable": True, "searchable": True, "clauseNames": clauses, "schema": self.schema(field),
        }  # fmt: skip
        if field.project:
            found["scope"] = {"type": "PROJECT", "project": {"id": field.project}}
        return found

    def _scope(self, term: Term) -> Json:
        return {"scope": {"type": "PROJECT", "project": {"id": term.project}}} if term.project else {}
