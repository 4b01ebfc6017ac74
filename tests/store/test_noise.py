"""What the noise rules look at: what else is planned for a customer, what they saw, and what an agent got."""

from dataclasses import replace

import pytest

from bugbridge.core.model import AuthorKind, DeliveryState, Entity, FactKind, TicketStatus
from bugbridge.core.noise import SentNote
from bugbridge.core.records import LinkKey, UpdateItem
from tests.store.scene import ACTOR, START, Scene, day
from tests.store.test_query_plans import plans, table_scans


def planned(scene: Scene, remote_id: str, customer: str = "ada", number: int = 12, reason: str = "released") -> LinkKey:
    """A link with one planned update."""
    key = scene.linked(remote_id, customer, number)
    scene.store.save_updates(key, [scene.update(key, reason)], "")
    return key


def the_item(scene: Scene, key: LinkKey) -> UpdateItem:
    """A link's only update."""
    (item,) = scene.store.updates_of(key)
    return item


def posts(scene: Scene, *keys: LinkKey, at: float = 0) -> None:
    """One note with the updates of these links, on the first one's ticket."""
    items = [the_item(scene, key) for key in keys]
    delivery = scene.store.claim(items, owner="me", lease_until=day(9), now=day(at), actor=ACTOR)
    assert delivery is not None
    scene.store.advance(delivery, DeliveryState.POSTED, now=day(at), actor=ACTOR)


def replies(scene: Scene, key: LinkKey, at: float, *, public: bool = True) -> None:
    """An agent writes on a link's ticket."""
    message = scene.message(key.ticket_id, scene.store.party_id(scene.helpdesk, "agent", "ann"), day(at))
    scene.keep(replace(message, author_kind=AuthorKind.AGENT, public=public))


def test_what_is_planned_beside_an_update_is_its_customers() -> None:
    """On the same helpdesk and brand, and on this ticket; neither another customer's nor what was posted."""
    scene = Scene()
    first, second, stranger, gone = (
        planned(scene, "1", number=1),
        planned(scene, "2", number=2),
        planned(scene, "3", "ben", number=1),
        planned(scene, "4", number=4),
    )
    branded = planned(scene, "5", number=5)
    scene.store.save_ticket(scene.helpdesk, "5", START, brand="other")
    posts(scene, gone)
    beside = [item.ticket_id for item in scene.store.planned_beside(the_item(scene, first))]
    assert beside == [first.ticket_id, second.ticket_id]
    alone = [scene.store.planned_beside(the_item(scene, key)) for key in (stranger, branded)]
    assert [[item.ticket_id for item in items] for items in alone] == [[stranger.ticket_id], [branded.ticket_id]]


def test_a_ticket_without_a_known_customer_stands_for_itself() -> None:
    """Two strangers are no one customer."""
    scene = Scene()
    keys = [scene.link(scene.ticket(number), scene.bug(int(number))) for number in "12"]
    for key in keys:
        scene.store.save_updates(key, [scene.update(key)], "")
    (item,) = scene.store.planned_beside(the_item(scene, keys[0]))
    assert item.ticket_id == keys[0].ticket_id


def test_what_is_put_off_falls_due_later_until_it_is_planned_anew() -> None:
    """What changed or was taken since it was read isn't put off."""
    scene = Scene()
    scene.go_live()
    key = planned(scene, "1")
    item = the_item(scene, key)
    scene.store.put_off([(item, day(3))])
    scene.store.put_off([(item, day(9))])
    assert [len(scene.store.due_updates(day(at), 9)) for at in (2.9, 3)] == [0, 1]
    scene.store.save_updates(key, [scene.update(key)], "")
    assert the_item(scene, key).due_at == item.due_at
    posts(scene, key)
    scene.store.put_off([(item, day(5))])
    assert the_item(scene, key).due_at == item.due_at


def test_tickets_are_told_apart_by_what_is_known_of_them() -> None:
    """Whose they are, how they stand, when a person last wrote; and whether they took our last note."""
    scene = Scene()
    ticket = scene.ticket("1", scene.customer("ada"), day(1))
    other = scene.ticket("2", scene.customer("ada"), day(2))
    scene.keep(
        scene.fact(Entity.TICKET, ticket, FactKind.ASSIGNEE, "5"),
        scene.fact(Entity.TICKET, ticket, FactKind.STATUS, "solved", day(3)),
        scene.fact(Entity.TICKET, other, FactKind.MERGED, "1"),
        scene.message(ticket, scene.customer("ada"), day(4)),
        replace(scene.message(ticket, scene.customer("ada"), day(5)), author_kind=AuthorKind.SELF),
    )
    first, second = scene.store.concerned_tickets([other, ticket])
    assert (first.id, first.agent, first.status, first.active_at) == (ticket, "5", TicketStatus.SOLVED, day(4))
    assert (second.agent, second.status, second.active_at) == ("", TicketStatus.OPEN, day(2))
    assert [(one.gone, one.refused) for one in (first, second)] == [(False, False), (True, False)]


