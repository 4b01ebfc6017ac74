"""What the GitHub tracker makes of an issue and its timeline, read by REST from a server without GraphQL."""

from typing import Any

import pytest
import responses
from responses import matchers

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.model import ClosedAs, Gone
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue, TrackerChange, TrackerState
from bugbridge.trackers.github import GitHub, GitHubOptions
from tests.trackers.github_json import API, ISSUE_URL, LIST_URL, REFERENCE, TOKEN, closed, day, event, issue

FIXED, DECLINED = TrackerState(closed_as=ClosedAs.FIXED), TrackerState(closed_as=ClosedAs.DECLINED)
DUPLICATE, UNKNOWN = TrackerState(closed_as=ClosedAs.DUPLICATE), TrackerState(closed_as=ClosedAs.UNKNOWN)
OPEN, WORK = TrackerState(), TrackerState(in_progress=True)


@pytest.fixture
def github(slept: list[float]) -> GitHub:
    """A tracker of one repository, whose server said before that it has no GraphQL."""
    return without_graphql(GitHub(GitHubOptions("github", ("acme/app",), TOKEN), sleep=slept.append))


def without_graphql(tracker: GitHub) -> GitHub:
    tracker._has_graphql = False
    return tracker


def read(
    api: responses.RequestsMock, github: GitHub, shown: dict[str, Any], *timeline: dict[str, Any]
) -> IssueSnapshot:
    api.get(ISSUE_URL, json=shown)
    api.get(f"{ISSUE_URL}/timeline", json=list(timeline))
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    return snapshot


def history(*changes: tuple[int, TrackerState]) -> tuple[TrackerChange, ...]:
    return tuple(TrackerChange(day(number), state) for number, state in changes)


@pytest.mark.parametrize(
    ("reason", "state"), [("completed", FIXED), ("not_planned", DECLINED), ("duplicate", DUPLICATE), (None, UNKNOWN)]
)
def test_closed_is_fixed_only_as_completed(
    api: responses.RequestsMock, github: GitHub, reason: str | None, state: TrackerState
) -> None:
    """The event may lack the reason; the issue has it for the last closing, and without one it is unknown."""
    snapshot = read(api, github, closed(day(3), reason), event("closed", day(3), state_reason=None))
    assert snapshot.history == history((1, OPEN), (3, state))


def test_an_earlier_closing_without_a_reason_is_unknown(api: responses.RequestsMock, github: GitHub) -> None:
    """The issue's own reason is of its last closing, and must not be lent to an earlier one."""
    timeline = (event("closed", day(3), state_reason=None), event("reopened", day(4)), event("closed", day(5)))
    snapshot = read(api, github, closed(day(5), "completed"), *timeline)
    assert snapshot.history == history((1, OPEN), (3, UNKNOWN), (4, OPEN), (5, FIXED))


def test_an_earlier_closing_keeps_its_own_reason(api: responses.RequestsMock, github: GitHub) -> None:
    """Fixed, and opened again, and given up."""
    timeline = (
        event("closed", day(3), state_reason="completed"),
        event("reopened", day(4)),
        event("closed", day(5), state_reason="not_planned"),
    )
    snapshot = read(api, github, closed(day(5), "not_planned"), *timeline)
    assert snapshot.history == history((1, OPEN), (3, FIXED), (4, OPEN), (5, DECLINED))


def test_a_closing_without_an_event_counts_from_closed_at(api: responses.RequestsMock, github: GitHub) -> None:
    """Timelines have holes; the present state is true all the same."""
    assert read(api, github, closed(day(3), "completed")).history == history((1, OPEN), (3, FIXED))


def test_a_hidden_reopening_shows_the_issue_open(api: responses.RequestsMock, github: GitHub) -> None:
    """A bug that is open must never stay fixed here."""
    snapshot = read(api, github, issue(), event("closed", day(3), state_reason="completed"))
    assert snapshot.history == history((1, OPEN), (3, FIXED), (20, OPEN))


def test_somebody_assigned_is_work_under_way(api: responses.RequestsMock, github: GitHub) -> None:
    """From the first assignee to the last one's leaving; closed ends it, reopened brings it back."""
    timeline = (
        event("assigned", day(2), assignee={"login": "octavia"}),
        event("assigned", day(3), assignee={"login": "ben"}),
        event("unassigned", day(4), assignee={"login": "ben"}),
        event("closed", day(5), state_reason="completed"),
        event("reopened", day(6)),
        event("unassigned", day(7), assignee={"login": "octavia"}),
    )
    assert read(api, github, issue(), *timeline).history == history(
        (1, OPEN), (2, WORK), (5, FIXED), (6, WORK), (7, OPEN)
    )


