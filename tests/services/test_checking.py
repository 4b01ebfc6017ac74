"""Whatever the team and the daemon do, what is kept is sound."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import BugEventKind, ClosedAs
from bugbridge.core.upkeep import Violation
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.checking import check, repair, steps
from bugbridge.services.forgetting import forget
from bugbridge.services.identity import same_bug
from tests.services.scene import (
    ANN,
    CARLA,
    EVE,
    HELPDESK,
    ISSUE,
    OTHER_ISSUE,
    UNTIL_SURE,
    Scene,
    customer,
    with_a_release_due,
)

PEOPLE = (CARLA, EVE, customer("otto"))


class Life:
    """A scene in which things happen by name, each possible at any time."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.tickets: list[str] = []

    def writes_in(self, number: int) -> None:
        scene, who = self.scene, PEOPLE[number % len(PEOPLE)]
        ticket = scene.writes_in(who)
        scene.notes(ticket, f"This is {(ISSUE, OTHER_ISSUE)[number % 2]}")
        scene.replies(ticket)
        self.tickets.append(ticket)

    def replies(self, number: int) -> None:
        if self.tickets:
            self.scene.replies(self.tickets[number % len(self.tickets)], "It is fixed in 4.2.")

    def released(self, number: int) -> None:
        self.scene.is_released((ISSUE, OTHER_ISSUE)[number % 2])

    def reopened(self, number: int) -> None:
        self.scene.tracker.reopen((ISSUE, OTHER_ISSUE)[number % 2], self.scene.clock.at)

    def declined(self, number: int) -> None:
        self.scene.tracker.close((ISSUE, OTHER_ISSUE)[number % 2], self.scene.clock.at, ClosedAs.DECLINED)

    def workaround(self, number: int) -> None:
        reference = (ISSUE, OTHER_ISSUE)[number % 2]
        if self.scene.knows(reference):
            add_workaround(self.scene.store, self.scene.clock, self.scene.issue(reference), "Restart it.", "en", ANN)

    def merged(self, _number: int) -> None:
        scene = self.scene
        if scene.knows(ISSUE) and scene.knows(OTHER_ISSUE):
            role = BugEventKind.MIRROR_ADDED
            same_bug(scene.store, scene.clock, scene.issue(ISSUE), scene.issue(OTHER_ISSUE), role, ANN)

    def unlinked(self, number: int) -> None:
        kept = [one for one in self.tickets if self.scene.store.find_ticket(HELPDESK, one)]
        if kept and self.scene.knows(ISSUE):
            self.scene.unlinks(kept[number % len(kept)])

    def changes_hands(self, number: int) -> None:
        if self.tickets:
            ticket, person = self.tickets[number % len(self.tickets)], PEOPLE[(number + 1) % len(PEOPLE)]
            self.scene.helpdesk.change(ticket, self.scene.clock.at, requester=person)

    def forgotten(self, number: int) -> None:
        scene = self.scene
        source = scene.store.sources()[0]
        person = scene.store.customer(source.id, PEOPLE[number % len(PEOPLE)].remote_id)
        if person is not None:
            forget(scene.store, scene.clock, [person], ANN)

    def lost_answer(self, number: int) -> None:
        self.scene.helpdesk.lose_next_answer(committed=bool(number % 2))

    def helpdesk_down(self, number: int) -> None:
        self.scene.helpdesk.fail(RemoteError("down") if number % 2 else None)

    def passes(self, number: int) -> None:
        """The daemon goes round once, then time goes by."""
        scene = self.scene
        for step in (scene.link, scene.sync, scene.plan, scene.send):
            with suppress(RemoteError):
                step()
        scene.clock.forward(max(UNTIL_SURE, timedelta(hours=number % 100)))


HAPPENINGS: tuple[Callable[[Life, int], None], ...] = (
    Life.writes_in,
    Life.replies,
    Life.released,
    Life.reopened,
    Life.declined,
    Life.workaround,
    Life.merged,
    Life.unlinked,
    Life.changes_hands,
    Life.forgotten,
    Life.lost_answer,
    Life.helpdesk_down,
)
HISTORIES = st.lists(
    st.tuples(st.sampled_from((*HAPPENINGS, *[Life.passes] * 8)), st.integers(0, 500)), min_size=5, max_size=40
)


