"""Asks a simulated Jira as a client would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import requests

from itsm_bridge_jira_sm.testing import SimulatedJira

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Asking:
    """A session that is signed in by basic authentication."""

    def __init__(self, served: SimulatedJira) -> None:
        self.served = served
        self.session = requests.Session()
        secret = served.api_token if served.site.is_cloud else served.password
        self.session.auth = (served.username, secret)

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def request(
        self, path: str, body: dict[str, Any] | None = None, version: str = "2", **parameters: Any
    ) -> requests.Response:
        """GET, or POST where there is a body; `path` is below the REST API, or from `rest` on."""
        url = f"{self.served.url}/{path if path.startswith('rest/') else f'rest/api/{version}/{path}'}"
        if body is not None:
            return self.session.post(url, json=body, timeout=10)
        return self.session.get(url, params=parameters, timeout=10)

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self.request(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.request(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, body: dict[str, Any] | None = None, **parameters: Any) -> tuple[int, str]:
        """Return status and first message of a refusal."""
        answer = self.request(path, body, **parameters)
        return answer.status_code, answer.json()["errorMessages"][0]

    def desk(self, path: str, **parameters: Any) -> Any:
        return self.get(f"rest/servicedeskapi/{path}", **parameters)

    def pages(self, jql: str, **more: Any) -> list[Any]:
        """Return the answers to a search on Cloud, page by page."""
        found, token = [], None
        while True:
            found.append(self.post("search/jql", jql=jql, **more, **({"nextPageToken": token} if token else {})))
            token = found[-1].get("nextPageToken")
            if not token:
                return found

    def ids(self, jql: str) -> list[str]:
        """Return the ids that a search finds, in its order."""
        if not self.served.site.is_cloud:
            return [issue["id"] for issue in self.post("search", jql=jql, maxResults=1000)["issues"]]
        return [issue["id"] for page in self.pages(jql, maxResults=5000) for issue in page["issues"]]
