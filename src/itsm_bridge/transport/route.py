"""How the requests of a source travel: through which proxy, with which certificate, trusting whom.

A route is mounted on every session, so that the requests which a client library sends by itself take it too.
What a source does not set, the environment does (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE), as `requests` reads it.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_auth_from_url
from urllib3.util.ssl_ import create_urllib3_context

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.redaction import conceal
from itsm_bridge.secrets import Secret
from itsm_bridge.source_settings import SourceSettings


class Route(HTTPAdapter):
    """Carries requests as a source's settings say; raises ConfigurationError where a certificate cannot be used.

    Its connections outlive a session: a new token needs no new connection.
    """

    def __init__(self, settings: SourceSettings | None = None, connections: int = 4) -> None:
        self._proxies: dict[str, str] = {}
        self._authorization: dict[str, str] = {}
        self._trusted: str | None = None
        self._context: ssl.SSLContext | None = None
        if settings is not None:
            self._read(settings)
        super().__init__(pool_maxsize=settings.connections if settings else connections)

    def fit(self, session: requests.Session) -> requests.Session:
        """Return the session, with all its requests on this route."""
        if session.adapters.get("https://") is not self:
            session.mount("https://", self)
            session.mount("http://", self)
        return session

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None, verify: Any = True,
        cert: Any = None, proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:  # fmt: skip
        """Send a request; what the source sets goes before what the environment says."""
        proxies = self._proxies or dict(proxies or {})
        return super().send(request, stream, timeout, self._trusted or verify, cert, proxies)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool of direct connections, with our certificate."""
        super().init_poolmanager(*args, **(options | self._tls()))

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the pool of connections through a proxy, with our certificate."""
        return super().proxy_manager_for(proxy, **(options | self._tls()))

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Return what lets us through the proxy; credentials in HTTPS_PROXY are masked from now on."""
        name, password = get_auth_from_url(proxy)
        return self._authorization or (_basic(name, password) if name else {})

    def _tls(self) -> dict[str, Any]:
        return {"ssl_context": self._context} if self._context else {}

    def _read(self, settings: SourceSettings) -> None:
        if settings.proxy:
            self._proxies = {"http": settings.proxy, "https": settings.proxy}
        if settings.proxy_username and settings.proxy_password:
            self._authorization = _basic(settings.proxy_username, settings.proxy_password.reveal())
        if settings.ca_bundle:
            self._trusted = _authorities(settings.ca_bundle)
        if settings.client_certificate:
            self._context = _with_certificate(
                settings.client_certificate, settings.client_key, settings.client_key_password
            )


def _basic(name: str, password: str) -> dict[str, str]:
    pair = f"{name}:{password}"
    conceal(password)
    conceal(pair)
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _authorities(path: Path) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except OSError as error:  # an SSLError is one too
        reason = "it holds no certificates" if isinstance(error, ssl.SSLError) else str(error.strerror)
        raise ConfigurationError(
            f"the certificate authorities cannot be read: {reason}", where=str(path),
            hint="`ca_bundle` names a PEM file, with lines that begin -----BEGIN CERTIFICATE-----.",
        ) from None  # fmt: skip
    return str(path)


def _with_certificate(certificate: Path, key: Path | None, password: Secret | None) -> ssl.SSLContext:
    context = create_urllib3_context()
    secret = password.reveal() if password else ""
    was_asked = False

    def give() -> str:
        nonlocal was_asked
        was_asked = True
        return secret

    for path in (certificate, key or certificate):
        _refuse_unreadable(path)
    try:
        context.load_cert_chain(certificate, key, give)  # without the function, OpenSSL would ask at the terminal
    except ssl.SSLError as error:
        raise _unusable(certificate, key or certificate, error, password, was_asked=was_asked) from None
    return context


def _refuse_unreadable(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"the client certificate or its key cannot be read: {error.strerror}", where=str(path),
            hint="`client_certificate` and `client_key` name PEM files that this account may read.",
        ) from None  # fmt: skip


def _unusable(
    certificate: Path, key: Path, error: ssl.SSLError, password: Secret | None, *, was_asked: bool
) -> ConfigurationError:
    if was_asked and password is None:
        return ConfigurationError(
            "the key has a password", where=str(key), hint="Say with `client_key_password` where it lies."
        )
    if was_asked:
        return ConfigurationError(
            "the password does not open the key", where=str(key), hint=f"Correct the {password}, or change the key."
        )
    if "MISMATCH" in str(error):
        return ConfigurationError(
            "the key does not belong to the certificate", where=str(key),
            hint=f"Name the key that {certificate} was made with.",
        )  # fmt: skip
    return ConfigurationError(
        "no certificate with its key is in these files", where=str(certificate),
        hint="Both are PEM; without `client_key` the key is in the file of the certificate. Convert a .p12 with "
        "`openssl pkcs12`.",
    )  # fmt: skip
