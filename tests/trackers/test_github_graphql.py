"""How the GitHub tracker reads many issues by one query, and what becomes of those that aren't there."""

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bugbridge.core.model import ClosedAs, Gone
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue, TrackerState
from bugbridge.sandbox import github_changes
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHub
from tests.trackers.github_json import API as API_URL
from tests.trackers.github_json import ISSUE_URL, REFERENCE, closed, day, issue, zulu
from tests.trackers.github_world import API, APP, Engineers, asked, small_world, tracker_of

QUERY_URL = f"{API_URL}/graphql"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        yield running


@pytest.fixture
def engineers(sandbox: Sandbox) -> Engineers:
    return Engineers(sandbox.world)


def made(engineers: Engineers, repository: str = APP) -> str:
    engineers.new_issue(repository)
    return f"github:{engineers.reference}"


def test_issues_of_several_repositories_take_one_request(sandbox: Sandbox, engineers: Engineers) -> None:
    """Whatever changed in a cycle is read together."""
    references = [made(engineers, repository) for repository in (APP, API, APP, API)]
    answers = {answer.reference: type(answer) for answer in tracker_of(sandbox).issues(references)}
    assert (answers, asked(sandbox)) == (
        dict.fromkeys(references, IssueSnapshot),
        [("POST", "/graphql", 200)],
    )


def test_fifty_issues_are_a_batch(sandbox: Sandbox, engineers: Engineers) -> None:
    """More at once would be too much for GitHub to answer in time."""
    references = [made(engineers) for _ in range(51)]
    answers = [answer.reference for answer in tracker_of(sandbox).issues(references)]
    assert (answers, len(asked(sandbox))) == (references, 2)


def test_long_timelines_are_read_to_the_end(sandbox: Sandbox, engineers: Engineers) -> None:
    """The closing is the last of more than a hundred events."""
    reference = made(engineers)
    for number in range(104):
        github_changes.change_label(sandbox.world, engineers.reference, "noise", add=number % 2 == 0)
    at = engineers.close("completed")
    (snapshot,) = tracker_of(sandbox).issues([reference])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.history[-1].at, snapshot.history[-1].state) == (at, TrackerState(closed_as=ClosedAs.FIXED))
    assert [path for method, path, _ in asked(sandbox) if method == "POST"] == ["/graphql", "/graphql"]


def test_each_missing_issue_says_how_we_know(sandbox: Sandbox, engineers: Engineers) -> None:
    """Deleted, out of sight, turned into a discussion, or a pull request: none holds up the others."""
    expected: dict[str, Gone | None] = {made(engineers): None}
    expected[made(engineers)] = Gone.DELETED
    github_changes.delete_issue(sandbox.world, engineers.reference)
    expected[made(engineers)] = Gone.INVISIBLE
    github_changes.hide_issue(sandbox.world, engineers.reference, hidden=True)
    expected[made(engineers)] = Gone.CONVERTED
    github_changes.convert_to_discussion(sandbox.world, engineers.reference)
    expected[made(engineers)] = None
    engineers.fix("pull")
    pull = sandbox.world.issue(engineers.reference).events[-1].pull
    expected[f"github:{pull}"] = Gone.NOT_AN_ISSUE
    answers = {
        answer.reference: answer.reason if isinstance(answer, MissingIssue) else None
        for answer in tracker_of(sandbox).issues(list(expected))
    }
    assert answers == expected


@pytest.mark.parametrize("has_graphql", [True, False])
def test_a_renamed_repository_keeps_its_references(
    sandbox: Sandbox, engineers: Engineers, *, has_graphql: bool
) -> None:
    """Links and the configuration go on with the old name; the new one is told."""
    reference = made(engineers)
    github_changes.rename_repository(sandbox.world, APP, "acme/core")
    (snapshot,) = tracker_of(sandbox, has_graphql=has_graphql).issues([reference])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.reference, snapshot.now_called) == (reference, reference.replace("acme/app", "acme/core"))


