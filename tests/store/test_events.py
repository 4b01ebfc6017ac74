"""Events are kept once, numbered by one counter, and never changed."""

import sqlite3

import pytest

from bugbridge.core.errors import DataError
from bugbridge.core.events import Alias, DecisionEvent, FactEvent, Finding, Ruleset
from bugbridge.core.model import Entity, FactKind, FindingKind
from bugbridge.core.records import KnownUpTo
from bugbridge.store.tables import EVENT_TABLES
from tests.store.scene import ACTOR, START, Scene, day

FILL_USAGE = """
    INSERT INTO usage_day (seq, occurred_at, recorded_at, actor, via, source_key, account_id, flow, day, uses)
    VALUES (1000, '', '', '', '', 'u', :account, 'export', '2024-01-01', 3)
"""


def test_all_events_share_one_counter() -> None:
    """Numbers go up by one over all kinds, in the order given."""
    scene = Scene()
    ticket_id, author_id = scene.ticket("1"), scene.customer("ada")
    fact = scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "open")
    assert scene.keep(fact, scene.message(ticket_id, author_id)) == (1, 2)
    assert scene.store.head() == 2


def test_a_known_source_key_changes_nothing() -> None:
    """What was seen before keeps its first number and its first value, also within one batch."""
    scene = Scene()
    ticket_id = scene.ticket("1")
    first = scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "open")
    again = FactEvent(
        occurred_at=day(9),
        source_key=first.source_key,
        entity=Entity.TICKET,
        entity_id=ticket_id,
        kind=FactKind.STATUS,
        value="closed",
    )
    other = scene.fact(Entity.TICKET, ticket_id, FactKind.BRAND, "x")
    assert scene.keep(first, again, other) == (1, 1, 2)
    assert scene.keep(again) == (1,)
    assert scene.store.facts(Entity.TICKET, ticket_id)[FactKind.STATUS].value == "open"


def filled() -> Scene:
    """Give a store with a row in every event table."""
    scene = Scene()
    key = scene.linked()
    store = scene.store
    message = scene.message(key.ticket_id, scene.customer("ada"))
    (message_id,) = scene.keep(message)
    scene.keep(
        scene.fact(Entity.TICKET, key.ticket_id, FactKind.STATUS, "open"),
        Finding(
            occurred_at=START,
            source_key="f",
            ticket_id=key.ticket_id,
            message_id=message_id,
            extractor="references",
            version=1,
            kind=FindingKind.REFERENCE,
            bug_id=key.bug_id,
        ),
        Ruleset(occurred_at=START, source_key="r", hash="h", kind="policy", body="x = 1", in_force_from=START),
        scene.decision(key),
    )
    store.save_updates(key, [scene.update(key)], "")
    store.claim(store.updates_of(key), owner="me", lease_until=day(1), now=START, actor=ACTOR)
    store._run(FILL_USAGE, {"account": scene.account("acme")})
    return scene


@pytest.mark.parametrize("table", sorted(EVENT_TABLES))
def test_events_are_never_changed_or_deleted(table: str) -> None:
    """The database itself refuses, whoever asks."""
    store = filled().store
    for statement in ("UPDATE [TABLE] SET via = 'x'", "DELETE FROM [TABLE]"):
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
            store._run(statement.replace("[TABLE]", table))


@pytest.mark.parametrize("table", sorted(EVENT_TABLES))
def test_a_source_key_is_unique_in_each_table(table: str) -> None:
    """The database holds the rule too, not the code alone."""
    indexes = Scene().store._rows("SELECT name FROM pragma_index_list(:table) WHERE [unique]", {"table": table})
    columns = [
        row["name"]
        for index in indexes
        for row in Scene().store._rows("SELECT name FROM pragma_index_info(:index)", {"index": index["name"]})
    ]
    assert columns == ["source_key"]


