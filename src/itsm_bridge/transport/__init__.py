"""The shared transport: how every adapter asks an ITSM tool over HTTP (design §5).

It reads only: GET, HEAD and documented read POSTs. It waits, repeats, counts and explains, so that an
adapter sees either an answer that can be believed or one clear error.
"""

from __future__ import annotations

from itsm_bridge.transport.answer import Answer, json_body
from itsm_bridge.transport.oauth import OAuth, TokenServer, signed_in_as_nobody
from itsm_bridge.transport.patience import Patience
from itsm_bridge.transport.route import Route
from itsm_bridge.transport.token_file import Token, TokenFile, conceal_token
from itsm_bridge.transport.transport import Credentials, SignedIn, Transport

__all__ = [
    "Answer", "Credentials", "OAuth", "Patience", "Route", "SignedIn", "Token", "TokenFile", "TokenServer", "Transport",
    "conceal_token", "json_body", "signed_in_as_nobody",
]  # fmt: skip
