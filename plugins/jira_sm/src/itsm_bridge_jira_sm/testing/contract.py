"""The simulated Jira as the contract suite wants it: `class Test…(AdapterContract): world = JiraWorld`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, ClassVar

import orjson

from itsm_bridge.simulation import Fault
from itsm_bridge.testing import SimulatedWorld
from itsm_bridge_jira_sm.adapter import JiraServiceManagement
from itsm_bridge_jira_sm.testing.instants import DAY, millis
from itsm_bridge_jira_sm.testing.issue_json import WORKSPACE
from itsm_bridge_jira_sm.testing.server import Deployment, SimulatedJira
from itsm_bridge_jira_sm.testing.site import account_id

_SECRET = "JIRA_CONTRACT_SECRET"  # noqa: S105  the name of a variable
_FAILED = "An internal error occurred while the search results were being loaded."


class JiraWorld(SimulatedWorld):
    """A Cloud site with one service project, read with e-mail and API token."""

    server: SimulatedJira
    adapter = JiraServiceManagement
    streams = ("issue",)
    mark = "environment"  # a text that the mapping leaves alone
    page_rows = 10
    many = 150
    identity = f"ITSM Bridge ({account_id('svc-bridge')})"
    reading_posts: ClassVar[tuple[str, ...]] = (
        "/rest/api/2/search/jql", "/rest/api/2/search/approximate-count", "/rest/api/2/issue/bulkfetch",
        "/rest/api/2/changelog/bulkfetch", f"/gateway/api/jsm/assets/workspace/{WORKSPACE}/v1/object/aql",
    )  # fmt: skip
    secrets: ClassVar[tuple[str, ...]] = (
        "ATATT-bridge-over-the-river", "svc-bridge@example.com:ATATT-bridge-over-the-river",
    )  # fmt: skip
    environment: ClassVar[Mapping[str, str]] = {_SECRET: "ATATT-bridge-over-the-river"}
    deployment: ClassVar[Deployment] = "cloud"
    base_path: ClassVar[str] = ""

    def __init__(self) -> None:
        self.server = SimulatedJira(self.deployment, base_path=self.base_path)
        self._named: dict[str, str] = {}

    def settings(self, url: str) -> Mapping[str, Any]:
        """Return settings with small pages, windows of a hundred records, and an overlap that holds few of them."""
        way_in = {"username": self.server.username, "api_token": {"env": _SECRET}}
        return {"url": url, **way_in, "page_size": self.page_rows, "window_rows": 100, "overlap_hours": 6}

    def write(self, stream: str, name: str, at: datetime, mark: str) -> str:  # noqa: ARG002  there is one stream
        """Insert or change an issue as of a moment, which may lie before its last change."""
        moment, key = millis(at), self._named.get(name)
        if key is None:
            # What is open is read again by every sync, as its clocks tick: the promises are about what is at rest.
            key = self.server.insert(at=moment - DAY, updated=moment, environment=mark, status="Closed")
            self._named[name] = key
            return key
        self.server.update(key, environment=mark, at=moment)
        self.server.issue(key).updated = moment
        return key

    def remove(self, stream: str, key: str, *, recorded: bool) -> None:  # noqa: ARG002  Jira keeps no such record
        """Delete an issue; nothing of it is left, a record of the deletion neither."""
        self.server.delete(key)

    def visible(self, stream: str) -> Mapping[str, str]:  # noqa: ARG002  there is one stream
        """Return what the account may see."""
        return {str(issue.id): issue.values["environment"] for issue in self.server.visible()}

    def hide(self, stream: str, keys: Collection[str]) -> None:  # noqa: ARG002  likewise
        """Put issues under issue security."""
        self.server.hide(keys)

    def shorten_pages(self, stream: str) -> None:  # noqa: ARG002  likewise
        """Let pages hold less than asked for, and one nothing at all but the way to the next."""
        self.server.faults.add(
            Fault("empty_page", nth=(2,), about="*search*"), Fault("short_page", every=3, about="*search*")
        )

    def deny_stream(self, stream: str) -> None:  # noqa: ARG002  likewise
        """Take the right to browse the project away: its issues are as if they had never been."""
        self.server.lose_project("IT")

    def deny_field(self, stream: str) -> str:  # noqa: ARG002  likewise
        """Hide a field: its key is missing from all issues."""
        self.server.hide_field(self.mark)
        return self.mark

    def failed_answer(self, body: bytes) -> bytes:
        """Return half of the records beside an error."""
        told = orjson.loads(body)
        found = told.get("issues") if isinstance(told, dict) else None
        return orjson.dumps({"issues": (found or [])[: len(found or ()) // 2], "errorMessages": [_FAILED]})


class JiraDataCenterWorld(JiraWorld):
    """A Data Center with a context path, read with a personal access token."""

    identity = "ITSM Bridge (svc-bridge)"
    reading_posts = ("/jira/rest/api/2/search",)
    secrets = ("PAT-bridge-over-the-river",)
    environment: ClassVar[Mapping[str, str]] = {_SECRET: "PAT-bridge-over-the-river"}
    deployment: ClassVar[Deployment] = "data_center"
    base_path: ClassVar[str] = "/jira"

    def settings(self, url: str) -> Mapping[str, Any]:
        """Return settings with small pages, and windows of a hundred records."""
        return {"url": url, "token": {"env": _SECRET}, "page_size": self.page_rows, "window_rows": 100}

    def shorten_pages(self, stream: str) -> None:  # noqa: ARG002  there is one stream
        """Let pages hold less than asked for; Data Center counts what there is, and an empty page is the end."""
        self.server.faults.add(Fault("short_page", every=3, about="*search*"))
