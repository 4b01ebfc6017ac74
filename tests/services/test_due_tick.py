"""Due work is posted in the tick in which it falls due, whatever else waits."""

from datetime import timedelta

from bugbridge.services.sending import SendingResult
from bugbridge.store.rows import to_text
from tests.services.scene import EVE, Scene, day

WAITING = 100_000
TICKETS = 1_000
SECOND = timedelta(seconds=1)

_TICKETS = """
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :tickets)
    INSERT INTO ticket (source_id, remote_id, created_at) SELECT 1, 'waiting-' || n, :at FROM number
"""
_LINKS = """
    INSERT INTO link (ticket_id, bug_id, state, touched_seq, decided_seq, valid_until)
    SELECT id, 1, 'linked', 1, 1, NULL FROM ticket WHERE remote_id LIKE 'waiting-%'
"""
_UPDATES = """
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :each)
    INSERT INTO update_item (
        bug_id, ticket_id, link_bug_id, reason, due_at, wall_time, zone, state, state_reason, decision_seq, key
    )
    SELECT 1, link.ticket_id, 1, 'periodic', :later, '', 'UTC', 'planned', '', 0, link.ticket_id || ':waits:' || n
    FROM link JOIN ticket ON ticket.id = link.ticket_id AND ticket.remote_id LIKE 'waiting-%', number
"""


def with_others_waiting() -> tuple[Scene, str]:
    """A periodic update that falls due at the eighth day's first instant, and 100,000 that don't yet."""
    scene = Scene().on(1)
    ticket = scene.reported(EVE)
    scene.plan()
    values = {"tickets": TICKETS, "each": WAITING // TICKETS, "at": to_text(day(0)), "later": to_text(day(8) + SECOND)}
    with scene.store.write():
        for statement in (_TICKETS, _LINKS, _UPDATES):
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            scene.store._run(statement, wanted)
    return scene, ticket


def steps(scene: Scene) -> tuple[SendingResult, int]:
    """One tick, and how many thousand steps SQLite took for it."""
    taken = []
    connection = scene.store._connection()
    connection.set_progress_handler(lambda: bool(taken.append(1)), 1000)
    result = scene.send()
    connection.set_progress_handler(None, 0)
    return result, len(taken)


def test_an_update_is_posted_in_its_tick_while_a_hundred_thousand_wait() -> None:
    """Not a tick before, not one after, and reading no row of the others: a tick takes few steps of the database."""
    scene, ticket = with_others_waiting()
    before, _ = steps(scene.on(8 - SECOND / timedelta(days=1)))
    at, taken = steps(scene.on(8))
    assert (before, at, scene.reminders(ticket)) == (SendingResult(), SendingResult(posted=1, updates=1), 1)
    assert taken < WAITING // 1000
