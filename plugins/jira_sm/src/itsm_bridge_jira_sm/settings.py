"""Settings of a Jira Service Management source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from itsm_bridge.secrets import Secret
from itsm_bridge.source_settings import SourceSettings, safe_address
from itsm_bridge.suggestions import did_you_mean
from itsm_bridge_jira_sm.field_names import PLAIN, TYPED

_EXAMPLE = "https://acme.atlassian.net"
_OAUTH = ("client_id", "client_secret", "refresh_token_file")
_PAGES = ("/rest/", "/browse/", "/secure/", "/servicedesk/", "/jira/", "/projects/")
_CLOUD_HOSTS = (".atlassian.net", ".jira.com", ".jira-dev.com")

DETECT: Final = "detect"
DEFAULT_OVERLAP_HOURS = 12
ASSET_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("Status",), "owner": ("Owner",), "environment": ("Environment",), "description": ("Description",),
    "verified": ("Last verified", "Last discovered"),
}  # fmt: skip
"""What attributes of objects in Assets are for, and the names that they usually have."""


class JiraSettings(SourceSettings):
    """Where the site is and how to sign in: by exactly one of `ways_in`."""

    ways_in: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "e-mail and API token": ("username", "api_token"),
        "user name and password": ("username", "password"),
        "personal access token": ("token",),
        "OAuth 2.0, refresh token": _OAUTH,
    }

    url: str = Field(description="Address of the site, such as https://acme.atlassian.net or https://acme.com/jira")
    deployment: Literal["detect", "cloud", "data_center"] = Field(
        default=DETECT, description="Cloud or Data Center; the site itself says which"
    )
    cloud_id: str | None = Field(
        default=None, min_length=1, examples=[DETECT],
        description="Through Atlassian's gateway to this cloudId, or to the site's own (`detect`): for scoped tokens",
    )  # fmt: skip
    username: str | None = Field(
        default=None, min_length=1, description="E-mail of the account (Cloud), or its user name (Data Center)"
    )
    api_token: Secret | None = Field(default=None, description="Where the account's API token lies (Cloud)")
    password: Secret | None = Field(default=None, description="Where its password lies (Data Center)")
    token: Secret | None = Field(default=None, description="Where the personal access token lies (Data Center)")
    client_id: str | None = Field(default=None, min_length=1, description="Id of the OAuth 2.0 app (Cloud)")
    client_secret: Secret | None = Field(default=None, description="Where the secret of the OAuth 2.0 app lies")
    refresh_token_file: Path | None = Field(
        default=None, examples=["bridge.token"], description="File of the refresh token; each new one is kept there"
    )
    gateway: str = Field(
        default="https://api.atlassian.com", description="Atlassian's gateway; another for Atlassian Government"
    )
    token_url: str = Field(
        default="https://auth.atlassian.com/oauth/token", description="Where OAuth tokens come from"
    )  # fmt: skip
    projects: tuple[str, ...] | None = Field(
        default=None,
        examples=[["ITSM", "OPS"]],
        description="Projects to read, by key; all of service management by default",
    )
    fields: Mapping[str, str] = Field(
        default={}, examples=[{"change_type": "customfield_10005"}],
        description="Own name or id of a field that is not found by itself",
    )  # fmt: skip
    asset_attributes: Mapping[str, str] = Field(
        default={}, examples=[{"status": "Lifecycle"}],
        description="Own name of an attribute of objects in Assets that is not found by itself",
    )  # fmt: skip
    page_size: int = Field(default=100, ge=1, le=1000, description="Issues asked for in one request")
    window_rows: int = Field(default=25_000, ge=100, description="Issues that are read and resumed as one part")
    overlap_hours: int = Field(
        default=DEFAULT_OVERLAP_HOURS, ge=0, le=168,
        description="Hours that are read again: searches on Cloud show changes late",
    )  # fmt: skip

    @field_validator("url", "gateway", "token_url")
    @classmethod
    def _is_a_safe_address(cls, url: str) -> str:
        return safe_address(url, _EXAMPLE)

    @field_validator("url")
    @classmethod
    def _is_the_address_of_the_site(cls, url: str) -> str:
        host, _, path = url.partition("://")[2].partition("/")
        is_cloud = host.lower().endswith(_CLOUD_HOSTS)
        if any(page in f"/{path}/" for page in (_PAGES if is_cloud else _PAGES[:3])):
            raise ValueError(f"is the address of a page or an API: write that of the site, such as {_EXAMPLE}")
        return url

    @field_validator("fields")
    @classmethod
    def _are_fields_that_are_asked_for(cls, fields: Mapping[str, str]) -> Mapping[str, str]:
        known = sorted({*PLAIN, *TYPED} - {"sla"})
        for name, field in fields.items():
            if name not in known:
                raise ValueError(f"names `{name}`{did_you_mean(name, known)}: there are {', '.join(known)}")
            if not field.strip():
                raise ValueError(f"says nothing for `{name}`: write the name or the id of a field")
        return fields

    @field_validator("asset_attributes")
    @classmethod
    def _are_attributes_that_are_asked_for(cls, attributes: Mapping[str, str]) -> Mapping[str, str]:
        for purpose, name in attributes.items():
            if purpose not in ASSET_ATTRIBUTES:
                known = sorted(ASSET_ATTRIBUTES)
                raise ValueError(f"names `{purpose}`{did_you_mean(purpose, known)}: there are {', '.join(known)}")
            if not name.strip():
                raise ValueError(f"says nothing for `{purpose}`: write the name of an attribute")
        return attributes

    @field_validator("projects")
    @classmethod
    def _are_keys(cls, projects: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for key in projects or ():
            # They are quoted in queries; a name in their place would silently find nothing.
            if not key.replace("_", "").isalnum() or not key[0].isalpha():
                raise ValueError(f"holds `{key}`, which is no key of a project: write such as ITSM")
        if projects == ():
            raise ValueError("is empty, so that nothing would be read: name keys, or take it out")
        return projects and tuple(dict.fromkeys(key.upper() for key in projects))

    @model_validator(mode="after")
    def _fits_the_deployment(self) -> Self:
        if self.deployment == "data_center":
            for name in ("cloud_id", "api_token", "client_id"):
                if getattr(self, name):
                    raise ValueError(f'has `{name}`, which is for Cloud, with deployment = "data_center"')
        if self.cloud_id and not (self.api_token or self.client_id):
            raise ValueError("has `cloud_id`, which goes with an API token or OAuth 2.0 only")
        return self

    @property
    def is_at_atlassian(self) -> bool:
        """Whether the site is known by an address that Atlassian gave it."""
        return self.url.partition("://")[2].partition("/")[0].lower().endswith(_CLOUD_HOSTS)

    @property
    def goes_through_gateway(self) -> bool:
        """Whether requests go to Atlassian's gateway and not to the site."""
        return self.cloud_id is not None or self.client_id is not None
