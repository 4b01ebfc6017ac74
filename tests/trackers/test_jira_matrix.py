"""What every combination of what people do to a Jira issue makes of its stage, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from bugbridge.core.model import FactKind
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.core.stages import issue_facts
from bugbridge.trackers.jira_reading import IssueJson, JiraRules, resolution_map
from tests.sandbox.specs import Described
from tests.trackers.jira_json import REFERENCE, STATUSES, change, day, issue, jira_time

RULES = JiraRules("jira", resolution_map(("Fixed",)), frozenset())
CLOSED, REOPENED = 4, 12
"""Days of June 2026: made on the 1st, worked on from the 2nd, closed on the 4th, perhaps reopened on the 12th."""

Event = tuple[str, int, int]
"""A stage, and the day and the hour from which on it holds."""


def version(number: str, day_released: int | None, *, released: bool = True) -> dict[str, Any]:
    name = f"{number[0]}.{number[1]}"
    dated = {"releaseDate": f"2026-06-{day_released:02}"} if day_released else {}
    return {"id": number, "name": name, "released": released, "archived": False, "projectId": 10000, **dated}


@dataclass(frozen=True)
class Versions:
    """fixVersions as (id, day when added, day when taken away or 0), and what they make of an issue that was fixed."""

    shown: tuple[dict[str, Any], ...]
    held: tuple[tuple[str, int, int], ...]
    fixed: tuple[Event, ...]
    fixed_and_reopened: tuple[Event, ...]
    named: tuple[str, ...] = ()


FIXED, OPEN_AGAIN = ("fixed", CLOSED, 9), ("open", REOPENED, 9)
JUST_FIXED = ((FIXED,), (FIXED, OPEN_AGAIN))
ON_THE_8TH = (FIXED, ("released", 8, 0))
TAKEN_BACK = (*ON_THE_8TH, ("fixed", 10, 9))
VERSIONS = {
    "none": Versions((), (), *JUST_FIXED),
    "planned": Versions((version("42", 6, released=False),), (("42", 3, 0),), *JUST_FIXED),
    "released before the fix": Versions(
        (version("42", 3),), (("42", 3, 0),), (("released", 4, 9),), (("released", 4, 9), OPEN_AGAIN), ("4.2",)
    ),
    "released after the fix": Versions(
        (version("42", 8),), (("42", 3, 0),), ON_THE_8TH, (*ON_THE_8TH, OPEN_AGAIN), ("4.2",)
    ),
    "released after the reopening": Versions(
        (version("42", 15),), (("42", 3, 0),), (FIXED, ("released", 15, 0)), (FIXED, OPEN_AGAIN), ("4.2",)
    ),
    "released without a date": Versions(
        (version("42", None),), (("42", 3, 0),), (FIXED, ("released", 20, 9)), (FIXED, OPEN_AGAIN), ("4.2",)
    ),
    "two, the later number first": Versions(
        (version("42", 10), version("43", 8)),
        (("42", 3, 0), ("43", 3, 0)),
        ON_THE_8TH,
        (*ON_THE_8TH, OPEN_AGAIN),
        ("4.3",),
    ),
    "taken away before its release": Versions((version("42", 8),), (("42", 3, 6),), *JUST_FIXED),
    "taken away after its release": Versions(
        (version("42", 8),), (("42", 3, 10),), TAKEN_BACK, (*TAKEN_BACK, OPEN_AGAIN), ("4.2",)
    ),
    "put off after its release": Versions(
        (version("42", 8), version("43", 18, released=False)),
        (("42", 3, 10), ("43", 10, 0)),
        TAKEN_BACK,
        (*TAKEN_BACK, OPEN_AGAIN),
        ("4.2",),
    ),
    "taken away while it was worked on": Versions((version("42", 3),), (("42", 2, 3),), *JUST_FIXED),
    "named long after its release": Versions(
        (version("42", 3),),
        (("42", 10, 0),),
        (FIXED, ("released", 10, 9)),
        (FIXED, ("released", 10, 9), OPEN_AGAIN),
        ("4.2",),
    ),
}
RESOLUTIONS = {"fixed": "Fixed", "declined": "Won't Do", "duplicate": "Duplicate", "unlisted": "Later", "none": ""}
CATEGORIES = {"new": "1", "indeterminate": "3", "done": "5"}
BEGUN = (("open", 1, 9), ("in_progress", 2, 9))
OTHERWISE: dict[tuple[str, str], tuple[Event, ...]] = {
    ("new", "any"): (("open", CLOSED, 9),),
    ("indeterminate", "any"): (),
    ("done", "declined"): (("declined", CLOSED, 9),),
    ("done", "duplicate"): (),
    ("done", "unlisted"): (),
    ("done", "none"): (),
}
"""By category and resolution, whatever the versions: what follows on the closing of an issue that wasn't fixed."""


