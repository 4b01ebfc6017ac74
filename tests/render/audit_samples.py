"""Audits made by hand: of a hundred bugs, of three, of none, of a CSV file, and one whose names are out to do harm."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp
from statistics import NormalDist

from bugbridge.core.audit_buckets import buckets_of
from bugbridge.core.audit_model import (
    Advice,
    Audit,
    By,
    CurvePoint,
    Difference,
    Exclusion,
    FollowUps,
    Group,
    LeftOut,
    NewsCell,
    Period,
    Question,
    Replies,
    ResolvedBug,
    Saving,
    Trust,
    Waiting,
)
from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import Frequency
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.records import Note
from bugbridge.core.spread import Spread, spread_of
from bugbridge.core.survival import Caution, Quantile

MADE_AT = datetime(2026, 6, 15, 8, tzinfo=UTC)
HOSTILE = "=1+1|<script>alert('1')</script>`*_[a](https://evil.example)\x1b[31m\n# {{ 7 * 7 }}\u202e\x00, \"quoted\""
FREQUENCIES = (Frequency.FREQUENT, Frequency.INFREQUENT, Frequency.INFREQUENT, Frequency.UNKNOWN)
TIERS = (("enterprise",), (), ("standard",), ("enterprise", "standard"), ())


def rich() -> Audit:
    """A hundred bugs that took 41 days in the middle, 260 updates of which 48 had news, and 46 bugs still open."""
    bugs = tuple(_rich_bug(number) for number in range(100))
    released = _days_to_release(bugs)
    return Audit(
        made_at=MADE_AT,
        question=Question(last=100, by=(By.FREQUENCY, By.TIER)),
        n=100,
        days_to_fix=spread_of(bug.days for bug in bugs),
        days_to_first_close=spread_of(_days_to_first_close(bugs)),
        days_to_release=spread_of(released),
        release_median=Quantile(63.5, 51.2, 78.0),
        unreleased=100 - len(released),
        reopened_share=0.12,
        groups=_groups(bugs),
        groups_left_out={By.TIER: 12},
        period=_period(),
        trust=Trust.PERIOD,
        differences=(Difference.NEVER_FIXED, Difference.GROWTH),
        replies=_replies(bugs),
        follow_ups=FollowUps.HARDLY,
        fix_times=buckets_of(bug.days for bug in bugs),
        open_ages=buckets_of(map(_open_age, range(46))),
        open_days=spread_of(map(_open_age, range(46))),
        news_cells=_news_cells(bugs),
        slowest=tuple(sorted(bugs, key=lambda bug: -bug.days)[:10]),
        bugs=bugs,
        excluded=(
            Exclusion(LeftOut.DECLINED, 14, ("github:acme/app#901", "github:acme/app#902", "jira:ACME-903")),
            Exclusion(LeftOut.DUPLICATE, 9, ("github:acme/app#911",)),
            Exclusion(LeftOut.NO_TICKET, 3),
            Exclusion(LeftOut.FIXED_BEFORE_REPORTED, 1, ("github:acme/app#921",)),
        ),
        advice=_advice(),
    )


def tiny() -> Audit:
    """Three bugs: too few for any figure."""
    bugs = tuple(_rich_bug(number) for number in range(3))
    return Audit(
        made_at=MADE_AT,
        question=Question(last=100),
        n=3,
        days_to_fix=Spread(3),
        days_to_first_close=Spread(3),
        days_to_release=Spread(2),
        unreleased=1,
        reopened_share=0.0,
        period=Period(None, 4, 3, 0, 1, Quantile(None, None, None), cautions=(Caution.LIST_ONLY,)),
        replies=_replies(bugs),
        follow_ups=FollowUps.TOO_FEW,
        fix_times=buckets_of(bug.days for bug in bugs),
        open_ages=buckets_of([12.0]),
        open_days=Spread(1),
        slowest=bugs,
        bugs=bugs,
    )


def few() -> Audit:
    """Twelve bugs: figures, with a warning."""
    bugs = tuple(_rich_bug(number) for number in range(0, 96, 8))
    return replace(
        tiny(),
        n=12,
        days_to_fix=spread_of(bug.days for bug in bugs),
        days_to_first_close=spread_of(_days_to_first_close(bugs)),
        days_to_release=spread_of(_days_to_release(bugs)),
        unreleased=sum(bug.released_at is None for bug in bugs),
        replies=_replies(bugs),
        follow_ups=FollowUps.HARDLY,
        fix_times=buckets_of(bug.days for bug in bugs),
        bugs=bugs,
        slowest=tuple(sorted(bugs, key=lambda bug: -bug.days)[:10]),
        period=Period(None, 15, 12, 1, 2, Quantile(48.0, 12.0, None), 0.07, cautions=(Caution.FEW_FIXES,)),
    )


def empty() -> Audit:
    """Nothing was resolved yet."""
    return Audit(made_at=MADE_AT, question=Question(since=datetime(2026, 6, 1, tzinfo=UTC)))


def from_csv() -> Audit:
    """Forty bugs of a file that knows no conversations, no releases and no open bugs, and of ten how many updates."""
    bugs = tuple(_csv_bug(number) for number in range(40))
    return Audit(
        made_at=MADE_AT,
        question=Question(last=None, by=(By.FREQUENCY, By.QUARTER)),
        n=40,
        days_to_fix=spread_of(bug.days for bug in bugs),
        groups=(Group(By.QUARTER, "2026-Q1", spread_of(bug.days for bug in bugs), 20, 0),),
        unreleased=40,
        replies=Replies(unknown=40, updates=20),
        fix_times=buckets_of(bug.days for bug in bugs),
        slowest=tuple(sorted(bugs, key=lambda bug: -bug.days)[:10]),
        bugs=bugs,
        excluded=(
            Exclusion(LeftOut.NOT_CHOSEN, 1_204),
            Exclusion(LeftOut.UNREADABLE_DATE, 2, ("line 17", "line 40")),
            Exclusion(LeftOut.REPEATED_ID, 1, ("line 18",)),
        ),
        origin="bugs.csv",
    )


def hostile() -> Audit:
    """The rich one, with every name that comes from elsewhere out to do harm."""
    audit = rich()
    nasty = replace(audit.bugs[0], reference=HOSTILE, tiers=(HOSTILE,), brands=(HOSTILE,), labels=(HOSTILE, "@SUM(1)"))
    groups = tuple(Group(by, HOSTILE, audit.days_to_fix) for by in By)
    excluded = (Exclusion(LeftOut.UNREADABLE_DATE, 7, (HOSTILE, "line 3")),)
    return replace(
        audit,
        bugs=(nasty, *audit.bugs[1:]),
        slowest=(nasty, *audit.slowest[1:]),
        groups=groups,
        excluded=excluded,
        origin=HOSTILE,
    )


def hostile_tiny() -> Audit:
    """The same of three bugs, which are listed."""
    audit = tiny()
    return replace(audit, bugs=(replace(audit.bugs[0], reference=HOSTILE), *audit.bugs[1:]), origin=HOSTILE)


SAMPLES: dict[str, Callable[[], Audit]] = {
    "rich": rich,
    "tiny": tiny,
    "few": few,
    "empty": empty,
    "from-csv": from_csv,
    "hostile": hostile,
    "hostile-tiny": hostile_tiny,
}


def _days_to_first_close(bugs: Sequence[ResolvedBug]) -> list[float]:
    return [elapsed_days(bug.reported_at, bug.first_fixed_at) for bug in bugs if bug.first_fixed_at]


def _days_to_release(bugs: Sequence[ResolvedBug]) -> list[float]:
    return [elapsed_days(bug.reported_at, bug.released_at) for bug in bugs if bug.released_at]


def _rich_bug(number: int) -> ResolvedBug:
    """Days are the percentiles of a lognormal spread with a median of 41; slow and fast ones follow each other."""
    rank = (number * 37) % 100
    days = 41.0 * exp(1.26 * NormalDist().inv_cdf((rank + 0.5) / 100))
    fixed_at = MADE_AT - timedelta(days=number + 0.5)
    reported_at = fixed_at - timedelta(days=days)
    reopened = number % 25 in (0, 8, 16)
    by_jira = number % 4 == 3
    return ResolvedBug(
        reference=f"jira:ACME-{number + 1}" if by_jira else f"github:acme/app#{number + 1}",
        reported_at=reported_at,
        fixed_at=fixed_at,
        first_fixed_at=reported_at + timedelta(days=days * 0.6) if reopened else fixed_at,
        released_at=None if number % 5 == 1 else fixed_at + timedelta(days=0.4 + number % 3 * 0.01 * days),
        closes=2 if reopened else 1,
        frequency=FREQUENCIES[number % 4],
        tiers=TIERS[number % 5],
        tracker="jira" if by_jira else "github",
        brands=("Acme",) if number % 2 else ("Acme", "Bolt"),
        labels=("export",) if number % 3 else (),
        links=1 + number % 3,
        waiting=_waiting(number, days),
    )


def _waiting(number: int, days: float) -> Waiting | None:
    """Of four bugs the conversations aren't known."""
    if number >= 96:
        return None
    links, updates = 1 + number % 3, 3 if number < 68 else 2
    released = links if number % 5 != 1 else 0
    told = released if number % 4 else 0
    return Waiting(
        links=links,
        replies=updates + number % 3,
        asked_for=number % 4,
        under_policy=links,
        required=updates,
        late=int(number % 6 == 0),
        missed=int(number % 10 == 0),
        updates=updates,
        newsful=number % 2,
        news=number % 2 + int(number % 8 == 0),
        news_missed=int(number % 8 == 0),
        reminders=updates,
        silences=tuple(days * share for share in (0.5, 0.7, 0.4)[:links]),
        news_delays=(0.5 + number % 7,),
        told_after=tuple(1.0 + number % 5 for _ in range(told)),
        told_certain=min(told, 1),
        told_probable=max(told - 1, 0),
        not_told=released - told,
        promises=PromiseCounts(kept=number % 2, late=int(number % 12 == 0), missed=int(number % 30 == 0)),
    )


