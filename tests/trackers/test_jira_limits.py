"""How the Jira tracker keeps to what Jira allows: it never sleeps through a limit, and leaves a reserve to people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses

from bugbridge.core.errors import RateLimitedError
from bugbridge.trackers.jira import Jira
from tests.trackers.jira_json import API

SLACK = timedelta(seconds=30)


def in_minutes(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes, seconds=20)).strftime("%Y-%m-%dT%H:%MZ")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "300"}, timedelta(seconds=300)),
        ({"Retry-After": "2"}, timedelta(seconds=2)),
        ({"Retry-After": "0"}, timedelta(seconds=1)),
        ({"Retry-After": "Mon, 01 Jun 2099 09:00:00 GMT"}, timedelta(days=1)),
        ({"Retry-After": "soon"}, timedelta(minutes=1)),
        ({}, timedelta(minutes=1)),
        ({"RateLimit-Reason": "jira-burst-based"}, timedelta(seconds=5)),
        ({"RateLimit-Reason": "jira-per-issue-on-write"}, timedelta(seconds=5)),
        ({"RateLimit-Reason": "jira-quota-global-based"}, timedelta(hours=1)),
        ({"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "1200"}, timedelta(seconds=1200)),
        ({"RateLimit-Reason": "jira-burst-based", "X-RateLimit-Reset": "2020-01-01T00:00Z"}, timedelta(seconds=1)),
    ],
)
def test_a_limit_is_neither_repeated_nor_slept_through(
    api: responses.RequestsMock, jira: Jira, slept: list[float], headers: dict[str, str], wait: timedelta
) -> None:
    """The library sleeps a minute and asks again, and crashes on a date (trap 3); here the caller is told how long."""
    api.post(f"{API}/search/jql", status=429, headers=headers)
    with pytest.raises(RateLimitedError, match="slow down") as caught:
        list(jira.changed_since(""))
    assert (caught.value.retry_after, len(api.calls), slept) == (wait, 1, [])


def test_a_quota_lasts_until_its_reset(api: responses.RequestsMock, jira: Jira) -> None:
    """Jira names the instant, to the minute."""
    headers = {"RateLimit-Reason": "jira-quota-global-based", "X-RateLimit-Reset": in_minutes(20)}
    api.post(f"{API}/search/jql", status=429, headers=headers)
    with pytest.raises(RateLimitedError) as caught:
        list(jira.changed_since(""))
    assert caught.value.retry_after is not None
    assert abs(caught.value.retry_after - timedelta(minutes=20)) < 2 * SLACK


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-NearLimit": "true"}, timedelta(minutes=1)),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "19"}, timedelta(minutes=1)),
        (
            {
                "X-RateLimit-Limit": "100",
                "X-RateLimit-Remaining": "5",
                "X-RateLimit-Interval-Seconds": "60",
                "X-RateLimit-FillRate": "5",
                "Retry-After": "0",
            },
            timedelta(minutes=3),
        ),
    ],
)
def test_the_last_fifth_is_left_to_people(
    api: responses.RequestsMock, jira: Jira, slept: list[float], headers: dict[str, str], wait: timedelta
) -> None:
    """What was answered counts; the next request isn't sent, and the caller waits until a fifth is there again."""
    api.post(f"{API}/search/jql", json={"issues": []}, headers=headers)
    (page,) = jira.changed_since("")
    with pytest.raises(RateLimitedError, match="left to people") as caught:
        list(jira.changed_since(page.cursor))
    assert caught.value.retry_after is not None
    assert timedelta() <= wait - caught.value.retry_after < SLACK
    assert (len(api.calls), slept) == (1, [])


def test_a_limit_that_was_reached_is_told_once(api: responses.RequestsMock, jira: Jira) -> None:
    """Nothing is left then, and that needn't be said again to whoever waited."""
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0", "Retry-After": "60"}
    api.post(f"{API}/search/jql", status=429, headers=headers)
    api.post(f"{API}/search/jql", json={"issues": []})
    with pytest.raises(RateLimitedError, match="slow down"):
        list(jira.changed_since(""))
    assert [found.references for found in jira.changed_since("")] == [()]


def test_whoever_waited_may_go_on(api: responses.RequestsMock, jira: Jira) -> None:
    """It's the caller who keeps the time: the reserve is pointed out once for each answer that told of it."""
    api.post(f"{API}/search/jql", json={"issues": []}, headers={"X-RateLimit-NearLimit": "true"})
    (page,) = jira.changed_since("")
    with pytest.raises(RateLimitedError):
        list(jira.changed_since(page.cursor))
    assert [found.references for found in jira.changed_since(page.cursor)] == [()]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-NearLimit": "false"},
        {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "20"},
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-1"},
    ],
)
def test_enough_left_holds_up_nothing(api: responses.RequestsMock, jira: Jira, headers: dict[str, Any]) -> None:
    """A fifth is enough, and headers that nobody understands say nothing."""
    api.post(f"{API}/search/jql", json={"issues": []}, headers=headers)
    (page,) = jira.changed_since("")
    assert [found.references for found in jira.changed_since(page.cursor)] == [()]
