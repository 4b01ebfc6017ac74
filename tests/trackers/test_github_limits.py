"""How the GitHub tracker keeps to limits: it never sleeps through one, and leaves a reserve to people."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from bugbridge.core.errors import RateLimitedError
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.github_limits import Budgets
from tests.trackers.github_json import API, LIST_URL, REFERENCE, TOKEN, day, issue, zulu

NOW = datetime(2026, 6, 1, 8, 45, tzinfo=UTC)
PLACE = {"since": zulu(day(8)), "seen": zulu(day(8)), "etag": ""}
CURSOR = json.dumps({"acme/app": PLACE, "acme/api": PLACE})
OTHER = "github:acme/app#13"


def left(remaining: int, limit: int = 5000, **more: str) -> dict[str, str]:
    """Headers that leave so many requests for the coming 15 minutes."""
    reset = str(int((NOW + timedelta(minutes=15)).timestamp()))
    return {
        "Date": "Mon, 01 Jun 2026 08:45:00 GMT",
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": reset,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def answer(headers: dict[str, str]) -> requests.Response:
    response = requests.Response()
    response.headers.update(headers)
    return response


@pytest.fixture
def two() -> GitHub:
    """A tracker of two repositories."""
    return GitHub(GitHubOptions("github", ("acme/app", "acme/api"), TOKEN), sleep=lambda _: None)


def test_the_reserve_is_left_before_the_next_request(api: responses.RequestsMock, two: GitHub) -> None:
    """A fifth of the limit is for people; what was read before is kept."""
    api.get(LIST_URL, json=[issue(1, updated_at=zulu(day(9)))], headers=left(999))
    pages = two.changed_since(CURSOR)
    kept = next(pages).references
    with pytest.raises(RateLimitedError, match=r"999 of 5000 requests left.* 1[56] minutes") as caught:
        next(pages)
    assert (kept, len(api.calls)) == (("github:acme/app#1",), 1)
    assert caught.value.retry_after is not None
    assert timedelta(minutes=14) < caught.value.retry_after <= timedelta(seconds=901)


def test_the_whole_reserve_is_no_limit(api: responses.RequestsMock, two: GitHub) -> None:
    """Exactly a fifth left is enough to go on."""
    api.get(LIST_URL, json=[], headers=left(1000))
    api.get(f"{API}/repos/acme/api/issues", json=[], headers=left(999))
    assert (list(two.changed_since(CURSOR)), len(api.calls)) == ([], 2)


def test_a_single_issue_may_use_the_reserve(api: responses.RequestsMock, github: GitHub) -> None:
    """A person who links a ticket is waiting for it."""
    github._client._budgets.note(answer(left(1, X_RateLimit_Resource="graphql")))
    github._client._budgets.note(answer(left(1)))
    api.post(f"{API}/graphql", status=404)
    api.get(f"{LIST_URL}/12", json=issue())
    api.get(f"{LIST_URL}/12/timeline", json=[])
    assert [type(found) for found in github.issues([REFERENCE])] == [IssueSnapshot]


def test_many_issues_leave_the_reserve_of_queries(api: responses.RequestsMock, github: GitHub) -> None:
    """GraphQL has a limit of its own."""
    github._client._budgets.note(answer(left(500, X_RateLimit_Resource="graphql")))
    with pytest.raises(RateLimitedError, match="kept for people"):
        list(github.issues([REFERENCE, OTHER]))
    assert len(api.calls) == 0


def test_the_doctor_may_use_the_reserve(api: responses.RequestsMock, github: GitHub) -> None:
    """People ask it when something is wrong."""
    github._client._budgets.note(answer(left(150)))
    api.get(f"{API}/rate_limit", json={"resources": {"core": {"remaining": 150, "reset": 1780304400}}})
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/app"}, headers=left(149))
    for what in ("issues", "releases", "pulls"):
        api.get(f"{API}/repos/acme/app/{what}", json=[], headers=left(148))
    assert [check.well for check in github.check()] == [True, True]


def test_a_reserve_is_said_once() -> None:
    """Who comes back after the wait finds out by one request what is left by then."""
    budgets = Budgets("github", 20, ticks=lambda: 0)
    budgets.note(answer(left(999)))
    with pytest.raises(RateLimitedError):
        budgets.spare("core")
    budgets.spare("core")
    budgets.note(answer(left(4999)))
    budgets.spare("core")


@pytest.mark.parametrize(("passed", "wait"), [(0, 901), (600, 301), (890, 11)])
def test_a_wait_counts_from_the_answer_that_told_it(passed: int, wait: int) -> None:
    """Cycles lie minutes apart."""
    ticks = iter([1000.0, 1000.0 + passed, 1000.0 + passed])
    budgets = Budgets("github", 20, ticks=lambda: next(ticks))
    budgets.note(answer(left(999)))
    with pytest.raises(RateLimitedError) as caught:
        budgets.spare("core")
    assert caught.value.retry_after == timedelta(seconds=wait)


def test_a_limit_that_was_renewed_meanwhile_holds_nobody_up() -> None:
    """What was left an hour ago says nothing."""
    ticks = iter([1000.0, 1000.0 + 900])
    budgets = Budgets("github", 20, ticks=lambda: next(ticks))
    budgets.note(answer(left(0)))
    budgets.spare("core")
    assert next(ticks, None) is None


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, timedelta(seconds=60)),
        ({"Retry-After": "17"}, timedelta(seconds=17)),
        (left(0), timedelta(seconds=901)),
    ],
)
def test_a_limit_in_a_200_is_a_limit(
    api: responses.RequestsMock, github: GitHub, slept: list[float], headers: dict[str, str], wait: timedelta
) -> None:
    """GraphQL answers so (apis.md, trap 7)."""
    api.post(f"{API}/graphql", json={"errors": [{"type": "RATE_LIMITED", "message": "no"}]}, headers=headers)
    with pytest.raises(RateLimitedError, match="allows no more requests") as caught:
        list(github.issues([REFERENCE]))
    assert (caught.value.retry_after, len(api.calls), slept) == (wait, 1, [])


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("1", timedelta(seconds=1)),
        ("0", timedelta(seconds=1)),
        ("300", timedelta(seconds=300)),
        ("Mon, 01 Jun 2026 08:50:00 GMT", timedelta(seconds=300)),
        ("Mon, 01 Jun 2026 08:40:00 GMT", timedelta(seconds=1)),
        ("soon", timedelta(seconds=60)),
        ("999999999999", timedelta(days=1)),
    ],
)
def test_each_form_of_retry_after(
    api: responses.RequestsMock, github: GitHub, slept: list[float], status: int, told: str, wait: timedelta
) -> None:
    """Seconds or a date by the server's own clock; even the shortest isn't slept through."""
    headers = {"Retry-After": told, "Date": "Mon, 01 Jun 2026 08:45:00 GMT"}
    body: dict[str, Any] = {"message": "You have exceeded a secondary rate limit."}
    api.get(LIST_URL, status=status, headers=headers, json=body)
    with pytest.raises(RateLimitedError) as caught:
        list(github.changed_since(json.dumps({"acme/app": PLACE})))
    assert (caught.value.retry_after, len(api.calls), slept) == (wait, 1, [])
