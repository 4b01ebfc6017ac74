"""Links that exist already are brought along as they are, and nobody is written to because of them."""

from bugbridge.core.records import KnownUpTo
from bugbridge.core.snapshots import RecordedLink
from bugbridge.services.importing_links import FoundLink, find_links, import_links, state_of
from bugbridge.services.settling import LinkingResult
from tests.services.scene import HELPDESK, ISSUE, OTHER_ISSUE, RULES, Scene, day


def bring_along(scene: Scene) -> LinkingResult:
    """Find all links and import them, then read the issues that they name."""
    found = find_links(scene.helpdesk, RULES, None)
    result = import_links(scene.helpdesk, scene.store, scene.clock, RULES, found.links)
    scene.sync()
    return result


def test_a_list_of_the_helpdesk_links_at_the_instant_that_it_names() -> None:
    """As Zendesk's Jira links do."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.helpdesk.record_link(RecordedLink(ticket, "acme/app#12", day(3)))
    bring_along(scene.on(20))
    (event,) = [event for event in scene.history(scene.key(ticket)).link_events if event.kind == "linked"]
    assert (event.how, event.occurred_at, event.value) == ("imported", day(3), "background")


def test_a_link_that_nobody_dated_is_as_old_as_its_ticket_and_says_so() -> None:
    """An assumption is marked as one."""
    scene = Scene().on(1)
    ticket = scene.writes_in(fields=("acme/app#12",))
    bring_along(scene.on(20))
    (event,) = [event for event in scene.history(scene.key(ticket)).link_events if event.kind == "linked"]
    assert (event.how, event.occurred_at, event.value) == ("imported", day(1), "assumed")


def test_incidents_report_the_bug_that_their_problem_is_linked_to() -> None:
    """Agents linked one ticket, and tied the others to it."""
    scene = Scene().on(1)
    problem = scene.writes_in(fields=("acme/app#12",))
    incident = scene.helpdesk.add_ticket(day(1), incident_of=problem)
    bring_along(scene.on(20))
    assert scene.states(incident) == {ISSUE: "linked"}


def test_looking_writes_nothing() -> None:
    """`--dry-run` says what would be linked, and what can't be."""
    scene = Scene().on(1)
    ticket = scene.writes_in(fields=("acme/app#12",))
    scene.helpdesk.record_link(RecordedLink(ticket, "OTHER-7"))
    before = scene.store.head()
    found = find_links(scene.helpdesk, RULES, None)
    assert found.links == (FoundLink(ticket, ISSUE, "field"),)
    assert (found.tickets, [link.text for link in found.unread]) == (1, ["OTHER-7"])
    assert (scene.store.head(), state_of(scene.store, HELPDESK, found.links[0])) == (before, "new")


def test_only_tickets_changed_since_a_day_are_looked_through() -> None:
    """For those who have more than they want."""
    scene = Scene().on(1)
    scene.writes_in(fields=("acme/app#12",))
    new = scene.on(10).writes_in(fields=("acme/app#34",))
    assert [link.ticket_id for link in find_links(scene.helpdesk, RULES, day(5)).links] == [new]


def test_importing_twice_changes_nothing() -> None:
    """No event, no link."""
    scene = Scene().on(1)
    scene.writes_in(fields=("acme/app#12", "acme/app#34"))
    first = bring_along(scene.on(20))
    before = scene.store.head()
    again = bring_along(scene)
    assert (scene.store.head(), again.links, first.tickets) == (before, 0, 1)


def test_what_a_person_took_back_stays_so() -> None:
    """Only a person links again."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.unlinks(ticket)
    scene.helpdesk.record_link(RecordedLink(ticket, "acme/app#12", day(3)))
    bring_along(scene.on(20))
    assert scene.states(ticket) == {ISSUE: "unlinked"}


def test_nothing_that_happened_before_is_told_because_of_it() -> None:
    """Released on day 10 on a live helpdesk, linked by the import on day 20: background."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.replies(ticket)
    scene.on(10).is_released()
    scene.helpdesk.record_link(RecordedLink(ticket, "acme/app#12", day(2)))
    bring_along(scene.on(20))
    scene.plan()
    assert (scene.states(ticket), scene.store.open_updates()) == ({ISSUE: "linked"}, ())


def test_what_happens_afterwards_is_told() -> None:
    """That is what the link is for."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.replies(ticket)
    scene.helpdesk.record_link(RecordedLink(ticket, "acme/app#12", day(2)))
    bring_along(scene.on(20))
    scene.plan()
    scene.on(25).is_released()
    scene.sync()
    scene.plan()
    assert "released" in {item.reason for item in scene.store.open_updates() if item.due_at <= day(40)}


def test_a_ticket_that_is_gone_is_left_out() -> None:
    """Lists outlive tickets."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.helpdesk.record_link(RecordedLink(ticket, "acme/app#12", day(2)))
    scene.helpdesk.delete(ticket, day(3))
    assert bring_along(scene.on(20)) == LinkingResult()


def test_replies_before_the_import_are_known() -> None:
    """A ticket that wasn't kept yet comes with its messages, for the audit and for what was told."""
    scene = Scene().on(1)
    ticket = scene.writes_in(fields=("acme/app#34",))
    scene.on(2).replies(ticket, "We are looking into it.")
    bring_along(scene.on(20))
    history = scene.history(scene.key(ticket, OTHER_ISSUE))
    assert len(history.messages) == 2
    assert scene.store.link_history(history.key, KnownUpTo(0)).messages == ()
