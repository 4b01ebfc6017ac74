"""The board's lists are found by indexes, a page at a time, and hold what somebody may see."""

from collections.abc import Callable

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board import DueWanted, Show
from bugbridge.core.model import Entity, FactKind, LinkEventKind
from bugbridge.core.places import LARGEST, LATEST_TEXT
from bugbridge.core.records import LinkKey
from bugbridge.store.sqlite import SqliteStore
from tests.store.scene import LATER, START, Scene, day
from tests.store.test_query_plans import plans, table_scans

EVERYBODY = Visitor("lea", "Lea", Role.LEAD)
NARROW = Visitor("ann", "Ann", Role.AGENT, frozenset({"support:acme"}))
END = (LARGEST, LARGEST)


def wanted(show: Show) -> DueWanted:
    """Ask for all of one list."""
    return DueWanted(show, START, LATER, START)


QUESTIONS: dict[str, tuple[Callable[[SqliteStore], object], str]] = {
    **{
        f"updates, {show}": (lambda store, show=show: store.board_updates(EVERYBODY, wanted(show), ("", 0), 51), index)  # type: ignore[misc]
        for show, index in dict.fromkeys(Show, "update_open (due_at>?").items()
    },
    "count_updates": (lambda store: store.count_updates(EVERYBODY, wanted(Show.TODAY)), "update_open (due_at<?)"),
    "rounds": (lambda store: store.board_rounds(EVERYBODY, (0, "")), "update_in_review ((bug_id,reason)>(?,?))"),
    "count_rounds": (lambda store: store.count_rounds(EVERYBODY), "update_in_review"),
    "questions": (lambda store: store.board_questions(EVERYBODY, (0, "")), "decision_asking (bug_id=?)"),
    "promised links": (
        lambda store: store.board_promised_links(EVERYBODY, LinkKey(9, 9), 51),
        "fact_of_entity (entity=? AND entity_id=?)",
    ),
    "all promised links": (lambda store: store.promised_links(), "fact_of_entity (entity=? AND entity_id=?)"),
    "suggestions": (lambda store: store.board_suggestions(EVERYBODY, END), "link_suggested"),
    "unlinked": (lambda store: store.board_unlinked(EVERYBODY, START, (LATEST_TEXT, LARGEST)), "link_taken_away"),
    "gone issues": (lambda store: store.board_gone_issues(EVERYBODY, (0,)), "issue_gone (id>?)"),
    "wordless bugs": (lambda store: store.board_wordless(EVERYBODY, (0,)), "link_of_bug (bug_id=?)"),
}


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_each_list_is_found_by_its_index(name: str) -> None:
    """No page reads a whole table, however many tickets there are."""
    ask, index = QUESTIONS[name]
    details = plans(Scene().store, ask)
    assert any(f"INDEX {index}" in detail for detail in details), details
    assert [scan for scan in table_scans(details) if not scan.startswith("SCAN (subquery")] == []


@pytest.fixture
def scene() -> Scene:
    """Two tickets of two brands that report one bug, each with an update."""
    made = Scene()
    for remote_id, brand in (("1", "acme"), ("2", "globex")):
        made.store.save_ticket(made.helpdesk, remote_id, START, made.customer(remote_id), brand)
        key = made.link(made.ticket(remote_id), made.bug(12))
        made.store.save_updates(key, [made.update(key)], "")
    return made


def test_a_list_holds_what_its_visitor_may_see(scene: Scene) -> None:
    """And counts agree with it."""
    for visitor, tickets in ((EVERYBODY, ["support:1", "support:2"]), (NARROW, ["support:1"])):
        found = scene.store.board_updates(visitor, wanted(Show.TODAY), ("", 0), 51)
        assert [one.ticket for one in found] == tickets
        assert scene.store.count_updates(visitor, wanted(Show.TODAY)).number == len(tickets)


def test_a_round_counts_the_tickets_in_sight(scene: Scene) -> None:
    """Somebody who sees one brand isn't told how many of another wait."""
    scene.store._run("UPDATE update_item SET review = 'waiting'")
    for visitor, tickets in ((EVERYBODY, 2), (NARROW, 1)):
        (found,) = scene.store.board_rounds(visitor, (0, "")).rows
        assert (found.bug, found.reason, found.tickets) == ("github:acme/app#12", "released", tickets)
        assert scene.store.count_rounds(visitor).number == 1


def test_a_question_is_asked_once_of_a_bug(scene: Scene) -> None:
    """The first decision that asks it stands, on a ticket in sight; an agent's question isn't the lead's."""
    first, second = LinkKey(1, 1), LinkKey(2, 1)
    asks = '{"person": "lead: tell everybody?", "because": "two report it"}'
    scene.keep(scene.decision(second, asks), scene.decision(first, asks, day(1)))
    scene.keep(scene.decision(first, '{"person": "does it work?", "because": ""}'))
    (all_see,) = scene.store.board_questions(EVERYBODY, (0, "")).rows
    (narrow,) = scene.store.board_questions(NARROW, (0, "")).rows
    assert (all_see.ticket, all_see.question, all_see.because) == ("support:2", "tell everybody?", "two report it")
    assert (narrow.ticket, narrow.asked_at) == ("support:1", day(1))
    assert scene.store.count_questions(EVERYBODY).number == 1


def test_suggestions_and_tombstones_are_of_links_in_sight(scene: Scene) -> None:
    """A link that a person took away says since when; one that stands again isn't listed."""
    other = scene.bug(34)
    scene.link(1, other, LinkEventKind.SUGGESTED)
    scene.link(2, other, LinkEventKind.SUGGESTED)
    taken, again = LinkKey(1, 1), LinkKey(2, 1)
    for key in (taken, again):
        scene.link(key.ticket_id, key.bug_id, LinkEventKind.UNLINKED, day(2))
    scene.link(again.ticket_id, again.bug_id, LinkEventKind.LINKED, day(3))
    assert [one.ticket for one in scene.store.board_suggestions(EVERYBODY, END).rows] == ["support:2", "support:1"]
    assert [one.ticket for one in scene.store.board_suggestions(NARROW, END).rows] == ["support:1"]
    (found,) = scene.store.board_unlinked(EVERYBODY, day(1), (LATEST_TEXT, LARGEST)).rows
    assert (found.ticket, found.at) == ("support:1", day(2))
    assert scene.store.board_unlinked(EVERYBODY, day(2.5), (LATEST_TEXT, LARGEST)).rows == ()


def test_bugs_without_words_and_gone_issues_are_those_with_tickets_in_sight(scene: Scene) -> None:
    """A bug that nobody reports concerns nobody."""
    scene.bug(34)
    issue = scene.store.find_issue("github:acme/app#12")
    assert issue is not None
    scene.keep(scene.fact(Entity.ISSUE, issue.id, FactKind.GONE, "deleted", day(1)))
    for visitor, tickets in ((EVERYBODY, 2), (NARROW, 1)):
        (wordless,) = scene.store.board_wordless(visitor, (0,)).rows
        (gone,) = scene.store.board_gone_issues(visitor, (0,)).rows
        assert (wordless.bug, wordless.tickets) == ("github:acme/app#12", tickets)
        assert (gone.reference, gone.gone, gone.since, gone.tickets) == (issue.reference, "deleted", day(1), tickets)
    scene.store.keep_private(None, Entity.BUG, issue.bug_id, "words", "export problem")
    assert scene.store.board_wordless(EVERYBODY, (0,)).rows == ()