def _csv_bug(number: int) -> ResolvedBug:
    """A line of the file: the first ten say how many updates were sent."""
    reported_at = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=number)
    return ResolvedBug(
        reference=str(30_000 + number),
        reported_at=reported_at,
        fixed_at=reported_at + timedelta(days=0.1 * 1.25**number % 90),
        frequency=Frequency.INFREQUENT if number % 3 else Frequency.UNKNOWN,
        updates=2 if number < 10 else None,
    )


def _groups(bugs: Sequence[ResolvedBug]) -> tuple[Group, ...]:
    by_frequency = {name: [bug for bug in bugs if bug.frequency is name] for name in Frequency}
    by_tier = {name: [bug for bug in bugs if name in (bug.tiers or ("",))] for name in ("enterprise", "standard", "")}
    groups = [_group(By.FREQUENCY, str(name), those) for name, those in by_frequency.items() if those]
    return (*groups, *(_group(By.TIER, name, those) for name, those in by_tier.items()))


def _group(by: By, name: str, bugs: Sequence[ResolvedBug]) -> Group:
    known = [bug.waiting for bug in bugs if bug.waiting is not None]
    updates, newsful = sum(waiting.updates for waiting in known), sum(waiting.newsful for waiting in known)
    return Group(by, name, spread_of(bug.days for bug in bugs), updates, updates - newsful, len(known))


