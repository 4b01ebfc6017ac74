"""Promises read in replies: which link carries them, what they wait for, what meets them, and what became of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event, Finding, LinkEvent
from bugbridge.core.model import AuthorKind, Entity, FactKind, LinkEventKind, News
from bugbridge.core.promises_made import Fared, Promise, counted, promises_fared, promises_of
from bugbridge.core.records import LinkHistory, LinkKey
from bugbridge.core.stages import timeline
from tests.core.builders import (
    BUG,
    DAY_0,
    POLICY,
    TICKET,
    asks,
    cut,
    day,
    fact,
    frequency,
    link_event,
    link_history,
    linked,
    live_from,
    message,
    opt_out,
    plan_on,
    promise,
    release_mark,
    reply,
    says,
    stage,
    state_on,
    told,
    updates_on,
    with_seqs,
    workaround,
)
from tests.core.replay_scene import policy

OPEN = stage(0, "open")
# Customers hear of nothing but a clear no.
SILENT = policy()
OTHER_BUG = 9


def fared_on(number: float, *events: Event) -> list[Fared]:
    """What became of the promises by a day, in the order in which they were made."""
    return [fared for _, fared in judged(link_history(OPEN, *events), number)]


def judged(history: LinkHistory, number: float) -> tuple[tuple[Promise, Fared], ...]:
    """The promises of a history, judged as of a day."""
    known = cut(history, at=day(number))
    return promises_fared(known, timeline(known.bug), ALWAYS_OPEN, day(number))


def made(history: LinkHistory) -> list[float]:
    """On which days the promises were made that a link carries."""
    found = promises_of(history, timeline(history.bug), ALWAYS_OPEN)
    return [(one.made_at - DAY_0).total_seconds() / 86_400 for one in found]


# Dated promises


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), [Fared.OPEN, Fared.MISSED]),
        ((reply(3),), [Fared.KEPT, Fared.KEPT]),
        ((reply(5),), [Fared.OPEN, Fared.KEPT]),
        ((reply(6),), [Fared.OPEN, Fared.LATE]),
        ((reply(1),), [Fared.OPEN, Fared.MISSED]),
        ((asks(3), told(3), message(3, AuthorKind.AGENT, public=False)), [Fared.OPEN, Fared.MISSED]),
    ],
)
def test_a_dated_promise_is_met_by_the_next_public_reply(events: tuple[Event, ...], expected: list[Fared]) -> None:
    """In time, late or never; before its day an unmet one is open. The very reply that makes it doesn't count."""
    assert [one for on in (4.9, 9) for one in fared_on(on, says(1, due=5), *events)] == expected


def test_a_reply_that_promises_anew_meets_what_was_promised_before() -> None:
    """The later promise takes its place."""
    again = (says(1, due=5), reply(4), says(4, due=9))
    assert fared_on(6, *again) == [Fared.KEPT, Fared.OPEN]
    assert updates_on(8, OPEN, *again) == [("promised", 8)]


def test_what_was_read_is_called_for_as_what_was_recorded_is() -> None:
    """A business day ahead, over the caps."""
    assert updates_on(6, OPEN, says(1, due=5)) == updates_on(6, OPEN, promise(1, due=5)) == [("promised", 4)]


@pytest.mark.parametrize("begins", [says(1, due=5, read=5), says(1, due=5, read=7)])
def test_what_was_past_due_when_it_was_read_is_missed_and_nobody_is_reminded(begins: Finding) -> None:
    """Old conversations would flood agents."""
    assert fared_on(9, begins) == [Fared.MISSED]
    assert state_on(9, OPEN, begins).promise is None


def test_what_fell_due_before_going_live_is_nobodys_reminder() -> None:
    """As old news it is background."""
    assert state_on(9, OPEN, live_from(6), says(1, due=5)).promise is None
    assert state_on(9, OPEN, live_from(4), says(1, due=5)).promise is not None


def test_a_promise_from_before_the_link_counts_if_it_was_still_owed() -> None:
    """The first reply often comes minutes before the note that names the issue."""
    made_before = [says(1, due=9), says(1.5, due=3), linked(4), says(5, due=9)]
    assert made(link_history(OPEN, *made_before)) == [1, 5]
    assert made(link_history(OPEN, reply(2), *made_before)) == [5]


