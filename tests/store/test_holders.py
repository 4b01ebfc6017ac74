"""Who has a ticket, and who the agents are who could."""

from datetime import datetime

from bugbridge.core.events import LinkEvent
from bugbridge.core.model import Entity, FactKind, LinkEventKind
from bugbridge.core.people import Agent, Held
from bugbridge.core.records import LinkKey
from tests.store.scene import Scene, day
from tests.store.test_query_plans import plans, table_scans


def assigned(scene: Scene, key: LinkKey, agent: str, at: datetime) -> None:
    """The helpdesk shows who has the ticket."""
    scene.keep(scene.fact(Entity.TICKET, key.ticket_id, FactKind.ASSIGNEE, agent, at), at=at)


def given(scene: Scene, key: LinkKey, agent: str, at: datetime) -> None:
    """Somebody gives what is due there to an agent."""
    kind, link = LinkEventKind.GIVEN, {"ticket_id": key.ticket_id, "bug_id": key.bug_id}
    scene.keep(LinkEvent(occurred_at=at, source_key=scene.key(), kind=kind, value=agent, **link), at=at)


def held(scene: Scene, key: LinkKey) -> Held:
    """Who has the ticket now."""
    return scene.store.held([key.ticket_id])[key.ticket_id]


def test_a_ticket_is_held_by_whom_it_was_given_or_assigned_to_last() -> None:
    """What was given stays given while the assignee stays; on whichever of its bugs."""
    scene = Scene()
    key, other = scene.linked(number=12), scene.linked(number=13)
    assert held(scene, key) == Held("support")
    assigned(scene, key, "7", day(1))
    assert held(scene, key) == Held("support", 7)
    given(scene, key, "8", day(1))
    assert held(scene, key) == Held("support", 8, given=True)
    given(scene, other, "9", day(2))
    assert held(scene, key) == Held("support", 9, given=True)
    assigned(scene, key, "6", day(3))
    assert held(scene, key) == Held("support", 6)
    given(scene, key, "8", day(4))
    given(scene, key, "", day(5))
    assert held(scene, key) == Held("support", 6)
    assigned(scene, key, "", day(6))
    assert held(scene, key) == Held("support")


def test_the_group_is_the_tickets_latest() -> None:
    """By its name at the helpdesk."""
    scene = Scene()
    key = scene.linked()
    scene.keep(scene.fact(Entity.TICKET, key.ticket_id, FactKind.GROUP, "EU"))
    assert held(scene, key).group == "EU"


def test_agents_are_known_with_name_address_and_whether_they_are_suspended() -> None:
    """Customers and programs are no agents."""
    scene = Scene()
    ada, ben = (scene.store.party_id(scene.helpdesk, "agent", name) for name in ("ada", "ben"))
    for kind in ("customer", "bot", "self"):
        scene.store.party_id(scene.helpdesk, kind, "other")
    for field, value in (("name", "Ada"), ("address", "ada@acme.example")):
        scene.store.keep_private(ada, Entity.PARTY, ada, field, value)
    for at, value in ((1, "yes"), (2, "")):
        scene.keep(scene.fact(Entity.PARTY, ada, FactKind.SUSPENDED, value, day(at)))
    scene.keep(scene.fact(Entity.PARTY, ben, FactKind.SUSPENDED, "yes", day(1)))
    assert scene.store.agents() == (
        Agent(ada, "support", "ada", "Ada", "ada@acme.example"),
        Agent(ben, "support", "ben", suspended=True),
    )


def test_neither_scans_a_table_of_tickets_or_events() -> None:
    """Sources are few, and so are agents."""
    scene = Scene()
    key = scene.linked()
    details = plans(scene.store, lambda store: store.held([key.ticket_id]))
    details += plans(scene.store, lambda store: store.agents())
    assert set(table_scans(details)) <= {"SCAN source"}
