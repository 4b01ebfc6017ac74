"""What there is to notify of, as it is read from the events, and how far somebody was told."""

import json
from datetime import timedelta

import pytest

from bugbridge.core.events import DeliveryEvent
from bugbridge.core.model import BugEventKind, DeliveryState, Entity, FactKind
from bugbridge.core.notifications import Notice, NoticeKind, NotificationState
from bugbridge.core.records import Delivery, LinkKey
from tests.store.scene import ACTOR, START, Scene, day
from tests.store.test_query_plans import plans, table_scans


def claimed(scene: Scene, key: LinkKey, *reasons: str) -> Delivery:
    """A delivery under way, of an update for each reason."""
    scene.store.save_updates(key, [scene.update(key, reason) for reason in reasons], "")
    items = scene.store.updates_of(key)
    delivery = scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    return delivery


def moved(scene: Scene, delivery: Delivery, state: DeliveryState, code: str = "") -> None:
    """It goes on."""
    assert scene.store.advance(delivery, state, now=START, actor=ACTOR, detail_code=code) is not None


def notices(scene: Scene, after: int = 0) -> list[Notice]:
    """All that happened since."""
    return list(scene.store.notices(after, scene.store.head()))


def told(found: list[Notice]) -> list[tuple[str, str, str, str]]:
    """What matters of them."""
    return [(one.kind.value, one.ticket, one.issue, one.reason) for one in found]


def test_each_update_of_a_note_that_was_posted_is_a_notice() -> None:
    """With its reason and its bug; a claim is none."""
    scene = Scene()
    moved(scene, claimed(scene, scene.linked(), "released", "fixed"), DeliveryState.POSTED)
    issue = "github:acme/app#12"
    assert sorted(told(notices(scene))) == [
        ("reminded", "support:4711", issue, "fixed"),
        ("reminded", "support:4711", issue, "released"),
    ]


def test_a_note_that_was_found_to_be_posted_is_a_notice_too() -> None:
    """Nobody was told of it before the crash."""
    scene = Scene()
    moved(scene, claimed(scene, scene.linked(), "released"), DeliveryState.POSTED, "found")
    assert told(notices(scene)) == [("reminded", "support:4711", "github:acme/app#12", "released")]


def test_what_was_given_up_says_why() -> None:
    """The reason is the update's, the code says what became of it; what was withdrawn is no notice."""
    scene = Scene()
    moved(scene, claimed(scene, scene.linked(), "released"), DeliveryState.DEAD, "ticket-gone")
    other = claimed(scene, scene.linked("4712", "ben"), "released")
    moved(scene, other, DeliveryState.WITHDRAWN, "no-longer-called-for")
    (found,) = notices(scene)
    assert (found.kind, found.issue, found.reason) == (NoticeKind.DEAD, "github:acme/app#12", "released")
    assert found.code == "ticket-gone"


def test_a_held_reply_says_until_when() -> None:
    """That is how long it can be cancelled."""
    scene = Scene()
    delivery = claimed(scene, scene.linked(), "released")
    held = DeliveryEvent(
        occurred_at=START,
        source_key=scene.key(),
        delivery_id=delivery.id,
        ticket_id=delivery.ticket_id,
        kind="held",
    )
    scene.keep(held)
    (found,) = notices(scene)
    assert (found.kind, found.until, found.reason) == (NoticeKind.HELD, START, "released")


def test_a_question_to_the_lead_is_a_notice_and_one_to_an_agent_isnt() -> None:
    """An agent's question is a reminder on the ticket."""
    scene = Scene()
    key = scene.linked()
    for person in ("lead: decide together", "agent: own the error", ""):
        scene.keep(scene.decision(key, json.dumps({"person": person})))
    assert told(notices(scene)) == [("question", "support:4711", "github:acme/app#12", "decide together")]


def test_the_agent_is_the_one_who_had_the_ticket_then() -> None:
    """What is assigned later, or known later, tells nobody else."""
    scene = Scene()
    key = scene.linked()
    for agent in ("7", "8"):
        scene.keep(scene.fact(Entity.TICKET, key.ticket_id, FactKind.ASSIGNEE, agent))
        if agent == "7":
            moved(scene, claimed(scene, key, "released"), DeliveryState.POSTED)
    assert [one.agent_id for one in notices(scene)] == [7]


def test_a_merged_bug_goes_by_its_survivors_name() -> None:
    """As everywhere."""
    scene = Scene()
    moved(scene, claimed(scene, scene.linked(), "released"), DeliveryState.POSTED)
    scene.keep(scene.bug_event(scene.bug(12), BugEventKind.MERGED, str(scene.bug(34))))
    assert [one.issue for one in notices(scene)] == ["github:acme/app#34"]


def test_what_was_forgotten_is_told_to_nobody() -> None:
    """A ticket without a number can't be looked up, and shouldn't be."""
    scene = Scene()
    key = scene.linked()
    moved(scene, claimed(scene, key, "released"), DeliveryState.POSTED)
    scene.keep(scene.decision(key, json.dumps({"person": "lead: decide together"})))
    assert len(notices(scene)) == 2
    scene.store._run("UPDATE ticket SET remote_id = NULL")
    assert notices(scene) == []


def test_each_notice_is_in_one_span() -> None:
    """Two spans that meet hold each once, so that nothing is told twice or lost between them."""
    scene = Scene()
    for number in range(3):
        moved(scene, claimed(scene, scene.linked(str(number), str(number)), "released"), DeliveryState.POSTED)
    head = scene.store.head()
    whole = scene.store.notices(0, head)
    assert len(whole) == 3
    for border in range(head + 1):
        assert scene.store.notices(0, border) + scene.store.notices(border, head) == whole


@pytest.mark.parametrize("agent", ["support:ada", "ADA@acme.example"])
def test_an_agent_is_found_by_id_and_by_address(agent: str) -> None:
    """A customer with the same id or address is no agent."""
    scene = Scene()
    ada = scene.store.party_id(scene.helpdesk, "agent", "ada")
    for party_id in (ada, scene.customer("ada")):
        scene.store.keep_private(party_id, Entity.PARTY, party_id, "address", "ada@acme.example")
    assert scene.store.agents_named(agent) == {ada}
    assert scene.store.agents_named("support:ben") == frozenset()


def test_a_recipients_place_is_kept_replaced_and_forgotten() -> None:
    """As it was given."""
    store = Scene().store
    first = NotificationState("ada", 3, START)
    second = NotificationState("ada", 9, day(1), day(2), 4, day(3) + timedelta(minutes=1), 7)
    ben = NotificationState("ben", 1, START)
    for state in (first, ben, second):
        store.save_notification_state(state)
    assert store.notification_states() == {"ada": second, "ben": ben}
    store.forget_notification_states(["ada"])
    assert store.notification_states() == {"ben": ben}


def test_what_is_new_is_found_by_its_number_alone() -> None:
    """Every few seconds, in a table of years."""
    details = plans(Scene().store, lambda store: store.notices(100, 200))
    assert table_scans(details) == []
    assert [detail for detail in details if "rowid>? AND rowid<?" in detail and "event" in detail] != []
    assert [detail for detail in details if "rowid>? AND rowid<?" in detail and "decision" in detail] != []
