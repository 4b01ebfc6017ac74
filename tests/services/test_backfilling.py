"""History brought along: read for links and for the audit, and never a reason to write to anybody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.errors import RemoteError, UsageError
from bugbridge.core.model import Entity, FactKind
from bugbridge.core.snapshots import HistoryCost
from bugbridge.services.auditing import run_audit
from bugbridge.services.backfilling import BackfillPlan, backfill, plan_backfill
from bugbridge.services.linking import link_tickets
from bugbridge.services.settling import LinkingResult
from tests.services.scene import EVE, HELPDESK, ISSUE, RULES, Scene, day


def with_history() -> tuple[Scene, str]:
    """A customer wrote on day 1 and was told on day 12 of the release; reading began on day 20, from day 15 on."""
    scene = Scene(live=False).on(1)
    ticket = scene.writes_in()
    scene.on(2).notes(ticket, "acme/app#12")
    scene.on(10).is_released()
    scene.on(12).replies(ticket, "It is fixed in 4.2.")
    scene.on(20).go_live(5)
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(15))
    return scene, ticket


def bring_along(scene: Scene, since: float = 0) -> LinkingResult:
    """Backfill, then read the issues that were found."""
    planned = plan_backfill(scene.helpdesk, scene.store, day(since))
    result = backfill(scene.helpdesk, scene.store, scene.clock, RULES, planned, lambda _: None)
    scene.sync()
    return result


def source_read_from(scene: Scene) -> float:
    """Since which day changes were read."""
    source = next(source for source in scene.store.sources() if source.name == HELPDESK)
    assert source.read_from is not None
    return (source.read_from - day(0)) / timedelta(days=1)


def test_a_first_reading_begins_where_it_is_told() -> None:
    """A hundred thousand old tickets aren't read by surprise."""
    scene, ticket = with_history()
    assert scene.store.find_ticket(HELPDESK, ticket) is None
    assert source_read_from(scene) == 15


def test_a_later_reading_goes_on_from_its_cursor() -> None:
    """However the settings change: the first day counts once."""
    scene, _ = with_history()
    new = scene.on(21).writes_in()
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(21.5))
    assert scene.store.find_ticket(HELPDESK, new) is not None


def test_old_notes_make_links() -> None:
    """The ticket is linked since its note was written."""
    scene, ticket = with_history()
    bring_along(scene)
    assert scene.states(ticket) == {ISSUE: "linked"}
    assert source_read_from(scene) == 0


def test_old_replies_count_in_the_audit() -> None:
    """The customer heard of it, long before BugBridge was there."""
    scene, _ = with_history()
    bring_along(scene)
    (bug,) = run_audit(scene.store, scene.clock).bugs
    assert (bug.reported_at, bug.updates_sent) == (day(1), 1)


def test_nothing_is_planned_by_it() -> None:
    """Live since day 5, released on day 10, and nobody told: still background, for it was read on day 20 only."""
    scene = Scene(live=False).on(1)
    ticket = scene.writes_in()
    scene.on(2).notes(ticket, "acme/app#12")
    scene.replies(ticket)
    scene.on(10).is_released()
    scene.on(20).go_live(5)
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(15))
    bring_along(scene)
    scene.plan()
    assert (scene.states(ticket), scene.store.open_updates()) == ({ISSUE: "linked"}, ())


def test_what_happens_afterwards_is_told() -> None:
    """A customer brought along is a customer like any other."""
    scene = Scene(live=False).on(1)
    ticket = scene.writes_in()
    scene.on(2).notes(ticket, "acme/app#12")
    scene.replies(ticket)
    scene.on(20).go_live(5)
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(15))
    bring_along(scene)
    scene.plan()
    scene.on(25).is_released()
    scene.sync()
    scene.plan()
    assert "released" in {item.reason for item in scene.store.open_updates() if item.due_at <= day(40)}


def test_a_second_time_changes_nothing() -> None:
    """Nothing is kept twice, and no link is made twice."""
    scene, _ = with_history()
    bring_along(scene)
    before = scene.store.head()
    again = bring_along(scene)
    assert (scene.store.head(), again.links) == (before, 0)


