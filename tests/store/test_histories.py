"""Both as-of reads: what was known up to a number, and what had happened by an instant."""

import pytest

from bugbridge.core.errors import DataError
from bugbridge.core.events import Event
from bugbridge.core.model import BugEventKind, Entity, FactKind, LinkEventKind
from bugbridge.core.records import HappenedBy, KnownUpTo, LinkKey, Moment, Report
from tests.store.scene import LATER, START, Scene, day


def issue_id(scene: Scene, number: int) -> int:
    issue = scene.store.find_issue(f"github:acme/app#{number}")
    assert issue is not None
    return issue.id


def everything_about(scene: Scene, key: LinkKey, at: float) -> list[Event]:
    """Give an event of every kind that a link's history reads, all at one time."""
    ada, acme = scene.customer("ada"), scene.account("acme")
    return [
        scene.fact(Entity.TICKET, key.ticket_id, FactKind.STATUS, "solved", day(at)),
        scene.fact(Entity.TICKET, key.ticket_id, FactKind.REQUESTER, str(ada), day(at)),
        scene.fact(Entity.TICKET, key.ticket_id, FactKind.BRAND, "blue", day(at)),
        scene.fact(Entity.PARTY, ada, FactKind.ACCOUNT, str(acme), day(at)),
        scene.fact(Entity.PARTY, acme, FactKind.TIER, "enterprise", day(at)),
        scene.fact(Entity.SOURCE, scene.helpdesk, FactKind.LIVE_FROM, START.isoformat(), day(at)),
        scene.fact(Entity.ISSUE, issue_id(scene, 12), FactKind.STAGE, "fixed", day(at)),
        scene.message(key.ticket_id, ada, day(at)),
        scene.told(key, day(at)),
        scene.decision(key, '{"person": "lead: a workaround?"}', day(at)),
        scene.bug_event(key.bug_id, BugEventKind.WORKAROUND, "1", day(at)),
    ]


def test_what_is_learnt_later_alters_no_earlier_knowledge() -> None:
    """The history read up to a number stays the same whatever is appended after it, even if it happened before."""
    scene = Scene()
    key = scene.linked()
    scene.keep(*everything_about(scene, key, 1))
    known = KnownUpTo(scene.store.head())
    before = scene.store.link_history(key, known), scene.store.reports(key.bug_id, known)
    scene.keep(*everything_about(scene, key, 0))
    scene.keep(scene.merge(key.bug_id, scene.bug(13)))
    scene.link(key.ticket_id, key.bug_id, LinkEventKind.UNLINKED)
    scene.link(scene.ticket("2", scene.customer("ada")), key.bug_id)
    assert (scene.store.link_history(key, known), scene.store.reports(key.bug_id, known)) == before


def test_what_happens_later_alters_no_earlier_past() -> None:
    """The history as of an instant stays the same whatever happens after it; what came late but happened before
    shows."""
    scene = Scene()
    key = scene.linked()
    scene.keep(*everything_about(scene, key, 1))
    by = HappenedBy(day(2))
    before = scene.store.link_history(key, by), scene.store.reports(key.bug_id, by)
    scene.keep(*everything_about(scene, key, 3))
    scene.keep(scene.merge(key.bug_id, scene.bug(13), day(3)))
    scene.link(key.ticket_id, key.bug_id, LinkEventKind.UNLINKED, day(3))
    assert (scene.store.link_history(key, by), scene.store.reports(key.bug_id, by)) == before
    scene.keep(scene.message(key.ticket_id, scene.customer("ada"), day(2)))
    assert len(scene.store.link_history(key, by).messages) == len(before[0].messages) + 1


def test_a_history_holds_every_kind_of_event() -> None:
    """Nothing that a link's facts are folded from is left out."""
    scene = Scene()
    key = scene.linked()
    scene.keep(*everything_about(scene, key, 1))
    history = scene.store.link_history(key, HappenedBy(day(1)))
    kinds = [
        [fact.kind for fact in facts] for facts in (history.source_facts, history.ticket_facts, history.party_facts)
    ]
    assert kinds == [
        [FactKind.LIVE_FROM],
        [FactKind.STATUS, FactKind.REQUESTER, FactKind.BRAND],
        [FactKind.ACCOUNT, FactKind.TIER],
    ]
    assert [event.kind for event in history.link_events] == [LinkEventKind.LINKED, LinkEventKind.TOLD]
    assert [len(part) for part in (history.messages, history.decisions, history.bug_decisions)] == [1, 1, 1]
    assert [event.kind for event in history.bug.bug_events] == [BugEventKind.ISSUE_ADDED, BugEventKind.WORKAROUND]
    assert [fact.value for fact in history.bug.issue_facts] == ["fixed"]
    assert (history.ticket.brand, history.ticket.requester_id) == ("blue", scene.customer("ada"))


def test_events_are_in_order_of_when_they_happened() -> None:
    """What came late stands where it happened; at one instant the order of keeping decides."""
    scene = Scene()
    key, ada = scene.linked(), scene.customer("ada")
    scene.keep(*(scene.message(key.ticket_id, ada, day(at)) for at in (3, 1, 2, 1)))
    messages = scene.store.link_history(key, HappenedBy(LATER)).messages
    order = [(message.occurred_at, message.seq) for message in messages]
    assert [at for at, _ in order] == [day(1), day(1), day(2), day(3)]
    assert order == sorted(order)


