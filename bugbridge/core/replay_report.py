"""Policies side by side: their measures, what differs bug by bug, and the links that differ most."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bugbridge.core.bootstrap import Difference, paired_differences
from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.planning import NO_BOOK
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay import Course, LinkRecord, replay_link
from bugbridge.core.replay_history import CANNOT_KNOW
from bugbridge.core.replay_metrics import Load, Metrics, compared, load, measure

# How many of the links that differ most are shown.
SHOWN_LINKS = 10
# How often the bugs are drawn anew for an interval.
DRAWS = 2_000

Draws = Callable[[int], Iterable[Sequence[int]]]
"""Gives 2,000 draws of so many row numbers below that number, with replacement."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One link with its course under each policy, by the policy's name."""

    ticket: str
    bug: str
    contact: int
    agent: str
    courses: Mapping[str, Course]


@dataclass(frozen=True, slots=True)
class PolicyFigures:
    """What one policy's updates amount to, over all links."""

    name: str
    metrics: Metrics
    load: Load


@dataclass(frozen=True, slots=True)
class BugFigures:
    """The measures of one bug under each policy."""

    bug: str
    metrics: Mapping[str, Metrics]


@dataclass(frozen=True, slots=True)
class LinkDifference:
    """When a link's customer would have been written to, under the policy in force and under the other."""

    ticket: str
    bug: str
    begins: datetime
    ends: datetime
    in_force: tuple[datetime, ...]
    instead: tuple[datetime, ...]

    @property
    def differing(self) -> int:
        """How many updates only one of the two has."""
        return len(set(self.in_force) ^ set(self.instead))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A policy against the one in force: its measures minus theirs, bug by bug, and the links that differ most."""

    name: str
    differences: Mapping[str, Difference]
    links: tuple[LinkDifference, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Policies run over the same history up to `until`; the first is the one in force.

    `left_out` counts by reason the links that weren't followed.
    """

    until: datetime
    policies: tuple[PolicyFigures, ...]
    bugs: tuple[BugFigures, ...]
    comparisons: tuple[Comparison, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    cannot_know: tuple[str, ...] = CANNOT_KNOW


def replayed(
    record: LinkRecord,
    policies: Mapping[str, Policy],
    calendar: WorkCalendar,
    until: datetime,
    curves: CurveBook = NO_BOOK,
) -> Replayed:
    """Run every policy over one link."""
    courses = {name: replay_link(record, policy, calendar, until, curves) for name, policy in policies.items()}
    return Replayed(record.ticket, record.bug, record.contact, record.agent, courses)


def compare(
    links: Iterable[Replayed],
    names: Sequence[str],
    calendar: WorkCalendar,
    until: datetime,
    draws: Draws,
    left_out: Mapping[str, int] | None = None,
) -> Replay:
    """Measure each policy, and set all others against the first; in whatever order the links come."""
    ordered = sorted(links, key=lambda link: (link.bug, link.ticket))
    bugs = _by_bug(ordered, names, calendar, until)
    return Replay(
        until=until,
        policies=tuple(_figures(ordered, name, calendar, until) for name in names),
        bugs=bugs,
        comparisons=tuple(_comparison(ordered, bugs, names[0], name, draws) for name in names[1:]),
        left_out=dict(left_out or {}),
    )


def _figures(links: Sequence[Replayed], name: str, calendar: WorkCalendar, until: datetime) -> PolicyFigures:
    courses = [link.courses[name] for link in links]
    agents = len({link.agent for link in links} - {""})
    return PolicyFigures(
        name, measure(courses, calendar, until), load(courses, [link.contact for link in links], agents)
    )


def _by_bug(
    links: Sequence[Replayed], names: Sequence[str], calendar: WorkCalendar, until: datetime
) -> tuple[BugFigures, ...]:
    of_bug: dict[str, list[Replayed]] = {}
    for link in links:
        of_bug.setdefault(link.bug, []).append(link)
    return tuple(
        BugFigures(bug, {name: measure([link.courses[name] for link in own], calendar, until) for name in names})
        for bug, own in of_bug.items()
    )


def _comparison(
    links: Sequence[Replayed], bugs: Sequence[BugFigures], in_force: str, name: str, draws: Draws
) -> Comparison:
    rows = [_minus(compared(bug.metrics[name]), compared(bug.metrics[in_force])) for bug in bugs]
    columns = {measured: [row[measured] for row in rows] for measured in (rows[0] if rows else ())}
    return Comparison(name, paired_differences(columns, draws(len(bugs))), _differing(links, in_force, name))


def _minus(these: Mapping[str, float | None], those: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: _difference(value, those[name]) for name, value in these.items()}


def _difference(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _differing(links: Iterable[Replayed], in_force: str, name: str) -> tuple[LinkDifference, ...]:
    differences = [_link_difference(link, link.courses[in_force], link.courses[name]) for link in links]
    most = sorted(differences, key=lambda link: (-link.differing, link.bug, link.ticket))
    return tuple(link for link in most[:SHOWN_LINKS] if link.differing)


def _link_difference(link: Replayed, in_force: Course, instead: Course) -> LinkDifference:
    return LinkDifference(link.ticket, link.bug, in_force.begins, in_force.ends, in_force.updates, instead.updates)
