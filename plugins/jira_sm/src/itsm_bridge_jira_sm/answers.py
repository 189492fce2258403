"""One answer of Jira as tables: asked for again where it is cut, no JSON, or an error beside what looks like data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from itsm_bridge.errors import BadAnswer
from itsm_bridge.nested import NestedPage
from itsm_bridge.transport import Answer, json_body
from itsm_bridge_jira_sm.session import Site

Decode = Callable[[bytes], NestedPage]
Found = tuple[NestedPage, Answer]


def asked_for(site: Site, url: str, body: Mapping[str, Any], decode: Decode) -> Found:
    """Return the answer to a POST that reads; raises BadAnswer where it stays unbelievable."""
    seen: list[NestedPage] = []
    answer = site.transport.post(url, json=body, accept=lambda answer: _believe(answer, decode, seen))
    return seen[-1], answer


def looked_up(site: Site, url: str, params: Mapping[str, str], decode: Decode, **headers: str) -> Found:
    """Return the answer to a GET, likewise."""
    seen: list[NestedPage] = []
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = site.transport.get(url, params, headers=given, accept=lambda answer: _believe(answer, decode, seen))
    return seen[-1], answer


def _believe(answer: Answer, decode: Decode, seen: list[NestedPage]) -> None:
    json_body(answer)
    page = decode(answer.body)
    told = page.envelope.get("errorMessages")
    if told:
        raise BadAnswer(f"an error stands beside the data ({told})", where=answer.address)
    if not page.has_records:
        raise BadAnswer("the answer holds no list of what was asked for", where=answer.address)
    seen.append(page)


def a_list(answer: Answer) -> None:
    """Accept a list, alone or as the `values` of an object."""
    json_body(answer)
    told = answer.json()
    if not isinstance(told.get("values") if isinstance(told, dict) else told, list):
        raise BadAnswer("the answer holds no list", where=answer.address)


def object_with(kind: type, name: str) -> Callable[[Answer], None]:
    """Return what accepts only an object with a value of a kind under a name: others are asked for again."""

    def accept(answer: Answer) -> None:
        json_body(answer)
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get(name), kind):
            raise BadAnswer(f"the answer has no `{name}`", where=answer.address)

    return accept
