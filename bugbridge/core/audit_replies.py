"""What customers heard while they waited, summed over bugs, and whether it paid."""

from array import array
from collections import Counter
from math import floor

from bugbridge.core.audit_model import WAITING_COUNTS, FollowUps, NewsCell, Replies, ResolvedBug, Waiting
from bugbridge.core.incidence import column
from bugbridge.core.promise_counts import NO_PROMISES, added_up
from bugbridge.core.spread import spread_of

# Updates mostly carried news: they paid.
MOSTLY_NEWS = 0.5
# One chance in four of news is what the shipped policy's cadence waits for; below that updates hardly paid.
HARDLY_NEWS = 0.25
# Of fewer updates the share with news could as well be another: at 20 it is known to some 22 points either way.
LEAST_UPDATES = 20
# So many a link, or more: the end of the picture's axes.
MOST_A_LINK = 20


class RepliesTally:
    """Sums what was heard, and keeps eight bytes for each silence, delay and wait."""

    def __init__(self) -> None:
        self._bugs = 0
        self._unknown = 0
        self._updates_said = 0
        self._counts: Counter[str] = Counter()
        self._promises = NO_PROMISES
        self._silences: array[float] = column()
        self._delays: array[float] = column()
        self._told_after: array[float] = column()
        self._cells: Counter[tuple[int, int]] = Counter()

    def add(self, bug: ResolvedBug) -> None:
        """Count what the customers of a bug heard, or what a file says of it."""
        if bug.waiting is None:
            self._unknown += 1
            self._updates_said += bug.updates or 0
        else:
            self._bugs += 1
            self._heard(bug.waiting)

    def _heard(self, waiting: Waiting) -> None:
        for name in WAITING_COUNTS:
            self._counts[name] += getattr(waiting, name)
        self._promises = added_up((self._promises, waiting.promises))
        self._silences.extend(waiting.silences)
        self._delays.extend(waiting.news_delays)
        self._told_after.extend(waiting.told_after)
        if waiting.links:
            self._cells[_a_link(waiting.news, waiting.links), _a_link(waiting.updates, waiting.links)] += 1

    def replies(self) -> Replies:
        """Give the sums and the spreads."""
        heard = self._counts
        return Replies(
            **{name: heard[name] for name in WAITING_COUNTS} | {"updates": heard["updates"] + self._updates_said},
            bugs=self._bugs,
            unknown=self._unknown,
            proactive=heard["replies"] - heard["asked_for"],
            wasted=heard["updates"] - heard["newsful"],
            silence=spread_of(self._silences),
            news_delay=spread_of(self._delays),
            told_after=spread_of(self._told_after),
            promises=self._promises,
        )

    def follow_ups(self) -> FollowUps:
        """Say whether updates paid, of the bugs of which it is known what they told."""
        updates = self._counts["updates"]
        if not self._bugs:
            return FollowUps.UNKNOWN
        if updates < LEAST_UPDATES:
            return FollowUps.TOO_FEW
        share = self._counts["newsful"] / updates
        if share >= MOSTLY_NEWS:
            return FollowUps.PAID
        return FollowUps.PARTLY if share >= HARDLY_NEWS else FollowUps.HARDLY

    def news_cells(self) -> tuple[NewsCell, ...]:
        """Count the bugs by news and updates a link, in order."""
        return tuple(NewsCell(news, updates, bugs) for (news, updates), bugs in sorted(self._cells.items()))


def _a_link(count: int, links: int) -> int:
    """Round to the nearest whole number, halves up."""
    return min(floor(count / links + 0.5), MOST_A_LINK)
