"""How the GitHub tracker asks for changes, and what it makes of answers that go wrong."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from bugbridge.core.errors import DataError, NotFoundError, RemoteError
from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_sign_in import Credentials
from tests.trackers.github_json import API, LIST_URL, TOKEN, day, issue, zulu


def cursor(since: datetime, etag: str = "", seen: datetime | None = None) -> str:
    return json.dumps({"acme/app": {"since": zulu(since), "seen": zulu(seen or since), "etag": etag}})


def test_the_beginning_is_the_newest_change(api: responses.RequestsMock, github: GitHub) -> None:
    """One small request, and the server's own time, so that no clock has to agree."""
    newest = {"state": "all", "sort": "updated", "direction": "desc", "per_page": "1"}
    api.get(LIST_URL, json=[issue(updated_at=zulu(day(8)))], match=[matchers.query_param_matcher(newest)])
    (page,) = github.changed_since("")
    assert (page.references, json.loads(page.cursor)) == ((), json.loads(cursor(day(8))))


def test_since_keeps_its_zone(api: responses.RequestsMock, github: GitHub) -> None:
    """PyGithub's `get_issues(since=)` sends 12:00+05:00 as 12:00Z (trap 8): ours goes out as it was, in UTC."""
    asked = {"state": "all", "sort": "updated", "direction": "asc", "since": "2026-06-08T09:00:00Z", "per_page": "100"}
    eastern = "2026-06-09T14:00:00+05:00"
    api.get(LIST_URL, json=[issue(updated_at=eastern)], match=[matchers.query_param_matcher(asked)])
    *_, page = github.changed_since(cursor(day(8)))
    assert json.loads(page.cursor)["acme/app"]["seen"] == "2026-06-09T09:00:00Z"


def test_pull_requests_are_no_changes(api: responses.RequestsMock, github: GitHub) -> None:
    """GitHub lists them among issues (trap 8)."""
    api.get(LIST_URL, json=[issue(12, pull_request={}), issue(13)])
    (page,) = github.changed_since(cursor(day(8)))
    assert page.references == ("github:acme/app#13",)


def test_the_address_and_its_etag_survive_one_small_page(api: responses.RequestsMock, github: GitHub) -> None:
    """A new `since` would be a new address without an ETag (trap 22); what was seen before is left out by its time."""
    old, new = issue(1, updated_at=zulu(day(9))), issue(2, updated_at=zulu(day(11)))
    api.get(
        LIST_URL, json=[old, new], headers={"ETag": '"b"'}, match=[matchers.header_matcher({"If-None-Match": '"a"'})]
    )
    (page,) = github.changed_since(cursor(day(8), '"a"', seen=day(10)))
    assert page.references == ("github:acme/app#2",)
    assert json.loads(page.cursor) == json.loads(cursor(day(8), '"b"', seen=day(11)))


def test_the_newest_instant_is_read_again(api: responses.RequestsMock, github: GitHub) -> None:
    """GitHub's times are whole seconds: another issue may have changed in the second that was seen last."""
    api.get(LIST_URL, json=[issue(1, updated_at=zulu(day(10))), issue(2, updated_at=zulu(day(10)))])
    (page,) = github.changed_since(cursor(day(8), seen=day(10)))
    assert page.references == ("github:acme/app#1", "github:acme/app#2")


def test_an_unchanged_list_gives_nothing(api: responses.RequestsMock, github: GitHub) -> None:
    """304 costs nothing of the limit, and the cursor stays."""
    api.get(LIST_URL, status=304)
    assert list(github.changed_since(cursor(day(8), '"a"'))) == []


