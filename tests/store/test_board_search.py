"""Bugs are found by a part of their issue's reference, or by customers' words."""

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board_bugs import BugName
from bugbridge.core.model import Entity, Stage
from tests.store.scene import START, Scene, day
from tests.store.test_query_plans import plans, table_scans

EVERYBODY = Visitor("lea", "Lea", Role.LEAD)
EUROPE = Visitor("eva", "Eva", Role.AGENT, frozenset({"support:eu"}))


def known(scene: Scene, number: int, words: str = "") -> int:
    """A bug whose issue was read, and what customers call it."""
    bug_id = scene.bug(number)
    issue = scene.store.find_issue(f"github:acme/app#{number}")
    assert issue
    scene.store.save_issue(issue.id, str(number), START)
    scene.store.keep_private(None, Entity.BUG, bug_id, "words", words)
    return bug_id


def found(scene: Scene, text: str, limit: int = 9) -> list[str]:
    return [one.issue for one in scene.store.search_bugs(EVERYBODY, text, limit)]


def test_every_word_has_to_be_there_in_any_case() -> None:
    """In the reference or in the words, the latest first."""
    scene = Scene()
    first, second = known(scene, 12, "the export problem"), known(scene, 120, "Export as PDF")
    assert found(scene, "EXPORT") == ["github:acme/app#120", "github:acme/app#12"]
    assert found(scene, "export problem app#12") == ["github:acme/app#12"]
    assert found(scene, "#12") == ["github:acme/app#120", "github:acme/app#12"]
    assert found(scene, "export", 1) == ["github:acme/app#120"]
    (one,) = scene.store.search_bugs(EVERYBODY, "problem", 9)
    assert (one.bug_id, one.words, one.stage) == (first, "the export problem", Stage.OPEN)
    assert second != first


@pytest.mark.parametrize("text", ["", " ", "%", "_", "\\", "100%", "' OR 1=1 --"])
def test_nothing_that_is_typed_is_a_pattern(text: str) -> None:
    """And no words find nothing."""
    scene = Scene()
    known(scene, 12, "the export problem")
    assert found(scene, text) == []


def test_an_issue_that_was_only_named_is_not_found() -> None:
    """Nobody knows yet whether there is one."""
    scene = Scene()
    scene.bug(12)
    assert found(scene, "acme") == []


def test_a_search_is_one_question_that_finds_words_by_their_key() -> None:
    """However many issues there are."""
    scene, asked = Scene(), []
    known(scene, 12, "the export problem")
    connection = scene.store._connection()
    connection.set_trace_callback(asked.append)
    scene.store.search_bugs(EVERYBODY, "export", 9, by_subject=True)
    connection.set_trace_callback(None)
    assert len(asked) == 1
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
    assert any("words USING" in step and "owner=? AND owner_id=? AND field=?" in step for step in plan)
    assert any("subject USING" in step and "owner=?" in step for step in plan)
    for table in ("link", "ticket", "source", "member"):
        assert any(step.startswith(f"SEARCH {table} USING") for step in plan), table


def reported(scene: Scene, number: int, ticket: str, brand: str, created: float, subject: str) -> None:
    """A ticket with a subject reports a bug."""
    row = scene.store.save_ticket(scene.helpdesk, ticket, day(created), scene.customer(ticket), brand)
    scene.store.keep_private(None, Entity.TICKET, row.id, "subject", subject)
    scene.link(row.id, scene.bug(number), at=day(created))


def found_by_subject(scene: Scene, visitor: Visitor, text: str) -> list[str]:
    return [one.issue for one in scene.store.search_bugs(visitor, text, 9, by_subject=True)]


