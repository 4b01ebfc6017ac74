"""Replaying: policies over the history in a store, read as of each instant."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import BugEventKind, ClosedAs
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import LinkHistory, LinkKey, Moment
from bugbridge.core.replay_report import Replay
from bugbridge.services.identity import same_bug
from bugbridge.services.replaying import SECOND_TICKET, replay
from tests.core.replay_scene import EVERY_14_DAYS, ON_CHANGE, in_turn, policy, rule
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, POLICY, Scene, customer, day

NEWS = policy(rule("all", ON_CHANGE))
EVERY = policy(rule("all", EVERY_14_DAYS))
Days = tuple[list[float], list[float]]
BOTH: Mapping[str, Policy] = {"in force": EVERY, "new": NEWS}


def replayed(scene: Scene, policies: Mapping[str, Policy] = BOTH, **chosen: Any) -> Replay:
    """Replay a scene's history up to its present."""
    return replay(scene.store, policies, scene.clock, ALWAYS_OPEN, in_turn, **chosen)


def days_told(found: Replay) -> list[Days]:
    """For each link that differs, by its ticket's age, the days of the updates under either policy."""
    links = sorted(found.comparisons[0].links, key=lambda link: int(link.ticket.removeprefix("support:")))
    return [([_day(at) for at in link.in_force], [_day(at) for at in link.instead]) for link in links]


def _day(at: datetime) -> float:
    return round(elapsed_days(day(0), at), 3)


def two_bugs() -> Scene:
    """One reported on day 1 and released on day 40, one reported on day 10 and open; now is day 60."""
    scene = Scene(live=False).on(1)
    scene.reported(CARLA)
    scene.on(10).sync()
    scene.reported(EVE, OTHER_ISSUE)
    scene.on(40).is_released()
    scene.on(60).decide()
    return scene


def test_open_bugs_are_replayed_too() -> None:
    """In watch mode and from the link on: periodic every two weeks, or each piece of news."""
    found = replayed(two_bugs())
    assert days_told(found) == [([15, 29, 40], [40]), ([24, 38, 52], [])]
    assert [figures.metrics.sent for figures in found.policies] == [6, 1]
    assert [bug.bug for bug in found.bugs] == [ISSUE, OTHER_ISSUE]
    assert found.until == day(60)


def test_the_bugs_reported_last_can_be_chosen() -> None:
    """By when their earliest ticket was created."""
    scene = two_bugs()
    assert [bug.bug for bug in replayed(scene, last=1).bugs] == [OTHER_ISSUE]
    assert [bug.bug for bug in replayed(scene, last=2).bugs] == [ISSUE, OTHER_ISSUE]
    assert [bug.bug for bug in replayed(scene, since=day(2)).bugs] == [OTHER_ISSUE]
    assert replayed(scene, since=day(11)).bugs == ()


def test_bugs_with_too_many_links_are_fewer() -> None:
    """The bug reported last has one link, the one before it two; the last one is replayed however many it has."""
    scene = Scene(live=False).on(1)
    scene.reported(CARLA)
    scene.on(2).reported(customer("dan"))
    scene.on(10).sync()
    scene.reported(EVE, OTHER_ISSUE)
    scene.on(20).decide()
    chosen = {most: [bug.bug for bug in replayed(scene, most_links=most).bugs] for most in (0, 1, 2, 3)}
    assert chosen == {0: [OTHER_ISSUE], 1: [OTHER_ISSUE], 2: [OTHER_ISSUE], 3: [ISSUE, OTHER_ISSUE]}
    assert replayed(Scene(), most_links=3).bugs == ()


def test_progress_is_told_bug_by_bug() -> None:
    """How many are done, of how many."""
    heard: list[tuple[int, int]] = []
    replayed(two_bugs(), progress=lambda done, of: heard.append((done, of)))
    assert heard == [(1, 2), (2, 2)]


