"""Settings of an OTRS, Znuny or OTOBO source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Final, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from itsm_bridge.secrets import Secret
from itsm_bridge.source_settings import SourceSettings, safe_address
from itsm_bridge.suggestions import did_you_mean

SCRIPT: Final = "nph-genericinterface.pl"
TICKET_ID: Final = ":TicketID"
_EXAMPLE = "https://desk.acme.com/otrs"
_PAGE = re.compile(r"/(index|customer|public|installer|login)\.pl$")


class Operation(BaseModel):
    """How the site's web service maps one operation: by which method and which route, as in its REST settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["GET", "POST"] = "GET"
    route: str

    @field_validator("route")
    @classmethod
    def _is_a_route(cls, route: str) -> str:
        if not route.startswith("/") or "?" in route or route != route.strip():
            raise ValueError("is no route: write it as in the web service, such as /Ticket/:TicketID")
        others = [part for part in route.split("/") if part.startswith(":") and part != TICKET_ID]
        if others:
            raise ValueError(f"holds {', '.join(others)}: {TICKET_ID} is all that can be filled in")
        return route


class Operations(BaseModel):
    """The operations that are asked; those left out are as in the sample that the packages bring."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    search: Operation = Operation(method="GET", route="/Ticket")
    get: Operation = Operation(method="GET", route="/Ticket/:TicketID")
    history: Operation = Operation(method="GET", route="/TicketHistory/:TicketID")
    session: Operation = Operation(method="POST", route="/Session")

    @field_validator("search", "session")
    @classmethod
    def _names_no_ticket(cls, operation: Operation) -> Operation:
        if TICKET_ID in operation.route:
            raise ValueError(f"has {TICKET_ID} in its route, which belongs to `get` and `history`")
        return operation

    @field_validator("session")
    @classmethod
    def _hides_the_password(cls, operation: Operation) -> Operation:
        if operation.method != "POST":
            raise ValueError("must be a POST: with GET, the password would stand in the address")
        return operation


class OtrsSettings(SourceSettings):
    """Where the installation is, which of its web services to ask, and as whom."""

    ways_in: ClassVar[Mapping[str, tuple[str, ...]]] = {"login of an agent and its password": ("username", "password")}
    refusals: ClassVar[Mapping[str, str]] = {
        "login of an agent and its password": "It must be the login of an agent, not of a customer user, and valid. "
        "Where all this is right, the tool may read no headers, as OTRS 6 and OTOBO: map the operations to POST "
        "(docs/otrs.md) and say so in `operations`."
    }

    url: str = Field(description="Address of the installation, such as https://desk.acme.com/otrs")
    web_service: str = Field(
        default="GenericTicketConnectorREST", min_length=1, pattern=r"^[^/?#]+$",
        description="Name of the web service, as its administrator wrote it",
    )  # fmt: skip
    username: str = Field(min_length=1, description="Login of the agent")
    password: Secret = Field(description="Where its password lies")
    sign_in: Literal["headers", "session"] = Field(
        default="headers",
        description="Login and password with each request (in the body of a POST, else in headers), or a session",
    )
    timezone: str | None = Field(
        default=None, examples=["Europe/Berlin"],
        description="Time zone of the tool's clock (OTRSTimeZone); measured without it",
    )  # fmt: skip
    operations: Operations = Field(
        default=Operations(), examples=[{"get": {"method": "POST", "route": "/TicketGet"}}],
        description="Method and route of search, get, history and session, where they are not those of the sample",
    )  # fmt: skip
    batch_tickets: int = Field(default=100, ge=1, le=5000, description="Tickets asked for in one request")
    search_limit: int = Field(default=50_000, ge=100, description="Ids asked for in one search")
    window_tickets: int = Field(default=5000, ge=10, description="Tickets read and resumed as one part, at most")

    @field_validator("url")
    @classmethod
    def _is_the_address_of_the_installation(cls, url: str) -> str:
        url = safe_address(url, _EXAMPLE)
        if f"{SCRIPT}/" in url:
            raise ValueError(f"goes on behind {SCRIPT}: leave that out, the name of the service is `web_service`")
        if _PAGE.search(url):
            raise ValueError(f"is the address of a page: write that of the installation, such as {_EXAMPLE}")
        return url.removesuffix(f"/{SCRIPT}")

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        known = available_timezones()
        if name is not None and name not in known:
            raise ValueError(f"is no time zone{did_you_mean(name, known)}: write such as Europe/Berlin or UTC")
        return name
