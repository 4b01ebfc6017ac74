"""Watch mode: a synced year, without going live or with news older than that, plans no posting. The counts are 0."""

from dataclasses import replace

import pytest

from bugbridge.core.model import ClosedAs, News
from bugbridge.core.policy_model import AnyOf, PolicyRule
from bugbridge.core.records import UpdateItem
from bugbridge.entry.demonstration import HELPDESK, PEOPLE, Demonstration
from bugbridge.ports import Store
from bugbridge.services import intake
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.going_live import go_live
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, Scene, customer, day

YEAR_END = 365.0
NEVER_CLOSED, COME_BACK = "github:acme/app#56", "github:acme/app#78"
NEWS = frozenset(str(news) for news in News)
QUESTIONS_ABOUT_NEWS = frozenset({"clear-no", "wrongly-told"})


def updates_ever(store: Store) -> list[UpdateItem]:
    """Every update of every link, wherever it is."""
    return [item for link in store.links() for item in store.updates_of(link.key)]


def about_news(store: Store) -> list[str]:
    """The reasons of all updates that tell a piece of news, or have a person tell it."""
    reasons = NEWS | QUESTIONS_ABOUT_NEWS
    return [item.reason for item in updates_ever(store) if item.reason in reasons]


def busy_year(*, live: bool) -> Scene:
    """A year in which everything happens that is ever told: planned every two weeks, with sending tried each time."""
    scene = Scene(live=live).on(1)
    for reference in (NEVER_CLOSED, COME_BACK):
        scene.tracker.add(reference, day(1))
    tickets = [scene.reported(who) for who in (CARLA, EVE, customer("ben"))]
    told = [tickets[0], scene.reported(CARLA, COME_BACK)]
    other, third = scene.reported(CARLA, OTHER_ISSUE), scene.reported(EVE, NEVER_CLOSED)
    intake.add_promise(scene.store, scene.clock, scene.key(other, OTHER_ISSUE), day(35), ANN)
    for week in range(2, 52, 2):
        scene.on(7 * week)
        _happens(scene, week, told, [other, third])
        scene.decide()
        scene.send()
    return scene.on(YEAR_END)


def _happens(scene: Scene, week: int, told: list[str], others: list[str]) -> None:
    at = scene.clock.at
    if week == 8:
        for other in others:
            scene.replies(other)
    if week == 6:
        add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV", "en", ANN)
    if week == 10:
        scene.is_released(ISSUE)
        scene.is_released(COME_BACK)
        scene.tracker.close(OTHER_ISSUE, at, ClosedAs.DECLINED)
    if week == 12:
        for ticket in told:
            scene.replies(ticket, "It's fixed in 4.2.")
    if week == 20:
        scene.tracker.reopen(ISSUE, at)
        scene.tracker.reopen(COME_BACK, at)
    if week == 40:
        scene.is_released(ISSUE, "4.3")


def test_without_going_live_a_busy_year_plans_nothing() -> None:
    """Not one update was ever planned, due or not, and nothing was posted."""
    scene = busy_year(live=False)
    assert (len(updates_ever(scene.store)), len(scene.store.deliveries(None))) == (0, 0)


def test_the_same_year_plans_much_when_live() -> None:
    """So that the counts of 0 mean something."""
    scene = busy_year(live=True)
    reasons = {item.reason for item in updates_ever(scene.store)}
    assert {"workaround", "released", "wrongly-told", "clear-no", "periodic", "promised"} <= reasons


def test_going_live_at_the_years_end_tells_no_older_news() -> None:
    """No release, no decline, no correction of what was before; nothing at all is due that day."""
    scene = busy_year(live=False)
    scene.go_live(YEAR_END)
    scene.plan()
    due = [item.reason for item in scene.store.due_updates(day(YEAR_END), 1000)]
    assert (len(about_news(scene.store)), due) == (0, [])


def test_without_going_live_no_question_goes_to_an_agent() -> None:
    """Not even one that the team's own policy puts; it is planned as soon as the helpdesk is live."""
    scene = Scene(live=False).on(1)
    rule = PolicyRule(
        "ask-how-often", when=(AnyOf("stage", frozenset({"open"})),), person="agent: how often is it met?"
    )
    scene.policy = replace(scene.policy, rules=(rule,))
    scene.reported()
    scene.plan()
    watching = len(updates_ever(scene.store))
    scene.on(2).go_live(2)
    scene.plan()
    assert (watching, [item.reason for item in updates_ever(scene.store)]) == (0, ["ask-how-often"])


def test_news_after_going_live_is_told() -> None:
    """A release of the next day is, and nothing else."""
    scene = busy_year(live=False)
    scene.go_live(YEAR_END)
    scene.on(YEAR_END + 1).is_released(NEVER_CLOSED, "5.0")
    scene.decide()
    assert about_news(scene.store) == ["released"]


@pytest.fixture(scope="module")
def seeded() -> tuple[int, int, int, list[str]]:
    """Read the sandbox's year over HTTP and plan it without, then with going live now.

    Gives how many links there are, how many updates were planned before and how many reminders went out before going
    live, and the updates planned for what was before it.
    """
    with Demonstration() as demonstration:
        demonstration.read()
        demonstration.plan()
        store, clock = demonstration.app.store, demonstration.app.clock
        links, watching, sent = len(store.links()), len(updates_ever(store)), len(store.deliveries(None))
        go_live(store, clock, HELPDESK, clock.now(), PEOPLE)
        demonstration.plan()
        return links, watching, sent, about_news(store)


def test_the_sandboxs_year_plans_nothing_without_going_live(seeded: tuple[int, int, int, list[str]]) -> None:
    """Hundreds of links, and not one update."""
    links, watching, sent, _ = seeded
    assert (links > 500, watching, sent) == (True, 0, 0)


def test_the_sandboxs_older_news_is_never_told(seeded: tuple[int, int, int, list[str]]) -> None:
    """Going live now leaves the year's news where it was."""
    assert seeded[3] == []