@pytest.mark.parametrize("by", ["read", "recorded"])
def test_a_dismissed_promise_is_none(by: str) -> None:
    """Also where its reply is read again by a later version; what is promised after that counts."""
    one = says(1, due=5) if by == "read" else promise(1, due=5)
    dismissed = link_event(2, LinkEventKind.PROMISE_DISMISSED)
    again = [replace(says(1, due=6, version=2), seq=4000)] if by == "read" else []
    assert made(link_history(OPEN, one, dismissed, *again, says(3, due=8))) == [3]


def test_a_later_version_reads_a_reply_anew() -> None:
    """What it finds stands for what was found before; a promise found again is the same: nobody is reminded twice."""
    first, same = says(1, due=5), replace(says(1, due=5, version=2), seq=5000)
    (one,) = promises_of(history := link_history(OPEN, first, same), timeline(history.bug), ALWAYS_OPEN)
    assert (one.seq, one.recorded_at) == (first.seq, day(1))
    other = replace(says(1, due=7, version=2), seq=5000)
    (one,) = promises_of(history := link_history(OPEN, first, other), timeline(history.bug), ALWAYS_OPEN)
    assert one.due_at == day(7)


# Conditional promises

FIXED, RELEASED, DECLINED = stage(10, "fixed"), stage(20, "released"), stage(20, "declined")


@pytest.mark.parametrize(
    ("event", "happens", "at"),
    [
        ("released", (FIXED, RELEASED), 20),
        ("released", (FIXED, release_mark(15, "4.2")), 15),
        ("fixed", (FIXED, RELEASED), 10),
        ("fixed", (RELEASED,), 20),
        ("workaround", (FIXED, workaround(12)), 12),
        ("workaround", (FIXED, RELEASED), 20),
        ("news", (stage(5, "in_progress"), FIXED, RELEASED), 20),
    ],
)
def test_a_conditional_promise_is_owed_once_its_event_came(event: str, happens: tuple[Event, ...], at: float) -> None:
    """Or what includes it; until then it waits. Where the policy says nothing of it, it is due at once."""
    waiting = (OPEN, says(1, event=event), *happens)
    assert state_on(at - 0.1, *waiting, policy=SILENT).promise is None
    assert updates_on(at, *waiting, policy=SILENT) == [("promised", at)]
    assert [fared_on(on, *waiting[1:])[0] for on in (at - 0.1, at + 1, at + 2)] == ["open", "open", "missed"]


@pytest.mark.parametrize("event", ["released", "fixed", "workaround", "news"])
@pytest.mark.parametrize(
    ("happens", "told"),
    [
        ((DECLINED,), "clear-no"),
        ((stage(19.5, "fixed"), RELEASED), "released"),
        ((asks(19), RELEASED), None),
    ],
)
def test_what_the_policy_tells_anyway_keeps_a_conditional_promise(
    event: str, happens: tuple[Event, ...], told: str | None
) -> None:
    """By a person, by its own update, or once the customer was answered: no message comes on top of it."""
    waiting = (OPEN, *happens, says(1, event=event))
    assert [reason for reason, _ in updates_on(20, *waiting)] == ([told] if told else [])
    assert state_on(20, *waiting).promise is None
    assert fared_on(30, *waiting[1:]) == [Fared.MISSED]
    assert fared_on(30, *waiting[1:], reply(21)) == [Fared.KEPT]


def test_word_if_that_changes_is_word_of_how_it_ends() -> None:
    """What comes before the end is told where the policy says so; nobody is reminded of each step."""
    on_the_way = (OPEN, opt_out(0, "no_periodic"), stage(10, "in_progress"))
    assert updates_on(10, *on_the_way) == updates_on(10, *on_the_way, says(1, event="news")) == []


