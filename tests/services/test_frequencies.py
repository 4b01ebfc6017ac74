"""How often customers meet a bug: usage before tickets, a customer's own answer before both, a person before all."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import UsageError
from bugbridge.core.events import BugEvent
from bugbridge.core.facts import fold_link
from bugbridge.core.frequency import FrequencyRules
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, AuthorKind, BugEventKind, Frequency
from bugbridge.core.records import HappenedBy, KnownUpTo, Moment
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.services.frequencies import (
    Override,
    clear_override,
    judge_at,
    override,
    read_override,
    record_answer,
    set_flow,
)
from bugbridge.services.sources import source_named
from bugbridge.services.usage import import_usage
from tests.services.scene import ANN, CARLA, EVE, HELPDESK, ISSUE, POLICY, Scene, customer, day

# Day 60 of the scene is the second of March 2026: the window ends on the first.
LAST = date(2026, 3, 1)
BEN = Actor(AuthorKind.AGENT, "ben", "cli")
FREQUENT, INFREQUENT, UNKNOWN = Frequency.FREQUENT, Frequency.INFREQUENT, Frequency.UNKNOWN

# using, active, days per week, current, then what is expected; as in the table of known cases
USAGE_ROWS = [
    (412, 900, 4.2, UNKNOWN, FREQUENT, 0.425, 0.490),
    (40, 900, 5.0, UNKNOWN, INFREQUENT, 0.033, 0.060),
    (110, 900, 1.4, UNKNOWN, FREQUENT, 0.102, 0.145),
    (98, 900, 1.5, INFREQUENT, INFREQUENT, 0.090, 0.131),
    (60, 900, 1.2, FREQUENT, FREQUENT, 0.052, 0.085),
    (30, 900, 1.2, FREQUENT, INFREQUENT, 0.023, 0.047),
    (300, 900, 0.3, UNKNOWN, INFREQUENT, 0.303, 0.365),
]


def usage_rows(using: int, active: int, days: int, flow: str = "export") -> list[str]:
    """Lines of a file: so many active accounts, of which so many used the flow on so many days of the 28."""
    rows = [f"account {number},other,{LAST},1" for number in range(active)]
    dates = [LAST - timedelta(days=ago) for ago in range(days)]
    return rows + [f"account {number},{flow},{one},2" for number in range(using) for one in dates]


def take_in(scene: Scene, *rows: str) -> None:
    """Import a file of these rows."""
    lines = [f"{line}\n".encode() for line in ("account,flow,day,uses", *rows)]
    source = source_named(scene.store, HELPDESK)
    import_usage(scene.store, scene.clock, source, lines, ANN, where="usage.csv", dry_run=False)


def checks(scene: Scene) -> list[Mapping[str, Any]]:
    """The checks of the bug that were kept, the oldest first."""
    events = scene.store.bug_history(scene.issue().bug_id, KnownUpTo(scene.store.head())).bug_events
    return [json.loads(event.value) for event in events if event.kind is BugEventKind.FREQUENCY_CHECK]


def meets(scene: Scene, ticket: str) -> Frequency:
    """How often this customer meets the bug, as the policy sees it."""
    return fold_link(scene.history(scene.key(ticket)), scene.clock.now(), scene.policy, ALWAYS_OPEN).facts.frequency


def in_flow(scene: Scene, flow: str = "export") -> bool:
    """A person names the bug's flow."""
    return set_flow(scene.store, scene.clock, scene.issue(), flow, ANN)


def was_judged(scene: Scene, frequency: Frequency) -> None:
    """The last weekly check, on day 50, found this."""
    at = day(50)
    value = {"frequency": frequency, "low_checks": 0, "counted_at": instant_to_text(at)}
    event = BugEvent(
        bug_id=scene.issue().bug_id,
        kind=BugEventKind.FREQUENCY_CHECK,
        value=json.dumps(value),
        occurred_at=at,
        source_key="judged",
    )
    scene.store.append([event], actor=ANN, recorded_at=at)


def answered_by(name: str) -> RemotePerson:
    """A customer of an account that the usage files know."""
    return RemotePerson(name, AuthorKind.CUSTOMER, account=RemoteAccount(name, f"Company of {name}"))


@pytest.mark.parametrize("row", USAGE_ROWS)
def test_imported_usage_decides_as_the_table_of_known_cases_says(
    row: tuple[int, int, float, Frequency, Frequency, float, float],
) -> None:
    """From the file to the kept verdict with its bounds, hysteresis included; days a week become whole days of 28."""
    using, active, days_per_week, current, *expected = row
    scene = Scene().on(49)
    scene.reported()
    in_flow(scene)
    was_judged(scene, current)
    scene.on(60)
    take_in(scene, *usage_rows(using, active, ceil(days_per_week * 4) if days_per_week >= 1 else 1))
    scene.plan()
    check = checks(scene)[-1]
    assert [check["by"], check["frequency"], check["lower"], check["upper"]] == ["usage", *expected]


