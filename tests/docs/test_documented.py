"""What can be set, called or extended is documented."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from itsm_bridge import errors, hookspecs
from itsm_bridge.adapter import SourceSettings
from itsm_bridge.checking import definition, load_kpis
from itsm_bridge.cli.application import COMMANDS
from itsm_bridge.mapping.rules import ColumnRule
from itsm_bridge.plugins import Plugins
from itsm_bridge.policy import choices, template
from itsm_bridge.policy.tables import FILES
from itsm_bridge.process import BUILT_IN, Constraint, load_constraints
from itsm_bridge.process.activities import ACTIVITIES
from itsm_bridge.process.templates import TEMPLATES
from itsm_bridge.schema.runs import KPI_DIMENSIONS, KPI_UNITS
from itsm_bridge.settings import Config

from .conftest import DOCS, PAGES, ROOT

NOT_WRITTEN_DOWN = {"text", "path"}
"""Fields of a check that are made when its file is read."""


def documented_in(page: str, heading: str) -> dict[str, str]:
    """Settings in the table under a heading of a page: name to default."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {heading!r}"
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", found[1], re.MULTILINE))


@pytest.mark.parametrize("section", ["store", "assessment", "report", "schedule", "privacy"])
def test_every_setting_of_a_section_is_documented(section: str) -> None:
    model = Config.model_fields[section].annotation
    assert set(documented_in("configuration.md", f"`[{section}]`")) == set(model.model_fields)


def test_every_section_is_documented() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    sections = {name for name, field in Config.model_fields.items() if not field.exclude}
    assert {name for name in sections if f"## `[{name}" in text} == sections


def test_every_setting_that_all_sources_have_is_documented() -> None:
    assert set(documented_in("configuration.md", "`[sources.<name>]`")) == set(SourceSettings.model_fields)


@pytest.mark.parametrize("name", ["servicenow", "jira_sm", "otrs", "files"])
def test_every_setting_of_an_adapter_is_documented(name: str, plugins: Plugins) -> None:
    own = plugins.adapters[name].settings.model_fields.keys() - SourceSettings.model_fields.keys()
    assert set(documented_in("configuration.md", f"Adapter `{name}`")) == own


@pytest.mark.parametrize("adapter", ["servicenow", "jira_sm", "otrs"])
def test_documented_defaults_are_the_defaults(adapter: str, plugins: Plugins) -> None:
    text = documented_in("configuration.md", f"Adapter `{adapter}`")
    for name, field in plugins.adapters[adapter].settings.model_fields.items():
        if isinstance(field.default, int) and name in text:
            assert text[name] == f"`{field.default}`"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown_somewhere(command: str) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in [*PAGES, ROOT / "README.md", ROOT / "Makefile"])
    assert f"itsm-bridge {command}" in pages


def test_every_hook_is_documented() -> None:
    text = (DOCS / "plugins.md").read_text(encoding="utf-8")
    hooks = {name for name in vars(hookspecs) if name.startswith("itsm_")}
    assert set(re.findall(r"^\| `(itsm_\w+)`", text, re.MULTILINE)) == hooks


def _has_kinds(error: type) -> bool:
    return any(kind.__module__ == errors.__name__ for kind in error.__subclasses__())


def test_every_error_and_its_exit_code_is_documented() -> None:
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    leaves = {
        kind.__name__: kind.exit_code for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.ItsmBridgeError)
        and (not _has_kinds(kind) or kind is errors.StoreError)
    }  # fmt: skip
    documented = {name: int(code) for name, code in re.findall(r"^\| `(\w+)` \| (\d) \|", text, re.MULTILINE)}
    assert documented == leaves


def test_every_exit_code_is_documented() -> None:
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert codes <= set(map(int, re.findall(r"^\| (\d+) \| ", text, re.MULTILINE)))


def test_every_key_of_a_check_file_is_documented() -> None:
    text = (DOCS / "checks.md").read_text(encoding="utf-8").partition("## Keys")[2].partition("\n## ")[0]
    first_cells = "".join(re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE))
    keys = {field.name for field in fields(definition.Check)} - NOT_WRITTEN_DOWN
    assert keys == set(re.findall(r"`(\w+)`", first_cells))


def test_every_key_and_word_of_a_kpi_file_is_documented() -> None:
    text = (DOCS / "kpis.md").read_text(encoding="utf-8")
    cells = "".join(re.findall(r"^\| ([^|]+) \|", text.partition("## One file")[2], re.MULTILINE))
    assert {field.name for field in fields(definition.Kpi)} - NOT_WRITTEN_DOWN <= set(re.findall(r"`(\w+)`", cells))
    words = (*definition.FIGURES, *definition.BETTER, *KPI_UNITS, *KPI_DIMENSIONS)
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_kpi_is_listed(plugins: Plugins) -> None:
    text = (DOCS / "kpis.md").read_text(encoding="utf-8")
    kpis = load_kpis(plugins.kpi_folders)
    assert [kpi.id for kpi in kpis if f"| `{kpi.id}` | {kpi.title} | {kpi.unit} |" not in text] == []
    assert len(re.findall(r"^\| `\w+` \| [^|]+ \| \w+ \| (?:lower|higher|–) \|", text, re.MULTILINE)) == len(kpis)


def test_every_rule_template_activity_and_key_of_a_rule_is_documented() -> None:
    text = (DOCS / "process.md").read_text(encoding="utf-8")
    rules = [rule for file in load_constraints([BUILT_IN]) for rule in file.constraints]
    assert [rule.id for rule in rules if f"| `{rule.id}` | {rule.title} | " not in text] == []
    assert [
        name for name, each in TEMPLATES.items() if f"| `{name}` | {each.meaning} | {each.violated} |" not in text
    ] == []
    assert [name for name, each in ACTIVITIES.items() if f"| `{name}` | {each.meaning} |" not in text] == []
    cells = "".join(re.findall(r"^\| ([^|]+) \|", text.partition("## A rule of your own")[2], re.MULTILINE))
    assert {field.name for field in fields(Constraint)} <= set(re.findall(r"`(\w+)`", cells))


@pytest.mark.parametrize("words", [definition.KINDS, definition.SEVERITIES, definition.BASES, definition.RELATIONS])
def test_every_word_that_a_check_may_use_is_documented(words: tuple[str, ...]) -> None:
    text = (DOCS / "checks.md").read_text(encoding="utf-8")
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_form_of_a_mapped_column_is_documented() -> None:
    text = (DOCS / "mapping.md").read_text(encoding="utf-8")
    forms = {name for name in ColumnRule.__struct_fields__ if name != "is_canonical"}
    assert {name for name in forms if f"`{name}`" in text} == forms


def test_every_policy_file_is_documented() -> None:
    text = (DOCS / "policy.md").read_text(encoding="utf-8")
    files = {choices.PARAMETERS, *template(), *FILES}
    assert set(re.findall(r"`([\w.]+\.(?:toml|csv))`", text)) == files


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8")):
            if Path(target).suffix != ".png":
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
