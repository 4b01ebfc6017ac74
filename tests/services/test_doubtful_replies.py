"""A reply in doubt: given up and handed to the agent, it may yet arrive, or be there already; nobody tells it twice."""

from collections.abc import Callable
from functools import partial

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.ports import Guarantee
from bugbridge.services.checking import check
from bugbridge.services.identity import MIRROR, same_bug
from bugbridge.services.retrying import retry, undelivered
from bugbridge.services.sending import SendingResult
from tests.services.scene import (
    ANN,
    EVE,
    HELPDESK,
    ISSUE,
    OTHER_ISSUE,
    TIMEOUT,
    UNTIL_SURE,
    Scene,
    raises,
)
from tests.services.test_replies import ONE_NOTE, POLICY, SECOND, opts_out_and_in, public, with_a_reply_due


def sends_late(scene: Scene, meanwhile: Callable[[], object] = lambda: None) -> None:
    """A worker stands still before it sends, until another has given its held reply up; then it goes on."""

    def gives_up() -> None:
        meanwhile()
        scene.clock.forward(UNTIL_SURE)
        assert scene.send("worker-2").dead == 1

    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.just_before("add_reply", gives_up)
    assert scene.send().replied == 0


def retries(scene: Scene) -> SendingResult:
    """A person has what couldn't be posted tried again."""
    retry(scene.store, scene.clock, [], ANN)
    scene.plan()
    return scene.send()


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_reply_that_arrives_after_it_was_given_up_is_found_before_anyone_is_told_to_write_again(
    guarantee: Guarantee,
) -> None:
    """No agent reads that a customer hasn't been told who was, and the news isn't told again later."""
    scene, ticket = with_a_reply_due(guarantee=guarantee)
    sends_late(scene)
    assert [one.why for one in undelivered(scene.store)] == ["reply-unknown"]
    assert retries(scene) == SendingResult(withdrawn=1)
    scene.on(9).decide()
    assert (scene.send(), len(public(scene, ticket)), scene.reminders(ticket)) == (SendingResult(), 1, 0)
    assert check(scene.store).all == ()


def test_a_reply_that_arrived_late_is_found_where_its_news_goes_to_another_ticket_of_the_customer() -> None:
    """The link that it was sent for is taken back; the customer has read it all the same."""
    scene = Scene().on(1)
    scene.policy, scene.replying = POLICY, frozenset({HELPDESK})
    ticket, other = scene.reported(), scene.reported()
    scene.on(2).is_released()
    scene.decide()
    sends_late(scene)
    scene.unlinks(ticket)
    scene.decide()
    assert (scene.send(), scene.reminders(other), public(scene, other)) == (SendingResult(withdrawn=1), 0, [])


def test_a_reply_that_arrived_late_says_nothing_of_another_bug_on_its_ticket() -> None:
    """Two replies were given up on one ticket, and one of them arrived: the other is the agent's."""
    scene, ticket = with_a_reply_due()
    scene.reported(EVE, OTHER_ISSUE)
    scene.links_by_hand(ticket, OTHER_ISSUE)
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=False)
    scene.send()
    scene.clock.forward(2 * TIMEOUT)
    assert scene.send().dead == 1
    scene.on(5).is_released(OTHER_ISSUE, "4.3")
    scene.decide()
    sends_late(scene)
    retries(scene)
    (note,) = [one.body for one in scene.helpdesk.notes(ticket) if "Due by" in one.body]
    assert ("acme/app#12 is released" in note, "acme/app#34" in note) == (True, False)


def test_what_happens_between_a_reply_and_its_being_given_up_is_told_all_the_same() -> None:
    """It says what was known when it was begun, however late it arrives."""
    scene, ticket = with_a_reply_due()

    def is_released_anew() -> None:
        scene.clock.forward(SECOND)
        scene.tracker.reopen(ISSUE, scene.clock.at)
        scene.clock.forward(SECOND)
        scene.is_released(ISSUE, "4.3")

    sends_late(scene, is_released_anew)
    scene.decide()
    assert scene.send() == ONE_NOTE
    assert "4.3" in scene.helpdesk.notes(ticket)[-1].body


def test_a_reply_in_doubt_that_may_not_be_looked_for_is_the_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the helpdesk refuses it for good, nobody waits for it."""
    scene, ticket = with_a_reply_due()
    sends_late(scene)
    monkeypatch.setattr(scene.helpdesk, "find_note", lambda *_: raises(RemoteError("no", permanent=True))())
    assert (retries(scene), scene.reminders(ticket)) == (ONE_NOTE, 1)


@pytest.mark.parametrize("committed", [True, False])
def test_two_bugs_that_become_one_while_a_reply_is_in_doubt_bring_no_second_one(committed: bool) -> None:  # noqa: FBT001 - given by its parameters
    """The update goes by another name then; the customer has the reply, or may have it, under the old one."""
    scene, ticket = with_a_reply_due()
    becomes_one = with_another_released(scene)
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=committed)
    scene.send()
    becomes_one()
    scene.clock.forward(2 * TIMEOUT)
    scene.send()
    scene.decide()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    assert (scene.send().replied, len(public(scene, ticket))) == (0, int(committed))
    assert scene.reminders(ticket) == int(not committed)


def test_two_bugs_that_become_one_while_a_reply_is_sent_bring_no_second_one() -> None:
    """Just before it is recorded that the customer was told."""
    scene, ticket = with_a_reply_due()
    becomes_one = with_another_released(scene)
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.just_before("add_reply", becomes_one)
    assert scene.send().replied == 1
    scene.decide()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    assert (scene.send().replied, len(public(scene, ticket)), scene.reminders(ticket)) == (0, 1, 0)


def with_another_released(scene: Scene) -> Callable[[], bool]:
    """Another bug that is released too; gives how the first becomes one with it."""
    scene.reported(EVE, OTHER_ISSUE)
    scene.is_released(OTHER_ISSUE)
    scene.decide()
    first, other = scene.issue(ISSUE), scene.issue(OTHER_ISSUE)
    return partial(same_bug, scene.store, scene.clock, other, first, MIRROR, ANN)


def test_a_reply_in_doubt_stays_the_agents_when_its_link_was_taken_back_meanwhile() -> None:
    """It was given up while nothing linked its ticket to the bug; linked again, it is still in doubt."""
    scene, ticket = with_a_reply_due()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.helpdesk.lose_next_answer(committed=False)
    scene.send()
    scene.unlinks(ticket)
    scene.clock.forward(2 * TIMEOUT)
    assert scene.send().dead == 1
    scene.links_by_hand(ticket)
    opts_out_and_in(scene, ticket)
    assert (scene.send(), public(scene, ticket), scene.reminders(ticket)) == (ONE_NOTE, [], 1)
