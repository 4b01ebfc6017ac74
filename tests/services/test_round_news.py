"""Rounds of news: reviewed together, approved word for word, sent once to each customer, whatever happens meanwhile."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import RateLimitedError, RemoteError, UsageError
from bugbridge.core.model import AuthorKind, ClosedAs, DeliveryState, TicketStatus
from bugbridge.core.people import People, Person
from bugbridge.core.replies import REPLIES_A_MINUTE, REPLY_HOLD, REPLY_SPACING
from bugbridge.core.round_view import Decision, Eye, RoundView, Standing, Wish
from bugbridge.core.snapshots import RemoteMessage, RemotePerson
from bugbridge.services.checking import check
from bugbridge.services.forgetting import forget
from bugbridge.services.overdue import overdue_updates
from bugbridge.services.replying import cancel_reply, held_replies
from bugbridge.services.retrying import retry
from bugbridge.services.round_notes import head_line, round_text
from bugbridge.services.round_opening import SEND_FOR, rounds_overdue
from bugbridge.services.round_view import open_round
from bugbridge.services.rounds import approve_own, release, review, rounds_of
from tests.services.scene import (
    ANN,
    EVE,
    ISSUE,
    LEASE,
    SHIPPED,
    TIMEOUT,
    KilledError,
    Scene,
    customer,
    day,
    raises,
)
from tests.services.test_forgetting import person

ANSWER = "The problem you wrote about"
BEN = RemotePerson("agent-2", AuthorKind.AGENT, name="Ben Agent")
CEM = RemotePerson("agent-3", AuthorKind.AGENT, name="Cem Agent")
DEPUTY = "support:agent-2"
ALL_HELD = REPLY_HOLD + timedelta(minutes=3)


def with_a_round(count: int = 4, **options: object) -> tuple[Scene, list[str]]:
    """A team whose bug is reported by so many customers, and released on day 2."""
    scene = Scene(**options).on(1)  # type: ignore[arg-type]
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(count)]
    scene.on(2).is_released()
    scene.decide()
    return scene, tickets


def seen(scene: Scene) -> RoundView:
    """The round as somebody looks at it now."""
    return open_round(scene.sender(), scene.issue().bug_id)


def approve(scene: Scene, tickets: list[str], text: str | None = None) -> int:
    """A person approves the replies to these tickets; gives how many were."""
    wishes = [Wish(scene.row(ticket).id, Decision.APPROVE, text) for ticket in tickets]
    done = review(scene.sender(), seen(scene), wishes, ANN)
    scene.plan()
    return len(done.approve)


def take_back(scene: Scene, tickets: list[str]) -> int:
    """A person takes these approvals back; gives how many were."""
    wishes = [Wish(scene.row(ticket).id, Decision.TAKE_BACK) for ticket in tickets]
    done = review(scene.sender(), seen(scene), wishes, ANN)
    scene.plan()
    return len(done.take_back)


def standings(scene: Scene, tickets: list[str]) -> list[Standing]:
    """Where tickets stand in the round."""
    rows = {row.key.ticket_id: row.standing for row in seen(scene).rows}
    return [rows[scene.row(ticket).id] for ticket in tickets]


def eyes(scene: Scene, ticket: str) -> tuple[Eye, ...]:
    """Why a ticket needs a person's eye."""
    return next(row.eye for row in seen(scene).rows if row.key.ticket_id == scene.row(ticket).id)


def told(scene: Scene, ticket: str) -> list[str]:
    """What stands on a ticket for its customer to read and wasn't written by hand, follow-ups included."""
    whole = [ticket, *(one for one, kept in scene.helpdesk._tickets.items() if kept.shown.followup_of == ticket)]
    messages: list[RemoteMessage] = [one for number in whole for one in scene.helpdesk._tickets[number].messages]
    public = [one for one in messages if one.public and one.author.kind is not AuthorKind.CUSTOMER]
    return [one.body for one in public if one.body != "We are looking into it."]


def sends_all(scene: Scene) -> None:
    """Passes until the ten minutes are over for all."""
    scene.send()
    for _ in range(4):
        scene.clock.forward(ALL_HELD)
        scene.read()
        scene.plan()
        scene.send()