def test_what_a_fix_waits_for_keeps_its_promise() -> None:
    """As long as the release may still take its place, and by whichever of the two is told."""
    merging = replace(POLICY, tell=replace(POLICY.tell, news=frozenset({News.FIXED}), merge_days=7))
    fixed = (OPEN, frequency(0, "infrequent"), says(1, event="fixed"), FIXED)
    assert updates_on(11, *fixed, policy=merging) == []
    assert updates_on(17, *fixed, policy=merging) == [("fixed", 10)]
    assert updates_on(12, *fixed, stage(12, "released"), policy=merging) == [("released", 12)]


def test_what_a_person_let_be_is_still_owed_to_whom_it_was_promised() -> None:
    """The policy's own update is withheld for good."""
    let_be = (OPEN, says(1, event="released"), FIXED, RELEASED, link_event(20.5, LinkEventKind.REVIEWED, "dropped"))
    assert updates_on(21, *let_be) == [("promised", 20)]
    assert updates_on(40, *let_be, stage(22, "open"), stage(30, "released")) == [("released", 30)]


def test_a_dated_promise_is_owed_whatever_the_policy_tells() -> None:
    """And carries that news."""
    (one,) = plan_on(20, OPEN, says(1, event="released"), says(2, due=20), FIXED, RELEASED).intentions
    assert (one.reason, one.news) == ("promised", {News.RELEASED})


# What nobody knew of yet


def late(on: float, value: str, known: float) -> Event:
    """The tracker shows a stage from a day on, and we read it on a later one."""
    return replace(stage(on, value), recorded_at=day(known))


def test_a_promise_made_before_anybody_knew_that_it_had_come_is_owed_once_they_do() -> None:
    """A reply clears a fix that happened before it, but this one promised to tell it."""
    unknown = (OPEN, says(10.5, event="fixed"), reply(10.5), late(10, "fixed", 11))
    assert updates_on(10.9, *unknown, policy=SILENT) == []
    assert updates_on(11, *unknown, policy=SILENT) == [("promised", 11)]
    assert fared_on(14, *unknown[1:]) == [Fared.MISSED]
    assert fared_on(14, *unknown[1:], reply(12)) == [Fared.KEPT]


def test_what_was_known_when_something_was_promised_isnt_what_was_promised() -> None:
    """Nor what was known late but had been taken back by then, nor what a link that is background brought along."""
    known = (OPEN, says(10.5, event="fixed"), late(10, "fixed", 10.2))
    back = (OPEN, says(10.5, event="fixed"), late(10, "fixed", 12), late(10.3, "open", 12))
    background = replace(linked(0), value="background", recorded_at=day(11.5))
    brought = (OPEN, background, says(10.5, event="fixed", read=11.5), late(10, "fixed", 12))
    for events in (known, back, brought):
        assert updates_on(13, *events, policy=SILENT) == []
    assert fared_on(20, *known[1:]) == fared_on(20, *back[1:]) == [Fared.OPEN]


def test_a_release_read_late_is_told_by_the_policy() -> None:
    """Only a reply that names it clears it, so the promise needs no message of its own."""
    unknown = (OPEN, says(20.5, event="released"), reply(20.5), FIXED, late(20, "released", 21))
    assert [reason for reason, _ in updates_on(21, *unknown)] == ["released"]


@pytest.mark.parametrize(
    ("events", "fared"),
    [
        ((reply(19),), Fared.MISSED),
        ((reply(20),), Fared.KEPT),
        ((reply(22),), Fared.KEPT),
        ((reply(23),), Fared.LATE),
        ((told(21),), Fared.KEPT),
        ((asks(21),), Fared.MISSED),
    ],
)
def test_a_conditional_promise_is_met_from_its_event_on(events: tuple[Event, ...], fared: Fared) -> None:
    """By a reply or an agent's word, within two business days; what was written before the event told nothing of it."""
    assert fared_on(30, says(1, event="released"), FIXED, RELEASED, *events) == [fared]


def test_the_same_event_is_promised_once() -> None:
    """Agents say it in every reply; one message is owed. After the event it is a new promise."""
    again = (says(1, event="released"), reply(5), says(5, event="released"), FIXED, RELEASED)
    assert fared_on(19, *again) == [Fared.OPEN]
    assert fared_on(30, *again, reply(21), says(21, event="released")) == [Fared.KEPT, Fared.OPEN]
    assert fared_on(19, *again, says(2, event="workaround")) == [Fared.OPEN, Fared.OPEN]


