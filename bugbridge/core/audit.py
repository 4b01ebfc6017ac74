"""How long bugs took from report to fix, and what their customers heard meanwhile, over those fixed last."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bugbridge.core.audit_buckets import buckets_of
from bugbridge.core.audit_model import Audit, Exclusion, Question, ResolvedBug
from bugbridge.core.audit_period import read_period
from bugbridge.core.audit_tally import BugTally
from bugbridge.core.audit_trust import judged
from bugbridge.core.incidence import median_wait
from bugbridge.core.spread import spread_of
from bugbridge.core.survival import BugLife

Lives = Callable[[datetime | None], Iterable[BugLife]]
"""Gives the life of every bug that was open at some time since an instant; of all bugs for None."""


def measure(
    question: Question,
    made_at: datetime,
    bugs: Iterable[ResolvedBug],
    lives: Lives,
    excluded: Sequence[Exclusion] = (),
    origin: str = "",
) -> Audit:
    """Measure bugs, the latest fix first, in one pass that keeps some numbers of each, and their lives in another.

    One that was fixed before it was reported is counted, not measured. `bugs` are those that the question asks for;
    `lives` is asked once, with the instant from which the period is watched.
    """
    tally = BugTally(question, made_at)
    for bug in bugs:
        tally.add(bug)
    reading = read_period(lives(tally.opens_at), tally.opens_at, made_at)
    latest = spread_of(tally.days)
    verdict = judged(latest, reading, tally.fullest_day)
    return Audit(
        made_at=made_at,
        question=question,
        n=latest.n,
        days_to_fix=latest,
        days_to_first_close=spread_of(tally.first_closes),
        days_to_release=spread_of(tally.releases),
        release_median=median_wait(tally.waits_for_release),
        unreleased=latest.n - len(tally.releases),
        reopened_share=tally.reopened_share,
        groups=tally.groups.listed(),
        groups_left_out=tally.groups.left_out(),
        period=reading.period,
        trust=verdict.trust,
        differences=verdict.differences,
        replies=tally.replies.replies(),
        follow_ups=tally.replies.follow_ups(),
        fix_times=buckets_of(tally.days),
        open_ages=buckets_of(reading.open_ages),
        open_days=spread_of(reading.open_ages),
        news_cells=tally.replies.news_cells(),
        slowest=tally.slowest,
        bugs=tuple(tally.listed),
        excluded=(*excluded, *tally.excluded()),
        origin=origin,
    )