def test_a_merged_bug_brings_its_links_and_references_but_not_its_facts() -> None:
    """The survivor's own issue says how far it is; the duplicate's tickets report the survivor."""
    scene = Scene()
    survivor, duplicate = scene.linked("1", "ada", 1), scene.linked("2", "bob", 2)
    scene.keep(
        scene.fact(Entity.ISSUE, issue_id(scene, 1), FactKind.STAGE, "open"),
        scene.fact(Entity.ISSUE, issue_id(scene, 2), FactKind.STAGE, "declined"),
        scene.bug_event(duplicate.bug_id, BugEventKind.RELEASE_MARK, "9"),
        scene.merge(duplicate.bug_id, survivor.bug_id, day(1)),
    )
    for asked in (survivor.bug_id, duplicate.bug_id):
        history = scene.store.bug_history(asked, HappenedBy(day(1)))
        assert history.bug_id == survivor.bug_id
        assert history.primary_reference == "github:acme/app#1"
        assert history.references == ("github:acme/app#1", "github:acme/app#2")
        assert [fact.value for fact in history.issue_facts] == ["open"]
        assert [event.kind for event in history.bug_events] == [BugEventKind.ISSUE_ADDED]
        assert history.links == (survivor, duplicate)


@pytest.mark.parametrize(("at", "survivor"), [(0.5, 2), (1, 1)])
def test_merges_are_followed_as_of_the_moment(at: float, survivor: int) -> None:
    """Before the merge the duplicate was a bug of its own."""
    scene = Scene()
    scene.bug(1)
    duplicate = scene.linked("2", "bob", 2)
    scene.keep(scene.merge(2, 1, day(1)), at=day(1))
    moments: list[Moment] = [HappenedBy(day(at)), KnownUpTo(scene.store.seq_at(day(at)))]
    assert [scene.store.link_history(duplicate, moment).bug.bug_id for moment in moments] == [survivor] * 2


def test_what_a_customer_was_told_on_another_ticket_is_in_the_history() -> None:
    """party_link_events cover all tickets of the same requester about the canonical bug, through merges."""
    scene = Scene()
    first, second, stranger = scene.linked("1", "ada", 1), scene.linked("2", "ada", 2), scene.linked("3", "bob", 1)
    scene.keep(scene.told(second, day(1)), scene.told(stranger, day(1)), scene.merge(2, 1, day(2)))
    history = scene.store.link_history(first, HappenedBy(day(2)))
    assert {event.ticket_id for event in history.party_link_events} == {first.ticket_id, second.ticket_id}
    assert {event.ticket_id for event in history.link_events} == {first.ticket_id}
    before = scene.store.link_history(first, HappenedBy(day(1)))
    assert {event.ticket_id for event in before.party_link_events} == {first.ticket_id}


def test_only_decisions_that_ask_a_person_are_shared_by_the_bug() -> None:
    """What somebody was asked for one ticket isn't asked again for the next; other decisions are their link's own."""
    scene = Scene()
    first, second = scene.linked("1", "ada"), scene.linked("2", "bob")
    scene.keep(scene.decision(first, '{"person": "lead: ask"}'), scene.decision(first, '{"person": ""}'))
    history = scene.store.link_history(second, KnownUpTo(scene.store.head()))
    assert [decision.output for decision in history.bug_decisions] == ['{"person": "lead: ask"}']
    assert history.decisions == ()


def test_the_account_is_the_one_of_the_moment() -> None:
    """A customer who changed their employer has the facts of the one they had then."""
    scene = Scene()
    key, ada = scene.linked(), scene.customer("ada")
    old, new = scene.account("old"), scene.account("new")
    scene.keep(
        scene.fact(Entity.PARTY, old, FactKind.TIER, "free"),
        scene.fact(Entity.PARTY, new, FactKind.TIER, "enterprise"),
        scene.fact(Entity.PARTY, ada, FactKind.ACCOUNT, str(old), day(1)),
        scene.fact(Entity.PARTY, ada, FactKind.ACCOUNT, str(new), day(5)),
    )
    reports = [scene.store.reports(key.bug_id, HappenedBy(day(at)))[0] for at in (0, 1, 5)]
    assert [(report.account_id, report.tier) for report in reports] == [(ada, ""), (old, "free"), (new, "enterprise")]


def test_reports_are_the_tickets_linked_at_the_moment() -> None:
    """A ticket reports from its creation on, once, while it is linked; suggestions are no reports."""
    scene = Scene()
    ada = scene.customer("ada")
    one, two = scene.bug(1), scene.bug(2)
    ticket_id = scene.ticket("1", ada, day(2))
    scene.link(ticket_id, one, at=day(5))
    scene.link(ticket_id, two, at=day(5))
    scene.link(scene.ticket("2", ada), one, LinkEventKind.SUGGESTED, day(5))
    scene.keep(scene.merge(two, one, day(6)))
    report = Report(ticket_id, ada, ada, "", day(2))
    assert [scene.store.reports(one, HappenedBy(day(at))) for at in (4, 5, 7)] == [(), (report,), (report,)]
    for bug_id in (one, two):
        scene.link(ticket_id, bug_id, LinkEventKind.UNLINKED, day(8))
    assert scene.store.reports(one, HappenedBy(day(8))) == ()


def test_unknown_requesters_are_not_taken_for_one_customer() -> None:
    """Two tickets without a requester count as two reporters."""
    scene = Scene()
    bug_id = scene.bug(1)
    for remote_id in ("1", "2"):
        scene.link(scene.ticket(remote_id), bug_id)
    reports = scene.store.reports(bug_id, KnownUpTo(scene.store.head()))
    assert len({report.account_id for report in reports}) == 2


def test_unknown_bugs_and_tickets_are_one_sentence() -> None:
    """A wrong number is said, not guessed at."""
    scene = Scene()
    with pytest.raises(DataError, match="There is no bug 7"):
        scene.store.bug_history(7, KnownUpTo(0))
    with pytest.raises(DataError, match="There is no ticket 7"):
        scene.store.link_history(LinkKey(7, scene.bug(1)), KnownUpTo(0))
