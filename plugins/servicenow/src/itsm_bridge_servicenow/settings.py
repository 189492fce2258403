"""Settings of a ServiceNow source."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from itsm_bridge.adapter import SourceSettings
from itsm_bridge.secrets import Secret

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ServiceNowSettings(SourceSettings):
    """Where the instance is and how to sign in: user name and password, or an OAuth client.

    Without `grant`, an OAuth client with a user name uses the password grant, one without uses its own credentials.
    """

    url: str = Field(description="Address of the instance, such as https://acme.service-now.com")
    username: str | None = Field(default=None, description="User name of the account that reads")
    password: Secret | None = Field(default=None, description="Where its password lies")
    client_id: str | None = Field(default=None, description="OAuth client of the instance's application registry")
    client_secret: Secret | None = Field(default=None, description="Where the OAuth client's secret lies")
    grant: Literal["client_credentials", "password"] | None = Field(default=None, description="OAuth grant")
    token_url: str | None = Field(default=None, description="Where tokens come from; /oauth_token.do by default")
    page_size: int = Field(default=1000, ge=1, le=10_000, description="Records asked for in one request")
    window_rows: int = Field(default=20_000, ge=100, description="Records that are read and resumed as one window")
    audit_fields: tuple[str, ...] = Field(default=(), description="Further fields whose history is read")

    @field_validator("url", "token_url")
    @classmethod
    def _is_a_safe_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError("is no address such as https://acme.service-now.com")
        if "@" in url:
            raise ValueError("must not hold a user name or password; use `username` and `password`")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("would send the password in the open; use https")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _can_sign_in(self) -> ServiceNowSettings:
        if bool(self.username) != (self.password is not None):
            raise ValueError("`username` and `password` belong together")
        if bool(self.client_id) != (self.client_secret is not None):
            raise ValueError("`client_id` and `client_secret` belong together")
        if not self.username and not self.client_id:
            raise ValueError("needs `username` and `password`, or `client_id` and `client_secret`")
        if self.grant and not self.client_id:
            raise ValueError("`grant` needs `client_id` and `client_secret`")
        if self.grant == "password" and not self.username:
            raise ValueError('grant = "password" needs `username` and `password`')
        return self

    @property
    def address_of_tokens(self) -> str:
        """Address that gives OAuth tokens."""
        return self.token_url or f"{self.url}/oauth_token.do"

    @property
    def way_in(self) -> Literal["basic", "password", "client_credentials"]:
        """How the source signs in."""
        if not self.client_id:
            return "basic"
        return self.grant or ("password" if self.username else "client_credentials")
