"""What customers heard while they waited, each rule on a history small enough to count by hand."""

from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit_model import Waiting
from bugbridge.core.audit_waiting import merged, reminders_posted, waiting_of
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.events import Event
from bugbridge.core.model import AuthorKind, Entity, FactKind, LinkEventKind, LinkHow, Review, UpdateState
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.records import UpdateItem
from tests.core.builders import (
    BUG,
    REFERENCE,
    TICKET,
    asks,
    day,
    fact,
    has_workaround,
    link_event,
    link_history,
    linked,
    live_from,
    message,
    names,
    opt_out,
    promise,
    release_mark,
    reminder,
    reply,
    stage,
    text,
    told,
    watching,
    workaround,
)

FIX = (stage(0, "open"), stage(20, "fixed"))
RELEASED = (*FIX, release_mark(30, "v4.2"))
RELEASE_SEQ = release_mark(30, "v4.2").seq
OFFICE = WorkCalendar(ZoneInfo("UTC"), time(9), time(17), frozenset({5, 6}))


def waited(*events: Event, now: float = 100, updates: tuple[UpdateItem, ...] = (), of_a_file: bool = False) -> Waiting:
    """What the customer heard by a day, the link being of the first day."""
    by_then = [event for event in events if event.occurred_at <= day(now)]
    return waiting_of(link_history(*by_then), updates, ALWAYS_OPEN, day(now), ends_with_fix=of_a_file)


def update(due: float, state: str = "posted", **fields: object) -> UpdateItem:
    """One that the policy called for, of the release unless it says otherwise."""
    values = {"reason": "released", "news_seq": RELEASE_SEQ, "state": UpdateState(state), **fields}
    return UpdateItem(key=f"{due}", party_id=1, bug_id=BUG, ticket_id=TICKET, due_at=day(due), **values)  # type: ignore[arg-type]


def periodic(due: float, state: str = "posted", **fields: object) -> UpdateItem:
    """One without news."""
    return update(due, state, reason="periodic", news_seq=None, ordinal=1, **fields)


def called_for(*events: Event, updates: tuple[UpdateItem, ...], now: float = 100) -> tuple[int, int, int]:
    """How many updates were required, told late, and missed."""
    counts = waited(*events, updates=updates, now=now)
    return counts.required, counts.late, counts.missed


def test_replies_count_from_the_link_until_the_customer_was_told_how_it_ended() -> None:
    """Of an answer before the link, two while they waited, the telling and a later word three count."""
    history = (linked(2), reply(1), reply(10), reply(25), reply(35), names(35, "4.2"), reply(40))
    assert waited(*RELEASED, *history).replies == 3


def test_replies_count_until_now_while_nobody_told_them() -> None:
    """Fixed and not released: they still wait."""
    assert waited(*FIX, reply(10), reply(25), reply(99)).replies == 3


def test_only_public_replies_by_agents_and_our_own_count() -> None:
    """Notes, robots and the note of a reminder are none."""
    others = (message(10, AuthorKind.AGENT, public=False), message(11, AuthorKind.BOT), message(12, AuthorKind.SELF))
    ours = link_event(31, LinkEventKind.TOLD, str(RELEASE_SEQ), how=LinkHow.REPLY)
    assert (waited(*RELEASED, *others).replies, waited(*RELEASED, *others, ours).replies) == (0, 1)


def test_a_reply_on_a_ticket_with_a_link_of_its_own_counts_there() -> None:
    """A follow-up belongs to the conversation, and may be linked itself."""
    history = link_history(*FIX, reply(10), replace(reply(11), ticket_id=2))
    both, one = (waiting_of(history, (), ALWAYS_OPEN, day(100), tickets) for tickets in ((TICKET,), (TICKET, 2)))
    assert (both.replies, one.replies) == (2, 1)


def test_a_reply_is_asked_for_if_the_customer_wrote_since_the_one_before() -> None:
    """The ticket asks for the first; the third answers two questions at once; the others nobody asked for."""
    history = (reply(1), reply(5), asks(6), asks(7), reply(8), reply(9))
    assert (waited(*FIX, *history).replies, waited(*FIX, *history).asked_for) == (4, 2)


