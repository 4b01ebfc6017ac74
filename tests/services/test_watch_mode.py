"""Watch mode: a synced year, without going live or with news older than that, plans no posting. The counts are 0."""

import pytest

from bugbridge.core.model import ClosedAs, News
from bugbridge.core.records import UpdateItem
from bugbridge.entry.demonstration import HELPDESK, PEOPLE, Demonstration
from bugbridge.ports import Store
from bugbridge.services import intake
from bugbridge.services.going_live import go_live
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, Scene, customer, day

YEAR_END = 365.0
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
    """A year in which everything happens that is ever told: planned each week, with sending tried each time."""
    scene = Scene(live=live).on(1)
    scene.tracker.add("github:acme/app#56", day(1))
    tickets = [scene.reported(who) for who in (CARLA, EVE, customer("ben"))]
    other, third = scene.reported(CARLA, OTHER_ISSUE), scene.reported(EVE, "github:acme/app#56")
    intake.add_promise(scene.store, scene.clock, scene.key(other, OTHER_ISSUE), day(20), ANN)
    for week in range(2, 52):
        scene.on(7 * week)
        _happens(scene, week, tickets[0], third)
        scene.decide()
        scene.send()
    return scene.on(YEAR_END)


def _happens(scene: Scene, week: int, ticket: str, third: str) -> None:
    at = scene.clock.at
    if week == 5:
        intake.add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV", "en", ANN)
    if week == 10:
        scene.is_released(ISSUE)
        scene.tracker.close(OTHER_ISSUE, at, ClosedAs.DECLINED)
    if week == 12:
        scene.replies(ticket, "It's fixed in 4.2.")
        scene.replies(third)
    if week == 20:
        scene.tracker.reopen(ISSUE, at)
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
    assert (len(about_news(scene.store)), due) == (0, ["promised"])


def test_news_after_going_live_is_told() -> None:
    """The next release is, and only to customers who still wait."""
    scene = busy_year(live=False)
    scene.go_live(YEAR_END)
    scene.tracker.reopen(ISSUE, day(YEAR_END + 1))
    scene.on(YEAR_END + 2).is_released(ISSUE, "4.4")
    scene.decide()
    assert about_news(scene.store).count("released") == 3


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
