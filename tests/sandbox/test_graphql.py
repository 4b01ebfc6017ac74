"""GraphQL is answered as GitHub does: in the shape that was asked for, with errors beside the data."""

from typing import Any

import pytest
import requests

from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import GITHUB, TIMEOUT_SECONDS, control, github

WHOLE = """
query ($number: Int!, $after: String) {
  repository(owner: "acme", name: "app") { issue(number: $number) { ...facts } }
  rateLimit { cost remaining resetAt }
}
fragment facts on Issue {
  number databaseId title state stateReason(enableDuplicate: true) createdAt updatedAt closedAt
  labels(first: 10) { nodes { name } } assignees(first: 10) { nodes { login } }
  duplicateOf { __typename ... on Issue { number } }
  closedByPullRequestsReferences(first: 10, includeClosedPrs: true) {
    nodes { number merged mergedAt mergeCommit { oid } baseRepository { nameWithOwner } } }
  timelineItems(first: 2, after: $after, itemTypes: [CLOSED_EVENT, REOPENED_EVENT, MARKED_AS_DUPLICATE_EVENT]) {
    pageInfo { hasNextPage endCursor }
    nodes { __typename
      ... on ClosedEvent { createdAt stateReason closer { __typename
        ... on Commit { oid } ... on PullRequest { mergeCommit { oid } } } }
      ... on MarkedAsDuplicateEvent { canonical { ... on Issue { number } } } } }
}"""


def ask(sandbox: Sandbox, query: str, path: str = "/graphql", **variables: Any) -> Any:
    """The answer to a query, which is always 200."""
    response = github(sandbox, path, "POST", json={"query": query, "variables": variables})
    assert response.status_code == 200
    return response.json()


def whole(sandbox: Sandbox, number: int) -> dict[str, Any]:
    """An issue of acme/app with everything that is asked of one."""
    found: dict[str, Any] = ask(sandbox, WHOLE, number=number)["data"]["repository"]["issue"]
    return found


def numbers(sandbox: Sandbox, reason: str | None) -> list[int]:
    """The issues of acme/app in that state."""
    issues = sandbox.world.issues["acme/app"].values()
    return [issue.number for issue in issues if issue.state_reason == reason and not issue.pull_request]


def open_number(sandbox: Sandbox) -> int:
    """An open issue of acme/app."""
    return numbers(sandbox, None)[0]


@pytest.mark.parametrize(("by", "closer"), [("pull", "PullRequest"), ("commit", "Commit")])
def test_a_fix_names_what_closed_it(changing: Sandbox, by: str, closer: str) -> None:
    """The merge commit of a pull request, or the commit itself; only the pull request is among the references."""
    number = open_number(changing)
    control(changing, "github/fix", reference=f"acme/app#{number}", by=by)
    issue = whole(changing, number)
    event = issue["timelineItems"]["nodes"][-1]
    told = event["closer"]
    merged = [pull["mergeCommit"] for pull in issue["closedByPullRequestsReferences"]["nodes"] if pull["merged"]]
    assert (issue["state"], issue["stateReason"], event["__typename"]) == ("CLOSED", "COMPLETED", "ClosedEvent")
    assert told["__typename"] == closer
    assert told.get("oid", changing.world.heads["acme/app"]) == changing.world.heads["acme/app"]
    assert merged == ([told["mergeCommit"]] if by == "pull" else [])


def test_closed_by_hand_has_no_closer(changing: Sandbox) -> None:
    """Then nothing says where the fix is."""
    number = open_number(changing)
    control(changing, "github/close", reference=f"acme/app#{number}")
    assert whole(changing, number)["timelineItems"]["nodes"][-1]["closer"] is None


def test_merged_pull_requests_are_hidden_unless_asked_for(reading: Sandbox) -> None:
    """`includeClosedPrs` is false where it isn't given."""
    number = next(each.number for each in reading.world.issues["acme/app"].values() if any(e.pull for e in each.events))
    asked = 'query { repository(owner: "acme", name: "app") { issue(number: %d) {'
    asked += " closedByPullRequestsReferences(first: 5) { totalCount } } } }"
    shown = ask(reading, asked % number)["data"]["repository"]["issue"]
    assert shown == {"closedByPullRequestsReferences": {"totalCount": 0}}
    assert len(whole(reading, number)["closedByPullRequestsReferences"]["nodes"]) == 1


def test_a_duplicate_is_said_only_to_those_who_ask(reading: Sandbox) -> None:
    """Without `enableDuplicate` it looks not planned; the event and `duplicateOf` name the survivor."""
    number = numbers(reading, "duplicate")[0]
    issue = whole(reading, number)
    mark = next(node for node in issue["timelineItems"]["nodes"] if node["__typename"] == "MarkedAsDuplicateEvent")
    plain = ask(
        reading, f'{{ repository(owner: "acme", name: "app") {{ issue(number: {number}) {{ stateReason }} }} }}'
    )
    assert issue["stateReason"] == "DUPLICATE"
    assert plain["data"]["repository"]["issue"] == {"stateReason": "NOT_PLANNED"}
    assert mark["canonical"]["number"] == issue["duplicateOf"]["number"]


def test_fifty_issues_in_one_request(reading: Sandbox) -> None:
    """Each under its own alias, in the order that was asked for."""
    inner = " ".join(f"i{number}: issueOrPullRequest(number: {number}) {{ __typename }}" for number in range(1, 51))
    answered = ask(reading, f'{{ r0: repository(owner: "acme", name: "app") {{ {inner} }} }}')
    assert list(answered["data"]["r0"]) == [f"i{number}" for number in range(1, 51)]
    assert "errors" not in answered


