"""What holds of every link, whatever happened to it: the two axes of time, and silence."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.model import AuthorKind, BugEventKind, LinkEventKind, LinkHow, News, Stage
from bugbridge.core.planning import LinkPlan, plan_link
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.records import LinkHistory
from tests.core.builders import (
    BUG,
    activity,
    bug_event,
    cut,
    day,
    frequency,
    has_workaround,
    link_event,
    link_history,
    linked,
    live_from,
    message,
    names,
    opt_out,
    promise,
    question,
    release,
    release_mark,
    reminder,
    stage,
    status,
    tier,
    told,
    watching,
    with_seqs,
    workaround,
)

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
LAST_DAY = 60
DAYS = st.integers(0, LAST_DAY)


def of(make: Any, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[Event]:
    """An event on some day with some values."""
    return st.builds(make, DAYS, *values)


TALK = (
    of(message, st.sampled_from(AuthorKind)),
    of(names, st.sampled_from(["4.2", "9.9", "github:acme/app#12"])),
    of(told),
    of(status, st.sampled_from(["open", "pending", "solved"])),
    of(reminder, st.sampled_from([f"periodic:{BUG}", f"released:{BUG}", "periodic:99"])),
    of(has_workaround, st.sampled_from(["told", "confirmed", "failed"])),
    of(frequency, st.sampled_from(["frequent", "infrequent", "spiking", "unknown"])),
    of(lambda on, value: bug_event(on, BugEventKind.OVERRIDE, value, expires=on + 9), st.sampled_from(["frequent"])),
    of(lambda on, value: link_event(on, LinkEventKind.MEETS_IT, value), st.sampled_from(["daily", "once"])),
    of(activity),
    of(lambda on: question(on, "stalled", "lead: decide", "bug")),
    of(lambda _: tier("enterprise")),
)
MOVES = (
    of(stage, st.sampled_from(Stage)),
    of(release, st.sampled_from(["4.2", ""])),
    of(lambda on, ahead: release_mark(on, "4.2", out=on + ahead), st.sampled_from([0, 20])),
    of(workaround),
    of(lambda on, ahead: promise(on, due=on + ahead), st.integers(1, 20)),
    of(linked, st.sampled_from([LinkHow.HAND, LinkHow.NOTE])),
    of(live_from),
    of(opt_out, st.sampled_from(["none", "no_periodic", "all"])),
)
ANY = st.one_of(*TALK, *MOVES)
TALKS = st.lists(st.one_of(*TALK), max_size=12)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """A link's events: made and live first, all that follows learned of in any order."""
    events = draw(st.lists(ANY, max_size=16))
    seqs = draw(st.permutations(range(3, len(events) + 3)))
    return with_seqs([linked(0), live_from(0), *events], [1, 2, *seqs])


def fold(history: LinkHistory, on: float) -> LinkState:
    """The state as of a day."""
    return fold_link(history, day(on), SHIPPED, ALWAYS_OPEN)


def plan(history: LinkHistory, on: float) -> LinkPlan:
    """What is called for as of a day."""
    return plan_link(fold(history, on), day(on), SHIPPED, ALWAYS_OPEN)


@given(histories(), st.integers(2, 20), DAYS)
def test_what_is_learned_later_never_alters_what_was_known(events: list[Event], seq: int, on: int) -> None:
    """The first axis: with all of a higher seq added, whenever it happened, the history up to a seq folds the same."""
    known = [event for event in events if event.seq <= seq]
    before = cut(link_history(*known), seq=seq)
    after = cut(link_history(*events), seq=seq)
    assert (fold(after, on), plan(after, on)) == (fold(before, on), plan(before, on))


@given(histories(), DAYS)
def test_what_happens_later_never_alters_facts_as_of_a_day(events: list[Event], on: int) -> None:
    """The second axis: with all that occurred after a day added, whatever its seq, the facts as of it are the same."""
    happened = [event for event in events if event.occurred_at <= day(on)]
    before = cut(link_history(*happened), at=day(on))
    after = cut(link_history(*events), at=day(on))
    assert (fold(after, on), plan(after, on)) == (fold(before, on), plan(before, on))


