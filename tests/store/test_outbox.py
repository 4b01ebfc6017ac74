"""Deliveries: one writer at a time, nothing lost, a stale writer refused."""

import re
from dataclasses import replace

import pytest

from bugbridge.core.model import Channel, DeliveryState, UpdateState
from bugbridge.core.records import Delivery, HappenedBy, LinkKey
from bugbridge.store import outbox
from tests.store.scene import ACTOR, LATER, START, Scene, day


def planned(scene: Scene, remote_id: str = "1") -> LinkKey:
    key = scene.linked(remote_id, remote_id)
    scene.store.save_updates(key, [scene.update(key), scene.update(key, "fixed", 1)], "")
    return key


def claimed(scene: Scene, remote_id: str = "1") -> Delivery:
    items = scene.store.updates_of(planned(scene, remote_id))
    delivery = scene.store.claim(items, owner="first", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    return delivery


def kinds(scene: Scene, delivery: Delivery) -> list[str]:
    rows = scene.store._rows("SELECT kind FROM delivery_event WHERE delivery_id = :id", {"id": delivery.id})
    return [row["kind"] for row in rows]


def test_a_claim_takes_updates_into_a_delivery_with_a_marker() -> None:
    """The delivery holds its updates and a marker without look-alike letters, and the claim is an event."""
    scene = Scene()
    delivery = claimed(scene)
    assert [item.state for item in delivery.items] == [UpdateState.CLAIMED] * 2
    assert re.fullmatch(r"BB-[2-9A-HJKMNP-TV-Z]{10}", delivery.marker)
    assert (delivery.state, delivery.fence, delivery.failures) == (DeliveryState.CLAIMED, 1, 0)
    assert kinds(scene, delivery) == ["claimed"]
    assert scene.store.deliveries(None) == (delivery,)


def test_an_update_is_claimed_once() -> None:
    """The second of two claims with one update in common gets nothing and changes nothing."""
    scene = Scene()
    items = scene.store.updates_of(planned(scene))
    claims = [
        scene.store.claim(taken, owner="me", lease_until=day(1), now=START, actor=ACTOR)
        for taken in (items[:1], items, items[1:])
    ]
    assert [claim is not None for claim in claims] == [True, False, True]
    assert len(scene.store.deliveries(None)) == 2


def test_an_update_that_moved_since_it_was_read_is_not_claimed() -> None:
    """What was planned for another time in between is not posted at the old one."""
    scene = Scene()
    key = planned(scene)
    items = scene.store.updates_of(key)
    scene.store.save_updates(key, [replace(item, due_at=day(9)) for item in items], "")
    assert scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR) is None