def test_a_release_that_was_taken_back_untold_is_none() -> None:
    """The customer goes on waiting, for the next one."""
    back = (OPEN, says(1, event="released"), FIXED, RELEASED, stage(21, "open"))
    assert [state_on(on, *back, policy=SILENT).promise is None for on in (20.5, 21, 25)] == [False, True, True]
    again = (*back, stage(30, "fixed"), stage(31, "released"))
    assert updates_on(31, *again, policy=SILENT) == [("promised", 31)]
    assert fared_on(40, *back[1:]) == [Fared.OPEN]


def test_an_event_from_before_it_was_read_is_nobodys_reminder() -> None:
    """The policy tells that news, or let it be."""
    old = says(1, event="released", read=25)
    assert state_on(30, OPEN, old, FIXED, RELEASED, policy=SILENT).promise is None


def test_a_promise_without_an_event_yet_holds_nothing_up() -> None:
    """It is no reason to remind anybody, nor to ask about a customer who wants to hear nothing more."""
    facts = state_on(9, OPEN, says(1, event="released"), opt_out(2, "all")).facts
    assert (facts.promise_open, facts.promise_due) == (False, False)
    assert plan_on(9, OPEN, says(1, event="released"), opt_out(2, "all")).intentions == ()


# Tickets with several links


def linked_to(on: float, bug_id: int, kind: LinkEventKind = LinkEventKind.LINKED, ticket_id: int = TICKET) -> LinkEvent:
    """A ticket was linked to some bug, or unlinked from it."""
    return replace(link_event(on, kind), bug_id=bug_id, ticket_id=ticket_id, source_key=f"{on}:{bug_id}:{kind}")


def carried_by(links: list[LinkEvent], *found: Finding) -> dict[int, list[float]]:
    """The days of the promises that each of the ticket's bugs carries."""
    carried = {}
    for bug_id in {event.bug_id for event in links}:
        own = [event for event in links if event.bug_id == bug_id]
        history = replace(
            link_history(OPEN, *found),
            key=LinkKey(TICKET, bug_id),
            link_events=tuple(own),
            party_link_events=tuple(own),
            ticket_links=tuple(links),
        )
        carried[bug_id] = made(history)
    return carried


def test_one_link_carries_what_a_ticket_was_promised() -> None:
    """That to which it was linked last by then, else the first; where that one is taken back, another."""
    links = [linked_to(2, BUG), linked_to(6, OTHER_BUG)]
    found = (says(1, due=90), says(4, due=91), says(8, due=92))
    assert carried_by(links, *found) == {BUG: [1, 4], OTHER_BUG: [8]}
    unlinked = linked_to(20, BUG, LinkEventKind.UNLINKED)
    assert carried_by([*links, unlinked], *found) == {BUG: [], OTHER_BUG: [1, 4, 8]}


def test_whoever_dismisses_promises_means_the_tickets() -> None:
    """On whichever of its links that was said."""
    links = [linked_to(0, BUG), linked_to(0, OTHER_BUG), linked_to(3, OTHER_BUG, LinkEventKind.PROMISE_DISMISSED)]
    assert carried_by(links, says(1, due=90), says(4, due=91)) == {BUG: [4], OTHER_BUG: []}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 4), st.booleans()), max_size=8, unique_by=lambda one: one[0]),
    st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True),
)
def test_every_promise_that_is_owed_is_carried_once(said: list[tuple[int, int, bool]], days: list[int]) -> None:
    """Whatever a ticket was linked to and unlinked from: one message, one reminder, one in the count."""
    kinds = {True: LinkEventKind.LINKED, False: LinkEventKind.UNLINKED}
    links = [linked_to(on, bug_id, kinds[is_linked]) for on, bug_id, is_linked in sorted(said)]
    found = [says(on + 0.5, due=90 + on) for on in sorted(days)]
    every = [on for own in carried_by(links, *found).values() for on in own]
    last = {bug_id: is_linked for _, bug_id, is_linked in sorted(said)}
    assert sorted(every) == ([on + 0.5 for on in sorted(days)] if any(last.values()) else [])


