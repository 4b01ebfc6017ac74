"""What the crash test reads of a run: what deliveries tell, whether that was called for, and the helpdesk's notes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from scripts.crash.evidence import Delivery, Meaning, Note, deliveries_of, notes_of
from tests.entry.scene import BUG, Scene


def delivered(scene: Scene) -> tuple[Path, Delivery]:
    """Have one reminder of a release posted; give the database and its delivery."""
    scene.released()
    scene.say("send")
    database = scene.config.with_name("bugbridge.sqlite")
    (delivery,) = deliveries_of(database)
    return database, delivery


def test_a_delivery_is_told_by_its_meaning(scene: Scene) -> None:
    """By customer, bug, reason and when the news happened, not by numbers that differ between runs."""
    _, delivery = delivered(scene)
    assert delivery.meanings == (Meaning("customer-1", BUG, "released", "phase 0"),)
    assert (delivery.state, delivery.ticket, delivery.unwanted) == ("posted", "1", ())


def test_an_answer_is_told_by_its_key(scene: Scene) -> None:
    """It brings no update; which one it is the database alone knows."""
    _, delivery = delivered(scene)
    assert delivery.answer == ""
    database = scene.config.with_name("bugbridge.sqlite")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO answer (key, ticket_id, kind, subject, due_at, state, delivery_id) "
            "SELECT 'linked:1', ticket_id, 'linked', '{}', due_at, 'posted', delivery_id FROM update_item"
        )
        connection.commit()
    assert [one.answer for one in deliveries_of(database)] == ["linked:1"]


def test_a_note_that_nobody_called_for_is_seen(scene: Scene) -> None:
    """Had the decisions before its claim called for nothing, it would be unwanted."""
    database, delivery = delivered(scene)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TRIGGER decision_keeps_values")
        connection.execute("UPDATE decision SET output = json_set(output, '$.updates', json('[]'))")
        connection.commit()
    assert deliveries_of(database)[0].unwanted == delivery.meanings


def test_a_note_on_an_unlinked_ticket_is_seen(scene: Scene) -> None:
    """However the decisions read, an unlinking before the claim takes them back."""
    database, delivery = delivered(scene)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TRIGGER link_event_keeps_values")
        connection.execute("UPDATE link_event SET kind = 'unlinked' WHERE kind = 'linked'")
        connection.commit()
    assert deliveries_of(database)[0].unwanted == delivery.meanings


def test_notes_are_those_with_a_marker() -> None:
    """What others wrote is none of ours."""
    ours, other = {"id": 92, "custom": {"bugbridge_marker": "BB-1"}}, {"id": 91, "custom": {}}
    document = {"tickets": [{"id": 4001, "comments": [other, ours]}]}
    assert list(notes_of(document)) == [Note("4001", "92", "BB-1")]
