"""Usage is kept append-only, the last number counts, and it is read as of either axis of time."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest

from bugbridge.core.model import BugEventKind, Entity, FactKind
from bugbridge.core.records import HappenedBy, KnownUpTo, Moment
from bugbridge.core.usage import Account, Contradiction, UsageCounts, UsageDay, Window
from tests.store.scene import ACTOR, LATER, START, Scene, day

FIRST = date(2024, 1, 1)
WINDOW = Window(FIRST, FIRST + timedelta(days=27))


def used(account_id: int, number: int, uses: int = 1, flow: str = "export", line: int = 2) -> UsageDay:
    """An account used a flow on the day so many days after the first."""
    return UsageDay(line, account_id, flow, FIRST + timedelta(days=number), uses)


def imported(scene: Scene, *days: UsageDay, at: datetime = LATER) -> UsageCounts:
    """Keep a file of these days."""
    scene.store.stage_usage(days)
    counts = scene.store.staged_counts()
    scene.store.keep_staged_usage({}, actor=ACTOR, recorded_at=at)
    return counts


def days_in(scene: Scene, *flows: str, moment: Moment | None = None) -> Mapping[int, int]:
    """Give the days on which each account used these flows; any for none."""
    return scene.store.usage_days(WINDOW, flows or None, moment or KnownUpTo(scene.store.head()))


def test_days_of_use_are_counted_by_account() -> None:
    """A day counts once, however often and in however many of the flows; a day without use doesn't."""
    scene = Scene()
    one, two = scene.account("17"), scene.account("18")
    imported(
        scene, used(one, 0, 5), used(one, 0, flow="import"), used(one, 1), used(two, 2, flow="search"), used(two, 3, 0)
    )
    assert [days_in(scene), days_in(scene, "export", "import"), days_in(scene, "import")] == [
        {one: 2, two: 1},
        {one: 2},
        {one: 1},
    ]


def test_days_outside_the_window_are_left_out() -> None:
    """Both ends are in it."""
    scene = Scene()
    account = scene.account("17")
    imported(scene, *(used(account, number) for number in (-1, 0, 27, 28)))
    assert days_in(scene) == {account: 2}


def test_importing_twice_changes_nothing() -> None:
    """No event is kept for what is known."""
    scene = Scene()
    account = scene.account("17")
    counts = [imported(scene, used(account, 0), used(account, 1)) for _ in range(2)]
    assert (counts, scene.store.head()) == ([UsageCounts(2, 0, 0), UsageCounts(0, 0, 2)], 2)


def test_a_corrected_number_is_a_new_event_that_counts() -> None:
    """Also back to a number that it was before; what was known earlier stays readable."""
    scene = Scene()
    account = scene.account("17")
    counts = [imported(scene, used(account, 0, uses)) for uses in (3, 0, 3)]
    assert counts[1:] == [UsageCounts(0, 1, 0)] * 2
    assert [days_in(scene, moment=KnownUpTo(seq)) for seq in (0, 1, 2, 3)] == [{}, {account: 1}, {}, {account: 1}]


def test_a_day_has_happened_when_it_is_over() -> None:
    """Whenever it was imported."""
    scene = Scene()
    account = scene.account("17")
    imported(scene, used(account, 0))
    just_before = HappenedBy(day(1) - timedelta(microseconds=1))
    assert [days_in(scene, moment=moment) for moment in (just_before, HappenedBy(day(1)))] == [{}, {account: 1}]


def test_the_order_of_rows_makes_no_difference() -> None:
    """The same events get the same numbers."""
    kept = []
    for step in (1, -1):
        scene = Scene()
        one, two = scene.account("17"), scene.account("18")
        imported(scene, *[used(one, 0), used(two, 0), used(one, 1, flow="a"), used(one, 1)][::step])
        kept.append([tuple(row) for row in scene.store._rows("SELECT * FROM usage_day ORDER BY seq")])
    assert kept[0] == kept[1]


def test_usage_is_numbered_with_all_other_events() -> None:
    """One counter over all events: what is kept next is later."""
    scene = Scene()
    imported(scene, used(scene.account("17"), 0), used(scene.account("17"), 1), at=day(40))
    (seq,) = scene.keep(scene.fact(Entity.PARTY, 1, FactKind.TIER, "gold"), at=day(41))
    assert (seq, scene.store.seq_at(day(40)), scene.store.head()) == (3, 2, 3)


