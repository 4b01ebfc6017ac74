"""What writes to a tracker keeps its port against the sandbox, over real HTTP: GitHub and Jira."""

from collections.abc import Iterator

import pytest

from bugbridge.core.errors import NotFoundError, UnknownOutcomeError
from bugbridge.core.write_back import TicketLink, global_id_of
from bugbridge.ports import TrackerWriter
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHubOptions
from bugbridge.trackers.github_writing import GitHubWriter
from bugbridge.trackers.jira import JiraOptions
from bugbridge.trackers.jira_writing import JiraWriter

MARKER, TEXT, LATER = "0123456789abcdef", "14 customers report this.", "15 customers report this."
PROJECTS = ("PAY", "SHOP")


class Scene:
    """One tracker, what writes to it, and an issue there that nobody has written to yet."""

    def __init__(self, kind: str, sandbox: Sandbox) -> None:
        self.traffic = sandbox.traffic(kind)
        self.writer: TrackerWriter
        if kind == "github":
            repository = min(sandbox.world.issues)
            options = GitHubOptions("github", (repository,), sign_in.GITHUB_KEY, api_url=sandbox.github_url)
            self.writer = GitHubWriter(options, sleep=lambda _: None)
            self.reference = f"github:{repository}#{min(sandbox.world.issues[repository])}"
        else:
            self.writer = JiraWriter(jira_options(kind, sandbox), sleep=lambda _: None)
            self.reference = f"jira:{min(sandbox.world.jira_issues)}"


def jira_options(kind: str, sandbox: Sandbox) -> JiraOptions:
    """How to sign in to either flavour."""
    if kind == "jira":
        return JiraOptions("jira", sandbox.jira_url, PROJECTS, sign_in.JIRA_KEY, sign_in.EMAIL)
    return JiraOptions("jira", sandbox.data_center_url, PROJECTS, sign_in.JIRA_PERSONAL_KEY)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One for all, since each test looks for comments by a marker of its own."""
    with Sandbox() as running:
        yield running


@pytest.fixture(params=("github", "jira"))
def scene(request: pytest.FixtureRequest, sandbox: Sandbox) -> Scene:
    """Each tracker in turn."""
    return Scene(request.param, sandbox)


def text_of(scene: Scene, marker: str) -> str:
    """What our comment says, "" where there is none."""
    found = scene.writer.find_comment(scene.reference, marker)
    return found.text if found else ""


def test_a_comment_is_found_by_its_marker_and_edited_in_place(scene: Scene) -> None:
    """Before it is posted there is none, and afterwards one, whatever it says."""
    assert scene.writer.find_comment(scene.reference, MARKER) is None
    number = scene.writer.add_comment(scene.reference, TEXT, MARKER)
    found = scene.writer.find_comment(scene.reference, MARKER)
    assert found is not None
    assert (found.id, found.text) == (number, TEXT)
    scene.writer.edit_comment(scene.reference, number, LATER, MARKER)
    assert text_of(scene, MARKER) == LATER


def test_a_comment_whose_answer_is_lost_is_posted_once_and_found(scene: Scene) -> None:
    """The outcome is unknown, and nothing is sent again by itself."""
    marker = "lost-answer"
    scene.traffic.faults.append(Fault(".*comment", "committed", method="POST"))
    with pytest.raises(UnknownOutcomeError):
        scene.writer.add_comment(scene.reference, TEXT, marker)
    assert text_of(scene, marker) == TEXT


def test_a_comment_that_is_not_there_cannot_be_edited(scene: Scene) -> None:
    """Somebody deleted it."""
    with pytest.raises(NotFoundError):
        scene.writer.edit_comment(scene.reference, "999999999", TEXT, MARKER)


def test_a_label_is_added_once_beside_the_others(scene: Scene) -> None:
    """Adding it again changes nothing."""
    before = scene.writer.look(scene.reference).labels
    assert "customers-waiting" not in before
    for _ in range(2):
        scene.writer.add_label(scene.reference, "customers-waiting")
    assert sorted(scene.writer.look(scene.reference).labels) == sorted([*before, "customers-waiting"])


@pytest.mark.parametrize("kind", ["jira", "data_center"])
def test_a_ticket_link_is_kept_once_and_taken_away(kind: str, sandbox: Sandbox) -> None:
    """Sent again, struck through, it is the same link; taken away twice, it is gone."""
    scene = Scene(kind, sandbox)
    link = TicketLink(global_id_of("support:4711"), "https://desk.example/4711", "support:4711", resolved=False)
    scene.writer.link_ticket(scene.reference, link)
    scene.writer.link_ticket(scene.reference, link)
    (kept,) = sandbox.world.jira_issue(scene.reference.partition(":")[2]).remote_links
    assert kept.global_id == link.global_id
    scene.writer.unlink_ticket(scene.reference, link.global_id)
    scene.writer.unlink_ticket(scene.reference, link.global_id)
    assert sandbox.world.jira_issue(scene.reference.partition(":")[2]).remote_links == []


def test_data_center_takes_a_comment_in_its_own_way(sandbox: Sandbox) -> None:
    """As plain text: it refuses documents."""
    scene = Scene("data_center", sandbox)
    assert scene.writer.add_comment(scene.reference, TEXT, "data-center").isdecimal()


def test_a_private_project_is_not_public(scene: Scene) -> None:
    """The sandbox's repositories are private, and its Jira wants everybody to sign in."""
    assert not scene.writer.is_public(scene.reference)
