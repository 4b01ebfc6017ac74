"""Links to decide and updates to send."""

from dataclasses import replace

from bugbridge.core.model import DeliveryState, LinkEventKind, UpdateState
from bugbridge.core.records import LinkKey
from tests.store.scene import ACTOR, START, Scene, day


def states(scene: Scene, key: LinkKey) -> list[tuple[str, UpdateState]]:
    return [(item.reason, item.state) for item in scene.store.updates_of(key)]


def claim(scene: Scene, key: LinkKey) -> None:
    planned = [item for item in scene.store.updates_of(key) if item.state is UpdateState.PLANNED]
    assert scene.store.claim(planned, owner="me", lease_until=day(1), now=START, actor=ACTOR)


def test_a_link_is_decided_when_touched_or_expired() -> None:
    """A decided link rests until something touches it or its decision expires."""
    scene = Scene()
    key = scene.link(scene.ticket("1"), scene.bug(1))
    assert scene.to_decide() == {key}
    scene.store.mark_decided(key, scene.store.head(), day(7))
    assert [scene.to_decide(day(at)) for at in (6, 7)] == [set(), {key}]
    row = scene.store.links_of(key.ticket_id)[0]
    assert (row.decided_seq, row.valid_until) == (scene.store.head(), day(7))


def test_what_comes_while_a_link_is_decided_has_it_decided_again() -> None:
    """A decision on what was known up to a number doesn't hide what came after that number."""
    scene = Scene()
    key = scene.linked()
    upto = scene.store.head()
    scene.keep(scene.message(key.ticket_id, scene.customer("ada")))
    scene.store.mark_decided(key, upto, None)
    assert scene.to_decide() == {key}


def test_links_are_decided_in_the_order_of_their_waiting() -> None:
    """With a limit, those touched first come first, then those that expired first, none of them twice."""
    scene = Scene()
    early, late, both = (scene.linked(number, number, int(number)) for number in "123")
    scene.store.mark_decided(early, scene.store.head(), day(2))
    scene.store.mark_decided(late, scene.store.head(), day(1))
    scene.store.mark_decided(both, 0, day(1))
    assert scene.store.links_to_decide(day(3), 10) == (both, late, early)
    assert scene.store.links_to_decide(day(3), 2) == (both, late)


def test_an_update_is_planned_once_by_its_key() -> None:
    """Deciding again moves the same update instead of adding one."""
    scene = Scene()
    key = scene.linked()
    for due in (3, 5):
        scene.store.save_updates(key, [scene.update(key, due=due)], "")
    (item,) = scene.store.updates_of(key)
    assert (item.due_at, item.state) == (day(5), UpdateState.PLANNED)


def test_what_is_no_longer_called_for_is_withdrawn_and_can_come_back() -> None:
    """Withdrawn updates are kept, and planned again by the same key if the policy calls for them again."""
    scene = Scene()
    key = scene.linked()
    fixed, released = scene.update(key, "fixed", 1), scene.update(key, "released", 2)
    scene.store.save_updates(key, [fixed], "")
    scene.store.save_updates(key, [released], "superseded")
    assert states(scene, key) == [("fixed", UpdateState.WITHDRAWN), ("released", UpdateState.PLANNED)]
    scene.store.save_updates(key, [fixed], "")
    assert states(scene, key) == [("fixed", UpdateState.PLANNED), ("released", UpdateState.WITHDRAWN)]


def test_updates_under_way_or_done_are_left_alone() -> None:
    """What is claimed, posted or told is neither planned again nor withdrawn."""
    scene = Scene()
    key = scene.linked()
    scene.store.save_updates(key, [scene.update(key)], "")
    claim(scene, key)
    for items in ([scene.update(key, due=9)], []):
        scene.store.save_updates(key, items, "")
        assert [(item.due_at, item.state) for item in scene.store.updates_of(key)] == [(day(0), UpdateState.CLAIMED)]