def test_a_reply_before_the_link_has_answered_the_ticket() -> None:
    """The first one after the link is proactive then."""
    assert waited(*FIX, linked(2), reply(1), reply(5)).asked_for == 0


def test_a_wait_ends_where_the_customer_wants_to_hear_nothing() -> None:
    """Nothing after that was theirs to hear, and nobody missed telling them of the release."""
    counts = waited(*RELEASED, reply(10), opt_out(15, "all"), reply(25))
    assert (counts.replies, counts.silences, counts.news, counts.not_told) == (1, (15,), 0, 0)
    assert waited(*RELEASED, opt_out(15, "all"), opt_out(16, "none")).not_told == 1


@pytest.mark.parametrize("kind", [FactKind.GONE, FactKind.MERGED])
def test_a_wait_ends_with_its_ticket(kind: FactKind) -> None:
    """Its conversation goes on elsewhere, or nowhere."""
    counts = waited(*RELEASED, reply(10), fact(15, Entity.TICKET, kind, "deleted"), reply(25))
    assert (counts.replies, counts.silences, counts.not_told) == (1, (15,), 0)


def test_a_release_that_was_taken_back_was_no_end() -> None:
    """The customer waits on, and hears three pieces of news more: it is back, fixed and released."""
    again = (stage(40, "open"), stage(50, "fixed"), release_mark(60, "v4.3"))
    counts = waited(*RELEASED, *again, reply(31), reply(41), reply(61), names(61, "4.3"), now=100)
    assert (counts.news, counts.updates, counts.newsful, counts.told_certain, counts.told_after) == (5, 3, 3, 1, (1,))


def test_updates_are_replies_with_something_to_say() -> None:
    """One after a reminder, one with the release; what an agent asked in between is none."""
    history = (reminder(10), reply(12), reply(13), names(35, "4.2"), reply(35))
    counts = waited(*RELEASED, *history)
    assert (counts.updates, counts.newsful, counts.reminders) == (2, 1, 1)


def test_in_watch_mode_every_reply_that_nobody_asked_for_is_an_update() -> None:
    """Of the answers to the ticket and to a question neither; the second of the three others told of the fix."""
    history = (reply(1), reply(5), asks(6), reply(7), reply(21), reply(25))
    watched, live = waited(watching(), *FIX, *history), waited(*FIX, *history)
    assert [(one.replies, one.asked_for, one.updates, one.newsful) for one in (watched, live)] == [
        (5, 2, 3, 1),
        (5, 2, 1, 1),
    ]
    assert watched.silences == (75,)


def test_a_reply_that_was_asked_for_is_an_update_where_it_brought_news() -> None:
    """Live or not."""
    history = (*FIX, reply(1), asks(15), reply(16), asks(22), reply(23))
    assert [(one.updates, one.newsful) for one in (waited(watching(), *history), waited(*history))] == [(1, 1)] * 2


def test_replies_without_news_are_updates_until_the_link_is_live() -> None:
    """Going live began it, or the link's being recorded here, whichever came later; said when it was or afterwards."""
    recorded = replace(linked(0), recorded_at=day(16))
    replies = [reply(on) for on in (1, 5, 10, 15, 19)]
    starts = ([live_from(10)], [live_from(10, at=30)], [recorded], [recorded, live_from(10)], [live_from(18), recorded])
    assert [waited(*FIX, *replies, *start).updates for start in starts] == [1, 1, 3, 3, 3]


def test_a_reply_that_told_nothing_after_all_is_no_update() -> None:
    """Somebody said so."""
    doubt = link_event(8, LinkEventKind.STILL_DUE, text(4))
    replies = (reply(1), reply(5), reply(10))
    assert [waited(watching(), *FIX, *replies, *doubts).updates for doubts in ([], [doubt])] == [2, 1]