def test_each_page_has_the_cursor_that_is_safe_once_it_is_stored(api: responses.RequestsMock, github: GitHub) -> None:
    """A sync that dies between pages goes on from the last one stored."""
    following = "https://api.github.com/repositories/1/issues?after=x"
    api.get(LIST_URL, json=[issue(1, updated_at=zulu(day(9)))], headers={"Link": f'<{following}>; rel="next"'})
    api.get(f"{API}/repositories/1/issues", json=[issue(2, updated_at=zulu(day(10)))])
    pages = list(github.changed_since(cursor(day(8))))
    assert [page.references for page in pages] == [("github:acme/app#1",), ("github:acme/app#2",)]
    assert [json.loads(page.cursor) for page in pages] == [json.loads(cursor(day(9))), json.loads(cursor(day(10)))]


def test_a_lost_repository_holds_up_no_other(api: responses.RequestsMock) -> None:
    """The error comes after the others' pages."""
    github = GitHub(GitHubOptions("github", ("acme/gone", "acme/app"), TOKEN))
    api.get(f"{API}/repos/acme/gone/issues", json={"message": "Not Found"}, status=404)
    api.get(LIST_URL, json=[issue(1, updated_at=zulu(day(9)))])
    pages = github.changed_since(cursor(day(8)))
    assert next(pages).references == ("github:acme/app#1",)
    with pytest.raises(NotFoundError, match="acme/gone"):
        next(pages)


def test_a_cursor_of_something_else_is_refused(github: GitHub) -> None:
    """It is never taken for the beginning, which would skip changes."""
    with pytest.raises(DataError, match="cursor"):
        list(github.changed_since("1700000000"))


def limit(status: int, headers: dict[str, str], message: str = "Forbidden") -> dict[str, Any]:
    return {"status": status, "headers": headers, "json": {"message": message}}


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (limit(429, {}), timedelta(seconds=60)),
        (limit(429, {"Retry-After": "300"}), timedelta(seconds=300)),
        (limit(403, {"Retry-After": "300"}), timedelta(seconds=300)),
        (limit(403, {}, "You have exceeded a secondary rate limit."), timedelta(seconds=60)),
        (
            limit(
                403,
                {
                    "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": "1780304400",
                    "Date": "Mon, 01 Jun 2026 08:45:45 GMT",
                },
                "API rate limit exceeded for user",
            ),
            timedelta(seconds=856),
        ),
    ],
)
def test_a_limit_is_neither_repeated_nor_slept_through(
    api: responses.RequestsMock, github: GitHub, slept: list[float], answer: dict[str, Any], wait: timedelta
) -> None:
    """PyGithub sleeps to the reset (trap 6) and misses a bare 429 (trap 5); here the caller is told how long."""
    api.get(LIST_URL, **answer)
    with pytest.raises(RemoteError, match="allows no more requests") as caught:
        list(github.changed_since(cursor(day(8))))
    assert (caught.value.retry_after, caught.value.permanent, len(api.calls), slept) == (wait, False, 1, [])


def test_a_date_in_retry_after_is_understood(api: responses.RequestsMock, github: GitHub) -> None:
    """HTTP allows a date there; one that has passed means now."""
    api.get(LIST_URL, status=429, headers={"Retry-After": "Mon, 01 Jun 2026 09:00:00 GMT"})
    with pytest.raises(RemoteError) as caught:
        list(github.changed_since(cursor(day(8))))
    assert caught.value.retry_after is not None


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"status": 401, "json": {"message": "Bad credentials"}},
            "refuses the credentials: check BUGBRIDGE_GITHUB_TOKEN",
        ),
        ({"status": 403, "json": {"message": "Resource not accessible"}}, "BUGBRIDGE_GITHUB_TOKEN may read issues"),
        ({"status": 422, "json": {"message": "Validation Failed"}}, "refused .* with 422"),
        ({"status": 500, "body": ""}, "answered 500"),
        ({"status": 502, "body": "<html>"}, "answered 502"),
        ({"status": 200, "body": "<html>Sign in</html>"}, "isn't JSON"),
        ({"status": 200, "body": ""}, "nothing"),
        ({"status": 200, "body": "[{"}, "isn't JSON"),
        ({"status": 200, "json": {"message": "hello"}}, "can't be understood"),
        ({"status": 200, "json": [{"number": 1}]}, "can't be understood"),
        ({"status": 202, "json": {}}, "can't be understood"),
        ({"body": requests.Timeout(f"token {TOKEN}")}, "took too long"),
        ({"body": requests.ConnectionError(f"token {TOKEN}")}, "connection broke"),
    ],
)
def test_a_bad_answer_is_one_sentence_without_secrets(
    api: responses.RequestsMock, github: GitHub, answer: dict[str, Any], sentence: str
) -> None:
    """It names the tracker and what to do; no exception of PyGithub or requests comes out."""
    api.get(LIST_URL, **answer)
    with pytest.raises(RemoteError, match=sentence) as caught:
        list(github.changed_since(cursor(day(8))))
    text = str(caught.value)
    assert (text.startswith("github"), TOKEN in text, "\n" in text) == (True, False, False)


