"""Whose news a new workaround is, and what the one in force is for a customer."""

import json
from dataclasses import replace

import pytest

from bugbridge.core.events import BugEvent, Event
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import AuthorKind, BugEventKind, LinkEventKind, News, Workaround
from bugbridge.core.workarounds import accepted_suggestions, in_force, recorded_value
from tests.core.builders import (
    bug_event,
    day,
    has_workaround,
    link_event,
    linked,
    live_from,
    message,
    reply,
    stage,
    state_on,
    told,
    workaround,
)

LINKED = (stage(0, "open"), live_from(0), linked(1))


def recorded(on: float, language: str, *, repeats: bool = False, suggestion: int | None = None) -> BugEvent:
    """Somebody records a text of a workaround."""
    value = recorded_value("ann", language, repeats=repeats, suggestion=suggestion)
    return bug_event(on, BugEventKind.WORKAROUND, value)


def heard_of(number: float, *events: Event) -> tuple[Workaround, bool]:
    """What the workaround is for the customer on a day, and whether one is news to them."""
    facts = state_on(number, *LINKED, *events).facts
    return facts.workaround, News.WORKAROUND in facts.untold


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), (Workaround.KNOWN, True)),
        ((workaround(2),), (Workaround.KNOWN, True)),
        ((workaround(2), has_workaround(3, "failed")), (Workaround.KNOWN, True)),
        ((workaround(2), has_workaround(3, "told"), has_workaround(4, "failed")), (Workaround.KNOWN, True)),
        ((workaround(2), has_workaround(3, "told")), (Workaround.TOLD, False)),
        ((workaround(2), has_workaround(3, "confirmed")), (Workaround.CONFIRMED, False)),
        ((workaround(2), has_workaround(3, "failed"), has_workaround(4, "confirmed")), (Workaround.CONFIRMED, False)),
    ],
)
def test_a_new_workaround_is_news_to_those_without_one_that_works(
    events: tuple[Event, ...], expected: tuple[Workaround, bool]
) -> None:
    """Failed ones included; whoever was told one, or for whom it works, has one."""
    assert heard_of(6, *events, workaround(5)) == expected


def test_once_the_first_fails_the_second_is_news() -> None:
    """It was recorded while the first still seemed to work, and nobody told them of it."""
    events = (workaround(2), has_workaround(3, "told"), workaround(5))
    assert heard_of(7, *events, has_workaround(6, "failed")) == (Workaround.KNOWN, True)
    assert heard_of(9, *events, has_workaround(6, "failed"), has_workaround(8, "failed")) == (Workaround.FAILED, False)


def test_what_was_told_and_failed_is_no_news_again() -> None:
    """Nobody hears of the workaround that failed them a second time."""
    assert heard_of(6, workaround(2), has_workaround(3, "told"), has_workaround(4, "failed")) == (
        Workaround.FAILED,
        False,
    )


def test_both_told_both_failed() -> None:
    """Told twice, they were told the second; it failed as well."""
    events = (workaround(2), has_workaround(3, "told"), workaround(5), has_workaround(6, "told"))
    assert heard_of(8, *events, has_workaround(7, "failed")) == (Workaround.FAILED, False)


def test_silence_after_the_telling_counts_as_success_whatever_is_found_meanwhile() -> None:
    """Told and no complaint in 14 days is confirmed, also where another one was found on the tenth."""
    events = (workaround(2), has_workaround(3, "told"), workaround(13))
    assert heard_of(16.9, *events) == (Workaround.TOLD, False)
    assert heard_of(17, *events) == (Workaround.CONFIRMED, False)
    assert heard_of(17, *events, message(5, AuthorKind.CUSTOMER)) == (Workaround.TOLD, False)


def test_a_reply_that_only_may_have_told_leaves_the_state() -> None:
    """The news is cleared, so that they aren't pestered; that they have the workaround isn't known."""
    assert heard_of(6, workaround(2), reply(3)) == (Workaround.KNOWN, False)
    assert heard_of(6, workaround(2), told(3)) == (Workaround.KNOWN, False)


def test_a_telling_that_was_taken_back_is_none() -> None:
    """The agent wrote `still due`: the customer never got it; that it failed them stays said."""
    undone = link_event(4, LinkEventKind.STILL_DUE, instant_to_text(day(3)))
    assert heard_of(5, workaround(2), has_workaround(3, "told"), undone) == (Workaround.KNOWN, True)
    assert heard_of(5, workaround(2), has_workaround(3, "failed"), undone) == (Workaround.FAILED, False)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_rewording_or_translation_is_no_news(language: str) -> None:
    """Customers never hear of the same workaround twice."""
    first = recorded(2, "en")
    again = recorded(5, language, repeats=True)
    assert heard_of(6, first, reply(3), again) == heard_of(6, first, reply(3)) == (Workaround.KNOWN, False)


def test_the_first_of_a_bug_is_news_whatever_it_says() -> None:
    """What it repeats may have been recorded for a bug that is another one again."""
    assert heard_of(6, recorded(5, "en", repeats=True)) == (Workaround.KNOWN, True)


def test_a_new_workaround_takes_the_place_of_all_texts_before() -> None:
    """A German customer isn't told in German what was found not to help."""
    events = [recorded(2, "en"), recorded(3, "de", repeats=True), recorded(5, "fr")]
    numbered = [replace(event, seq=number) for number, event in enumerate(events, start=1)]
    assert [one.language for one in in_force(numbered[:2])] == ["en", "de"]
    assert [one.language for one in in_force(numbered)] == ["fr"]


def test_a_suggestion_is_accepted_by_its_event() -> None:
    """Events hold ids alone."""
    event = recorded(2, "en", suggestion=7)
    assert accepted_suggestions([event, recorded(3, "en")]) == {7}
    assert json.loads(event.value) == {"author": "ann", "language": "en", "suggestion": 7}