def test_a_label_of_work_counts_in_any_case(api: responses.RequestsMock, github: GitHub) -> None:
    """Labels that an issue began with have no event and count from the beginning."""
    timeline = (
        event("unlabeled", day(3), label={"name": "In Progress"}),
        event("labeled", day(4), label={"name": "bug"}),
    )
    snapshot = read(api, github, issue(labels=[{"name": "bug"}]), *timeline)
    assert snapshot.history == history((1, WORK), (3, OPEN))


@pytest.mark.parametrize(
    ("body", "survivor"),
    [
        ("Duplicate of #7", "github:acme/app#7"),
        ("Thanks!\n\nduplicate of acme/App#7.", "github:acme/app#7"),
        ("Duplicate of other/Repo#9", "github:other/repo#9"),
        ("Duplicate of https://github.com/acme/app/issues/7#issuecomment-1", "github:acme/app#7"),
        ("Duplicate of https://evil.example/acme/app/issues/7", ""),
        ("Is this a duplicate of #7?", ""),
        ("Duplicate of #12", ""),
        (None, ""),
    ],
)
def test_a_duplicate_comment_names_the_survivor(
    api: responses.RequestsMock, github: GitHub, body: str | None, survivor: str
) -> None:
    """At the beginning of a line, as GitHub reads it, and never the issue itself."""
    comment = event("commented", day(3), body=body, author_association="MEMBER")
    assert read(api, github, closed(day(3), "duplicate"), comment).duplicate_of == survivor


def test_the_latest_word_of_the_team_names_the_survivor(api: responses.RequestsMock, github: GitHub) -> None:
    """Anybody may comment on a public issue: a stranger's comment moves no bug."""
    comments = [
        event("commented", day(number), body=f"Duplicate of #{number}", author_association=association)
        for number, association in ((3, "MEMBER"), (4, "COLLABORATOR"), (5, "NONE"))
    ]
    assert read(api, github, closed(day(6), "duplicate"), *comments).duplicate_of == "github:acme/app#4"


def test_a_marked_duplicate_closed_as_completed_is_not_fixed(api: responses.RequestsMock, github: GitHub) -> None:
    """People press Close after marking; nothing was fixed by that."""
    comment = event("commented", day(3), body="Duplicate of #7", author_association="OWNER")
    mark = event("marked_as_duplicate", day(3))
    snapshot = read(api, github, closed(day(4), "completed"), comment, mark, event("closed", day(4)))
    assert (snapshot.duplicate_of, snapshot.history[-1].state) == ("github:acme/app#7", DUPLICATE)


@pytest.mark.parametrize("undone", ["unmarked_as_duplicate", "reopened"])
def test_a_mark_taken_back_marks_nothing(api: responses.RequestsMock, github: GitHub, undone: str) -> None:
    """A duplicate that turned out to be none is a bug of its own."""
    comment = event("commented", day(3), body="Duplicate of #7", author_association="OWNER")
    timeline = (comment, event("marked_as_duplicate", day(3)), event(undone, day(4)))
    assert read(api, github, issue(), *timeline).duplicate_of == ""


def test_the_whole_timeline_is_read_along_the_link_header(api: responses.RequestsMock, github: GitHub) -> None:
    """`page=` ends with 422 from 10,000 items on (apis.md, trap 21), so the server's own next address is followed."""
    following = "https://api.github.com/repositories/1/issues/12/timeline?after=Y3Vyc29y"
    api.get(ISSUE_URL, json=closed(day(3), "completed"))
    api.get(f"{ISSUE_URL}/timeline", json=[], headers={"Link": f'<{following}>; rel="next"'})
    api.get(
        f"{API}/repositories/1/issues/12/timeline",
        match=[matchers.query_param_matcher({"after": "Y3Vyc29y"})],
        json=[event("assigned", day(2), assignee={"login": "o"}), event("unassigned", day(3), assignee={"login": "o"})],
    )
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert snapshot.history == history((1, OPEN), (2, WORK), (3, FIXED))


def test_pages_that_lead_in_a_circle_end_with_an_error(api: responses.RequestsMock, github: GitHub) -> None:
    """A next address that comes again would go on for ever."""
    api.get(ISSUE_URL, json=issue())
    again = {"Link": '<https://api.github.com/repos/acme/app/issues/12/timeline?after=x>; rel="next"'}
    api.get(f"{ISSUE_URL}/timeline", json=[], headers=again)
    with pytest.raises(RemoteError, match="circle"):
        list(github.issues([REFERENCE]))


@pytest.mark.parametrize(
    ("status", "sentence", "reason"),
    [
        (404, "doesn't exist, or the token may not see it.", Gone.INVISIBLE),
        (410, "was deleted.", Gone.DELETED),
    ],
)
def test_an_issue_that_is_not_there_is_an_answer(
    api: responses.RequestsMock, github: GitHub, status: int, sentence: str, reason: Gone
) -> None:
    """Deleted or out of sight, while its repository can be read: GitHub says 410 only of what the token would see."""
    api.get(ISSUE_URL, json={"message": "Not Found"}, status=status)
    api.get(LIST_URL, json=[])
    assert list(github.issues([REFERENCE])) == [MissingIssue(REFERENCE, f"{REFERENCE} {sentence}", reason)]