def test_reads_that_fail_in_passing_are_tried_again(
    api: responses.RequestsMock, github: GitHub, slept: list[float]
) -> None:
    """Twice, with short pauses; also where the first try was conditional."""
    api.get(LIST_URL, status=502)
    api.get(LIST_URL, status=502)
    api.get(LIST_URL, json=[])
    (page,) = github.changed_since(cursor(day(8), '"a"'))
    assert (page.references, len(api.calls), sum(slept) < 5) == ((), 3, True)


def test_the_token_goes_to_the_configured_address_only(api: responses.RequestsMock, github: GitHub) -> None:
    """A redirect or a next address on another host is asked of our own."""
    api.get(LIST_URL, json=[], headers={"Link": '<https://evil.example/steal?after=x>; rel="next"'})
    api.get(f"{API}/steal", json=[])
    list(github.changed_since(cursor(day(8))))
    assert [str(call.request.url).startswith(f"{API}/") for call in api.calls] == [True, True]


def test_threads_never_share_a_client(api: responses.RequestsMock) -> None:
    """PyGithub's connection keeps the address of the request under way, and mixes up answers between threads."""
    client = GitHubClient(Credentials("github", TOKEN), "https://api.github.com", lambda _: None)
    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(client._transport).result()
    ours = client._transport()
    assert (ours is client._transport(), ours is theirs, len(api.calls)) == (True, False, 0)


def test_a_renamed_repository_is_read_on_with_the_same_question(api: responses.RequestsMock, github: GitHub) -> None:
    """A redirect that lost `since` and `state` would give the newest open issues for what changed."""
    asked = {"state": "all", "sort": "updated", "direction": "asc", "since": zulu(day(8)), "per_page": "100"}
    api.get(LIST_URL, status=301, headers={"Location": "https://api.github.com/repositories/1/issues"})
    matcher = matchers.query_param_matcher(asked)
    api.get(f"{API}/repositories/1/issues", json=[issue(1, updated_at=zulu(day(9)))], match=[matcher])
    (page,) = github.changed_since(cursor(day(8)))
    assert page.references == ("github:acme/app#1",)


def test_another_host_is_never_followed(api: responses.RequestsMock, github: GitHub) -> None:
    """The token would go there."""
    api.get(LIST_URL, status=301, headers={"Location": "https://evil.example/repositories/1/issues"})
    with pytest.raises(NotFoundError, match="can't be read"):
        list(github.changed_since(cursor(day(8))))
    assert len(api.calls) == 1


def test_addresses_that_lead_in_a_circle_end(api: responses.RequestsMock, github: GitHub) -> None:
    """Two names that lead to one another would go on for ever."""
    api.get(LIST_URL, status=301, headers={"Location": LIST_URL})
    with pytest.raises(RemoteError, match="circle"):
        list(github.changed_since(cursor(day(8))))


