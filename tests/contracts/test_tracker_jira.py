"""The Jira tracker keeps the contract against the sandbox, over real HTTP: Cloud, its gateway, and Data Center."""

from collections.abc import Iterator

import pytest

from bugbridge.core.model import ClosedAs
from bugbridge.ports import Tracker
from bugbridge.sandbox import jira_changes, sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import JiraIssue
from bugbridge.trackers.jira import Jira, JiraOptions
from tests.contracts.tracker import ReleasingTrackerContract, TrackerScene

RESOLUTIONS = {ClosedAs.FIXED: "Fixed", ClosedAs.DECLINED: "Won't Do"}
PROJECTS = ("PAY", "SHOP")


class JiraScene:
    """Octavia works on the sandbox's issues, ten minutes apart."""

    missing = "jira:SHOP-99999"

    def __init__(self, sandbox: Sandbox, options: JiraOptions, server: str = "jira") -> None:
        self.world = sandbox.world
        self.traffic = sandbox.traffic(server)
        self.tracker: Tracker = Jira(options, sleep=lambda _: None)

    def open_issue(self) -> str:
        self.world.advance(600)
        now, issues = self.world.moment(), self.world.jira_issues
        number = max(issue.number for issue in issues.values() if issue.project == "SHOP") + 1
        issue = JiraIssue(self.world.new_id(), "SHOP", number, "It breaks", "octavia", now, now)
        issues[issue.key] = issue
        return f"jira:{issue.key}"

    def close(self, reference: str, closed_as: ClosedAs) -> None:
        self.world.advance(600)
        jira_changes.transition_issue(self.world, reference.partition(":")[2], "Done", RESOLUTIONS[closed_as])

    def reopen(self, reference: str) -> None:
        self.world.advance(600)
        jira_changes.transition_issue(self.world, reference.partition(":")[2], "To Do")

    def close_as_duplicate(self, reference: str, survivor: str) -> None:
        self.world.advance(600)
        key = reference.partition(":")[2]
        jira_changes.transition_issue(self.world, key, "Done", "Duplicate")
        jira_changes.set_duplicate(self.world, key, survivor.partition(":")[2])

    def release(self, reference: str, version: str) -> None:
        self.world.advance(600)
        issue = self.world.jira_issue(reference.partition(":")[2])
        jira_changes.add_version(self.world, issue.project, version)
        jira_changes.set_fix_versions(self.world, issue.key, [version])
        jira_changes.release_version(self.world, issue.project, version)

    def break_down(self) -> None:
        self.traffic.faults.append(Fault(".*", "html", times=10_000, status=502))

    def recover(self) -> None:
        self.traffic.faults.clear()


@pytest.fixture(scope="class")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class TestJiraCloud(ReleasingTrackerContract):
    @pytest.fixture
    def scene(self, sandbox: Sandbox) -> Iterator[TrackerScene]:
        scene = JiraScene(sandbox, JiraOptions("jira", sandbox.jira_url, PROJECTS, sign_in.JIRA_KEY, sign_in.EMAIL))
        yield scene
        scene.recover()


class TestJiraThroughTheGateway(ReleasingTrackerContract):
    @pytest.fixture
    def scene(self, sandbox: Sandbox) -> Iterator[TrackerScene]:
        token, email, gateway = sign_in.JIRA_SCOPED_KEY, sign_in.EMAIL, sandbox.gateway_url
        scene = JiraScene(sandbox, JiraOptions("jira", sandbox.jira_url, PROJECTS, token, email, gateway))
        yield scene
        scene.recover()


class TestJiraDataCenter(ReleasingTrackerContract):
    @pytest.fixture
    def scene(self, sandbox: Sandbox) -> Iterator[TrackerScene]:
        options = JiraOptions("jira", sandbox.data_center_url, PROJECTS, sign_in.JIRA_PERSONAL_KEY)
        scene = JiraScene(sandbox, options, "data_center")
        yield scene
        scene.recover()
