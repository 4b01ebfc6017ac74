"""Advising: what a change would have saved on the team's own history, counted by hand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pytest

from bugbridge.core.audit_model import Advice, Audit, FollowUps, Period, Question, Replies, Saving, Trust
from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay_report import Draws
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Quantile
from bugbridge.services.advising import MOST_ADVISED, advised
from tests.core.replay_scene import in_turn
from tests.services.scene import Scene, customer, day

EVERY_TWO_WEEKS = "every 2-2 weeks"
BUGS = 4


def policy(infrequent: str = EVERY_TWO_WEEKS) -> Policy:
    """A team that writes about rare bugs in one way, and otherwise when they are released."""
    cells = ("frequent", "frequent, workaround", "infrequent, workaround", "enterprise")
    others = "\n".join(f'"{cell}" = "release"' for cell in cells)
    return parse_policy(
        f'version = 1\n[grid]\n"infrequent" = "{infrequent}"\n{others}\n[tell]\nnews = []\nmerge_days = 0\n'
    )


HARDLY = Replies(bugs=20, updates=100, newsful=10, wasted=90)
AUDITED = Audit(
    made_at=day(200),
    question=Question(by=()),
    n=20,
    follow_ups=FollowUps.HARDLY,
    trust=Trust.PERIOD,
    replies=HARDLY,
)
"""An audit that finds most updates without news."""


def team(happens: Callable[[Scene, str], object], until: float) -> Scene:
    """A scene in which four customers report a bug each on day 1, and the same happens to each bug."""
    scene = Scene(live=False).on(1)
    for number in range(100, 100 + BUGS):
        reference = f"github:acme/app#{number}"
        scene.tracker.add(reference, day(0))
        scene.reported(customer(f"customer of {number}"), reference)
        happens(scene, reference)
    scene.on(until).read()
    return scene


def released_on_day_100(scene: Scene, reference: str) -> None:
    """Nothing for 99 days, and then the release."""
    scene.tracker.close(reference, day(100))
    scene.tracker.release(reference, "4.2", day(100))


def advice(scene: Scene, audit: Audit, in_force: Policy, draws: Draws = in_turn) -> tuple[Advice, ...]:
    """What is advised on a scene's history."""
    return advised(scene.store, audit, in_force, scene.clock, ALWAYS_OPEN, draws).advice


def savings(found: tuple[Advice, ...]) -> Mapping[str, Saving | None]:
    """What each change would have done."""
    return {one.key: one.saving for one in found}


def test_a_change_comes_with_what_it_would_have_saved() -> None:
    """Days 15, 29, 43, 57, 71, 85, 99 and the release on day 100; with every four weeks 29, 57, 85 and the release."""
    (found,) = advice(team(released_on_day_100, 120), AUDITED, policy())
    assert (found.key, found.now, found.instead) == ('[grid] "infrequent"', '"every 2-2 weeks"', '"every 4-4 weeks"')
    assert found.saving == Saving(BUGS, BUGS, 8 * BUGS, 4 * BUGS, 0, 0, (-4.0, -4.0, -4.0))
    assert found.because.parameters == {"whose": "all", "updates": 100, "wasted": 90}


def test_the_rest_of_the_audit_and_the_policy_in_force_stay() -> None:
    """Advice is added, and never applied."""
    scene, audit, in_force = team(released_on_day_100, 120), AUDITED, policy()
    found = advised(scene.store, audit, in_force, scene.clock, ALWAYS_OPEN, in_turn)
    assert found.advice
    assert replace(found, advice=()) == audit
    assert in_force == policy()


def test_nothing_is_kept() -> None:
    """Neither an event nor anything else is written."""
    scene = team(released_on_day_100, 120)
    before = (scene.store.head(), _everything(scene))
    assert advice(scene, AUDITED, policy())
    assert (scene.store.head(), _everything(scene)) == before


def _everything(scene: Scene) -> list[str]:
    return list(scene.store._connection().iterdump())


def test_nothing_is_replayed_for_few_bugs() -> None:
    """Nineteen carry no advice, so no history is read."""
    heard: list[int] = []
    scene = team(released_on_day_100, 120)
    found = advised(
        scene.store,
        replace(AUDITED, n=19),
        policy(),
        scene.clock,
        ALWAYS_OPEN,
        in_turn,
        progress=lambda done, _: heard.append(done),
    )
    assert (found.advice, heard) == ((), [])


