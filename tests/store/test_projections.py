"""What appending an event changes beside its own row."""

import pytest

from bugbridge.core.errors import DataError
from bugbridge.core.events import DeliveryEvent, Event, Finding, Ruleset
from bugbridge.core.model import BugEventKind, Entity, FactKind, FindingKind, Frequency, LinkEventKind
from bugbridge.core.records import LinkKey
from tests.store.scene import ACTOR, LATER, START, Scene, day

SUGGESTED, LINKED, UNLINKED = LinkEventKind.SUGGESTED, LinkEventKind.LINKED, LinkEventKind.UNLINKED


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([SUGGESTED], "suggested"),
        ([SUGGESTED, LINKED], "linked"),
        ([LINKED, SUGGESTED], "linked"),
        ([LINKED, UNLINKED], "unlinked"),
        ([LINKED, UNLINKED, SUGGESTED], "unlinked"),
        ([LINKED, UNLINKED, LINKED], "linked"),
    ],
)
def test_a_links_state_folds_from_its_events(kinds: list[LinkEventKind], state: str) -> None:
    """A suggestion never downgrades a link nor revives a tombstone; linking again links."""
    scene = Scene()
    ticket_id, bug_id = scene.ticket("1"), scene.bug(1)
    for number, kind in enumerate(kinds):
        scene.link(ticket_id, bug_id, kind, day(number))
    assert [(row.key, row.state) for row in scene.store.links_of(ticket_id)] == [(LinkKey(ticket_id, bug_id), state)]


def test_a_late_link_does_not_undo_a_later_unlink() -> None:
    """An old note that is read late was overruled by the person who unlinked after it."""
    scene = Scene()
    ticket_id, bug_id = scene.ticket("1"), scene.bug(1)
    scene.link(ticket_id, bug_id, UNLINKED, day(5))
    scene.link(ticket_id, bug_id, LINKED, day(3))
    assert scene.store.links_of(ticket_id)[0].state == "unlinked"


def test_only_standing_links_are_listed_and_decided() -> None:
    """Suggestions and tombstones wait for a person, not for the policy."""
    scene = Scene()
    linked = scene.link(scene.ticket("1"), scene.bug(1))
    scene.link(scene.ticket("2"), scene.bug(1), SUGGESTED)
    scene.link(scene.link(scene.ticket("3"), scene.bug(1)).ticket_id, scene.bug(1), UNLINKED)
    assert [row.key for row in scene.store.links()] == [linked]
    assert scene.to_decide() == {linked}


def test_what_is_about_a_ticket_touches_its_links() -> None:
    """Facts, messages, findings and deliveries of a ticket have its links decided again, and no other's."""
    scene = Scene()
    key, other = scene.linked("1", "ada"), scene.linked("2", "bob")
    store, ticket_id = scene.store, key.ticket_id
    store.save_updates(key, [scene.update(key)], "")
    delivery = store.claim(store.updates_of(key), owner="me", lease_until=day(1), now=START, actor=ACTOR)
    assert delivery is not None
    finding = Finding(
        occurred_at=START,
        source_key="f",
        ticket_id=ticket_id,
        message_id=None,
        extractor="x",
        version=1,
        kind=FindingKind.TOLD,
    )
    step = DeliveryEvent(
        occurred_at=START, source_key="d", delivery_id=delivery.id, ticket_id=ticket_id, kind="posting"
    )
    status = scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "open")
    events: list[Event] = [status, scene.message(ticket_id, scene.customer("ada")), finding, step]
    touched = []
    for each in events:
        scene.decided(key, other)
        scene.keep(each)
        touched.append(scene.to_decide())
    assert touched == [{key}] * 4


def test_what_a_customer_learns_touches_their_other_tickets_about_the_same_bug() -> None:
    """Told counts per customer: their other ticket about the bug is decided again, not the one about another bug."""
    scene = Scene()
    first, second = scene.linked("1", "ada", 1), scene.linked("2", "ada", 1)
    other_bug, other_customer = scene.linked("3", "ada", 2), scene.linked("4", "bob", 1)
    scene.decided(first, second, other_bug, other_customer)
    scene.keep(scene.told(first, day(1)))
    assert scene.to_decide() == {first, second}
    scene.decided(first, second)
    scene.keep(scene.message(first.ticket_id, scene.customer("ada")))
    assert scene.to_decide() == {first, second}


def test_facts_of_a_customer_and_of_their_account_touch_their_links() -> None:
    """A new tier or an opt-out changes what the policy says."""
    scene = Scene()
    key, other = scene.linked("1", "ada"), scene.linked("2", "bob")
    customer, account = scene.customer("ada"), scene.account("acme")
    touched = []
    for event in (
        scene.fact(Entity.PARTY, customer, FactKind.ACCOUNT, str(account)),
        scene.fact(Entity.PARTY, account, FactKind.TIER, "enterprise"),
        scene.fact(Entity.PARTY, customer, FactKind.OPT_OUT, "all"),
    ):
        scene.decided(key, other)
        scene.keep(event)
        touched.append(scene.to_decide())
    assert touched == [{key}] * 3


