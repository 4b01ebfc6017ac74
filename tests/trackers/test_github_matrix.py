"""What every combination of what people do to a GitHub issue makes of its stage, and when."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, product

import pytest
import requests

from bugbridge.core.model import FactKind, Stage
from bugbridge.core.records import BugHistory
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.core.stages import Timeline, issue_facts, timeline
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.commits import cherry_pick
from bugbridge.sandbox.server import Sandbox
from tests.sandbox.specs import Described
from tests.trackers.github_world import API, Engineers, small_world, tracker_of

CLOSINGS = {
    "completed by hand": "fixed",
    "completed by a commit": "fixed",
    "completed by a pull request": "fixed",
    "not planned": "declined",
    "duplicate": "",
    "duplicate of another repository's": "",
}
"""How an issue is closed, and the stage that this says; a duplicate has its survivor's."""
RELEASES = {
    "none": "",
    "before the fix": "",
    "after the fix": "first",
    "twice after the fix": "first",
    "without the fix": "",
    "without the fix, then with it": "second",
    "a draft": "",
    "a draft, then published": "second",
    "a prerelease": "",
    "a prerelease, then released": "second",
    "the fix picked onto another line": "",
}
"""What is released, and which release, if any, is the one with the fix."""
COMMITS = {"completed by a commit", "completed by a pull request"}
AFTERWARDS = ("stays closed", "reopened", "reopened and closed again")
TRANSFERS = ("none", "before the closing", "after all")
versions = count(1)


@dataclass
class Done:
    """What was done when: instants by name, and the versions of the releases."""

    at: dict[str, datetime] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    closing: str
    release: str
    afterwards: str
    transfer: str

    def expected(self, by: str) -> list[tuple[str, str]]:
        """The stages, each with the name of the instant from which on it holds."""
        stage = CLOSINGS[self.closing]
        stages = [("open", "made"), (stage, "closed")]
        if self.afterwards != "stays closed" and stage:
            stages.append(("open", "reopened"))
        if self.afterwards == "reopened and closed again":
            stages.append((stage, "closed again"))
        if self.released(by):
            stages.append(("released", RELEASES[self.release]))
        return [entry for entry in stages if entry[0]]

    def released(self, by: str) -> bool:
        """REST doesn't say which pull request closed an issue; a fix stays in the repository that it was made in."""
        known = self.closing in COMMITS and not (by == "rest" and self.closing == "completed by a pull request")
        return bool(known and self.afterwards != "reopened" and self.transfer != "after all" and RELEASES[self.release])

    def play(self, engineers: Engineers) -> Done:
        done = Done()
        done.at["made"] = engineers.new_issue()
        if self.transfer == "before the closing":
            engineers.transfer(API)
        if self.release == "before the fix":
            engineers.release(f"1.{next(versions)}")
        done.at["closed"] = self._close(engineers)
        if self.afterwards != "stays closed":
            done.at["reopened"] = engineers.reopen()
        if self.afterwards == "reopened and closed again":
            done.at["closed again"] = self._close(engineers)
        self._release(engineers, done)
        if self.transfer == "after all":
            engineers.transfer(API)
        return done

    def _close(self, engineers: Engineers) -> datetime:
        if self.closing in COMMITS:
            return engineers.fix("pull" if "pull" in self.closing else "commit")
        if self.closing.startswith("duplicate"):
            return engineers.duplicate(self.survivor(engineers))
        return engineers.close("completed" if "completed" in self.closing else "not_planned")

    def survivor(self, engineers: Engineers) -> str:
        repository = engineers.reference.partition("#")[0]
        other = "acme/app" if repository == API else API
        return f"{other if 'another' in self.closing else repository}#1"

    def _release(self, engineers: Engineers, done: Done) -> None:
        first, second = f"1.{next(versions)}", f"1.{next(versions)}"
        done.versions = {"first": first, "second": second}
        if self.release in ("after the fix", "twice after the fix"):
            done.at["first"] = engineers.release(first)
        elif self.release.startswith("without the fix"):
            engineers.release(first, at="v0.1")
        elif "draft" in self.release:
            engineers.release(first, draft=True)
        elif "prerelease" in self.release:
            engineers.release(first, prerelease=True)
        elif "picked" in self.release:
            self._pick(engineers, first)
        if "twice" in self.release or "then" in self.release:
            name = first if "draft" in self.release else second
            done.at["second"], done.versions["second"] = engineers.release(name), name

    def _pick(self, engineers: Engineers, version: str) -> None:
        """Release the fix from an older line, where it is another commit."""
        repository = engineers.reference.partition("#")[0]
        with engineers.world.lock:
            head = engineers.world.heads[repository]
            picked = cherry_pick(engineers.world, repository, head, "v0.1")
        engineers.release(version, at=picked.sha)


