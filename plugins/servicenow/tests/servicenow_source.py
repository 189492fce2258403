"""A ServiceNow adapter as the core would make it, with the packaged mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itsm_bridge.adapter import Page, SourceContext, Stream, Window
from itsm_bridge.mapping.decoder import StreamDecoder, stream_fields
from itsm_bridge.mapping.rules import read_mapping
from itsm_bridge.privacy import Privacy
from itsm_bridge_servicenow.adapter import ServiceNow
from itsm_bridge_servicenow.settings import ServiceNowSettings
from itsm_bridge_servicenow.streams import BY_NAME

URL = "https://acme.service-now.com"
PASSWORD = "bridge-over-the-river"
BASIC = {"username": "svc_bridge", "password": {"env": "BRIDGE_PASSWORD"}}
OAUTH = {"client_id": "client-7f3a", "client_secret": {"env": "BRIDGE_CLIENT_SECRET"}}


@dataclass
class Made:
    """An adapter and the waits that it would have waited."""

    adapter: ServiceNow
    waits: list[float] = field(default_factory=list)

    def stream(self, name: str) -> Stream:
        return BY_NAME[name]

    def windows(self, name: str, cursor: str | None = None) -> list[Window]:
        return list(self.adapter.plan(self.stream(name), cursor))

    def pages(self, name: str, cursor: str | None = None) -> list[Page]:
        return [page for window in self.windows(name, cursor) for page in self.adapter.read(window)]

    def read(self, name: str, cursor: str | None = None) -> list[str | None]:
        """Return the ids that came, in order and as often as they came."""
        return [key for page in self.pages(name, cursor) for key in page.values("sys_id")]


def settings_of(url: str = URL, **more: Any) -> ServiceNowSettings:
    is_complete = any(name in more for name in ("client_id", "api_key", "client_certificate"))
    options: Mapping[str, Any] = {"adapter": "servicenow", "url": url} | (more if is_complete else BASIC | more)
    return ServiceNowSettings.model_validate(options)


def made_source(url: str = URL, **more: Any) -> Made:
    settings = settings_of(url, **more)
    mapping = read_mapping([ServiceNow.mapping_folder()])
    privacy = Privacy(b"test key", keep_people=True)
    kinds = {
        name: stream_fields(rule, mapping, more=(BY_NAME[name].key, BY_NAME[name].cursor))
        for name, rule in mapping.streams.items()
    }
    decoders = {
        name: StreamDecoder(kind, mapping.switches, ServiceNow.envelope, privacy) for name, kind in kinds.items()
    }
    context = SourceContext(
        "prod", settings, {name: tuple(kind) for name, kind in kinds.items()},
        lambda stream, body: decoders[stream](body), None,
    )  # fmt: skip
    made = Made.__new__(Made)
    made.waits = []
    made.adapter = ServiceNow(context, sleep=made.waits.append)
    return made
