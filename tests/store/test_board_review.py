"""What the review of a round asks: which news waits, on which tickets in sight, and whose they are."""

from dataclasses import replace

from bugbridge.core.access import Role, Visitor
from bugbridge.core.model import Entity, Review
from bugbridge.core.records import LinkKey
from tests.store.scene import START, Scene
from tests.store.test_query_plans import plans, table_scans

EVERYBODY = Visitor("dana", "Dana", Role.LEAD)


def seeing(*brands: str, ticket: str = "") -> Visitor:
    """A lead who sees these brands alone."""
    return Visitor("dana", "Dana", Role.LEAD, frozenset(brands) or None, ticket=ticket)


def test_tickets_of_a_bug_are_in_sight_by_their_brand() -> None:
    """A helpdesk's name is all of it; another bug's tickets are none."""
    scene = Scene()
    bug = scene.bug(12)
    acme = scene.store.save_ticket(scene.helpdesk, "1", START, brand="acme").id
    other = scene.store.save_ticket(scene.helpdesk, "2", START, brand="other").id
    strange = scene.ticket("3")
    for ticket in (acme, other):
        scene.link(ticket, bug)
    scene.link(strange, scene.bug(13))
    found = {visitor: scene.store.tickets_in_sight(visitor, bug) for visitor in (EVERYBODY, seeing("support"))}
    assert set(found.values()) == {frozenset({acme, other})}
    assert scene.store.tickets_in_sight(seeing("support:acme"), bug) == {acme}
    assert scene.store.tickets_in_sight(seeing("third"), bug) == frozenset()
    assert scene.store.tickets_in_sight(seeing(ticket="support:2"), bug) == {other}


def test_names_of_customers_are_given_as_far_as_they_are_known() -> None:
    """A ticket without one is left out."""
    scene = Scene()
    carla = scene.customer("carla")
    scene.store.keep_private(carla, Entity.PARTY, carla, "name", "Carla Customer")
    hers, nameless = scene.ticket("1", carla), scene.ticket("2")
    assert scene.store.customers([hers, nameless]) == {hers: "Carla Customer"}


def test_updates_of_many_links_are_each_links_own() -> None:
    """As asked of each alone; a link without any has none."""
    scene = Scene()
    keys = [scene.linked("4711", "ada"), scene.linked("4712", "ben"), scene.linked("4713", "cem")]
    for key in keys[:2]:
        scene.store.save_updates(key, [scene.update(key, "later", 2), scene.update(key, "sooner", 1)], "")
    found = scene.store.updates_of_links(keys)
    assert {key: tuple(items) for key, items in found.items()} == {key: scene.store.updates_of(key) for key in keys}
    assert [len(found[key]) for key in keys] == [2, 2, 0]


def test_private_words_of_many_are_those_of_this_kind() -> None:
    """Of those that have any."""
    scene = Scene()
    for ticket_id, field in ((1, "words"), (2, "other"), (3, "words"), (4, "words")):
        scene.store.keep_private(None, Entity.TICKET, ticket_id, field, f"of {ticket_id}")
    scene.store.keep_private(None, Entity.BUG, 2, "words", "of a bug")
    assert scene.store.private_of_many(Entity.TICKET, [1, 2, 3], "words") == {1: "of 1", 3: "of 3"}


def test_news_in_review_is_that_of_updates_that_a_person_decides_on() -> None:
    """Not what goes out by itself or was let be, nor another bug's."""
    scene = Scene()
    key, foreign = scene.linked(), scene.linked("4712", "ben", 13)
    reviews = {1: Review.WAITING, 2: Review.APPROVED, 3: Review.NONE, 4: Review.DROPPED}
    items = [replace(scene.update(key, f"news {seq}"), news_seq=seq, review=review) for seq, review in reviews.items()]
    scene.store.save_updates(key, items, "")
    strange = replace(scene.update(foreign), news_seq=5, review=Review.WAITING)
    scene.store.save_updates(foreign, [strange], "")
    assert scene.store.news_in_review(key.bug_id) == {1, 2}


def test_each_is_found_by_an_index() -> None:
    """In the links of the bug, however many updates others have."""
    store = Scene().store
    for ask, index in (
        (lambda store: store.news_in_review(1), "update_of_link"),
        (lambda store: store.tickets_in_sight(EVERYBODY, 1), "link_of_bug"),
        (lambda store: store.customers([1, 2]), "private_value"),
        (lambda store: store.private_of_many(Entity.BUG, [1, 2], "words"), "private_value"),
        (lambda store: store.updates_of_links([LinkKey(1, 2)]), "update_of_link"),
    ):
        details = plans(store, ask)
        assert any(index in detail for detail in details), details
        assert table_scans(details) == []
