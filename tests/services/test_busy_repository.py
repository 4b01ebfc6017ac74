"""A repository in which far more changed than is kept of it, over real HTTP on the sandbox: cheap, and nothing lost."""

import json
from collections.abc import Iterator, Sequence

import pytest

from bugbridge.core.model import Actor, AuthorKind, Stage
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.changes import close_issue, rename_repository
from bugbridge.sandbox.large import build_large_world
from bugbridge.sandbox.server import Sandbox
from bugbridge.services.syncing import sync_tracker
from bugbridge.store.sqlite import SqliteStore, open_store
from bugbridge.trackers.github import GitHub, GitHubOptions

ISSUES, REPOSITORY = 1000, "acme/large-1"
ANN = Actor(AuthorKind.AGENT, "ann", "cli")
LONG_AGO = "2020-01-01T00:00:00Z"


class Busy:
    """One repository of a thousand issues, some of them kept."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.store: SqliteStore = open_store(":memory:")
        options = GitHubOptions("github", (REPOSITORY,), sign_in.GITHUB_KEY, api_url=sandbox.github_url)
        self.tracker = GitHub(options, sleep=lambda _: None)
        self.source = self.store.declare_source("github", "github", "tracker")

    def keep(self, numbers: Sequence[int]) -> None:
        """Have these named by somebody, and read."""
        with self.store.write():
            for number in numbers:
                self.store.issue_for(
                    self.source.id, f"github:{REPOSITORY}#{number}", actor=ANN, at=self.sandbox.world.now()
                )
        self.sync()

    def all_changed_since(self, place: str) -> None:
        """Have the next cycle find everything that changed since then."""
        cursor = json.dumps({REPOSITORY: {"since": place, "seen": place, "etag": ""}})
        self.store.save_cursor(self.source.id, cursor, self.sandbox.world.now())

    def sync(self) -> tuple[int, int]:
        """Sync once; give the requests by REST and by GraphQL."""
        traffic = self.sandbox.traffic("github")
        traffic.forget()
        sync_tracker(self.tracker, self.store, self.sandbox.world)
        return traffic.kinds["rest"], traffic.kinds["graphql"]

    def fixed(self) -> list[str]:
        """The issues that count as fixed."""
        return [issue.reference for issue in self.store.issues_in_stage(self.source.id, Stage.FIXED)]


@pytest.fixture
def busy() -> Iterator[Busy]:
    with Sandbox(build_large_world(ISSUES, 1, 0)) as sandbox:
        yield Busy(sandbox)


def test_a_thousand_changes_cost_no_more_than_the_three_issues_kept(busy: Busy) -> None:
    """The first page, the newest change, and one query, instead of ten pages."""
    busy.keep([1, 2, 4])
    busy.all_changed_since(LONG_AGO)
    assert busy.sync() == (2, 1)


def test_no_change_is_lost_on_the_pages_that_were_left_out(busy: Busy) -> None:
    """A kept issue that closed is fixed, whichever page it would have been on, and later changes are seen as ever."""
    busy.keep([1, 500, 700, 998])
    for number in (998, 1, 500):
        busy.sandbox.world.advance(60)
        close_issue(busy.sandbox.world, f"{REPOSITORY}#{number}")
    busy.all_changed_since(LONG_AGO)
    busy.sync()
    assert busy.fixed() == [f"github:{REPOSITORY}#{number}" for number in (1, 500, 998)]
    busy.sandbox.world.advance(60)
    close_issue(busy.sandbox.world, f"{REPOSITORY}#700")
    busy.sync()
    assert len(busy.fixed()) == 4


def test_issues_known_by_a_repositorys_new_name_are_read_too(busy: Busy) -> None:
    """The configuration may still have the old one, by which the list is asked for."""
    busy.keep([1, 500])
    rename_repository(busy.sandbox.world, REPOSITORY, "acme/larger")
    busy.all_changed_since(LONG_AGO)
    busy.sync()
    assert busy.store.find_issue("github:acme/larger#500") == busy.store.find_issue(f"github:{REPOSITORY}#500")
    close_issue(busy.sandbox.world, "acme/larger#500")
    busy.all_changed_since(LONG_AGO)
    busy.sync()
    assert busy.fixed() == [f"github:{REPOSITORY}#500"]


def test_many_kept_issues_are_listed_as_they_changed(busy: Busy) -> None:
    """120 changes are two pages; reading all thousand afresh would be twenty queries."""
    busy.keep(range(1, ISSUES + 1))
    busy.sync()
    busy.sandbox.world.advance(60)
    for number in range(1, 361, 3):
        close_issue(busy.sandbox.world, f"{REPOSITORY}#{number}")
    before = len(busy.fixed())
    rest, queries = busy.sync()
    assert (rest, queries < 20, len(busy.fixed()) - before) == (2, True, 120)
