"""The Jira tracker keeps the contract against the sandbox, over real HTTP."""

from collections.abc import Iterator

import pytest

from bugbridge.core.model import ClosedAs
from bugbridge.sandbox import changes, sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import JiraIssue, JiraVersion
from bugbridge.trackers.jira import Jira, JiraOptions
from tests.contracts.tracker import ReleasingTrackerContract, TrackerScene

RESOLUTIONS = {ClosedAs.FIXED: "Fixed", ClosedAs.DECLINED: "Won't Do"}


class JiraScene:
    """Octavia works on the sandbox's issues, ten minutes apart."""

    missing = "jira:SHOP-99999"

    def __init__(self, sandbox: Sandbox) -> None:
        self.world = sandbox.world
        self.traffic = sandbox.traffic("jira")
        projects = tuple(sorted(sandbox.world.versions))
        options = JiraOptions("jira", sandbox.jira_url, projects, sign_in.EMAIL, sign_in.JIRA_KEY)
        self.tracker = Jira(options, sleep=lambda _: None)

    def open_issue(self) -> str:
        self.world.advance(600)
        now, issues = self.world.moment(), self.world.jira_issues
        number = max(issue.number for issue in issues.values() if issue.project == "SHOP") + 1
        issue = JiraIssue(self.world.new_id(), "SHOP", number, "It breaks", "octavia", now, now)
        issues[issue.key] = issue
        return f"jira:{issue.key}"

    def close(self, reference: str, closed_as: ClosedAs) -> None:
        self.world.advance(600)
        changes.transition_issue(self.world, reference.partition(":")[2], "Done", RESOLUTIONS[closed_as])

    def reopen(self, reference: str) -> None:
        self.world.advance(600)
        changes.transition_issue(self.world, reference.partition(":")[2], "To Do")

    def close_as_duplicate(self, reference: str, survivor: str) -> None:
        self.world.advance(600)
        issue = changes.transition_issue(self.world, reference.partition(":")[2], "Done", "Duplicate")
        issue.duplicate_of = survivor.partition(":")[2]

    def release(self, reference: str, version: str) -> None:
        self.world.advance(600)
        issue = self.world.jira_issue(reference.partition(":")[2])
        made = JiraVersion(self.world.new_id(), issue.project, version, released=False, release_date=None)
        self.world.versions[issue.project].append(made)
        issue.fix_versions.append(version)
        changes.release_version(self.world, issue.project, version)

    def break_down(self) -> None:
        self.traffic.faults.append(Fault(".*", "html", times=10_000, status=502))

    def recover(self) -> None:
        self.traffic.faults.clear()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class TestJira(ReleasingTrackerContract):
    @pytest.fixture
    def scene(self, sandbox: Sandbox) -> Iterator[TrackerScene]:
        scene = JiraScene(sandbox)
        yield scene
        scene.recover()
