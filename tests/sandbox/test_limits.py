"""Limits hold until their instant by the servers' clock, and are told as each vendor tells them."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import TIMEOUT_SECONDS, control, github, jira

ONE = "/repos/acme/app"


def limit(url: str, **asked: Any) -> None:
    """Set a limit at one server."""
    requests.post(f"{url}/_sandbox/limits", json=asked, timeout=TIMEOUT_SECONDS).raise_for_status()


@pytest.mark.parametrize("status", [403, 429])
def test_the_primary_limit_of_github(changing: Sandbox, status: int) -> None:
    """So many more requests, of which a 304 is none; then a refusal with the reset, until then."""
    tag = github(changing, ONE).headers["ETag"]
    limit(changing.github_url, kind="primary", remaining=2, seconds=600, status=status)
    asked = [github(changing, ONE, headers={"If-None-Match": tag}) for _ in range(3)]
    asked += [github(changing, ONE) for _ in range(3)]
    refused = asked[-1]
    assert [answer.status_code for answer in asked] == [304, 304, 304, 200, 200, status]
    assert (refused.headers["X-RateLimit-Remaining"], "Retry-After" in refused.headers) == ("0", False)
    left = int(refused.headers["X-RateLimit-Reset"]) - changing.world.now().timestamp()
    assert 500 < left <= 600
    assert github(changing, "/rate_limit").json()["resources"]["core"]["remaining"] == 0
    control(changing, "clock/advance", seconds=601)
    assert github(changing, ONE).status_code == 200


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_the_secondary_limit_of_github(changing: Sandbox, form: str, status: int) -> None:
    """Retry-After as seconds, as a date, or not at all; the primary limit is not touched."""
    limit(changing.github_url, kind="secondary", seconds=90, form=form, status=status)
    refused = github(changing, ONE)
    told = refused.headers.get("Retry-After", "")
    assert (refused.status_code, "secondary rate limit" in refused.json()["message"]) == (status, True)
    if form == "date":
        assert parsedate_to_datetime(told) - changing.world.now() <= timedelta(seconds=90)
    else:
        assert told in ({"89", "90"} if form == "seconds" else {""})
    control(changing, "clock/advance", seconds=91)
    assert github(changing, ONE).status_code == 200


def test_a_limit_of_jira_says_its_reason(changing: Sandbox) -> None:
    """429 with RateLimit-Reason, at that server alone."""
    limit(changing.jira_url, kind="jira", seconds=30, reason="jira-per-issue-on-write")
    refused = jira(changing, "/3/myself")
    assert (refused.status_code, refused.headers["RateLimit-Reason"]) == (429, "jira-per-issue-on-write")
    assert github(changing, ONE).status_code == 200
    requests.post(f"{changing.jira_url}/_sandbox/limits/clear", timeout=TIMEOUT_SECONDS).raise_for_status()
    assert jira(changing, "/3/myself").status_code == 200


def test_requests_are_counted_by_kind(changing: Sandbox) -> None:
    """What was free, refused, GraphQL or plain."""
    tag = github(changing, ONE).headers["ETag"]
    github(changing, ONE, headers={"If-None-Match": tag})
    github(changing, "/graphql", "POST", json={"query": "{ viewer { login } }"})
    limit(changing.github_url, kind="secondary", seconds=90)
    github(changing, ONE)
    assert changing.traffic("github").kinds == {"free": 1, "refused": 1, "graphql": 1, "rest": 1}


def test_an_unknown_kind_is_refused(reading: Sandbox) -> None:
    """A test that mistypes learns it."""
    asked = {"kind": "odd", "seconds": 1}
    answer = requests.post(f"{reading.github_url}/_sandbox/limits", json=asked, timeout=TIMEOUT_SECONDS)
    assert answer.status_code == 400