def test_what_is_about_a_bug_touches_all_its_links() -> None:
    """Facts of its issue and its own events reach every ticket that reports it, through merges too."""
    scene = Scene()
    key, merged, other = scene.linked("1", "ada", 1), scene.linked("2", "bob", 2), scene.linked("3", "eve", 3)
    issue = scene.store.find_issue("github:acme/app#1")
    assert issue is not None
    touched = []
    for event in (
        scene.merge(merged.bug_id, key.bug_id),
        scene.fact(Entity.ISSUE, issue.id, FactKind.STAGE, "fixed"),
        scene.bug_event(key.bug_id, BugEventKind.WORKAROUND, "1"),
        scene.fact(Entity.BUG, merged.bug_id, FactKind.LABELS, "x"),
    ):
        scene.decided(key, merged, other)
        scene.keep(event)
        touched.append(scene.to_decide())
    assert touched == [{key, merged}] * 4


def test_decisions_and_rulesets_touch_nothing() -> None:
    """Deciding doesn't call for deciding; a new policy is announced by touch_all."""
    scene = Scene()
    key = scene.linked()
    scene.keep(scene.decision(key))
    scene.keep(Ruleset(occurred_at=START, source_key="r", hash="h", kind="policy", body="", in_force_from=START))
    assert scene.to_decide() == set()
    scene.store.touch_all()
    assert scene.to_decide() == {key}


def test_what_is_known_already_touches_nothing() -> None:
    """Reading the same history again is silent."""
    scene = Scene()
    key = scene.linked()
    message = scene.message(key.ticket_id, scene.customer("ada"))
    scene.keep(message)
    scene.decided(key)
    scene.keep(message)
    assert scene.to_decide() == set()


def test_going_live_is_projected_and_touches_the_sources_links() -> None:
    """live_from lands on the source in the one form of instants, and "" is watch mode again."""
    scene = Scene()
    key = scene.linked()
    scene.go_live(day(3))
    assert scene.store.sources()[0].live_from == day(3)
    assert scene.to_decide() == {key}
    scene.keep(scene.fact(Entity.SOURCE, scene.helpdesk, FactKind.LIVE_FROM, "", day(4)))
    assert scene.store.sources()[0].live_from is None


@pytest.mark.parametrize("value", ["soon", "2024-06-01T00:00:00"])
def test_a_live_from_that_is_no_instant_is_refused(value: str) -> None:
    """Nobody is written to because of a date that can't be read, or that lacks its zone."""
    scene = Scene()
    with pytest.raises(DataError, match="is no instant to go live from"):
        scene.keep(scene.fact(Entity.SOURCE, scene.helpdesk, FactKind.LIVE_FROM, value))
    assert scene.store.sources()[0].live_from is None


def test_a_new_link_has_its_bugs_frequency_checked() -> None:
    """A new report is new evidence, on the surviving bug; what is linked already, or only suggested, isn't."""
    scene = Scene()
    key = scene.link(scene.ticket("1"), scene.bug(1), at=day(1))
    assert scene.store.bugs_to_check(day(1)) == (key.bug_id,)
    scene.store.mark_checked(key.bug_id, day(8))
    scene.link(key.ticket_id, key.bug_id, at=day(2))
    scene.link(scene.ticket("2"), key.bug_id, SUGGESTED, day(2))
    assert scene.store.bugs_to_check(day(7)) == ()
    assert scene.store.bugs_to_check(day(8)) == (key.bug_id,)


def test_a_link_of_a_merged_bug_has_the_survivor_checked() -> None:
    """Evidence counts for the bug that survived."""
    scene = Scene()
    old, survivor = scene.bug(1), scene.bug(2)
    scene.keep(scene.merge(old, survivor))
    scene.store.mark_checked(survivor, LATER)
    scene.link(scene.ticket("1"), old, at=day(1))
    assert scene.store.bugs_to_check(day(1)) == (survivor,)


def test_a_frequency_check_is_projected() -> None:
    """Lists show the frequency last judged."""
    scene = Scene()
    key = scene.linked()
    scene.keep(scene.bug_event(key.bug_id, BugEventKind.FREQUENCY_CHECK, '{"frequency": "frequent"}'))
    assert [bug.frequency for bug in scene.store.bugs()] == [Frequency.FREQUENT]


def test_a_frequency_check_without_a_frequency_is_refused() -> None:
    """A check that says nothing is an error, not a change."""
    scene = Scene()
    with pytest.raises(DataError, match="must be a JSON object with the key frequency"):
        scene.keep(scene.bug_event(scene.bug(1), BugEventKind.FREQUENCY_CHECK, "{}"))


def test_a_gone_issue_is_marked_and_can_come_back() -> None:
    """What a tracker no longer shows isn't read again until it does."""
    scene = Scene()
    scene.bug(1)
    issue = scene.store.find_issue("github:acme/app#1")
    assert issue is not None
    assert scene.store.unread_issues(scene.tracker) == (issue,)
    scene.keep(scene.fact(Entity.ISSUE, issue.id, FactKind.GONE, "true", day(1)))
    assert scene.store.unread_issues(scene.tracker) == ()
    scene.keep(scene.fact(Entity.ISSUE, issue.id, FactKind.GONE, "", day(2)))
    assert scene.store.unread_issues(scene.tracker) == (issue,)
