"""What is stored of people and texts: keyed pseudonyms and measures, unless a source says `keep` (design §3).

A measured text is stored as `<raw length>:<trimmed length>:<keyed hash>`, with `:<text>` behind it
where words are kept; lengths are written in nine digits, so that the parts can be cut out by place. An empty
value stays empty: known to be empty is not the same as unknown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b

_MARKUP = re.compile(r"</?[a-zA-Z!][^<>]{0,1000}>|\[/?code\]")
_MEASURED = re.compile(r"[0-9]{9}:[0-9]{9}:[0-9a-f]{24}:")
_DIGEST = 12

MEASURE_PARTS = {"raw_length": (1, 9), "length": (11, 9), "hash": (21, 24), "text": (46, None)}
"""Where the parts of a measured text begin, counted from one, and how long they are."""


def words_of(measured: str | None) -> str | None:
    """Return the words that were kept behind a measure; what is no measure stays as it is."""
    if measured is None or not _MEASURED.match(measured):
        return measured
    return measured[MEASURE_PARTS["text"][0] - 1 :]


_NINE = [f"{number:09}" for number in range(4096)]


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
        self._pseudonyms = _Pseudonyms(self._key, self._technical)
        self._begun = blake2b(key=self._key, digest_size=_DIGEST, person=b"text")

    def person(self, value: str | None) -> str | None:
        """Return the pseudonym of a native key or login; empty and missing values stay as they are."""
        return value if self._keep_people else self._pseudonyms[value]

    def people(self, values: Sequence[str | None]) -> Sequence[str | None]:
        """Return the pseudonyms of many."""
        return values if self._keep_people else list(map(self._pseudonyms.__getitem__, values))

    def measure(self, value: str | None) -> str | None:
        """Return the measure of a text; empty and missing values stay as they are."""
        return self.measures((value,))[0]

    def measures(self, values: Sequence[str | None]) -> list[str | None]:
        """Return the measures of many texts: step by step over all of them, which is faster than text by text."""
        texts = list(filter(None, values))
        together = "".join(texts)
        has_markup = "<" in together or "&" in together or "[code]" in together
        trimmed = map(trimmed_length, texts) if has_markup else map(len, map(str.strip, texts))
        digests = map(self._digest, map(str.encode, texts))
        measured = map(":".join, zip(_nines(map(len, texts)), _nines(trimmed), digests, strict=True))
        if self._keep_text:
            measured = map(":".join, zip(measured, texts, strict=True))
        if len(texts) == len(values):
            return list(measured)
        return [next(measured) if value else value for value in values]

    def _digest(self, text: bytes) -> str:
        digest = self._begun.copy()  # a third of the time that a keyed hash takes to begin anew
        digest.update(text)
        return digest.hexdigest()

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


def _nines(numbers: Iterable[int]) -> list[str]:
    """Return numbers written in nine digits."""
    listed = list(numbers)
    if max(listed, default=0) < len(_NINE):
        return list(map(_NINE.__getitem__, listed))
    return [f"{number:09}" for number in listed]


def trimmed_length(value: str) -> int:
    """Return the length of a text without markup, character references and outer white space."""
    if "<" in value or "[code]" in value:
        value = _MARKUP.sub("", value)
    if "&" in value:
        value = html.unescape(value)
    return len(value.strip())


class _Pseudonyms(dict[str | None, str | None]):
    """Pseudonyms that were asked for, made when they first are."""

    def __init__(self, key: bytes, technical: Iterable[str]) -> None:
        super().__init__({name: name for name in (None, "", *technical)})
        self._key = key

    def __missing__(self, value: str) -> str:
        digest = blake2b(value.encode(), key=self._key, digest_size=_DIGEST, person=b"person").hexdigest()
        return self.setdefault(value, f"p-{digest}") or ""
