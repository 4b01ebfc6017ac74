"""The list of bugs, and one bug's page, as the store hands them over: narrowed to what a visitor may see."""

from collections.abc import Callable
from itertools import count

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board_bugs import BoardBug, BugOrder, BugsWanted, IssueRole
from bugbridge.core.errors import UsageError
from bugbridge.core.events import Finding, LinkEvent, MessageEvent
from bugbridge.core.listings import PAGE_ROWS
from bugbridge.core.model import (
    AuthorKind,
    BugEventKind,
    Entity,
    FactKind,
    FindingKind,
    LinkEventKind,
    News,
    Review,
    Stage,
)
from bugbridge.core.records import LinkKey
from bugbridge.core.stages import release_mark_value
from bugbridge.store.sqlite import SqliteStore
from tests.store.scene import ACTOR, Scene, day
from tests.store.test_query_plans import plans, table_scans

EVERYTHING = Visitor("ann", "Ann", Role.AGENT)
EUROPE = Visitor("eva", "Eva", Role.AGENT, frozenset({"support:eu"}))
EVERY_BUG = BugsWanted()


@pytest.fixture
def scene() -> Scene:
    """Bug 1 is reported by three tickets of two customers, one of them of another brand; bug 2 by one of Europe."""
    scene = Scene()
    numbers = count(1)
    for number, customer, brand, created in ((1, "ada", "us", 5), (1, "ada", "eu", 4), (1, "bob", "us", 3)):
        report(scene, next(numbers), number, customer, brand, created)
    report(scene, next(numbers), 2, "cem", "eu", 1)
    return scene


def report(scene: Scene, ticket: int, number: int, customer: str, brand: str, created: float) -> LinkKey:
    """A customer's ticket reports a bug."""
    requester = scene.customer(customer)
    row = scene.store.save_ticket(scene.helpdesk, str(ticket), day(created), requester, brand)
    return scene.link(row.id, scene.bug(number), at=day(created))


def listed(scene: Scene, visitor: Visitor = EVERYTHING, wanted: BugsWanted = EVERY_BUG) -> list[BoardBug]:
    """Every row of the list, a page after another."""
    rows, after = [], ""
    while True:
        page = scene.store.board_bugs(visitor, wanted, after)
        assert len(page.rows) <= PAGE_ROWS
        rows, after = [*rows, *page.rows], page.next
        if not after:
            return rows


def numbers(rows: list[BoardBug]) -> list[int]:
    """The issues' numbers."""
    return [int(row.reference.partition("#")[2]) for row in rows]


def test_a_bug_is_listed_with_the_customers_and_tickets_that_are_in_sight(scene: Scene) -> None:
    """Two tickets of one customer are one customer affected; who sees one brand counts that brand's alone."""
    first, second = listed(scene)
    assert (first.customers, first.tickets, first.reported_at) == (2, 3, day(3))
    assert (second.customers, second.tickets, second.reported_at) == (1, 1, day(1))
    rows = {row.reference: (row.customers, row.tickets, row.reported_at) for row in listed(scene, EUROPE)}
    assert rows == {"github:acme/app#1": (1, 1, day(4)), "github:acme/app#2": (1, 1, day(1))}


def test_a_bug_without_a_ticket_in_sight_is_not_listed(scene: Scene) -> None:
    """What customers call it and what helps them is another brand's; who sees everything sees it without any ticket."""
    report(scene, 9, 3, "dot", "us", 2)
    assert sorted(numbers(listed(scene, EUROPE))) == [1, 2]
    assert [scene.store.sees_bug(EUROPE, scene.bug(number)) for number in (1, 2, 3)] == [True, True, False]
    assert sorted(numbers(listed(scene))) == [1, 2, 3]
    assert scene.store.sees_bug(EVERYTHING, scene.bug(99))


def test_merged_bugs_are_one_row(scene: Scene) -> None:
    """Under the name of the survivor, whose customers they are."""
    scene.keep(scene.merge(scene.bug(2), scene.bug(1), day(6)))
    (row,) = listed(scene)
    assert (row.reference, row.customers, row.tickets, row.reported_at) == ("github:acme/app#1", 3, 4, day(1))


