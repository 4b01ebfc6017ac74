"""What a policy's updates amount to: the measures of a replay, each in one function.

Days are elapsed days of 86,400 seconds. A measure that has nothing to count from is None, never 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median

from bugbridge.core.calendar import WorkCalendar, add_business_days
from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import TERMINAL_NEWS
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.promises_made import counted
from bugbridge.core.replay import Course
from bugbridge.core.spread import percentile
from bugbridge.core.stages import NewsEvent
from bugbridge.core.telling import CLOSED_WITHIN_BUSINESS_DAYS

WEEK = timedelta(days=7)
HIGH = 0.9  # the percentile for the slow end


@dataclass(frozen=True, slots=True)
class Metrics:
    """The measures over some links; `missed` counts news that no update followed, `missed_share` is their share."""

    links: int
    sent: int
    newsful: int
    waste: int
    yield_share: float | None
    delay_median_days: float | None
    delay_mean_days: float | None
    missed: int
    missed_share: float | None
    silence_median_days: float | None
    silence_p90_days: float | None
    silence_most_days: float | None
    promises: PromiseCounts
    promises_kept_share: float | None
    closed_loop: float | None


@dataclass(frozen=True, slots=True)
class Load:
    """What the updates ask of people: of agents each week, and of one contact in any seven days.

    `batch_saving` is how many updates shared a message with another; 0 as long as replay batches nothing.
    """

    messages: int
    batch_saving: int
    messages_per_agent_week: float | None
    most_per_contact_week: int


def measure(courses: Sequence[Course], calendar: WorkCalendar, now: datetime) -> Metrics:
    """Measure the courses of some links under one policy."""
    sent, useful = sum(len(course.updates) for course in courses), sum(newsful(course) for course in courses)
    delays = [delay for course in courses for delay in news_delays(course)]
    told = sorted(delay for delay in delays if delay is not None)
    silences = sorted(silence_days(course) for course in courses)
    promises = promises_fared(courses, now)
    return Metrics(
        links=len(courses),
        sent=sent,
        newsful=useful,
        waste=sent - useful,
        yield_share=useful / sent if sent else None,
        delay_median_days=median(told) if told else None,
        delay_mean_days=fmean(told) if told else None,
        missed=len(delays) - len(told),
        missed_share=1 - len(told) / len(delays) if delays else None,
        silence_median_days=median(silences) if silences else None,
        silence_p90_days=percentile(silences, HIGH) if silences else None,
        silence_most_days=silences[-1] if silences else None,
        promises=promises,
        promises_kept_share=promises.kept_share,
        closed_loop=closed_loop(courses, calendar),
    )


def newsful(course: Course) -> int:
    """Count the updates with news: some of it came after the update before (or the link), up to this one."""
    windows = pairwise((course.begins, *course.updates))
    return sum(any(before < event.at <= update for event in course.news) for before, update in windows)


def news_delays(course: Course) -> list[float | None]:
    """Give, for each piece of news, the days until the first update from then on; None where none came."""
    return [_days_until(event.at, _first_from(event.at, course.updates)) for event in course.news]


def _first_from(at: datetime, updates: Iterable[datetime]) -> datetime | None:
    return min((update for update in updates if update >= at), default=None)


def _days_until(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else elapsed_days(start, end)


def silence_days(course: Course) -> float:
    """Give the longest stretch without an update between the link, its updates and its end."""
    instants = sorted((course.begins, *course.updates, course.ends))
    return max(elapsed_days(before, after) for before, after in pairwise(instants))


def promises_fared(courses: Iterable[Course], now: datetime) -> PromiseCounts:
    """Judge all promises: kept by an update after it was made, up to its date; late by one after that."""
    return counted(one.fared(one.met_at(course.updates), now) for course in courses for one in course.promises)


def closed_loop(courses: Iterable[Course], calendar: WorkCalendar) -> float | None:
    """Give the share, of links whose bug was released or declined, that were told within two business days."""
    ends = [(event, course) for course in courses for event in course.news if event.news in TERMINAL_NEWS]
    return fmean(_told_in_time(event, course, calendar) for event, course in ends) if ends else None


def _told_in_time(event: NewsEvent, course: Course, calendar: WorkCalendar) -> bool:
    told_at = _first_from(event.at, course.updates)
    return told_at is not None and told_at <= add_business_days(event.at, CLOSED_WITHIN_BUSINESS_DAYS, calendar)


def load(courses: Sequence[Course], contacts: Sequence[int], agents: int) -> Load:
    """Weigh the updates of all links; `contacts` names each link's customer, `agents` counts those at work.

    Weeks run from the first link to the last end. An update is a message of its own.
    """
    sent = sum(len(course.updates) for course in courses)
    return Load(
        messages=sent,
        batch_saving=0,
        messages_per_agent_week=_per_agent_week(sent, courses, agents),
        most_per_contact_week=most_per_contact(courses, contacts),
    )


def _per_agent_week(messages: int, courses: Sequence[Course], agents: int) -> float | None:
    if not courses:
        return None
    time = max(course.ends for course in courses) - min(course.begins for course in courses)
    return messages / (time / WEEK) / max(1, agents) if time else None


def most_per_contact(courses: Sequence[Course], contacts: Sequence[int]) -> int:
    """Give the most updates that any one contact gets in any seven days; the eighth day begins another week."""
    heard: dict[int, list[datetime]] = {}
    for contact, course in zip(contacts, courses, strict=True):
        heard.setdefault(contact, []).extend(course.updates)
    return max((_busiest_week(sorted(updates)) for updates in heard.values()), default=0)


def _busiest_week(updates: Sequence[datetime]) -> int:
    most = first = 0
    for index, update in enumerate(updates):
        while update - updates[first] >= WEEK:
            first += 1
        most = max(most, index - first + 1)
    return most


# What is compared bug by bug, and how people call it.
COMPARED: Mapping[str, str] = {
    "sent": "updates",
    "waste": "updates without news",
    "missed": "news missed",
    "delay_mean_days": "mean days until news is told",
    "silence_most_days": "longest silence in days",
}


def compared(metrics: Metrics) -> dict[str, float | None]:
    """Give those measures of one bug that are compared between policies."""
    return {name: getattr(metrics, name) for name in COMPARED}
