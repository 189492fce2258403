"""The decoder against the plain json module, and what it makes of bodies that do not fit."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.adapter import Envelope
from itsm_bridge.errors import BadAnswer
from itsm_bridge.mapping.decoder import OPEN, DecodedPage, StreamDecoder
from itsm_bridge.mapping.rules import Switch
from itsm_bridge.privacy import Privacy

NAMES = ("id", "title", "it's {braced}; DROP", "$ref", "ä.b")
PRIVACY = Privacy(b"k" * 32)


def decoder(kinds: dict[str, str] | None = None, switches: dict[str, Switch] | None = None) -> StreamDecoder:
    return StreamDecoder(kinds or dict.fromkeys(NAMES, OPEN), switches or {}, Envelope("result", ("error",)), PRIVACY)


def plain(value: Any) -> str | None:
    """How a value of JSON is kept: text as it is, the rest as JSON writes it; `{value: …}` is its value."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("value"), str):
        return str(value["value"])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
LEAVES = st.one_of(st.none(), TEXTS, st.booleans(), NUMBERS)
VALUES = st.one_of(
    TEXTS,
    st.none(),
    LEAVES,
    st.lists(LEAVES, max_size=2),
    st.dictionaries(st.sampled_from(["value", "display_value", "link"]), LEAVES, max_size=3),
)
RECORDS = st.dictionaries(st.sampled_from([*NAMES, "unmapped"]), VALUES, max_size=5)
STRANGE = st.one_of(RECORDS, RECORDS, LEAVES, st.lists(LEAVES, max_size=1))


@given(st.lists(STRANGE, max_size=4), st.booleans())
def test_a_page_is_what_json_says(records: list[Any], is_ascii: bool) -> None:
    body = json.dumps({"error": None, "result": records, "more": {"deep": [1]}}, ensure_ascii=is_ascii).encode()
    page = decoder()(body)
    good = [record for record in records if isinstance(record, dict)]
    if all(isinstance(record, dict | None) for record in records):
        good = [record for record in records if record is not None]
    assert page.table.to_pylist() == [{name: plain(record.get(name)) for name in NAMES} for record in good]
    assert (len(page), page.quarantined) == (len(good), len(records) - len(good))
    assert page.has_records
    for name in NAMES:
        assert list(page.values(name)) == [plain(record.get(name)) for record in good]


def test_one_record_that_does_not_fit_costs_only_itself() -> None:
    page = decoder()(
        b'{"result": [{"id": "a"}, "nonsense", {"id": 5, "title": {"value": "x", "link": "y"}}, [1], null]}'
    )
    assert [row["id"] for row in page.table.to_pylist()] == ["a", "5"]
    assert page.values("title") == [None, "x"]
    assert page.quarantined == 3


@pytest.mark.parametrize(
    ("body", "has_records"),
    [(b'{"result": []}', True), (b"{}", False), (b'{"result": null}', False), (b'{"result": {}}', False)],
)
def test_an_answer_without_the_list_of_records_says_so(body: bytes, has_records: bool) -> None:
    page = decoder()(body)
    assert (len(page), page.has_records, page.table.num_rows) == (0, has_records, 0)


def test_what_lies_beside_the_records_is_handed_on() -> None:
    assert decoder()(b'{"result": [], "error": {"message": "no"}}').envelope == {"error": {"message": "no"}}
    assert decoder()(b'{"result": [7], "error": "no"}').envelope == {"error": "no"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"result": [{"id": "a"}',
        b'{"result": [{"id": 5}, {"id": "cut',
        b"[]",
        b'"text"',
        b"null",
        b"5",
        b'{"result": [{"id": "a"}]} trailing',
        b'{"result": ' + b"[" * 100_000,
        b'{"result": [{"id": ' + b"9" * 6000 + b"}]}",
    ],
)
def test_a_body_that_cannot_be_believed_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        decoder()(body)


def test_half_a_surrogate_pair_and_foreign_bytes_cost_a_character_and_not_the_page() -> None:
    page = decoder()(b'{"result": [{"id": "a", "title": "cut emoji \\ud83d"}, {"id": "b", "title": "caf\xe9"}]}')
    assert page.table["id"].to_pylist() == ["a", "b"]
    assert page.table["title"].to_pylist() == ["cut emoji ?", "caf�"]


def test_people_texts_and_switched_values_are_private_before_they_are_a_table() -> None:
    switch = Switch(("table", "field"), {"incident.state": "state", "*.owner": "id:person", "*.*": "text"})
    kinds = {
        "id": "open",
        "by": "person",
        "note": "text",
        "value": "switch:h",
        "table": "open",
        "field": "open",
        "set": "presence",
    }
    records = [
        {
            "id": "1",
            "by": "abel",
            "note": "secret",
            "value": "abel",
            "table": "incident",
            "field": "owner",
            "set": "secret",
        },
        {"id": "2", "by": "", "note": "", "value": "2", "table": "incident", "field": "state", "set": ""},
        {"id": "3", "by": None, "value": "secret", "table": None, "field": None},
    ]
    page = decoder(kinds, {"h": switch})(msgspec.json.encode({"result": records}))
    rows = page.table.to_pylist()
    abel, secret = PRIVACY.person("abel"), PRIVACY.measure("secret")
    assert [(row["by"], row["note"], row["value"], row["set"]) for row in rows] == [
        (abel, secret, abel, "present"),
        ("", "", "2", ""),
        (None, None, secret, None),
    ]
    assert page.values("by") == ("abel", "", None), "the adapter sees what the tool sent"


def test_columns_read_in_another_way_become_a_page_too() -> None:
    page: DecodedPage = decoder({"id": "open", "by": "person", "more": "open"}).tabulate(
        {"by": ["abel"], "id": ["1"]}, 1
    )
    assert page.table.to_pylist() == [{"id": "1", "by": PRIVACY.person("abel")}]
    assert decoder().tabulate({}, 0).table.num_rows == 0


def test_fields_that_were_never_read_or_kept_in_another_way_are_unread() -> None:
    then = decoder({"id": "open", "by": "open", "note": "text"})
    record = {"fields": list(then.names), "treatments": then.treatments}
    assert then.unread(record) == []
    assert decoder({"id": "open", "by": "person", "note": "text", "new": "open"}).unread(record) == ["by", "new"]
    assert then.unread({}) == ["id", "by", "note"]
