from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
from servicenow_source import URL, Made

from itsm_bridge.errors import BadAnswer, PermissionDenied
from itsm_bridge_servicenow.tables import Cancelled, PlainRows, Question, Tables

TABLE = f"{URL}/api/now/table/incident"
CANCELLED = {"message": "Transaction cancelled: maximum execution time exceeded", "detail": "Check logs"}
ROW = {"sys_id": "a" * 32}


@pytest.fixture
def tool() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def tables(source: Callable[..., Made]) -> Tables:
    return source().adapter._tables


def ask(tables: Tables, **more: Any) -> PlainRows:
    return tables.ask(Question("incident", "active=true", ("sys_id",), 10, **more), PlainRows.read)[0]


def test_raw_values_without_links_are_asked_for(tool: responses.RequestsMock, tables: Tables) -> None:
    tool.get(TABLE, json={"result": [ROW]})
    assert ask(tables).records == [ROW]
    parameters = tool.calls[0].request.params
    assert parameters["sysparm_display_value"] == "false"
    assert parameters["sysparm_exclude_reference_link"] == "true"
    assert parameters["sysparm_no_count"] == "true"


@pytest.mark.parametrize(
    "body",
    [{"result": [ROW], "error": CANCELLED, "status": "failure"}, {"error": CANCELLED, "status": "failure"}],
    ids=["beside rows", "alone"],
)
def test_a_success_that_carries_a_cancelled_transaction_is_no_success(
    tool: responses.RequestsMock, tables: Tables, body: dict[str, Any]
) -> None:
    tool.get(TABLE, json=body)
    with pytest.raises(Cancelled):
        ask(tables)


def test_a_cut_answer_that_still_says_it_was_cancelled_is_understood(
    tool: responses.RequestsMock, tables: Tables
) -> None:
    tool.get(TABLE, body='{"result":[{"sys_id":"a"}],"error":{"message":"Transaction cancelled: maximum exec')
    with pytest.raises(Cancelled):
        ask(tables)


def test_words_of_a_ticket_are_not_taken_for_an_error(tool: responses.RequestsMock, tables: Tables) -> None:
    row = ROW | {"description": "Transaction cancelled: maximum execution time exceeded"}
    tool.get(TABLE, json={"result": [row]})
    assert ask(tables).records == [row]


@pytest.mark.parametrize(
    "body", [{"result": [ROW], "error": {"message": "odd"}}, {"status": "failure"}, {"result": {}}, [], {}, None]
)
def test_answers_without_a_clean_list_are_asked_again(
    tool: responses.RequestsMock, tables: Tables, body: dict[str, Any]
) -> None:
    tool.get(TABLE, json=body)
    tool.get(TABLE, json={"result": [ROW]})
    assert len(ask(tables)) == 1


def test_the_first_version_of_the_interface_says_no_rows_with_404(tool: responses.RequestsMock, tables: Tables) -> None:
    tool.get(TABLE, status=404, json={"error": {"message": "No Record found", "detail": ""}, "status": "failure"})
    assert len(ask(tables)) == 0


def test_a_table_that_does_not_show_is_told(tool: responses.RequestsMock, tables: Tables) -> None:
    tool.get(TABLE, status=404, json={"error": {"message": "Requested URI does not represent any resource"}})
    with pytest.raises(PermissionDenied, match="does not show incident"):
        ask(tables)


def test_the_tools_own_words_come_with_a_refusal(tool: responses.RequestsMock, tables: Tables) -> None:
    tool.get(TABLE, status=403, json={"error": {"message": "User Not Authorized", "detail": "ACL"}})
    with pytest.raises(PermissionDenied, match="User Not Authorized: ACL"):
        ask(tables)


def test_a_count_that_does_not_come_is_not_guessed(tool: responses.RequestsMock, tables: Tables) -> None:
    for _ in range(8):
        tool.get(TABLE, json={"result": []})
    with pytest.raises(BadAnswer, match="does not say how many"):
        tables.count("incident", "")


def test_a_question_that_is_too_long_is_told_with_what_to_do(tool: responses.RequestsMock, tables: Tables) -> None:
    tool.get(TABLE, status=414, body="<html>Request-URI Too Large</html>", content_type="text/html")
    with pytest.raises(BadAnswer, match="too long") as caught:
        ask(tables)
    assert "audit_fields" in str(caught.value.hint)


@pytest.mark.parametrize("address", ["https://login.acme.com/saml?SAMLRequest=abc", "/login.do"])
def test_a_sign_on_page_is_not_followed_but_named(tool: responses.RequestsMock, tables: Tables, address: str) -> None:
    tool.get(TABLE, status=302, headers={"Location": address})
    with pytest.raises(BadAnswer, match="redirects to") as caught:
        ask(tables)
    assert "sign-on page" in str(caught.value.hint)
    assert "SAMLRequest" not in str(caught.value)


def test_we_wait_longer_than_the_instance_works(tool: responses.RequestsMock, tables: Tables) -> None:
    tool.get(TABLE, json={"result": [ROW]})
    ask(tables)
    _, reading = tool.calls[0].request.req_kwargs["timeout"]
    assert reading > 60  # its quota: it answers with what it cancelled


def test_a_server_that_is_no_instance_is_told_and_no_right_is_asked_for(
    tool: responses.RequestsMock, tables: Tables
) -> None:
    said = {"error": {"message": "Requested URI does not represent any resource"}}
    first = f"{URL}/api/now/table/sys_user"
    tool.get(first, status=404, body="<html>File not found</html>", content_type="text/html")
    tool.get(first, status=404, json={"error": "no route"})
    tool.get(first, status=400, json=said)
    for words in ("no words", "no route", "Requested URI does not represent any resource"):
        with pytest.raises(BadAnswer, match=f"does not answer like a ServiceNow instance .*: {words}") as caught:
            tables.clock_difference()
        assert caught.value.where == f"GET {first}"
        assert f"Check `url`, which is {URL}: " in str(caught.value.hint)