def test_with_few_active_accounts_the_tickets_decide() -> None:
    """Six of twelve accounts say too little; the bug is too young to say by tickets either."""
    scene = Scene().on(60)
    scene.reported()
    in_flow(scene)
    take_in(scene, *usage_rows(6, 12, 20))
    scene.plan()
    assert [(one["by"], one["frequency"], one["active_accounts"]) for one in checks(scene)] == [
        ("tickets", "unknown", 12)
    ]


def test_without_a_flow_usage_still_tells_how_many_customers_there_are() -> None:
    """Nine accounts in six weeks are frequent among few customers, and infrequent among two thousand active ones."""
    verdicts = []
    for active in (0, 2000):
        scene = Scene().on(10)
        for number in range(9):
            scene.on(10 + 5 * number).reported(customer(f"customer {number}"))
        scene.on(60)
        take_in(scene, *usage_rows(0, active, 1))
        scene.plan()
        verdicts.append((checks(scene)[-1]["frequency"], checks(scene)[-1]["threshold"]))
    assert verdicts == [("frequent", 0.25), ("infrequent", 1.0)]


@pytest.mark.parametrize("labels", [("flow:export",), ("bug", "Flow: Export")])
def test_a_label_of_the_issue_names_the_flow(labels: tuple[str, ...]) -> None:
    """Nobody has to say it here as well."""
    scene = Scene().on(49)
    scene.reported()
    scene.tracker.show(ISSUE, labels=labels)
    scene.on(60).sync()
    take_in(scene, *usage_rows(412, 900, 17))
    scene.plan()
    assert (checks(scene)[-1]["flows"], checks(scene)[-1]["by"]) == (["export"], "usage")


def test_a_flow_that_nobody_used_leaves_the_decision_to_tickets() -> None:
    """A misspelt flow must not make a bug look unused."""
    scene = Scene().on(49)
    scene.reported()
    in_flow(scene, "exprot")
    scene.on(60)
    take_in(scene, *usage_rows(412, 900, 17))
    scene.plan()
    assert checks(scene)[-1]["by"] == "tickets"


def test_a_flow_is_named_once_and_can_be_taken_off() -> None:
    """Saying it again does nothing; a flow that can't be read is refused."""
    scene = Scene().on(1)
    scene.reported()
    said = [in_flow(scene), in_flow(scene, "Export "), in_flow(scene, "import"), in_flow(scene, ""), in_flow(scene, "")]
    assert said == [True, False, True, True, False]
    with pytest.raises(UsageError, match="it must be one line"):
        in_flow(scene, "a\nb")


def test_a_customers_own_usage_decides_for_them() -> None:
    """Whoever uses the flow daily meets the bug often, whoever hardly does rarely, and the others as all do."""
    scene = Scene().on(49)
    often, seldom, unknown = (scene.reported(answered_by(name)) for name in ("often", "seldom", "unknown"))
    in_flow(scene)
    scene.on(60)
    rows = [f"often,export,{LAST - timedelta(days=ago)},1" for ago in range(4)]
    take_in(scene, *rows, f"seldom,export,{LAST},1", *usage_rows(412, 900, 17))
    scene.plan()
    assert [meets(scene, ticket) for ticket in (often, seldom, unknown)] == [FREQUENT, INFREQUENT, FREQUENT]


def test_the_policys_days_a_week_decide_on_a_customers_own_usage() -> None:
    """A team may ask for more."""
    scene = Scene().on(49)
    ticket = scene.reported(answered_by("often"))
    in_flow(scene)
    scene.on(60)
    take_in(scene, *[f"often,export,{LAST - timedelta(days=ago)},1" for ago in range(4)])
    scene.plan()
    verdicts = [meets(scene, ticket)]
    stricter = FrequencyRules(usage_days_per_week=(1.25, 0.5))
    history = scene.history(scene.key(ticket))
    policy = type(POLICY)(frequency=stricter)
    verdicts.append(fold_link(history, scene.clock.now(), policy, ALWAYS_OPEN).facts.frequency)
    assert verdicts == [FREQUENT, INFREQUENT]