def test_news_for_three_tickets_waits_and_nobody_can_post_it() -> None:
    """It waits from the moment it is planned; no reminder goes out, whatever is decided again."""
    scene, tickets = with_a_round(3)
    scene.send()
    scene.store.touch_all()
    scene.on(3).decide()
    scene.send()
    assert [told(scene, ticket) for ticket in tickets] == [[], [], []]
    assert len(rounds_of(scene.store, ISSUE)[0].items) == 3
    assert standings(scene, tickets) == [Standing.READY] * 3
    assert check(scene.store).all == ()


def test_news_for_two_tickets_reminds_as_ever() -> None:
    """Few tickets are no round."""
    scene, tickets = with_a_round(2)
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (2, [1, 1])


def test_candidates_that_are_too_few_go_out_one_by_one() -> None:
    """Three tickets report the bug, but only two customers are to be told: that is said once, and they go out."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(3)]
    scene.on(1.5).writes_again(tickets[2])
    scene.on(2).is_released()
    scene.decide()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (2, [1, 1, 0])
    scene.on(3).replies(tickets[2])
    scene.decide()
    assert (scene.send().posted, scene.reminders(tickets[2]), check(scene.store).all) == (1, 1, ())


def test_a_ticket_linked_after_the_news_is_told_by_itself() -> None:
    """The round is of those who were waiting for it."""
    scene, tickets = with_a_round()
    scene.on(3)
    late = scene.writes_in(customer("late"))
    scene.replies(late)
    scene.link()
    scene.links_by_hand(late)
    scene.plan()
    assert (scene.send().posted, scene.reminders(late)) == (1, 1)
    assert standings(scene, [*tickets, late]) == [*[Standing.READY] * 4, Standing.ASIDE]


def test_what_is_approved_is_sent_word_for_word_after_ten_minutes_and_once() -> None:
    """As a public reply, although replies aren't allowed on this helpdesk; an edited draft as it was edited."""
    scene, tickets = with_a_round()
    words = "Dear Carla,\n\n  {{ it }} is <b>fixed</b> in 4.2.\n"
    assert (approve(scene, tickets[:1], words), approve(scene, tickets[1:3])) == (1, 2)
    assert (scene.send().held, [told(scene, ticket) for ticket in tickets]) == (3, [[], [], [], []])
    sends_all(scene)
    assert told(scene, tickets[0]) == [words]
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 1, 0]
    assert told(scene, tickets[1])[0].startswith(ANSWER)
    assert standings(scene, tickets) == [Standing.SENT] * 3 + [Standing.READY]
    assert scene.updates(tickets[0]) == [("released", "told")]
    assert check(scene.store).all == ()


def test_the_same_approval_twice_is_one() -> None:
    """And another text replaces the first, with ten minutes of its own."""
    scene, tickets = with_a_round()
    assert (approve(scene, tickets), approve(scene, tickets)) == (4, 0)
    scene.send()
    scene.clock.forward(timedelta(minutes=8))
    assert approve(scene, tickets[:1], "In other words.") == 1
    scene.send()
    scene.clock.forward(timedelta(minutes=3))
    scene.send()
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 1, 1, 1]
    sends_all(scene)
    assert (told(scene, tickets[0]), approve(scene, tickets, "Once more.")) == (["In other words."], 0)


def test_an_approval_taken_back_within_the_ten_minutes_isnt_sent() -> None:
    """It waits in its round again, with the draft as it was."""
    scene, tickets = with_a_round()
    approve(scene, tickets, "Mine.")
    scene.send()
    assert take_back(scene, tickets[:2]) == 2
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 0, 1, 1]
    assert standings(scene, tickets)[:2] == [Standing.READY] * 2
    assert all(row.text.startswith(ANSWER) for row in seen(scene).standing(Standing.READY))


def test_cancelling_an_approved_reply_has_it_wait_in_its_round() -> None:
    """The agent isn't reminded instead: the round is where they look."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    cancel_reply(scene.store, scene.clock, scene.row(tickets[0]), ANN)
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 1, 1, 1]
    assert (standings(scene, tickets)[0], scene.reminders(tickets[0])) == (Standing.READY, 0)


def test_a_take_back_that_no_planning_has_seen_holds() -> None:
    """Whoever claims or sends meanwhile asks again what was said last."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    wishes = [Wish(scene.row(ticket).id, Decision.TAKE_BACK) for ticket in tickets]
    review(scene.sender(), seen(scene), wishes, ANN)
    scene.send()
    scene.clock.forward(ALL_HELD)
    assert (scene.send().replied, [told(scene, ticket) for ticket in tickets]) == (0, [[], [], [], []])


