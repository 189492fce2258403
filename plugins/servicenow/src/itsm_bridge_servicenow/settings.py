"""Settings of a ServiceNow source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from itsm_bridge.secrets import Secret
from itsm_bridge.source_settings import SourceSettings, safe_address

EXAMPLE = "https://acme.service-now.com"
_CLIENT = ("client_id", "client_secret")


class ServiceNowSettings(SourceSettings):
    """Where the instance is and how to sign in: by exactly one of `ways_in`."""

    ways_in: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "user name and password": ("username", "password"),
        "API key": ("api_key",),
        "client certificate": ("client_certificate",),
        "OAuth, client credentials": _CLIENT,
        "OAuth, password": (*_CLIENT, "username", "password"),
        "OAuth, refresh token": (*_CLIENT, "refresh_token_file"),
    }

    refusals: ClassVar[Mapping[str, str]] = {
        "user name and password": "The account must be active, not locked out, and may need no second factor.",
        "API key": "The key must be active, and an API access policy must name its authentication profile "
        "(docs/servicenow.md).",
        "client certificate": "The instance must know its issuer, and map the certificate to the account "
        "(User to Certificate Mapping).",
        "OAuth, client credentials": "The OAuth client must have an active application user, and the instance's "
        "property glide.oauth.inbound.client.credential.grant_type.enabled must be true.",
        "OAuth, password": "The instance may forbid this grant (glide.oauth.inbound.ropc.grant_type.disabled): then "
        "take `username` and `password` out, for client credentials.",
        "OAuth, refresh token": "The refresh token has expired, was revoked, or was spent by another program; or "
        "client id and secret are not those that it was made with. Sign in anew (docs/servicenow.md) and write the "
        "new one into the file.",
    }

    url: str = Field(description="Address of the instance, such as https://acme.service-now.com")
    username: str | None = Field(default=None, min_length=1, description="User name of the account that reads")
    password: Secret | None = Field(default=None, description="Where its password lies")
    api_key: Secret | None = Field(default=None, description="Where the key of the REST API lies")
    client_id: str | None = Field(
        default=None, min_length=1, description="OAuth client of the instance's application registry"
    )
    client_secret: Secret | None = Field(default=None, description="Where the OAuth client's secret lies")
    refresh_token_file: Path | None = Field(
        default=None, examples=["bridge.token"], description="File of the refresh token; each new one is kept there"
    )
    token_url: str | None = Field(default=None, description="Where tokens come from; /oauth_token.do by default")
    page_size: int = Field(default=1000, ge=1, le=10_000, description="Records asked for in one request")
    window_rows: int = Field(default=20_000, ge=100, description="Records that are read and resumed as one window")
    audit_fields: tuple[str, ...] = Field(default=(), description="Further fields whose history is read")

    @field_validator("url", "token_url")
    @classmethod
    def _is_a_safe_address(cls, url: str | None) -> str | None:
        return None if url is None else safe_address(url, EXAMPLE)

    @field_validator("url")
    @classmethod
    def _is_the_address_of_the_instance(cls, url: str) -> str:
        path = url.partition("://")[2]
        if "/api/" in f"{path}/" or path.endswith(".do"):
            raise ValueError(f"is the address of a page or an API: write that of the instance, such as {EXAMPLE}")
        return url

    @model_validator(mode="after")
    def _tokens_have_a_client(self) -> Self:
        if self.token_url and not self.client_id:
            raise ValueError("has `token_url` without an OAuth client: add the client, or take `token_url` out")
        return self

    @property
    def address_of_tokens(self) -> str:
        """Address that gives OAuth tokens."""
        return self.token_url or f"{self.url}/oauth_token.do"
