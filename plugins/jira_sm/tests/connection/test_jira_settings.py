from __future__ import annotations

from typing import Any

import pytest
from jira_answers import DATA_CENTER, OAUTH, PASSWORD, PAT, TOKEN, URL
from pydantic import ValidationError

from itsm_bridge_jira_sm.settings import JiraSettings


def settings(**given: Any) -> JiraSettings:
    return JiraSettings.model_validate({"adapter": "jira_sm", "url": URL} | given)


@pytest.mark.parametrize(
    ("given", "way"),
    [
        (TOKEN, "e-mail and API token"),
        (PASSWORD, "user name and password"),
        (PAT, "personal access token"),
        (OAUTH, "OAuth 2.0, refresh token"),
    ],
)
def test_the_way_in_follows_from_what_is_given(given: dict[str, Any], way: str) -> None:
    assert settings(**given).way_in == way


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "says no way to sign in"),
        ({"username": "x"}, "has `username` without `(api_token|password)`"),
        (TOKEN | PAT, "mixes ways to sign in"),
        (TOKEN | {"url": f"{URL}/jira/servicedesk/projects/IT/queues"}, "address of a page or an API"),
        (TOKEN | {"url": f"{URL}/browse/IT-1"}, "address of a page or an API"),
        (PAT | {"url": f"{DATA_CENTER}/rest/api/2"}, "address of a page or an API"),
        (PAT | {"url": "http://desk.acme.com"}, "in the open"),
        (TOKEN | {"gateway": "api.atlassian.com"}, "is no address"),
        (TOKEN | {"deployment": "server"}, "'detect', 'cloud' or 'data_center'"),
        (TOKEN | {"deployment": "data_center"}, "has `api_token`, which is for Cloud"),
        (PAT | {"cloud_id": "x"}, "has `cloud_id`, which goes with an API token or OAuth 2.0 only"),
        (TOKEN | {"fields": {"change_typ": "x"}}, "names `change_typ`; did you mean 'change_type'?"),
        (TOKEN | {"fields": {"sla": "x"}}, "names `sla`"),
        (TOKEN | {"fields": {"impact": " "}}, "says nothing for `impact`"),
        (TOKEN | {"projects": []}, "is empty"),
        (TOKEN | {"projects": ["IT", "Service Desk"]}, "holds `Service Desk`, which is no key"),
        (TOKEN | {"projects": ['IT" OR 1=1']}, "which is no key"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_to_do(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint) as caught:
        settings(**given)
    assert len(caught.value.errors()) == 1


def test_a_site_may_have_a_path_and_a_project_is_named_once() -> None:
    made = settings(url=f"{DATA_CENTER}/", projects=["itsm", "ITSM", "OPS_2"], **PAT)
    assert (made.url, made.projects) == (DATA_CENTER, ("ITSM", "OPS_2"))