def test_whether_updates_were_required_is_known_of_links_that_were_live_while_they_waited() -> None:
    """Not in watch mode, nor where the helpdesk went live once all was told."""
    history = (*RELEASED, told(36))
    starts = ([], [watching()], [live_from(35)], [live_from(37)], [replace(linked(0), recorded_at=day(37))])
    assert [waited(*history, *start).under_policy for start in starts] == [1, 0, 1, 0, 0]


def test_a_bug_of_a_file_without_a_release_ends_with_its_fix() -> None:
    """They wait until the first reply from then on, however sure a later one is, and no silence grows after the fix."""
    silent, told_of_it = (
        waited(*FIX, reply(10), *more, of_a_file=True) for more in ([], [reply(46), reply(60), told(90)])
    )
    assert [(one.replies, one.silences, one.news_missed) for one in (silent, told_of_it)] == [
        (1, (20,), 1),
        (2, (26,), 0),
    ]
    assert (silent.not_told, told_of_it.told_probable, told_of_it.told_certain) == (0, 0, 0)
    assert waited(*FIX, reply(10)).silences == (100,)


def test_a_bug_of_a_file_with_a_release_ends_with_that() -> None:
    """As any other; one that was reopened hasn't ended."""
    assert waited(*RELEASED, told(36), of_a_file=True) == waited(*RELEASED, told(36))
    assert waited(*FIX, stage(25, "open"), of_a_file=True).silences == (100,)


def test_each_piece_of_news_is_told_after_some_days_or_missed() -> None:
    """Fixed on day 20 and heard of on day 25; released on day 30, which nobody told."""
    counts = waited(*RELEASED, reply(25))
    assert (counts.news, counts.news_missed, counts.news_delays) == (2, 1, (5,))


def test_whoever_has_a_workaround_that_works_misses_no_other() -> None:
    """The first was news to them; the second was found when theirs was confirmed."""
    history = (workaround(5), reply(6), has_workaround(7, "confirmed"), workaround(10))
    assert (waited(*FIX, *history).news, waited(*FIX, workaround(5), workaround(10)).news) == (2, 3)


def test_the_longest_silence_runs_between_the_link_its_updates_and_the_end() -> None:
    """20 days to the news of the fix, 5 to the release, then 10 until they were told."""
    counts = waited(
        stage(0, "open"), stage(20, "fixed"), reply(20), release_mark(25, "v4.2"), names(35, "4.2"), reply(35)
    )
    assert counts.silences == (20,)


def test_telling_of_the_release_is_certain_or_probable_or_missing() -> None:
    """A word that names it counts before one that may have; days run from the release."""
    found = [
        waited(*RELEASED, reply(33), told(36)),
        waited(*RELEASED, names(34, REFERENCE), reply(34)),
        waited(*RELEASED, reply(33)),
        waited(*RELEASED, reply(29)),
        waited(*FIX, reply(29)),
    ]
    assert [(one.told_certain, one.told_probable, one.not_told, one.told_after) for one in found] == [
        (1, 0, 0, (6,)),
        (1, 0, 0, (4,)),
        (0, 1, 0, (3,)),
        (0, 0, 1, ()),
        (0, 0, 0, ()),
    ]


def test_who_reported_it_after_the_release_waits_since_then() -> None:
    """Nobody could have told them before."""
    assert waited(*RELEASED, linked(50), told(52)).told_after == (2,)


def test_promises_are_met_by_whatever_is_said() -> None:
    """Without news too: kept, late and missed ones, one that isn't due, and one that was taken back."""
    kept, late = (promise(1, 5), reply(4)), (promise(6, 10), reply(12))
    assert waited(*FIX, *kept, *late).promises == PromiseCounts(kept=1, late=1)
    dismissed = (promise(13, 20), link_event(14, LinkEventKind.PROMISE_DISMISSED))
    assert waited(*FIX, *dismissed, promise(15, 20), promise(21, 200)).promises == PromiseCounts(missed=1, pending=1)


def test_required_updates_are_told_in_time_late_or_never() -> None:
    """Two business days after the due date are in time; the release counts as told for certain alone."""
    due = (update(30),)
    assert called_for(*RELEASED, told(32), updates=due) == (1, 0, 0)
    assert called_for(*RELEASED, told(32.1), updates=due) == (1, 1, 0)
    assert called_for(*RELEASED, reply(31), updates=due) == (1, 0, 1)
    assert called_for(*RELEASED, updates=due, now=31) == (1, 0, 0)


