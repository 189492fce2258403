"""Refresh tokens that the tool replaces at every use, kept in a file of their own so that none is ever lost.

A person writes the first one; from then on the file is ours. The order makes it safe: the lock is taken, the token is
read, room for the next one is made on the disk, only then is the old one spent, and the new one is on the disk before
anybody uses it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from itsm_bridge.errors import ConfigurationError, Unreachable
from itsm_bridge.redaction import conceal
from itsm_bridge.secrets import Secret

Token = dict[str, Any]

_TOKENS = ("access_token", "refresh_token", "id_token")
_ROOM = 65_536
_LONGEST_WAIT = 300


class TokenFile:
    """The file of one OAuth client's tokens, shared by all processes that sign in with it.

    It holds either the refresh token alone, as a person wrote it, or the last answer of the tool as JSON. Nobody but
    its owner may read it. `longest_wait` is how many seconds to wait while another process renews.
    """

    def __init__(self, path: Path, longest_wait: float = _LONGEST_WAIT) -> None:
        self._path = path.resolve()
        self._draft = self._path.with_name(f"{self._path.name}.draft")
        self._lock = FileLock(f"{self._path}.lock", mode=0o600)
        self._longest_wait = longest_wait

    def renewed(self, fetch: Callable[[str], Token], is_good: Callable[[Token], bool]) -> Token:
        """Return the token in the file where `is_good` says so, else what `fetch` brings for the refresh token.

        `is_good` sees a token with `access_token`: another process may have renewed it meanwhile. `fetch` returns
        the tool's answer, whose refresh token is kept; without one the old stays. Its errors leave the file as it
        was. Raises ConfigurationError where the file cannot be read or written.
        """
        try:
            self._lock.acquire(timeout=self._longest_wait)
        except Timeout:
            raise Unreachable(
                "another process has been renewing this token for minutes", where=str(self._path),
                hint="Wait until it has finished; when it dies, the lock is free at once.",
            ) from None  # fmt: skip
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            token = self._read()
            return token if token.get("access_token") and is_good(token) else self._replace(token, fetch)
        finally:
            self._lock.release()

    def _replace(self, old: Token, fetch: Callable[[str], Token]) -> Token:
        self._write(b" " * _ROOM)  # a full disk shows before the old token is spent, not after
        try:
            new = old | fetch(str(old["refresh_token"]))
            conceal_token(new)
            self._write(json.dumps(new).encode())
            self._publish()
        except BaseException:
            with suppress(OSError):
                if self._drafted() is None:
                    self._draft.unlink(missing_ok=True)
            raise
        return new

    def _read(self) -> Token:
        if self._drafted() is not None:  # a run died between receiving this one and putting it in its place
            self._publish()
        if not self._path.exists():
            raise ConfigurationError(
                "the file of the refresh token is not there", where=str(self._path),
                hint="Sign in once as the documentation of this adapter says, and write the refresh token into it.",
            )  # fmt: skip
        text = Secret(file=self._path).reveal().strip()
        token = _token(text) or {"refresh_token": text}
        if str(token["refresh_token"]).startswith("{"):
            raise ConfigurationError(
                "the file holds no refresh token", where=str(self._path),
                hint="Write the refresh token into it and nothing else, or the tool's whole answer that brought it.",
            )  # fmt: skip
        conceal_token(token)
        return token

    def _drafted(self) -> Token | None:
        """Return a whole token that never came to its place, unless the file was written later."""
        try:
            if self._path.exists() and self._path.stat().st_mtime_ns > self._draft.stat().st_mtime_ns:
                return None
            return _token(self._draft.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def _write(self, content: bytes) -> None:
        """Write the draft in place: its room on the disk is taken already when the new token comes."""
        try:
            descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as draft:
                self._draft.chmod(0o600)
                draft.write(content)
                draft.flush()
                os.fsync(descriptor)
                draft.truncate()
                os.fsync(descriptor)
        except OSError as error:
            raise self._unwritable(error) from None

    def _publish(self) -> None:
        try:
            self._draft.replace(self._path)
            if os.name == "posix":
                folder = os.open(self._path.parent, os.O_RDONLY)
                os.fsync(folder)
                os.close(folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"the next refresh token cannot be kept: {error.strerror or error}", where=str(self._path),
            hint="The folder of the file must be writable for this account, with free space on its disk; "
            "the file must be no mounted secret.",
        )  # fmt: skip


def _token(text: str) -> Token | None:
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict) and found.get("refresh_token"):
            return found
    return None


def conceal_token(token: Token) -> None:
    """Mask every token in an answer from now on."""
    for name in _TOKENS:
        conceal(str(token.get(name) or ""))
