"""Replies: sent once where a rule and the helpdesk allow it, held ten minutes, stopped at a word, never on a doubt."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bugbridge.core.attempts import MAXIMUM_TRIES
from bugbridge.core.errors import RemoteError, UsageError
from bugbridge.core.model import Channel, ClosedAs, DeliveryState, OptOut, TicketStatus
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.records import Note
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.ports import Guarantee
from bugbridge.services.checking import check
from bugbridge.services.customers import keep_opt_out
from bugbridge.services.going_live import pause
from bugbridge.services.identity import MIRROR, same_bug
from bugbridge.services.previewing import preview_due
from bugbridge.services.replying import cancel_reply, held_replies
from bugbridge.services.retrying import retry, undelivered
from bugbridge.services.sending import SendingResult, send_due
from bugbridge.settings import shipped_folder
from tests.services.scene import (
    ANN,
    CARLA,
    EVE,
    HELPDESK,
    ISSUE,
    LEASE,
    OTHER_ISSUE,
    TIMEOUT,
    KilledError,
    Scene,
    day,
    raises,
)

REPLIES = """
[[rule]]
id = "tell-of-releases-ourselves"
when = { stage = ["released", "declined", "open", "fixed"] }
tell = "terminal"
deliver = "reply"
"""
POLICY = parse_policy((shipped_folder() / "policy.toml").read_text(encoding="utf-8") + REPLIES)
SECOND = timedelta(seconds=1)
ONE_NOTE = SendingResult(posted=1, updates=1)


def opts_out_and_in(scene: Scene, ticket: str) -> None:
    """The customer wants to hear nothing, and then does: what was planned is withdrawn and planned anew."""
    for wish in (OptOut.ALL, OptOut.NONE):
        scene.clock.forward(SECOND)
        keep_opt_out(scene.store, scene.clock, scene.row(ticket), wish, ANN)
        scene.plan()


def with_a_reply_due(who: Any = CARLA, **options: Any) -> tuple[Scene, str]:
    """A team that lets news of releases go out by itself; one is due on day 2."""
    scene = Scene(**options).on(1)
    scene.policy, scene.replying = POLICY, frozenset({HELPDESK})
    ticket = scene.reported(who)
    scene.on(2).is_released()
    scene.decide()
    return scene, ticket


def public(scene: Scene, ticket: str) -> list[str]:
    """What the customer can read that speaks of the fix."""
    return [one.body for one in scene.helpdesk.messages(ticket) if one.public and "is fixed in" in one.body]


def sends_after_the_hold(scene: Scene) -> SendingResult:
    """Claim and hold, then send ten minutes later."""
    assert scene.send() == SendingResult(held=1)
    scene.clock.forward(REPLY_HOLD)
    return scene.send()


def test_a_reply_is_sent_after_ten_minutes_in_the_words_of_the_draft() -> None:
    """The customer reads the draft, not the reminder around it, and nobody is reminded of what was said."""
    scene, ticket = with_a_reply_due()
    held = (scene.send(), scene.send(), public(scene, ticket))
    scene.clock.forward(REPLY_HOLD - SECOND)
    early = (scene.send(), public(scene, ticket))
    scene.clock.forward(SECOND)
    assert (held, early) == ((SendingResult(held=1), SendingResult(), []), (SendingResult(), []))
    assert scene.send() == SendingResult(replied=1, updates=1)
    (text,) = public(scene, ticket)
    assert text.startswith("The problem you wrote about")
    assert ("Draft:" in text, "bugbridge" in text) == (False, False)


def test_a_customer_who_had_a_reply_was_told() -> None:
    """Nothing is due any more, at once and later, and nobody is reminded."""
    scene, ticket = with_a_reply_due()
    sends_after_the_hold(scene)
    scene.decide()
    scene.on(9).decide()
    assert (scene.send(), scene.updates(ticket), scene.reminders(ticket)) == (
        SendingResult(),
        [("released", "told")],
        0,
    )


def test_a_periodic_update_by_reply_counts_as_told_and_the_next_one_comes_later() -> None:
    """The reply is its own answer: intervals run from it."""
    scene = Scene().on(1)
    scene.policy = parse_policy(
        (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
        + '[[rule]]\nid = "weekly"\nwhen = { stage = ["open"] }\nevery_days = [7, 7]\ndeliver = "reply"\n'
    )
    scene.replying = frozenset({HELPDESK})
    ticket = scene.reported()
    replied = []
    for number in range(2, 26):
        scene.on(number).decide()
        first = scene.send()
        scene.clock.forward(REPLY_HOLD)
        replied.append(first.replied + scene.send().replied)
    assert [number for number, count in zip(range(2, 26), replied, strict=True) if count] == [8, 16, 23]
    assert {state for _, state in scene.updates(ticket)[:-1]} == {"told"}


def test_a_reply_can_be_stopped_and_the_agent_is_reminded_instead() -> None:
    """Within the ten minutes; the update is due all the same."""
    scene, ticket = with_a_reply_due()
    scene.send()
    assert cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN) == 1
    scene.plan()
    assert check(scene.store).all == ()
    assert (scene.send().posted, scene.reminders(ticket), public(scene, ticket)) == (1, 1, [])
    assert check(scene.store).all == ()


def test_what_isnt_held_cant_be_stopped() -> None:
    """Neither before it is due nor after it was sent."""
    scene, ticket = with_a_reply_due()
    with pytest.raises(UsageError, match="bugbridge due"):
        cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN)
    sends_after_the_hold(scene)
    with pytest.raises(UsageError):
        cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN)


def test_a_reply_stopped_while_it_is_read_afresh_isnt_sent() -> None:
    """The one who was about to send it finds its fence gone, and the agent is reminded in its place."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.just_before("messages", lambda: cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN))
    assert (scene.send(), public(scene, ticket)) == (ONE_NOTE, [])


