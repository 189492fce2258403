"""Pseudonyms and measures: stable, keyed, and telling lengths without words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.privacy import Privacy, trimmed_length


def test_a_pseudonym_is_stable_keyed_and_tells_nothing() -> None:
    one, same, other = Privacy(b"k" * 32), Privacy(b"k" * 32), Privacy(b"x" * 32)
    assert one.person("abel.tuter") == same.person("abel.tuter") != other.person("abel.tuter")
    assert one.person("abel.tuter") != one.person("abel.tutor")
    assert "abel" not in str(one.person("abel.tuter"))


def test_empty_and_missing_people_stay_empty_and_missing_and_technical_accounts_stay_readable() -> None:
    privacy = Privacy(b"k", technical=["system"])
    assert [privacy.person(value) for value in (None, "", "system")] == [None, "", "system"]


def test_a_persons_pseudonym_is_not_the_hash_of_a_text() -> None:
    privacy = Privacy(b"k")
    assert str(privacy.measure("abel")).split(":")[2] not in str(privacy.person("abel"))


@given(st.text(min_size=1))
def test_a_measure_tells_length_and_equality_and_never_words(text: str) -> None:
    privacy = Privacy(b"k" * 32)
    measure = str(privacy.measure(text))
    raw, trimmed, digest = measure.split(":")
    assert (int(raw), len(digest)) == (len(text), 24)
    assert 0 <= int(trimmed) <= int(raw)
    assert measure == privacy.measure(text)
    assert measure != privacy.measure(text + "!")
    assert Privacy(b"k" * 32, keep_text=True).measure(text) == f"{measure}:{text}"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("  two words \n", 9),
        ("<p>Hi</p>", 2),
        ("[code]<b>x</b>[/code]", 1),
        ("&nbsp;&#160;", 0),
        ("a &amp; b", 5),
        ("<p>&nbsp;</p>", 0),
        ("5 < 6 and 7 > 3", 15),
        ("<", 1),
        ("&", 1),
        ("", 0),
        ("<" * 2000, 2000),
    ],
)
def test_markup_and_outer_space_do_not_count(text: str, length: int) -> None:
    assert trimmed_length(text) == length


def test_a_hostile_text_is_measured_in_linear_time() -> None:
    assert trimmed_length("<" * 200_000) == 200_000
    assert trimmed_length("&#" * 100_000) == 200_000


def test_ways_of_keeping_are_named_apart() -> None:
    made = [
        Privacy(b"k"),
        Privacy(b"k", keep_people=True),
        Privacy(b"k", technical=["system"]),
        Privacy(b"k", keep_text=True),
    ]
    assert len({(p.treatment_of_people, p.treatment_of_texts) for p in made}) == 4
    assert len({p.fingerprint for p in made}) == 1
