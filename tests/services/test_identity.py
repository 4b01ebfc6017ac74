"""Which issues are one bug, and what is wrong with the ones that can't be compared or read any more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.model import BugEventKind, ClosedAs, Stage
from bugbridge.core.records import LinkKey
from bugbridge.core.references import TrackerPattern
from bugbridge.services.health import link_health
from bugbridge.services.hints import follow_hints
from bugbridge.services.identity import MIRROR, PART, same_bug
from bugbridge.services.linking import link_tickets
from bugbridge.services.syncing import read_issue, sync_tracker
from tests.services.scene import ANN, ISSUE, OTHER_ISSUE, RULES, BusyTracker, Scene, day


def _two(role: BugEventKind) -> Scene:
    """Two issues, each reported by a ticket, made one bug on day 2."""
    scene = Scene().on(1)
    scene.reported(reference=ISSUE)
    scene.reported(reference=OTHER_ISSUE)
    scene.on(2)
    first, second = (read_issue(scene.tracker, scene.store, scene.clock, ref, ANN) for ref in (ISSUE, OTHER_ISSUE))
    assert same_bug(scene.store, scene.clock, first, second, role, ANN)
    assert not same_bug(scene.store, scene.clock, first, second, role, ANN)
    return scene


def _stage(scene: Scene) -> Stage:
    (bug,) = (row for row in scene.store.bugs() if row.links)
    assert bug.links == 2
    return bug.stage


def _fix_and_release(scene: Scene, reference: str, on: int) -> None:
    scene.tracker.close(reference, day(on), ClosedAs.FIXED)
    scene.tracker.release(reference, "4.2", day(on) + timedelta(hours=1))
    scene.on(on + 1).sync()


def test_a_bug_with_a_part_is_released_only_when_both_are() -> None:
    """One half of a fix helps nobody; the tickets of both hear of the whole."""
    scene = _two(PART)
    _fix_and_release(scene, ISSUE, 3)
    half = _stage(scene)
    _fix_and_release(scene, OTHER_ISSUE, 5)
    assert (half, _stage(scene)) == (Stage.OPEN, Stage.RELEASED)


def test_a_part_that_is_declined_holds_nothing_up() -> None:
    """What won't be done isn't waited for."""
    scene = _two(PART)
    scene.tracker.close(OTHER_ISSUE, day(3), ClosedAs.DECLINED)
    _fix_and_release(scene, ISSUE, 3)
    assert _stage(scene) is Stage.RELEASED


def test_a_mirror_can_be_made_a_part_afterwards() -> None:
    """Somebody forgot to say so; from then on both have to be released."""
    scene = _two(MIRROR)
    first, second = scene.issue(ISSUE), scene.issue(OTHER_ISSUE)
    made = [same_bug(scene.store, scene.clock, first, second, PART, ANN) for _ in range(2)]
    _fix_and_release(scene, ISSUE, 3)
    assert (made, _stage(scene)) == ([True, False], Stage.OPEN)
    assert link_health(scene.store, scene.on(9).clock) == ()


def test_a_mirror_never_decides() -> None:
    """It may be closed early or never; the first issue's stage is the bug's."""
    scene = _two(MIRROR)
    _fix_and_release(scene, OTHER_ISSUE, 3)
    early = _stage(scene)
    _fix_and_release(scene, ISSUE, 5)
    assert (early, _stage(scene)) == (Stage.OPEN, Stage.RELEASED)


def test_a_mirror_that_disagrees_for_a_day_is_shown_to_a_person() -> None:
    """Two trackers are seldom changed in the same hour, so an hour is no ailment."""
    scene = _two(MIRROR)
    scene.tracker.close(OTHER_ISSUE, day(3), ClosedAs.FIXED)
    scene.on(3).sync()
    soon = link_health(scene.store, scene.clock)
    (later,) = link_health(scene.store, scene.on(5).clock)
    assert (soon, later.reference, later.since) == ((), ISSUE, day(3))
    assert "is open, but its mirror is fixed" in later.sentence


def test_an_issue_that_vanished_is_shown_and_keeps_its_stage() -> None:
    """Nothing is closed or released by it; when it is seen again it is well again."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.start(ISSUE, day(2))
    scene.on(2).sync()
    scene.tracker.remove(ISSUE)
    scene.on(3).sync()
    (ailment,) = link_health(scene.store, scene.clock)
    stages = [row.stage for row in scene.store.bugs()]
    scene.tracker.restore(ISSUE)
    scene.on(4)
    read_issue(scene.tracker, scene.store, scene.clock, ISSUE, ANN)
    assert (ailment.reference, ailment.since, stages) == (ISSUE, day(3), [Stage.IN_PROGRESS])
    assert link_health(scene.store, scene.clock) == ()


