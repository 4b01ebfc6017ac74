"""The team's own curves of how long bugs take: drawn weekly from all that was reported, kept, and learnt from."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from bugbridge.core.cadence import ALL_BUGS, CurveBook, Curves
from bugbridge.core.events import Ruleset
from bugbridge.core.facts import judged_frequency
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import News
from bugbridge.core.records import BugHistory, HappenedBy
from bugbridge.core.stages import timeline
from bugbridge.core.survival import BugLife, Curve, curve_from_text, curve_of, curve_to_text, observe
from bugbridge.ports import Clock, Store
from bugbridge.services.settling import DAEMON
from bugbridge.services.sources import last_success

KIND = "curve"
JOB = "job:curves"
INTERVAL = timedelta(days=7)
FIXED, DECLINED = "fixed", "declined"


def curve_book(store: Store) -> CurveBook:
    """Give every curve that was drawn, by scope, each from when it came into force."""
    scopes: dict[str, Curves] = {}
    for ruleset in store.rulesets(KIND):
        scope, curve = _kept_curve(ruleset.body, ruleset.hash)
        before = scopes.get(scope, Curves()).in_force_from
        scopes[scope] = Curves((*before, (ruleset.in_force_from, curve)))
    return CurveBook(scopes)


@cache  # deciding asks for all of them, again and again, and none that was kept ever changes
def _kept_curve(body: str, name: str) -> tuple[str, Curve]:
    kept = json.loads(body)
    return kept["scope"], replace(curve_from_text(json.dumps(kept["curve"])), name=name)


def refresh_curves(store: Store, clock: Clock) -> int:
    """Draw the curves anew once a week, of all bugs and of each tracker and frequency; give how many changed.

    A new curve moves no date that was decided before: it counts for the intervals that begin under it.
    """
    now, last = clock.now(), last_success(store, JOB)
    if last is not None and now - last < INTERVAL:
        return 0
    drawn = _drawn(store, now)
    known = {ruleset.hash for ruleset in _latest(store.rulesets(KIND))}
    new = [ruleset for ruleset in drawn if ruleset.hash not in known]
    with store.write():
        store.append(new, actor=DAEMON, recorded_at=now)
        store.record_success(JOB, now)
    return len(new)


def _latest(rulesets: Iterable[Ruleset]) -> Iterable[Ruleset]:
    return {json.loads(ruleset.body)["scope"]: ruleset for ruleset in rulesets}.values()


def _drawn(store: Store, now: datetime) -> list[Ruleset]:
    lives: dict[str, list[BugLife]] = {}
    for bug in store.bugs():
        history = store.bug_history(bug.id, HappenedBy(now))
        life = _life(history)
        if life is not None:
            for scope in _scopes(history):
                lives.setdefault(scope, []).append(life)
    return [_ruleset(scope, lives[scope], now) for scope in sorted(lives)]


def _scopes(history: BugHistory) -> Iterator[str]:
    yield ALL_BUGS
    yield f"tracker:{history.primary_reference.partition(':')[0]}"
    yield f"frequency:{judged_frequency(history)}"


def _life(history: BugHistory) -> BugLife | None:
    """A bug ends as fixed or as declined, and is open again once it was reopened; one without a report has no age."""
    if history.reported_at is None:
        return None
    bug = timeline(history)
    declined = [event.at for event in bug.news if event.news is News.DECLINED]
    if bug.fixed_at is not None:
        return BugLife(history.reported_at, bug.fixed_at, FIXED)
    if bug.stage == DECLINED and declined:
        return BugLife(history.reported_at, declined[-1], DECLINED)
    return BugLife(history.reported_at)


def _ruleset(scope: str, lives: list[BugLife], now: datetime) -> Ruleset:
    curve = json.loads(curve_to_text(curve_of(observe(lives, now))))
    body = json.dumps({"scope": scope, "curve": curve}, sort_keys=True)
    name = hashlib.sha256(body.encode()).hexdigest()[:16]
    return Ruleset(
        hash=name,
        kind=KIND,
        body=body,
        in_force_from=now,
        occurred_at=now,
        source_key=f"ruleset:{KIND}:{scope}:{instant_to_text(now)}",
    )