def test_one_customer_is_told_once_for_two_tickets() -> None:
    """An update of the customer's other ticket stands; once it is withdrawn there, this ticket may have it."""
    scene = Scene()
    first, second = scene.linked("1", "ada"), scene.linked("2", "ada")
    shared = scene.update(first)
    scene.store.save_updates(first, [shared], "")
    scene.store.save_updates(second, [replace(shared, ticket_id=second.ticket_id, due_at=day(9))], "")
    assert [(item.ticket_id, item.due_at) for item in scene.store.open_updates()] == [(first.ticket_id, day(0))]
    scene.store.save_updates(first, [], "unlinked")
    scene.store.save_updates(second, [replace(shared, ticket_id=second.ticket_id)], "")
    assert [item.ticket_id for item in scene.store.open_updates()] == [second.ticket_id]
    assert scene.store.updates_of(first) == ()


def test_an_update_comes_back_as_it_was_planned() -> None:
    """Wall time, zone, news and ordinal survive; a ticket without a known customer has party 0."""
    scene = Scene()
    key = scene.link(scene.ticket("1"), scene.bug(1))
    item = replace(scene.update(key), wall_time="16:00", zone="Europe/Berlin", news_seq=5, ordinal=2, decision_seq=7)
    scene.store.save_updates(key, [item], "")
    assert scene.store.updates_of(key) == (replace(item, id=1),)


def test_only_live_sources_that_are_not_paused_have_due_updates() -> None:
    """In watch mode, before live_from and while paused nothing is due, whatever is planned."""
    scene = Scene()
    key = scene.linked()
    scene.store.save_updates(key, [scene.update(key, due=1)], "")
    due = [scene.store.due_updates(day(9), 10)]
    scene.go_live(day(5))
    due += [scene.store.due_updates(day(at), 10) for at in (4, 5)]
    scene.store.pause(scene.helpdesk, day(8))
    due += [scene.store.due_updates(day(at), 10) for at in (7, 8)]
    assert [len(items) for items in due] == [0, 0, 1, 0, 1]


def test_due_updates_come_in_order_up_to_a_limit() -> None:
    """The longest due come first; what is due later waits."""
    scene = Scene()
    scene.go_live()
    key = scene.linked()
    scene.store.save_updates(key, [scene.update(key, str(at), at) for at in (3, 1, 2, 5)], "")
    assert [item.reason for item in scene.store.due_updates(day(4), 10)] == ["1", "2", "3"]
    assert [item.reason for item in scene.store.due_updates(day(4), 2)] == ["1", "2"]


def test_posted_updates_are_told_when_the_customer_was() -> None:
    """A reminder ends with the customer told, not with the note; a planned update isn't told by that."""
    scene = Scene()
    key, other = scene.linked("1", "ada"), scene.linked("2", "bob")
    for each in (key, other):
        scene.store.save_updates(each, [scene.update(each)], "")
    delivery = scene.store.claim(scene.store.updates_of(key), owner="me", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    scene.store.advance(delivery, DeliveryState.POSTED, now=START, actor=ACTOR)
    assert [item.state for item in scene.store.open_updates()] == [UpdateState.POSTED, UpdateState.PLANNED]
    scene.store.settle_updates([item.key for item in scene.store.open_updates()])
    assert states(scene, key) == [("released", UpdateState.TOLD)]
    assert [item.ticket_id for item in scene.store.open_updates()] == [other.ticket_id]


def test_unlinked_links_are_not_decided_even_when_expired() -> None:
    """A tombstone keeps its past, and asks for nothing."""
    scene = Scene()
    key = scene.linked()
    scene.store.mark_decided(key, scene.store.head(), day(1))
    scene.link(key.ticket_id, key.bug_id, LinkEventKind.UNLINKED, day(1))
    scene.store.touch_all()
    assert scene.to_decide(day(9)) == set()
