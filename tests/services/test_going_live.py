"""Going live: nothing is posted before somebody says so, and a pause stops all posting at once."""

from datetime import timedelta

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import UsageError
from bugbridge.core.policy_scope import Policies
from bugbridge.services.backlog import Start, backlog
from bugbridge.services.going_live import go_live, pause, resume
from tests.services.scene import ANN, EVE, HELPDESK, POLICY, Scene, day, with_a_release_due

POLICIES = Policies.single(POLICY)


def test_going_live_is_kept_with_its_date() -> None:
    """Which news is told depends on it, for ever."""
    scene = Scene(live=False).on(5)
    source = go_live(scene.store, scene.clock, HELPDESK, day(3), ANN)
    assert source.live_from == day(3)


def test_going_live_later_is_refused() -> None:
    """Somebody who goes live sees at once what happens."""
    scene = Scene(live=False).on(5)
    with pytest.raises(UsageError):
        go_live(scene.store, scene.clock, HELPDESK, day(5) + timedelta(seconds=1), ANN)
    assert scene.store.sources()[0].live_from is None


@pytest.mark.parametrize("name", ["suport", "github"])
def test_only_a_helpdesk_goes_live(name: str) -> None:
    """A typing error or a tracker's name is refused with the names that there are."""
    scene = Scene(live=False).on(5)
    for step in (
        lambda: go_live(scene.store, scene.clock, name, day(3), ANN),
        lambda: pause(scene.store, name),
        lambda: resume(scene.store, name),
    ):
        with pytest.raises(UsageError, match="configured: support"):
            step()


def test_a_pause_stops_posting_until_it_is_lifted() -> None:
    """Planning goes on meanwhile, so that nothing is lost."""
    scene, ticket = with_a_release_due()
    pause(scene.store, HELPDESK)
    while_paused = (scene.send().posted, scene.reminders(ticket), scene.updates(ticket))
    resume(scene.store, HELPDESK)
    assert (while_paused, scene.send().posted) == ((0, 0, [("released", "planned")]), 1)


def test_going_live_again_from_an_earlier_day_brings_older_news() -> None:
    """The team chose too late a date at first."""
    scene = Scene(live=False).on(1)
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.on(5).go_live(5)
    scene.decide()
    at_first = scene.updates(ticket)
    scene.on(6).go_live(1)
    scene.plan()
    assert (at_first, scene.updates(ticket)) == ([], [("released", "planned")])


def test_the_backlog_shows_what_going_live_would_bring_and_keeps_nothing() -> None:
    """One customer is to hear of a release at once, another gets two periodic updates within four weeks."""
    scene = Scene(live=False).on(1)
    scene.reported()
    scene.reported(EVE, "github:acme/app#34")
    scene.on(2).is_released()
    scene.decide()
    head = scene.store.head()
    seen = backlog(scene.store, POLICIES, scene.on(3).clock, ALWAYS_OPEN, Start(HELPDESK, day(1)))
    assert (seen.due, len(seen.links), seen.agents, dict(seen.by_reason)) == (1, 2, 1, {"released": 1})
    assert seen.reminders_per_agent_day == round(2 / 28, 2)
    assert (scene.store.head(), scene.store.open_updates()) == (head, ())


def test_the_backlog_of_now_is_empty_for_older_news() -> None:
    """A team that starts today owes nothing for last year."""
    scene = Scene(live=False).on(1)
    scene.reported()
    scene.on(2).is_released()
    scene.decide()
    assert backlog(scene.store, POLICIES, scene.on(3).clock, ALWAYS_OPEN, Start(HELPDESK, day(3))).due == 0
