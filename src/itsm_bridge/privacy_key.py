"""The key of pseudonyms and hashes: made on first use, kept for its owner only, never swapped unnoticed."""

from __future__ import annotations

import os
import secrets as random
from hashlib import sha256
from pathlib import Path

from itsm_bridge.disk import unwritten, written_whole
from itsm_bridge.errors import ConfigurationError, StoreError
from itsm_bridge.privacy import Privacy
from itsm_bridge.settings import Config
from itsm_bridge.store.store import Store

_RESTORE = "Put it back from a backup: with another key, no person in the store could be recognised."


def privacy_key(config: Config, store: Store) -> bytes:
    """Return the key of pseudonyms, made on first use; refuses another key than the store's.

    Without a key of its own in the settings it lies in the store's state folder, readable for its owner only.
    """
    if config.privacy.key is not None:
        key = sha256(config.privacy.key.reveal().encode()).digest()
    else:
        path = store.state_folder / "privacy.key"
        if not path.exists():
            if store.log_names():
                raise ConfigurationError("the key of the pseudonyms is gone", where=str(path), hint=_RESTORE)
            _write_key(path)
        key = _read_key(path)
    snapshots = store.snapshots()
    if snapshots and snapshots[-1].body["privacy"] != Privacy(key).fingerprint:
        raise ConfigurationError(
            "the store was written with another key of pseudonyms", where=store.path,
            hint="Use the key it was begun with, or begin a new store.")  # fmt: skip
    return key


def store_privacy(config: Config, store: Store) -> Privacy:
    """Return how the store makes pseudonyms of people, where a source does not keep them; see `privacy_key`."""
    return Privacy(privacy_key(config, store))


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigurationError("the key of the pseudonyms cannot be read", where=str(path), hint=_RESTORE) from error
    if not key:
        raise ConfigurationError("the key of the pseudonyms is empty", where=str(path), hint=_RESTORE)
    return key


def _write_key(path: Path) -> None:
    try:
        with written_whole(path) as draft:
            draft.touch(mode=0o600)
            with draft.open("w", encoding="ascii") as file:
                file.write(random.token_hex(32))
                file.flush()
                os.fsync(file.fileno())  # without it, nobody in the store could be recognised after a power cut
    except OSError as error:
        message, hint = unwritten(error, path.parent)
        raise StoreError(f"the key of the pseudonyms {message}", where=str(path), hint=hint) from error
