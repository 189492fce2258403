"""No file of a store holds a name or a word unless the source says so; the key is guarded."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from site_of_desk import Site, fill

from itsm_bridge.errors import ConfigurationError
from itsm_bridge.secrets import Secret
from itsm_bridge.settings import Privacy

NAMES = ("zaphod.beeblebrox", "u-trillian-4711", "ford.prefect")
WORDS = ("Xylophone lost at gate", "because Magrathea said so", "babelfish")
OPEN = "visible-category"


def plant(site: Site) -> None:
    login, key, other = NAMES
    title, reason, secret = WORDS
    site.desk.put("user", key, login=login, active="true")
    site.desk.put(
        "incident",
        "planted",
        number="INC99",
        title=title,
        caller=key,
        resolver_login=login,
        category=OPEN,
        approval_note=secret,
        assignee=other,
    )
    site.desk.put("change", "planted-change", number="CHG99", title=title, reason=reason, caller=other)
    for number, (field, old, new) in enumerate(
        [("assignee", key, other), ("short_description", title, reason), ("comments", "", secret), ("state", "1", "2")]
    ):
        site.desk.put(
            "history",
            f"p{number}",
            table="incident",
            field=field,
            field_kind="other",
            document="planted",
            old=old,
            new=new,
            seq=str(number),
            by=login,
        )


def stored(path: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that lies in a store: bytes as they are, and the values inside Parquet files."""
    for file in sorted(path.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            yield str(file), data
            if file.suffix == ".parquet":
                yield str(file), str(ds.dataset(file).to_table().to_pylist()).encode()
            elif data[:2] == b"\x1f\x8b":
                yield str(file), zlib.decompress(data, 31)


def holds(path: Path, text: str) -> list[str]:
    return [name for name, data in stored(path) if text.encode() in data]


def test_planted_names_and_words_lie_in_no_file_of_the_store(synced: Site) -> None:
    plant(synced)
    synced.sync()
    assert holds(synced.path, OPEN), "the search finds what is there"
    assert {text: holds(synced.path, text) for text in (*NAMES, *WORDS) if text != "babelfish"} == {
        text: [] for text in (*NAMES, *WORDS) if text != "babelfish"
    }


def test_a_flag_that_a_text_is_there_does_not_keep_the_text(synced: Site) -> None:
    plant(synced)
    synced.sync()
    assert synced.sql("SELECT is_approval_required FROM work_item WHERE source_key = 'planted'") == [(True,)]
    assert holds(synced.path, "babelfish") == []


def test_a_crash_and_a_remap_leave_no_words_behind_either(synced: Site) -> None:
    plant(synced)
    synced.desk.fails["incident", "tail"] = (0, ZeroDivisionError("the process dies"))
    with pytest.raises(ZeroDivisionError):
        synced.sync()
    synced.desk.fails.clear()
    synced.sync()
    synced.remap()
    assert [text for text in (*NAMES, *WORDS) if holds(synced.path, text)] == []


def test_one_person_is_one_pseudonym_wherever_they_appear(synced: Site) -> None:
    plant(synced)
    synced.sync()
    [(requester, resolver)] = synced.sql(
        "SELECT requester_id, resolved_by_id FROM work_item WHERE source_key = 'planted'"
    )
    [(person,)] = synced.sql(f"SELECT person_id FROM person WHERE person_id = '{requester}'")
    [(old,)] = synced.sql("SELECT old_value FROM transition WHERE source_field = 'other' AND seq = 0")
    assert requester == resolver == person == old


def test_history_values_of_texts_are_measured(synced: Site) -> None:
    plant(synced)
    synced.sync()
    [(old, new, source)] = synced.sql(
        "SELECT old_value, new_value, source_new_value FROM transition WHERE seq = 1 AND "
        "work_item_id = 'desk:work_item:planted'"
    )
    assert old.startswith(f"text:{len(WORDS[0])}:")
    assert new.startswith(f"text:{len(WORDS[1])}:")
    assert source is None


def test_text_keep_keeps_words_and_people_keep_keeps_keys(site: Site) -> None:
    plant(site)
    site.settings |= {"text": "keep", "people": "keep"}
    site.sync()
    [row] = site.sql("SELECT title_text, title_length, requester_id FROM work_item WHERE source_key = 'planted'")
    assert row == (WORDS[0], len(WORDS[0]), f"desk:person:{NAMES[1]}")
    assert site.sql("SELECT title_text FROM work_item WHERE source_key = 'i1'") == [("Broken thing 1",)]
    assert site.sql("SELECT justification_text FROM change_detail ORDER BY 1") == [
        ("because Magrathea said so",),
        ("worn out",),
        ("worn out",),
    ]


def test_another_way_of_keeping_people_has_them_read_again_so_that_nobody_is_two(synced: Site) -> None:
    synced.settings["people"] = "keep"
    synced.sync()
    assert synced.sql("SELECT DISTINCT requester_id FROM work_item WHERE requester_id IS NOT NULL ORDER BY 1") == [
        ("desk:person:u1",),
        ("desk:person:u2",),
        ("desk:person:u3",),
    ]
    assert synced.sql("SELECT person_id FROM person ORDER BY 1") == [
        ("desk:person:u1",),
        ("desk:person:u2",),
        ("desk:person:u3",),
    ]
    assert synced.desk.plans.count(("incident", None)) == 1


def test_the_key_is_made_once_and_is_its_owners_alone(synced: Site) -> None:
    path = synced.store.state_folder / "privacy.key"
    before = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(before)) == 32
    synced.sync()
    assert path.read_text() == before
    assert [name for name, data in stored(synced.path) if before.encode() in data] == [str(path)]


@pytest.mark.parametrize("damage", ["", "not hex", "ab" * 32])
def test_a_missing_damaged_or_other_key_is_refused(synced: Site, damage: str) -> None:
    path = synced.store.state_folder / "privacy.key"
    path.write_text(damage)
    with pytest.raises(ConfigurationError) as caught:
        synced.sync()
    assert caught.value.hint
    path.unlink()
    with pytest.raises(ConfigurationError, match="the key of the pseudonyms is gone"):
        synced.sync()
    with pytest.raises(ConfigurationError, match="gone"):
        synced.remap()
    assert not path.exists()


def test_a_key_from_the_settings_is_used_and_no_other_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path)
    fill(site.desk, incidents=1)
    monkeypatch.setenv("BRIDGE_KEY", "correct horse battery staple")
    site.privacy = {"privacy": Privacy(key=Secret(env="BRIDGE_KEY"))}
    site.sync()
    assert not (site.store.state_folder / "privacy.key").exists()
    assert holds(site.path, "correct horse") == []
    monkeypatch.setenv("BRIDGE_KEY", "another horse")
    with pytest.raises(ConfigurationError, match="another key of pseudonyms"):
        site.sync()