def test_a_bug_is_found_by_the_subject_of_a_ticket_in_sight_that_reports_it() -> None:
    """With its reference and words, where that is asked for; not by one out of sight, nor by words of two subjects, of
    a ticket that is only suggested or no longer linked."""
    scene = Scene()
    known(scene, 12), known(scene, 13, "the export problem"), known(scene, 14)
    reported(scene, 12, "1", "eu", 1, "Checkout sends everything TWICE")
    reported(scene, 12, "2", "eu", 2, "100% slow")
    reported(scene, 13, "3", "us", 3, "The checkout hangs")
    reported(scene, 14, "4", "eu", 4, "Checkout is empty")
    scene.store._run("UPDATE link SET state = 'suggested' WHERE ticket_id = 4", {})
    first, second, third = (f"github:acme/app#{number}" for number in (12, 13, 14))
    assert found(scene, "checkout") == []
    assert found_by_subject(scene, EVERYBODY, "checkout") == [second, first]
    assert found_by_subject(scene, EUROPE, "checkout") == [first]
    assert found_by_subject(scene, EVERYBODY, "hangs export #13") == [second]
    assert found_by_subject(scene, EVERYBODY, "twice app#12 everything") == [first]
    assert found_by_subject(scene, EVERYBODY, "twice slow") == []
    assert found_by_subject(scene, EVERYBODY, "%") == [first]
    assert found_by_subject(scene, EVERYBODY, "app#14") == [third]
    scene.store._run("UPDATE link SET state = 'unlinked' WHERE ticket_id = 1", {})
    assert found_by_subject(scene, EUROPE, "checkout") == []


def test_no_name_and_no_address_is_searched() -> None:
    """What is kept of a person isn't what a ticket is about."""
    scene = Scene()
    known(scene, 12)
    reported(scene, 12, "1", "eu", 1, "Hangs")
    for field in ("name", "address"):
        scene.store.keep_private(None, Entity.PARTY, scene.customer("1"), field, "ada@example.com")
    assert found_by_subject(scene, EVERYBODY, "ada") == []


def test_a_bug_is_named_by_its_words_or_the_newest_subject_in_sight() -> None:
    """Never by that of a ticket out of sight, nor by an empty one; and counted by the tickets in sight."""
    scene = Scene()
    known(scene, 12), known(scene, 13, "the export problem"), known(scene, 14)
    for ticket, brand, created, subject in (("1", "eu", 1, "Old"), ("2", "eu", 2, "New"), ("3", "eu", 3, "")):
        reported(scene, 12, ticket, brand, created, subject)
    reported(scene, 12, "4", "us", 4, "Hidden")
    reported(scene, 13, "5", "eu", 5, "Export hangs")
    reported(scene, 14, "6", "us", 6, "Hidden too")
    first, second, third = (f"github:acme/app#{number}" for number in (12, 13, 14))
    asked = [first, second, third, "github:acme/app#99"]
    words = BugName("the export problem", "")
    names = {first: BugName("", "Hidden"), second: words, third: BugName("", "Hidden too")}
    assert scene.store.bug_names(EVERYBODY, asked) == names
    assert scene.store.tickets_reporting(EVERYBODY, asked) == {first: 4, second: 1, third: 1}
    names = {first: BugName("", "New"), second: words}
    assert {**scene.store.bug_names(EUROPE, [first, second])} == names
    assert scene.store.tickets_reporting(EUROPE, asked) == {first: 3, second: 1}
    assert [one.issue for one in scene.store.search_bugs(EUROPE, "acme", 9)] == [second, first]


def test_names_of_a_page_of_bugs_are_one_question_that_reads_no_whole_table() -> None:
    """However many tickets and bugs there are."""
    store = Scene().store
    for ask in (store.bug_names, store.tickets_reporting):
        scans = table_scans(plans(store, lambda _store, ask=ask: ask(EUROPE, ["github:acme/app#12"])))
        assert [scan for scan in scans if "asked" not in scan and "json_each" not in scan] == []
    assert [scan for scan in table_scans(plans(store, lambda _: store.sees_bug(EUROPE, 1))) if "json" not in scan] == []
