"""Which bugs the seeded history holds, and when each was met, fixed, released, refused or reopened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.seed_words import FAULTS, PARTS
from bugbridge.sandbox.world import HISTORY_DAYS, SEED_NOW

LOG_MEAN_DAYS = 3.51
"""Mean of the natural logarithm of the days from report to fix: a median of 33 days.

Source: the history of facebook/react on GitHub, 1,277 issues from 2013 to 2024 of which 1,050 were closed;
fitted to those that took a day or longer to close, as what closes within hours is triage and not a fix."""

LOG_DEVIATION_DAYS = 2.04
"""Standard deviation of the same logarithms, from the same fit: one fix in ten takes longer than a year."""

HISTORY_START = SEED_NOW - timedelta(days=HISTORY_DAYS)
RELEASE_DAYS = 14
RELEASES = 26
LAST_RELEASES = {
    "acme/app": ("4", date(2026, 6, 11)),
    "acme/api": ("2", date(2026, 6, 4)),
    "acme/mobile": ("7", date(2026, 6, 9)),
    "SHOP": ("5", date(2026, 6, 10)),
    "PAY": ("1", date(2026, 6, 3)),
}
"""Where bugs live: the first number of its versions, and the day of its latest release; one every RELEASE_DAYS."""

REPOSITORIES = ("acme/app", "acme/api", "acme/mobile")
PROJECTS = ("SHOP", "PAY")


@dataclass
class BugPlan:
    """One row of the plan: so many bugs that end alike and are met alike."""

    tracker: str
    outcome: str
    usage: str
    count: int
    least: int
    most: int
    recent: bool = False


PLAN = (
    BugPlan("github", "released", "infrequent", 16, 3, 9),
    BugPlan("github", "released", "frequent", 3, 10, 13),
    BugPlan("github", "released", "infrequent", 3, 4, 7, recent=True),
    BugPlan("github", "released", "frequent", 2, 12, 15, recent=True),
    BugPlan("github", "fixed", "infrequent", 4, 2, 5),
    BugPlan("github", "fixed", "frequent", 1, 12, 14),
    BugPlan("github", "open", "infrequent", 8, 2, 5),
    BugPlan("github", "open", "frequent", 4, 12, 16),
    BugPlan("github", "open", "spiking", 2, 7, 9),
    BugPlan("github", "open", "new", 3, 1, 3),
    BugPlan("github", "open", "one account", 1, 7, 7),
    BugPlan("github", "in progress", "infrequent", 4, 2, 5),
    BugPlan("github", "in progress", "frequent", 1, 12, 14),
    BugPlan("github", "declined", "infrequent", 4, 2, 6),
    BugPlan("github", "declined", "infrequent", 2, 3, 5, recent=True),
    BugPlan("github", "reopened", "infrequent", 2, 3, 5, recent=True),
    BugPlan("github", "reopened", "infrequent", 1, 3, 5),
    BugPlan("github", "closed again", "infrequent", 2, 3, 6),
    BugPlan("github", "duplicate", "infrequent", 4, 1, 3),
    BugPlan("jira", "released", "infrequent", 9, 3, 8),
    BugPlan("jira", "released", "infrequent", 3, 3, 6, recent=True),
    BugPlan("jira", "released", "frequent", 1, 12, 14, recent=True),
    BugPlan("jira", "fixed", "infrequent", 3, 2, 5),
    BugPlan("jira", "open", "infrequent", 4, 2, 5),
    BugPlan("jira", "open", "frequent", 1, 12, 15),
    BugPlan("jira", "open", "spiking", 1, 7, 9),
    BugPlan("jira", "open", "new", 1, 1, 3),
    BugPlan("jira", "in progress", "infrequent", 3, 2, 5),
    BugPlan("jira", "declined", "infrequent", 2, 2, 5),
    BugPlan("jira", "declined", "infrequent", 1, 3, 5, recent=True),
    BugPlan("jira", "reopened", "infrequent", 2, 3, 5),
    BugPlan("jira", "duplicate", "infrequent", 2, 1, 3),
)


@dataclass
class Bug:
    """One planned bug; `reference` is filled in once its issue has a number."""

    home: str
    outcome: str
    usage: str
    recent: bool
    tickets: int
    part: str
    fault: str
    met_at: datetime
    filed_at: datetime
    closed_at: datetime | None
    reopened_at: datetime | None = None
    closed_again_at: datetime | None = None
    released_on: date | None = None
    version: str | None = None
    survivor: "Bug | None" = None
    reference: str = ""

    @property
    def last_report(self) -> datetime:
        """Tickets about it begin before this instant: later ones would be about something that is over."""
        ends = [SEED_NOW - timedelta(hours=40)]
        if self.outcome in {"declined", "duplicate"} and self.closed_at:
            ends.append(self.closed_at - timedelta(hours=2))
        if self.released_on:
            ends.append(midnight(self.released_on) - timedelta(hours=30))
        return max(min(ends), self.met_at)


def midnight(day: date) -> datetime:
    """The first instant of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def release_days(home: str) -> list[tuple[str, date]]:
    """Every released version of a repository or project with its day, oldest first."""
    major, last = LAST_RELEASES[home]
    days = [last - timedelta(days=RELEASE_DAYS * step) for step in range(RELEASES)]
    return [(f"{major}.{number}", day) for number, day in enumerate(reversed(days))]


