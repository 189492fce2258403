"""Values as people write them, and SQL that carries over to other engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from itsm_bridge.checking import Parameter, is_looser, parameter_names
from itsm_bridge.checking.definition import Bound
from itsm_bridge.checking.lint import lint, to_spark
from itsm_bridge.checking.parameters import bind
from itsm_bridge.checking.quantities import duration, share, words
from itsm_bridge.checking.views import views
from itsm_bridge.errors import ConfigurationError

from .conftest import built_in


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24h", 86400), ("7d", 604800), ("15min", 900), ("120 s", 120), ("1d 12h", 129600), ("2w", 1209600), ("0min", 0)],
)
def test_lengths_of_time_are_read(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "24", "h", "24 hours", "-1h", "1h later", "1.5h"])
def test_other_words_are_no_lengths_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        duration(text)


def test_shares_are_read() -> None:
    assert (share("2 %"), share("0.5%"), share("100 %")) == (0.02, 0.005, 1.0)
    with pytest.raises(ValueError, match="is not a share"):
        share("0.5")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"), (40, "40 s"), (720, "12 min"), (90061, "1 d 1 h"), (86400, "1 d"), (3661, "1 h 1 min"),
        (-60, "-1 min"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_said(seconds: int, said: str) -> None:
    assert words(timedelta(seconds=seconds)) == said


def test_a_count_is_a_whole_number() -> None:
    parameter = Parameter("limit", 3, "count", "Limit", "things")
    assert bind(parameter, 4) == 4
    for wrong in (-1, True, 1.5, "4"):
        with pytest.raises(ConfigurationError, match="is not a whole number of things"):
            bind(parameter, wrong)


def test_a_word_is_one_of_the_choices() -> None:
    parameter = Parameter("basis", "a", "word", "Basis", choices=("a", "b"))
    assert bind(parameter, "b") == "b"
    with pytest.raises(ConfigurationError, match="'c' is none of a, b") as caught:
        bind(parameter, "c")
    assert caught.value.hint == "Its default is a: Basis."


def test_bounds_compare_what_is_meant_and_not_how_it_is_written() -> None:
    parameter = Parameter("grace", "24h", "duration", "Grace", bound=Bound(max="3d"))
    assert [is_looser(parameter, value) for value in ("24h", "72h", "73h", "100min")] == [False, False, True, False]
    parameter = Parameter("length", 15, "count", "Length", bound=Bound(min=5))
    assert [is_looser(parameter, value) for value in (5, 4)] == [False, True]


def test_no_default_is_looser_than_its_bound() -> None:
    loose = [
        (check.id, name)
        for check in built_in().values()
        for name, parameter in check.parameters.items()
        if is_looser(parameter, parameter.default)
    ]
    assert loose == []


def test_a_policy_may_set_a_parameter_for_all_checks_or_for_one() -> None:
    names = parameter_names(built_in().values())
    assert {"skew", "CHG-003.skew", "INC-001.intake_grace"} <= names


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("epoch_ms(w.a)", "means the opposite"),
        ("w.a / w.b", "divide differently"),
        ("w.a // 2", "no other engine knows //"),
        ("least(w.a, w.b)", "differ on NULL"),
        ("greatest(w.a, w.b)", "differ on NULL"),
        ("min(w.a, w.b)", "take one argument"),
        ("arg_min(w.a, w.b)", "differ on NULL"),
        ("first(w.a)", "order of rows"),
        ("date_diff('day', w.a, w.b)", "counts boundaries"),
        ("strftime(w.a, '%Y')", "format codes"),
        ("now()", "can be repeated"),
        ("random()", "repeatable"),
        ("CAST(w.a AS TIMESTAMPTZ)", "without a zone"),
        ("row_number() OVER (ORDER BY w.a)", "NULLS FIRST or NULLS LAST"),
        ("regexp_matches(w.a, 'x')", "differ here"),
        ("list_contains(w.a, 'x')", "not known to mean the same"),
    ],
)
def test_what_means_something_else_elsewhere_is_refused(sql: str, complaint: str) -> None:
    assert complaint in " ".join(lint(f"SELECT {sql}"))


@pytest.mark.parametrize(
    "sql",
    [
        "w.a / 100.0", "COALESCE(w.a, 1)", "row_number() OVER (ORDER BY w.a DESC NULLS LAST)",
        "CAST(FLOOR(EPOCH(w.a)) AS BIGINT)", "w.a IS DISTINCT FROM w.b", "w.n * INTERVAL '1' SECOND",
    ],
)  # fmt: skip
def test_what_means_the_same_everywhere_is_fine(sql: str) -> None:
    assert lint(f"SELECT {sql}") == []


@pytest.mark.parametrize("name", sorted(views()))
def test_every_view_carries_over_to_other_engines(name: str) -> None:
    text = views()[name].text
    assert lint(text) == []
    assert to_spark(text)


@pytest.mark.parametrize("name", sorted(views()))
def test_every_view_says_what_it_is(name: str) -> None:
    assert views()[name].text.startswith("-- ")