def test_a_customer_who_writes_while_it_waits_gets_an_answer_first() -> None:
    """The approved words may not fit any more: they are looked at again, whatever the agent answers."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    scene.clock.forward(timedelta(minutes=1))
    scene.writes_again(tickets[0], "It is worse than I said!")
    sends_all(scene)
    assert ([len(told(scene, ticket)) for ticket in tickets], Eye.UNANSWERED in eyes(scene, tickets[0])) == (
        [0, 1, 1, 1],
        True,
    )
    assert approve(scene, tickets[:1]) == 0
    scene.replies(tickets[0])
    scene.decide()
    sends_all(scene)
    assert (told(scene, tickets[0]), eyes(scene, tickets[0])) == ([], (Eye.WROTE_SINCE,))
    approve(scene, tickets[:1])
    sends_all(scene)
    assert (len(told(scene, tickets[0])), check(scene.store).all) == (1, ())


def test_a_customer_who_wrote_and_was_answered_while_it_was_held_is_noticed_when_it_is_sent() -> None:
    """Nothing was read meanwhile; what was approved was approved before they wrote."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    scene.clock.forward(timedelta(minutes=1))
    scene.writes_again(tickets[0], "By the way …")
    scene.clock.forward(timedelta(minutes=1))
    scene.replies(tickets[0])
    scene.clock.forward(ALL_HELD)
    assert (scene.send().withdrawn, [len(told(scene, ticket)) for ticket in tickets]) == (1, [0, 1, 1, 1])
    scene.plan()
    assert eyes(scene, tickets[0]) == (Eye.WROTE_SINCE,)


def test_a_customer_who_writes_while_it_is_being_sent_is_noticed() -> None:
    """The ticket is read afresh right before, and a write to a newer one is refused."""
    scene, tickets = with_a_round()
    approve(scene, tickets[:1])
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.just_before("add_reply", lambda: scene.writes_again(tickets[0], "Wait!"))
    scene.send()
    scene.send()
    assert told(scene, tickets[0]) == []


def test_an_agent_who_names_the_version_takes_their_ticket_out_of_the_round() -> None:
    """Approved or not: the customer knows."""
    scene, tickets = with_a_round()
    approve(scene, tickets[:1])
    scene.send()
    for ticket in tickets[:2]:
        scene.replies(ticket, "It's fixed in 4.2.")
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 0, 0]
    assert standings(scene, tickets) == [Standing.KNOWN, Standing.KNOWN, Standing.READY, Standing.READY]


def test_a_closed_ticket_gets_its_reply_as_a_follow_up() -> None:
    """Once."""
    scene, tickets = with_a_round()
    scene.helpdesk.change(tickets[0], scene.clock.at, status=TicketStatus.CLOSED)
    approve(scene, tickets)
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 1, 1]


def test_one_ticket_that_refuses_keeps_nobody_else_waiting() -> None:
    """It is listed, and once somebody has looked it waits in the round for another word."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    scene.clock.forward(ALL_HELD)
    scene.helpdesk.just_before("add_reply", raises(RemoteError("support refuses.", permanent=True)))
    assert (scene.send().dead, sum(len(told(scene, ticket)) for ticket in tickets)) == (1, 3)
    (refused,) = [ticket for ticket in tickets if not told(scene, ticket)]
    assert Eye.UNDELIVERED in eyes(scene, refused)
    assert approve(scene, [refused]) == 0
    retry(scene.store, scene.clock, [scene.row(refused)], ANN)
    scene.plan()
    sends_all(scene)
    assert (told(scene, refused), scene.reminders(refused), eyes(scene, refused)) == ([], 0, (Eye.IN_DOUBT,))
    assert approve(scene, [refused]) == 1
    sends_all(scene)
    assert ([len(told(scene, ticket)) for ticket in tickets], check(scene.store).all) == ([1, 1, 1, 1], ())


@pytest.mark.parametrize("committed", [True, False])
def test_a_reply_in_doubt_is_never_sent_again_by_itself(*, committed: bool) -> None:
    """Found, it is told; not found, a person looks, and what was approved before doesn't count any more."""
    scene, tickets = with_a_round()
    approve(scene, tickets[:1])
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=committed)
    scene.send()
    scene.clock.forward(2 * TIMEOUT)
    scene.send()
    if not committed:
        retry(scene.store, scene.clock, [scene.row(tickets[0])], ANN)
    scene.plan()
    sends_all(scene)
    assert len(told(scene, tickets[0])) == int(committed)
    assert standings(scene, tickets)[0] is (Standing.SENT if committed else Standing.EYE)


