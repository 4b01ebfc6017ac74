"""Sources, parties, tickets, issues and bugs."""

import pytest

from bugbridge.core.errors import DataError
from bugbridge.core.events import Alias
from bugbridge.core.model import Entity, LinkEventKind, Stage
from bugbridge.core.records import ResolvedRow
from bugbridge.core.survival import BugLife
from tests.store.scene import ACTOR, LATER, START, Scene, day


def test_a_source_is_declared_once() -> None:
    """Starting again finds the source with its cursor."""
    scene = Scene()
    scene.store.save_cursor(scene.helpdesk, "abc", day(1))
    scene.store.pause(scene.helpdesk, day(2))
    source = scene.store.declare_source("support", "zendesk", "helpdesk")
    assert (source.id, source.cursor, source.last_ok_at, source.paused_until) == (scene.helpdesk, "abc", day(1), day(2))
    scene.store.pause(scene.helpdesk, None)
    assert [source.paused_until for source in scene.store.sources()] == [None, None]


def test_a_source_cannot_become_another_kind() -> None:
    """Ids of one vendor mean nothing to another, so the name must not be reused."""
    with pytest.raises(DataError, match="support is a zendesk helpdesk in the database and a request_tracker helpdesk"):
        Scene().store.declare_source("support", "request_tracker", "helpdesk")


def test_parties_are_found_again_by_source_kind_and_id() -> None:
    """One person is one party; the same id of another kind is another."""
    scene = Scene()
    ids = [scene.customer("7"), scene.account("7"), scene.customer("7"), scene.customer("8")]
    assert (ids[0] == ids[2], len(set(ids))) == (True, 3)


def test_private_values_are_kept_replaced_and_deleted() -> None:
    """Free text lives in one place, where deleting it deletes it."""
    scene = Scene()
    read = []
    for value in ("Ada", "Ada Lovelace", ""):
        scene.store.keep_private(scene.customer("ada"), Entity.PARTY, 1, "name", value)
        read.append(scene.store.private(Entity.PARTY, 1, "name"))
    assert read == ["Ada", "Ada Lovelace", ""]
    assert scene.store._rows("SELECT * FROM private_value") == []


def test_a_ticket_keeps_what_was_known_unless_something_new_is_given() -> None:
    """Seeing a ticket without its requester forgets nothing."""
    scene = Scene()
    ada, bob = scene.customer("ada"), scene.customer("bob")
    first = scene.store.save_ticket(scene.helpdesk, "4711", START, ada, "blue")
    assert first.reference == "support:4711"
    assert scene.store.save_ticket(scene.helpdesk, "4711", day(1)) == first
    changed = scene.store.save_ticket(scene.helpdesk, "4711", START, bob, "red")
    assert (changed.id, changed.requester_id, changed.brand) == (first.id, bob, "red")
    assert scene.store.find_ticket("support", "4711") == changed
    assert scene.store.find_ticket("other", "4711") is None


def test_an_unknown_ticket_is_one_sentence() -> None:
    """A wrong id is an error of the data."""
    with pytest.raises(DataError, match="There is no ticket 9 in this database"):
        Scene().store.ticket(9)


def test_an_issue_comes_with_its_bug_once() -> None:
    """The first sight of a reference makes issue, bug, alias and event; the second finds them."""
    scene = Scene()
    issue = scene.store.issue_for(scene.tracker, "github:acme/app#1", actor=ACTOR, at=START)
    head = scene.store.head()
    assert head == 2
    assert scene.store.issue_for(scene.tracker, "github:acme/app#1", actor=ACTOR, at=day(1)) == issue
    assert (scene.store.head(), scene.store.canonical_bug(issue.bug_id)) == (head, issue.bug_id)


def test_issues_are_unread_until_saved() -> None:
    """An issue that was linked is read once from its tracker, and then known."""
    scene = Scene()
    one = scene.store.issue_for(scene.tracker, "github:acme/app#1", actor=ACTOR, at=START)
    two = scene.store.issue_for(scene.tracker, "github:acme/app#2", actor=ACTOR, at=START)
    scene.store.save_issue(one.id, "900", day(-5))
    assert scene.store.unread_issues(scene.tracker) == (two,)
    references = ["github:acme/app#1", "github:acme/app#3"]
    (known,) = scene.store.known_issues(scene.tracker, references)
    assert (known.id, known.created_at) == (one.id, day(-5))
    assert scene.store.known_issues(scene.helpdesk, references) == ()


def test_issues_are_found_by_every_project_they_had_a_name_in() -> None:
    """A list names a renamed repository's issues by either name; names that only begin alike are other projects."""
    scene = Scene()
    names = ["github:acme/app#1", "github:acme/app#2", "github:acme/apple#1", "github:acme/api#1"]
    issues = [scene.store.issue_for(scene.tracker, name, actor=ACTOR, at=START) for name in names]
    for issue in issues[1:]:
        scene.store.save_issue(issue.id, str(issue.id), day(-5))
    moved, key = issues[3], scene.key()
    now_called = "github:acme/app#9"
    alias = Alias(
        occurred_at=START,
        source_key=key,
        source_id=scene.tracker,
        reference=now_called,
        entity=Entity.ISSUE,
        entity_id=moved.id,
    )
    scene.keep(alias)
    found = {
        project: [issue.reference for issue in scene.store.issues_in_project(scene.tracker, project)]
        for project in ("acme/app", "acme/apple", "acme/api", "acme/ap")
    }
    assert found == {"acme/app": [names[1], names[3]], "acme/apple": [names[2]], "acme/api": [names[3]], "acme/ap": []}
    assert scene.store.issues_in_project(scene.helpdesk, "acme/app") == ()


