"""Which projects are read: those named in the settings, else all service projects that the account sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.suggestions import did_you_mean
from itsm_bridge_jira_sm.lists import Row, listed
from itsm_bridge_jira_sm.session import Site
from itsm_bridge_jira_sm.settings import JiraSettings

_SERVICE = "service_desk"


@dataclass(frozen=True, slots=True)
class Projects:
    """The projects in scope: numeric ids, keys by id, and the ids whose issues would show, deleted projects included.

    An issue that vanished from another project was not deleted: the account lost sight of that project. `missing` are
    keys that the settings name and that do not show.
    """

    ids: Sequence[str]
    keys: Mapping[str, str]
    existing: frozenset[str]
    missing: tuple[str, ...] = ()

    @property
    def complaint(self) -> str:
        """What is wrong with the settings, or with the account's rights; empty where nothing is."""
        if not self.missing:
            return ""
        near = did_you_mean(self.missing[0], list(self.keys.values()))
        return f"`projects` names {', '.join(self.missing)}, which the account does not see{near}"

    def refuse_missing(self) -> None:
        """Raise ConfigurationError where a project does not show: before anything was read, it may be misspelt."""
        if self.missing:
            hint = "Give the account the permission Browse Projects there, or take the key out."
            raise ConfigurationError(self.complaint, hint=hint)


def projects_in_scope(site: Site, settings: JiraSettings) -> Projects:
    """Ask which projects there are."""
    url = site.api("project/search" if site.is_cloud else "project")
    seen = {str(row["id"]): row for row in listed(site, url) if str(row.get("id", "")).isdigit()}
    keys = {id_: str(row.get("key") or "") for id_, row in seen.items()}
    if settings.projects is None:
        ids = [id_ for id_, row in seen.items() if row.get("projectTypeKey") == _SERVICE] or list(seen)
    else:
        ids = [id_ for id_, key in keys.items() if key in settings.projects]
    missing = tuple(key for key in settings.projects or () if key not in keys.values())
    gone = {str(row["id"]) for row in _deleted(site, url)}
    return Projects(sorted(ids, key=int), keys, frozenset(ids) | gone, missing)


def _deleted(site: Site, url: str) -> Sequence[Row]:
    return list(listed(site, url, {"status": "deleted"})) if site.is_cloud else ()
