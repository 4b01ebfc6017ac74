"""npm's emulate as GitHub: pages by Link headers, histories by REST alone, and webhooks with real signatures."""

from datetime import datetime
from pathlib import Path

import pytest

from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import ClosedAs, Gone
from bugbridge.core.snapshots import IssuePage, IssueSnapshot, MissingIssue
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.server import Sandbox
from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.github_writing import GitHubWriter
from tests.real.emulate import LOOPBACK, REPOSITORY, TOKEN, Emulate, free_port
from tests.real.people import next_second
from tests.real.program import Program

SECRET = "It's a Secret to Everybody"
MORE_THAN_A_PAGE = 101
CONFIG = """\
database = "bugbridge.sqlite"

[calendar]
always_open = true

[helpdesks.desk]
kind = "zendesk"
url = "{desk}"
email = "{email}"

[trackers.github]
kind = "github"
url = "{github}"
api_url = "{github}"
projects = ["{repository}"]

[web]
port = {port}
"""


def options(github: Emulate) -> GitHubOptions:
    """How the adapter reaches emulate."""
    return GitHubOptions("github", (REPOSITORY,), TOKEN, url=github.url, api_url=github.url)


@pytest.fixture
def tracker(github: Emulate) -> GitHub:
    """The real adapter."""
    return GitHub(options(github))


class Installation:
    """BugBridge with emulate as its tracker, where one of the sandbox's tickets can be linked to an issue."""

    def __init__(self, folder: Path, sandbox: Sandbox, github: Emulate) -> None:
        """Configure it."""
        port = free_port()
        self.hook_url = f"http://{LOOPBACK}:{port}/hooks/github/github"
        self._ticket = f"desk:{min(sandbox.world.tickets)}"
        config = CONFIG.format(
            desk=sandbox.zendesk_url, email=sign_in.EMAIL, github=github.url, repository=REPOSITORY, port=port
        )
        secrets = {"DESK_TOKEN": sign_in.ZENDESK_KEY, "GITHUB_TOKEN": TOKEN, "GITHUB_WEBHOOK_SECRET": SECRET}
        self.program = Program(folder, config, {f"BUGBRIDGE_{name}": secret for name, secret in secrets.items()})

    def link(self, issue: str) -> None:
        """Link the ticket to an issue."""
        self.program.facts("link", self._ticket, f"github:{issue}")

    def stage(self, issue: str) -> str:
        """Give the stage that is kept of an issue; nothing is asked of GitHub for it."""
        return str(self.program.facts("show", f"github:{issue}")["stage"])

    def news(self, issue: str) -> list[tuple[str, datetime]]:
        """Give what was new of an issue, and when."""
        told = self.program.facts("show", f"github:{issue}")["news"]
        return [(news["news"], instant_from_text(news["at"])) for news in told]

    def becomes(self, issue: str, stage: str) -> None:
        """Wait until an issue is known to be that far."""
        self.program.until(lambda: self.stage(issue) == stage)


@pytest.fixture
def installation(tmp_path: Path, sandbox: Sandbox, github: Emulate) -> Installation:
    """BugBridge on a database of its own."""
    return Installation(tmp_path, sandbox, github)


def read(tracker: GitHub, issue: str) -> IssueSnapshot:
    """Read an issue that is there."""
    (snapshot,) = tracker.issues([f"github:{issue}"])
    assert isinstance(snapshot, IssueSnapshot)
    return snapshot


def closings(tracker: GitHub, issue: str) -> list[tuple[ClosedAs | None, datetime]]:
    """Give as what an issue was closed, or that it was open, and since when."""
    return [(change.state.closed_as, change.at) for change in read(tracker, issue).history]


def since(tracker: GitHub, cursor: str) -> list[IssuePage]:
    """Give the pages of what changed that hold something."""
    return [page for page in tracker.changed_since(cursor) if page.references]


def begin(tracker: GitHub) -> str:
    """Give the cursor of the present. emulate's times have parts of a second, and its `since` leaves out what is in
    the same second, so what changes next is to be in another."""
    *_, last = tracker.changed_since("")
    next_second()
    return last.cursor


@pytest.mark.parametrize(
    ("reason", "closed_as"), [("completed", ClosedAs.FIXED), ("not_planned", ClosedAs.DECLINED)], ids=str
)
def test_a_closing_is_read_with_its_reason_and_its_time(
    github: Emulate, tracker: GitHub, reason: str, closed_as: ClosedAs
) -> None:
    """The issue says as what, and its events say when."""
    issue = github.open_issue()
    github.close(issue, reason)
    opened_at, closed_at = github.times(issue)
    assert closings(tracker, issue) == [(None, opened_at), (closed_as, closed_at)]


def test_reopening_keeps_when_it_was_closed(github: Emulate, tracker: GitHub) -> None:
    """emulate keeps no reason of an earlier closing: it is unknown, and never taken for fixed."""
    issue = github.open_issue()
    github.close(issue, "completed")
    github.reopen(issue)
    github.close(issue, "not_planned")
    states = [None, ClosedAs.UNKNOWN, None, ClosedAs.DECLINED]
    assert closings(tracker, issue) == list(zip(states, github.times(issue), strict=True))


def test_a_comment_is_a_change_that_closes_nothing(github: Emulate, tracker: GitHub) -> None:
    """That somebody writes "Duplicate of" doesn't make an issue a duplicate."""
    survivor, issue = github.open_issue(), github.open_issue()
    cursor, before = begin(tracker), closings(tracker, issue)
    github.comment(issue, f"Duplicate of #{survivor.partition('#')[2]}")
    assert [page.references for page in since(tracker, cursor)] == [(f"github:{issue}",)]
    assert (closings(tracker, issue), read(tracker, issue).duplicate_of) == (before, "")


