from __future__ import annotations

import inspect

import pytest
import requests
import responses
from asking import ADDRESS, asking

from itsm_bridge.errors import AuthenticationFailed, ConfigurationError, ItsmBridgeError, Unreachable
from itsm_bridge.transport.translation import EXCEPTIONS, STATUSES, TRANSLATED, failed_by_exception


def _errors(module: object) -> list[type[Exception]]:
    return [
        kind for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
        and kind.__module__ == requests.exceptions.__name__
    ]  # fmt: skip


@pytest.mark.parametrize("kind", _errors(requests.exceptions), ids=lambda kind: kind.__name__)
def test_every_exception_of_requests_is_in_the_table_by_name(kind: type[Exception]) -> None:
    assert kind in [row for row, _ in EXCEPTIONS]


def test_special_exceptions_stand_before_the_ones_they_extend() -> None:
    kinds = [kind for kind, _ in EXCEPTIONS]
    for number, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[number + 1 :]), kind


@pytest.mark.parametrize(
    "kind", [kind for kind, _ in EXCEPTIONS], ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
def test_every_row_gives_one_of_our_errors_with_its_place(kind: type[BaseException]) -> None:
    failed = failed_by_exception(kind.__new__(kind), "GET x")
    assert isinstance(failed.error, ItsmBridgeError)
    assert failed.error.where == "GET x"
    assert issubclass(kind, TRANSLATED)


@pytest.mark.parametrize("status", STATUSES)
def test_statuses_that_may_pass_are_the_transient_ones(status: int) -> None:
    assert STATUSES[status].is_transient == (status in (408, 425, 429, 500, 502, 503, 504))


def test_an_address_without_scheme_is_a_matter_of_configuration() -> None:
    with pytest.raises(ConfigurationError, match="address"):
        asking().transport.get("tool.example/api")


def test_the_innermost_cause_is_told_without_the_address() -> None:
    address = "http://user:hunter2@no-such-host.invalid/api?token=hunter3"
    with pytest.raises(Unreachable) as caught:
        asking().transport.get(address)
    assert "hunter" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.where == "GET http://no-such-host.invalid/api"


def test_the_tools_own_words_are_passed_on_as_one_short_line() -> None:
    with responses.RequestsMock() as tool:
        tool.get(ADDRESS, status=401, json={"error": {"message": "User\x1b[31m Not\nAuthenticated " + "x" * 500}})
        transport = asking(words=lambda answer: answer.json()["error"]["message"]).transport
        with pytest.raises(AuthenticationFailed) as caught:
            transport.get(ADDRESS)
    assert "User [31m Not Authenticated" in str(caught.value)
    assert len(str(caught.value)) < 500