def test_the_short_lists_of_all_repositories_are_one_page(api: responses.RequestsMock) -> None:
    """A cycle's changed issues are read together, by one query where there are few."""
    github = GitHub(GitHubOptions("github", ("acme/app", "acme/api"), TOKEN))
    api.get(LIST_URL, json=[issue(1, updated_at=zulu(day(10)))])
    api.get(f"{API}/repos/acme/api/issues", json=[issue(2, updated_at=zulu(day(9)))])
    place = {"since": zulu(day(8)), "seen": zulu(day(8)), "etag": ""}
    (page,) = github.changed_since(json.dumps({"acme/app": place, "acme/api": place}))
    assert page.references == ("github:acme/api#2", "github:acme/app#1")


def test_a_failure_of_one_repository_keeps_what_the_others_told(api: responses.RequestsMock) -> None:
    """One that fails for days must not hold up those before it."""
    github = GitHub(GitHubOptions("github", ("acme/app", "acme/api"), TOKEN), sleep=lambda _: None)
    api.get(LIST_URL, json=[issue(1, updated_at=zulu(day(10)))])
    api.get(f"{API}/repos/acme/api/issues", status=500)
    place = {"since": zulu(day(8)), "seen": zulu(day(8)), "etag": ""}
    pages = github.changed_since(json.dumps({"acme/app": place, "acme/api": place}))
    kept = json.loads(next(pages).cursor)
    with pytest.raises(RemoteError, match="500"):
        next(pages)
    assert (kept["acme/app"]["seen"], kept["acme/api"]) == (zulu(day(10)), place)


def test_the_doctor_names_each_repository(api: responses.RequestsMock) -> None:
    """The token and the limit first, then each repository's issues."""
    github = GitHub(GitHubOptions("work", ("acme/app", "acme/gone"), TOKEN))
    api.get(f"{API}/rate_limit", json={"resources": {"core": {"remaining": 4812, "reset": 1780304400}}})
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/app"})
    for what in ("issues", "releases", "pulls"):
        api.get(f"{API}/repos/acme/app/{what}", json=[])
    api.get(f"{API}/repos/acme/gone", json={}, status=404)
    lines = [(check.id, check.well) for check in github.check()]
    assert lines == [("work.sign_in", True), ("work.project.acme/app", True), ("work.project.acme/gone", False)]


@pytest.mark.parametrize(
    ("what", "permission"),
    [("issues", "Issues: read"), ("releases", "Contents: read"), ("pulls", "Pull requests: read")],
)
def test_the_doctor_names_the_missing_permission(
    api: responses.RequestsMock, github: GitHub, what: str, permission: str
) -> None:
    """GitHub refuses each by 403 or hides it by 404; people have to tick the right box."""
    api.get(f"{API}/rate_limit", json={"resources": {"core": {"remaining": 4812, "reset": 1780304400}}})
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/app"})
    for each in {"issues", "releases", "pulls"} - {what}:
        api.get(f"{API}/repos/acme/app/{each}", json=[])
    api.get(f"{API}/repos/acme/app/{what}", status=403, json={"message": "Resource not accessible by integration"})
    _, check = github.check()
    assert (check.well, permission in check.sentence) == (False, True)


def test_the_doctor_tells_a_renamed_repository(api: responses.RequestsMock, github: GitHub) -> None:
    """Reading goes on, but the configuration should be corrected before somebody takes the old name."""
    api.get(f"{API}/rate_limit", json={"resources": {"core": {"remaining": 4812, "reset": 1780304400}}})
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/core"})
    for what in ("issues", "releases", "pulls"):
        api.get(f"{API}/repos/acme/app/{what}", json=[])
    _, check = github.check()
    assert (check.well, "called acme/core now" in check.sentence) == (True, True)


def test_the_doctor_stops_at_a_refused_token(api: responses.RequestsMock, github: GitHub) -> None:
    """Its one line names the variable to look at."""
    api.get(f"{API}/rate_limit", json={"message": "Bad credentials"}, status=401)
    (check,) = github.check()
    assert (check.well, "BUGBRIDGE_GITHUB_TOKEN" in check.sentence) == (False, True)


def test_options_never_show_the_token() -> None:
    """They may end up in a log or a traceback."""
    assert TOKEN not in repr(GitHubOptions("github", ("acme/app",), TOKEN))