# A note told of two bugs on two tickets; they became one bug, and one ticket's link was taken back.
MOVED = [(Life.released, 0), (Life.released, 1), (Life.passes, 0), (Life.merged, 0), (Life.unlinked, 0)]


@settings(max_examples=100)
@given(HISTORIES)
@example(MOVED)
def test_no_history_breaks_an_invariant(history: list[tuple[Callable[[Life, int], None], int]]) -> None:
    """Links, releases, merges, faults, people forgotten: after whatever happens the check finds nothing."""
    life = Life()
    life.scene.on(1)
    for number in range(4):
        life.writes_in(number)
    life.passes(1)
    for happens, number in history:
        happens(life, number)
    for number in range(3):
        life.passes(number)
    assert check(life.scene.store).all == ()


def lived() -> Scene:
    """A scene with one note posted, and all decided."""
    scene, _ = with_a_release_due()
    assert scene.send().posted == 1
    scene.plan()
    assert check(scene.store).all == ()
    return scene


def broken(scene: Scene, *statements: str) -> tuple[Violation, ...]:
    """What the check finds after rows were changed past the product."""
    connection = scene.store._connection()
    connection.execute("PRAGMA foreign_keys = OFF")
    for table in ("message", "fact_event", "delivery_event", "link_event", "bug_event", "decision", "finding", "alias"):
        for trigger in ("keeps_values", "keeps_rows"):
            connection.execute(f"DROP TRIGGER IF EXISTS {table}_{trigger}")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0, statement
    return check(scene.store).all


def test_a_check_says_how_much_it_looked_at() -> None:
    """Nothing found means something only where one knows what was looked for."""
    found = check(lived().store)
    assert (found.clean, found.checked) == (True, steps(lived().store))
    assert found.events == lived().store.head()


BREAKING = {
    "forgotten-stay-away": "UPDATE party SET remote_id = 'carla' WHERE remote_id = 'eve'",
    "references-intact": "UPDATE link SET bug_id = 99 WHERE rowid = 1",
    "seq-once": "UPDATE sequence SET seq = seq + 3",
    "seq-known": "UPDATE update_item SET decision_seq = 1000000",
    "instant-form": "UPDATE ticket SET created_at = '2026-01-02 09:00:00' WHERE id = 1",
    "update-key": "UPDATE update_item SET key = 'x' || key",
    "posted-once": "UPDATE delivery_event SET detail_code = 'declined:1' WHERE kind = 'posted'",
    "delivery-state": "UPDATE delivery SET state = 'dead'",
    "claimed-first": "UPDATE delivery_event SET kind = 'posting' WHERE kind = 'claimed'",
    "update-delivery": "UPDATE update_item SET state = 'claimed' WHERE state IN ('posted', 'told')",
    "answer-delivery": """
        INSERT INTO answer (key, ticket_id, kind, subject, due_at, state)
        VALUES ('linked:1', 1, 'linked', '{}', '2026-01-02T09:00:00.000000Z', 'posted')
    """,
    "attempts-within-fence": "UPDATE delivery SET fence = 0",
    "live-before-posting": "UPDATE fact_event SET value = '2027-01-01T00:00:00.000000Z' WHERE kind = 'live_from'",
    "called-for": "UPDATE decision SET output = json_set(output, '$.updates', json('[]'))",
    "decided-on-the-known": "UPDATE decision SET upto_seq = seq",
    "finding-on-its-ticket": "UPDATE finding SET ticket_id = 99 WHERE message_id IS NOT NULL",
    "issue-named": "DELETE FROM alias WHERE entity_id = 1",
    "known-words": "UPDATE update_item SET state = 'lost'",
    "private-of-the-kept": "UPDATE party SET erased_key = 'x', remote_id = NULL WHERE kind = 'customer'",
    "erased-nameless": "UPDATE ticket SET erased_key = 'x' WHERE id = 1",
    "erased-ended": "UPDATE ticket SET erased_key = 'x' WHERE id IN (SELECT ticket_id FROM update_item)",
    "link-state": "UPDATE link SET state = 'unlinked'",
    "bug-canonical": "UPDATE bug SET canonical_id = 2 WHERE id = 1",
    "bug-frequency": "UPDATE bug SET frequency = 'spiking' WHERE id = 1",
    "bug-stage": "UPDATE bug SET stage = 'declined' WHERE id = 1",
    "bug-check": "UPDATE bug SET check_at = NULL",
    "issue-gone": "UPDATE issue SET gone = 1",
    "source-live-from": "UPDATE source SET live_from = NULL",
    "ticket-requester": "UPDATE ticket SET requester_id = NULL",
    "ticket-brand": "UPDATE fact_event SET kind = 'brand', value = 'Gold' WHERE kind = 'status'",
    "ticket-group": "UPDATE ticket SET support_group = 'Nobody'",
    "pilot-start": "INSERT INTO live_group VALUES (1, 'Nobody', '2026-01-01T00:00:00.000000Z')",
    "link-touched": "UPDATE link SET touched_seq = 1",
}
DERIVED = (
    "link-state",
    "bug-canonical",
    "bug-frequency",
    "bug-stage",
    "bug-check",
    "issue-gone",
    "source-live-from",
    "ticket-requester",
    "ticket-brand",
    "ticket-group",
    "link-touched",
)