def test_issues_are_found_by_the_stage_of_the_surviving_bug() -> None:
    """A duplicate has its survivor's stage."""
    scene = Scene()
    survivor, duplicate = scene.bug(1), scene.bug(2)
    scene.keep(scene.merge(duplicate, survivor))
    scene.store.save_bug_state(survivor, Stage.FIXED, day(3))
    found = scene.store.issues_in_stage(scene.tracker, Stage.FIXED)
    assert [issue.reference for issue in found] == ["github:acme/app#1", "github:acme/app#2"]
    assert scene.store.issues_in_stage(scene.tracker, Stage.RELEASED) == ()


def test_bugs_are_listed_with_their_standing_links() -> None:
    """Canonical bugs that have or had a link; merged ones count for their survivor, suggestions for none."""
    scene = Scene()
    survivor, duplicate = scene.linked("1", "ada", 1), scene.linked("2", "bob", 2)
    lonely = scene.linked("3", "eve", 3)
    scene.link(scene.ticket("4"), scene.bug(4), LinkEventKind.SUGGESTED)
    scene.link(lonely.ticket_id, lonely.bug_id, LinkEventKind.UNLINKED, day(1))
    scene.keep(scene.merge(duplicate.bug_id, survivor.bug_id))
    assert [(bug.reference, bug.links) for bug in scene.store.bugs()] == [
        ("github:acme/app#1", 2),
        ("github:acme/app#3", 0),
    ]


def test_resolved_bugs_are_the_last_ones_that_customers_reported() -> None:
    """The latest fix first; open, merged and unlinked bugs don't count."""
    scene = Scene()
    bugs = [scene.linked(str(number), "ada", number).bug_id for number in range(1, 6)]
    unlinked = scene.bug(6)
    for at, bug_id in enumerate([*bugs, unlinked]):
        scene.store.save_bug_state(bug_id, Stage.FIXED, day(at))
    scene.store.save_bug_state(bugs[4], Stage.OPEN, None)
    scene.keep(scene.merge(bugs[3], bugs[0]))
    found = [ResolvedRow(bugs[at], day(at)) for at in (2, 1, 0)]
    assert scene.store.resolved_bugs(9) == tuple(found)
    assert scene.store.resolved_bugs(2) == tuple(found[:2])
    assert scene.store.fixes_without_ticket(None, 3) == (1, ("github:acme/app#6",))
    assert scene.store.fixes_without_ticket(day(5.5), 3) == (0, ())


def test_pages_of_resolved_bugs_follow_one_another() -> None:
    """Those resolved at one instant too: the highest id first, none twice, none left out."""
    scene = Scene()
    bugs = [scene.linked(str(number), "ada", number).bug_id for number in range(1, 8)]
    for bug_id, at in zip(bugs, (3, 1, 2, 2, 2, 2, 1), strict=True):
        scene.store.save_bug_state(bug_id, Stage.FIXED, day(at))
    pages, row = [], None
    while page := scene.store.resolved_bugs(2, row):
        pages.append([one.id - bugs[0] for one in page])
        row = page[-1]
    assert pages == [[0, 5], [4, 3], [2, 6], [1]]


def test_reported_bugs_come_in_order_of_their_first_reports() -> None:
    """Whatever became of them; a merged bug's ticket counts for its survivor, an unlinked one for none."""
    scene = Scene()
    tickets = [scene.ticket(str(at), created_at=day(at)) for at in range(1, 6)]
    third, first, second, duplicate, unlinked = bugs = [scene.bug(number) for number in range(1, 6)]
    for ticket_id, bug_id in zip(reversed(tickets), bugs, strict=True):
        scene.link(ticket_id, bug_id)
    scene.keep(scene.merge(duplicate, first))
    scene.link(tickets[0], unlinked, LinkEventKind.UNLINKED, day(6))
    scene.store.save_bug_state(first, Stage.FIXED, day(7))
    assert scene.store.reported_bugs(None, None) == (first, second, third)
    assert scene.store.reported_bugs(2, None) == (second, third)
    assert scene.store.reported_bugs(None, day(3)) == (second, third)


def test_lives_are_those_of_canonical_bugs_with_a_ticket() -> None:
    """Since the earliest of its tickets and those of its duplicates; a merged bug has none of its own."""
    scene = Scene()
    early, late = scene.ticket("1", created_at=day(1)), scene.ticket("2", created_at=day(2))
    survivor, duplicate, declined = scene.bug(1), scene.bug(2), scene.bug(3)
    for ticket_id, bug_id in ((late, survivor), (early, duplicate), (late, declined)):
        scene.link(ticket_id, bug_id)
    scene.keep(scene.merge(duplicate, survivor))
    for bug_id in (survivor, duplicate, scene.bug(4)):
        scene.store.save_bug_state(bug_id, Stage.FIXED, day(5))
    scene.store.save_bug_state(declined, Stage.DECLINED, None, day(7))
    fixed_life, declined_life = BugLife(day(1), day(5), "fixed"), BugLife(day(2), day(7), "declined")
    found = [list(scene.store.lives(since)) for since in (None, day(5), day(7))]
    assert found == [[fixed_life, declined_life], [declined_life], []]


def test_frequency_is_checked_when_it_is_due() -> None:
    """A bug waits until its next check; those that waited longest come first."""
    scene = Scene()
    first, second = scene.bug(1), scene.bug(2)
    scene.store.mark_checked(first, day(5))
    scene.store.mark_checked(second, day(3))
    assert [scene.store.bugs_to_check(at) for at in (day(2), day(3), LATER)] == [(), (second,), (second, first)]
