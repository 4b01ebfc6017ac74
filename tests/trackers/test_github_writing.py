"""What is sent to GitHub when writing back."""

import json
from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError, UnknownOutcomeError
from bugbridge.core.write_back import OwnComment, SeenIssue, TicketLink
from bugbridge.trackers.github import GitHubOptions
from bugbridge.trackers.github_writing import GitHubWriter
from tests.trackers.github_json import API, ISSUE_URL, REFERENCE, TOKEN, day, issue, zulu
from tests.trackers.hostile import SECRETS, team_with_a_hostile_customer

REPOSITORY = f"{API}/repos/acme/app"
COMMENTS = f"{ISSUE_URL}/comments"
MARKER, TEXT = "0123456789abcdef", "14 customers report this; 2 have no workaround."
BODY = f"{TEXT}\n\n<!-- bugbridge:{MARKER} -->"
OWN = {"id": 99, "login": "acme-bugbridge", "type": "User"}


@pytest.fixture
def writer(slept: list[float]) -> GitHubWriter:
    """Writes to one repository, and sleeps no real time."""
    return GitHubWriter(GitHubOptions("github", ("acme/app",), TOKEN), sleep=slept.append)


def comment(number: int = 5, body: str = BODY, **changes: Any) -> dict[str, Any]:
    return {"id": number, "user": OWN, "body": body, "updated_at": zulu(day(3)), **changes}


def sent(api: responses.RequestsMock) -> list[tuple[str | None, Any]]:
    """Every request with what it carried."""
    return [(call.request.method, json.loads(call.request.body or "null")) for call in api.calls]


def test_a_comment_is_posted_with_its_marker_in_an_html_comment(
    api: responses.RequestsMock, writer: GitHubWriter
) -> None:
    """GitHub doesn't show it, and it is found again by it."""
    api.post(COMMENTS, json=comment(), status=201)
    assert writer.add_comment(REFERENCE, TEXT, MARKER) == "5"
    assert sent(api) == [("POST", {"body": BODY})]


