"""Value maps with the instance's own labels; what labels and codes hold stays words, whatever they hold."""

from __future__ import annotations

from urllib.parse import quote

from site_of_desk import Site

HOSTILE = (
    "x' THEN 'closed' END; DROP TABLE work_item; --",
    'quote " brace { } {0} %s',
    "back\\slash",
    "semi;colon",
    "new\nline",
    "''",
    "$1 ? ?",
    "nul \x00 and \x1f",
)


def states(site: Site) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in site.sql("SELECT source_key, state, source_state FROM work_item")}


def relabel(site: Site, code: str, label: str, **more: str) -> None:
    site.desk.put(
        "choice",
        f"c{code}{more.get('language', '')}",
        table="incident",
        element="state",
        code=code,
        label=label,
        **{"language": "en", **more},
    )


def test_the_label_of_the_instance_wins_over_our_code(synced: Site) -> None:
    assert states(synced)["i1"] == ("in_progress", "In Progress")
    relabel(synced, "2", "On Hold")
    synced.sync()
    assert states(synced)["i1"] == ("pending", "On Hold"), "no incident changed, but what its code means did"
    assert synced.log_rows("source/desk/incident") == {1: 5}


def test_a_label_that_we_do_not_know_is_unknown_and_counted(synced: Site) -> None:
    relabel(synced, "2", "Waiting for the moon")
    report = synced.sync()
    assert states(synced)["i1"] == ("unknown", "Waiting for the moon")
    count = sum(state == "unknown" for state, _ in states(synced).values())
    assert report.streams["desk"]["incident"]["unmapped"] == count == 2


def test_a_code_that_the_instance_does_not_list_falls_back_to_ours(synced: Site) -> None:
    synced.desk.remove("choice", "c7")
    synced.desk.put("incident", "i1", state="7")
    synced.desk.put("incident", "i2", state="12")
    synced.desk.put("incident", "i3", state="On Hold")
    synced.sync()
    assert states(synced)["i1"] == ("closed", "7")
    assert states(synced)["i2"] == ("unknown", "12")
    assert states(synced)["i3"] == ("pending", "On Hold"), "a value may be a label itself"


def test_without_readable_labels_our_codes_hold(site: Site) -> None:
    site.desk.denied = {"choice": "closed"}
    report = site.sync()
    assert states(site)["i1"] == ("in_progress", "2")
    assert states(site)["i2"] == ("unknown", "3")
    assert report.streams["desk"]["incident"]["unmapped"] == 2


def test_labels_of_the_preferred_language_win(synced: Site) -> None:
    relabel(synced, "2", "In Arbeit", language="de")
    relabel(synced, "9", "Abgeschlossen", language="de")
    synced.desk.put("incident", "i2", state="9")
    synced.sync()
    assert states(synced)["i1"] == ("in_progress", "In Progress")
    assert states(synced)["i2"] == ("unknown", "Abgeschlossen")


def test_labels_with_outer_space_and_other_case_are_the_same(synced: Site) -> None:
    relabel(synced, "2", "  CLOSED ")
    synced.sync()
    assert states(synced)["i1"] == ("closed", "  CLOSED ")


def test_hostile_labels_and_codes_break_nothing(synced: Site) -> None:
    for number, text in enumerate(HOSTILE):
        relabel(synced, f"h{number}", text)
        relabel(synced, text, text)
        synced.desk.put("incident", f"label{number}", state=f"h{number}", number=text, category=text)
        synced.desk.put("incident", f"code{number}", state=text)
    synced.sync()
    for number, text in enumerate(HOSTILE):
        assert states(synced)[f"label{number}"] == states(synced)[f"code{number}"] == ("unknown", text)
        query = f"SELECT number, category FROM work_item WHERE source_key = 'label{number}'"
        assert synced.sql(query) == [(text, text)]
    assert len(synced.item_keys()) == 7 + 2 * len(HOSTILE)
    assert synced.verify().problems == []


def test_a_hostile_key_is_only_a_key(synced: Site) -> None:
    key = "k'\"; DROP TABLE x; -- {}"
    synced.desk.put("incident", key, number="N")
    synced.sync()
    assert key in synced.item_keys()
    assert synced.sql("SELECT url FROM work_item WHERE number = 'N'") == [
        (f"https://desk.example/incident/{quote(key)}",)
    ]
    synced.desk.remove("incident", key)
    synced.sync()
    assert key not in synced.item_keys()


def test_labels_without_language_or_words_are_taken_as_they_are(synced: Site) -> None:
    synced.desk.put("choice", "c2", language=None, label="Closed")
    synced.desk.put("choice", "c3", label=None)
    synced.sync()
    assert states(synced)["i1"] == ("closed", "Closed")
    assert states(synced)["i2"] == ("unknown", "3")