CELLS = [Cell(*values) for values in product(CLOSINGS, RELEASES, AFTERWARDS, TRANSFERS)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_world()) as running:
        engineers = Engineers(running.world)
        engineers.new_issue()
        engineers.new_issue(API)
        yield running


def read(sandbox: Sandbox, reference: str, by: str) -> IssueSnapshot:
    tracker = tracker_of(sandbox, has_graphql=by == "graphql", reserve_percent=0)
    (answer,) = tracker.issues([f"github:{reference}"])
    assert isinstance(answer, IssueSnapshot)
    return answer


def stages(snapshot: IssueSnapshot) -> list[tuple[str, datetime]]:
    return [(fact.value, fact.occurred_at) for fact in issue_facts(1, snapshot) if fact.kind is FactKind.STAGE]


def folded(snapshot: IssueSnapshot) -> Timeline:
    return timeline(BugHistory(1, snapshot.reference, issue_facts=issue_facts(1, snapshot)))


@pytest.mark.parametrize("by", ["graphql", "rest"])
@pytest.mark.parametrize("closing", CLOSINGS)
def test_every_cell_has_its_stages_and_their_instants(sandbox: Sandbox, closing: str, by: str) -> None:
    """Close reason by closer by release order by reopen by duplicate by transfer."""
    wrong = []
    for cell in (cell for cell in CELLS if cell.closing == closing):
        engineers = Engineers(sandbox.world)
        done = cell.play(engineers)
        snapshot = read(sandbox, engineers.asked, by)
        expected = [(stage, done.at[instant]) for stage, instant in cell.expected(by)]
        version = done.versions[RELEASES[cell.release]] if cell.released(by) else ""
        actual = stages(snapshot), snapshot.history[-1].state.released_in
        if actual != (expected, version):
            wrong.append((cell, actual, (expected, version)))
    assert wrong == []


@pytest.mark.parametrize("by", ["graphql", "rest"])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.release == "none"], ids=str)
def test_every_cell_has_its_names(sandbox: Sandbox, cell: Cell, by: str) -> None:
    """A transferred issue says what it is called now; a duplicate names its survivor, unless it was opened again."""
    engineers = Engineers(sandbox.world)
    cell.play(engineers)
    snapshot = read(sandbox, engineers.asked, by)
    now_called = "" if cell.transfer == "none" else f"github:{engineers.reference}"
    duplicate = cell.closing.startswith("duplicate") and cell.afterwards != "reopened"
    own = Engineers(sandbox.world)
    own.reference = engineers.asked if cell.transfer != "before the closing" else engineers.reference
    survivor = f"github:{cell.survivor(own)}" if duplicate else ""
    assert (snapshot.reference, snapshot.now_called, snapshot.duplicate_of) == (
        f"github:{engineers.asked}",
        now_called,
        survivor,
    )


def test_the_fold_of_a_released_cell_has_the_fix_and_the_release(sandbox: Sandbox) -> None:
    """What planning and the audit count from."""
    engineers = Engineers(sandbox.world)
    cell = Cell("completed by a pull request", "without the fix, then with it", "reopened and closed again", "none")
    done = cell.play(engineers)
    found = folded(read(sandbox, engineers.asked, "graphql"))
    assert (found.stage, found.version, found.first_fixed_at, found.fixed_at, found.released_at, found.closes) == (
        Stage.RELEASED,
        done.versions["second"],
        done.at["closed"],
        done.at["closed again"],
        done.at["second"],
        2,
    )


@pytest.mark.parametrize("closing", CLOSINGS)
def test_payloads_are_as_github_describes_them(sandbox: Sandbox, closing: str) -> None:
    """The stand-in's answers, which the matrix rests on, have the published shape."""
    described = Described("github_issues_subset.json")
    engineers = Engineers(sandbox.world)
    Cell(closing, "after the fix", "reopened and closed again", "none").play(engineers)
    address = f"{sandbox.github_url}/repos/{engineers.reference.replace('#', '/issues/')}"
    headers = {"Authorization": f"Bearer {sign_in.GITHUB_KEY}"}
    shown, events = (
        requests.get(address + part, headers=headers, timeout=10).json() for part in ("", "/timeline?per_page=100")
    )
    complaints = [
        *described.complaints("issue", shown),
        *described.complaints("timeline-issue-events", events, each=True),
    ]
    assert complaints == []
