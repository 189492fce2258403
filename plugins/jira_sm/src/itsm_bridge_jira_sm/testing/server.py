"""A Jira on this machine, Cloud or Data Center: HTTP with the vendor's semantics, in front of a `Site`."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import orjson

from itsm_bridge.simulation import Answer, Call, Fault, SimulatedServer
from itsm_bridge_jira_sm.testing import damage
from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.asked import Asked, asked_by
from itsm_bridge_jira_sm.testing.desk import Desk
from itsm_bridge_jira_sm.testing.faults import Faults
from itsm_bridge_jira_sm.testing.records import Issue
from itsm_bridge_jira_sm.testing.routes import READING_POSTS, Routes
from itsm_bridge_jira_sm.testing.sign_in import SignIn, login_page
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import CLOUD_ID, Words

Deployment = Literal["cloud", "data_center"]
_GATEWAY = f"/ex/jira/{CLOUD_ID}"


class SimulatedJira(SimulatedServer, Desk):
    """A context manager that serves a site on 127.0.0.1 as Jira would; its people's doings are methods of `Desk`.

    `now` fixes the site's clock (the machine's otherwise); `zone` is the timezone in the account's profile.
    `projects` are keys of service projects to begin with; `site` is one that is there already, of either deployment.
    `base_path` is the context path of Data Center; the gateway of Cloud stays at `root`. `routes` holds what can be set
    of each API. Requests are about the path below the site's address, or below the gateway's.
    """

    software = "AtlassianEdge"

    def __init__(
        self, deployment: Deployment = "cloud", *, now: datetime | None = None, zone: str = "UTC",
        projects: Sequence[str] = ("IT",), faults: Faults | None = None, username: str = "",
        api_token: str = "ATATT-bridge-over-the-river", scoped_token: str = "ATSTT-under-the-bridge",  # noqa: S107  made up
        password: str = "bridge-over-the-river", token: str = "PAT-bridge-over-the-river",  # noqa: S107  likewise
        client_id: str = "app-7f3a", client_secret: str = "shh-client", port: int = 0,  # noqa: S107  likewise
        base_path: str = "", tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.time,
        site: Site | None = None,
    ) -> None:  # fmt: skip
        SimulatedServer.__init__(self, faults or Faults(), port=port, base_path=base_path, tls=tls)
        Desk.__init__(self, site or Site(is_cloud=deployment == "cloud", now=now))
        is_cloud = self.site.is_cloud
        self.username = username or ("svc-bridge@example.com" if is_cloud else "svc-bridge")
        self.api_token, self.scoped_token, self.password, self.token = api_token, scoped_token, password, token
        self.client_id, self.client_secret = client_id, client_secret
        self.sign_in = SignIn(
            self.username, api_token, scoped_token, password, token, client_id, client_secret, self.url, clock, is_cloud
        )
        self.routes = Routes(self.site)
        if site is None:
            self._people_the_site(projects, zone)

    def _people_the_site(self, projects: Sequence[str], zone: str) -> None:
        self.add_person(self.site.account, "ITSM Bridge", email="svc-bridge@example.com", zone=zone,
                        groups=["jira-servicemanagement-users"])  # fmt: skip
        self.add_person("admin", "Site Admin", groups=["jira-administrators"])
        for key in projects:
            self.add_project(key)

    @property
    def cloud_id(self) -> str:
        """The site's id at the gateway."""
        return CLOUD_ID

    @property
    def gateway(self) -> str:
        """Where the gateway passes on to this site (Cloud)."""
        return f"{self.root}{_GATEWAY}"

    @property
    def token_url(self) -> str:
        """Where OAuth tokens come from (Cloud)."""
        return f"{self.root}/oauth/token"

    # -- the truth ------------------------------------------------------------------------------------

    def visible(self) -> list[Issue]:
        """Return the issues that the account may see now, by id."""
        return self.site.visible()

    def issue(self, name: str | int) -> Issue:
        """Return an issue by id or any of its keys."""
        return self.site.issue(name)

    # -- answers --------------------------------------------------------------------------------------

    def place(self, path: str) -> str:
        """Return the part of a path below the site's address or the gateway's."""
        return path.removeprefix(_GATEWAY) if self._is_through_gateway(path) else super().place(path)

    def answer(self, call: Call) -> Answer:
        """Answer a request to the platform or the service desk, and what lies beside them."""
        asked = asked_by(call)
        if asked.api == "other":
            return self._beside(call)
        with self.site.lock:
            return self._find(call, asked)

    def befall(self, fault: Fault, call: Call) -> Answer:
        """Return what a fault makes of an answer."""
        if fault.kind == "oauth_expiry":
            self.sign_in.expire()
        if fault.kind == "short_page" and call.path.endswith("search/jql"):
            call = _asking_for_less(call)
        refused = damage.refusal(fault, self.told_time())
        if refused is not None:
            return refused
        asked = asked_by(call)
        again = self.routes.search.same_place
        return damage.spoil(fault, self.good_answer(call), asked.get("nextPageToken"), lambda: again(asked))

    def headers(self) -> dict[str, str]:
        """Return what every answer carries: rate limits, too; `retry-after: 0` asks for no wait."""
        if not self.site.is_cloud:
            limits = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "97", "X-RateLimit-Interval-Seconds": "1",
                      "X-RateLimit-FillRate": "10", "retry-after": "0"}  # fmt: skip
        else:
            reset = datetime.fromtimestamp(int(time.time()) + 1, UTC)
            limits = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "96",
                      "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip
        return super().headers() | limits

    def _is_through_gateway(self, path: str) -> bool:
        return self.site.is_cloud and path.startswith(f"{_GATEWAY}/")

    def _find(self, call: Call, asked: Asked) -> Answer:
        is_desk, is_cloud = asked.api == "servicedeskapi", self.site.is_cloud
        is_assets = asked.api == "assets"
        if asked.method not in ("GET", "HEAD") and not (
            asked.method == "POST" and not is_desk and "/".join(asked.steps[2 * is_assets :]) in READING_POSTS
        ):
            self.writes_attempted.append(f"{call.method} {call.target}")
            raise Refusal(405, f"{call.method} is not allowed here.")
        if not (is_desk or is_assets) and asked.version not in (("2", "3", "latest") if is_cloud else ("2", "latest")):
            raise Refusal(404, f"null for uri: {call.target}")
        through_gateway = self._is_through_gateway(urlsplit(call.target).path)
        authorization = call.headers.get("authorization", "")
        is_known = self.sign_in.admit(authorization, call.path, through_gateway=through_gateway)
        version = asked.version if asked.version in ("2", "3") else "2"
        words = Words(self.site, self.gateway if through_gateway else self.url, version, self.url)
        if not is_known:
            answer = self.routes.for_nobody(asked, words, is_desk=is_desk)
            answer.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
            return answer
        if is_assets:
            return self.routes.assets_of(asked)
        find = self.routes.service_desk if is_desk else self.routes.platform
        return find(asked, words, self.calendar)

    def _beside(self, call: Call) -> Answer:
        """Answer what is no API: OAuth and the cloud id on Cloud; a page for people on Data Center."""
        if self.site.is_cloud:
            match call.path:
                case "/_edge/tenant_info":
                    return Answer.of({"cloudId": CLOUD_ID})
                case "/oauth/token" if call.method == "POST":
                    return self.sign_in.exchange(call.headers.get("content-type", ""), call.content)
                case "/oauth/token/accessible-resources":
                    return self.sign_in.resources(call.headers.get("authorization", ""))
            raise Refusal(404, f"null for uri: {call.target}")
        if not call.path:
            return Answer.page(404, "<html><body><h1>HTTP Status 404</h1></body></html>")
        return login_page()

    def expire_page_tokens(self) -> None:
        """Make the tokens of all pages worthless, as a week would."""
        self.routes.search.expire_tokens()
        self.routes.issues.expire_tokens()


def _asking_for_less(call: Call) -> Call:
    less = max(1, asked_by(call).number("maxResults", 50) // 2)
    if call.method == "POST":
        return replace(call, content=orjson.dumps({**call.body, "maxResults": less}))
    return replace(call, target=f"{call.target}{'&' if '?' in call.target else '?'}maxResults={less}")