def test_updates_of_several_tickets_go_to_the_first_ones() -> None:
    """One note can tell what is due on several tickets; it stands on one of them. Without updates there is none."""
    scene = Scene()
    first, second = (scene.store.updates_of(planned(scene, number))[0] for number in "12")
    delivery = scene.store.claim([second, first], owner="me", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    assert (delivery.ticket_id, {item.key for item in delivery.items}) == (second.ticket_id, {first.key, second.key})
    with pytest.raises(ValueError, match="at least one update"):
        scene.store.claim([], owner="me", lease_until=day(1), now=START, actor=ACTOR)


def test_each_ticket_keeps_what_its_own_reminders_were() -> None:
    """The other ticket's facts fold from its own events; only the note's own ticket has its number."""
    scene = Scene()
    keys = [planned(scene, number) for number in "12"]
    items = [scene.store.updates_of(key)[0] for key in keys]
    delivery = scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    scene.store.advance(delivery, DeliveryState.POSTED, now=START, actor=ACTOR, remote_id="note-1")
    events = [scene.store.link_history(key, HappenedBy(START)).delivery_events[-1] for key in keys]
    assert [(event.kind, event.detail_code, event.remote_id) for event in events] == [
        ("posted", f"released:{keys[0].bug_id}", "note-1"),
        ("posted", f"released:{keys[1].bug_id}", ""),
    ]


@pytest.mark.parametrize("state", [DeliveryState.WITHDRAWN, DeliveryState.DEAD])
def test_what_is_dropped_leaves_the_delivery_and_the_rest_goes_on(state: DeliveryState) -> None:
    """Its ticket keeps that as an event and is decided again; what is posted later doesn't name it."""
    scene = Scene()
    delivery = claimed(scene)
    dropped, kept = delivery.items
    scene.decided(LinkKey(delivery.ticket_id, kept.bug_id))
    left = scene.store.drop(delivery, [dropped], state, now=START, actor=ACTOR, detail_code="why")
    assert left is not None
    assert left.items == (kept,)
    assert scene.to_decide() == {LinkKey(delivery.ticket_id, kept.bug_id)}
    scene.store.advance(left, DeliveryState.POSTED, now=START, actor=ACTOR)
    states = {item.key: item.state for item in scene.store.updates_of(LinkKey(delivery.ticket_id, kept.bug_id))}
    assert states == {dropped.key: UpdateState(state), kept.key: UpdateState.POSTED}
    assert kinds(scene, delivery) == ["claimed", str(state), "posted"]


def test_a_stale_writer_drops_nothing() -> None:
    """Who lost the lease has no say in what the other posts."""
    scene = Scene()
    stale = claimed(scene)
    fresh = scene.store.reclaim(stale, owner="second", lease_until=day(2), now=day(1))
    refused = scene.store.drop(stale, stale.items, DeliveryState.DEAD, now=day(1), actor=ACTOR, detail_code="why")
    assert (refused, scene.store.deliveries(None)) == (None, (fresh,))


def test_a_marker_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two deliveries never share a marker, however chance falls."""
    scene = Scene()
    drawn = iter(["BB-AAAAAAAAAA", "BB-AAAAAAAAAA", "BB-BBBBBBBBBB"])
    monkeypatch.setattr(outbox, "_marker", lambda: next(drawn))
    assert [claimed(scene, number).marker for number in "12"] == ["BB-AAAAAAAAAA", "BB-BBBBBBBBBB"]


@pytest.mark.parametrize("state", [DeliveryState.POSTED, DeliveryState.WITHDRAWN, DeliveryState.DEAD])
def test_a_finished_delivery_finishes_its_updates(state: DeliveryState) -> None:
    """Posted, withdrawn and dead hold for the updates too, and nothing moves a finished delivery."""
    scene = Scene()
    delivery = claimed(scene)
    done = scene.store.advance(delivery, state, now=day(1), actor=ACTOR, remote_id="note-1")
    assert done is not None
    assert (done.state, {str(item.state) for item in done.items}) == (state, {str(state)})
    events = 2 if state is DeliveryState.POSTED else 1  # a posted note is one event for each update that it tells
    assert kinds(scene, delivery) == ["claimed", *[str(state)] * events]
    assert scene.store.advance(done, DeliveryState.DEAD, now=day(2), actor=ACTOR) is None
    assert scene.store.deliveries(state) == (done,)
    assert scene.store.reclaimable(LATER) == ()


def test_steps_of_a_delivery_are_events_of_its_ticket() -> None:
    """Facts fold from the events alone: what was tried, what came of it, and the note that was found."""
    scene = Scene()
    delivery = claimed(scene)
    key = LinkKey(delivery.ticket_id, delivery.items[0].bug_id)
    for state, detail in (("posting", ""), ("unknown", "failed"), ("posting", ""), ("posted", "found")):
        step = scene.store.advance(
            delivery,
            DeliveryState(state),
            now=day(1),
            actor=ACTOR,
            remote_id="n" * (detail == "found"),
            detail_code=detail,
        )
    assert step is not None
    assert step.failures == 1
    events = scene.store.link_history(key, HappenedBy(day(1))).delivery_events
    assert [event.kind for event in events] == ["claimed", "posting", "unknown", "posting", "found", "found"]
    named = f"{delivery.items[-1].reason}:{delivery.items[-1].bug_id} found"
    assert (events[-1].remote_id, events[-1].detail_code) == ("n", named)


def test_a_delivery_is_taken_over_once_after_its_lease() -> None:
    """A lease that runs is respected; of two takers one wins, with a higher fence."""
    scene = Scene()
    delivery = claimed(scene)
    assert scene.store.reclaimable(day(0.5)) == ()
    assert scene.store.reclaim(delivery, owner="second", lease_until=day(2), now=day(0.5)) is None
    assert scene.store.reclaimable(day(1)) == (delivery,)
    taken = scene.store.reclaim(delivery, owner="second", lease_until=day(2), now=day(1))
    assert taken == replace(delivery, owner="second", lease_until=day(2), fence=2)
    assert scene.store.reclaim(delivery, owner="third", lease_until=day(3), now=day(5)) is None


def test_a_writer_with_a_stale_fence_is_refused() -> None:
    """Who lost the lease writes nothing any more, neither state nor event."""
    scene = Scene()
    stale = claimed(scene)
    fresh = scene.store.reclaim(stale, owner="second", lease_until=day(2), now=day(1))
    head = scene.store.head()
    assert scene.store.advance(stale, DeliveryState.POSTED, now=day(1), actor=ACTOR) is None
    assert (scene.store.deliveries(None), scene.store.head()) == ((fresh,), head)


def test_a_delivery_put_off_is_free_from_then_on() -> None:
    """With not_before the lease ends at once, and nobody takes the delivery earlier."""
    scene = Scene()
    delivery = claimed(scene)
    later = scene.store.advance(
        delivery, DeliveryState.UNKNOWN, now=day(0.1), actor=ACTOR, not_before=day(0.5), detail_code="timeout"
    )
    assert later is not None
    assert (later.lease_until, later.not_before) == (day(0.1), day(0.5))
    assert [scene.store.reclaimable(day(at)) for at in (0.4, 0.5)] == [(), (later,)]


def test_a_withdrawn_update_can_be_delivered_anew() -> None:
    """Called for again, it gets a delivery of its own."""
    scene = Scene()
    first = claimed(scene)
    scene.store.advance(first, DeliveryState.WITHDRAWN, now=START, actor=ACTOR)
    second = claimed(scene)
    assert (second.id == first.id, len(second.items)) == (False, 2)


@pytest.mark.parametrize(
    ("state", "channel", "stopped"),
    [
        (None, Channel.REPLY, True),
        (None, Channel.NOTE, False),
        ("posting", Channel.REPLY, False),
        ("unknown", Channel.REPLY, False),
        ("posted", Channel.REPLY, False),
    ],
)
def test_only_a_reply_that_isnt_being_sent_yet_can_be_stopped(
    state: str | None,
    channel: Channel,
    stopped: bool,  # noqa: FBT001 - given by its parameter
) -> None:
    """Of any other nobody could say that the customer doesn't have it."""
    scene = Scene()
    items = scene.store.updates_of(planned(scene))
    delivery = scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR, channel=channel)
    assert delivery is not None
    if state:
        scene.store.advance(delivery, DeliveryState(state), now=START, actor=ACTOR)
    assert scene.store.cancel(delivery, now=START, actor=ACTOR) is stopped
    assert ("cancelled" in kinds(scene, delivery)) is stopped