@pytest.mark.parametrize("state", [DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.POSTED])
def test_killed_between_two_commits_the_round_goes_on(state: DeliveryState) -> None:
    """Nobody is told twice, and nobody is forgotten: what was under way is a person's where nobody can know."""
    scene, tickets = with_a_round(6)
    approve(scene, tickets)
    if state is not DeliveryState.CLAIMED:
        scene.send()
        scene.clock.forward(ALL_HELD)
    scene.store.just_before(state, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(LEASE)
    sends_all(scene)
    assert ([len(told(scene, ticket)) for ticket in tickets], check(scene.store).all) == ([1] * 6, ())


def test_a_helpdesk_that_asks_to_wait_isnt_knocked_at_with_each_reply() -> None:
    """The rest of the pass leaves it alone, and what was to go out goes out later, once."""
    scene, tickets = with_a_round(6)
    approve(scene, tickets)
    scene.send()
    scene.clock.forward(ALL_HELD)
    limit = RateLimitedError("support: too many requests.", timedelta(minutes=5))
    scene.helpdesk.fail(limit)
    first = scene.send()
    scene.helpdesk.fail(None)
    assert (first.retried, [told(scene, ticket) for ticket in tickets]) == (1, [[]] * 6)
    sends_all(scene)
    assert ([len(told(scene, ticket)) for ticket in tickets], check(scene.store).all) == ([1] * 6, ())


def test_what_is_due_on_a_helpdesk_that_asks_to_wait_is_put_off() -> None:
    """Reminders too."""
    scene, tickets = with_a_round(2)
    scene.helpdesk.just_before("messages", raises(RateLimitedError("support: wait.", timedelta(minutes=5))))
    assert (scene.send().retried, scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (
        1,
        0,
        [0, 0],
    )
    scene.clock.forward(timedelta(minutes=10))
    scene.send()
    assert [scene.reminders(ticket) for ticket in tickets] == [1, 1]


def test_replies_are_spaced_and_no_minute_sees_more_than_twenty() -> None:
    """Also where none could be sent for an hour, and all of them are due at once."""
    scene, tickets = with_a_round(45)
    approve(scene, tickets)
    scene.send()
    held = sorted(delivery.not_before for delivery in held_replies(scene.store))
    assert {later - earlier for earlier, later in pairwise(held)} == {REPLY_SPACING}
    scene.clock.forward(timedelta(hours=1))
    sent = [scene.send().replied, scene.send().replied]
    scene.clock.forward(timedelta(minutes=1))
    sent += [scene.send().replied]
    scene.clock.forward(timedelta(minutes=1))
    sent += [scene.send().replied]
    assert sent == [REPLIES_A_MINUTE, 0, REPLIES_A_MINUTE, 5]
    assert [len(told(scene, ticket)) for ticket in tickets] == [1] * 45


def test_a_reopening_voids_what_was_approved() -> None:
    """Nobody is told of a release that isn't one any more; the next release is a round of its own."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    scene.tracker.reopen(ISSUE, scene.clock.at)
    sends_all(scene)
    assert [told(scene, ticket) for ticket in tickets] == [[]] * 4
    scene.on(9).is_released(version="4.3")
    scene.decide()
    sends_all(scene)
    assert [told(scene, ticket) for ticket in tickets] == [[]] * 4
    assert standings(scene, tickets) == [Standing.READY] * 4
    assert "4.3" in seen(scene).rows[0].text


def test_the_reply_to_one_customer_isnt_sent_to_the_next() -> None:
    """The ticket changes hands while the approved words are held."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    scene.changes_hands(tickets[0], customer("somebody else"))
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 1, 1, 1]


def test_a_released_round_reminds_the_agents_instead() -> None:
    """`round send` as before."""
    scene, tickets = with_a_round(3)
    release(scene.store, scene.clock, rounds_of(scene.store, ISSUE)[0].items, ANN)
    scene.plan()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (3, [1, 1, 1])


def test_what_needs_an_eye_is_apart() -> None:
    """An enterprise customer, one who waits for an answer, one of an unknown language, a ticket that nobody has."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    people = [customer("ready"), customer("also ready"), EVE, customer("waits"), customer("klingon"), customer("alone")]
    people[4] = replace(people[4], locale="tlh")
    tickets = [scene.reported(who) for who in people]
    alone = scene.helpdesk._tickets[tickets[5]]
    scene.helpdesk._show(replace(alone.shown, assignee=None, updated_at=scene.clock.at))
    scene.on(1.5).writes_again(tickets[3])
    scene.on(2).is_released()
    scene.decide()
    found = [eyes(scene, ticket) for ticket in tickets]
    assert found == [(), (), (Eye.ENTERPRISE,), (Eye.UNANSWERED,), (Eye.LANGUAGE,), (Eye.NOBODY,)]
    assert list(seen(scene).groups()) == ["none/en/-"]


def test_a_clear_no_needs_an_eye_on_every_ticket() -> None:
    """A person says it, one by one."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(3)]
    scene.on(2).tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    scene.decide()
    scene.send()
    assert [eyes(scene, ticket) for ticket in tickets] == [(Eye.CLEAR_NO,)] * 3
    assert [scene.reminders(ticket) for ticket in tickets] == [1, 0, 0]  # one ping
    assert approve(scene, tickets[:1]) == 1
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 0, 0]


