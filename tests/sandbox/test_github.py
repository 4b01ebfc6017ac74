"""The stand-in answers as GitHub's REST API does, where BugBridge looks."""

from datetime import timedelta

import requests

from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.wire import zulu
from bugbridge.sandbox.world import SEED_NOW
from tests.sandbox.asking import TIMEOUT_SECONDS, control, github

ISSUES = "/repos/acme/app/issues"


def closed_issue(sandbox: Sandbox, reason: str) -> int:
    """The number of an issue of acme/app with that reason."""
    return next(issue.number for issue in sandbox.world.issues["acme/app"].values() if issue.state_reason == reason)


def test_an_unchanged_list_costs_nothing(reading: Sandbox) -> None:
    """The ETag of a list brings 304, no body, and no charge to the hour's requests."""
    first = github(reading, ISSUES)
    again = github(reading, ISSUES, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]


def test_an_etag_ends_with_a_change(changing: Sandbox) -> None:
    """After a comment the issue is served in full again."""
    path = f"{ISSUES}/{closed_issue(changing, 'completed')}"
    first = github(changing, path)
    control(changing, "github/comment", reference=f"acme/app#{first.json()['number']}", body="I saw it again")
    assert github(changing, path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_every_answer_says_what_is_left(reading: Sandbox) -> None:
    """Limit, remaining and reset by the servers' own clock, and an id of the request, also on errors."""
    answer = github(reading, "/repos/acme/nothing")
    assert answer.headers["X-RateLimit-Limit"] == "5000"
    assert int(answer.headers["X-RateLimit-Reset"]) == int((SEED_NOW + timedelta(hours=1)).timestamp())
    assert answer.headers["X-GitHub-Request-Id"].startswith("SAND:")
    assert answer.headers["Date"].startswith("Mon, 15 Jun 2026 09:")


def test_the_link_header_leads_through_all_pages(reading: Sandbox) -> None:
    """Following `next` meets every issue once, pull requests included."""
    answer = github(reading, ISSUES, params={"state": "all", "per_page": 40})
    numbers = [issue["number"] for issue in answer.json()]
    while "next" in answer.links:
        answer = github(reading, answer.links["next"]["url"].removeprefix(reading.github_url))
        numbers += [issue["number"] for issue in answer.json()]
    assert sorted(numbers) == sorted(reading.world.issues["acme/app"])
    assert "last" not in answer.links


def test_lists_show_open_issues_unless_asked(reading: Sandbox) -> None:
    """As at GitHub the default state is open, newest first."""
    issues = github(reading, ISSUES, params={"per_page": 100}).json()
    created = [issue["created_at"] for issue in issues]
    assert {issue["state"] for issue in issues} == {"open"}
    assert created == sorted(created, reverse=True)


def test_since_keeps_what_was_updated_then_or_later(reading: Sandbox) -> None:
    """With `sort=updated` and `direction=asc` a client can go on from where it was."""
    since = zulu(SEED_NOW - timedelta(days=30))
    asked = {"state": "all", "since": since, "sort": "updated", "direction": "asc", "per_page": 100}
    updated = [issue["updated_at"] for issue in github(reading, ISSUES, params=asked).json()]
    assert updated == sorted(updated)
    assert 0 < len(updated) < 100
    assert updated[0] >= str(since)


def test_pull_requests_are_listed_as_issues(reading: Sandbox) -> None:
    """They carry `pull_request`, and a page of their own; an issue has no such page."""
    issues = github(reading, ISSUES, params={"state": "all", "per_page": 100}).json()
    pull = next(issue["number"] for issue in issues if "pull_request" in issue)
    plain = next(issue["number"] for issue in issues if "pull_request" not in issue)
    assert github(reading, f"/repos/acme/app/pulls/{pull}").json()["number"] == pull
    assert github(reading, f"/repos/acme/app/pulls/{plain}").status_code == 404


def test_a_wrong_token_is_refused(reading: Sandbox) -> None:
    """401 with GitHub's sentence."""
    answer = github(reading, ISSUES, headers={"Authorization": "token wrong"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_what_one_may_not_see_is_not_there(reading: Sandbox) -> None:
    """Unknown issues and repositories are 404; without a token a private repository is, too."""
    bare = requests.get(reading.github_url + ISSUES, timeout=TIMEOUT_SECONDS)
    unknown = [
        github(reading, path).status_code for path in (f"{ISSUES}/9999", "/repos/acme/nothing/issues", "/graphql")
    ]
    assert [bare.status_code, *unknown] == [404, 404, 404, 404]
    assert bare.json()["message"] == "Not Found"


def test_the_timeline_tells_a_duplicate_from_its_comment(reading: Sandbox) -> None:
    """Comment with "Duplicate of #N", GitHub's mark, and a closing for that reason."""
    number = closed_issue(reading, "duplicate")
    last = github(reading, f"{ISSUES}/{number}/timeline").json()[-3:]
    assert [event["event"] for event in last] == ["commented", "marked_as_duplicate", "closed"]
    assert last[0]["body"].startswith("Duplicate of #")
    assert last[2]["state_reason"] == "duplicate"
    assert {event["event"] for event in github(reading, f"{ISSUES}/{number}/events").json()} >= {"closed"}


def test_an_engineer_closes_and_reopens(changing: Sandbox) -> None:
    """State, reason, closing time and update time follow, in the servers' own time."""
    number = next(issue.number for issue in changing.world.issues["acme/app"].values() if issue.closed_at is None)
    path, reference = f"{ISSUES}/{number}", f"acme/app#{number}"
    control(changing, "clock/advance", seconds=3600)
    control(changing, "github/close", reference=reference, state_reason="not_planned")
    closed = github(changing, path).json()
    control(changing, "github/reopen", reference=reference)
    opened = github(changing, path).json()
    assert (closed["state"], closed["state_reason"]) == ("closed", "not_planned")
    assert closed["updated_at"] == closed["closed_at"]
    assert closed["closed_at"].startswith("2026-06-15T10:00")
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)


def test_clients_may_comment_and_close(changing: Sandbox) -> None:
    """POST of a comment and PATCH of the state do what they say."""
    path = f"{ISSUES}/{closed_issue(changing, 'reopened')}"
    assert github(changing, f"{path}/comments", "POST", json={"body": "12 customers"}).status_code == 201
    assert (
        github(changing, path, "PATCH", json={"state": "closed", "state_reason": "completed"}).json()["state"]
        == "closed"
    )
    assert github(changing, f"{path}/comments").json()[-1]["body"] == "12 customers"
    assert github(changing, path, "PATCH", json={"state": "gone"}).status_code == 422