def test_a_follow_up_with_a_link_keeps_its_own_promises() -> None:
    """One without is part of the conversation that it follows up; so is what was merged, whatever it was linked to."""
    follow_up = replace(says(3, due=9), ticket_id=2)
    history = link_history(OPEN, follow_up)
    assert made(replace(history, ticket_links=(linked_to(0, BUG),))) == [3]
    both = (linked_to(0, BUG), linked_to(2, BUG, ticket_id=2))
    assert made(replace(history, ticket_links=both)) == []
    assert made(replace(history, ticket_links=both, merged_tickets=frozenset({2}))) == [3]


def test_a_merged_ticket_owes_nothing() -> None:
    """Its survivor does."""
    merged = fact(2, Entity.TICKET, FactKind.MERGED, "4712")
    assert made(link_history(OPEN, says(1, due=9), merged)) == []


# Laws

EVENTS = st.one_of(
    st.builds(lambda on, length: says(on, due=on + length), st.integers(0, 30), st.integers(1, 12)),
    st.builds(
        lambda on, event: says(on, event=event), st.integers(0, 30), st.sampled_from(["released", "fixed", "news"])
    ),
    st.builds(lambda on: reply(on + 0.25), st.integers(0, 40)),
    st.builds(
        lambda on, value: stage(on + 0.5, value), st.integers(0, 40), st.sampled_from(["fixed", "released", "open"])
    ),
    st.builds(lambda on: link_event(on + 0.75, LinkEventKind.PROMISE_DISMISSED), st.integers(0, 40)),
)
HISTORIES = st.lists(EVENTS, max_size=12, unique_by=lambda event: event.occurred_at)


@given(HISTORIES)
def test_a_promise_that_was_met_stays_met(events: list[Event]) -> None:
    """Time alone makes of an open one a missed one, and of no other anything else."""
    history = link_history(OPEN, *events)
    before: dict[int, Fared] = {}
    for number in range(60, 90, 3):
        now = {one.seq: fared for one, fared in judged(history, number)}
        changed = {(before[seq], now[seq]) for seq in before if before[seq] != now[seq]}
        assert changed <= {(Fared.OPEN, Fared.MISSED)}
        assert now.keys() == before.keys() or not before
        before = now


@given(HISTORIES)
def test_every_promise_is_counted_once(events: list[Event]) -> None:
    """Kept, late, missed and pending ones are all that there are."""
    fared = [one for _, one in judged(link_history(OPEN, *events), 60)]
    counts = counted(fared)
    assert counts.kept + counts.late + counts.missed + counts.pending == len(fared)


@given(HISTORIES)
def test_in_which_order_replies_were_read_is_of_no_consequence(events: list[Event]) -> None:
    """What counts is when things happened."""
    backwards = with_seqs(events, range(len(events), 0, -1))
    one, other = (judged(link_history(OPEN, *each), 60) for each in (events, backwards))
    assert [(each.made_at, each.due_at, fared) for each, fared in one] == [
        (each.made_at, each.due_at, fared) for each, fared in other
    ]


@given(HISTORIES, st.integers(0, 59))
def test_a_reply_more_never_breaks_a_promise(events: list[Event], on: int) -> None:
    """Whoever writes once more can only meet what was promised so far."""
    better = {
        Fared.MISSED: {*Fared},
        Fared.OPEN: {*Fared},
        Fared.LATE: {Fared.LATE, Fared.KEPT},
        Fared.KEPT: {Fared.KEPT},
    }
    dated = [event for event in events if not isinstance(event, Finding) or event.due_at]
    before = {one.seq: fared for one, fared in judged(link_history(OPEN, *dated), 60)}
    after = {one.seq: fared for one, fared in judged(link_history(OPEN, *dated, reply(on + 0.1)), 60)}
    assert all(after[seq] in better[fared] for seq, fared in before.items())
