"""What went wrong, in our words: one table for exceptions, one for statuses."""

from __future__ import annotations

from dataclasses import dataclass

import requests
import urllib3
from requests import exceptions as rq
from urllib3 import exceptions as u3

from itsm_bridge.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConfigurationError,
    ItsmBridgeError,
    PermissionDenied,
    RateLimited,
    Unreachable,
)  # fmt: skip
from itsm_bridge.transport.patience import Failed


@dataclass(frozen=True, slots=True)
class Reading:
    """What an exception or a status means: our error, whether asking again may help, what to tell a person."""

    error: type[ItsmBridgeError]
    is_transient: bool
    message: str
    hint: str = ""


_CUT = Reading(BadAnswer, True, "the answer broke off", "If it persists, ask for smaller pages or look at the proxy.")
_SLOW = Reading(Unreachable, True, "no answer came in time", "The tool or the network is slow; try again later.")
_CERTIFICATE = Reading(
    Unreachable, False, "the tool's certificate is not trusted",
    "Set `ca_bundle` of this source, or REQUESTS_CA_BUNDLE, to a PEM file with the authority that issued it.",
)  # fmt: skip
_NO_TLS = Reading(
    Unreachable, False, "what answers there does not speak https",
    "Check port and scheme of `url`, and whether a proxy stands in between.",
)  # fmt: skip
_CLOSED = Reading(Unreachable, True, "the tool cannot be reached", "Check `url`, the network and the proxy settings.")
_OUR_CERTIFICATE = Reading(
    AuthenticationFailed, False, "the tool refuses our client certificate",
    "It must be valid, and the tool must trust its issuer: look at `client_certificate` of this source.",
)  # fmt: skip
_PROXY = Reading(
    Unreachable, True, "the proxy cannot be used", "Check `proxy` of this source, or HTTPS_PROXY and NO_PROXY."
)
_PROXY_SIGN_IN = Reading(
    Unreachable, False, "the proxy wants other credentials",
    "Set `proxy_username` and `proxy_password` of this source, or user and password in HTTPS_PROXY.",
)  # fmt: skip
_ADDRESS = Reading(ConfigurationError, False, "the address cannot be used", "Check `url` of this source.")
_NOT_JSON = Reading(BadAnswer, True, "the answer is not JSON")

# What the words of the innermost cause say more exactly than the exception; first match wins.
WORDS: dict[Reading, tuple[tuple[str, Reading], ...]] = {
    _CERTIFICATE: (
        ("CERTIFICATE_REQUIRED", Reading(
            AuthenticationFailed, False, "the tool wants a client certificate",
            "Set `client_certificate` and `client_key` of this source.",
        )),
        ("ALERT_HANDSHAKE_FAILURE", Reading(
            Unreachable, False, "the tool refuses the connection",
            "It may want a client certificate: set `client_certificate` and `client_key` of this source.",
        )),
        ("ALERT_UNKNOWN_CA", _OUR_CERTIFICATE),
        ("ALERT_BAD_CERTIFICATE", _OUR_CERTIFICATE),
        ("ALERT_CERTIFICATE", _OUR_CERTIFICATE),
        ("ALERT_ACCESS_DENIED", _OUR_CERTIFICATE),
        ("mismatch", Reading(
            Unreachable, False, "the tool's certificate is for another name",
            "Write in `url` the name that the certificate is for.",
        )),
        ("has expired", Reading(
            Unreachable, False, "the tool's certificate has expired",
            "Whoever runs the tool must renew it; check the clock of this machine, too.",
        )),
        ("NO_CERTIFICATE_OR_CRL_FOUND", Reading(
            ConfigurationError, False, "the file of trusted authorities holds no certificate",
            "Check REQUESTS_CA_BUNDLE.",
        )),
        ("CERTIFICATE", _CERTIFICATE),
        ("EOF", Reading(
            Unreachable, True, "the connection ended before it was secured",
            "A firewall or proxy may cut it, or the tool wants a client certificate (`client_certificate`).",
        )),
        ("", _NO_TLS),
    ),
    _PROXY: (
        ("407", _PROXY_SIGN_IN),
        ("failed: 403", Reading(
            Unreachable, False, "the proxy forbids this address",
            "Ask for it to be allowed; or, where it is reached directly, name its host in NO_PROXY.",
        )),
    ),
}  # fmt: skip

