"""Mapping files: laid one over the other key by key; each mistake is one MappingError that names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_of_desk import FILES, overlay, write_mapping

from itsm_bridge.errors import MappingError
from itsm_bridge.mapping.rules import ColumnRule, read_mapping


def test_an_overlay_changes_the_keys_it_names_and_leaves_the_others(tmp_path: Path) -> None:
    usual = write_mapping(tmp_path / "usual")
    site = overlay(
        tmp_path / "site",
        incident='keep = ["u_site"]\n[work_item]\ncategory = "u_category"\nsubcategory = "category"\n',
        values='[state.labels]\n"waiting for vendor" = "pending"\n[state.codes]\n"2" = "assigned"\n',
    )
    below, mapping = read_mapping([usual]), read_mapping([usual, site])
    before, after = (m.streams["incident"].tables[0].columns for m in (below, mapping))
    assert after["category"] == ColumnRule(field="u_category")
    assert after["subcategory"] == ColumnRule(field="category")
    assert {name: rule for name, rule in after.items() if name not in ("category", "subcategory")} == {
        name: rule for name, rule in before.items() if name != "category"
    }
    assert mapping.streams["incident"].keep == ("u_site",)
    assert mapping.values["state"].labels["waiting for vendor"] == "pending"
    assert mapping.values["state"].labels["new"] == "new"
    assert mapping.values["state"].codes == {"1": "new", "2": "assigned", "7": "closed"}
    assert mapping.streams["change"] == below.streams["change"]
    assert set(mapping.contents) == {f"0/{name}.toml" for name in FILES} | {"1/incident.toml", "1/values.toml"}


def test_an_overlay_may_bring_a_stream_of_its_own(tmp_path: Path) -> None:
    site = overlay(
        tmp_path / "site",
        u_ticket='[work_item]\nwork_item_id = "id"\nrecord_type = { constant = "task" }\nsource_key = "id"\n',
    )
    assert "u_ticket" in read_mapping([write_mapping(tmp_path / "usual"), site]).streams


LOOKUP = "lookup = { stream = 'usr', match = 'a', value = 'b' }"
HEAD = 'work_item_id = "id"\nrecord_type = { constant = "task" }\nsource_key = "id"\n'


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"x": "[work_item"}, "cannot be read as TOML"),
        ({"x": "[work_itm]\n"}, "no canonical table `work_itm`; did you mean `work_item`"),
        ({"x": 'work_item = "id"'}, "must be a table"),
        ({"x": f"[work_item]\n{HEAD}titel = 't'"}, "no such column; did you mean `title`"),
        ({"x": "[work_item]\nrecord_type = 'x'\nsource_key = 'id'"}, "required column `work_item_id` is not filled"),
        ({"x": "[transition]\ntransition_id = 'id'\nwork_item_id = 'd'"}, "required column `at` is not filled"),
        (
            {"x": f"[work_item]\n{HEAD}state = {{ field = 's', values = 'stat' }}"},
            "value map `stat`; did you mean `state`",
        ),
        ({"x": f"[work_item]\n{HEAD}state = {{ field = 's', switch = 'histori' }}"}, "did you mean `history`"),
        ({"x": f"[work_item]\n{HEAD}state = {{ field = 's', constant = 'new' }}"}, "needs exactly one of"),
        ({"x": f"[work_item]\n{HEAD}state = {{}}"}, "needs exactly one of"),
        ({"x": f"[work_item]\n{HEAD}state = {{ feld = 's' }}"}, "no key `feld`; did you mean 'field'?"),
        ({"x": f"[work_item]\n{HEAD}state = 5"}, "should be a table, and not a whole number"),
        ({"x": f"[work_item]\n{HEAD}title = {{ field = 't', measure = 'words' }}"}, "'words' is not possible here"),
        ({"x": f"[work_item]\n{HEAD}parent_id = {{ field = 'p', {LOOKUP} }}"}, "no stream `usr`; did you mean `user`"),
        ({"x": f"[work_item]\n{HEAD}parent_id = {{ first = ['p'], {LOOKUP} }}"}, "`lookup` needs `field`"),
        ({"x": f"[work_item]\n{HEAD}where = 'always'"}, "must be a table"),
        ({"x": f"[work_item]\n{HEAD}where = {{ type = 5 }}"}, "should be a list, and not a whole number"),
        ({"x": 'stream = "incident"\n'}, "the stream `incident` has two mapping files"),
        ({"x": 'keep = "field"'}, "should be a list, and not words"),
        ({"values": '[switch.history]\n"*.*" = "text"'}, "needs `by` with one or two fields"),
        ({"values": '[switch.history]\nby = ["a", "b"]\n"*.*" = "txt"'}, "did you mean `text`"),
        ({"values": '[switch.history]\nby = ["a", "b"]\n"*.*" = "id:persn"'}, "did you mean `id:person`"),
        ({"values": "switch = 3"}, "must be a table"),
        ({"values": '[state]\nlabel = { a = "b" }'}, "no key `label`; did you mean 'labels'?"),
        (
            {"values": FILES["values"].replace('= "new"', '= "neww"', 1)},
            "'neww' is nothing that `state` can hold; did you mean 'new'?",
        ),
        ({"x": f"[work_item]\n{HEAD}channel = {{ constant = 'fax' }}"}, "'fax' is nothing that `channel` can hold"),
        ({"x": f"[work_item]\n{HEAD}category = {{ field = 'c', pattern = '(' }}"}, "no regular expression"),
        ({"x": f"[work_item]\n{HEAD}category = {{ field = 'c', pattern = '(?=a)(b)' }}"}, "no regular expression"),
        ({"x": f"[work_item]\n{HEAD}category = {{ field = 'c', pattern = 'abc' }}"}, "needs a group"),
        ({"tool": '[formats]\ninstant = "local"'}, "'local' is not possible here"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_what_may_be_meant(
    tmp_path: Path, files: dict[str, str], says: str
) -> None:
    [name] = files
    base = {"user": FILES["user"], "values": FILES["values"], "incident": FILES["incident"], "tool": FILES["tool"]}
    folder = overlay(tmp_path / "m", **base | files)
    with pytest.raises(MappingError) as caught:
        read_mapping([folder])
    assert says in str(caught.value)
    assert f"{name}.toml" in str(caught.value.where)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no such folder"):
        read_mapping([tmp_path / "nothing"])


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MappingError, match="cannot be read as TOML"):
        read_mapping([tmp_path])