@dataclass(frozen=True)
class Cell:
    category: str
    resolution: str
    versions: str
    reopened: bool

    @property
    def stages(self) -> tuple[Event, ...]:
        """The stages expected."""
        held = VERSIONS[self.versions]
        if (self.category, self.resolution) == ("done", "fixed"):
            return BEGUN + (held.fixed_and_reopened if self.reopened else held.fixed)
        resolution = self.resolution if self.category == "done" else "any"
        begun = BEGUN + OTHERWISE[self.category, resolution]
        return begun + ((OPEN_AGAIN,) if self.reopened and self.category != "new" else ())

    @property
    def asks_a_person(self) -> tuple[Event, ...]:
        """When it is closed without a reason that we know, and since when no more."""
        if self.category != "done" or self.resolution not in {"unlisted", "none"}:
            return ()
        return (("closed_unknown", CLOSED, 9), *((("", REOPENED, 9),) if self.reopened else ()))

    def changes(self, *, moved: bool) -> list[dict[str, Any]]:
        """The changelog, oldest first."""
        status, resolution = CATEGORIES[self.category], RESOLUTIONS[self.resolution] or None
        days: dict[int, list[tuple[str, str | None, str | None]]] = {2: [("status", "1", "3")], CLOSED: []}
        for number, added, removed in VERSIONS[self.versions].held:
            days.setdefault(added, []).append(("fixVersions", None, number))
            if removed:
                days.setdefault(removed, []).append(("fixVersions", number, None))
        days[CLOSED] += [("resolution", None, resolution)] if resolution else []
        days[CLOSED] += [("status", "3", status)] if status != "3" else []
        if self.reopened:
            days[REOPENED] = [("resolution", resolution, None)] if resolution else []
            days[REOPENED] += [("status", status, "1")] if status != "1" else []
        if moved:
            days[11] = [("Key", "APP-12", "OPS-3")]
        return [change(number, day(number), *items) for number, items in sorted(days.items())]

    def shown(self, *, moved: bool) -> dict[str, Any]:
        """The issue as it is now."""
        held = VERSIONS[self.versions]
        present = {number for number, _, removed in held.held if not removed}
        return issue(
            "OPS-3" if moved else "APP-12",
            at="1" if self.reopened else CATEGORIES[self.category],
            resolution="" if self.reopened else RESOLUTIONS[self.resolution],
            fixVersions=[found for found in held.shown if found["id"] in present],
        )


CELLS = [Cell(*values) for values in product(CATEGORIES, RESOLUTIONS, VERSIONS, (False, True))]