def test_each_order_begins_with_what_it_is_named_after(scene: Scene) -> None:
    """The most customers, the first reported, the latest news."""
    issue = scene.store.find_issue("github:acme/app#2")
    assert issue is not None
    scene.keep(scene.fact(Entity.ISSUE, issue.id, FactKind.STAGE, "in_progress", day(8)))
    assert numbers(listed(scene)) == [1, 2]
    assert numbers(listed(scene, wanted=BugsWanted(BugOrder.AGE))) == [2, 1]
    assert numbers(listed(scene, wanted=BugsWanted(BugOrder.NEWS))) == [2, 1]


@pytest.mark.parametrize("order", BugOrder)
def test_pages_of_a_list_neither_repeat_nor_leave_out_a_bug(scene: Scene, order: BugOrder) -> None:
    """Also where many have as many customers, no news and the same age."""
    for number in range(3, 2 * PAGE_ROWS + 10):
        report(scene, 100 + number, number, "dot", "us" if number % 2 else "eu", 7)
    for visitor in (EVERYTHING, EUROPE):
        found = numbers(listed(scene, visitor, BugsWanted(order)))
        every = range(1, 2 * PAGE_ROWS + 10)
        assert sorted(found) == [one for one in every if visitor is EVERYTHING or one < 3 or one % 2 == 0]


@pytest.mark.parametrize("after", ["here", "1|1", '["x",1]', '[1,"x"]', f"[1,{2**63}]", f"[{10**30},1]", "[1]"])
def test_a_place_that_is_none_is_refused(scene: Scene, after: str) -> None:
    """In one sentence, whoever made it up."""
    with pytest.raises(UsageError, match="begin it anew"):
        scene.store.board_bugs(EVERYTHING, EVERY_BUG, after)


def test_a_list_can_be_narrowed(scene: Scene) -> None:
    """By stage, tracker, project, frequency and what customers' words hold."""
    store, bug = scene.store, scene.bug(2)
    store.save_bug_state(bug, Stage.FIXED, day(5))
    store.keep_private(None, Entity.BUG, bug, "words", "Export problem")
    for wanted, expected in (
        (BugsWanted(stages=(Stage.FIXED, Stage.DECLINED)), [2]),
        (BugsWanted(stages=(Stage.OPEN,)), [1]),
        (BugsWanted(tracker="github", project="ACME/app"), [1, 2]),
        (BugsWanted(project="acme/ap"), []),
        (BugsWanted(tracker="jira"), []),
        (BugsWanted(frequency="frequent"), []),
        (BugsWanted(words="export"), [2]),
        (BugsWanted(words="%"), []),
    ):
        assert numbers(listed(scene, wanted=wanted)) == expected, wanted


def test_a_list_is_narrowed_by_subjects_in_sight_as_by_customers_words(scene: Scene) -> None:
    """Of tickets that report the bug, small or capital; another brand's subject finds nothing."""
    for ticket, subject in ((1, "Checkout sends everything TWICE"), (4, "Export hangs")):
        scene.store.keep_private(None, Entity.TICKET, ticket, "subject", subject)
    scene.store.keep_private(None, Entity.BUG, scene.bug(1), "words", "payment problem")
    for words, everything, europe in (("everything twice", [1], []), ("EXPORT", [2], [2]), ("payment", [1], [1])):
        assert numbers(listed(scene, wanted=BugsWanted(words=words))) == everything
        assert numbers(listed(scene, EUROPE, BugsWanted(words=words))) == europe
    assert numbers(listed(scene, wanted=BugsWanted(words="twice everything"))) == []
    scene.store._run("UPDATE link SET state = 'unlinked' WHERE ticket_id = 1", {})
    assert numbers(listed(scene, wanted=BugsWanted(words="everything"))) == []


def test_the_last_news_is_the_latest_that_was_worth_telling(scene: Scene) -> None:
    """A first stage is none, nor is a workaround in other words; to come back after an end is."""
    issue = scene.store.find_issue("github:acme/app#2")
    assert issue is not None
    told = []
    for event in (
        scene.fact(Entity.ISSUE, issue.id, FactKind.STAGE, "open", day(1)),
        scene.fact(Entity.ISSUE, issue.id, FactKind.STAGE, "fixed", day(2)),
        scene.bug_event(issue.bug_id, BugEventKind.RELEASE_MARK, release_mark_value("4.2", day(3)), day(3)),
        scene.bug_event(issue.bug_id, BugEventKind.WORKAROUND, '{"language": "en"}', day(4)),
        scene.bug_event(issue.bug_id, BugEventKind.WORKAROUND, '{"language": "en", "repeats": true}', day(5)),
        scene.fact(Entity.ISSUE, issue.id, FactKind.STAGE, "open", day(6)),
    ):
        scene.keep(event)
        row = next(row for row in listed(scene) if row.id == issue.bug_id)
        told.append((row.news, row.news_at))
    workaround = (News.WORKAROUND, day(4))
    assert told == [
        (None, None),
        (News.FIXED, day(2)),
        (News.RELEASED, day(3)),
        workaround,
        workaround,
        (News.REOPENED, day(6)),
    ]


