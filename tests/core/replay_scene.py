"""Replays told tersely, over the histories of `builders`; policies are written as a team writes them."""

from collections.abc import Iterable, Iterator, Sequence

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.events import Event
from bugbridge.core.instants import elapsed_days
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay import Course, Era, LinkRecord, replay_link
from bugbridge.core.replay_frequency import Reported
from tests.core.builders import DAY_0, PARTY, REFERENCE, day, link_history

# What every policy of the worked example says: nothing is merged, no news is left out, intervals back off alone.
PLAIN = """
version = 1

[grid]
"frequent" = "nothing"
"frequent, workaround" = "nothing"
"infrequent" = "nothing"
"infrequent, workaround" = "nothing"
"enterprise" = "nothing"

[tell]
news = ["in_progress", "workaround", "fixed", "released", "declined", "reopened", "release_planned", "release_moved"]
merge_days = 0
"""
EVERY_14_DAYS = 'tell = "terminal"\nevery_days = [14, 14]\nbackoff = 1'
ON_CHANGE = 'tell = "all"'
ON_RELEASE = 'tell = "terminal"'
EXAMPLE_EVERY = 'tell = "all"\nevery_days = [14, 60]\nbackoff = 1.5'


def rule(rule_id: str, says: str, when: str = "") -> str:
    """One rule, as it stands in a file."""
    condition = f"when = {{ {when} }}\n" if when else ""
    return f'[[rule]]\nid = "{rule_id}"\n{condition}{says}\n'


def policy(*rules: str) -> Policy:
    """A policy of these rules, whose grid says nothing."""
    return parse_policy("\n".join([PLAIN, *rules]))


def record(
    *events: Event,
    ticket: str = "support:1",
    bug: str = REFERENCE,
    contact: int = PARTY,
    agent: str = "",
    reports: Iterable[Reported] = (),
) -> LinkRecord:
    """A link to which this happened."""
    return LinkRecord(ticket, bug, contact, agent, (Era(DAY_0, link_history(*events), tuple(reports)),))


def course(
    *events: Event, under: Policy, until: float, calendar: WorkCalendar = ALWAYS_OPEN, reports: Iterable[Reported] = ()
) -> Course:
    """What a policy would have made of these events."""
    return replay_link(record(*events, reports=reports), under, calendar, day(until))


def days_told(replayed: Course) -> list[float]:
    """The days of its updates."""
    return [elapsed_days(DAY_0, at) for at in replayed.updates]


def told_on(
    *events: Event, under: Policy, until: float, calendar: WorkCalendar = ALWAYS_OPEN, reports: Iterable[Reported] = ()
) -> list[float]:
    """The days on which the customer would have been written to."""
    return days_told(course(*events, under=under, until=until, calendar=calendar, reports=reports))


def in_turn(count: int) -> Iterator[Sequence[int]]:
    """Draws without chance: each of so many bugs left out once, and its neighbour drawn twice."""
    for left_out in range(count):
        yield [(number + 1) % count if number == left_out else number for number in range(count)]
