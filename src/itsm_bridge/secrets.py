"""Secrets in settings: where a value lies, never the value itself.

A setting of type `Secret` holds a reference: `{ env = "NAME" }`, `{ file = "path" }` or
`{ keyring = "service/user" }`. The value is read when it is needed, is not kept, and is masked in
everything that is printed from then on.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.redaction import SHORTEST, conceal, redact

WHAT_TO_WRITE_INSTEAD = 'Write { env = "NAME" }, { file = "path" } or { keyring = "service/user" } instead.'

_log = logging.getLogger(__name__)


class Secret(BaseModel):
    """Reference to a secret value; `reveal` reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    env: str | None = None
    file: Path | None = None
    keyring: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_a_reference(cls, given: Any) -> Any:
        if isinstance(given, str):
            raise PydanticCustomError(
                "secret_in_the_open", "is written here in the open, where backups and eyes find it"
            )
        if isinstance(given, dict) and len(given.keys() & {"env", "file", "keyring"}) != 1:
            raise PydanticCustomError("secret_unclear", "needs exactly one of env, file and keyring")
        return given

    @model_validator(mode="after")
    def _keyring_names_service_and_user(self) -> Secret:
        if self.keyring is not None and not all(self.keyring.rpartition("/")):
            raise PydanticCustomError("secret_unclear", 'needs both parts in keyring = "service/user"')
        return self

    def reveal(self) -> str:
        """Return the value; ConfigurationError when it is not there. It is masked in all output from now on."""
        value = self._read()
        if not value:
            raise ConfigurationError("the secret is empty", where=str(self), hint="Give it a value.")
        if len(value) < SHORTEST:
            _log.warning("%s is so short that it cannot be masked in what is printed", self)
        conceal(value)
        return value

    def _read(self) -> str:
        if self.env is not None:
            return _from_environment(self.env)
        if self.file is not None:
            return _from_file(self.file)
        return _from_keyring(self.keyring or "")

    def __str__(self) -> str:
        if self.env is not None:
            return f"environment variable {self.env}"
        return f"secret file {self.file}" if self.file is not None else f"keyring entry {self.keyring}"

    def __repr__(self) -> str:
        return f"Secret({self})"


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise ConfigurationError(
            "the secret is not set",
            where=f"environment variable {name}",
            hint=f"Run `export {name}=…` before the command.",
        )
    return os.environ[name]


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text in UTF-8"
        raise ConfigurationError(
            f"the secret cannot be read: {reason}",
            where=str(path),
            hint="Put the secret, and nothing else, into the file.",
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        _log.warning("%s may be read by others than its owner: run chmod 600 on it", path)
    return text.rstrip("\r\n")


def _from_keyring(entry: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    service, _, user = entry.rpartition("/")
    where = f"keyring entry {entry}"
    try:
        value = keyring.get_password(service, user)
    except KeyringError as error:
        raise ConfigurationError(
            f"the keyring cannot be used: {type(error).__name__}",
            where=where,
            hint="Unlock the keyring, or use { env = … } or { file = … } where there is none.",
        ) from None
    if value is None:
        hint = f"Run `keyring set {service} {user}`."
        raise ConfigurationError("the keyring has no such entry", where=where, hint=hint)
    return value


__all__ = ["WHAT_TO_WRITE_INSTEAD", "Secret", "conceal", "redact"]