def orders(changes: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """A search gives the newest first, an issue's changelog the oldest, a bulk fetch numbers in place of instants."""
    yield changes
    yield list(reversed(changes))
    yield [{**entry, "created": int(day(int(entry["id"])).timestamp() * 1000)} for entry in changes]


def snapshots(cell: Cell, *, moved: bool) -> Iterator[IssueSnapshot]:
    for changes in orders(cell.changes(moved=moved)):
        read = IssueJson(cell.shown(moved=moved), changes, STATUSES)
        taken_away = read.versions_taken_away(RULES)
        asked = [found for found in VERSIONS[cell.versions].shown if found["id"] in taken_away]
        yield read.snapshot(REFERENCE, RULES, asked)


def facts(snapshot: IssueSnapshot, kind: FactKind) -> tuple[Event, ...]:
    found = [fact for fact in issue_facts(1, snapshot) if fact.kind is kind]
    return tuple((fact.value, fact.occurred_at.day, fact.occurred_at.hour) for fact in found)


def named(cell: Cell) -> str:
    return f"{cell.category}-{cell.resolution}-{cell.versions}{'-reopened' if cell.reopened else ''}"


@pytest.mark.parametrize("cell", CELLS, ids=named)
def test_every_cell_has_its_stages_and_their_instants(cell: Cell) -> None:
    """Whatever order the changelog comes in, and whether the issue moved to another project or not."""
    read = [snapshot for moved in (False, True) for snapshot in snapshots(cell, moved=moved)]
    found = {(facts(snapshot, FactKind.STAGE), facts(snapshot, FactKind.STATUS)) for snapshot in read}
    assert found == {(cell.stages, cell.asks_a_person)}


@pytest.mark.parametrize("cell", CELLS, ids=named)
def test_every_cell_names_the_releases_that_counted(cell: Cell) -> None:
    """Customers hear of a version only if it had the fix; "" takes a release back."""
    releases = {
        tuple(value for value, _, _ in facts(snapshot, FactKind.RELEASE) if value)
        for snapshot in snapshots(cell, moved=False)
    }
    counted = any(stage == "released" for stage, _, _ in cell.stages)
    assert releases == {VERSIONS[cell.versions].named if counted else ()}


@pytest.mark.parametrize("moved", [False, True])
def test_a_moved_issue_says_its_new_name(*, moved: bool) -> None:
    """The name that tickets know stays the reference."""
    names = {(found.reference, found.now_called) for cell in CELLS for found in snapshots(cell, moved=moved)}
    assert names == {(REFERENCE, "jira:OPS-3" if moved else "")}


def without_nulls(node: Any) -> Any:
    """Jira writes null where its description wants a text: in what a change began or ended with."""
    if isinstance(node, list):
        return [without_nulls(each) for each in node]
    if isinstance(node, dict):
        return {name: without_nulls(each) for name, each in node.items() if each is not None}
    return node


def test_every_cell_is_as_jira_describes_it() -> None:
    """What the matrix makes up is what Jira could send: a search's answer, by its published description."""
    described = Described("jira_cloud_v3.json")
    issues = [
        {
            **cell.shown(moved=True),
            "changelog": {"histories": list(reversed(cell.changes(moved=True))), "startAt": 0, "maxResults": 40},
        }
        for cell in CELLS
    ]
    logs = [{"issueId": "10012", "changeHistories": cell.changes(moved=True)} for cell in CELLS]
    assert described.complaints("SearchAndReconcileResults", without_nulls({"issues": issues, "isLast": True})) == []
    assert described.complaints("BulkChangelogResponseBean", without_nulls({"issueChangeLogs": logs})) == []
    versions = [found for held in VERSIONS.values() for found in held.shown]
    assert described.complaints("Version", versions, each=True) == []


def test_numbers_of_seconds_and_of_milliseconds_are_one_instant() -> None:
    """Jira's description shows seconds in its example of a bulk fetch; its servers send milliseconds."""
    entry = change(1, day(4), ("status", "1", "5"), ("resolution", None, "Fixed"))
    seconds = int(day(4).timestamp())
    read = [
        IssueJson(issue(at="5", resolution="Fixed"), [{**entry, "created": created}], {}).snapshot(REFERENCE, RULES)
        for created in (seconds, seconds * 1000, jira_time(day(4)))
    ]
    assert [facts(snapshot, FactKind.STAGE) for snapshot in read] == [(("open", 1, 9), ("fixed", 4, 9))] * 3