def test_a_comment_is_edited_in_place(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """The marker stays."""
    api.patch(f"{REPOSITORY}/issues/comments/5", json=comment())
    writer.edit_comment(REFERENCE, "5", TEXT, MARKER)
    assert sent(api) == [("PATCH", {"body": BODY})]


def test_our_comment_is_found_on_any_page(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """Its text comes without the marker, and with line ends as they were sent."""
    following = {"Link": f'<{COMMENTS}?page=2>; rel="next"'}
    api.get(COMMENTS, json=[comment(4, "Me too!")], headers=following)
    api.get(
        COMMENTS, json=[comment(body=BODY.replace("\n", "\r\n"))], match=[matchers.query_param_matcher({"page": 2})]
    )
    api.get(f"{API}/user", json=OWN)
    assert writer.find_comment(REFERENCE, MARKER) == OwnComment("5", TEXT, day(3))


def test_a_comment_by_somebody_else_with_our_marker_is_not_ours(
    api: responses.RequestsMock, writer: GitHubWriter
) -> None:
    """Anybody can read the marker in a public comment's source and quote it."""
    api.get(COMMENTS, json=[comment(user={"id": 666, "type": "User"}), comment(user=None)])
    api.get(f"{API}/user", json=OWN)
    assert writer.find_comment(REFERENCE, MARKER) is None


def test_an_app_finds_its_comment_among_those_of_bots(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """An installation may not ask who it is."""
    api.get(COMMENTS, json=[comment(4), comment(user={"id": 1, "type": "Bot"})])
    api.get(f"{API}/user", json={"message": "Resource not accessible by integration"}, status=403)
    found = writer.find_comment(REFERENCE, MARKER)
    assert found == OwnComment("5", TEXT, day(3))


def test_a_comment_with_another_marker_is_not_ours(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """Another issue's, moved here with its comments, would be."""
    api.get(COMMENTS, json=[comment(body=BODY.replace(MARKER, "another"))])
    assert writer.find_comment(REFERENCE, MARKER) is None


@pytest.mark.parametrize(
    ("shown", "public"),
    [
        ({"private": False, "visibility": "public"}, True),
        ({"private": True, "visibility": "private"}, False),
        ({"private": True, "visibility": "internal"}, False),
        ({}, True),
    ],
)
def test_a_repository_is_public_unless_github_says_that_it_is_private(
    api: responses.RequestsMock,
    writer: GitHubWriter,
    shown: dict[str, Any],
    public: bool,  # noqa: FBT001 - a test's parameter
) -> None:
    """In doubt nothing is told."""
    api.get(REPOSITORY, json=shown)
    assert writer.is_public(REFERENCE) == public


def test_an_issue_is_looked_at_where_it_is_now(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """With the labels that it has just now."""
    api.get(ISSUE_URL, json=issue(labels=[{"name": "bug"}, {"name": "security"}]))
    assert writer.look(REFERENCE) == SeenIssue(REFERENCE, ("bug", "security"))


def test_an_issue_that_moved_out_of_the_projects_is_not_written_to(
    api: responses.RequestsMock, writer: GitHubWriter
) -> None:
    """Nobody allowed that place."""
    api.get(ISSUE_URL, json=issue(repository_url=f"{API}/repos/acme/elsewhere"))
    with pytest.raises(NotFoundError, match="was moved to acme/elsewhere"):
        writer.look(REFERENCE)


def test_nothing_is_asked_of_a_repository_that_is_not_configured(
    api: responses.RequestsMock, writer: GitHubWriter
) -> None:
    """Whatever reference comes in."""
    for reference in ("github:evil/app#12", "github:acme/app#12/../../x", "github:acme/app#"):
        with pytest.raises(NotFoundError, match="in none of the projects"):
            writer.add_comment(reference, TEXT, MARKER)
    assert len(api.calls) == 0


def test_a_label_is_added_beside_the_others(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """None is taken off."""
    api.post(f"{ISSUE_URL}/labels", json=[])
    writer.add_label(REFERENCE, "customers-waiting")
    assert sent(api) == [("POST", {"labels": ["customers-waiting"]})]


def test_a_ticket_link_is_never_sent(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """GitHub has no place for it but the open text."""
    assert not writer.takes_ticket_links
    with pytest.raises(RemoteError, match="takes no link"):
        writer.link_ticket(REFERENCE, TicketLink("g", "https://desk.example/1", "support:1", resolved=False))
    assert len(api.calls) == 0


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_write_is_sent_once_and_its_outcome_is_unknown(
    api: responses.RequestsMock, writer: GitHubWriter, status: int
) -> None:
    """A comment has been posted four times by clients that tried again after a 500."""
    api.post(COMMENTS, body="<html>oops</html>", status=status)
    with pytest.raises(UnknownOutcomeError, match="it may have been done"):
        writer.add_comment(REFERENCE, TEXT, MARKER)
    assert len(api.calls) == 1


def test_a_limit_is_said_and_not_slept_through(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """The pass ends there."""
    api.post(COMMENTS, json={"message": "secondary rate limit"}, status=403, headers={"Retry-After": "60"})
    with pytest.raises(RateLimitedError):
        writer.add_comment(REFERENCE, TEXT, MARKER)


def test_nothing_of_a_customer_is_in_any_request(api: responses.RequestsMock, writer: GitHubWriter) -> None:
    """Name, address, organisation, subject and words: searched for in every address, header and body."""
    team = team_with_a_hostile_customer(writer)
    api.get(REPOSITORY, json={"private": True})
    api.get(ISSUE_URL, json=issue())
    api.get(COMMENTS, json=[])
    api.post(COMMENTS, json=comment(), status=201)
    api.post(f"{ISSUE_URL}/labels", json=[])
    assert [line.outcome for line in team.write()] == ["written", "written"]
    requests = repr([(call.request.url, dict(call.request.headers), call.request.body) for call in api.calls])
    assert [word for word in SECRETS if word in requests.lower()] == []
