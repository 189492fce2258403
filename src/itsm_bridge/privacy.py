"""What is stored of people and texts: keyed pseudonyms and measures, unless a source says `keep` (design §3).

A measured text is stored as `<raw length>:<trimmed length>:<keyed hash>`, with `:<text>` behind it
where words are kept. An empty value stays empty: known to be empty is not the same as unknown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from hashlib import blake2b

_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,1000}>|\[/?code\]")
_DIGEST = 12


class Privacy:
    """Turns people into pseudonyms and texts into measures, with one key per store.

    `technical` are account names that belong to no person and stay readable.
    """

    def __init__(
        self, key: bytes, *, keep_people: bool = False, keep_text: bool = False, technical: Iterable[str] = ()
    ) -> None:
        self._key = key[:64]
        self._keep_people = keep_people
        self._keep_text = keep_text
        self._technical = tuple(sorted(technical))
        self._pseudonyms: dict[str, str] = {name: name for name in self._technical}

    def person(self, value: str | None) -> str | None:
        """Return the pseudonym of a native key or login; empty and missing values stay as they are."""
        if not value or self._keep_people:
            return value
        known = self._pseudonyms.get(value)
        if known is None:
            known = "p-" + blake2b(value.encode(), key=self._key, digest_size=_DIGEST, person=b"person").hexdigest()
            self._pseudonyms[value] = known
        return known

    def measure(self, value: str | None) -> str | None:
        """Return the measure of a text; empty and missing values stay as they are."""
        if not value:
            return value
        trimmed = trimmed_length(value)
        digest = blake2b(value.encode(), key=self._key, digest_size=_DIGEST, person=b"text").hexdigest()
        measured = f"{len(value)}:{trimmed}:{digest}"
        return f"{measured}:{value}" if self._keep_text else measured

    def words(self, value: str | None) -> str | None:
        """Return the words of a text where words are kept, else nothing."""
        return value if self._keep_text else None

    @property
    def treatment_of_people(self) -> str:
        """Name the way in which people are kept: rows kept in another way do not fit together."""
        if self._keep_people:
            return "people kept"
        return "pseudonyms" + "".join(f", {name} readable" for name in self._technical)

    @property
    def treatment_of_texts(self) -> str:
        """Name the way in which texts are kept."""
        return "texts kept" if self._keep_text else "texts measured"

    @property
    def fingerprint(self) -> str:
        """Name the key without telling it, so that a store notices another one."""
        return blake2b(b"fingerprint", key=self._key, digest_size=8).hexdigest()


def trimmed_length(value: str) -> int:
    """Return the length of a text without markup, character references and outer white space."""
    if "<" in value or "[code]" in value:
        value = _MARKUP.sub("", value)
    if "&" in value:
        value = html.unescape(value)
    return len(value.strip())
