"""What the first reply after linking can promise follows the decision."""

from pathlib import Path

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event
from bugbridge.core.first_reply import FirstReply, first_reply
from bugbridge.core.model import TERMINAL_NEWS, LinkHow, News
from bugbridge.core.policy_file import parse_policy
from tests.core.builders import (
    asks,
    day,
    frequency,
    has_workaround,
    linked,
    opt_out,
    plan_on,
    planned,
    release_mark,
    stage,
    state_on,
    told,
    watching,
    workaround,
)

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
OFTEN = (stage(0, "open"), frequency(0.5, "frequent"))
RARELY = (stage(0, "open"), frequency(0.5, "infrequent"))
HAND = linked(10, LinkHow.HAND)
WORKS = (workaround(1), has_workaround(2, "told"), has_workaround(2.5, "confirmed"))


def first(*events: Event, on: float = 10.01) -> FirstReply:
    """What the first reply can hold under the shipped policy."""
    return first_reply(state_on(on, *events, policy=SHIPPED), day(on), SHIPPED, ALWAYS_OPEN)


def test_a_customer_who_gets_updates_is_promised_the_next_by_its_date() -> None:
    """It is the very date that was decided, since an answer without news moves nothing."""
    (update,) = plan_on(10.01, *OFTEN, HAND, policy=SHIPPED).intentions
    reply = first(*OFTEN, HAND)
    assert (reply.draft, reply.promise, reply.next_at) == ("first_reply", "date", update.due_at)


def test_the_answer_that_they_wait_for_is_the_first_reply() -> None:
    """That nothing is sent before it holds nothing back."""
    assert first(*OFTEN, HAND, asks(10.005)) == first(*OFTEN, HAND)


@pytest.mark.parametrize("events", [RARELY, (*RARELY, *WORKS), (*OFTEN, opt_out(1, "no_periodic"))])
def test_who_hears_news_is_promised_to_hear_if_that_changes(events: tuple[Event, ...]) -> None:
    """Without a date: nobody knows when there will be any."""
    reply = first(*events, HAND)
    assert (reply.promise, reply.next_at, reply.hears >= TERMINAL_NEWS) == ("news", None, True)


@pytest.mark.parametrize("silence", [opt_out(1, "all"), watching()])
def test_who_hears_nothing_is_promised_nothing(silence: Event) -> None:
    """Who asked for it, and in watch mode everybody: nobody would be reminded to keep it."""
    reply = first(*OFTEN, HAND, silence)
    assert (reply.promise, reply.next_at, reply.hears) == ("nothing", None, frozenset())


@pytest.mark.parametrize(
    ("events", "draft"),
    [
        ((*RARELY, stage(3, "fixed"), release_mark(5, "4.2")), "released"),
        ((*RARELY, stage(3, "declined")), "declined"),
        ((*RARELY, stage(3, "fixed"), planned(4, "4.2", out=20)), "release_planned"),
        ((*RARELY, stage(3, "fixed")), "first_reply"),
        ((*RARELY, workaround(5)), "first_reply"),
    ],
)
@pytest.mark.parametrize("how", [LinkHow.HAND, LinkHow.NOTE])
def test_how_a_bug_ended_is_never_left_out(events: tuple[Event, ...], draft: str, how: LinkHow) -> None:
    """However old that news is: a bug that is released isn't spoken of as open. A workaround is in any first reply."""
    assert first(*events, linked(10, how)).draft == draft


def test_a_bug_that_has_ended_promises_nothing_more() -> None:
    """There is nothing left to tell once it was told, and until then it is due."""
    reply = first(*OFTEN, stage(3, "fixed"), release_mark(5, "4.2"), HAND)
    assert (reply.due, reply.promise, reply.next_at) == (News.RELEASED, "nothing", None)


def test_a_customer_who_was_told_wrongly_reads_the_correction_first() -> None:
    """Whatever else is due."""
    back = (*OFTEN, stage(3, "fixed"), release_mark(5, "4.2"), told(6), stage(8, "open"))
    reply = first(linked(1), *back)
    assert (reply.draft, reply.due, reply.promise) == ("reopened", "reopened", "date")


def test_a_date_that_has_passed_is_no_promise() -> None:
    """Where the first reply comes after the first update fell due, the next one after it is promised."""
    late = first(*OFTEN, HAND, on=60)
    assert late.next_at is not None
    assert late.next_at > day(60)
