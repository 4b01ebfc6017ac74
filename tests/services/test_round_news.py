"""Rounds of news: reviewed together, approved word for word, sent once to each customer, whatever happens meanwhile."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bugbridge.core.errors import RateLimitedError, RemoteError
from bugbridge.core.model import DeliveryState, TicketStatus
from bugbridge.core.replies import REPLIES_A_MINUTE, REPLY_HOLD, REPLY_SPACING
from bugbridge.core.round_view import Decision, Eye, Standing, Wish
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.checking import check
from bugbridge.services.replying import cancel_reply, held_replies
from bugbridge.services.retrying import retry
from bugbridge.services.rounds import review, rounds_of
from tests.services.round_scene import (
    ALL_HELD,
    ANSWER,
    approve,
    eyes,
    seen,
    sends_all,
    standings,
    take_back,
    told,
    with_a_round,
)
from tests.services.scene import (
    ANN,
    ISSUE,
    LEASE,
    OTHER_ISSUE,
    SHIPPED,
    TIMEOUT,
    KilledError,
    Scene,
    customer,
    raises,
)


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
    """It waits in its round again, in the words that somebody wrote, with the draft beside them."""
    scene, tickets = with_a_round()
    approve(scene, tickets, "Mine.")
    scene.send()
    assert take_back(scene, tickets[:2]) == 2
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 0, 1, 1]
    assert standings(scene, tickets)[:2] == [Standing.READY] * 2
    waiting = seen(scene).standing(Standing.READY)
    assert [row.text for row in waiting] == ["Mine."] * 2
    assert all((row.draft or "").startswith(ANSWER) for row in waiting)


def test_cancelling_an_approved_reply_has_it_wait_in_its_round() -> None:
    """The agent isn't reminded instead: the round is where they look."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    cancel_reply(scene.store, scene.clock, scene.row(tickets[0]), ANN)
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 1, 1, 1]
    assert (standings(scene, tickets)[0], scene.reminders(tickets[0])) == (Standing.READY, 0)


def test_what_was_approved_a_moment_ago_is_cancelled_too() -> None:
    """Before any sending took it: it waits in its round again, and nothing goes out."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    assert cancel_reply(scene.store, scene.clock, scene.row(tickets[0]), ANN) == 1
    scene.plan()
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 1, 1, 1]
    assert standings(scene, tickets[:1]) == [Standing.READY]
    assert check(scene.store).all == ()


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


def test_a_round_goes_on_when_its_bug_turns_out_to_be_a_duplicate() -> None:
    """The workaround helps with the survivor: what was approved is sent as it was, and the rest goes on waiting."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(4)]
    add_workaround(scene.on(2).store, scene.clock, scene.issue(), "Export as CSV.", "en", ANN)
    scene.decide()
    assert approve(scene, tickets[:2], "Please export as CSV.") == 2
    scene.send()
    scene.tracker.mark_duplicate(ISSUE, OTHER_ISSUE, scene.clock.at)
    sends_all(scene)
    assert [told(scene, ticket) for ticket in tickets] == [["Please export as CSV."]] * 2 + [[]] * 2
    assert standings(scene, tickets) == [Standing.SENT] * 2 + [Standing.READY] * 2


def test_the_reply_to_one_customer_isnt_sent_to_the_next() -> None:
    """The ticket changes hands while the approved words are held."""
    scene, tickets = with_a_round()
    approve(scene, tickets)
    scene.send()
    scene.changes_hands(tickets[0], customer("somebody else"))
    sends_all(scene)
    assert [len(told(scene, ticket)) for ticket in tickets] == [0, 1, 1, 1]