def test_a_reply_being_sent_cant_be_stopped() -> None:
    """Nobody is told that it was stopped when the customer may have it."""
    scene, ticket = with_a_reply_due()
    refused = []

    def cancels() -> None:
        with pytest.raises(UsageError):
            cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN)
        refused.append(True)

    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.just_before("add_reply", cancels)
    assert (scene.send().replied, refused) == (1, [True])


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_reply_whose_outcome_is_unknown_is_never_sent_again(guarantee: Guarantee) -> None:
    """It was lost on the way, but nobody can be sure: a person decides, and even then the agent writes."""
    scene, ticket = with_a_reply_due(guarantee=guarantee)
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=False)
    first = scene.send()
    scene.clock.forward(2 * TIMEOUT)
    assert (first, scene.send()) == (SendingResult(retried=1), SendingResult(dead=1))
    scene.on(9).decide()
    (waiting,) = undelivered(scene.store)
    assert (scene.send(), waiting.why, public(scene, ticket)) == (SendingResult(), "reply-unknown", [])
    retry(scene.store, scene.clock, [scene.row(ticket)], ANN)
    scene.plan()
    assert (scene.send().posted, scene.reminders(ticket), public(scene, ticket)) == (1, 1, [])
    assert check(scene.store).all == ()


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_reply_whose_answer_was_lost_is_found(guarantee: Guarantee) -> None:
    """It reached the customer, who is told once and for all."""
    scene, ticket = with_a_reply_due(guarantee=guarantee)
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=True)
    scene.send()
    scene.clock.forward(2 * TIMEOUT)
    assert scene.send() == SendingResult(found=1, updates=1)
    scene.plan()
    assert (len(public(scene, ticket)), scene.updates(ticket)) == (1, [("released", "told")])


def test_killed_while_sending_a_reply_it_is_looked_up_and_found() -> None:
    """Between the post and its record."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.store.just_before(DeliveryState.POSTED, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(timedelta(hours=1))
    assert (scene.send().found, len(public(scene, ticket))) == (1, 1)


def test_a_reopening_during_the_hold_stops_the_reply() -> None:
    """What would have been said isn't true any more."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.tracker.reopen(ISSUE, scene.clock.at)
    scene.clock.forward(REPLY_HOLD)
    scene.read()
    assert (scene.send().withdrawn, public(scene, ticket)) == (1, [])


def test_a_customer_who_becomes_an_enterprise_during_the_hold_gets_a_person() -> None:
    """The ticket is read afresh before the reply goes out."""
    scene, ticket = with_a_reply_due()
    scene.send()
    account = replace(CARLA.account, tier="enterprise") if CARLA.account else None
    scene.helpdesk.change(ticket, scene.clock.at, requester=replace(CARLA, account=account))
    scene.clock.forward(REPLY_HOLD)
    withdrawn = scene.send().withdrawn
    scene.plan()
    assert (withdrawn, scene.send().posted, public(scene, ticket)) == (1, 1, [])


@pytest.mark.parametrize("who", [EVE, replace(CARLA, locale="tlh")])
def test_an_enterprise_customer_or_an_unknown_language_gets_a_person(who: Any) -> None:
    """The agent is reminded at once."""
    scene, ticket = with_a_reply_due(who)
    assert (scene.send().posted, public(scene, ticket)) == (1, [])


def test_a_no_never_goes_out_by_itself() -> None:
    """A declined bug is the agent's to tell."""
    scene = Scene().on(1)
    scene.policy, scene.replying = POLICY, frozenset({HELPDESK})
    scene.reported()
    scene.on(2).tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    scene.decide()
    assert scene.send().posted == 1


def test_without_leave_on_the_helpdesk_a_rule_only_reminds() -> None:
    """The rule says reply, the configuration doesn't."""
    scene, ticket = with_a_reply_due()
    scene.replying = frozenset()
    assert (scene.send().posted, public(scene, ticket)) == (1, [])