@given(histories(), DAYS)
def test_a_plan_depends_on_its_arguments_alone(events: list[Event], on: int) -> None:
    """The same history on the same day gives the same plan, in whatever order it is handed in."""
    history = link_history(*events)
    turned = replace(
        history,
        bug=replace(history.bug, issue_facts=history.bug.issue_facts[::-1], bug_events=history.bug.bug_events[::-1]),
        link_events=history.link_events[::-1],
        messages=history.messages[::-1],
        findings=history.findings[::-1],
        delivery_events=history.delivery_events[::-1],
    )
    assert plan(turned, on) == plan(history, on) == plan(history, on)


@given(histories(), DAYS)
def test_until_a_decision_expires_time_alone_changes_nothing_that_is_called_for(events: list[Event], on: int) -> None:
    """So a link that nothing touched need not be looked at before."""
    history = cut(link_history(*events), at=day(on))
    now = plan(history, on)
    expires = LAST_DAY * 2 if now.valid_until is None else (now.valid_until - day(0)).total_seconds() / 86_400
    just_before = plan(history, max(on, expires - 0.001))
    assert just_before.intentions == now.intentions
    assert just_before.decision.ruling.rule_id == now.decision.ruling.rule_id


@given(histories(), DAYS)
def test_nothing_is_told_to_who_asked_to_hear_nothing(events: list[Event], on: int) -> None:
    """Whatever happens, at most a person settles an open promise."""
    quiet = link_history(*events, replace(opt_out(LAST_DAY + 1, "all"), seq=99))
    planned = plan(quiet, max(on, LAST_DAY + 1))
    assert planned.decision.intentions == ()
    assert [(one.reason, one.news) for one in planned.standing] in ([], [("opted-out", frozenset[News]())])


@given(TALKS, st.integers(20, LAST_DAY))
def test_who_was_certainly_told_of_a_release_is_left_alone(talk: list[Event], on: int) -> None:
    """Until it comes back, or a workaround is found, whatever is said and judged meanwhile."""
    after = [event for event in talk if event.occurred_at > day(10)]
    ended = [stage(0, "open"), stage(5, "fixed"), release_mark(8, "4.2"), replace(told(9), seq=9_999)]
    assert plan(link_history(*ended, *after), on).intentions == ()


@given(histories(), DAYS)
def test_in_watch_mode_nothing_is_called_for(events: list[Event], on: int) -> None:
    """Whatever happened: decisions are kept and shown, and no update is planned, whoever asks and whatever is due."""
    watched = link_history(*events, replace(watching(), occurred_at=day(LAST_DAY + 1)))
    assert plan(watched, on).intentions == ()


def test_what_was_learned_late_alters_a_replay_and_no_kept_decision() -> None:
    """Closed on day 3, learned after all else: on day 5 we didn't know it, though a perfect watcher did."""
    late = replace(stage(3, "fixed"), seq=99_000)
    history = link_history(stage(0, "open"), activity(4), late)
    known = fold(cut(history, seq=98_999), 5).facts
    happened = fold(cut(history, at=day(5)), 5).facts
    assert (known.stage, known.untold) == (Stage.OPEN, frozenset())
    assert (happened.stage, happened.untold) == (Stage.FIXED, frozenset({News.FIXED}))


def test_what_was_known_ahead_alters_a_decision_and_no_replay() -> None:
    """An event dated ahead is known already, but had not happened."""
    history = link_history(stage(0, "open"), replace(stage(9, "fixed"), seq=2))
    known = fold(cut(history, seq=2), 5).facts.stage
    happened = fold(cut(history, at=day(5)), 5).facts.stage
    assert (known, happened) == (Stage.FIXED, Stage.OPEN)
