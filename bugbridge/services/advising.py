"""Advise on the policy: what an audit speaks against, and what a replay says that a change would have saved."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter

from bugbridge.core.audit_advice import Candidate, candidates, worth
from bugbridge.core.audit_model import Advice, Audit, LongHaul, Saving
from bugbridge.core.cadence import ALL_BUGS, NO_CURVES, is_long_haul
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay_report import Comparison, Draws, PolicyFigures, Replay
from bugbridge.ports import Clock, Store
from bugbridge.services.curves import curve_book
from bugbridge.services.replaying import Progress, replay

IN_FORCE = "in force"
# As many as `bugbridge policy replay` takes by itself, so that it says the same; enough to be sure, and soon done.
REPLAYED_BUGS = 100
# Fewer bugs where many tickets report each: a hundred links take about a second with every change that there is.
REPLAYED_LINKS = 500
# What a team can talk about in one meeting.
MOST_ADVISED = 3


def advised(
    store: Store,
    audit: Audit,
    policy: Policy,
    clock: Clock,
    calendar: WorkCalendar,
    draws: Draws,
    progress: Progress = lambda _done, _of: None,
) -> Audit:
    """Add to an audit what it advises, what saves most first, and whether it is a long haul. Nothing is changed.

    Each change is replayed by itself against `policy`, the one for everybody, over the bugs reported last, the open
    ones too. As in every replay that policy decides all links, also those that narrower policies really decide.
    """
    found = candidates(audit, policy)
    weighed = _weighed(store, found, policy, clock, calendar, draws, progress)
    others = [_advice(candidate) for candidate in found if not candidate.replayable]
    long_haul = _long_haul(store, policy, clock.now())
    return replace(audit, advice=(*weighed, *others)[:MOST_ADVISED], long_haul=long_haul)


def _long_haul(store: Store, policy: Policy, now: datetime) -> LongHaul | None:
    """Say whether bugs surely take so long that nobody is written to often, by the curve that intervals follow."""
    curve = curve_book(store).scopes.get(ALL_BUGS, NO_CURVES).at(now)
    if curve is None or not is_long_haul(curve, policy.cadence):
        return None
    return LongHaul(curve.median_at_least or 0.0, policy.cadence.long_haul_min_days)


def _weighed(
    store: Store,
    found: Sequence[Candidate],
    policy: Policy,
    clock: Clock,
    calendar: WorkCalendar,
    draws: Draws,
    progress: Progress,
) -> list[Advice]:
    """Replay all changes that can be replayed at once, and keep those that pay, the best first."""
    changes = {candidate.key: candidate.policy for candidate in found if candidate.replayable and candidate.policy}
    if not changes:
        return []
    policies = {IN_FORCE: policy, **changes}
    replayed = replay(
        store,
        policies,
        clock,
        calendar,
        draws,
        last=REPLAYED_BUGS,
        most_links=REPLAYED_LINKS,
        progress=progress,
    )
    savings = dict(_savings(replayed))
    paying = [
        (worth(savings[candidate.key], policy), _advice(candidate, savings[candidate.key]))
        for candidate in found
        if candidate.key in savings
    ]
    paying.sort(key=itemgetter(0), reverse=True)
    return [advice for gained, advice in paying if gained > 0]


def _advice(candidate: Candidate, saving: Saving | None = None) -> Advice:
    return Advice(candidate.key, candidate.now, candidate.instead, candidate.because, saving)


def _savings(found: Replay) -> Iterator[tuple[str, Saving]]:
    """Give what each change would have done, by its key, where it isn't chance."""
    now, *others = found.policies
    for comparison, instead in zip(found.comparisons, others, strict=True):
        saving = _saving(comparison, now, instead, len(found.bugs))
        if saving is not None:
            yield comparison.name, saving


def _saving(comparison: Comparison, now: PolicyFigures, instead: PolicyFigures, bugs: int) -> Saving | None:
    """Give none where neither updates nor missed news are surely fewer: the 95 % interval would reach none."""
    compared = [comparison.differences[name] for name in ("sent", "missed") if name in comparison.differences]
    if not any(each.high is not None and each.high < 0 for each in compared):
        return None
    sent = compared[0]
    return Saving(
        bugs=bugs,
        links=now.metrics.links,
        updates_now=now.metrics.sent,
        updates_instead=instead.metrics.sent,
        news_missed_now=now.metrics.missed,
        news_missed_instead=instead.metrics.missed,
        per_bug=(sent.mean or 0.0, sent.low or 0.0, sent.high or 0.0),
    )