def test_an_answer_outranks_usage_and_an_override_both() -> None:
    """The customer knows what they do; the team answers for the whole."""
    scene = Scene().on(49)
    ticket = scene.reported(answered_by("often"))
    in_flow(scene)
    scene.on(60)
    take_in(scene, *[f"often,export,{LAST - timedelta(days=ago)},1" for ago in range(4)])
    scene.plan()
    found = [meets(scene, ticket)]
    record_answer(scene.store, scene.clock, scene.key(ticket), "once", ANN)
    found.append(meets(scene, ticket))
    override(scene.store, scene.clock, scene.issue(), Override(FREQUENT, "We say so.", day(90)), ANN)
    found.append(meets(scene, ticket))
    assert found == [FREQUENT, INFREQUENT, FREQUENT]


def test_an_answer_is_kept_once_and_can_change() -> None:
    """The last one counts, for this customer alone."""
    scene = Scene().on(1)
    ticket, other = scene.reported(CARLA), scene.reported(EVE)
    said = [record_answer(scene.store, scene.clock, scene.key(ticket), word, ANN) for word in ("daily", "daily")]
    found = [meets(scene, ticket), meets(scene, other)]
    said.append(record_answer(scene.store, scene.clock, scene.key(ticket), "sometimes", ANN))
    assert (said, found, meets(scene, ticket)) == ([True, False, True], [FREQUENT, UNKNOWN], INFREQUENT)


def test_an_answer_that_is_none_of_the_three_is_refused() -> None:
    """A misspelt answer must not count as infrequent."""
    scene = Scene().on(1)
    ticket = scene.reported()
    with pytest.raises(UsageError, match="daily, sometimes or once, not 'weekly'"):
        record_answer(scene.store, scene.clock, scene.key(ticket), "weekly", ANN)


def test_an_override_has_an_author_a_reason_and_an_end() -> None:
    """When it ends, links are decided again and the evidence counts."""
    scene = Scene().on(20)
    ticket = scene.reported()
    scene.plan()
    override(scene.store, scene.clock, scene.issue(), Override(FREQUENT, "They lose orders.", day(30)), BEN)
    scene.plan()
    standing = read_override(scene.store, scene.issue().bug_id, scene.clock.now())
    first = meets(scene, ticket)
    decided = scene.on(30).plan().decided
    assert standing == Override(FREQUENT, "They lose orders.", day(30), "ben")
    assert (first, decided, meets(scene, ticket)) == (FREQUENT, 1, UNKNOWN)
    assert read_override(scene.store, scene.issue().bug_id, scene.clock.now()) is None


def test_a_reason_is_kept_apart_from_the_event() -> None:
    """Free text can be deleted, events can't; each override keeps its own."""
    scene = Scene().on(1)
    scene.reported()
    override(scene.store, scene.clock, scene.issue(), Override(FREQUENT, "They lose orders.", day(30)), ANN)
    events = [tuple(row) for row in scene.store._rows("SELECT * FROM bug_event")]
    assert "orders" not in str(events)


def test_the_same_override_again_does_nothing() -> None:
    """With another date it is a new one, unless the date was left to us."""
    scene = Scene().on(1)
    scene.reported()
    issue, said = scene.issue(), Override(FREQUENT, "They lose orders.", day(30))
    later = Override(FREQUENT, "They lose orders.", day(40))
    changed = [
        override(scene.store, scene.clock, issue, said, ANN)[1],
        override(scene.store, scene.clock, issue, said, ANN)[1],
        override(scene.store, scene.clock, issue, later, ANN, keep_date=True)[1],
        override(scene.store, scene.clock, issue, later, ANN)[1],
    ]
    assert changed == [True, False, False, True]


def test_the_last_override_replaces_those_before_also_when_it_ends_or_is_taken_back() -> None:
    """An old one doesn't come to life again."""
    scene = Scene().on(1)
    ticket = scene.reported()
    override(scene.store, scene.clock, scene.issue(), Override(FREQUENT, "First.", day(90)), ANN)
    override(scene.store, scene.clock, scene.issue(), Override(INFREQUENT, "Second.", day(9)), ANN)
    found = [meets(scene, ticket), meets(scene.on(9), ticket)]
    override(scene.store, scene.clock, scene.issue(), Override(FREQUENT, "Third.", day(90)), ANN)
    taken_back = [clear_override(scene.store, scene.clock, scene.issue(), ANN) for _ in range(2)]
    assert (found, taken_back, meets(scene, ticket)) == ([INFREQUENT, UNKNOWN], [True, False], UNKNOWN)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Override(FREQUENT, " ", day(30)), "needs its reason"),
        (Override(FREQUENT, "So.", day(1)), "still to come"),
        (Override(Frequency.SPIKING, "So.", day(30)), "to frequent or infrequent, not spiking"),
    ],
)
def test_an_unfit_override_is_refused(wanted: Override, sentence: str) -> None:
    """Without a reason, for the past, or to what only evidence can show."""
    scene = Scene().on(1)
    scene.reported()
    with pytest.raises(UsageError, match=sentence):
        override(scene.store, scene.clock, scene.issue(), wanted, ANN)