def test_progress_is_told_bug_by_bug() -> None:
    """All changes are replayed at once."""
    heard: list[tuple[int, int]] = []
    scene = team(released_on_day_100, 120)
    advised(
        scene.store,
        AUDITED,
        policy(),
        scene.clock,
        ALWAYS_OPEN,
        in_turn,
        progress=lambda done, of: heard.append((done, of)),
    )
    assert heard == [(number, BUGS) for number in range(1, BUGS + 1)]


def test_a_change_that_would_have_saved_nothing_isnt_advised() -> None:
    """There are enough updates without news, but no bug was frequent."""
    news = policy("news")
    every = replace(news, grid=replace(news.grid, frequent=policy().grid.infrequent))
    assert advice(team(released_on_day_100, 120), AUDITED, every) == ()


def test_a_change_that_one_bug_alone_speaks_for_isnt_advised() -> None:
    """By chance there was one; without it nothing would have been saved, so the interval reaches none."""

    def one_is_slow(scene: Scene, reference: str) -> None:
        released = 20 if reference.endswith("#100") else 5
        scene.tracker.close(reference, day(released))
        scene.tracker.release(reference, "4.2", day(released))

    assert advice(team(one_is_slow, 120), AUDITED, policy(), _every_draw) == ()


def _every_draw(count: int) -> Iterable[Sequence[int]]:
    return product(range(count), repeat=count)


def in_progress_on_day_10(scene: Scene, reference: str) -> None:
    """Work begins, and the bug is still open."""
    scene.tracker.start(reference, day(10))


LONG_HAUL = Period(None, 100, 50, 0, 50, Quantile(100, 80, 120))


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (30, {}),
        (72, {'[grid] "infrequent"': Saving(BUGS, BUGS, 5 * BUGS, 0, 0, BUGS, (-5.0, -5.0, -5.0))}),
    ],
)
def test_news_missed_outweighs_four_updates(until: float, expected: dict[str, Saving]) -> None:
    """Without intervals nobody hears that work began: 2 updates spared aren't worth it, 5 are."""
    long_haul = replace(AUDITED, period=LONG_HAUL)
    assert savings(advice(team(in_progress_on_day_10, until), long_haul, policy())) == expected


def fixed_on_day_10(scene: Scene, reference: str) -> None:
    """A team whose tracker knows no releases."""
    scene.tracker.close(reference, day(10))


def test_a_change_may_cost_updates_where_customers_hear_what_they_missed() -> None:
    """Nobody heard of the fix; one update each tells them."""
    found = advice(team(fixed_on_day_10, 40), replace(AUDITED, unreleased=20), policy("news"))
    assert savings(found) == {"[tell] news": Saving(BUGS, BUGS, 0, BUGS, BUGS, 0, (1.0, 1.0, 1.0))}


def test_open_bugs_count_too() -> None:
    """They are replayed until now: days 15, 29, 43 and 57, or 29 and 57."""
    found = advice(team(lambda _scene, _reference: None, 60), AUDITED, policy())
    assert savings(found) == {'[grid] "infrequent"': Saving(BUGS, BUGS, 4 * BUGS, 2 * BUGS, 0, 0, (-2.0, -2.0, -2.0))}


def test_what_a_replay_cant_see_comes_last_and_without_a_saving() -> None:
    """It is advised on its figure alone."""
    slow = replace(AUDITED, trust=Trust.BOTH, days_to_fix=Spread(20, p90=10))
    found = advice(team(released_on_day_100, 120), slow, policy())
    assert [(one.key, one.saving is None) for one in found] == [
        ('[grid] "infrequent"', False),
        ("[facts] stalled_after_days", True),
    ]


def test_at_most_three_are_advised_what_saves_most_first() -> None:
    """More than one meeting can talk about."""
    behind = replace(HARDLY, told_certain=10, told_probable=10, not_told=20, required=50, missed=20, reminders=10)
    quick = Spread(20, p90=10)
    audit = replace(AUDITED, unreleased=20, trust=Trust.BOTH, days_to_fix=quick, replies=behind)
    found = advice(team(fixed_on_day_10, 100), audit, policy())
    assert len(found) == MOST_ADVISED
    gained = [one.saving.updates_now - one.saving.updates_instead for one in found if one.saving]
    assert gained == sorted(gained, reverse=True)
    assert [one.key for one in found][:1] == ['[grid] "infrequent"']