def _replies(bugs: Sequence[ResolvedBug]) -> Replies:
    known = [bug.waiting for bug in bugs if bug.waiting is not None]

    def total(name: str) -> int:
        return sum(getattr(waiting, name) for waiting in known)

    def times(name: str) -> Spread:
        return spread_of(days for waiting in known for days in getattr(waiting, name))

    counted = ("links", "replies", "asked_for", "under_policy", "required", "late", "missed", "updates", "newsful")
    more = ("news", "news_missed", "reminders", "told_certain", "told_probable", "not_told")
    return Replies(
        bugs=len(known),
        unknown=len(bugs) - len(known),
        **{name: total(name) for name in (*counted, *more)},
        proactive=total("replies") - total("asked_for"),
        wasted=total("updates") - total("newsful"),
        silence=times("silences"),
        news_delay=times("news_delays"),
        told_after=times("told_after"),
        promises=PromiseCounts(
            kept=sum(waiting.promises.kept for waiting in known),
            late=sum(waiting.promises.late for waiting in known),
            missed=sum(waiting.promises.missed for waiting in known),
            pending=2,
        ),
    )


def _news_cells(bugs: Sequence[ResolvedBug]) -> tuple[NewsCell, ...]:
    known = [bug.waiting for bug in bugs if bug.waiting is not None and bug.waiting.links]
    cells = Counter((round(one.news / one.links), round(one.updates / one.links)) for one in known)
    return tuple(NewsCell(news, updates, count) for (news, updates), count in sorted(cells.items()))


def _period() -> Period:
    curve = tuple(_point(days) for days in (2.0, 5.0, 9.0, 16.0, 25.0, 36.0, 49.0, 80.0, 130.0, 210.0, 400.0))
    return Period(
        opens_at=MADE_AT - timedelta(days=100),
        bugs=160,
        fixed=100,
        declined=14,
        open=46,
        median=Quantile(49.0, 41.2, 63.8),
        declined_share=0.12,
        curve=(CurvePoint(0.0, 1.0), *curve),
    )


def _point(days: float) -> CurvePoint:
    waiting = 0.18 + 0.82 * exp(-days / 52)
    return CurvePoint(days, waiting, max(waiting - 0.07, 0.0), min(waiting + 0.07, 1.0))


def _open_age(number: int) -> float:
    return 3.0 + number * 11.5


def _advice() -> tuple[Advice, ...]:
    """Two pieces: one that a replay speaks for, one that names no other value."""
    return (
        Advice(
            key='[grid] "frequent"',
            now='"every 2-8 weeks"',
            instead='"every 4-16 weeks"',
            because=Note("updates-without-news", {"whose": "frequent", "updates": 65, "wasted": 65}),
            saving=Saving(96, 191, 260, 148, 4, 5, (-1.17, -1.45, -0.9)),
        ),
        Advice(
            key="[limits] round_from_tickets",
            now="3",
            instead="",
            because=Note("release-told-late", {"links": 154, "not_told": 40, "days": 3.0}),
        ),
    )