def test_open_bugs_are_counted_by_stage_and_age(scene: Scene) -> None:
    """By the first of their tickets in sight; bugs that ended are left out."""
    report(scene, 8, 3, "dot", "us", 9)
    scene.store.save_bug_state(scene.bug(2), Stage.RELEASED, day(5))
    counted = scene.store.board_bug_ages(EVERYTHING, EVERY_BUG, [day(8), day(2)])
    assert {(one.stage, one.place): one.count for one in counted} == {(Stage.OPEN, 0): 1, (Stage.OPEN, 1): 1}
    assert [one.count for one in scene.store.board_bug_ages(EUROPE, EVERY_BUG, [day(8)])] == [1]


def said(scene: Scene, key: LinkKey, kind: LinkEventKind, value: str, at: float) -> None:
    """Somebody says something of a link."""
    link = {"ticket_id": key.ticket_id, "bug_id": key.bug_id}
    scene.keep(LinkEvent(occurred_at=day(at), source_key=scene.key(), kind=kind, value=value, **link))


def replied(scene: Scene, key: LinkKey, at: float) -> None:
    """An agent writes to the customer."""
    agent = scene.store.party_id(scene.helpdesk, "agent", "7")
    message = MessageEvent(
        occurred_at=day(at),
        source_key=scene.key(),
        ticket_id=key.ticket_id,
        remote_id=scene.key(),
        author_id=agent,
        author_kind=AuthorKind.AGENT,
        public=True,
    )
    scene.keep(message)


def test_of_each_customer_counts_what_was_said_last_of_the_workaround(scene: Scene) -> None:
    """On whichever of their tickets that is in sight."""
    first, second = LinkKey(1, scene.bug(1)), LinkKey(2, scene.bug(1))
    said(scene, first, LinkEventKind.WORKAROUND, "told", 6)
    said(scene, second, LinkEventKind.WORKAROUND, "confirmed", 7)
    said(scene, LinkKey(3, scene.bug(1)), LinkEventKind.WORKAROUND, "failed", 7)
    sight = scene.store.board_bug_sight(EVERYTHING, scene.bug(1))
    assert (sight.customers, sight.tickets, sight.told, sight.confirmed, sight.failed) == (2, 3, 0, 1, 1)
    europe = scene.store.board_bug_sight(EUROPE, scene.bug(1))
    assert (europe.customers, europe.tickets, europe.told, europe.confirmed, europe.failed) == (1, 1, 0, 1, 0)


def test_a_round_that_waits_is_seen(scene: Scene) -> None:
    """By whoever sees one of its tickets."""
    key = LinkKey(1, scene.bug(1))
    item = scene.update(key)
    assert not scene.store.board_bug_sight(EVERYTHING, key.bug_id).round_waits
    scene.store.save_updates(key, [item], "")
    with scene.store.write():
        scene.store._run("UPDATE update_item SET review = :review", {"review": Review.WAITING})
    assert scene.store.board_bug_sight(EVERYTHING, key.bug_id).round_waits
    assert not scene.store.board_bug_sight(EUROPE, key.bug_id).round_waits


def test_issues_stand_by_what_they_are_for_the_bug(scene: Scene) -> None:
    """Primary, part, mirror; what merged without a role is a duplicate."""
    first = scene.bug(1)
    for number, kind in ((2, BugEventKind.PART_ADDED), (3, BugEventKind.MIRROR_ADDED), (4, None)):
        issue = scene.store.issue_for(scene.tracker, f"github:acme/app#{number}", actor=ACTOR, at=day(1))
        scene.keep(scene.merge(issue.bug_id, first, day(6)))
        if kind:
            scene.keep(scene.bug_event(first, kind, str(issue.id), day(6)))
    roles = [one.role for one in scene.store.board_bug_issues(first)]
    assert roles == [IssueRole.PRIMARY, IssueRole.PART, IssueRole.MIRROR, IssueRole.DUPLICATE]


