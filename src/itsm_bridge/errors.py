"""Every error that itsm-bridge raises on purpose, grouped by what the caller should do.

::

    ItsmBridgeError                    exit
    ├── UsageError                      2   change the command or the input, then run again
    │   ├── ConfigurationError              itsm-bridge.toml, a secret, a policy file
    │   ├── MappingError                    a mapping file
    │   ├── CheckError                      a check file
    │   ├── PluginError                     an installed plugin does not load
    │   └── InputError                      a file given to the `files` adapter or an export
    ├── SourceError                     3   look at the ITSM tool, then sync again
    │   ├── Unreachable                     no answer: host, proxy, certificate, timeout
    │   ├── AuthenticationFailed            the tool refused the credentials
    │   ├── PermissionDenied                the account may not read this
    │   ├── RateLimited                     the tool asked for more patience than we have
    │   └── BadAnswer                       an answer that cannot be believed
    ├── StoreError                      3   look at the store's disk
    │   ├── StoreLocked                     another run is writing
    │   └── StoreDamaged                    `verify` names what does not match
    └── DeliveryError                   4   a report or a notification did not arrive
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_NONCONFORMITY = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 3
EXIT_NOT_DELIVERED = 4


class ItsmBridgeError(Exception):
    """Base of all deliberate errors: one clear sentence, and what to do next.

    `where` names the file, line, record or request; `hint` is the next step for a person.
    """

    exit_code = EXIT_INCOMPLETE

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def as_data(self) -> dict[str, str | int | None]:
        """Return what is known of it for programs, not redacted."""
        return {
            "kind": type(self).__name__, "message": self.message, "where": self.where, "hint": self.hint,
            "exit_code": self.exit_code,
        }  # fmt: skip


class UsageError(ItsmBridgeError):
    """The command line or an input is wrong; nothing was changed."""

    exit_code = EXIT_USAGE


class ConfigurationError(UsageError):
    """The configuration, a secret or a policy file is wrong."""


class MappingError(UsageError):
    """A mapping file is wrong."""


class CheckError(UsageError):
    """A check file is wrong."""


class PluginError(UsageError):
    """An installed plugin does not load: a silently missing source would look like conformity."""


class InputError(UsageError):
    """A file handed to us cannot be read as what it claims to be."""


class SourceError(ItsmBridgeError):
    """The ITSM tool did not give what was asked."""


class Unreachable(SourceError):
    """No answer from the tool: name resolution, proxy, certificate, connection or timeout."""


class AuthenticationFailed(SourceError):
    """The tool refused the credentials."""


class PermissionDenied(SourceError):
    """The account may not read a table or a record."""


class RateLimited(SourceError):
    """The tool keeps refusing because of its rate limit."""


class BadAnswer(SourceError):
    """An answer that cannot be believed: cut, not JSON, or a success that carries an error."""


class StoreError(ItsmBridgeError):
    """The store could not be read or written."""


class StoreLocked(StoreError):
    """Another process is writing to this store."""


class StoreDamaged(StoreError):
    """What the store holds is not what its manifests say."""


class DeliveryError(ItsmBridgeError):
    """A report or a notification could not be delivered."""

    exit_code = EXIT_NOT_DELIVERED