def test_a_missing_issue_is_an_error_beside_the_others(reading: Sandbox) -> None:
    """It is null, and `errors` gives type and path; so is a pull request where an issue is asked for."""
    pull = next(each.number for each in reading.world.issues["acme/app"].values() if each.pull_request)
    inner = (
        f"a: issue(number: 1) {{ number }} b: issue(number: 9999) {{ number }} c: issue(number: {pull}) {{ number }}"
    )
    answered = ask(reading, f'{{ repository(owner: "acme", name: "app") {{ {inner} }} }}')
    assert answered["data"]["repository"]["b"] is None
    assert [(error["type"], error["path"]) for error in answered["errors"]] == [
        ("NOT_FOUND", ["repository", "b"]),
        ("NOT_FOUND", ["repository", "c"]),
    ] + ([("NOT_FOUND", ["repository", "a"])] if answered["data"]["repository"]["a"] is None else [])
    gone = ask(reading, '{ repository(owner: "acme", name: "nothing") { id } }')
    assert (gone["data"], gone["errors"][0]["type"]) == ({"repository": None}, "NOT_FOUND")


def test_the_timeline_is_paged_by_cursors(changing: Sandbox) -> None:
    """Following `endCursor` meets each event once."""
    number = open_number(changing)
    for name in ("close", "reopen", "close", "reopen", "close"):
        control(changing, f"github/{name}", reference=f"acme/app#{number}")
    kinds, after, more = [], None, True
    while more:
        items = ask(changing, WHOLE, number=number, after=after)["data"]["repository"]["issue"]["timelineItems"]
        kinds += [node["__typename"] for node in items["nodes"]]
        after, more = items["pageInfo"]["endCursor"], items["pageInfo"]["hasNextPage"]
    assert kinds == ["ClosedEvent", "ReopenedEvent", "ClosedEvent", "ReopenedEvent", "ClosedEvent"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ repository(owner: ", "Unexpected end"),
        ("{ nonsense }", "doesn't exist on type 'Query'"),
        ('{ repository(owner: "acme", name: "app") }', "must have selections"),
        ('{ repository(owner: "acme", name: "app") { issues { totalCount } } }', "`first` or `last`"),
        ('{ repository(owner: "acme", name: "app") { issues(first: 101) { totalCount } } }', "exceeds"),
        ("{ viewer { ...nothing } }", "was used, but not defined"),
        ('mutation { closeIssue(input: {issueId: "x"}) { issue { id } } }', "knows no mutations"),
    ],
)
def test_a_wrong_query_has_errors_and_no_data(reading: Sandbox, query: str, words: str) -> None:
    """Also an unknown field, or a list without bounds, in a 200."""
    answered = ask(reading, query)
    assert "data" not in answered
    assert words in answered["errors"][0]["message"]


def test_conditions_and_variables_are_heeded(reading: Sandbox) -> None:
    """`@include` and `@skip` with variables and their defaults."""
    query = "query Q($yes: Boolean = true, $no: Boolean!) { viewer { login @include(if: $yes) id @include(if: $no) } }"
    assert ask(reading, query, no=False)["data"] == {"viewer": {"login": "bugbridge-bot"}}
    assert list(ask(reading, query, yes=False, no=True)["data"]["viewer"]) == ["id"]


def test_graphql_has_a_budget_of_its_own(changing: Sandbox) -> None:
    """Points are counted apart from requests; when they are gone, a 200 says RATE_LIMITED until the reset."""
    core = github(changing, "/rate_limit").json()["resources"]["core"]["remaining"]
    first = github(changing, "/graphql", "POST", json={"query": "{ viewer { login } }"})
    asked = {"kind": "graphql", "remaining": 0, "seconds": 120}
    requests.post(f"{changing.github_url}/_sandbox/limits", json=asked, timeout=TIMEOUT_SECONDS).raise_for_status()
    limited = github(changing, "/graphql", "POST", json={"query": "{ viewer { login } }"})
    assert (first.headers["X-RateLimit-Resource"], first.headers["X-RateLimit-Remaining"]) == ("graphql", "4999")
    assert (limited.status_code, limited.json()["errors"][0]["type"]) == (200, "RATE_LIMITED")
    assert github(changing, "/rate_limit").json()["resources"]["core"]["remaining"] == core
    control(changing, "clock/advance", seconds=121)
    assert ask(changing, "{ viewer { login } }")["data"] == {"viewer": {"login": "bugbridge-bot"}}


def test_without_a_token_nothing_is_said(reading: Sandbox) -> None:
    """401, unlike REST's 404."""
    asked = {"query": "{ viewer { login } }"}
    wrong = requests.post(
        f"{reading.github_url}/graphql", json=asked, headers={"Authorization": "Bearer x"}, timeout=TIMEOUT_SECONDS
    )
    bare = requests.post(f"{reading.github_url}/graphql", json=asked, timeout=TIMEOUT_SECONDS)
    assert (wrong.status_code, bare.status_code) == (401, 401)


def test_enterprise_server_has_other_paths(reading: Sandbox) -> None:
    """REST below /api/v3, with addresses that lead there, and GraphQL at /api/graphql."""
    page = requests.get(
        f"{reading.github_url}/api/v3/repos/acme/app/issues?per_page=2", headers=GITHUB, timeout=TIMEOUT_SECONDS
    )
    assert page.json()[0]["repository_url"] == f"{reading.github_url}/api/v3/repos/acme/app"
    assert page.links["next"]["url"].startswith(f"{reading.github_url}/api/v3/repos/acme/app/issues?")
    assert ask(reading, "{ viewer { login } }", path="/api/graphql")["data"]["viewer"]["login"] == "bugbridge-bot"
