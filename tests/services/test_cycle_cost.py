"""What a cycle costs: 10,000 issues kept in 5 repositories and 2 Jira projects, over real HTTP on the sandbox."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bugbridge.core.model import Actor, AuthorKind
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.changes import close_issue, transition_issue
from bugbridge.sandbox.large import build_large_world
from bugbridge.sandbox.server import Sandbox
from bugbridge.services.syncing import RELEASES_INTERVAL, sync_tracker
from bugbridge.store.sqlite import SqliteStore, open_store
from bugbridge.trackers.github import GitHub, GitHubOptions
from bugbridge.trackers.jira import Jira, JiraOptions

ISSUES, REPOSITORIES, PROJECTS = 10_000, 5, 2
ANN = Actor(AuthorKind.AGENT, "ann", "cli")


class Team:
    """Both trackers of the sandbox, with every issue kept."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        world = sandbox.world
        self.store: SqliteStore = open_store(":memory:")
        repositories = tuple(sorted(world.issues))
        projects = tuple(sorted(world.versions))
        github = GitHubOptions("github", repositories, sign_in.GITHUB_KEY, api_url=sandbox.github_url)
        jira = JiraOptions("jira", sandbox.jira_url, projects, sign_in.JIRA_KEY, sign_in.EMAIL)
        self.trackers = (GitHub(github, sleep=lambda _: None), Jira(jira, sleep=lambda _: None))
        self.references = {
            "github": [f"github:{issue.reference}" for held in world.issues.values() for issue in held.values()],
            "jira": [f"jira:{key}" for key in world.jira_issues],
        }

    def keep_everything(self) -> None:
        """Have every issue named by somebody, and read."""
        for tracker in self.trackers:
            source = self.store.declare_source(tracker.name, tracker.name, "tracker")
            with self.store.write():
                for reference in self.references[tracker.name]:
                    self.store.issue_for(source.id, reference, actor=ANN, at=self.sandbox.world.now())
        self.cycle()
        self.cycle()

    def cycle(self) -> tuple[int, int]:
        """Sync both once; give the requests made, and those that GitHub counted."""
        for name in ("github", "jira"):
            self.sandbox.traffic(name).forget()
        for tracker in self.trackers:
            sync_tracker(tracker, self.store, self.sandbox.world)
        made = sum(len(self.sandbox.traffic(name).requests) for name in ("github", "jira"))
        return made, self.sandbox.traffic("github").counted

    def kept(self, stage: str) -> int:
        """How many bugs are in a stage."""
        rows = self.store.issues_in_stage(1, stage), self.store.issues_in_stage(2, stage)  # type: ignore[arg-type]
        return sum(len(row) for row in rows)


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """All of it read once; each test goes on from where the one before left it."""
    with Sandbox(build_large_world(ISSUES, REPOSITORIES, PROJECTS)) as sandbox:
        made = Team(sandbox)
        made.keep_everything()
        yield made


def test_a_cycle_without_changes_costs_almost_nothing(team: Team) -> None:
    """At most seven requests, none of them counted by GitHub: one conditional a repository, one query a Jira site."""
    made, counted = team.cycle()
    assert made <= REPOSITORIES + PROJECTS
    assert counted == 0


def test_ten_changes_cost_at_most_ten_requests_more(team: Team) -> None:
    """Whatever was changed is seen in the next cycle."""
    fixed = team.kept("fixed")
    for number in range(1, 9):
        close_issue(team.sandbox.world, f"acme/large-{number % REPOSITORIES + 1}#{3 * number + 1}")
    for key in ("LARGE1-1", "LARGE2-1"):
        transition_issue(team.sandbox.world, key, "Done", "Fixed")
    made, _ = team.cycle()
    assert made <= 17
    assert team.kept("fixed") == fixed + 10


def test_releases_are_asked_for_once_a_project_every_five_minutes(team: Team) -> None:
    """A release touches no issue: one more request for each project that holds a fixed bug, and none in between."""
    team.cycle()
    quiet, _ = team.cycle()
    team.sandbox.world.advance((RELEASES_INTERVAL + timedelta(seconds=1)).total_seconds())
    asked, counted = team.cycle()
    assert asked - quiet <= REPOSITORIES + PROJECTS
    assert counted == 0