# First match wins: special exceptions stand before the ones they extend.
EXCEPTIONS: tuple[tuple[type[BaseException], Reading], ...] = (
    (rq.ProxyError, _PROXY),
    (rq.SSLError, _CERTIFICATE),
    (rq.ConnectTimeout, _SLOW),
    (rq.ReadTimeout, _SLOW),
    (rq.Timeout, _SLOW),
    (rq.ChunkedEncodingError, _CUT),
    (rq.ContentDecodingError, _CUT),
    (rq.StreamConsumedError, _CUT),
    (rq.ConnectionError, _CLOSED),
    (
        rq.InvalidProxyURL,
        Reading(ConfigurationError, False, "the proxy's address cannot be used", "Check HTTPS_PROXY."),
    ),
    (rq.MissingSchema, _ADDRESS),
    (rq.InvalidSchema, _ADDRESS),
    (rq.InvalidURL, _ADDRESS),
    (rq.URLRequired, _ADDRESS),
    (
        rq.InvalidHeader,
        Reading(ConfigurationError, False, "a header cannot be sent", "Check the credentials for line breaks."),
    ),
    (rq.JSONDecodeError, _NOT_JSON),
    (rq.InvalidJSONError, _NOT_JSON),
    (rq.TooManyRedirects, Reading(BadAnswer, False, "the tool redirects in a circle", "Check `url` of this source.")),
    (rq.RetryError, _CLOSED),
    (rq.UnrewindableBodyError, Reading(BadAnswer, False, "the request could not be sent again")),
    (rq.HTTPError, Reading(BadAnswer, False, "the tool answered with an error")),
    (rq.RequestException, _CLOSED),
    (u3.SSLError, _CERTIFICATE),
    (u3.TimeoutError, _SLOW),
    (u3.ProtocolError, _CUT),
    (u3.IncompleteRead, _CUT),
    (u3.DecodeError, _CUT),
    (u3.HTTPError, _CLOSED),
    (TimeoutError, _SLOW),
    (ConnectionError, _CLOSED),
    (OSError, Reading(ConfigurationError, False, "a certificate file cannot be read", "Check REQUESTS_CA_BUNDLE.")),
)

STATUSES: dict[int, Reading] = {
    400: Reading(
        BadAnswer,
        False,
        "the tool does not understand the request",
        "Check `url` of this source where no request works; else report it with the address.",
    ),
    401: Reading(
        AuthenticationFailed,
        False,
        "the tool refused the credentials",
        "Check the credentials of this source.",
    ),
    403: Reading(
        PermissionDenied,
        False,
        "the account may not read this",
        "Run `itsm-bridge doctor` to see which right is missing.",
    ),
    404: Reading(
        BadAnswer,
        False,
        "there is nothing at this address",
        "Check `url` of this source, and that what is asked for exists.",
    ),
    407: _PROXY_SIGN_IN,
    408: _SLOW,
    410: Reading(
        ConfigurationError,
        False,
        "the tool does not have this any more",
        "Check the settings that say what kind of tool this is; if they are right, a newer itsm-bridge is needed.",
    ),
    413: Reading(BadAnswer, False, "the request is too large for the tool"),
    414: Reading(BadAnswer, False, "the request is too long for the tool"),
    425: _CLOSED,
    429: Reading(
        RateLimited,
        True,
        "the tool's rate limit is used up",
        "Raise the limit for this account, or sync at a quieter time.",
    ),
    500: Reading(BadAnswer, True, "the tool failed inside", "Look at the tool's own log for this moment."),
    502: Reading(Unreachable, True, "a gateway got no answer from the tool"),
    503: Reading(Unreachable, True, "the tool is not available", "It may be in maintenance; try again later."),
    504: Reading(Unreachable, True, "a gateway waited in vain for the tool"),
}
TRANSLATED = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


def failed_by_exception(error: BaseException, where: str) -> Failed:
    """Return our failure for an exception of requests, urllib3 or the operating system."""
    reading = next(reading for kind, reading in EXCEPTIONS if isinstance(error, kind))
    why = _root_cause(error)
    reading = next((exact for words, exact in WORDS.get(reading, ()) if words in why), reading)
    return _failed(reading, f"{reading.message} ({why})" if why else reading.message, where)


def failed_by_status(status: int, where: str, words: str = "", redirect: str = "") -> Failed:
    """Return our failure for a status; `words` is what the tool itself says, `redirect` where it points."""
    if 300 <= status < 400:
        hint = "Set `url` to the address that answers; a sign-on page in between must let this account pass."
        return Failed(
            BadAnswer(f"the tool redirects to {redirect or 'nowhere'}", where=where, hint=hint), is_transient=False
        )
    reading = STATUSES.get(status) or Reading(BadAnswer, status >= 500, "the tool answered with an error")
    message = f"{reading.message} (status {status}{': ' + words if words else ''})"
    return _failed(reading, message, where)


def _failed(reading: Reading, message: str, where: str) -> Failed:
    return Failed(reading.error(message, where=where, hint=reading.hint or None), is_transient=reading.is_transient)


def _root_cause(error: BaseException) -> str:
    """Return the words of the innermost cause: they name no address, so no secret can be in them."""
    seen = {id(error)}
    inner = error
    while True:
        reason = getattr(inner, "reason", None)
        arguments = [a for a in inner.args if isinstance(a, BaseException)]
        following = next(
            (e for e in (inner.__cause__, inner.__context__, reason, *arguments)
             if isinstance(e, BaseException) and id(e) not in seen), None,
        )  # fmt: skip
        if following is None:
            break
        seen.add(id(following))
        inner = following
    if isinstance(inner, rq.RequestException | u3.HTTPError):
        return ""
    words = "".join(c if c.isprintable() else " " for c in str(inner))
    return " ".join(words.split())[:200]