def test_events_come_back_as_they_were_kept() -> None:
    """Kinds, instants, flags and nulls survive the database, with the number and the time of recording added."""
    scene = Scene()
    key = scene.linked()
    message = scene.message(key.ticket_id, scene.customer("ada"), day(1))
    scene.keep(message, at=day(2))
    (kept,) = scene.store.link_history(key, KnownUpTo(scene.store.head())).messages
    assert (kept.seq, kept.recorded_at) == (scene.store.head(), day(2))
    assert (kept.occurred_at, kept.author_kind, kept.public) == (day(1), message.author_kind, True)


def test_actor_and_door_are_kept() -> None:
    """Every event says who did it and through which door."""
    scene = Scene()
    scene.keep(scene.fact(Entity.TICKET, scene.ticket("1"), FactKind.STATUS, "open"))
    row = scene.store._rows("SELECT actor, via FROM fact_event")[0]
    assert (row["actor"], row["via"]) == ("agent:ann", "cli")


def test_facts_are_the_latest_by_when_they_held() -> None:
    """A fact that came late doesn't replace one that held later."""
    scene = Scene()
    ticket_id = scene.ticket("1")
    scene.keep(scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "solved", day(5)))
    scene.keep(scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "pending", day(3)))
    assert scene.store.facts(Entity.TICKET, ticket_id)[FactKind.STATUS].value == "solved"


def test_seq_at_finds_what_was_recorded_by_then() -> None:
    """`explain --at` turns an instant into what we knew then."""
    scene = Scene()
    ticket_id = scene.ticket("1")
    for number in (1, 2, 3):
        scene.keep(scene.fact(Entity.TICKET, ticket_id, FactKind.ACTIVITY, str(number), day(0)), at=day(number))
    assert [scene.store.seq_at(day(at)) for at in (0.5, 1, 2.5, 9)] == [0, 1, 2, 3]


def test_references_to_a_bug_are_found() -> None:
    """Each finding of a reference to the bug is given, and none to others."""
    scene = filled()
    bug_id = scene.bug(12)
    assert [finding.source_key for finding in scene.store.references_to(bug_id)] == ["f"]
    assert scene.store.references_to(scene.bug(13)) == ()


def test_an_issue_is_found_by_a_later_alias() -> None:
    """An issue that moved is known by both references; a reference that was used again means its last owner."""
    scene = Scene()
    scene.bug(12)
    scene.bug(13)
    moved = scene.store.find_issue("github:acme/app#12")
    assert moved is not None
    for number, reference in enumerate(["github:acme/new#1", "github:acme/app#13"]):
        scene.keep(
            Alias(
                occurred_at=day(1),
                source_key=f"moved:{number}",
                source_id=scene.tracker,
                reference=reference,
                entity=Entity.ISSUE,
                entity_id=moved.id,
            )
        )
        assert scene.store.find_issue(reference) == moved
    assert scene.store.find_issue("github:acme/nothing#1") is None


def test_a_decision_that_is_no_json_is_refused() -> None:
    """The index over who was asked reads the output, so it must be JSON."""
    scene = Scene()
    with pytest.raises(sqlite3.IntegrityError):
        scene.keep(scene.decision(scene.linked(), "not json"))


def test_a_fact_of_an_unknown_issue_is_refused() -> None:
    """A fact that belongs to nothing is one clear sentence, and nothing of its batch is kept."""
    scene = Scene()
    ticket_id = scene.ticket("1")
    good = scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "open")
    with pytest.raises(DataError, match="There is no issue 99"):
        scene.keep(good, scene.fact(Entity.ISSUE, 99, FactKind.STAGE, "open"))
    assert scene.store.head() == 0


def test_a_decisions_validity_is_kept() -> None:
    """A decision comes back with when it expires."""
    scene = Scene()
    key = scene.linked()
    base = scene.decision(key)
    event = DecisionEvent(
        occurred_at=START,
        source_key="d",
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        upto_seq=base.upto_seq,
        ruleset_hash="h",
        rule_id="r",
        output="{}",
        facts="{}",
        valid_until=day(7),
    )
    scene.keep(event)
    (kept,) = scene.store.link_history(key, KnownUpTo(scene.store.head())).decisions
    assert kept.valid_until == day(7)
