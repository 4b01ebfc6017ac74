"""Rules that hold over any history, on the real store.

The two axes of time: whatever happens later, a kept decision can be made again from what was known then, and the facts
as of an instant don't change. And deciding only what was touched misses nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import DecisionEvent, LinkEvent
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.model import LinkEventKind, News, Workaround
from bugbridge.core.planning import plan_link
from bugbridge.core.records import HappenedBy, KnownUpTo, LinkKey, Report, UpdateItem
from bugbridge.services import intake
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.planning import decision_output
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, POLICY, Scene, day

THEN = 12.0
Step = Callable[[Scene, str], object]


def _stage(scene: Scene, change: Callable[[], object]) -> None:
    """Trackers are silent about an issue that is a duplicate already."""
    if not scene.tracker._issues[ISSUE].duplicate_of:
        change()


def _late_word(scene: Scene, ticket: str) -> None:
    """An agent says today that they told the customer right after the release."""
    key = scene.key(ticket)
    told = LinkEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        kind=LinkEventKind.TOLD,
        occurred_at=day(4.25),
        source_key=f"late:{ticket}:{scene.store.head()}",
    )
    scene.store.append([told], actor=ANN, recorded_at=scene.clock.now())


def _workaround(scene: Scene, ticket: str) -> None:
    add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV", "en", ANN)
    intake.set_workaround(scene.store, scene.clock, scene.key(ticket), Workaround.TOLD, ANN)


def _promise(scene: Scene, ticket: str) -> None:
    due_at = scene.clock.now() + timedelta(days=3)
    intake.add_promise(scene.store, scene.clock, scene.key(ticket), due_at, ANN)


STEPS: dict[str, Step] = {
    "the customer writes": lambda scene, ticket: scene.writes_again(ticket),
    "an agent replies": lambda scene, ticket: scene.replies(ticket),
    "a reply names the version": lambda scene, ticket: scene.replies(ticket, "It's fixed in 4.2."),
    "the ticket is solved": lambda scene, ticket: scene.solves(ticket),
    "the ticket changes hands": lambda scene, ticket: scene.changes_hands(ticket, EVE),
    "another ticket comes": lambda scene, _: scene.reported(CARLA),
    "the other issue is named": lambda scene, ticket: scene.notes(ticket, "also acme/app#34"),
    "it is begun": lambda scene, _: _stage(scene, lambda: scene.tracker.start(ISSUE, scene.clock.at)),
    "it is released": lambda scene, _: _stage(scene, scene.is_released),
    "it is reopened": lambda scene, _: _stage(scene, lambda: scene.tracker.reopen(ISSUE, scene.clock.at)),
    "it is a duplicate": lambda scene, _: scene.tracker.mark_duplicate(ISSUE, OTHER_ISSUE, scene.clock.at),
    "the other is released": lambda scene, _: scene.is_released(OTHER_ISSUE),
    "it is unlinked": lambda scene, ticket: scene.unlinks(ticket),
    "it is linked by hand": lambda scene, ticket: scene.links_by_hand(ticket),
    "a workaround is told": _workaround,
    "a promise is made": _promise,
    "an agent says that they know": lambda scene, ticket: intake.say_told(
        scene.store, scene.clock, scene.key(ticket), ANN
    ),
    "going live anew": lambda scene, _: scene.go_live(THEN + 0.5),
    "reminders are sent": lambda scene, _: scene.send(),
}
LATE_STEPS: dict[str, Step] = {**STEPS, "a late word": _late_word}


def beginning() -> tuple[Scene, list[str]]:
    """Twelve days with three tickets, a fix, a release and its reopening, decided as they went."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(EVE), scene.reported(CARLA)]
    scene.plan()
    scene.on(4).is_released()
    scene.decide()
    scene.send()
    scene.on(5).replies(tickets[0], "It's fixed in 4.2.")
    scene.on(6).tracker.reopen(ISSUE, day(6))
    scene.decide()
    scene.on(THEN).decide()
    return scene, tickets


def goes_on(scene: Scene, tickets: list[str], steps: list[tuple[str, int]]) -> None:
    """Have these steps happen to these tickets, half a day apart, and decide after each."""
    for name, which in steps:
        scene.clock.forward(timedelta(hours=12))
        LATE_STEPS[name](scene, tickets[which])
        scene.decide()


