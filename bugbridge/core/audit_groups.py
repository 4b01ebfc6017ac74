"""The bugs of an audit by what they have in common: frequency, tier, tracker, brand, label, quarter of the fix."""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bugbridge.core.audit_model import By, Group, ResolvedBug
from bugbridge.core.incidence import column
from bugbridge.core.model import Frequency
from bugbridge.core.spread import spread_of

# Groups of one kind that a report lists.
MOST_GROUPS = 20
MONTHS_A_QUARTER = 3


def quarter_of(at: datetime) -> str:
    """Name the quarter of an instant in UTC, such as `2026-Q2`."""
    day = at.astimezone(UTC)
    return f"{day.year:04d}-Q{(day.month - 1) // MONTHS_A_QUARTER + 1}"


NAMES: Mapping[By, Callable[[ResolvedBug], Iterable[str]]] = {
    By.FREQUENCY: lambda bug: (bug.frequency.value,),
    By.TIER: lambda bug: bug.tiers,
    By.TRACKER: lambda bug: (bug.tracker,),
    By.BRAND: lambda bug: bug.brands,
    By.LABEL: lambda bug: bug.labels,
    By.QUARTER: lambda bug: (quarter_of(bug.fixed_at),),
}


@dataclass(slots=True)
class _Members:
    days: "array[float]" = field(default_factory=column)
    updates: int = 0
    wasted: int = 0
    known: int = 0

    def add(self, bug: ResolvedBug) -> None:
        self.days.append(bug.days)
        self.updates += bug.updates_sent or 0
        if bug.waiting is not None:
            self.wasted += bug.waiting.updates - bug.waiting.newsful
            self.known += 1


class GroupTally:
    """Gathers bugs by what was asked for, eight bytes for each group that a bug is in."""

    def __init__(self, by: Sequence[By]) -> None:
        self._groups: dict[By, defaultdict[str, _Members]] = {each: defaultdict(_Members) for each in by}

    def add(self, bug: ResolvedBug) -> None:
        """Count a bug in the group of each of its tiers, brands or labels; one without any is in that of no name."""
        for by, groups in self._groups.items():
            for name in set(NAMES[by](bug)) or {""}:
                groups[name].add(bug)

    def listed(self) -> tuple[Group, ...]:
        """Give the groups to list: frequencies and quarters in their order, the others the largest first."""
        return tuple(
            Group(by, name, spread_of(members.days), members.updates, members.wasted, members.known)
            for by, groups in self._groups.items()
            for name, members in _in_order(by, groups)
        )

    def left_out(self) -> Mapping[By, int]:
        """Count the groups that aren't listed, where there are any: the smaller ones, or the earlier quarters."""
        return {by: len(groups) - MOST_GROUPS for by, groups in self._groups.items() if len(groups) > MOST_GROUPS}


def _in_order(by: By, groups: Mapping[str, _Members]) -> Iterator[tuple[str, _Members]]:
    named = sorted(groups.items())
    if by is By.QUARTER:
        yield from named[-MOST_GROUPS:]
    elif by is By.FREQUENCY:
        yield from sorted(named, key=lambda group: tuple(Frequency).index(Frequency(group[0])))
    else:
        yield from sorted(named, key=lambda group: -len(group[1].days))[:MOST_GROUPS]
