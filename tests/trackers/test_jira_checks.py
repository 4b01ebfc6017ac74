"""What the doctor learns of a Jira, line by line."""

from dataclasses import replace
from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.trackers.jira import Jira
from tests.trackers.jira_json import API, OPTIONS, SITE, TOKEN

DATA_CENTER = "https://jira.acme.example/rest/api/2"


def healthy(api: responses.RequestsMock, base: str = API, **instead: Any) -> None:
    """Answers of a site where all is well, except for those given instead."""
    permitted = {"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}}
    asked = {"projectKey": "APP", "permissions": "BROWSE_PROJECTS"}
    api.get(f"{base}/myself", json={})
    api.get(f"{base}/serverInfo", json=instead.get("server", {"deploymentType": "Cloud"}))
    answer = instead.get("permissions", {"json": permitted})
    api.get(f"{base}/mypermissions", match=[matchers.query_param_matcher(asked)], **answer)
    api.get(f"{base}/resolution", json=[{"name": name} for name in instead.get("resolutions", ["Done"])])


def lines(jira: Jira) -> dict[str, tuple[bool, str]]:
    return {check.id: (check.well, check.sentence) for check in jira.check()}


def test_a_healthy_site_has_four_lines(api: responses.RequestsMock, jira: Jira) -> None:
    """One each for sign-in, kind of site, project and resolutions; each by one read."""
    healthy(api)
    assert [(name, well) for name, (well, _) in lines(jira).items()] == [
        ("jira.sign_in", True),
        ("jira.flavour", True),
        ("jira.project.APP", True),
        ("jira.resolutions", True),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"permissions": {"BROWSE_PROJECTS": {"havePermission": False}}}},
        {"json": {"permissions": {}}},
        {"status": 404},
    ],
)
def test_a_missing_permission_is_named(api: responses.RequestsMock, jira: Jira, answer: dict[str, Any]) -> None:
    """With the project where it is missing, and whose account it is."""
    healthy(api, permissions=answer)
    well, sentence = lines(jira)["jira.project.APP"]
    assert not well
    assert "permission Browse projects" in sentence
    assert "BUGBRIDGE_JIRA_TOKEN" in sentence


def test_resolutions_that_nobody_named_are_listed(api: responses.RequestsMock, jira: Jira) -> None:
    """Issues closed with one of them count as closed for a reason unknown, until the configuration says more."""
    healthy(api, resolutions=["Done", "Won't Do", "Parked", "Hardware failure"])
    well, sentence = lines(jira)["jira.resolutions"]
    assert well
    assert "Parked, Hardware failure." in sentence
    assert "Won't Do" not in sentence


def test_a_refused_account_ends_the_examination(api: responses.RequestsMock, jira: Jira) -> None:
    """What follows would only say the same."""
    api.get(f"{API}/myself", status=401)
    ((name, (well, sentence)),) = lines(jira).items()
    assert (name, well) == ("jira.sign_in", False)
    assert "BUGBRIDGE_JIRA_TOKEN" in sentence
    assert TOKEN not in sentence


def test_a_data_center_asked_as_cloud_is_told_apart(api: responses.RequestsMock, jira: Jira) -> None:
    """Data Center calls itself Server, and wants a personal access token alone."""
    healthy(api, server={"deploymentType": "Server"})
    well, sentence = lines(jira)["jira.flavour"]
    assert not well
    assert "personal access token" in sentence


def test_a_data_center_is_asked_by_its_own_version(api: responses.RequestsMock) -> None:
    """Version 2, and the token as Bearer."""
    healthy(api, DATA_CENTER, server={"deploymentType": "Server"})
    jira = Jira(replace(OPTIONS, url="https://jira.acme.example", email=""))
    assert all(well for well, _ in lines(jira).values())
    assert {call.request.headers["Authorization"] for call in api.calls} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("email", "url", "flavour"),
    [
        ("bot@acme.example", SITE, "Cloud"),
        ("bot@acme.example", "https://jira.acme.example", "Cloud"),
        ("", "https://api.atlassian.com/ex/jira/4711", "Cloud"),
        ("", SITE, "Cloud"),
        ("", "https://jira.acme.example", "Data Center"),
        ("", "https://api.atlassian.com.evil.example", "Data Center"),
    ],
)
def test_the_kind_of_site_follows_from_how_it_is_reached(email: str, url: str, flavour: str) -> None:
    """An address of Atlassian's or an e-mail address mean Cloud; no request is spent on it."""
    assert replace(OPTIONS, email=email, api_url=url).flavour == flavour
