"""What is asked every few seconds is found by an index, not by reading every row."""

from collections.abc import Callable

import pytest

from bugbridge.core.erasing import ErasedKind
from bugbridge.core.model import DeliveryState
from bugbridge.core.records import HappenedBy, ResolvedRow, TicketRow
from bugbridge.store.sqlite import SqliteStore
from tests.store.scene import ACTOR, START, Scene, day

QUESTIONS: dict[str, tuple[Callable[[SqliteStore], object], set[str]]] = {
    "links_to_decide": (lambda store: store.links_to_decide(START, 9), {"link_touched", "link_expiring"}),
    "due_updates": (lambda store: store.due_updates(START, 9), {"update_due"}),
    "reclaimable": (lambda store: store.reclaimable(START), {"delivery_unfinished"}),
    "bugs_to_check": (lambda store: store.bugs_to_check(START), {"bug_to_check"}),
    "resolved_bugs": (
        lambda store: store.resolved_bugs(100, ResolvedRow(7, START)),
        {
            "bug_resolved (resolved_at=? AND rowid<?)",
            "bug_resolved (resolved_at>? AND resolved_at<?)",
            "bug_of_canonical",
            "link_of_bug",
        },
    ),
    "fixes_without_ticket": (
        lambda store: store.fixes_without_ticket(START, 3),
        {"bug_resolved (resolved_at>?)", "bug_of_canonical", "link_of_bug"},
    ),
    "lives": (
        lambda store: list(store.lives(START)),
        {"bug_resolved (resolved_at>?)", "bug_declined (declined_at>?)", "bug_unended", "link_of_bug"},
    ),
    "tells_of_replies": (lambda store: store.tells_of_replies(1), {"message_of_author"}),
    "issues_in_project": (lambda store: store.issues_in_project(1, "acme/app"), {"alias_reference"}),
    "denied customers": (lambda store: store.denied(1, ErasedKind.CUSTOMER, ["7"]), {"party_erased"}),
    "denied tickets": (lambda store: store.denied(1, ErasedKind.TICKET, ["7"]), {"ticket_erased"}),
    "deliveries given up": (lambda store: store.deliveries(DeliveryState.DEAD), {"delivery_finished"}),
    "open_updates": (lambda store: store.open_updates(), {"update_open"}),
    "due_answers": (lambda store: store.due_answers(START, 9), {"answer_due"}),
    "unconfirmed_links": (lambda store: store.unconfirmed_links(START, START), {"link_made_at_work"}),
    "unreadable_lines": (lambda store: store.unreadable_lines(START, START), {"finding_by_line"}),
    "unmet_reminders": (lambda store: store.unmet_reminders(START, START), {"update_posted", "answer_of_ticket"}),
    "answered_reminders": (lambda store: store.answered_reminders(["released"], START), {"update_posted"}),
    "repeated_reminders": (lambda store: store.repeated_reminders(START), {"update_posted"}),
    "promised_links": (lambda store: store.promised_links(), {"finding_of_promise", "promise_made"}),
    "workload": (
        lambda store: store.workload(START),
        {"update_due", "update_that_died", "delivery_finished", "delivery_unfinished"},
    ),
}


def plans(store: SqliteStore, ask: Callable[[SqliteStore], object]) -> list[str]:
    """Give SQLite's plan of every query that a question leads to."""
    asked: list[str] = []
    connection = store._connection()
    connection.set_trace_callback(asked.append)
    ask(store)
    connection.set_trace_callback(None)
    queries = [text for text in asked if text.lstrip().startswith(("SELECT", "UPDATE", "WITH"))]
    return [row["detail"] for text in queries for row in store._rows("EXPLAIN QUERY PLAN " + text)]


NO_TABLES = frozenset({"cluster", "concerned", "conversation", "whole", "theirs", "sequence", "CONSTANT", "asked"})

WAYS = (" USING ", " VIRTUAL TABLE ")  # by an index, or through a parameter


def table_scans(details: list[str]) -> list[str]:
    """Give the reads of whole tables; those of a parameter, of what a query recurses over and of the one-row counter
    are none."""
    scans = [detail for detail in details if detail.startswith("SCAN") and not any(way in detail for way in WAYS)]
    return [scan for scan in scans if scan.split()[1] not in NO_TABLES]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_frequent_questions_use_their_index(name: str) -> None:
    """Each uses the index made for it, scans no table and sorts nothing but ties."""
    ask, indexes = QUESTIONS[name]
    details = plans(Scene().store, ask)
    used = {index for index in indexes if any(f"INDEX {index}" in detail for detail in details)}
    assert used == indexes
    assert table_scans(details) == []
    assert [detail for detail in details if detail == "USE TEMP B-TREE FOR ORDER BY"] == []


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda store: store.tagged_tickets(1), "fact_of_due_tag"),
        (lambda store: store.deliveries(DeliveryState.CLAIMED), "delivery_unfinished"),
        (lambda store: store.tickets_merged_into(TicketRow(1, 1, "support", "7", START)), "fact_continuing"),
    ],
)
def test_what_concerns_few_tickets_reads_no_others(ask: Callable[[SqliteStore], object], index: str) -> None:
    """Most tickets are neither tagged nor merged."""
    details = plans(Scene().store, ask)
    assert any(f"INDEX {index}" in detail for detail in details)
    assert table_scans(details) == []


def test_a_links_history_scans_no_table() -> None:
    """Reading one link costs what that link has, not what the team has."""
    scene = Scene()
    key = scene.linked()
    details = plans(scene.store, lambda store: store.link_history(key, HappenedBy(day(1))))
    assert table_scans(details) == []
    for index in ("fact_continuing", "fact_pointing_at"):
        assert any(f"INDEX {index}" in detail for detail in details), index


def test_touching_links_scans_no_table() -> None:
    """A message costs what its ticket has."""
    scene = Scene()
    key = scene.linked()
    message = scene.message(key.ticket_id, scene.customer("ada"))
    details = plans(scene.store, lambda _: scene.keep(message, scene.merge(key.bug_id, scene.bug(2))))
    assert table_scans(details) == []


def test_erasing_a_ticket_looks_at_no_other() -> None:
    """Expiry erases thousands at once: each costs what it has. Deliveries under way and hints are few anyway."""
    scene = Scene()
    ticket_id = scene.ticket("1", scene.customer("ada"))
    details = plans(scene.store, lambda store: store.erase([], [ticket_id], ErasedKind.TICKET, at=START, actor=ACTOR))
    assert any("SEARCH fact_event USING INDEX fact_continuing" in detail for detail in details)
    assert {scan.split()[1] for scan in table_scans(details)} <= {"delivery", "inbox"}