def test_business_days_are_those_of_the_team() -> None:
    """The 31st of January 2026 is a Saturday: what is due then can be told until Tuesday."""
    history = link_history(*RELEASED, told(33))
    late = [waiting_of(history, (update(30),), calendar, day(100)).late for calendar in (ALWAYS_OPEN, OFFICE)]
    assert late == [1, 0]


@pytest.mark.parametrize("state", ["planned", "claimed", "posted", "dead"])
def test_what_still_stands_is_required_once_it_is_due(state: str) -> None:
    """Whoever was to tell it, or to remind them."""
    due = (update(30, state),)
    assert [called_for(*RELEASED, updates=due, now=on) for on in (29, 31, 40)] == [(0, 0, 0), (1, 0, 0), (1, 0, 1)]


def test_what_was_withdrawn_before_any_reminder_was_not_required() -> None:
    """Unless its customer was told before it fell due, which is why it was withdrawn."""
    withdrawn = (update(32, "withdrawn"),)
    assert called_for(*RELEASED, updates=withdrawn) == (0, 0, 0)
    assert called_for(*RELEASED, told(31), updates=withdrawn) == (1, 0, 0)
    assert called_for(*RELEASED, told(33), updates=withdrawn) == (0, 0, 0)


def test_what_an_agent_was_reminded_of_was_required_though_it_was_withdrawn_later() -> None:
    """Nobody told it while it stood."""
    assert called_for(*FIX, reminder(10), updates=(periodic(10, "withdrawn", delivery_id=1),)) == (1, 0, 1)


@pytest.mark.parametrize("reason", ["unlinked", "forgotten"])
def test_what_a_person_took_back_is_not_required(reason: str) -> None:
    """The link was wrong then, or the ticket erased."""
    taken_back = (periodic(10, "withdrawn", delivery_id=1, state_reason=reason),)
    assert called_for(*FIX, reminder(10), updates=taken_back) == (0, 0, 0)


def test_news_that_a_reopening_took_back_before_anybody_told_it_is_not_required() -> None:
    """It counts as settled then; whoever told it in time told what was true."""
    settled, back = (update(30, "told", delivery_id=1),), stage(32, "open")
    assert called_for(*RELEASED, reminder(30), back, updates=settled) == (0, 0, 0)
    assert called_for(*RELEASED, reminder(30), told(31), back, updates=settled) == (1, 0, 0)


def test_old_news_that_a_person_let_be_is_not_required() -> None:
    """Nothing goes out of it."""
    assert called_for(*RELEASED, updates=(update(30, "planned", review=Review.DROPPED),)) == (0, 0, 0)


def test_what_an_agent_said_neednt_be_told_is_not_required() -> None:
    """Said in time, that is; what was told before was told."""
    needless = link_event(31, LinkEventKind.NOT_NEEDED)
    assert called_for(*RELEASED, needless, updates=(update(30, "withdrawn", delivery_id=1),)) == (0, 0, 0)
    assert called_for(*RELEASED, told(30.5), needless, updates=(update(30, "told"),)) == (1, 0, 0)


def test_a_periodic_update_is_told_by_the_first_reply_after_its_reminder() -> None:
    """Not by one before it."""
    posted = (periodic(10, "told", delivery_id=1),)
    assert called_for(*FIX, reply(9), reminder(10), reply(11), updates=posted) == (1, 0, 0)
    assert called_for(*FIX, reply(9), reminder(10), reply(15), updates=posted) == (1, 1, 0)


def test_a_promised_update_is_told_by_the_first_word_after_the_promise() -> None:
    """It was reminded of a day ahead."""
    made = promise(5, 12)
    due = (update(11, "told", reason="promised", news_seq=made.seq),)
    assert called_for(*FIX, made, reply(5), reply(8), updates=due) == (1, 0, 0)
    assert called_for(*FIX, made, reply(5), reply(20), updates=due) == (1, 1, 0)