def test_a_declined_issue_with_a_survivor_in_a_comment_stays_declined(github: Emulate, tracker: GitHub) -> None:
    """Its reason decides, and only GitHub's own mark makes it a duplicate."""
    survivor, issue = github.open_issue(), github.open_issue()
    github.comment(issue, f"Duplicate of #{survivor.partition('#')[2]}")
    github.close(issue, "not_planned")
    assert [closed_as for closed_as, _ in closings(tracker, issue)] == [None, ClosedAs.DECLINED]
    assert read(tracker, issue).duplicate_of == ""


def test_changes_beyond_a_page_are_followed_by_links(github: Emulate, tracker: GitHub) -> None:
    """Each is given once, oldest first; reading on from the first page's cursor loses none of the rest."""
    github.open_issue()
    cursor = begin(tracker)
    opened = [f"github:{github.open_issue()}" for _ in range(MORE_THAN_A_PAGE)]
    pages = since(tracker, cursor)
    assert len(pages) == 2
    assert [reference for page in pages for reference in page.references] == opened
    next_second()
    changed = opened[0].removeprefix("github:")
    github.close(changed, "completed")
    assert [page.references for page in since(tracker, pages[-1].cursor)] == [(opened[0],)]


def test_an_issue_that_never_was_is_missing(github: Emulate, tracker: GitHub) -> None:
    """The others are read all the same."""
    issue = github.open_issue()
    found, missing = tracker.issues([f"github:{issue}", f"github:{REPOSITORY}#999"])
    assert (found.reference, isinstance(missing, MissingIssue)) == (f"github:{issue}", True)
    assert isinstance(missing, MissingIssue)
    assert missing.reason is Gone.INVISIBLE


def test_our_comment_is_found_again_and_edited_in_place(github: Emulate) -> None:
    """Somebody else's stays; a label is added beside."""
    issue = github.open_issue()
    writer, reference = GitHubWriter(options(github)), f"github:{issue}"
    github.comment(issue, "I see it too.")
    made = writer.add_comment(reference, "10 or more customers report this.", "issue-1")
    found = writer.find_comment(reference, "issue-1")
    assert found is not None
    assert (found.id, found.text) == (made, "10 or more customers report this.")
    writer.edit_comment(reference, made, "50 or more customers report this.", "issue-1")
    writer.add_label(reference, "customers-waiting")
    theirs, ours = github.comments(issue)
    assert (theirs, ours.splitlines()[0]) == ("I see it too.", "50 or more customers report this.")
    assert (github.labels(issue), writer.is_public(reference)) == (["customers-waiting"], True)


def test_polling_follows_an_issue_through_its_life(github: Emulate, installation: Installation) -> None:
    """The program reads each change in its next cycle, with the time at which it happened."""
    issue = github.open_issue()
    installation.link(issue)
    installation.program.facts("sync", "github")
    next_second()
    github.close(issue, "completed")
    installation.program.facts("sync", "github")
    _, fixed_at = github.times(issue)
    assert (installation.stage(issue), installation.news(issue)) == ("fixed", [("fixed", fixed_at)])


def test_the_doctor_finds_nothing_amiss(installation: Installation) -> None:
    """Every permission that is needed is there."""
    checks = installation.program.facts("doctor")["checks"]
    assert [check["sentence"] for check in checks if not check["well"]] == []


def test_webhooks_alone_tell_how_far_an_issue_is(github: Emulate, installation: Installation) -> None:
    """Nothing polls: each signed delivery is kept as a hint and followed, and the issue is read afresh."""
    issue = github.open_issue()
    installation.link(issue)
    with installation.program.serving():
        hook = github.add_hook(installation.hook_url, SECRET)
        github.ping(hook)
        github.comment(issue, "I see it too.")
        github.close(issue, "completed")
        installation.becomes(issue, "fixed")
        github.reopen(issue)
        installation.becomes(issue, "open")
        github.close(issue, "not_planned")
        installation.becomes(issue, "declined")
        installation.program.until(lambda: len(github.delivered(hook)) == 5)
    ping, *changes = sorted(github.delivered(hook))
    events = ["issue_comment created", "issues closed", "issues reopened", "issues closed"]
    assert (ping.event, ping.status) == ("ping", 202)
    assert [(change.event, change.status) for change in changes] == [(event, 202) for event in events]
    followed = {f"github:{change.id}": (f"github:{issue}", True) for change in changes}
    assert installation.program.hints() == followed


def test_an_issue_that_no_ticket_is_linked_to_leaves_no_hint(github: Emulate, installation: Installation) -> None:
    """Its deliveries are taken, and nothing is kept of them."""
    installation.link(github.open_issue())
    stranger = github.open_issue()
    with installation.program.serving():
        hook = github.add_hook(installation.hook_url, SECRET)
        github.close(stranger, "completed")
        installation.program.until(lambda: github.delivered(hook) != [])
    assert [delivered.status for delivered in github.delivered(hook)] == [202]
    assert installation.program.hints() == {}


@pytest.mark.parametrize("secret", ["another secret", ""], ids=["wrong", "none"])
def test_a_delivery_that_isnt_signed_with_our_secret_is_refused(
    github: Emulate, installation: Installation, secret: str
) -> None:
    """Whatever it says, nothing is kept and nothing is read."""
    issue = github.open_issue()
    installation.link(issue)
    with installation.program.serving():
        hook = github.add_hook(installation.hook_url, secret)
        github.close(issue, "completed")
        installation.program.until(lambda: github.delivered(hook) != [])
    assert [(delivered.event, delivered.status) for delivered in github.delivered(hook)] == [("issues closed", 401)]
    assert (installation.program.hints(), installation.stage(issue)) == ({}, "open")