class _CountedReads:
    """Counts how often links are read."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.read: list[LinkKey] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def link_history(self, key: LinkKey, moment: Moment) -> LinkHistory:
        self.read.append(key)
        history: LinkHistory = self._store.link_history(key, moment)
        return history


def test_each_link_is_read_once_however_many_policies() -> None:
    """A replay of a long history is a matter of seconds."""
    scene = two_bugs()
    counted: Any = _CountedReads(scene.store)
    policies = {"in force": EVERY, "a": NEWS, "b": POLICY}
    replay(counted, policies, scene.clock, ALWAYS_OPEN, in_turn)
    assert sorted(counted.read) == sorted(link.key for link in scene.store.links())


def test_nothing_is_kept() -> None:
    """A replay looks, and changes nothing."""
    scene = two_bugs()
    before = scene.store.head()
    replayed(scene)
    assert scene.store.head() == before


def test_a_customers_second_ticket_is_left_out_and_counted() -> None:
    """They are told once, on the ticket that reported first."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.on(5).reported(CARLA)
    scene.on(6).reported(EVE)
    found = replayed(scene.on(30))
    assert days_told(found) == [([15, 29], []), ([20], [])]
    assert found.policies[0].metrics.links == 2
    assert found.left_out == {SECOND_TICKET: 1}


def test_a_link_that_was_taken_back_is_none() -> None:
    """It was the wrong bug."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA)
    scene.on(3).unlinks(ticket)
    assert replayed(scene.on(20)).bugs == ()


def test_without_links_there_is_nothing_to_replay() -> None:
    """No bug, no figure, no error."""
    found = replayed(Scene())
    assert (found.bugs, found.policies[0].metrics.sent, found.left_out) == ((), 0, {})


def test_what_is_learned_later_changes_no_update_before() -> None:
    """Whatever the store holds of the days after: an end, an opt-out, a merge, another customer, another status."""
    early = days_told(replayed(_until(20)))
    for happens in _later():
        scene = _until(20)
        happens(scene)
        found = days_told(replayed(scene.on(60)))
        assert _before(20, found) == _before(20, early), happens


def _until(number: float) -> Scene:
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.reported(EVE, OTHER_ISSUE)
    scene.tracker.close(OTHER_ISSUE, day(12))
    scene.on(number).decide()
    return scene


def _later() -> Sequence[Any]:
    return (
        lambda scene: scene.on(30).is_released(),
        lambda scene: same_bug(
            scene.store, scene.on(30).clock, scene.issue(), scene.issue(OTHER_ISSUE), BugEventKind.ISSUE_ADDED, ANN
        ),
        lambda scene: same_bug(
            scene.store, scene.on(30).clock, scene.issue(OTHER_ISSUE), scene.issue(), BugEventKind.ISSUE_ADDED, ANN
        ),
        lambda scene: (scene.on(30).changes_hands("1", customer("dan", "enterprise")), scene.link()),
        lambda scene: (scene.on(30).solves("1"), scene.link()),
        lambda scene: (scene.on(30).helpdesk.delete("1", day(30)), scene.link()),
    )


def _before(number: float, told: list[Days]) -> list[Days]:
    return [([on for on in days if on < number], [on for on in others if on < number]) for days, others in told]


def test_a_merged_bugs_link_follows_its_own_bug_before() -> None:
    """OTHER_ISSUE, fixed on day 12, becomes one with ISSUE on day 30, whose release of day 40 ends both links."""
    scene = _until(20)
    same_bug(scene.store, scene.on(30).clock, scene.issue(), scene.issue(OTHER_ISSUE), BugEventKind.ISSUE_ADDED, ANN)
    scene.on(40).is_released()
    scene.decide()
    found = replayed(scene.on(60))
    assert days_told(found) == [([15, 29, 40], [40]), ([15, 29, 40], [12, 40])]
    assert [bug.bug for bug in found.bugs] == [ISSUE]


def test_a_ticket_that_changed_hands_counts_by_its_customer_then() -> None:
    """An enterprise customer takes it over on day 30: the rule for them holds from then on."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA)
    scene.on(30).changes_hands(ticket, EVE)
    scene.decide()
    often = policy(rule("enterprise", EVERY_14_DAYS, 'tier = ["enterprise"]'), rule("else", ON_CHANGE))
    assert days_told(replayed(scene.on(60), {"in force": NEWS, "new": often})) == [([], [30, 44, 58])]