def test_reminders_are_notes_about_this_bug() -> None:
    """Not those of another bug on the ticket, nor the replies that we sent ourselves."""
    ours = link_event(31, LinkEventKind.TOLD, how=LinkHow.REPLY)
    sent = [
        replace(reminder(on, code), delivery_id=number)
        for number, (on, code) in enumerate(
            [(10, f"periodic:{BUG} released:8"), (11, "released:8"), (31, f"released:{BUG}")]
        )
    ]
    assert reminders_posted(link_history(*RELEASED, ours, *sent)) == {0}


def test_what_several_links_heard_adds_up() -> None:
    """Counts are summed, and each link keeps its own days."""
    one = waited(*RELEASED, reply(25), told(36), promise(1, 5))
    two = waited(*RELEASED, reply(33), updates=(update(30),))
    both = merged([one, two])
    assert (both.links, both.replies, both.required, both.missed) == (2, one.replies + two.replies, 1, 1)
    assert (both.silences, both.told_after) == (one.silences + two.silences, (6, 3))
    assert both.promises == PromiseCounts(late=1)
    assert merged([]) == Waiting()


HAPPENINGS = st.sampled_from(
    [
        reply,
        asks,
        told,
        reminder,
        workaround,
        linked,
        lambda on: stage(on, "open"),
        lambda on: stage(on, "fixed"),
        lambda on: stage(on, "declined"),
        lambda on: release_mark(on, "v4.2"),
        lambda on: names(on, "4.2"),
        lambda on: promise(on, on + 3),
        lambda on: opt_out(on, "all"),
        lambda on: opt_out(on, "none"),
        lambda on: link_event(on, LinkEventKind.NOT_NEEDED),
    ]
)
DAYS = st.integers(1, 98)
HISTORIES = st.lists(st.builds(lambda happens, on: happens(on), HAPPENINGS, DAYS), max_size=25)
UPDATES = st.lists(
    st.builds(
        periodic, DAYS, st.sampled_from([str(state) for state in UpdateState]), delivery_id=st.sampled_from([None, 1])
    ),
    max_size=5,
).map(tuple)


@given(HISTORIES, UPDATES)
def test_whatever_happens_parts_are_no_more_than_wholes(events: list[Event], updates: tuple[UpdateItem, ...]) -> None:
    """Nothing is counted that isn't there, and each link has one silence and at most one telling of the release."""
    counts = waited(linked(0), *events, updates=updates)
    assert counts.newsful <= counts.updates
    assert counts.asked_for <= counts.replies <= sum(event.seq > 0 for event in events)
    assert counts.late + counts.missed <= counts.required <= len(updates)
    assert counts.news == counts.news_missed + len(counts.news_delays)
    assert counts.told_certain + counts.told_probable == len(counts.told_after) <= 1
    assert counts.told_certain + counts.told_probable + counts.not_told <= 1
    assert len(counts.silences) == 1
    assert all(days >= 0 for days in (*counts.silences, *counts.news_delays, *counts.told_after))


@given(HISTORIES)
def test_nothing_but_replies_without_news_is_counted_besides_in_watch_mode(events: list[Event]) -> None:
    """What was told, and when, is the same; so are those replies that were asked for."""
    live, watched = waited(linked(0), *events), waited(linked(0), watching(), *events)
    assert live.updates <= watched.updates <= live.updates + live.replies - live.asked_for
    assert (watched.newsful, watched.news_delays) == (live.newsful, live.news_delays)
    unlike = {"updates": 0, "silences": (), "under_policy": 0}
    assert replace(watched, **unlike) == replace(live, **unlike)  # type: ignore[arg-type]


@given(HISTORIES, UPDATES, HISTORIES)
def test_adding_up_in_parts_gives_the_same(
    events: list[Event], updates: tuple[UpdateItem, ...], others: list[Event]
) -> None:
    """Bug by bug or link by link."""
    one, two = waited(linked(0), *events, updates=updates), waited(linked(0), *others)
    assert merged([merged([one, two]), one]) == merged([one, two, one])