def steps_of(steps: dict[str, Step]) -> st.SearchStrategy[list[tuple[str, int]]]:
    """Some steps, each at one of the three tickets."""
    return st.lists(st.tuples(st.sampled_from(list(steps)), st.integers(0, 2)), min_size=1, max_size=6)


def kept_decisions(scene: Scene) -> list[DecisionEvent]:
    """Every decision that was ever kept."""
    links = (link for ticket_id in range(1, 12) for link in scene.store.links_of(ticket_id))
    return [decision for link in links for decision in scene.history(link.key).decisions]


def made_again(scene: Scene, decision: DecisionEvent) -> set[tuple[str, str]]:
    """What is decided on what was known then, at the time that it was then: the questions, and what holds besides."""
    key = LinkKey(decision.ticket_id, decision.bug_id)
    history = scene.store.link_history(key, KnownUpTo(decision.upto_seq))
    state = fold_link(history, decision.occurred_at, POLICY, ALWAYS_OPEN)
    planned = plan_link(state, decision.occurred_at, POLICY, ALWAYS_OPEN)
    decided = (*planned.questions, replace(planned.decision, intentions=planned.intentions))
    return {(one.ruling.rule_id, decision_output(history, one)) for one in decided}


@given(steps_of(LATE_STEPS))
@settings(max_examples=10)
def test_a_later_seq_alters_no_decision(steps: list[tuple[str, int]]) -> None:
    """Every decision ever kept is made again, the same, from what was known up to its seq."""
    scene, tickets = beginning()
    goes_on(scene, tickets, steps)
    decisions = kept_decisions(scene)
    altered = [one for one in decisions if (one.rule_id, one.output) not in made_again(scene, one)]
    assert (altered, len(decisions) >= 6) == ([], True)


def as_of(scene: Scene, keys: list[LinkKey], at: datetime) -> list[tuple[LinkState, tuple[Report, ...]]]:
    """The facts of links, and who reports their bugs, from what had happened by an instant."""
    moment = HappenedBy(at)
    return [
        (
            fold_link(scene.store.link_history(key, moment), at, POLICY, ALWAYS_OPEN),
            scene.store.reports(key.bug_id, moment),
        )
        for key in keys
    ]


@given(steps_of(STEPS), st.sampled_from([2.0, 4.5, 5.5, 7.0, THEN]))
@settings(max_examples=10)
def test_what_happens_later_alters_no_fact_of_an_instant(steps: list[tuple[str, int]], moment: float) -> None:
    """A replay at that instant sees the same, however much happens afterwards."""
    scene, tickets = beginning()
    keys = [scene.key(ticket) for ticket in tickets]
    before = as_of(scene, keys, day(moment))
    goes_on(scene, tickets, steps)
    assert as_of(scene, keys, day(moment)) == before


@given(steps_of(LATE_STEPS))
@example([("an agent says that they know", 2), ("the ticket changes hands", 2)])
@settings(max_examples=10)
def test_links_left_alone_would_have_been_decided_the_same(steps: list[tuple[str, int]]) -> None:
    """After each step, deciding every link changes nothing: neither a decision nor an update."""
    scene, tickets = beginning()
    for step in steps:
        goes_on(scene, tickets, [step])
        updates = [scene.store.updates_of(link.key) for link in scene.store.links()]
        scene.store.touch_all()
        changed = scene.plan().changed
        again = [scene.store.updates_of(link.key) for link in scene.store.links()]
        assert (changed, _places(again)) == (0, _places(updates))


def _places(updates: list[tuple[UpdateItem, ...]]) -> set[tuple[str, str, datetime]]:
    return {(item.key, str(item.state), item.due_at) for items in updates for item in items}


def test_what_is_learned_late_alters_a_replay_but_no_decision() -> None:
    """On day 13 an agent says that this customer knew on day 4: a perfect watcher knew that too, we didn't."""
    scene, tickets = beginning()
    key = scene.key(tickets[0])
    decided = [made_again(scene, one) for one in scene.history(key).decisions]
    before = as_of(scene, [key], day(4.5))[0][0].facts.untold
    goes_on(scene, tickets, [("a late word", 0)])
    after = as_of(scene, [key], day(4.5))[0][0].facts.untold
    again = [made_again(scene, one) for one in scene.history(key).decisions[: len(decided)]]
    assert (before, after) == (frozenset({News.FIXED, News.RELEASED}), frozenset())
    assert again == decided
