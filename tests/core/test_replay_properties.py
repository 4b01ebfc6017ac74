"""What holds of every replay, whatever happened to the link and whatever the policy says."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import BugEvent, Event, FactEvent, LinkEvent
from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import TERMINAL_NEWS, FactKind, LinkEventKind, Stage
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import LinkHistory
from bugbridge.core.replay import Course, Era, LinkRecord, replay_link
from bugbridge.core.replay_frequency import Reported
from bugbridge.core.replay_metrics import Metrics, measure, most_per_contact
from tests.core.builders import DAY_0, day
from tests.core.replay_scene import EVERY_14_DAYS, EXAMPLE_EVERY, ON_CHANGE, ON_RELEASE, policy, record, rule
from tests.core.test_link_properties import DAYS, LAST_DAY, SHIPPED, histories

UNTIL = LAST_DAY * 2
NOTHING = policy(rule("all", 'tell = "nothing"'))
POLICIES = st.sampled_from(
    [
        SHIPPED,
        NOTHING,
        policy(rule("all", EVERY_14_DAYS)),
        policy(rule("all", ON_CHANGE)),
        policy(rule("often", EXAMPLE_EVERY, 'frequency = ["frequent"]'), rule("else", ON_RELEASE)),
        policy(rule("still", ON_RELEASE, "silent_days = { min = 20 }"), rule("else", EXAMPLE_EVERY)),
    ]
)
REPORTS = st.lists(
    st.builds(lambda account, on: Reported(account, day(on), day(on)), st.integers(1, 9), DAYS), max_size=9
)


def replay(one: LinkRecord, under: Policy, until: float = UNTIL) -> Course:
    """Follow a link to its end."""
    return replay_link(one, under, ALWAYS_OPEN, day(until))


@given(histories(), REPORTS, POLICIES)
def test_a_replay_depends_on_its_arguments_alone(events: list[Event], reports: list[Reported], under: Policy) -> None:
    """The same history gives the same course, in whatever order it is handed in."""
    one = record(*events, reports=reports)
    turned = replace(one, eras=(Era(DAY_0, backwards(one.eras[0].history), tuple(reports[::-1])),))
    assert replay(turned, under) == replay(one, under) == replay(one, under)


def backwards(history: LinkHistory) -> LinkHistory:
    """The same history, every list from its end."""
    bug = replace(history.bug, issue_facts=history.bug.issue_facts[::-1], bug_events=history.bug.bug_events[::-1])
    return replace(
        history,
        bug=bug,
        ticket_facts=history.ticket_facts[::-1],
        party_facts=history.party_facts[::-1],
        link_events=history.link_events[::-1],
        party_link_events=history.party_link_events[::-1],
        messages=history.messages[::-1],
    )


@given(histories(), REPORTS, POLICIES, DAYS)
def test_what_happens_later_changes_no_update_before(
    events: list[Event], reports: list[Reported], under: Policy, on: int
) -> None:
    """With all that occurred after a day added, whatever its seq, the updates up to that day are the same."""
    happened = [event for event in events if event.occurred_at <= day(on)]
    reported = [report for report in reports if report.known_at <= day(on)]
    before = replay(record(*happened, reports=reported), under)
    after = replay(record(*events, reports=reports), under)
    assert up_to(before, on) == up_to(after, on)


def up_to(course: Course, on: float) -> list[float]:
    """The days of the updates up to a day."""
    return [elapsed_days(DAY_0, at) for at in course.updates if at <= day(on)]


@given(histories(), POLICIES, DAYS)
def test_a_shorter_replay_is_the_beginning_of_a_longer_one(events: list[Event], under: Policy, on: int) -> None:
    """What is due at the very end apart: a periodic update falls strictly before it."""
    shorter, longer = replay(record(*events), under, on), replay(record(*events), under)
    assert [at for at in shorter.updates if at < day(on)] == [at for at in longer.updates if at < day(on)]


@given(histories(), POLICIES)
def test_nothing_is_told_outside_a_links_life(events: list[Event], under: Policy) -> None:
    """Where it is always open, every update lies between the link and its end, and no two at one instant."""
    course = replay(record(*events), under)
    assert all(course.begins <= at <= course.ends for at in course.updates)
    assert len(set(course.updates)) == len(course.updates)
    assert course.updates == tuple(sorted(course.updates))


@given(histories(), POLICIES)
def test_how_it_ends_is_told_once(events: list[Event], under: Policy) -> None:
    """By one update, when it happens; only a policy that tells nothing leaves a release out, and nobody a clear no.

    What was taken back at the very same instant was no end.
    """
    course = replay(record(*events), under)
    ended = [event for event in course.news if event.news in TERMINAL_NEWS and event.at == course.ends]
    told = [at for at in course.updates if at >= course.ends]
    opted_out = any(isinstance(event, FactEvent) and event.kind is FactKind.OPT_OUT for event in events)
    if ended and not opted_out and under is not NOTHING:
        assert told == [course.ends]
    assert len(told) <= 1


@given(histories())
def test_a_policy_of_nothing_sends_nothing(events: list[Event]) -> None:
    """Apart from promises and a clear no, which no policy can change."""
    ours = [event for event in events if not _is_promise(event) and not _is_decline(event)]
    assert replay(record(*ours), NOTHING).updates == ()


def _is_promise(event: Event) -> bool:
    return isinstance(event, LinkEvent) and event.kind is LinkEventKind.PROMISE_MADE


def _is_decline(event: Event) -> bool:
    return isinstance(event, FactEvent | BugEvent) and event.value == Stage.DECLINED


@given(st.lists(histories(), max_size=4), POLICIES)
def test_the_measures_equal_a_brute_force(lists: list[list[Event]], under: Policy) -> None:
    """Each written down once more, from its definition, without the product's shortcuts."""
    courses = [replay(record(*events), under) for events in lists]
    found = measure(courses, ALWAYS_OPEN, day(UNTIL))
    assert found.sent == sum(len(course.updates) for course in courses)
    assert found.newsful == sum(_carries_news(course, index) for course in courses for index in _indices(course))
    assert found.waste == found.sent - found.newsful
    delays = [_delay(course, event.at) for course in courses for event in course.news]
    assert found.missed == delays.count(None)
    told = [delay for delay in delays if delay is not None]
    assert found.delay_mean_days == (sum(told) / len(told) if told else None)
    assert found.silence_most_days == max((_silence(course) for course in courses), default=None)
    _never_negative(found)