def next_version(home: str) -> str:
    """The version under work."""
    return f"{LAST_RELEASES[home][0]}.{RELEASES}"


def _window(row: BugPlan, home: str) -> tuple[datetime, datetime] | None:
    """When a bug of this row is closed for the first time; None for one that is still open."""
    days = [midnight(day) for _, day in release_days(home)]
    if row.outcome == "released":
        return (days[-2], days[-1]) if row.recent else (HISTORY_START, days[-2] - timedelta(days=20))
    if row.outcome == "fixed":
        return days[-1] + timedelta(days=1), SEED_NOW - timedelta(days=1)
    if row.outcome == "declined" and row.recent:
        return SEED_NOW - timedelta(days=12), SEED_NOW - timedelta(days=1)
    if row.outcome in {"reopened", "closed again"}:
        return HISTORY_START, SEED_NOW - timedelta(days=75)
    if row.outcome == "declined":
        return HISTORY_START, SEED_NOW - timedelta(days=25)
    return None


def _fits(row: BugPlan, met_at: datetime, closed_at: datetime, window: tuple[datetime, datetime] | None) -> bool:
    if closed_at < met_at + timedelta(days=4):
        return False
    if row.usage == "frequent" and closed_at < met_at + timedelta(days=65):
        return False
    if window:
        return window[0] <= closed_at < window[1]
    return closed_at > SEED_NOW


def _first_days(usage: str) -> tuple[datetime, datetime]:
    """Between which instants a bug met in this way is first reported."""
    if usage == "spiking":
        return SEED_NOW - timedelta(days=9), SEED_NOW - timedelta(days=8)
    if usage == "new":
        return SEED_NOW - timedelta(days=12), SEED_NOW - timedelta(days=3)
    margin = 65 if usage == "frequent" else 15
    return HISTORY_START, SEED_NOW - timedelta(days=margin)


def _life(chance: Chance, row: BugPlan, home: str) -> tuple[datetime, datetime | None]:
    """First report and first closing: drawn from the fitted curve until they suit the row.

    Drawing again, and not choosing, keeps the shape of the curve within what the row allows."""
    window = _window(row, home)
    while True:
        met_at = chance.instant(*_first_days(row.usage))
        days = chance.lognormal(LOG_MEAN_DAYS, LOG_DEVIATION_DAYS)
        closed_at = met_at + timedelta(days=min(days, 4000.0))
        if row.outcome == "duplicate":
            return met_at, chance.later(met_at, 60, 200)
        if _fits(row, met_at, closed_at, window):
            return met_at, closed_at.replace(microsecond=0) if window else None


def _filing(chance: Chance, met_at: datetime) -> datetime:
    """When engineers had the issue: usually some hours after the first ticket, sometimes long before."""
    if chance.happens(0.15):
        return met_at - timedelta(days=chance.integer(1, 20), minutes=chance.integer(1, 600))
    return chance.later(met_at, 1, 30)


def _release_after(home: str, moment: datetime) -> tuple[str, date]:
    return next((version, day) for version, day in release_days(home) if midnight(day) > moment)


