"""A Jira on this machine, Cloud or Data Center: HTTP with the vendor's semantics, in front of a `Site`."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal

from itsm_bridge_jira_sm.testing.answers import Request
from itsm_bridge_jira_sm.testing.desk import Desk
from itsm_bridge_jira_sm.testing.faults import Faults
from itsm_bridge_jira_sm.testing.records import Issue
from itsm_bridge_jira_sm.testing.routes import Routes
from itsm_bridge_jira_sm.testing.sign_in import SignIn
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import CLOUD_ID
from itsm_bridge_jira_sm.testing.web import conversation

Deployment = Literal["cloud", "data_center"]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that break off or fail the handshake; a fault of our own is still told."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class SimulatedJira(Desk):
    """A context manager that serves a site on 127.0.0.1 as Jira would; its people's doings are methods of `Desk`.

    `now` fixes the site's clock (the machine's otherwise); `zone` is the timezone in the account's profile.
    `projects` are keys of service projects to begin with; `site` is one that is there already, of either deployment.
    `base_path` stands before every path of the site, as a context path of Data Center; the gateway of Cloud stays at
    `gateway_root`. `tls` serves https. `unrest` is called with path and question of each request before it
    is answered: issues may change while others are read. `routes` holds what can be set of each API; `requests` and
    `writes_attempted` tell afterwards what a client did.
    """

    def __init__(
        self, deployment: Deployment = "cloud", *, now: datetime | None = None, zone: str = "UTC",
        projects: Sequence[str] = ("IT",), faults: Faults | None = None, username: str = "",
        api_token: str = "ATATT-bridge-over-the-river", scoped_token: str = "ATSTT-under-the-bridge",  # noqa: S107  made up
        password: str = "bridge-over-the-river", token: str = "PAT-bridge-over-the-river",  # noqa: S107  likewise
        client_id: str = "app-7f3a", client_secret: str = "shh-client", port: int = 0,  # noqa: S107  likewise
        base_path: str = "", tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.time,
        site: Site | None = None,
    ) -> None:  # fmt: skip
        super().__init__(site or Site(is_cloud=deployment == "cloud", now=now))
        is_cloud = self.site.is_cloud
        self.username = username or ("svc-bridge@example.com" if is_cloud else "svc-bridge")
        self.api_token, self.scoped_token, self.password, self.token = api_token, scoped_token, password, token
        self.client_id, self.client_secret = client_id, client_secret
        self.faults = faults or Faults()
        self.requests: list[Request] = []
        self.writes_attempted: list[str] = []
        self.unrest: Callable[[str, Mapping[str, Any]], None] | None = None
        self.clock_skew_seconds = 0.0
        self.most_at_once = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), conversation(self), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.request_queue_size = 64
        self._server.server_bind()
        self._server.server_activate()
        if tls is not None:  # the handshake is left to the thread of the connection
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.base_path = base_path
        self.gateway_root = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.gateway_root}{base_path}"
        self.sign_in = SignIn(
            self.username, api_token, scoped_token, password, token, client_id, client_secret, self.url, clock, is_cloud
        )
        self.routes = Routes(self.site)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        if site is None:
            self._people_the_site(projects, zone)

    def _people_the_site(self, projects: Sequence[str], zone: str) -> None:
        self.add_person(self.site.account, "ITSM Bridge", email="svc-bridge@example.com", zone=zone,
                        groups=["jira-servicemanagement-users"])  # fmt: skip
        self.add_person("admin", "Site Admin", groups=["jira-administrators"])
        for key in projects:
            self.add_project(key)

    def __enter__(self) -> SimulatedJira:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and give everything back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    @property
    def cloud_id(self) -> str:
        """The site's id at the gateway."""
        return CLOUD_ID

    @property
    def gateway(self) -> str:
        """Where the gateway passes on to this site (Cloud)."""
        return f"{self.gateway_root}/ex/jira/{CLOUD_ID}"

    @property
    def token_url(self) -> str:
        """Where OAuth tokens come from (Cloud)."""
        return f"{self.gateway_root}/oauth/token"

    # -- the truth ------------------------------------------------------------------------------------

    def visible(self) -> list[Issue]:
        """Return the issues that the account may see now, by id."""
        return self.site.visible()

    def issue(self, name: str | int) -> Issue:
        """Return an issue by id or any of its keys."""
        return self.site.issue(name)

    # -- what a client did ----------------------------------------------------------------------------

    @property
    def requests_by_path(self) -> Counter[str]:
        """How many requests each path got, below the site's address."""
        return Counter(request.path for request in list(self.requests))

    def forget(self) -> None:
        """Empty the log of requests."""
        self.requests.clear()
        self.writes_attempted.clear()
        self.most_at_once = 0

    def expire_page_tokens(self) -> None:
        """Make the tokens of all pages worthless, as a week would."""
        self.routes.search.expire_tokens()
        self.routes.issues.expire_tokens()

    def limits(self) -> dict[str, str]:
        """Return the headers that tell of rate limits on every answer; `retry-after: 0` asks for no wait."""
        if not self.site.is_cloud:
            return {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "97", "X-RateLimit-Interval-Seconds": "1",
                    "X-RateLimit-FillRate": "10", "retry-after": "0"}  # fmt: skip
        reset = datetime.fromtimestamp(int(time.time()) + 1, UTC)
        return {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "96",
                "X-RateLimit-Reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip

    def started(self) -> None:
        """Note that a request is under way."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)

    def finished(self) -> None:
        """Note that a request was answered."""
        with self._lock:
            self._under_way -= 1