def test_tickets_of_a_bug_go_on_page_after_page(scene: Scene) -> None:
    """The latest first, and those in sight alone."""
    for number in range(10, 10 + PAGE_ROWS):
        report(scene, number, 1, "dot", "us", 7)
    first = scene.store.board_bug_tickets(EVERYTHING, scene.bug(1), "")
    rest = scene.store.board_bug_tickets(EVERYTHING, scene.bug(1), first.next)
    assert (len(first.rows), rest.next) == (PAGE_ROWS, "")
    assert [one.ticket for one in rest.rows] == ["support:1", "support:2", "support:3"]
    assert [one.ticket for one in scene.store.board_bug_tickets(EUROPE, scene.bug(1), "").rows] == ["support:2"]


def test_promises_of_a_bug_are_those_that_stand(scene: Scene) -> None:
    """The last reading of a reply counts, with the reply after it; what an agent took back is none."""
    key, other = LinkKey(1, scene.bug(1)), LinkKey(3, scene.bug(1))
    for version, due in ((1, 7.0), (2, 8.0)):
        values = {"ticket_id": 1, "message_id": None, "extractor": "reply", "kind": FindingKind.PROMISE}
        event = Finding(
            occurred_at=day(6), source_key=scene.key(), version=version, due_at=day(due), value="", **values
        )
        scene.keep(event)
    replied(scene, key, 7)
    said(scene, other, LinkEventKind.PROMISE_MADE, "2024-01-20T00:00:00.000000Z", 6)
    said(scene, other, LinkEventKind.PROMISE_DISMISSED, "", 7)
    (one,) = scene.store.board_bug_promises(EVERYTHING, key.bug_id)
    assert (one.ticket, one.made_at, one.due_at, one.answered_at) == ("support:1", day(6), day(8), day(7))
    assert scene.store.board_bug_promises(EUROPE, key.bug_id) == ()


def test_silences_are_the_longest_stretches_without_a_word(scene: Scene) -> None:
    """From the ticket's beginning, or our last word, to the next one or the end; of less than a day is none."""
    replied(scene, LinkKey(3, scene.bug(1)), 9)
    silences = scene.store.board_bug_silences(EVERYTHING, scene.bug(1), day(9.5), 3)
    found = [(one.ticket, one.at, one.until) for one in silences]
    assert found == [
        ("support:3", day(3), day(9)),
        ("support:2", day(4), day(9.5)),
        ("support:1", day(5), day(9.5)),
    ]
    europe = scene.store.board_bug_silences(EUROPE, scene.bug(1), day(9.5), 3)
    assert [one.ticket for one in europe] == ["support:2"]


def test_a_ticket_out_of_sight_is_as_one_that_is_not_there(scene: Scene) -> None:
    """By its reference too."""
    assert scene.store.board_ticket(EVERYTHING, "support", "1") is not None
    assert scene.store.board_ticket(EUROPE, "support", "1") is None
    assert scene.store.board_ticket(EVERYTHING, "support", "99") is None


QUESTIONS: dict[str, Callable[[SqliteStore], object]] = {
    "sight": lambda store: store.board_bug_sight(EUROPE, 1),
    "issues": lambda store: store.board_bug_issues(1),
    "tickets": lambda store: store.board_bug_tickets(EUROPE, 1, ""),
    "promises": lambda store: store.board_bug_promises(EUROPE, 1),
    "entries": lambda store: store.board_bug_entries(EUROPE, 1, ("", ""), 50),
    "entry count": lambda store: store.board_bug_entry_count(EUROPE, 1),
    "silences": lambda store: store.board_bug_silences(EUROPE, 1, day(9), 10),
    "notes": lambda store: store.board_ticket_notes(1),
    "ticket": lambda store: store.board_ticket(EUROPE, "support", "1"),
}
DERIVED = {"seen", "linked", "said", "made", "entries", "spoken", "stretches", "back"}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_stands_on_a_bugs_page_is_found_without_reading_a_whole_table(name: str) -> None:
    """However many tickets and bugs there are."""
    scans = table_scans(plans(Scene().store, QUESTIONS[name]))
    assert [scan for scan in scans if scan.split()[1] not in DERIVED and "(subquery" not in scan] == []


def test_the_list_of_bugs_is_one_query(scene: Scene) -> None:
    """No query for each row."""
    asked: list[str] = []
    scene.store._connection().set_trace_callback(asked.append)
    scene.store.board_bugs(EVERYTHING, EVERY_BUG, "")
    assert len(asked) == 1