def test_usage_is_append_only() -> None:
    """Nobody corrects it in place."""
    scene = Scene()
    imported(scene, used(scene.account("17"), 0))
    with pytest.raises(Exception, match="usage_day is append-only"), scene.store.write():
        scene.store._run("UPDATE usage_day SET uses = 2")


def test_lines_that_contradict_each_other_are_found() -> None:
    """Two lines that say the same don't."""
    scene = Scene()
    account = scene.account("17")
    scene.store.stage_usage(
        [used(account, 0, 1, line=2), used(account, 0, 1, line=3), used(account, 0, 4, line=4), used(account, 1, 4)]
    )
    assert scene.store.contradictions(9) == (Contradiction(4, 4, 2, 1),)


def test_a_file_is_put_aside_in_place_of_the_one_before() -> None:
    """One that was given up leaves nothing behind."""
    scene = Scene()
    account = scene.account("17")
    scene.store.stage_usage([used(account, 0)])
    assert imported(scene, used(account, 1)) == UsageCounts(1, 0, 0)


def test_an_account_is_seen_once_it_has_a_name_or_a_customer() -> None:
    """Before, it is known by its usage alone."""
    scene = Scene()
    alone, named, has_customer = (scene.account(name) for name in ("17", "18", "19"))
    scene.store.keep_private(named, Entity.PARTY, named, "name", "Acme")
    scene.keep(scene.fact(Entity.PARTY, scene.customer("ada"), FactKind.ACCOUNT, str(has_customer)))
    assert scene.store.accounts(scene.helpdesk) == (
        Account(alone, "17", "", seen=False),
        Account(named, "18", "Acme", seen=True),
        Account(has_customer, "19", "", seen=True),
    )


def test_an_account_joined_to_another_counts_as_that_one_from_when_we_knew() -> None:
    """A day on which both were active is one day."""
    scene = Scene()
    twin, account = scene.account("Acme"), scene.account("17")
    imported(scene, used(twin, 0), used(twin, 1), used(account, 1), used(account, 2))
    before = KnownUpTo(scene.store.head())
    scene.keep(scene.fact(Entity.PARTY, twin, FactKind.MERGED, str(account)))
    assert [days_in(scene, moment=before), days_in(scene)] == [{twin: 2, account: 2}, {account: 3}]


def test_a_namesake_is_an_account_without_customers_that_goes_by_the_others_name() -> None:
    """Not one that the helpdesk showed, nor where two have that name, nor once it was joined."""
    scene = Scene()
    twin, account, other = scene.account("Acme"), scene.account("17"), scene.account("18")
    scene.store.keep_private(account, Entity.PARTY, account, "name", "Acme ")
    found = [scene.store.namesakes([account]), scene.store.namesakes([other])]
    scene.store.keep_private(other, Entity.PARTY, other, "name", "Acme")
    found.append(scene.store.namesakes([account]))
    scene.store.keep_private(other, Entity.PARTY, other, "name", "")
    scene.keep(scene.fact(Entity.PARTY, twin, FactKind.MERGED, str(account)))
    assert [*found, scene.store.namesakes([account])] == [{twin: account}, {}, {}, {}]


def test_bugs_in_flows_are_those_with_a_flow_by_hand_or_by_label() -> None:
    """Of bugs that are judged; others needn't be judged again for usage."""
    scene = Scene()
    by_hand, by_label, neither = (scene.linked(str(number), number=number).bug_id for number in (1, 2, 3))
    not_linked = scene.bug(4)
    issue = scene.store.find_issue("github:acme/app#2")
    assert issue is not None
    scene.keep(
        scene.bug_event(by_hand, BugEventKind.FLOW, "export"),
        scene.bug_event(not_linked, BugEventKind.FLOW, "export"),
        scene.fact(Entity.ISSUE, issue.id, FactKind.LABELS, '["bug", "Flow:export"]', START),
    )
    assert (scene.store.bugs_in_flows(), neither in scene.store.bugs_in_flows()) == ((by_hand, by_label), False)


def test_who_made_a_bugs_event_is_known() -> None:
    """An override names its author."""
    scene = Scene()
    (seq,) = scene.keep(scene.bug_event(scene.bug(1), BugEventKind.OVERRIDE, "frequent"))
    assert scene.store.author_of(seq) == "ann"
