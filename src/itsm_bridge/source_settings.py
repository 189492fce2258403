"""What can be set for every source: what is kept, how its tool is reached, and by which one way it is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from itsm_bridge.secrets import Secret

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SourceSettings(BaseModel):
    """Settings that every source has; an adapter's own settings model extends it. Unknown keys are errors.

    `ways_in` says how one may sign in: for each way, the settings that it takes. A source must have all
    settings of exactly one way; `client_certificate` may stand beside any of them. `refusals` says for a way what
    else to look at where the tool refuses it, in sentences.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ways_in: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    refusals: ClassVar[Mapping[str, str]] = {}

    adapter: str
    mappings: tuple[Path, ...] = Field(
        default=(), examples=[["mappings/acme"]], description="Folders of mapping files laid over the packaged ones"
    )
    keep: Mapping[str, tuple[str, ...]] = Field(
        default={}, examples=[{"incident": ["u_symptom"]}], description="Extra fields kept per stream"
    )
    text: Literal["measure", "keep"] = Field(default="measure", description="Keep lengths and hashes, or the words too")
    people: Literal["pseudonym", "keep"] = Field(default="pseudonym", description="Keep pseudonyms, or native keys")
    connections: int = Field(default=4, ge=1, le=16, description="Requests under way at once")
    streams: tuple[str, ...] | None = Field(
        default=None, examples=[["incident", "problem"]], description="Only these streams; all by default"
    )
    census_days: int = Field(
        default=7, ge=0, le=365, description="Days after which ids are compared, whatever counts say; 0: never"
    )
    timeout: int = Field(default=90, ge=1, le=3600, description="Seconds to wait for an answer")
    proxy: str | None = Field(
        default=None, description="Proxy; HTTPS_PROXY and NO_PROXY without it", examples=["http://proxy.acme.com:3128"]
    )
    proxy_username: str | None = Field(default=None, description="User name for the proxy", min_length=1)
    proxy_password: Secret | None = Field(default=None, description="Where the proxy's password lies")
    ca_bundle: Path | None = Field(
        default=None, description="Private certificate authorities, PEM", examples=["certificates/acme-ca.pem"]
    )
    client_certificate: Path | None = Field(
        default=None, description="Our own certificate, PEM", examples=["certificates/bridge.pem"]
    )
    client_key: Path | None = Field(
        default=None, description="Its key, where not in the same file", examples=["certificates/bridge.key"]
    )
    client_key_password: Secret | None = Field(default=None, description="Where the password of the key lies")

    @field_validator("proxy")
    @classmethod
    def _is_the_address_of_a_proxy(cls, proxy: str | None) -> str | None:
        if proxy is None:
            return None
        if "@" in proxy:
            raise ValueError(
                "must not hold a user name or password; use `proxy_username` and `proxy_password` for them"
            )
        parts = _split(proxy)
        if parts is None or parts[0] not in ("http", "https"):
            raise ValueError("is no address of a proxy: write one such as http://proxy.acme.com:3128")
        return proxy.rstrip("/")

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        needs = (
            ("proxy_username", "proxy"), ("proxy_username", "proxy_password"), ("proxy_password", "proxy_username"),
            ("client_key", "client_certificate"), ("client_key_password", "client_certificate"),
        )  # fmt: skip
        for name, needed in needs:
            if getattr(self, name) is not None and getattr(self, needed) is None:
                raise ValueError(f"has `{name}` without `{needed}`: add `{needed}`, or take `{name}` out")
        if self.ways_in:
            _the_way_in(self.ways_in, self._given())
        return self

    @property
    def way_in(self) -> str:
        """Name of the way by which this source signs in; empty where its adapter knows of none."""
        return _the_way_in(self.ways_in, self._given()) if self.ways_in else ""

    @property
    def when_refused(self) -> str:
        """What to check where the tool refuses the credentials, of the way in that is configured."""
        way = self.way_in
        if not way:
            return "Check the credentials of this source."
        told = [self._with_file(name) for name in self.ways_in[way]]
        # What stands behind "password:" would be masked as one.
        return f"Check {_and(told)}: this source signs in by {way}. {self.refusals.get(way, '')}".strip()

    def _with_file(self, name: str) -> str:
        value = getattr(self, name)
        return f"`{name}` ({value})" if isinstance(value, Path) else f"`{name}`"

    def _given(self) -> frozenset[str]:
        names = {name for way in self.ways_in.values() for name in way}
        return frozenset(name for name in names if getattr(self, name) is not None)


def safe_address(url: str, example: str) -> str:
    """Return the address of a tool without a slash at its end; ValueError that says what to write instead.

    Plain http is for this machine only: credentials would travel in the open.
    """
    parts = _split(url)
    if parts is None or parts[0] not in ("https", "http"):
        raise ValueError(f"is no address: write one such as {example}")
    if "@" in url:
        raise ValueError("must not hold a user name or password; these have settings of their own")
    if "?" in url or "#" in url:
        raise ValueError(f"holds more than an address: leave out what follows ? or #, as in {example}")
    if parts[0] == "http" and parts[1] not in LOOPBACK:
        raise ValueError("would send the credentials in the open: use https")
    return url.rstrip("/")


def _split(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it is what finds a port that is no number
    except ValueError:
        return None
    return (parts.scheme, parts.hostname) if parts.hostname else None


def _the_way_in(ways: Mapping[str, tuple[str, ...]], given: frozenset[str]) -> str:
    """Return the way that takes just the settings given; ValueError that says what to add or take out."""
    others = given - {"client_certificate"}
    for wanted in (given, others):
        for name, settings in ways.items():
            if wanted and wanted == set(settings):
                return name
    known = "; ".join(_listed(settings) for settings in ways.values())
    if not given:
        raise ValueError(f"says no way to sign in: add the settings of one way ({known})")
    started = [set(settings) - given for settings in ways.values() if others < set(settings)]
    if started:
        missing = _listed(min((sorted(names) for names in started), key=len))
        raise ValueError(f"has {_listed(sorted(others))} without {missing}: add {missing}")
    raise ValueError(
        f"mixes ways to sign in: {_listed(sorted(given))} do not go together; keep the settings of one way ({known}) "
        "and take the others out"
    )


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return _and([f"`{name}`" for name in names])


def _and(told: list[str]) -> str:
    *first, last = told
    return f"{', '.join(first)} and {last}" if first else last