JIRA_ISSUE = "jira:APP-7"
URL = "https://github.com/acme/app/issues/12"
JIRA = TrackerPattern("jira", "jira", "https://acme.atlassian.example", frozenset({"APP"}))
BOTH = replace(RULES, trackers=(*RULES.trackers, JIRA))


class Office(Scene):
    """A scene whose support also works with a Jira."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.jira = BusyTracker("jira")
        self.store.declare_source("jira", "memory", "tracker")
        self.jira.add(JIRA_ISSUE, day(0))
        self.jira.show(JIRA_ISSUE, mirror_texts=texts)
        self.on(1)
        ticket = self.writes_in()
        self.notes(ticket, f"This is {JIRA_ISSUE}")
        link_tickets(self.helpdesk, self.store, self.clock, BOTH)

    def cycle(self, number: float) -> "Office":
        """What the daemon does in some seconds of a day."""
        self.on(number)
        for step in (sync_tracker, follow_hints):
            for tracker in (self.tracker, self.jira):
                step(tracker, self.store, self.clock, BOTH)
                self.clock.forward(timedelta(seconds=1))
        return self

    def bugs(self) -> list[tuple[str, int]]:
        """The bugs that tickets are linked to: the issue that decides, and how many tickets."""
        return [(row.reference, row.links) for row in self.store.bugs() if row.links]


def test_an_issue_that_names_another_trackers_mirrors_it() -> None:
    """The named issue is read first, decides from then on, and has the tickets; nothing is folded twice."""
    office = Office(URL).cycle(2)
    before = office.bugs()
    after = office.cycle(2.01).bugs()
    head = office.store.head()
    office.cycle(4)
    assert (before, after) == ([(JIRA_ISSUE, 1)], [(ISSUE, 1)])
    assert office.store.head() == head
    assert [event.value for event in office.history(LinkKey(1, office.issue().bug_id)).bug.bug_events][1:] == [
        str(office.issue(JIRA_ISSUE).id)
    ]


def test_a_mirror_found_by_itself_never_decides() -> None:
    """As one that a person named."""
    office = Office(URL).cycle(2).cycle(3)
    office.jira.close(JIRA_ISSUE, day(4), ClosedAs.FIXED)
    office.cycle(4)
    early = [row.stage for row in office.store.bugs() if row.links]
    office.tracker.close(ISSUE, day(5), ClosedAs.FIXED)
    office.cycle(5)
    assert (early, [row.stage for row in office.store.bugs() if row.links]) == ([Stage.OPEN], [Stage.FIXED])


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("no issue at all",),
        ("https://github.com/elsewhere/app/issues/12",),
        ("jira:APP-8",),
        (URL, "acme/app#34"),
        ("acme/app#404",),
    ],
)
def test_what_names_no_single_issue_that_is_there_makes_no_mirror(texts: tuple[str, ...]) -> None:
    """A mistake in a field must not leave a bug without a stage; which of several issues decides, people know."""
    office = Office(*texts).cycle(2).cycle(3).cycle(4)
    assert office.bugs() == [(JIRA_ISSUE, 1)]


def test_a_mirror_that_names_another_issue_later_stays_where_it_is() -> None:
    """Two bugs of one tracker aren't folded because a link between trackers was corrected."""
    office = Office(URL).cycle(2).cycle(3)
    office.jira.show(JIRA_ISSUE, mirror_texts=("acme/app#34",))
    assert office.cycle(4).cycle(5).bugs() == [(ISSUE, 1)]


def test_what_a_person_made_one_bug_the_other_way_round_stays_so() -> None:
    """A circle would leave nobody to decide."""
    office = Office().cycle(2)
    first = read_issue(office.jira, office.store, office.clock, JIRA_ISSUE, ANN)
    second = read_issue(office.tracker, office.store, office.clock, ISSUE, ANN)
    same_bug(office.store, office.clock, first, second, MIRROR, ANN)
    office.jira.show(JIRA_ISSUE, mirror_texts=(URL,))
    assert office.cycle(3).cycle(4).bugs() == [(JIRA_ISSUE, 1)]
