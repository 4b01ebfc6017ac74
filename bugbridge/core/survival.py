"""How long bugs live: report-to-fix times, with the bugs that are still open counted for what is known of them.

Times are elapsed days of 86,400 seconds since a bug's first report; instants are aware UTC. A bug that is still open is
censored: it took longer than this. One that ended in another way (declined) is a competing event: neither a fix nor
still open.
"""

import json
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from operator import neg

from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import Stage
from bugbridge.core.normal import NORMAL_95

# The cause that counts as a fix; every other one competes with it.
FIXED = str(Stage.FIXED)
# What products of fractions lose to rounding: a survival this near to a level has reached it.
TOLERANCE = 1e-12
# Fewer fixes than these are listed one by one; fewer than those come with a warning, and no interval is learnt of them.
LEAST_FOR_FIGURES = 5
LEAST_FOR_CONFIDENCE = 20
# A step that rests on fewer open bugs than this can throw a whole curve.
LEAST_AT_RISK = 5
# A stored curve leaves out steps that lower the survival by less than this share of it: no chance read off it is wrong
# by more, steps of up to 200 open bugs are all kept, and any number of bugs makes some hundreds of steps.
FINEST_FALL = 0.005


@dataclass(frozen=True, slots=True)
class BugLife:
    """When one canonical bug was first reported (the earliest of its linked tickets), and when and how it ended.

    No `ended_at`: it is open. An end without a cause is one that nobody can name: the bug was watched until then.
    """

    reported_at: datetime
    ended_at: datetime | None = None
    cause: str | None = None

    def __post_init__(self) -> None:
        if self.cause is not None and self.ended_at is None:
            raise ValueError(f"A bug that ended as {self.cause} needs the instant when it did.")


@dataclass(frozen=True, slots=True)
class Observation:
    """A bug watched from the age `entry` to the age `exit`, in days; the cause of its end, None if it was still open.

    Raises ValueError unless 0 <= entry < exit, both finite.
    """

    exit: float
    cause: str | None
    entry: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.entry < self.exit < math.inf:
            raise ValueError(f"A bug can't be watched from the age of {self.entry} to {self.exit} days.")


@dataclass(frozen=True, slots=True)
class Step:
    """The Kaplan-Meier estimate from one age on: how many were at risk, how many of them ended, and what survives.

    The 95 % limits are None where nothing survives, since there the formula has no value.
    """

    days: float
    at_risk: int
    ended: int
    survival: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Incidence:
    """The share of all bugs that ended by one cause up to an age in days."""

    days: float
    share: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """An age in days with its 95 % limits; None means not reached."""

    days: float | None
    lower: float | None
    upper: float | None


class Caution(StrEnum):
    """What a reader of the figures must know; the edge has the words."""

    LIST_ONLY = "list-only"
    FEW_FIXES = "few-fixes"
    FEW_AT_RISK = "few-at-risk"


def observe(bugs: Iterable[BugLife], now: datetime, latest_fixes: int | None = None) -> list[Observation]:
    """Watch bugs up to now; with `latest_fixes`, only since the so many latest fixes began, bugs entering at their age.

    The window opens with the N-th latest fix, which itself is not in it, or with the first bug where there are fewer.
    What ended or was reported later than now isn't known yet. Bugs with no time in the window are left out, such as
    those closed before it or before their first report.
    """
    lives = list(bugs)
    opens = _window_opens(lives, now, latest_fixes) if latest_fixes is not None else None
    watched = (_watched(bug, opens, now) for bug in lives)
    return [observation for observation in watched if observation is not None]


def _window_opens(lives: Sequence[BugLife], now: datetime, latest_fixes: int) -> datetime | None:
    if latest_fixes < 1:
        raise ValueError(f"A window opens with one of the latest fixes, not with number {latest_fixes}.")
    ends = (bug.ended_at for bug in lives if bug.cause == FIXED)
    fixes = sorted(at for at in ends if at is not None and at <= now)
    return fixes[-latest_fixes] if len(fixes) >= latest_fixes else None


def _watched(bug: BugLife, opens: datetime | None, now: datetime) -> Observation | None:
    ended_at = bug.ended_at if bug.ended_at is not None and bug.ended_at <= now else None
    until = ended_at or now
    since = max(bug.reported_at, opens) if opens is not None else bug.reported_at
    if until <= since:
        return None
    return Observation(
        exit=elapsed_days(bug.reported_at, until),
        cause=bug.cause if ended_at else None,
        entry=elapsed_days(bug.reported_at, since),
    )