def _indices(course: Course) -> range:
    return range(len(course.updates))


def _carries_news(course: Course, index: int) -> bool:
    before = course.updates[index - 1] if index else course.begins
    return any(event.at > before and event.at <= course.updates[index] for event in course.news)


def _delay(course: Course, at: datetime) -> float | None:
    waited = [elapsed_days(at, update) for update in course.updates if update >= at]
    return min(waited, default=None)


def _silence(course: Course) -> float:
    marks = sorted([course.begins, course.ends, *course.updates])
    return max(elapsed_days(marks[index], marks[index + 1]) for index in range(len(marks) - 1))


def _never_negative(found: Metrics) -> None:
    measured = (found.delay_median_days, found.delay_mean_days, found.silence_median_days, found.silence_p90_days)
    assert all(value is None or value >= 0 for value in measured)


@given(st.lists(st.tuples(st.integers(1, 3), st.lists(DAYS, max_size=9, unique=True).map(sorted)), max_size=4))
def test_the_busiest_week_equals_a_brute_force(links: list[tuple[int, list[int]]]) -> None:
    """Of every update of a contact, count those in the seven days that begin with it."""
    courses = [Course(day(0), day(LAST_DAY), updates=tuple(map(day, days))) for _, days in links]
    heard = [(contact, on) for contact, days in links for on in days]
    busiest = max((sum(c == contact and on <= o < on + 7 for c, o in heard) for contact, on in heard), default=0)
    assert most_per_contact(courses, [contact for contact, _ in links]) == busiest