def _finish(chance: Chance, row: BugPlan, bug: Bug) -> Bug:
    """Add what follows the first closing: reopening, closing again, release."""
    closed_at = bug.closed_at
    if closed_at is None or row.outcome in {"declined", "duplicate", "fixed"}:
        return bug
    bug.version, bug.released_on = _release_after(bug.home, closed_at)
    if row.outcome == "reopened" and row.recent:
        bug.reopened_at = chance.instant(SEED_NOW - timedelta(days=11), SEED_NOW - timedelta(days=2))
    elif row.outcome in {"reopened", "closed again"}:
        bug.reopened_at = chance.later(midnight(bug.released_on), 100, 300)
    if row.outcome == "closed again" and bug.reopened_at:
        bug.closed_again_at = chance.later(bug.reopened_at, 50, 400)
        bug.version, bug.released_on = _release_after(bug.home, bug.closed_again_at)
    return bug


def _home(chance: Chance, tracker: str) -> str:
    if tracker == "jira":
        return PROJECTS[0] if chance.happens(0.6) else PROJECTS[1]
    share = chance.share()
    return REPOSITORIES[0] if share < 0.55 else REPOSITORIES[1] if share < 0.88 else REPOSITORIES[2]


def _make(chance: Chance, row: BugPlan, title: tuple[str, str]) -> Bug:
    home = _home(chance, row.tracker)
    met_at, closed_at = _life(chance, row, home)
    bug = Bug(
        home,
        row.outcome,
        row.usage,
        row.recent,
        chance.integer(row.least, row.most),
        *title,
        met_at,
        _filing(chance, met_at),
        closed_at,
    )
    return _finish(chance, row, bug)


def _choose_survivors(chance: Chance, bugs: list[Bug]) -> None:
    """Each duplicate repeats an older bug of its tracker, and is met and closed while that one lives."""
    lasting = [
        bug
        for bug in bugs
        if bug.outcome in {"released", "fixed", "open", "in progress"}
        and bug.last_report - bug.filed_at > timedelta(days=25)
    ]
    for bug in (bug for bug in bugs if bug.outcome == "duplicate"):
        survivor = chance.pick([other for other in lasting if (other.home in PROJECTS) == (bug.home in PROJECTS)])
        bug.survivor, bug.home = survivor, survivor.home
        bug.met_at = chance.instant(survivor.filed_at + timedelta(days=2), survivor.last_report - timedelta(days=20))
        bug.filed_at, bug.closed_at = chance.later(bug.met_at, 1, 30), chance.later(bug.met_at, 60, 200)


def plan_bugs(chance: Chance) -> list[Bug]:
    """Every bug that has tickets, in no particular order."""
    titles = chance.shuffled([(part, fault) for part in PARTS for fault in FAULTS])
    rows = [row for row in PLAN for _ in range(row.count)]
    bugs = [_make(chance, row, title) for row, title in zip(rows, titles, strict=False)]
    _choose_survivors(chance, bugs)
    return bugs


Spread = Callable[[Chance, Bug], list[datetime]]


def _evenly(chance: Chance, first: datetime, last: datetime, count: int) -> list[datetime]:
    """So many instants, one at a chance place in each of as many equal stretches."""
    step = (last - first) / count
    return [chance.instant(first + step * place, first + step * (place + 1)) for place in range(count)]


def _seldom(chance: Chance, bug: Bug) -> list[datetime]:
    """At most three in the last eight weeks of the history, so that nobody calls it frequent."""
    last, quiet = bug.last_report, SEED_NOW - timedelta(days=58)
    if last <= quiet:
        return _evenly(chance, bug.met_at, last, bug.tickets - 1)
    if bug.met_at >= quiet - timedelta(days=5):
        return _evenly(chance, bug.met_at, last, min(bug.tickets, 4) - 1)
    late = min(bug.tickets - 1, 2)
    return [*_evenly(chance, bug.met_at, quiet, max(bug.tickets - 1 - late, 1)), *_evenly(chance, quiet, last, late)]


def _often(chance: Chance, bug: Bug) -> list[datetime]:
    """Spread over the last seven weeks in which it could be met."""
    last = bug.last_report
    return _evenly(chance, max(bug.met_at, last - timedelta(days=49)), last, bug.tickets - 1)


def _in_a_burst(chance: Chance, bug: Bug) -> list[datetime]:
    return _evenly(chance, bug.met_at, bug.last_report, bug.tickets - 1)


SPREADS: dict[str, Spread] = {
    "infrequent": _seldom,
    "one account": _seldom,
    "frequent": _often,
    "spiking": _in_a_burst,
    "new": _in_a_burst,
}


def report_times(chance: Chance, bug: Bug) -> list[datetime]:
    """When each ticket about the bug began; the first is when it was first met."""
    later = SPREADS[bug.usage](chance, bug) if bug.tickets > 1 else []
    return [bug.met_at, *later]