def test_a_helpdesk_read_late_doesnt_know_its_past() -> None:
    """Solved when it was first read on day 50: until then the ticket counts as open."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, f"This is {ISSUE}")
    scene.on(3).solves(ticket)
    scene.on(50).decide()
    shipped = {"in force": policy(rule("all", 'tell = "terminal"')), "new": _solved_hear_the_end()}
    assert days_told(replayed(scene.on(60), shipped)) == [([], [15, 29, 43])]


def _solved_hear_the_end() -> Policy:
    return policy(rule("solved", 'tell = "terminal"', 'ticket_status = ["solved"]'), rule("else", EVERY_14_DAYS))


def test_how_often_a_bug_was_met_is_made_up_from_its_tickets() -> None:
    """Read for the first time on day 80: five accounts in five weeks made it frequent on day 33."""
    scene = Scene()
    for number in range(5):
        ticket = scene.on(1 + 8 * number).writes_in(customer(f"customer {number}"))
        scene.notes(ticket, f"This is {ISSUE}")
    scene.on(80).decide()
    often = policy(rule("often", EVERY_14_DAYS, 'frequency = ["frequent"]'), rule("else", ON_CHANGE))
    found = days_told(replayed(scene, {"in force": NEWS, "new": often}))
    assert [instead[0] for _, instead in found] == [33, 33, 33, 39, 47]


def test_a_ticket_reports_a_bug_from_when_it_was_linked() -> None:
    """Five old tickets linked by hand on day 80 make nothing frequent before that."""
    scene = Scene()
    tickets = [scene.on(1 + 8 * number).writes_in(customer(f"customer {number}")) for number in range(5)]
    scene.notes(tickets[0], f"This is {ISSUE}")
    scene.on(80).read()
    for ticket in tickets[1:]:
        scene.links_by_hand(ticket)
    scene.on(100).decide()
    often = policy(rule("often", EVERY_14_DAYS, 'frequency = ["frequent"]'), rule("else", ON_CHANGE))
    rarely = {"in force": NEWS, "new": often}
    assert all(min(instead) > 80 for _, instead in days_told(replayed(scene, rarely)))


def test_a_curve_that_was_drawn_sets_the_intervals_from_then_on() -> None:
    """Twenty bugs that ended on their thirtieth day teach it; an interval that begins before goes by back-off."""
    scene = Scene().on(1)
    for number in range(200, 220):
        scene.tracker.add(f"github:acme/app#{number}", day(0))
        scene.reported(customer(f"customer of {number}"), f"github:acme/app#{number}")
        scene.tracker.close(f"github:acme/app#{number}", day(31))
    scene.on(32).decide()
    scene.on(33).sync()
    scene.reported(CARLA)
    scene.on(70).decide()
    weekly = policy(rule("all", 'tell = "terminal"\nevery_days = [7, 60]\nbackoff = 1'))
    found = days_told(replayed(scene, {"in force": NEWS, "new": weekly}, since=day(30)))
    assert found == [([], [68])]


def test_a_decline_ends_a_link_and_is_told() -> None:
    """Whatever the policy says."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.tracker.close(ISSUE, day(20), ClosedAs.DECLINED)
    scene.on(60).decide()
    found = replayed(scene)
    assert days_told(found) == [([15, 20], [20])]
    assert [figures.metrics.closed_loop for figures in found.policies] == [1, 1]


def draws_of(count: int) -> Iterator[Sequence[int]]:
    """Always the same bug."""
    yield [0] * count


def test_chance_is_handed_in() -> None:
    """The interval is of the draws that were given, and no others."""
    scene = two_bugs()
    found = replay(scene.store, BOTH, scene.clock, ALWAYS_OPEN, draws_of).comparisons[0].differences["sent"]
    assert (found.n, found.mean, found.low, found.high) == (2, -2.5, -2, -2)


def test_a_policy_is_compared_with_itself_without_a_difference() -> None:
    """No link differs, and no bug."""
    [alone] = replayed(two_bugs(), {"in force": EVERY, "the same": EVERY}).comparisons
    assert alone.links == ()
    assert alone.differences["sent"].mean == alone.differences["sent"].low == 0
