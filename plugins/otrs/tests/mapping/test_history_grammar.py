"""Each HistoryType has an order of its own; names may hold the mark between the parts, and texts are cut."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from itsm_bridge_otrs.grammar import MOST, Change, Evidence, read, read_with

NOTHING = Evidence(None, None, {})


@pytest.mark.parametrize(("kind", "text", "expected"), [
    ("NewTicket", "%%2026112210000013%%Netzwerk & VPN%%4 high%%new%%301", Change("created", to="new")),
    ("NewTicket", "%%GenericInterface Create", Change("article", to="GenericInterface Create")),
    ("NewTicket", "New Ticket [2021012710123456] created.", Change("created")),
    ("StateUpdate", "%%open%%closed successful%%", Change("state", "open", None, "closed successful")),
    ("Move", "%%SAP%%9%%Security%%10", Change("queue", "Security", "10", "SAP", "9")),
    ("PriorityUpdate", "%%4 high%%4%%1 very low%%1", Change("priority", "4 high", "4", "1 very low", "1")),
    ("OwnerUpdate", "%%eivanov%%8", Change("owner", to="eivanov", to_id="8")),
    ("ResponsibleUpdate", "%%anna.müller%%4", Change("responsible", to="anna.müller", to_id="4")),
    ("SLAUpdate", "%%Gold 24x7%%1%%Silver%%2", Change("sla", "Silver", "2", "Gold 24x7", "1")),
    ("SLAUpdate", "%%Silver%%2%%NULL%%", Change("sla", to="Silver", to_id="2")),
    ("ServiceUpdate", "%%NULL%%%%NULL%%", Change("service")),
    ("ServiceUpdate", "%%NULL%%%%VPN%%5", Change("service", "VPN", "5")),
    ("TypeUpdate", "%%Incident%%2", Change("type", to="Incident", to_id="2")),
    ("TypeUpdate", "%%Problem%%3%%Incident%%2", Change("type", "Incident", "2", "Problem", "3")),
    ("TitleUpdate", "%%cache test%%neu", Change("title", "cache test", None, "neu")),
    ("TitleUpdate", "%%" + "a" * (MOST - 2), Change("title", "a" * (MOST - 2))),
    ("Lock", "%%lock", Change("lock", to="lock")),
    ("Unlock", "%%unlock", Change("lock", to="unlock")),
    ("SetPendingTime", "%%2026-11-30 09:00", Change("pending", to="2026-11-30 09:00:00")),
    ("SetPendingTime", "%%00-00-00 00:00", Change("pending")),
    ("CustomerUpdate", "%%CustomerID=ACME;CustomerUser=joerg;", Change("customer", to="ACME", to_id="joerg")),
    ("TicketDynamicFieldUpdate", "%%FieldName%%IsMajor%%Value%%1%%OldValue%%", Change("dynamic.IsMajor", to="1")),
    ("TicketDynamicFieldUpdate", "%%FieldName%%Note%%Value%%%%OldValue%%a%%b", Change("dynamic.Note", "a%%b")),
    ("TicketDynamicFieldUpdate", "%%FieldName%%Note%%Value%%x\ny", Change("dynamic.Note", to="x\ny")),
    ("TicketDynamicFieldUpdate", "%%FieldName%%" + "N" * 187, Change("other", to="FieldName%%" + "N" * 187)),
    ("Merged", "%%20260032%%286%%20260023%%285", Change("merged", "20260032", "286", "20260023", "285")),
    ("AddNote", "%%", Change("article")),
    ("SendAnswer", "%%a@b.c, d@e.f", Change("article", to="a@b.c, d@e.f")),
    ("EscalationSolutionTimeStart", "%%EscalationSolutionTimeStart%%triggered",
     Change("escalation", to="SolutionTimeStart")),
    ("Misc", "Reset of unlock time.", Change("other", to="Reset of unlock time.")),
    ("TimeAccounting", "%%15%%15", Change("other", to="15%%15")),
    ("TicketLinkAdd", "%%20260023%%285%%286", Change("link", None, "285", "20260023", "286")),
    ("TicketLinkAdd", "%%20260032%%286%%285", Change("link", None, "285", "20260032", "286")),
    ("TicketLinkDelete", "%%2026A%%9%%10", Change("link", None, "9", "2026A", "10")),
    ("TicketLinkAdd", "%%cut", Change("other", to="cut")),
    ("SomethingOfAnAddOn", "%%a%%b", Change("other", to="a%%b")),
    ("", "", Change("other")),
])  # fmt: skip
def test_every_kind_by_its_own_grammar(kind: str, text: str, expected: Change) -> None:
    assert read(kind, text) == expected


def test_a_cut_text_gives_what_there_is() -> None:
    long = "Q" * 150
    assert read("Move", f"%%{long}%%9%%{'R' * 44}") == Change("queue", "R" * 44, None, long, "9")
    assert read("NewTicket", f"%%2026%%{'Q' * 192}") == Change("created")


def test_ids_of_the_row_decide_where_a_name_holds_the_mark() -> None:
    text = "%%a%%7%%b%%7%%c%%9"
    assert read("Move", text) is None
    assert read_with("Move", text, Evidence("7", "9", {"7": "a%%7%%b"})) == Change("queue", "c", "9", "a%%7%%b", "7")
    assert read_with("Move", text, Evidence("7", "9", {"7": "a"})) == Change("queue", "b%%7%%c", "9", "a", "7")


def test_names_known_from_elsewhere_decide_where_rows_have_no_id() -> None:
    evidence = Evidence(None, None, {"1": "Gold%%1%%24x7", "2": "Silver"})
    found = read_with("SLAUpdate", "%%Gold%%1%%24x7%%1%%Silver%%2", evidence)
    assert found == Change("sla", "Silver", "2", "Gold%%1%%24x7", "1")


def test_a_name_that_ends_or_begins_with_a_sign_of_the_mark_is_not_cut() -> None:
    text = "%%100%%%open%%"
    assert read("StateUpdate", text) is None
    assert read_with("StateUpdate", text, Evidence("4", "12", {"4": "open", "12": "100%"})) == Change(
        "state", "100%", None, "open"
    )
    assert read_with("StateUpdate", text, Evidence("4", "12", {"4": "%open", "12": "100"})) == Change(
        "state", "100", None, "%open"
    )


def test_what_nothing_decides_is_kept_as_it_is() -> None:
    assert read_with("StateUpdate", "%%a%%b%%c%%", NOTHING) == Change("state", to="a%%b%%c%%")
    assert read_with("StateUpdate", "%%", NOTHING) == Change("state")


def test_a_text_of_nothing_but_marks_takes_no_time() -> None:
    text = "%" * MOST
    assert read("NewTicket", text) is None
    assert read_with("NewTicket", text, Evidence("1", None, {"1": "new"})).field == "created"


class Named(NamedTuple):
    name: str
    id: str


PART = st.sampled_from(["%", "%%", "NULL", "a", "7", "12", ":", " ", "ü", "\n"])
NAMED = st.builds(
    Named, st.lists(PART, min_size=1, max_size=4).map("".join).filter(lambda name: name != "NULL"),
    st.integers(1, 99).map(str),
)  # fmt: skip


def written(kind: str, old: Named, new: Named) -> str:
    """The text as the tool writes it."""
    order = [new.name, new.id, old.name, old.id]
    parts = {
        "StateUpdate": [old.name, new.name, ""], "PriorityUpdate": [old.name, old.id, new.name, new.id],
        "NewTicket": ["2026", "Raw", "3 normal", new.name, "5"], "OwnerUpdate": [new.name, new.id],
    }.get(kind, order)  # fmt: skip
    return "".join(f"%%{part}" for part in parts)


KINDS = ("StateUpdate", "PriorityUpdate", "NewTicket", "OwnerUpdate", "Move", "TypeUpdate", "SLAUpdate")


@given(st.sampled_from(KINDS), NAMED, NAMED)
def test_whatever_names_hold_what_was_written_is_read(kind: str, old: Named, new: Named) -> None:
    assume(old.id != new.id)
    text = written(kind, old, new)
    evidence = Evidence(new.id, old.id, {old.id: old.name, new.id: new.name})
    found = read(kind, text) or read_with(kind, text, evidence)
    assert found.to == new.name
    if kind not in ("NewTicket", "OwnerUpdate"):
        assert found.from_ == old.name
    if kind not in ("NewTicket", "StateUpdate"):
        assert (found.from_id or old.id, found.to_id) == (old.id, new.id)


@given(st.text(max_size=40), st.text(max_size=220))
def test_nothing_that_a_row_may_say_is_an_error(kind: str, text: str) -> None:
    assert read(kind, text) is not None
    for known in KINDS:
        assert (read(known, text) or read_with(known, text, NOTHING)).field
