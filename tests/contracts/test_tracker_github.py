"""The GitHub tracker keeps the contract against the sandbox, over real HTTP."""

from collections.abc import Iterator

import pytest
import requests

from bugbridge.core.model import ClosedAs
from bugbridge.core.references import project_of
from bugbridge.ports import Tracker
from bugbridge.sandbox import github_changes as changes
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import GitHubIssue
from bugbridge.trackers.github import GitHub, GitHubOptions
from tests.contracts.tracker import ReleasingTrackerContract, TrackerScene


class GitHubScene:
    """Octavia works on the sandbox's issues, ten minutes apart."""

    missing = "github:acme/app#99999"

    def __init__(self, sandbox: Sandbox) -> None:
        self.world = sandbox.world
        self.traffic = sandbox.traffic("github")
        options = GitHubOptions(
            "github", tuple(sorted(sandbox.world.issues)), sign_in.GITHUB_KEY, api_url=sandbox.github_url
        )
        self.tracker: Tracker = GitHub(options, sleep=lambda _: None)

    def open_issue(self) -> str:
        self.world.advance(600)
        now, numbers = self.world.moment(), self.world.issues["acme/app"]
        number = max(numbers) + 1
        numbers[number] = GitHubIssue(self.world.new_id(), "acme/app", number, "It breaks", "", "octavia", now)
        return f"github:acme/app#{number}"

    def close(self, reference: str, closed_as: ClosedAs) -> None:
        self.world.advance(600)
        short = reference.partition(":")[2]
        if closed_as is ClosedAs.FIXED:
            changes.fix_issue(self.world, short)
        else:
            changes.close_issue(self.world, short, "not_planned")

    def reopen(self, reference: str) -> None:
        self.world.advance(600)
        changes.reopen_issue(self.world, reference.partition(":")[2])

    def close_as_duplicate(self, reference: str, survivor: str) -> None:
        self.world.advance(600)
        short = reference.partition(":")[2]
        changes.comment_issue(self.world, short, f"Duplicate of {survivor.partition(':')[2]}")
        changes.close_issue(self.world, short, "duplicate")

    def release(self, reference: str, version: str) -> None:
        self.world.advance(600)
        changes.release_repository(self.world, project_of(reference), version)

    def break_down(self) -> None:
        self.traffic.faults.append(Fault(".*", "html", times=10_000, status=502))

    def recover(self) -> None:
        self.traffic.faults.clear()


def requests_left(sandbox: Sandbox) -> int:
    """What is left of the hour's limit, as GitHub counts."""
    headers = {"Authorization": f"Bearer {sign_in.GITHUB_KEY}"}
    answer = requests.get(f"{sandbox.github_url}/rate_limit", headers=headers, timeout=5)
    return int(answer.json()["resources"]["core"]["remaining"])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class TestGitHub(ReleasingTrackerContract):
    @pytest.fixture
    def scene(self, sandbox: Sandbox) -> Iterator[TrackerScene]:
        scene = GitHubScene(sandbox)
        yield scene
        scene.recover()

    def test_a_quiet_repository_costs_nothing(self, sandbox: Sandbox) -> None:
        """Unchanged lists are answered 304, which doesn't count against the limit, from the second reading on."""
        tracker = GitHubScene(sandbox).tracker
        (page,) = tracker.changed_since("")
        *_, last = tracker.changed_since(page.cursor)
        before = requests_left(sandbox)
        cost_of_asking = before - requests_left(sandbox)
        assert list(tracker.changed_since(last.cursor)) == []
        assert requests_left(sandbox) == before - 2 * cost_of_asking

    def test_long_histories_are_read_page_by_page_to_the_end(self, sandbox: Sandbox) -> None:
        """Every issue and no pull request is given, and each page's cursor goes on where the page ended."""
        options = GitHubOptions("github", ("acme/app",), sign_in.GITHUB_KEY, api_url=sandbox.github_url)
        begin = '{"acme/app": {"since": "2020-01-01T00:00:00Z", "seen": "2020-01-01T00:00:00Z", "etag": ""}}'
        references: list[str] = []
        cursor = begin
        while page := next(GitHub(options).changed_since(cursor), None):
            references += page.references
            cursor = page.cursor
        issues = [issue for issue in sandbox.world.issues["acme/app"].values() if not issue.pull_request]
        assert set(references) == {f"github:{issue.reference}" for issue in issues}
