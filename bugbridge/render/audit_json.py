"""An audit as JSON for programs, of a versioned form that `audit_schema.json` describes: nothing in it is rounded.

Days are elapsed days, instants UTC; null stands for what isn't known or has too few bugs for a figure. A version that
takes something away or gives it another meaning has the next number.
"""

import json
from collections.abc import Iterable

from bugbridge.core.audit_model import (
    Advice,
    Audit,
    Bucket,
    CurvePoint,
    Exclusion,
    Group,
    LongHaul,
    NewsCell,
    Period,
    Question,
    Replies,
    ResolvedBug,
    Saving,
    Waiting,
)
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Quantile
from bugbridge.render.json import jsonable

SCHEMA, VERSION = "bugbridge-audit", 1

Facts = dict[str, object]


def audit_json(audit: Audit) -> str:
    """Write the whole audit as one JSON text in ASCII. Raises ValueError for a figure that is no finite number."""
    return json.dumps(jsonable(_audit(audit)), indent=2, allow_nan=False)


def _audit(audit: Audit) -> Facts:
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "made_at": audit.made_at,
        "origin": audit.origin,
        "question": _question(audit.question),
        **_spread(audit.days_to_fix),
        "n": audit.n,
        "first_close": _spread(audit.days_to_first_close),
        "release": {
            **_spread(audit.days_to_release),
            "unreleased": audit.unreleased,
            "median_with_unreleased": _quantile(audit.release_median),
        },
        "reopened_share": audit.reopened_share,
        "groups": [_group(group) for group in audit.groups],
        "groups_left_out": audit.groups_left_out,
        "period": None if audit.period is None else _period(audit.period),
        "trust": audit.trust,
        "differences": audit.differences,
        "replies": _replies(audit.replies),
        "follow_ups": audit.follow_ups,
        "buckets": {"fix_times": _buckets(audit.fix_times), "open_ages": _buckets(audit.open_ages)},
        "open": _spread(audit.open_days),
        "news_cells": [_news_cell(cell) for cell in audit.news_cells],
        "slowest": [_bug(bug) for bug in audit.slowest],
        "bugs": [_bug(bug) for bug in audit.bugs],
        "excluded": [_exclusion(exclusion) for exclusion in audit.excluded],
        "advice": [_advice(advice) for advice in audit.advice],
        "long_haul": None if audit.long_haul is None else _long_haul(audit.long_haul),
    }


def _question(question: Question) -> Facts:
    return {"last": question.last, "since": question.since, "by": question.by}


def _spread(spread: Spread) -> Facts:
    return {
        "n": spread.n,
        "median_days": spread.median,
        "median_days_lower": spread.median_lower,
        "median_days_upper": spread.median_upper,
        "mean_days": spread.mean,
        "p25_days": spread.p25,
        "p75_days": spread.p75,
        "p90_days": spread.p90,
        "worst_days": spread.worst,
    }


def _quantile(quantile: Quantile) -> Facts:
    return {"days": quantile.days, "lower": quantile.lower, "upper": quantile.upper}


def _group(group: Group) -> Facts:
    return {
        "by": group.by,
        "name": group.name,
        **_spread(group.days_to_fix),
        "updates": group.updates,
        "updates_without_news": group.wasted,
    }


def _period(period: Period) -> Facts:
    return {
        "opens_at": period.opens_at,
        "bugs": period.bugs,
        "fixed": period.fixed,
        "declined": period.declined,
        "open": period.open,
        "median": _quantile(period.median),
        "declined_share": period.declined_share,
        "curve": [_point(point) for point in period.curve],
        "cautions": period.cautions,
    }


def _point(point: CurvePoint) -> Facts:
    return {"days": point.days, "waiting": point.waiting, "lower": point.lower, "upper": point.upper}


def _buckets(buckets: Iterable[Bucket]) -> list[Facts]:
    return [{"least_days": one.least, "below_days": one.most, "bugs": one.count} for one in buckets]


def _news_cell(cell: NewsCell) -> Facts:
    return {"news": cell.news, "updates": cell.updates, "bugs": cell.bugs}


def _replies(replies: Replies) -> Facts:
    return {
        "bugs": replies.bugs,
        "bugs_unknown": replies.unknown,
        "links": replies.links,
        "replies": replies.replies,
        "replies_asked_for": replies.asked_for,
        "replies_proactive": replies.proactive,
        "updates": replies.updates,
        "updates_with_news": replies.newsful,
        "updates_without_news": replies.wasted,
        "updates_required": replies.required,
        "updates_late": replies.late,
        "updates_missed": replies.missed,
        "news": replies.news,
        "news_missed": replies.news_missed,
        "reminders": replies.reminders,
        "silence": _spread(replies.silence),
        "news_delay": _spread(replies.news_delay),
        "told_after_release": _spread(replies.told_after),
        "told_certain": replies.told_certain,
        "told_probable": replies.told_probable,
        "not_told": replies.not_told,
        "promises": _promises(replies.promises),
    }


def _bug(bug: ResolvedBug) -> Facts:
    return {
        "reference": bug.reference,
        "reported_at": bug.reported_at,
        "fixed_at": bug.fixed_at,
        "days": bug.days,
        "first_fixed_at": bug.first_fixed_at,
        "released_at": bug.released_at,
        "closes": bug.closes,
        "frequency": bug.frequency,
        "tiers": bug.tiers,
        "tracker": bug.tracker,
        "brands": bug.brands,
        "labels": bug.labels,
        "links": bug.links,
        "updates": bug.updates_sent,
        "waiting": None if bug.waiting is None else _waiting(bug.waiting),
    }


def _waiting(waiting: Waiting) -> Facts:
    return {
        "replies": waiting.replies,
        "replies_asked_for": waiting.asked_for,
        "updates": waiting.updates,
        "updates_with_news": waiting.newsful,
        "updates_required": waiting.required,
        "updates_late": waiting.late,
        "updates_missed": waiting.missed,
        "news": waiting.news,
        "news_missed": waiting.news_missed,
        "reminders": waiting.reminders,
        "silences_days": waiting.silences,
        "news_delays_days": waiting.news_delays,
        "told_after_release_days": waiting.told_after,
        "told_certain": waiting.told_certain,
        "told_probable": waiting.told_probable,
        "not_told": waiting.not_told,
        "promises": _promises(waiting.promises),
    }


def _promises(promises: PromiseCounts) -> Facts:
    return {
        "kept": promises.kept,
        "late": promises.late,
        "missed": promises.missed,
        "pending": promises.pending,
        "kept_share": promises.kept_share,
    }


def _exclusion(exclusion: Exclusion) -> Facts:
    return {"reason": exclusion.reason, "count": exclusion.count, "examples": exclusion.examples}


def _advice(advice: Advice) -> Facts:
    because = {"id": advice.because.id, "parameters": advice.because.parameters}
    saving = None if advice.saving is None else _saving(advice.saving)
    return {"key": advice.key, "now": advice.now, "instead": advice.instead, "because": because, "saving": saving}


def _long_haul(long_haul: LongHaul) -> Facts:
    return {"typical_days": long_haul.typical_days, "apart_days": long_haul.apart_days}


def _saving(saving: Saving) -> Facts:
    mean, lower, upper = saving.per_bug
    return {
        "bugs": saving.bugs,
        "links": saving.links,
        "updates_now": saving.updates_now,
        "updates_instead": saving.updates_instead,
        "news_missed_now": saving.news_missed_now,
        "news_missed_instead": saving.news_missed_instead,
        "updates_per_bug": {"mean": mean, "lower": lower, "upper": upper},
    }
