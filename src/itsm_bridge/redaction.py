"""What must never be printed: the values of secrets, and things that look like credentials.

Every way out (log lines, errors, reports, JSON) passes through `redact`.
"""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

MASK = "[redacted]"
SHORTEST = 4

_concealed: set[str] = set()

_USER_INFORMATION = re.compile(r"(://[^\s/@:]*:)[^\s/@]+(@)")
_NAMED = re.compile(
    r"""(?ix)
    \b ( (?: proxy-)? authorization ["']? \s* [:=] \s* ["']? (?: (?: basic | bearer | digest | negotiate ) \s+ )?
       | (?: set-)? cookie ["']? \s* [:=] \s* ["']?
       | (?: password | passwd | client_secret | refresh_token | access_token | id_token | sessionid
           | (?: x - [\w-]* )? api [_-]? key )
         ["']? \s* [:=] \s* ["']?
       | (?: bearer | basic ) \s+ (?= [^\s"']{16} )
       )
    (?! \[redacted\] | \{ | None\b ) [^\s"'&,;})\]]+
    """
)


def conceal(value: str) -> None:
    """Mask `value` from now on, also where it stands URL-encoded, escaped for JSON or HTML, or in base64."""
    if len(value) < SHORTEST:
        return
    encoded = base64.b64encode(value.encode()).decode()
    forms = {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        html.escape(value).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        repr(value)[1:-1],
        encoded,
    }
    _concealed.update(forms)


def without_secrets(text: str) -> str:
    """Return `text` with every known secret masked, and nothing else touched."""
    for value in sorted(_concealed, key=len, reverse=True):
        if value in text:
            text = text.replace(value, MASK)
    return text


def redact(text: str) -> str:
    """Return `text` with every known secret and everything that looks like a credential masked."""
    text = without_secrets(text)
    return _NAMED.sub(rf"\1{MASK}", _USER_INFORMATION.sub(rf"\1{MASK}\2", text))