def test_a_number_that_no_issue_has_harms_no_other(sandbox: Sandbox, engineers: Engineers) -> None:
    """GraphQL refuses a whole query for one, and anybody may write one in a ticket."""
    reference, absurd = made(engineers), "github:acme/app#99999999999"
    answers = {answer.reference: type(answer) for answer in tracker_of(sandbox).issues([absurd, reference])}
    assert answers == {absurd: MissingIssue, reference: IssueSnapshot}
    assert [path for _, path, _ in asked(sandbox)] == [
        "/repos/acme/app/issues/99999999999",
        "/repos/acme/app/issues",
        "/graphql",
    ]


def test_a_query_that_is_too_much_is_asked_in_smaller_parts(sandbox: Sandbox, engineers: Engineers) -> None:
    """GitHub answers 502 where it runs out of time; each query is tried three times first."""
    references = [made(engineers) for _ in range(7)]
    sandbox.traffic("github").faults.append(Fault("graphql", "html", times=3, status=502))
    answers = [answer.reference for answer in tracker_of(sandbox).issues(references)]
    assert (answers, [status for _, _, status in asked(sandbox)]) == (references, [502, 502, 502, 200, 200])


def test_a_server_without_graphql_is_read_by_rest(sandbox: Sandbox, engineers: Engineers) -> None:
    """It is asked once, and not again."""
    references = [made(engineers), made(engineers)]
    sandbox.traffic("github").faults.append(Fault("graphql", "status", times=9, status=404))
    tracker = tracker_of(sandbox)
    first, second = ([type(answer) for answer in tracker.issues(references)] for _ in range(2))
    queries = [path for method, path, _ in asked(sandbox) if method == "POST"]
    assert (first, second, queries) == ([IssueSnapshot] * 2, [IssueSnapshot] * 2, ["/graphql"])


def test_an_older_graphql_is_read_by_rest(api: responses.RequestsMock, github: GitHub) -> None:
    """A GitHub Enterprise Server may not know a field that is asked for."""
    error = {"message": "Field doesn't exist", "extensions": {"code": "undefinedField"}}
    api.post(QUERY_URL, json={"errors": [error]})
    api.get(ISSUE_URL, json=issue())
    api.get(f"{ISSUE_URL}/timeline", json=[])
    assert [type(answer) for answer in github.issues([REFERENCE])] == [IssueSnapshot]


def test_an_issue_read_in_part_is_read_by_rest(api: responses.RequestsMock, github: GitHub) -> None:
    """A hole in an answer must not look like a timeline without a closing."""
    error = {"message": "Something went wrong", "path": ["p0", "i12", "timelineItems"]}
    data = {"p0": {"nameWithOwner": "acme/app", "i12": {"__typename": "Issue", "timelineItems": None}}}
    api.post(QUERY_URL, json={"data": data, "errors": [error]})
    api.get(ISSUE_URL, json=closed(day(3), "completed"))
    api.get(f"{ISSUE_URL}/timeline", json=[])
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert snapshot.history[-1].state == TrackerState(closed_as=ClosedAs.FIXED)


def node(**changes: Any) -> dict[str, Any]:
    return {
        "__typename": "Issue",
        "fullDatabaseId": "1012",
        "number": 12,
        "repository": {"nameWithOwner": "acme/app"},
        "title": "It breaks",
        "state": "OPEN",
        "stateReason": None,
        "createdAt": zulu(day(1)),
        "updatedAt": zulu(day(2)),
        "closedAt": None,
        "labels": {"nodes": []},
        "assignees": {"nodes": []},
        "closedByPullRequestsReferences": None,
        "timelineItems": {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []},
        **changes,
    }


def test_timelines_that_lead_in_a_circle_end(api: responses.RequestsMock, github: GitHub) -> None:
    """A cursor that comes again would go on for ever; the issue is read by REST instead."""
    again = node(timelineItems={"pageInfo": {"hasNextPage": True, "endCursor": "Y3Vyc29y"}, "nodes": []})
    api.post(QUERY_URL, json={"data": {"p0": {"nameWithOwner": "acme/app", "i12": again}}})
    api.get(ISSUE_URL, json=issue())
    api.get(f"{ISSUE_URL}/timeline", json=[])
    assert [type(answer) for answer in github.issues([REFERENCE])] == [IssueSnapshot]
    assert len(api.calls) == 4