def kaplan_meier(observations: Iterable[Observation]) -> tuple[Step, ...]:
    """Estimate the share of bugs that outlives each age at which one ended, by whatever cause; empty if none did.

    S(t) = ∏ (1 - d/n) over the ages up to t (Kaplan and Meier 1958, "Nonparametric estimation from incomplete
    observations"), n being the bugs with entry < t <= exit (delayed entry: Tsai, Jewell and Wang 1987, "A note on the
    product-limit estimator under right censoring and left truncation").
    """
    survival, greenwood, steps = 1.0, 0.0, []
    for days, at_risk, causes in _risk_sets(observations):
        ended = causes.total()
        left = at_risk - ended
        survival *= left / at_risk
        greenwood += ended / (at_risk * left) if left else math.inf
        steps.append(Step(days, at_risk, ended, survival, *log_log_limits(survival, greenwood)))
    return tuple(steps)


def _risk_sets(observations: Iterable[Observation]) -> Iterator[tuple[float, int, Counter[str]]]:
    """Give each age at which bugs ended, how many were at risk then, and how many of them ended by which cause."""
    watched = list(observations)
    entries = sorted(observation.entry for observation in watched)
    exits = sorted(observation.exit for observation in watched)
    causes: dict[float, Counter[str]] = {}
    for observation in watched:
        if observation.cause is not None:
            causes.setdefault(observation.exit, Counter())[observation.cause] += 1
    for days in sorted(causes):
        # Who left earlier had entered earlier still, so that the two counts may be subtracted.
        yield days, bisect_left(entries, days) - bisect_left(exits, days), causes[days]


def log_log_limits(survival: float, greenwood: float) -> tuple[float | None, float | None]:
    """Give S^exp(±z √G / ln S), where S has a logarithm: the log-log limits keep within 0 and 1 and fit small samples.

    Kalbfleisch and Prentice 1980, "The Statistical Analysis of Failure Time Data", with G = Σ d / (n (n - d)) of
    Greenwood 1926, "The natural duration of cancer".
    """
    if survival <= 0:
        return None, None
    logarithm = math.log(survival)
    spread = NORMAL_95 * math.sqrt(greenwood) / -logarithm
    return math.exp(logarithm * math.exp(spread)), math.exp(logarithm * math.exp(-spread))