def test_a_round_pings_each_agent_once_on_the_ticket_where_somebody_wrote_last() -> None:
    """With the head line, their own tickets, a draft, and what to do."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(5)]
    for ticket in tickets[3:]:
        scene.helpdesk.change(ticket, scene.clock.at, assignee=BEN)
    scene.on(1.5).replies(tickets[1], "Still on it.")
    scene.on(2).is_released()
    scene.decide()
    answered = [scene.send().answered, scene.send().answered]
    assert (answered, [scene.reminders(ticket) for ticket in tickets]) == ([2, 0], [0, 1, 0, 1, 0])
    (note,) = scene.helpdesk.notes(tickets[1])
    assert note.body.startswith(
        "4.2 is out. 5 tickets report this bug: 5 drafts are ready. Nothing goes out until you say so.\n\n"
        f"Yours and ready: {', '.join(f'support:{ticket}' for ticket in tickets[:3])}.\n"
    )
    assert "Write `bug: send round` to send your 3" in note.body
    assert not note.public


def test_a_round_that_nobody_touches_pings_once_more_and_then_is_the_leads() -> None:
    """After the days after which a reminder is repeated, and after as many again."""
    scene, tickets = with_a_round(3)
    scene.send()
    days = SHIPPED.limits.repeat_after_business_days
    pings = []
    for number in range(3, 3 + 3 * days):
        scene.on(number).decide()
        pings.append(scene.send().answered)
    assert (sum(pings), pings.index(1)) == (1, days - 1)
    overdue = [
        rounds_overdue(scene.store, day(2 + number), ALWAYS_OPEN, SHIPPED.limits) for number in (2 * days - 1, 2 * days)
    ]
    assert [len(one) for one in overdue] == [0, 1]
    assert {item.ticket_id for item in overdue[1][0].items} == {scene.row(ticket).id for ticket in tickets}
    assert len(overdue_updates(scene.store, day(2 + 2 * days), SHIPPED, ALWAYS_OPEN)) == 3
    approve(scene, tickets)
    assert rounds_overdue(scene.store, day(60), ALWAYS_OPEN, SHIPPED.limits) == ()


def test_an_agent_sends_their_own_drafts_that_are_ready_by_one_line() -> None:
    """Neither another agent's, nor what needs an eye; and the answer says which."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(who) for who in (customer("one"), customer("two"), customer("three"), EVE)]
    scene.helpdesk.change(tickets[2], scene.clock.at, assignee=BEN)
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    agent = next(row.agent for row in seen(scene).rows if row.key.ticket_id == scene.row(tickets[0]).id)
    key = scene.key(tickets[1])
    line = Answer("line", key.ticket_id, AnswerKind.ROUND, day(2), key.bug_id, {SEND_FOR: int(agent)})
    texts = [round_text(scene.sender(), line), round_text(scene.sender(), line)]
    assert texts[0].startswith("2 replies of yours go out in this round of github:acme/app#12")
    assert texts[0] == texts[1]
    scene.plan()
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 0, 0]
    assert approve_own(scene.sender(), key, int(agent), ANN) == 0


