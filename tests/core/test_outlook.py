"""What may come of a link, from its history: a suggested deed, kept as an event and folded, does what was announced."""

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event
from bugbridge.core.model import TERMINAL_NEWS, BugEventKind, LinkEventKind, Stage
from bugbridge.core.outlook import decided_facts, outlook
from bugbridge.core.what_if import By, WhatIf, hearing, what_ifs
from tests.core.builders import (
    asks,
    bug_event,
    day,
    frequency,
    has_workaround,
    link_event,
    link_history,
    planned,
    promise,
    question,
    reply,
    stage,
    state_on,
    status,
    told,
    workaround,
)
from tests.core.test_policy_properties import SHIPPED

OPEN, FIXED, RELEASED, DECLINED = Stage.OPEN, Stage.FIXED, Stage.RELEASED, Stage.DECLINED


def suggested(on: float, *events: Event) -> dict[tuple[str, ...], WhatIf]:
    """The suggestions for the link of these events."""
    state = state_on(on, *events, policy=SHIPPED)
    ahead = outlook(link_history(*events), day(on), SHIPPED, ALWAYS_OPEN)
    return {one.ids: one for one in what_ifs(decided_facts(state), SHIPPED, ahead)}


@pytest.mark.parametrize(
    ("events", "ids", "deed"),
    [
        ([workaround(1), reply(2)], "workaround-confirmed", has_workaround(9, "confirmed")),
        ([frequency(1, "frequent"), workaround(1)], "workaround-confirmed", has_workaround(9, "confirmed")),
        ([frequency(1, "frequent"), has_workaround(1, "confirmed")], "workaround-failed", has_workaround(9, "failed")),
        ([], "workaround-found", workaround(9)),
        ([], "meets-daily", link_event(9, LinkEventKind.MEETS_IT, "daily")),
        ([frequency(1, "frequent")], "meets-sometimes", link_event(9, LinkEventKind.MEETS_IT, "sometimes")),
        ([frequency(1, "infrequent")], "found-frequent", frequency(9, "frequent")),
        ([frequency(1, "frequent"), asks(2)], "answered", reply(9)),
        ([asks(2), promise(1, 10)], "answered", reply(9)),
        ([stage(0, OPEN), stage(2, RELEASED), asks(3)], "answered", reply(9)),
        ([frequency(1, "frequent"), promise(1, 9.5)], "promise-kept", reply(9)),
        ([stage(0, OPEN), stage(2, RELEASED)], "told", told(9)),
        ([stage(0, OPEN), stage(2, RELEASED), told(3), stage(4, OPEN)], "told", told(9)),
        ([frequency(1, "frequent")], "ticket-solved", status(9, "solved")),
        ([frequency(1, "frequent"), asks(2)], "ticket-solved", status(9, "solved")),
        (
            [frequency(1, "infrequent"), workaround(1), has_workaround(2, "failed"), reply(3)],
            "another-workaround-found",
            workaround(9),
        ),
        ([frequency(1, "frequent"), status(2, "solved")], "ticket-reopened", status(9, "open")),
        ([stage(0, OPEN)], "stage-released", stage(9, RELEASED)),
        ([stage(0, OPEN)], "stage-declined", stage(9, DECLINED)),
        ([stage(0, OPEN), stage(2, FIXED)], "release-planned", planned(9, "4.2", out=20)),
        ([stage(0, OPEN), stage(2, RELEASED), told(3)], "reopened", stage(9, OPEN)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_deed_itself_has_the_announced_outcome(events: list[Event], ids: str, deed: Event) -> None:
    """Kept as an event and folded, what was suggested gives the announced facts, and so what was announced."""
    announced = suggested(9, *events)[ids,]
    before, after = (decided_facts(state_on(9, *each, policy=SHIPPED)) for each in (events, [*events, deed]))
    assert announced.apply(before) == after
    assert hearing(after, SHIPPED) == announced.after


def test_a_question_that_is_not_met_still_stands() -> None:
    """Asked once, the agent isn't asked again, but what was asked is what this customer waits for."""
    declined = [stage(0, OPEN), stage(2, DECLINED), question(3, "clear-no", "agent: a clear no")]
    told_at_last = suggested(9, *declined)["told",]
    assert ([each[:6] for each in told_at_last.before.asks], told_at_last.after.asks) == (["agent:"], ())


def test_only_a_closed_bug_can_come_back() -> None:
    """That work on it stops is no return."""
    begun = link_history(stage(0, OPEN), stage(2, Stage.IN_PROGRESS))
    assert outlook(begun, day(9), SHIPPED, ALWAYS_OPEN).reopened is None


def test_nothing_is_promised_of_a_bug_that_ended() -> None:
    """Who knows the end isn't to wait for a message."""
    assert ("promise-made",) not in suggested(9, stage(0, OPEN), stage(2, RELEASED), told(3))


def test_a_return_of_a_bug_whose_end_nobody_was_told_is_no_news() -> None:
    """What was background stays it: a reopening means something only to who had heard of the end."""
    ended = [stage(-9, OPEN), stage(-5, RELEASED), frequency(1, "infrequent")]
    assert state_on(9, *ended).facts.untold == frozenset()
    assert suggested(9, *ended)["reopened",].after.tell == frozenset()
    assert [question[:6] for question in suggested(9, *ended, told(8))["reopened",].after.asks] == ["agent:"]


def test_silence_that_reaches_the_limit_is_dated() -> None:
    """After 180 days without a sign of life the lead will be asked, and it says when."""
    waits = [stage(0, OPEN), frequency(1, "frequent")]
    stalled = suggested(9, *waits)["time",]
    assert (stalled.at, stalled.by, [question[:5] for question in stalled.after.asks]) == (day(180), By.TIME, ["lead:"])


def test_a_workaround_that_will_count_as_working_is_dated() -> None:
    """Told and no complaint for 14 days."""
    assumed = suggested(9, has_workaround(2, "told"), frequency(1, "infrequent"))["time",]
    assert (assumed.at, assumed.after.id, assumed.after.listens_to) == (day(16), "release", TERMINAL_NEWS)


def test_an_override_by_hand_ends_on_its_day() -> None:
    """Until then the customer's own answer doesn't count, and isn't asked for."""
    override = bug_event(2, BugEventKind.OVERRIDE, "frequent", expires=92)
    found = suggested(9, frequency(1, "infrequent"), override)
    ends = found["time",]
    assert (ends.at, ends.after.id) == (day(92), "news")
    assert not {("meets-sometimes",), ("found-infrequent",)} & found.keys()


def test_a_promise_is_dated_by_its_notice() -> None:
    """From the notice on it outranks everything."""
    ahead = suggested(9, promise(1, 20))["time",]
    assert (ahead.at, ahead.after.id) == (day(19), "promise")


def test_a_bug_that_nobody_watches_changes_nothing_by_time_alone() -> None:
    """No instant is named at which nothing would sound different."""
    assert ("time",) not in suggested(9, frequency(1, "infrequent"))
