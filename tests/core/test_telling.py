"""What a customer was told, and what is still untold."""

from dataclasses import replace

import pytest

from bugbridge.core.events import Event
from bugbridge.core.model import AuthorKind, Certainty, LinkHow, News
from bugbridge.core.telling import Telling, tellings
from tests.core.builders import (
    REFERENCE,
    link_history,
    linked,
    live_from,
    message,
    names,
    release_mark,
    reply,
    stage,
    state_on,
    told,
    watching,
    workaround,
)

FIX = (stage(0, "open"), stage(10, "fixed"))
RELEASE = (*FIX, release_mark(20, "v4.2"))
BACK = (*RELEASE, stage(40, "open"))
NO = (stage(0, "open"), stage(10, "declined"))
TELLS = [told(25), names(25, "4.2"), names(25, REFERENCE)]


def untold_on(number: float, *events: Event) -> set[News]:
    """What the customer doesn't know as of a day."""
    return set(state_on(number, *events).facts.untold)


@pytest.mark.parametrize("tells", TELLS)
def test_terminal_news_is_cleared_by_an_agents_word_or_a_reply_that_names_it(tells: Event) -> None:
    """These are certain: told, the version, or the issue itself."""
    assert (untold_on(30, *RELEASE), untold_on(30, *RELEASE, tells)) == ({News.FIXED, News.RELEASED}, set())


@pytest.mark.parametrize("ended", [RELEASE, NO])
def test_terminal_news_is_cleared_by_certain_alone(ended: tuple[Event, ...]) -> None:
    """Any other public reply may have been about anything."""
    end = News.RELEASED if ended is RELEASE else News.DECLINED
    assert untold_on(30, *ended, reply(25)) == {end}


def test_a_public_agent_reply_clears_news_that_is_not_terminal() -> None:
    """The agent had it before them when they wrote: that is probable, and enough."""
    assert (untold_on(30, *FIX), untold_on(30, *FIX, reply(25))) == ({News.FIXED}, set())


@pytest.mark.parametrize("author", [AuthorKind.CUSTOMER, AuthorKind.BOT, AuthorKind.SELF])
def test_messages_by_others_tell_nothing(author: AuthorKind) -> None:
    """Neither an autoresponder nor our own note is an agent's reply."""
    assert untold_on(30, *FIX, message(25, author)) == {News.FIXED}


def test_an_internal_note_tells_nothing() -> None:
    """The customer can't read it."""
    assert untold_on(30, *FIX, message(25, AuthorKind.AGENT, public=False)) == {News.FIXED}


def test_telling_a_piece_clears_all_earlier_news_and_none_that_came_later() -> None:
    """Who knows the release knows that it was fixed; the workaround found afterwards is still news."""
    assert untold_on(30, *RELEASE, workaround(15), told(22), workaround(28)) == {News.WORKAROUND}


def test_what_is_said_in_the_instant_of_the_news_tells_it() -> None:
    """An agent's note that marks the release may also say that the customer knows."""
    assert untold_on(30, *RELEASE, told(20)) == set()


def test_another_bugs_version_is_no_certain_telling() -> None:
    """A reply that names 5.0 is about something else."""
    assert untold_on(30, *RELEASE, names(25, "5.0"), reply(25)) == {News.RELEASED}


def test_naming_the_issue_before_the_news_tells_nothing_of_it() -> None:
    """On the day of the report agents name the issue, and nothing had happened yet."""
    assert untold_on(30, *RELEASE, names(5, REFERENCE)) == {News.FIXED, News.RELEASED}


def test_tellings_are_in_order_with_how_sure_we_are() -> None:
    """A reply that names the version is both a reply and a certain telling."""
    found = tellings(
        link_history(*RELEASE, reply(25), names(25, "4.2"), told(22)), state_on(30, *RELEASE).timeline.news
    )
    certain = [telling.certainty for telling in found]
    assert certain == [Certainty.CERTAIN, Certainty.CERTAIN, Certainty.PROBABLE]
    assert isinstance(found[0], Telling)


def test_news_that_a_reopening_took_back_is_dropped() -> None:
    """Nobody is told of a release that didn't help; and since nobody was, the reopening is no news to them either."""
    assert untold_on(45, *BACK) == set()


@pytest.mark.parametrize("tells", [reply(25), *TELLS])
def test_a_reopening_is_news_for_whom_heard_of_the_closing(tells: Event) -> None:
    """They believe it fixed, and it isn't."""
    assert untold_on(45, *BACK, tells) == {News.REOPENED}


