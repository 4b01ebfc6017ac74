"""Comments that suggest a workaround, as every way of reading a tracker gives them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from bugbridge.core.snapshots import IssueSnapshot, WorkaroundComment
from bugbridge.sandbox import github_changes, jira_changes, sign_in
from bugbridge.sandbox.jira_json import document
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.github_graphql import COMMENTS
from bugbridge.trackers.github_writing import GitHubWriter
from bugbridge.trackers.jira import Jira, JiraOptions
from bugbridge.trackers.jira_reading import IssueJson, JiraRules, resolution_map
from bugbridge.trackers.jira_texts import comment_text
from bugbridge.trackers.jira_writing import JiraWriter
from tests.trackers.github_world import APP, Engineers, asked, small_world, tracker_of
from tests.trackers.jira_json import REFERENCE, STATUSES, day, issue, jira_time

RULES = JiraRules("jira", resolution_map(("Fixed",)), frozenset())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        yield running


@pytest.fixture
def engineers(sandbox: Sandbox) -> Engineers:
    made = Engineers(sandbox.world)
    made.new_issue()
    return made


@pytest.fixture(params=[True, False], ids=["graphql", "rest"])
def github(sandbox: Sandbox, request: pytest.FixtureRequest) -> GitHub:
    return tracker_of(sandbox, has_graphql=request.param)


def seen(github: GitHub, engineers: Engineers) -> IssueSnapshot:
    (snapshot,) = github.issues([f"github:{engineers.reference}"])
    assert isinstance(snapshot, IssueSnapshot)
    return snapshot


def says(engineers: Engineers, body: str) -> tuple[int, datetime]:
    """An engineer comments; gives the comment's number and instant."""
    engineers.later()
    event = github_changes.comment_issue(engineers.world, engineers.reference, body)
    return event.id, event.at


def test_github_s_comments_are_read_either_way(github: GitHub, engineers: Engineers) -> None:
    """Those that begin with the word, in order, each with its id and instant; all others are left."""
    says(engineers, "I saw it again. Workaround: none.")
    first, first_at = says(engineers, "Workaround: export as CSV.")
    second, second_at = says(engineers, "**Workaround:** restart\nthe app.")
    snapshot = seen(github, engineers)
    assert snapshot.comments_whole
    assert snapshot.workaround_comments == (
        WorkaroundComment(str(first), "export as CSV.", first_at),
        WorkaroundComment(str(second), "restart\nthe app.", second_at),
    )


def test_github_s_edited_and_deleted_comments_are_as_they_are_now(github: GitHub, engineers: Engineers) -> None:
    """What is read is never older than the tracker."""
    edited, _ = says(engineers, "Workaround: export as CSV.")
    deleted, _ = says(engineers, "Workaround: reinstall.")
    github_changes.edit_comment(engineers.world, "acme/app", edited, "Workaround: export as XLSX.")
    github_changes.delete_comment(engineers.world, "acme/app", deleted)
    assert [comment.text for comment in seen(github, engineers).workaround_comments] == ["export as XLSX."]


def test_our_own_github_comment_suggests_nothing(sandbox: Sandbox, github: GitHub, engineers: Engineers) -> None:
    """What BugBridge wrote is read for nothing, whatever it says."""
    options = GitHubOptions("github", (APP,), token=sign_in.GITHUB_KEY, api_url=sandbox.github_url)
    writer = GitHubWriter(options, sleep=lambda _: None)
    writer.add_comment(f"github:{engineers.reference}", "Workaround: ask support.", "7K3F9Q")
    assert seen(github, engineers).workaround_comments == ()


def test_github_s_comments_cost_no_request_more(sandbox: Sandbox, engineers: Engineers) -> None:
    """The latest come with the issue; that older ones stand unread is said, so that nothing is concluded from it."""
    says(engineers, "Workaround: the oldest.")
    for number in range(COMMENTS):
        says(engineers, f"Workaround: number {number}.")
    snapshot = seen(tracker_of(sandbox), engineers)
    texts = [comment.text for comment in snapshot.workaround_comments]
    assert (len(texts), texts[0], snapshot.comments_whole) == (COMMENTS, "number 0.", False)
    assert [path for _, path, _ in asked(sandbox)] == ["/graphql"]