def test_leave_taken_back_during_the_hold_holds_for_what_is_held() -> None:
    """`allow_replies = false` and a reload stop it before it is sent."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.replying = frozenset()
    scene.clock.forward(REPLY_HOLD)
    assert (scene.send().withdrawn, public(scene, ticket)) == (1, [])


def test_a_ticket_that_nobody_has_gets_a_reminder() -> None:
    """A reply goes out under somebody's name."""
    scene = Scene().on(1)
    scene.policy, scene.replying = POLICY, frozenset({HELPDESK})
    ticket = scene.helpdesk.add_ticket(day(1), requester=CARLA, assignee=None)
    scene.notes(ticket, f"This is {ISSUE}")
    scene.replies(ticket)
    scene.read()
    scene.on(2).is_released()
    scene.decide()
    assert scene.send().posted == 1


def test_a_reply_to_a_closed_ticket_goes_out_on_a_follow_up() -> None:
    """The helpdesk takes no more messages there; the customer reads it all the same, once."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED)
    scene.clock.forward(REPLY_HOLD)
    assert scene.send().replied == 1
    scene.plan()
    assert scene.updates(ticket) == [("released", "told")]


def test_a_preview_says_that_it_would_be_a_reply() -> None:
    """Whoever tries it first sees the very words."""
    scene, ticket = with_a_reply_due()
    (preview,) = preview_due(scene.sender())
    assert (preview.channel, preview.text.startswith("The problem you wrote about")) == (Channel.REPLY, True)
    assert held_replies(scene.store) == ()
    assert scene.reminders(ticket) == 0


def test_killed_while_claiming_a_reply_it_is_held_all_the_same() -> None:
    """No crash shortens the ten minutes in which it can be stopped."""
    scene, ticket = with_a_reply_due()
    scene.store.just_before(DeliveryState.CLAIMED, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(LEASE)
    assert (scene.send(), public(scene, ticket)) == (SendingResult(held=1), [])


def test_a_reply_in_doubt_stays_the_agents_when_it_is_planned_anew() -> None:
    """An opt-out and its undoing withdraw and plan it again, and still no second reply goes out."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=False)
    scene.send()
    scene.clock.forward(2 * TIMEOUT)
    assert scene.send().dead == 1
    opts_out_and_in(scene, ticket)
    assert (scene.send(), public(scene, ticket)) == (ONE_NOTE, [])


def test_a_stopped_reply_stays_stopped_when_two_bugs_become_one() -> None:
    """The update has another name then; what a person said holds for what it tells."""
    scene, ticket = with_a_reply_due()
    scene.reported(EVE, OTHER_ISSUE)
    scene.is_released(OTHER_ISSUE, "4.2")
    scene.decide()
    scene.send()
    cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN)
    same_bug(scene.store, scene.clock, scene.issue(OTHER_ISSUE), scene.issue(ISSUE), MIRROR, ANN)
    scene.plan()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    assert (scene.send().replied, public(scene, ticket), scene.reminders(ticket)) == (0, [], 1)


def test_later_news_may_be_a_reply_again() -> None:
    """What was stopped was this piece of news, not all that is to come."""
    scene, ticket = with_a_reply_due()
    scene.send()
    cancel_reply(scene.store, scene.clock, scene.row(ticket), ANN)
    scene.plan()
    scene.send()
    scene.on(3).replies(ticket, "It's fixed in 4.2.")
    scene.on(9).tracker.reopen(ISSUE, day(9))
    scene.decide()
    scene.on(9.2).replies(ticket, "It is back, and I am sorry that I said so.")
    scene.on(20).is_released(ISSUE, "4.3")
    scene.decide()
    assert sends_after_the_hold(scene).replied == 1


def test_a_pause_that_comes_while_it_is_rendered_is_heeded() -> None:
    """Whoever pauses has the last word before the post begins."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    sender = scene.sender()
    pausing = replace(sender, renderer=_Pausing(scene))
    assert (send_due(pausing).replied, public(scene, ticket)) == (0, [])


class _Pausing:
    """Words that take so long to find that somebody pauses meanwhile."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def speaks(self, note_id: str, language: str) -> bool:
        return self._scene.renderer.speaks(note_id, language)

    def language_of(self, note: Note, language: str) -> str:
        return self._scene.renderer.language_of(note, language)

    def text(self, note: Note, language: str) -> str:
        pause(self._scene.store, HELPDESK)
        return self._scene.renderer.text(note, language)


def test_a_reply_that_can_never_be_looked_up_is_given_up_for_good() -> None:
    """Four days of failing look-ups tell nobody whether the customer has it, and nothing sends it again. Once the
    helpdesk answers it is found, and nobody is reminded of what the customer read."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=True)
    scene.send()
    scene.helpdesk.fail(RemoteError("support answers 500."))
    for _ in range(MAXIMUM_TRIES + 1):
        scene.clock.forward(timedelta(hours=2))
        scene.send()
    scene.helpdesk.fail(None)
    opts_out_and_in(scene, ticket)
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    assert (scene.send().replied, len(public(scene, ticket)), scene.reminders(ticket)) == (0, 1, 0)