def test_an_issue_that_became_a_discussion_is_gone(api: responses.RequestsMock, github: GitHub) -> None:
    """What is left is closed and locked, and that closes no bug."""
    api.get(ISSUE_URL, json=closed(day(3), "completed"))
    api.get(f"{ISSUE_URL}/timeline", json=[event("converted_to_discussion", day(3)), event("closed", day(3))])
    answer = MissingIssue(REFERENCE, f"{REFERENCE} was converted to a discussion.", Gone.CONVERTED)
    assert list(github.issues([REFERENCE])) == [answer]


def test_an_issue_that_leads_to_a_discussion_is_gone(api: responses.RequestsMock, github: GitHub) -> None:
    """Older conversions redirect."""
    api.get(ISSUE_URL, status=301, headers={"Location": "https://github.com/acme/app/discussions/12"})
    api.get(LIST_URL, json=[])
    answer = MissingIssue(REFERENCE, f"{REFERENCE} was converted to a discussion.", Gone.CONVERTED)
    assert list(github.issues([REFERENCE])) == [answer]


def test_a_repository_out_of_sight_is_not_the_end_of_its_issues(api: responses.RequestsMock, github: GitHub) -> None:
    """GitHub answers 404 for all of a repository that the token lost: that is an error, and no issue is missing."""
    api.get(ISSUE_URL, json={"message": "Not Found"}, status=404)
    api.get(LIST_URL, json={"message": "Not Found"}, status=404)
    with pytest.raises(NotFoundError, match=r"acme/app can't be read.*BUGBRIDGE_GITHUB_TOKEN"):
        list(github.issues([REFERENCE]))


def test_issues_of_other_projects_are_never_asked_for(api: responses.RequestsMock, github: GitHub) -> None:
    """A pasted address may name any repository; its changes wouldn't be seen."""
    (answer,) = github.issues(["github:other/repo#1"])
    assert isinstance(answer, MissingIssue)
    assert "acme/app" in answer.sentence
    assert len(api.calls) == 0


def test_a_pull_request_is_no_issue(api: responses.RequestsMock, github: GitHub) -> None:
    """GitHub shows both under issues (trap 8)."""
    api.get(ISSUE_URL, json=issue(pull_request={}))
    answer = MissingIssue(REFERENCE, f"{REFERENCE} is a pull request, not an issue.", Gone.NOT_AN_ISSUE)
    assert list(github.issues([REFERENCE])) == [answer]


def test_an_issue_transferred_between_projects_keeps_its_reference(api: responses.RequestsMock) -> None:
    """Links name the old one; it is read where it lives now."""
    github = without_graphql(GitHub(GitHubOptions("github", ("acme/app", "acme/api"), TOKEN)))
    api.get(ISSUE_URL, status=301, headers={"Location": "https://api.github.com/repositories/2/issues/5"})
    landed = issue(5, repository_url="https://api.github.com/repos/acme/api")
    api.get(f"{API}/repositories/2/issues/5", json=landed)
    api.get(f"{API}/repos/acme/api/issues/5/timeline", json=[])
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.reference, snapshot.remote_id, snapshot.now_called) == (REFERENCE, "1005", "github:acme/api#5")


def test_an_issue_transferred_elsewhere_is_missing_and_says_where(api: responses.RequestsMock, github: GitHub) -> None:
    """Its changes wouldn't be seen there."""
    api.get(ISSUE_URL, status=301, headers={"Location": "https://api.github.com/repositories/2/issues/5"})
    elsewhere = issue(5, repository_url="https://api.github.com/repos/other/place")
    api.get(f"{API}/repositories/2/issues/5", json=elsewhere)
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/app"})
    (answer,) = github.issues([REFERENCE])
    assert isinstance(answer, MissingIssue)
    assert "moved to other/place#5" in answer.sentence


def test_an_issue_of_a_renamed_repository_says_what_it_is_called_now(
    api: responses.RequestsMock, github: GitHub
) -> None:
    """The configuration keeps its name for the repository, and so do links."""
    here = {"Location": "https://api.github.com/repositories/1/issues/12"}
    api.get(ISSUE_URL, status=301, headers=here)
    renamed = issue(repository_url="https://api.github.com/repos/acme/core")
    api.get(f"{API}/repositories/1/issues/12", json=renamed)
    api.get(f"{API}/repos/acme/app", json={"full_name": "acme/core"})
    api.get(f"{API}/repos/acme/core/issues/12/timeline", json=[])
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.reference, snapshot.now_called) == (REFERENCE, "github:acme/core#12")