def test_it_goes_on_where_it_was_interrupted() -> None:
    """What was read isn't read again; the same day asked for means the same backfill."""
    scene = Scene(live=False).on(1)
    tickets = [scene.on(1 + number).writes_in() for number in range(6)]
    scene.on(20)
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(15))
    read = 0

    def stop_after_three(count: int) -> None:
        nonlocal read
        read += count
        if read == 3:
            raise KeyboardInterrupt

    planned = plan_backfill(scene.helpdesk, scene.store, day(0))
    with pytest.raises(KeyboardInterrupt):
        backfill(scene.helpdesk, scene.store, scene.clock, RULES, planned, stop_after_three)
    assert plan_backfill(scene.helpdesk, scene.store, day(0)).resumes is True
    assert plan_backfill(scene.helpdesk, scene.store, day(1)).resumes is False
    again = backfill(scene.helpdesk, scene.store, scene.clock, RULES, planned, lambda _: None)
    assert again.tickets < len(tickets)
    assert all(scene.store.find_ticket(HELPDESK, ticket) for ticket in tickets)
    assert plan_backfill(scene.helpdesk, scene.store, day(0)).resumes is False


def test_a_failing_helpdesk_keeps_what_was_read() -> None:
    """And the next try goes on from there."""
    scene, ticket = with_history()
    scene.helpdesk.fail(RemoteError("support is out of order"))
    with pytest.raises(RemoteError):
        bring_along(scene)
    scene.helpdesk.fail(None)
    bring_along(scene)
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_the_cost_is_known_before() -> None:
    """Requests, minutes, and the share of what the helpdesk allows."""
    scene, _ = with_history()
    planned = plan_backfill(scene.helpdesk, scene.store, day(0))
    assert (planned.cost.tickets, planned.cost.requests) == (1, 2)
    plan = BackfillPlan(day(0), None, HistoryCost(1000, 1200, per_minute=400))
    assert (plan.minutes(50), plan.minutes(100)) == (6, 3)
    assert BackfillPlan(day(0), None, HistoryCost(1, 2)).minutes(50) is None


def test_only_what_would_be_read_is_counted() -> None:
    """Tickets that daily reading has in hand aren't; after a backfill nothing is left."""
    scene, _ = with_history()
    recent = scene.on(21).writes_in()
    scene.link()
    assert plan_backfill(scene.helpdesk, scene.store, day(0)).cost.tickets == 1
    bring_along(scene)
    assert plan_backfill(scene.helpdesk, scene.store, day(0)).cost.tickets == 0
    assert plan_backfill(scene.helpdesk, scene.store, day(0), again=True).cost.tickets == 2
    assert scene.store.find_ticket(HELPDESK, recent) is not None


def test_reading_again_keeps_what_changed_outside_the_helpdesk() -> None:
    """As after a change of the team's list of accounts; what is recent doesn't become history by it."""
    scene = Scene().on(1)
    ticket = scene.reported(EVE)
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(0))
    shown = scene.helpdesk._tickets[ticket].shown
    account = replace(EVE.account, tier="starter")
    scene.helpdesk._tickets[ticket].shown = replace(shown, requester=replace(EVE, account=account))
    planned = plan_backfill(scene.helpdesk, scene.store, day(0), again=True)
    backfill(scene.helpdesk, scene.store, scene.clock, RULES, planned, lambda _: None)
    facts = scene.store.facts(Entity.PARTY, scene.store.party_id(1, "account", "account of eve"))
    assert facts[FactKind.TIER].value == "starter"
    assert [event.value for event in scene.history(scene.key(ticket)).link_events] == [""]


def test_before_the_first_reading_it_is_refused() -> None:
    """Or all that is recent would count as history."""
    with pytest.raises(UsageError, match="run `bugbridge sync` first"):
        plan_backfill(Scene().helpdesk, Scene().store, day(0))


def test_an_interruption_within_a_long_page_loses_few_tickets() -> None:
    """A vendor's page may hold a thousand: each commit holds some, with the place to go on from."""
    scene = Scene(live=False).on(1)
    scene.helpdesk.page = 1000
    for number in range(120):
        scene.on(1 + number / 100).writes_in()
    scene.on(20)
    link_tickets(scene.helpdesk, scene.store, scene.clock, RULES, day(15))
    planned = plan_backfill(scene.helpdesk, scene.store, day(0))
    read = 0

    def stop_after_110(count: int) -> None:
        nonlocal read
        read += count
        if read == 110:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backfill(scene.helpdesk, scene.store, scene.clock, RULES, planned, stop_after_110)
    again = backfill(scene.helpdesk, scene.store, scene.clock, RULES, planned, lambda _: None)
    assert again.tickets <= 120 - 100 + 1