@pytest.mark.parametrize(("code", "refused"), [("ticket-locked", True), ("ticket-gone", True), ("refused", False)])
def test_a_ticket_that_took_no_note_is_remembered_until_it_takes_one(code: str, refused: bool) -> None:  # noqa: FBT001 - a table
    """The other tickets that the note was about aren't to blame."""
    scene = Scene()
    keys = [planned(scene, number, number=int(number)) for number in "12"]
    items = [the_item(scene, key) for key in keys]
    delivery = scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    scene.store.advance(delivery, DeliveryState.WITHDRAWN, now=START, actor=ACTOR, detail_code=code)
    ids = [key.ticket_id for key in keys]
    assert [ticket.refused for ticket in scene.store.concerned_tickets(ids)] == [refused, False]
    for key in keys:
        scene.store.save_updates(key, [scene.update(key)], "")
    posts(scene, *keys, at=1)
    assert [ticket.refused for ticket in scene.store.concerned_tickets(ids)] == [False, False]


def test_a_note_is_met_by_the_first_public_reply_on_any_of_its_tickets() -> None:
    """An internal note meets nothing; what was met before the instant asked for doesn't count any more."""
    scene = Scene()
    first, second, waiting = (planned(scene, number, number=int(number), reason="fixed") for number in "123")
    replies(scene, first, -1)
    posts(scene, first, second)
    asked = the_item(scene, waiting)
    reasons = frozenset({"fixed"})
    replies(scene, first, 1, public=False)
    assert scene.store.notes_about(asked, day(-7)) == (SentNote(reasons, day(0)),)
    replies(scene, second, 2)
    replies(scene, first, 3)
    assert scene.store.notes_about(asked, day(-7)) == (SentNote(reasons, day(0), day(2)),)
    assert [len(scene.store.notes_about(asked, day(at))) for at in (1.9, 2)] == [1, 0]


def test_a_note_that_is_being_posted_counts_and_another_customers_doesnt() -> None:
    """Whatever its outcome will be."""
    scene = Scene()
    first, waiting, stranger = planned(scene, "1", number=1), planned(scene, "2"), planned(scene, "3", "ben")
    items = [the_item(scene, first)]
    delivery = scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR)
    asked, another = the_item(scene, waiting), the_item(scene, stranger)
    assert scene.store.notes_about(asked, START) == (SentNote(frozenset({"released"})),)
    assert scene.store.notes_about(another, START) == ()
    assert delivery is not None
    scene.store.advance(delivery, DeliveryState.DEAD, now=START, actor=ACTOR)
    assert scene.store.notes_about(asked, day(-1)) == ()


def test_notes_are_counted_by_whose_ticket_they_went_to() -> None:
    """Those since the day began and those under way; a note about several tickets is one."""
    scene = Scene()
    keys = [planned(scene, number, number=int(number)) for number in "12345"]
    for key, agent in zip(keys, ("5", "6", "5", "5", ""), strict=True):
        scene.keep(scene.fact(Entity.TICKET, key.ticket_id, FactKind.ASSIGNEE, agent))
    posts(scene, keys[0])
    scene.keep(scene.message(keys[0].ticket_id, scene.customer("ada"), day(1)), at=day(1))
    posts(scene, keys[2], keys[1], at=2)
    posts(scene, keys[3], at=2.5)
    under_way = [the_item(scene, keys[4])]
    scene.store.claim(under_way, owner="me", lease_until=day(9), now=day(2.6), actor=ACTOR)
    assert scene.store.notes_by_agent(day(-1)) == {"": 1, "5": 3}
    assert scene.store.notes_by_agent(day(2)) == {"": 1, "5": 2}
    assert scene.store.notes_by_agent(day(3)) == {"": 1}


def test_what_is_asked_for_each_customer_scans_no_table() -> None:
    """It costs what the customer has, not what the team has."""
    scene = Scene()
    item = the_item(scene, planned(scene, "1"))
    details = plans(scene.store, lambda store: store.planned_beside(item))
    details += plans(scene.store, lambda store: store.notes_about(item, START))
    details += plans(scene.store, lambda store: store.concerned_tickets([item.ticket_id]))
    details += plans(scene.store, lambda store: store.put_off([(item, day(1))]))
    assert table_scans(details) == []


def test_an_agents_day_is_read_from_the_last_event_backwards() -> None:
    """The only scan is by number from the end, and it stops where yesterday begins."""
    scene = Scene()
    details = plans(scene.store, lambda store: store.notes_by_agent(START))
    assert table_scans(details) == ["SCAN delivery_event"]
    assert any("delivery_unfinished" in detail for detail in details)
    assert any("SEARCH delivery_event USING INTEGER PRIMARY KEY" in detail for detail in details)