def test_what_follows_a_reopening_in_the_same_instant_is_not_taken_back_by_it() -> None:
    """Reopened to be declined: the no stands."""
    declined = replace(stage(40, "declined"), seq=99_999)
    assert untold_on(45, *BACK, declined) == {News.DECLINED}


def test_a_workaround_outlives_a_reopening() -> None:
    """It still helps."""
    assert untold_on(45, *BACK, workaround(30)) == {News.WORKAROUND}


def test_a_second_reopening_is_no_news_for_whom_heard_of_the_first_and_of_no_fix_since() -> None:
    """They know that the bug is open, which it is."""
    again = (*BACK, told(25), told(42), stage(50, "fixed"), stage(60, "open"))
    assert untold_on(65, *again) == set()


def test_a_second_reopening_is_news_for_whom_never_heard_of_the_first() -> None:
    """Since the first fix they believe it fixed."""
    again = (*BACK, told(25), stage(50, "fixed"), stage(60, "open"))
    assert untold_on(65, *again) == {News.REOPENED}


@pytest.mark.parametrize(("tells", "expected"), [*((tells, True) for tells in TELLS), (reply(25), False)])
def test_who_was_certainly_told_of_a_release_that_is_taken_back_was_told_wrongly(tells: Event, expected: bool) -> None:  # noqa: FBT001 (a test's parameter)
    """Somebody owns that error; a reply that may have said so is no claim."""
    assert state_on(45, *BACK, tells).facts.reopened_after_told is expected


def test_a_fix_that_was_told_and_taken_back_is_no_wrong_release() -> None:
    """Nobody was told that they have it."""
    assert state_on(45, *FIX, stage(40, "open"), told(25)).facts.reopened_after_told is False


@pytest.mark.parametrize("corrects", [reply(42), told(42)])
def test_any_agents_reply_after_the_reopening_owns_the_error(corrects: Event) -> None:
    """The agent was asked, and wrote."""
    assert state_on(45, *BACK, told(25), corrects).facts.reopened_after_told is False


def test_an_error_owned_once_is_not_owned_again_when_the_bug_comes_back_again() -> None:
    """The next fix was never told as released, so nothing was wrong about it."""
    again = (*BACK, told(25), told(42), stage(50, "fixed"), stage(60, "open"))
    assert state_on(65, *again).facts.reopened_after_told is False


def test_an_error_from_before_going_live_is_background() -> None:
    """Going live must not dig up what came back long ago."""
    assert state_on(55, live_from(50), *BACK, told(25)).facts.reopened_after_told is False


def test_news_older_than_the_link_is_background() -> None:
    """Who linked the ticket saw the issue as it was."""
    assert untold_on(30, *RELEASE, linked(15)) == {News.RELEASED}


def test_news_in_the_instant_of_the_link_is_no_background() -> None:
    """What is not older is new."""
    assert untold_on(30, *FIX, linked(10)) == {News.FIXED}


def test_news_older_than_going_live_is_background() -> None:
    """Going live doesn't flood anybody with a year of news."""
    assert untold_on(30, *RELEASE, live_from(15, at=25)) == {News.RELEASED}


def test_in_watch_mode_all_news_is_background() -> None:
    """Nothing is called for until somebody says so."""
    assert untold_on(30, *RELEASE, watching()) == set()


def test_a_link_by_hand_tells_the_current_stage_once() -> None:
    """A person who links an old bug wants this customer to hear how it stands, and not how it came to that."""
    by_hand = linked(30, LinkHow.HAND)
    assert (untold_on(31, *RELEASE, by_hand), untold_on(33, *RELEASE, by_hand, told(32))) == ({News.RELEASED}, set())


def test_later_news_does_not_hide_the_stage_that_a_link_by_hand_tells() -> None:
    """A workaround found before the stage was told comes on top of it."""
    by_hand = linked(30, LinkHow.HAND)
    assert untold_on(35, *RELEASE, by_hand, workaround(34)) == {News.RELEASED, News.WORKAROUND}


def test_a_later_stage_takes_the_place_of_the_one_at_a_link_by_hand() -> None:
    """Fixed when linked, released now: released is what there is to tell."""
    assert untold_on(25, *RELEASE, linked(15, LinkHow.HAND)) == {News.RELEASED}


def test_who_knew_the_stage_before_the_link_by_hand_is_not_told_again() -> None:
    """The version was named to them already."""
    assert untold_on(35, *RELEASE, names(25, "4.2"), linked(30, LinkHow.HAND)) == set()


@pytest.mark.parametrize("first", [live_from(35), watching()])
def test_a_link_by_hand_from_before_going_live_tells_nothing_old(first: Event) -> None:
    """Only what happens from then on."""
    assert untold_on(36, *RELEASE, linked(30, LinkHow.HAND), first) == set()
