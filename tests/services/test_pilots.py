"""Pilots: a helpdesk goes live group by group, and the others notice nothing."""

from dataclasses import replace

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.policy_scope import Policies
from bugbridge.services.backlog import Start, backlog
from bugbridge.services.checking import check
from bugbridge.services.explaining import explain
from bugbridge.services.going_live import go_live, pause, resume
from bugbridge.services.tagging import tag_due
from tests.services.scene import ANN, CARLA, EVE, HELPDESK, POLICY, Scene, customer, day

GERMAN, FRENCH = "Support DE", "Support FR"


def in_group(scene: Scene, ticket: str, group: str) -> str:
    """Put a ticket into a group."""
    shown = scene.helpdesk.ticket(ticket)
    scene.helpdesk._show(replace(shown, group=group, updated_at=scene.clock.at))
    scene.read()
    return ticket


def with_two_groups() -> tuple[Scene, str, str]:
    """A team in watch mode; a release is to be told to a customer of each group."""
    scene = Scene(live=False).on(1)
    german = in_group(scene, scene.reported(CARLA), GERMAN)
    french = in_group(scene, scene.reported(EVE), FRENCH)
    scene.on(2).is_released()
    scene.decide()
    return scene, german, french


def pilots(scene: Scene, group: str, since: float) -> None:
    """One group goes live."""
    go_live(scene.store, scene.clock, HELPDESK, day(since), ANN, [group])
    scene.plan()


def test_only_the_pilots_tickets_get_reminders() -> None:
    """The other group's stay in watch mode, and say so."""
    scene, german, french = with_two_groups()
    pilots(scene, GERMAN, 1)
    assert (scene.send().posted, scene.reminders(german), scene.reminders(french)) == (1, 1, 0)
    watching = [explain(scene.store, scene.key(ticket)).watch_mode for ticket in (german, french)]
    assert watching == [False, True]


def test_a_brand_a_queue_or_an_inbox_is_a_group_too() -> None:
    """Where the helpdesk has no groups, tickets lie in those."""
    scene = Scene(live=False).on(1)
    ticket = scene.reported()
    scene.helpdesk._show(replace(scene.helpdesk.ticket(ticket), brand="EU", updated_at=scene.clock.at))
    scene.on(2).is_released()
    scene.decide()
    pilots(scene, "EU", 1)
    assert scene.send().posted == 1


def test_a_pilot_keeps_its_start_when_all_follow() -> None:
    """What its customers were to hear doesn't become background on the day on which the others begin."""
    scene, german, french = with_two_groups()
    pilots(scene, GERMAN, 1)
    scene.on(5).go_live(5)
    scene.plan()
    assert (scene.send().posted, scene.reminders(german), scene.reminders(french)) == (1, 1, 0)


def test_a_ticket_that_moves_into_the_pilot_is_live_from_then() -> None:
    """And one that leaves it isn't posted to any more."""
    scene, german, french = with_two_groups()
    pilots(scene, GERMAN, 1)
    in_group(scene, french, GERMAN)
    in_group(scene, german, FRENCH)
    scene.plan()
    assert (scene.send().posted, scene.reminders(german), scene.reminders(french)) == (1, 0, 1)
    assert check(scene.store).all == ()


def test_a_ticket_that_leaves_the_pilot_while_it_is_read_gets_nothing() -> None:
    """It is asked again just before posting."""
    scene, german, _ = with_two_groups()
    pilots(scene, GERMAN, 1)
    shown = scene.helpdesk.ticket(german)
    scene.helpdesk._show(replace(shown, group=FRENCH, updated_at=scene.clock.at))
    assert (scene.send().posted, scene.reminders(german)) == (0, 0)


def test_a_pause_stops_a_pilot_too() -> None:
    """At once, and until it is lifted."""
    scene, _, _ = with_two_groups()
    pilots(scene, GERMAN, 1)
    pause(scene.store, HELPDESK)
    paused = scene.send().posted
    resume(scene.store, HELPDESK)
    assert (paused, scene.send().posted) == (0, 1)


def test_only_the_pilots_tickets_are_tagged() -> None:
    """A tag is a write as well."""
    scene, german, french = with_two_groups()
    pilots(scene, GERMAN, 1)
    scene.send()
    tag_due(scene.helpdesk, scene.store, scene.clock, "due")
    tags = [scene.helpdesk.ticket(ticket).tags for ticket in (german, french)]
    assert tags == [("due",), ()]


@pytest.mark.parametrize(("groups", "due"), [((), 2), ((GERMAN,), 1), ((GERMAN, FRENCH), 2), (("EU",), 0)])
def test_the_backlog_is_that_of_the_groups_asked_for(groups: tuple[str, ...], due: int) -> None:
    """And names the groups that there are, with how many links each has."""
    scene, _, _ = with_two_groups()
    seen = backlog(scene.store, Policies.single(POLICY), scene.clock, ALWAYS_OPEN, Start(HELPDESK, day(1), groups))
    assert (seen.due, dict(seen.groups)) == (due, {GERMAN: 1, FRENCH: 1})


def test_what_a_pilots_customer_hears_is_what_they_would_hear_if_all_were_live() -> None:
    """The same updates by the same rules."""
    texts = []
    for groups in ([GERMAN], []):
        scene = Scene(live=False).on(1)
        ticket = in_group(scene, scene.reported(customer("ada")), GERMAN)
        scene.on(2).is_released()
        scene.decide()
        go_live(scene.store, scene.clock, HELPDESK, day(1), ANN, groups)
        scene.plan()
        scene.send()
        texts.append([note.body for note in scene.helpdesk.notes(ticket)])
    assert texts[0] == texts[1] != []