@pytest.mark.parametrize("name", BREAKING)
def test_each_invariant_is_missed_when_it_is_broken(name: str) -> None:
    """Rows that were changed past the product are found, by the id of what they break."""
    scene = lived()
    if name == "bug-canonical":
        scene.store.issue_for(2, OTHER_ISSUE, actor=ANN, at=scene.clock.at)
    if name == "forgotten-stay-away":
        scene.reported(EVE)
        carla = scene.store.customer(1, "carla")
        assert carla is not None
        forget(scene.store, scene.clock, [carla], ANN)
    assert name in {violation.id for violation in broken(scene, BREAKING[name])}


def test_every_invariant_has_a_test() -> None:
    """An id without a test could be one that never complains."""
    assert set(BREAKING) == {*Scene().store.invariants(), *DERIVED} - {"database-intact"}


@pytest.mark.parametrize("name", DERIVED)
def test_what_is_derived_is_made_again(name: str) -> None:
    """A repair puts back what the events say, and the next check finds nothing."""
    scene = lived()
    if name == "bug-canonical":
        scene.store.issue_for(2, OTHER_ISSUE, actor=ANN, at=scene.clock.at)
    assert broken(scene, BREAKING[name])
    assert name in {one.id for one in repair(scene.store).misfolds}
    assert check(scene.store).all == ()


def test_since_when_a_bug_is_declined_is_derived_too() -> None:
    """An audit counts it as open until then."""
    scene = lived()
    scene.tracker.close(ISSUE, scene.clock.at, ClosedAs.DECLINED)
    scene.sync()
    assert check(scene.store).all == ()
    assert [one.id for one in broken(scene, "UPDATE bug SET declined_at = NULL")] == ["bug-stage"]
    repair(scene.store)
    assert check(scene.store).all == ()


def test_a_repair_has_the_links_concerned_decided_again() -> None:
    """What was decided on a wrong state isn't left standing."""
    scene = lived()
    assert scene.plan().decided == 0
    broken(scene, BREAKING["link-state"])
    repair(scene.store)
    assert scene.plan().decided == 1


def test_a_link_without_an_event_is_taken_away_and_one_without_a_row_is_made() -> None:
    """The events alone say which links there are."""
    scene = lived()
    scene.store.issue_for(2, OTHER_ISSUE, actor=ANN, at=scene.clock.at)
    connection = scene.store._connection()
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("UPDATE link SET bug_id = 2")
    kept = {(one.kept, one.folded) for one in check(scene.store).misfolds if one.id == "link-state"}
    assert kept == {(None, "linked"), ("linked", None)}
    repair(scene.store)
    assert [row.key.bug_id for row in scene.store.links()] == [1]
    assert check(scene.store).all == ()