def jira_comment(number: int, body: object) -> dict[str, Any]:
    return {"id": str(number), "body": body, "created": jira_time(day(number)), "updated": jira_time(day(number))}


def read(*comments: dict[str, Any], total: int | None = None) -> IssueSnapshot:
    page = {"comments": list(comments), "startAt": 0, "maxResults": 20, "total": total or len(comments)}
    return IssueJson(issue(comment=page), [], STATUSES).snapshot(REFERENCE, RULES)


NESTED = {
    "type": "doc",
    "version": 1,
    "content": [
        {
            "type": "heading",
            "attrs": {"level": 3},
            "content": [{"type": "text", "text": "Workaround:", "marks": [{"type": "strong"}]}],
        },
        {
            "type": "bulletList",
            "content": [
                {
                    "type": "listItem",
                    "content": [
                        {
                            "type": "paragraph",
                            "content": [
                                {"type": "text", "text": "ask "},
                                {"type": "mention", "attrs": {"id": "1", "text": "@Ann"}},
                                {"type": "hardBreak"},
                                {"type": "inlineCard", "attrs": {"url": "https://help.acme.example/csv"}},
                            ],
                        }
                    ],
                }
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Workaround: export as CSV.", "export as CSV."),
        ("h3. Workaround: export as CSV.", "export as CSV."),
        ("*Workaround:* export as CSV.", "export as CSV."),
        (document("Workaround: export\nas CSV."), "export\nas CSV."),
        (NESTED, "ask @Ann\nhttps://help.acme.example/csv"),
        ("No workaround: sorry.", None),
        (document(""), None),
    ],
)
def test_jira_s_comments_are_read_in_both_versions(body: object, text: str | None) -> None:
    """Version 2 hands out text, version 3 documents."""
    found = read(jira_comment(3, body)).workaround_comments
    assert found == ((WorkaroundComment("3", text, day(3)),) if text else ())


def test_a_first_page_of_jira_s_comments_says_that_it_is_one() -> None:
    """What stands on later pages isn't read; no request more is made for it."""
    one = jira_comment(3, "Workaround: export as CSV.")
    assert (read(one).comments_whole, read(one, total=21).comments_whole) == (True, False)


def test_an_issue_without_its_comments_concludes_nothing() -> None:
    """A Jira that leaves the field out may have any number of them."""
    snapshot = IssueJson(issue(), [], STATUSES).snapshot(REFERENCE, RULES)
    assert (snapshot.workaround_comments, snapshot.comments_whole) == ((), False)


def test_a_document_may_lie_as_deep_as_json_does() -> None:
    """No document of an enemy's ends the reading."""
    node: dict[str, Any] = {"type": "text", "text": "Workaround: dig."}
    for _ in range(50_000):
        node = {"type": "blockquote", "content": [node]}
    assert comment_text(node) == "Workaround: dig."


@pytest.fixture
def shop() -> Iterator[tuple[Sandbox, Jira, JiraOptions]]:
    with Sandbox() as running:
        options = JiraOptions("jira", running.jira_url, ("SHOP",), sign_in.JIRA_KEY, sign_in.EMAIL)
        yield running, Jira(options, sleep=lambda _: None), options


def test_jira_s_comments_come_with_the_issue(shop: tuple[Sandbox, Jira, JiraOptions]) -> None:
    """Over HTTP, edited and deleted ones too; our own is left out."""
    sandbox, jira, options = shop
    world = sandbox.world
    kept = jira_changes.add_comment(world, "SHOP-1", "octavia", document("Workaround: export as CSV."))
    gone = jira_changes.add_comment(world, "SHOP-1", "octavia", "Workaround: reinstall.")
    JiraWriter(options, sleep=lambda _: None).add_comment("jira:SHOP-1", "Workaround: ask support.", "7K3F9Q")
    jira_changes.edit_comment(world, "SHOP-1", kept.id, document("Workaround: export as XLSX."))
    jira_changes.delete_comment(world, "SHOP-1", gone.id)
    (snapshot,) = jira.issues(["jira:SHOP-1"])
    assert isinstance(snapshot, IssueSnapshot)
    found = [(comment.remote_id, comment.text) for comment in snapshot.workaround_comments]
    assert (found, snapshot.comments_whole) == ([(str(kept.id), "export as XLSX.")], True)
