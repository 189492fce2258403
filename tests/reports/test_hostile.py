"""What strangers type cannot steer a terminal, a spreadsheet or a browser."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm_bridge.hostile import for_link, for_spreadsheet, for_terminal


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b[2J\x1b]0;owned\x07", "␛[2J␛]0;owned␇"),
        ("one\ntwo\r\nthree\tfour", "one two  three four"),
        ("a\x9bc", "a�c"),
        ("invoice\u202egpj.exe", "invoice�gpj.exe"),
        ("in\u200bvisible", "in�visible"),
        ("Größe, 日本, עברית", "Größe, 日本, עברית"),
        ("\ud800", "�"),
    ],
)
def test_a_terminal_gets_nothing_that_it_obeys(typed: str, shown: str) -> None:
    assert for_terminal(typed) == shown


@given(st.text())
def test_no_text_reaches_the_terminal_with_a_control_character_or_a_second_line(text: str) -> None:
    shown = for_terminal(text)

    assert all(character.isprintable() for character in shown)
    assert len(shown) == len(text)
    shown.encode()


@pytest.mark.parametrize(
    "typed", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "  =1+1", "\t=1", "＝1+1", "\ufeff=1"]
)
def test_a_spreadsheet_takes_formulas_as_words(typed: str) -> None:
    assert for_spreadsheet(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["-5", "+3.25", "printer = broken", "", "a@b.example", "10:30"])
def test_a_spreadsheet_gets_numbers_and_plain_words_as_they_are(typed: str) -> None:
    assert for_spreadsheet(typed) == typed


@given(st.text())
def test_a_cell_written_as_csv_never_begins_a_formula(text: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([for_spreadsheet(text)])
    cell = next(csv.reader(io.StringIO(buffer.getvalue(), newline="")), [""])[0]

    assert not cell.lstrip(" ").startswith(("=", "@"))
    assert "\x00" not in cell


@pytest.mark.parametrize("url", ["https://acme.service-now.com/nav_to.do?uri=a%2Fb#c", "http://127.0.0.1:8080/x"])
def test_links_into_the_tool_are_followed(url: str) -> None:
    assert for_link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "//evil.example", "/relative", "https://",
        "https://tool.example@evil.example/", 'https://a.example/"onclick=', "https://a.example/\x00", "http://[::1",
        "https://a.example\\@evil.example", f"https://a.example/{'x' * 3000}", "", None,
    ],
)  # fmt: skip
def test_anything_else_is_no_link(url: str | None) -> None:
    assert for_link(url) is None