def test_the_templates_of_rounds_speak_german() -> None:
    """Whole sentences, with the same counts."""
    scene, _ = with_a_round(3)
    view = seen(scene)
    speaking = replace(scene.sender(), language="de")
    head = head_line(speaking, replace(view, rows=(*view.rows, replace(view.rows[0], standing=Standing.KNOWN))))
    assert head == (
        "4.2 ist da. 4 Tickets melden diesen Fehler: 3 Entwürfe sind bereit, 1 Kunde weiß es schon. "
        "Nichts geht hinaus, bis Sie es sagen."
    )


def test_a_bug_without_a_round_has_none_to_show() -> None:
    """Two tickets are none."""
    scene, _ = with_a_round(2)
    with pytest.raises(UsageError, match="No round waits for github:acme/app#12"):
        seen(scene)


def test_who_approves_has_seen_the_very_news() -> None:
    """The bug is reopened and released again between the look and the word."""
    scene, tickets = with_a_round()
    looked = seen(scene)
    scene.on(3).tracker.reopen(ISSUE, day(3))
    scene.on(4).is_released(version="4.3")
    scene.decide()
    with pytest.raises(UsageError):
        review(scene.sender(), looked, [Wish(scene.row(tickets[0]).id, Decision.APPROVE)], ANN)


def test_a_line_in_a_note_sends_the_rounds_own_drafts() -> None:
    """From the ticket on which the agent was told of it; each customer gets theirs, once, and the agent an answer."""
    scene, tickets = with_a_round(3)
    scene.send()
    (pinged,) = [ticket for ticket in tickets if scene.reminders(ticket)]
    scene.clock.forward(timedelta(minutes=5))
    scene.notes(pinged, "bug: send round")
    scene.read()
    scene.plan()
    assert scene.send().answered == 1
    assert scene.helpdesk.notes(pinged)[-1].body.startswith("3 replies of yours go out in this round")
    scene.plan()
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [1, 1, 1]
    assert [scene.reminders(ticket) for ticket in tickets if ticket != pinged] == [0, 0]


def test_a_line_without_a_round_sends_nothing() -> None:
    """And says so."""
    scene, tickets = with_a_round(2)
    scene.notes(tickets[0], "bug: send round")
    scene.read()
    scene.send()
    assert "None of your tickets in a round of github:acme/app#12" in scene.helpdesk.notes(tickets[0])[-1].body
    assert [told(scene, ticket) for ticket in tickets] == [[], []]


def words_kept(scene: Scene) -> int:
    """How many approved texts lie in the database."""
    return len(scene.store._rows("SELECT 1 FROM private_value WHERE field LIKE 'approved_reply:%'"))


def test_approved_words_are_kept_no_longer_than_they_are_needed() -> None:
    """Until they were sent, or taken back; and a customer who is forgotten takes theirs along."""
    scene, tickets = with_a_round()
    approve(scene, tickets, "Dear customer.")
    take_back(scene, tickets[:1])
    assert words_kept(scene) == 3
    scene.send()
    cancel_reply(scene.store, scene.clock, scene.row(tickets[1]), ANN)
    forgotten = person(scene, "customer 2")
    forget(scene.store, scene.clock, [forgotten], ANN)
    assert words_kept(scene) == 1
    sends_all(scene)
    assert (words_kept(scene), [len(told(scene, ticket)) for ticket in tickets]) == (0, [0, 0, 0, 1])
    assert [row.ticket for row in seen(scene).standing(Standing.READY)] == ["support:1", "support:5"]
    assert check(scene.store).all == ()


def test_a_deputy_sends_the_drafts_of_an_agent_who_is_away() -> None:
    """Somebody else who is there doesn't."""
    scene, tickets = with_a_round(3)
    for ticket, agent in zip(tickets[1:], (BEN, CEM), strict=True):
        scene.clock.forward(timedelta(minutes=1))
        scene.helpdesk.change(ticket, scene.clock.at, assignee=agent)
    scene.decide()
    utc = ZoneInfo("UTC")
    away = Person("support:agent-1", "Ada", utc, away_from=date(2026, 1, 1), away_to=date(2026, 1, 9), deputy=DEPUTY)
    others = Person(DEPUTY, "Ben", utc), Person("support:agent-3", "Cem", utc)
    sender = replace(scene.sender(), people=People((away, *others)))
    parties = {agent.remote_id: agent.id for agent in scene.store.agents()}
    key = scene.key(tickets[0])
    assert [approve_own(sender, key, parties[name], ANN) for name in ("agent-3", "agent-2")] == [1, 2]
