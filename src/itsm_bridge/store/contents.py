"""Texts that verdicts depend on — checks, policies, mappings — kept once each, named by their hash."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pyarrow as pa

from itsm_bridge.errors import StoreDamaged
from itsm_bridge.store.log import Log


class Contents:
    """A log of texts by hash. Manifests name the hashes; `get` gives back what was used then."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def put(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Keep texts that are not held yet; returns the hash of each by name."""
        digests = {name: sha256(text.encode()).hexdigest() for name, text in texts.items()}
        held = self._held()
        new = {digests[name]: text for name, text in texts.items() if digests[name] not in held}
        if new:
            self._log.append(pa.table({"digest": list(new), "text": list(new.values())}))
        return digests

    def get(self, digests: Mapping[str, str]) -> dict[str, str]:
        """Return the texts of the hashes named; raises StoreDamaged where one is missing or altered."""
        held = self._held()
        found = {}
        for name, digest in digests.items():
            text = held.get(digest)
            if text is None or sha256(text.encode()).hexdigest() != digest:
                raise StoreDamaged(f"the text of {name} is missing or altered", where=self._log.location,
                                   hint="Run `itsm-bridge verify`.")  # fmt: skip
            found[name] = text
        return found

    def problems(self, wanted: Mapping[str, str]) -> list[str]:
        """Return what does not match its hash, and what is missing of the texts wanted (name by hash)."""
        held = self._held()
        altered = {digest for digest, text in held.items() if sha256(text.encode()).hexdigest() != digest}
        return [
            *(f"contents: the text {digest[:12]}… of {wanted.get(digest, 'no manifest')} does not match its hash"
              for digest in sorted(altered)),
            *(f"contents: the text {digest[:12]}… of {name} is missing"
              for digest, name in wanted.items() if digest not in held),
        ]  # fmt: skip

    def _held(self) -> dict[str, str]:
        self._log.refresh()
        if not self._log.exists:
            return {}
        rows = self._log.rows(["digest", "text"])
        return dict(zip(rows["digest"].to_pylist(), rows["text"].to_pylist(), strict=True))
