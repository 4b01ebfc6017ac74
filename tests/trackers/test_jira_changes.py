"""How the Jira tracker asks for changes, and what it makes of answers that go wrong."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import responses
from jira import JIRA
from responses import matchers

from bugbridge.core.errors import DataError, NotFoundError, RemoteError
from bugbridge.trackers.jira import Jira
from tests.trackers.jira_json import API, OPTIONS, REFERENCE, SITE, TOKEN, day, jira_time


def cursor(newest: datetime, **seen: datetime) -> str:
    def text(at: datetime) -> str:
        return at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    return json.dumps({"newest": text(newest), "seen": {key.replace("_", "-"): text(at) for key, at in seen.items()}})


def updated(key: str, at: datetime) -> dict[str, Any]:
    return {"key": key, "fields": {"updated": jira_time(at)}}


def test_since_is_epoch_milliseconds_with_room_for_the_index(api: responses.RequestsMock, jira: Jira) -> None:
    """JQL reads a written date in the account's own zone: silent gaps (trap 9); and its index runs behind."""
    milliseconds = int((day(8) - timedelta(seconds=60)).timestamp() * 1000)
    asked = {"jql": f'project in ("APP") AND updated >= {milliseconds} ORDER BY updated ASC'}
    api.post(
        f"{API}/search/jql",
        json={"issues": [updated("APP-1", day(8)), updated("APP-2", day(9))]},
        match=[matchers.json_params_matcher(asked, strict_match=False)],
    )
    (page,) = jira.changed_since(cursor(day(8), APP_1=day(8)))
    assert page.references == ("jira:APP-2",)
    assert json.loads(page.cursor) == json.loads(cursor(day(9), APP_2=day(9)))


def test_pages_are_followed_by_their_token(api: responses.RequestsMock, jira: Jira) -> None:
    """The old search with startAt answers 410; there is no total."""
    api.post(f"{API}/search/jql", json={"issues": [updated("APP-1", day(8))], "nextPageToken": "a", "isLast": False})
    api.post(
        f"{API}/search/jql",
        json={"issues": [updated("APP-2", day(9))], "isLast": True},
        match=[matchers.json_params_matcher({"nextPageToken": "a"}, strict_match=False)],
    )
    pages = list(jira.changed_since(cursor(day(7))))
    assert [page.references for page in pages] == [("jira:APP-1",), ("jira:APP-2",)]


def test_a_repeated_token_ends_with_an_error(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira has been seen to give the same token for ever (trap 14)."""
    api.post(f"{API}/search/jql", json={"issues": [], "nextPageToken": "a", "isLast": False})
    with pytest.raises(RemoteError, match="circle"):
        list(jira.changed_since(cursor(day(7))))


def test_a_refused_query_names_the_project_to_blame(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira refuses it as a whole for one project that the account can't see."""
    api.post(f"{API}/search/jql", json={"errorMessages": ["no such project"]}, status=400)
    api.get(f"{API}/project/APP", json={}, status=404)
    with pytest.raises(NotFoundError, match="the project APP can't be read"):
        list(jira.changed_since(""))


def test_a_cursor_of_something_else_is_refused(jira: Jira) -> None:
    """It is never taken for the beginning, which would skip changes."""
    with pytest.raises(DataError, match="cursor"):
        list(jira.changed_since("2026-06-01"))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"status": 401, "body": ""}, "refuses the credentials: check its email and BUGBRIDGE_JIRA_TOKEN"),
        (
            {"json": {"issues": []}, "headers": {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}},
            "refuses the credentials",
        ),
        ({"status": 403, "json": {}}, "lacks the right"),
        ({"status": 500, "body": "null"}, "answered 500"),
        ({"status": 302, "headers": {"Location": "https://evil.example/"}}, "correct its url"),
        ({"body": "<html>Sign in</html>"}, "isn't JSON"),
        ({"body": ""}, "nothing"),
        ({"json": []}, "can't be understood"),
        ({"json": {"issues": [{}]}}, "can't be understood"),
        ({"body": requests.Timeout(TOKEN)}, "took too long"),
        ({"body": requests.ConnectionError(TOKEN)}, "connection broke"),
    ],
)
def test_a_bad_answer_is_one_sentence_without_secrets(
    api: responses.RequestsMock, jira: Jira, answer: dict[str, Any], sentence: str
) -> None:
    """It names the tracker and what to do; no exception of jira or requests comes out."""
    api.post(f"{API}/search/jql", **answer)
    with pytest.raises(RemoteError, match=sentence) as caught:
        list(jira.changed_since(""))
    text = str(caught.value)
    assert (text.startswith("jira"), TOKEN in text, "\n" in text) == (True, False, False)


def test_every_request_has_a_timeout(api: responses.RequestsMock, jira: Jira) -> None:
    """The library has none, and a silent server would hang a sync for ever (trap 4)."""
    api.post(
        f"{API}/search/jql",
        json={"issues": []},
        match=[
            matchers.request_kwargs_matcher(
                {"timeout": 15},
            )
        ],
    )
    (page,) = jira.changed_since("")
    assert page.references == ()


def test_opening_the_library_asks_nothing(
    api: responses.RequestsMock, jira: Jira, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No serverInfo, no look for updates: the first request is the one that is needed."""
    monkeypatch.setattr(JIRA, "server_info", None)
    api.post(f"{API}/search/jql", json={"issues": []})
    list(jira.changed_since(""))
    assert len(api.calls) == 1


def test_scoped_tokens_go_to_their_own_address(api: responses.RequestsMock, slept: list[float]) -> None:
    """People still get addresses of the site."""
    gateway = "https://api.atlassian.com/ex/jira/4711"
    jira = Jira(replace(OPTIONS, api_url=gateway), sleep=slept.append)
    api.post(f"{gateway}/rest/api/3/search/jql", json={"issues": []})
    (page,) = jira.changed_since("")
    assert (page.references, jira.web_url(REFERENCE)) == ((), f"{SITE}/browse/APP-12")