def quantile(steps: Iterable[Step], share: float) -> Quantile:
    """Give the smallest t with S(t) <= 1 - share: by that age this share of the bugs has ended; the median is 0.5.

    Its limits are the ages at which the limits of the survival come down as far (Brookmeyer and Crowley 1982, "A
    confidence interval for the median survival time"). Raises ValueError unless the share lies between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"There is a quantile for shares between 0 and 1, not for {share}.")
    curve = tuple(steps)
    return Quantile(
        days=_comes_down(curve, share, lambda step: step.survival),
        lower=_comes_down(curve, share, lambda step: step.lower),
        upper=_comes_down(curve, share, lambda step: step.upper),
    )


def _comes_down(steps: Sequence[Step], share: float, height: Callable[[Step], float | None]) -> float | None:
    heights = ((step.days, height(step)) for step in steps)
    return next((days for days, value in heights if value is not None and value <= 1 - share + TOLERANCE), None)


def cumulative_incidence(observations: Iterable[Observation], cause: str) -> tuple[Incidence, ...]:
    """Give the share of bugs that ended by this cause, at each age at which one did, while others end by other causes.

    CIF(t) = Σ S(t-) d / n, d counting this cause and S every cause (Aalen and Johansen 1978; Gray 1988, "A class of
    k-sample tests for comparing the cumulative incidence of a competing risk"). One minus a Kaplan-Meier estimate that
    takes the other causes for open bugs promises more fixes than come.
    """
    survival, share, incidences = 1.0, 0.0, []
    for days, at_risk, causes in _risk_sets(observations):
        if causes[cause]:
            share += survival * causes[cause] / at_risk
            incidences.append(Incidence(days, share))
        survival *= (at_risk - causes.total()) / at_risk
    return tuple(incidences)


def cautions(observations: Sequence[Observation], *, period: bool) -> tuple[Caution, ...]:
    """Say what to warn of: too few fixes; in a period, where bugs enter late, a step up to the median on too few bugs.

    The step that reaches the median counts as well: a first bug that is alone at risk takes everything down by itself.
    """
    return cautions_of(_fixes(observations), thin=period and _thin_before_median(observations))


def cautions_of(fixes: int, *, thin: bool) -> tuple[Caution, ...]:
    """Say what to warn of, knowing how many fixes there are and whether a step up to the median was on too few bugs."""
    if fixes < LEAST_FOR_FIGURES:
        return (Caution.LIST_ONLY,)
    few = (Caution.FEW_FIXES,) if fixes < LEAST_FOR_CONFIDENCE else ()
    return (*few, Caution.FEW_AT_RISK) if thin else few


def _fixes(observations: Iterable[Observation]) -> int:
    return sum(observation.cause == FIXED for observation in observations)


def _thin_before_median(observations: Iterable[Observation]) -> bool:
    steps = kaplan_meier(observations)
    median = quantile(steps, 0.5).days
    return any(step.at_risk < LEAST_AT_RISK for step in steps if median is None or step.days <= median)


@dataclass(frozen=True, slots=True)
class Curve:
    """What a team's bugs taught: the survival (all causes) from each of some ages on, and how many fixes it rests on.

    `name` is what decisions call it, and is no part of its text. Raises ValueError unless all ages are above 0, those
    of the steps ascend, and the survival falls within 0 and 1.
    """

    days: tuple[float, ...]
    survival: tuple[float, ...]
    fixes: int
    median: Quantile
    name: str = ""

    def __post_init__(self) -> None:
        known = (self.median.days, self.median.lower, self.median.upper)
        ages = all(0 < age < math.inf for age in (*self.days, *known) if age is not None)
        ascend = all(earlier < later for earlier, later in pairwise(self.days))
        fall = all(higher >= lower for higher, lower in pairwise((1, *self.survival, 0)))
        if not (ages and ascend and fall and len(self.days) == len(self.survival) and self.fixes >= 0):
            raise ValueError("A curve's ages ascend, and its survival falls from 1 to 0, a value for each age.")

    @property
    def teaches(self) -> bool:
        """Whether there are fixes enough to set intervals by."""
        return self.fixes >= LEAST_FOR_CONFIDENCE

    @property
    def median_at_least(self) -> float | None:
        """What the median is at least, in days: its lower limit, or where that isn't reached, how far we can see."""
        seen = self.days[-1] if self.days else None
        known = (self.median.lower, self.median.days, seen)
        return next((days for days in known if days is not None), None)

    def survival_at(self, age: float) -> float:
        """Give the share of bugs that is still open at an age in days."""
        position = bisect_right(self.days, age)
        return self.survival[position - 1] if position else 1.0

    def wait(self, age: float, chance: float) -> float | None:
        """Give the fewest days after which a bug of this age has ended with at least this chance.

        The smallest r with 1 - S(age + r) / S(age) >= chance; None beyond the curve, where nobody knows. Raises
        ValueError for a chance that isn't above 0 and at most 1.
        """
        if not 0 < chance <= 1:
            raise ValueError(f"A chance of news lies between 0 and 1, not at {chance}.")
        open_now = self.survival_at(age)
        if not open_now:
            return None
        low_enough = open_now * (1 - chance + TOLERANCE)
        first = bisect_left(self.survival, -low_enough, key=neg)
        return self.days[first] - age if first < len(self.days) else None


def curve_of(observations: Sequence[Observation]) -> Curve:
    """Make the curve to store; its median and limits are those of all steps, whichever are kept."""
    steps = kaplan_meier(observations)
    kept = tuple(_telling_steps(steps))
    return Curve(
        days=tuple(step.days for step in kept),
        survival=tuple(step.survival for step in kept),
        fixes=_fixes(observations),
        median=quantile(steps, 0.5),
    )


def _telling_steps(steps: Iterable[Step]) -> Iterator[Step]:
    height = 1.0
    for step in steps:
        if height and step.survival <= height * (1 - FINEST_FALL):
            height = step.survival
            yield step


def curve_to_text(curve: Curve) -> str:
    """Write a curve as JSON, every number exactly and equal curves equally, so that a hash can name it."""
    limits = (curve.median.days, curve.median.lower, curve.median.upper)
    body = {
        "days": [float(age) for age in curve.days],
        "fixes": curve.fixes,
        "median": [None if limit is None else float(limit) for limit in limits],
        "survival": [float(share) for share in curve.survival],
    }
    return json.dumps(body, separators=(",", ":"))


def curve_from_text(text: str) -> Curve:
    """Read what `curve_to_text` wrote. Raises ValueError for anything else."""
    try:
        body = json.loads(text)
        days, lower, upper = (None if limit is None else float(limit) for limit in body["median"])
        return Curve(
            days=tuple(float(age) for age in body["days"]),
            survival=tuple(float(share) for share in body["survival"]),
            fixes=int(body["fixes"]),
            median=Quantile(days, lower, upper),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"This text holds no curve; compute the curve again. ({error})") from error
