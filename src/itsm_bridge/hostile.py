"""Ticket text is hostile: what a stranger typed, made harmless for a terminal, a spreadsheet or a link."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

_SPACES = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
_LONGEST_LINK = 2000


def for_terminal(text: str) -> str:
    """Return `text` on one line without anything that a terminal obeys or that hides what is written.

    Control characters become their pictures (ESC is shown as ␛), marks that turn or hide text become �.
    """
    return "".join(_shown(character) for character in text)


def for_spreadsheet(text: str) -> str:
    """Return `text` so that a spreadsheet takes it as words: what looks like a formula gets an apostrophe."""
    text = text.replace("\x00", "")
    first = text.lstrip(" \u00a0\u200b\ufeff")
    if not first.startswith(_FORMULA) or _is_number(first):
        return text
    return f"'{text}"


def for_link(url: str | None) -> str | None:
    """Return `url` where a person may safely follow it: http or https, a host, no credentials; else None."""
    if not url or len(url) > _LONGEST_LINK or any(_is_unsafe_in_link(character) for character in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    is_plain = parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc
    return url if is_plain and host else None


def for_page(text: str) -> str:
    """Return `text` without characters that a file of text cannot hold or that turn or hide what is written."""
    return "".join(c if c in "\n\t" or not _is_obscure(c) else "�" for c in text)


def _shown(character: str) -> str:
    code = ord(character)
    if character in _SPACES or unicodedata.category(character) == "Zs":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return "�" if _is_obscure(character) else character


def _is_obscure(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _is_unsafe_in_link(character: str) -> bool:
    return character in '\\<>"`{}|^ ' or unicodedata.category(character)[0] in "CZ"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text.strip() == text