@pytest.mark.parametrize("pulls", [None, {"nodes": [None]}])
def test_pull_requests_out_of_sight_leave_it_fixed(
    api: responses.RequestsMock, github: GitHub, pulls: dict[str, Any] | None
) -> None:
    """Without the permission the fix isn't known, and a fixed issue is not taken for released."""
    forbidden = {"type": "FORBIDDEN", "path": ["p0", "i12", "closedByPullRequestsReferences"]}
    closing = {"__typename": "ClosedEvent", "createdAt": zulu(day(2)), "stateReason": "COMPLETED", "closer": None}
    items = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [closing]}
    shown = node(
        state="CLOSED",
        stateReason="COMPLETED",
        closedAt=zulu(day(2)),
        timelineItems=items,
        closedByPullRequestsReferences=pulls,
    )
    data = {"p0": {"nameWithOwner": "acme/app", "i12": shown}}
    api.post(QUERY_URL, json={"data": data, "errors": [forbidden]})
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert snapshot.history[-1].state == TrackerState(closed_as=ClosedAs.FIXED)


def test_a_merged_pull_request_is_the_fix_of_an_issue_closed_by_hand(
    api: responses.RequestsMock, github: GitHub
) -> None:
    """GitHub shows merged ones only to those who ask for closed ones (apis.md, trap 12)."""
    closing = {"__typename": "ClosedEvent", "createdAt": zulu(day(3)), "stateReason": "COMPLETED", "closer": None}
    merged = {"mergedAt": zulu(day(2)), "mergeCommit": {"oid": "aa"}, "baseRepository": {"nameWithOwner": "acme/app"}}
    shown = node(
        state="CLOSED",
        stateReason="COMPLETED",
        closedAt=zulu(day(3)),
        closedByPullRequestsReferences={"nodes": [merged, {**merged, "mergedAt": None}]},
        timelineItems={"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [closing]},
    )
    api.post(QUERY_URL, json={"data": {"p0": {"nameWithOwner": "acme/app", "i12": shown}}})
    release = {"tag_name": "v4", "draft": False, "prerelease": False, "published_at": zulu(day(4))}
    api.get(f"{API_URL}/repos/acme/app/releases", json=[{**release, "created_at": zulu(day(4))}])
    api.get(f"{API_URL}/repos/acme/app/compare/aa...v4", json={"status": "ahead"})
    (snapshot,) = github.issues([REFERENCE])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.history[-1].at, snapshot.history[-1].state.released_in) == (day(4), "4")
    assert "includeClosedPrs: true" in str(api.calls[0].request.body)


def test_a_mark_names_the_survivor_without_a_comment(sandbox: Sandbox, engineers: Engineers) -> None:
    """Also where it lies in another repository, and without a further request."""
    survivor, reference = made(engineers, API), made(engineers)
    github_changes.mark_duplicate(sandbox.world, engineers.reference, survivor.partition(":")[2])
    (snapshot,) = tracker_of(sandbox).issues([reference])
    assert isinstance(snapshot, IssueSnapshot)
    assert (snapshot.duplicate_of, len(asked(sandbox))) == (survivor, 1)


def test_enterprise_servers_have_their_own_address(sandbox: Sandbox, engineers: Engineers) -> None:
    """REST lies below /api/v3, GraphQL beside it."""
    reference = made(engineers)
    tracker = tracker_of(sandbox, api_url=f"{sandbox.github_url}/api/v3")
    (page,) = tracker.changed_since("")
    engineers.fix("pull")
    engineers.release("1.0")
    references = [each for found in tracker.changed_since(page.cursor) for each in found.references]
    (snapshot,) = tracker.issues([reference])
    assert isinstance(snapshot, IssueSnapshot)
    assert (references, snapshot.history[-1].state.released_in) == ([reference], "1.0")