def test_usage_imported_every_day_puts_no_weekly_count_off() -> None:
    """Checks in between keep what changed and count no week; the weeks are counted all the same."""
    scene = Scene().on(1)
    scene.reported(answered_by("often"))
    in_flow(scene)
    was_judged(scene, FREQUENT)
    for passed in range(29):
        scene.on(60 + passed)
        use = date(2026, 3, 1) + timedelta(days=passed)
        amount = 4 if passed % 2 else 0  # their own verdict changes to and fro
        corrections = [f"often,export,{use - timedelta(days=ago)},{amount}" for ago in range(5)]
        take_in(scene, f"other,export,{use},1", *corrections)
        scene.plan()
    weekly = {check["counted_at"]: check["low_checks"] for check in checks(scene)[1:]}
    assert list(weekly.values()) == [1, 2, 3, 4, 0]
    assert len(checks(scene)) > 6


def test_a_check_between_weekly_ones_keeps_what_changed_alone() -> None:
    """Usage that changes no verdict is no event, and touches no link."""
    scene = Scene().on(49)
    scene.reported(answered_by("often"))
    in_flow(scene)
    scene.on(60)
    take_in(scene, *usage_rows(412, 900, 17))
    scene.plan()
    before = len(checks(scene))
    scene.on(61)
    take_in(scene, *usage_rows(413, 901, 17))
    judged = scene.plan()
    assert (judged.checked, judged.decided, len(checks(scene)) - before) == (1, 0, 0)
    take_in(scene, f"often,export,{LAST},1")
    assert (scene.plan().checked, len(checks(scene)) - before) == (1, 1)


def test_neither_axis_of_time_sees_what_is_to_come() -> None:
    """Known up to then, or happened by then: later tickets, flows and days of use change no verdict of that moment."""
    scene = Scene().on(49)
    scene.reported()
    in_flow(scene)
    scene.on(60)
    take_in(scene, *usage_rows(412, 900, 17))
    scene.plan()
    at = scene.clock.now()
    moments: tuple[Moment, ...] = (KnownUpTo(scene.store.head()), HappenedBy(at))
    before = [judge_at(scene.store, POLICY.frequency, scene.issue().bug_id, one, at) for one in moments]
    scene.on(70).reported(EVE)
    in_flow(scene, "search")
    take_in(scene, *(f"account {number},export,2026-03-0{2 + number % 8},9" for number in range(900)))
    scene.plan()
    after = [judge_at(scene.store, POLICY.frequency, scene.issue().bug_id, one, at) for one in moments]
    assert (before, before[0]["frequency"]) == (after, FREQUENT)


def test_a_late_import_alters_what_had_happened_and_not_what_was_known() -> None:
    """A perfect watcher would have known of these days' use; we didn't."""
    scene = Scene().on(49)
    scene.reported()
    in_flow(scene)
    scene.on(60)
    take_in(scene, *usage_rows(40, 900, 20))
    known, at = KnownUpTo(scene.store.head()), scene.clock.now()
    scene.on(65)
    take_in(scene, *usage_rows(412, 900, 17))
    moments: tuple[Moment, ...] = (known, HappenedBy(at))
    seen = [judge_at(scene.store, POLICY.frequency, scene.issue().bug_id, one, at)["using"] for one in moments]
    assert seen == [40, 412]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.booleans()), max_size=6))
def test_what_was_known_decides_whatever_comes_later(later: list[tuple[int, int, bool]]) -> None:
    """A later import, for whatever day, never changes what a check on what was known then gives."""
    scene = Scene().on(59)
    scene.reported(answered_by("account 1"))
    in_flow(scene)
    take_in(scene, *usage_rows(20, 40, 6))
    known, at = KnownUpTo(scene.store.head()), scene.clock.now()
    before = judge_at(scene.store, POLICY.frequency, scene.issue().bug_id, known, at)
    rows = {
        f"account {account},{'export' if in_it else 'other'},{LAST - timedelta(days=ago)},0"
        for account, ago, in_it in later
    }
    take_in(scene, *sorted(rows))
    assert judge_at(scene.store, POLICY.frequency, scene.issue().bug_id, known, at) == before
