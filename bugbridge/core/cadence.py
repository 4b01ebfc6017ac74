"""How long until the next periodic update: from the team's own curve, and by back-off while that teaches nothing.

An interval depends on those before it, so the next due instant is computed from the whole run since the last news:

- `run`: what the customer heard, the earliest first, each the beginning of an interval. The first is the telling of the
  last news (or the link, or going live, or where that news wasn't told what they heard before it), then every update
  told since. Periodic ones, and promises that stood for one, lengthen the back-off; others, such as a promise kept for
  an earlier day, only begin the interval anew. News begins a new run.
- `reported_at`: the bug's first report, from which its age at each of those instants is counted.
- the rule's `every_days`, the policy's `CadenceRules` (with the rule's own back-off where it has one), the `Curves`.

Each interval is taken from the curve that was in force when the interval began. So a new curve moves no due date that
somebody was told, makes no kept decision invalid, and can't make an interval shorter than the one before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from bugbridge.core.instants import elapsed_days
from bugbridge.core.policy_model import CadenceRules
from bugbridge.core.survival import Curve

# A thousandth of a second in days: what subtracting ages loses, which must not be rounded up to a whole week.
INSTANT_DAYS = 1e-8


@dataclass(frozen=True, slots=True)
class Heard:
    """An instant at which the customer heard of the bug, and whether a periodic update made them."""

    at: datetime
    periodic: bool = True


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves of one scope (all bugs, or a tracker's or a frequency's), each from when it was in force, in order."""

    in_force_from: tuple[tuple[datetime, Curve], ...] = ()

    def at(self, instant: datetime) -> Curve | None:
        """Give the curve in force at an instant, none before the first."""
        return next((curve for since, curve in reversed(self.in_force_from) if since <= instant), None)


NO_CURVES = Curves()
ALL_BUGS = "all"


@dataclass(frozen=True, slots=True)
class CurveBook:
    """The curves of every scope that there are: `all`, `tracker:NAME` and `frequency:VERDICT`."""

    scopes: Mapping[str, Curves] = field(default_factory=dict)

    def of(self, curve_by: str, tracker: str, frequency: str) -> Curves:
        """Give the curves for a bug; while its group has too few fixes to learn from, those of all bugs hold."""
        everybody = self.scopes.get(ALL_BUGS, NO_CURVES)
        if curve_by == ALL_BUGS:
            return everybody
        group = self.scopes.get(f"{curve_by}:{tracker if curve_by == 'tracker' else frequency}", NO_CURVES)
        instants = sorted({since for since, _ in (*everybody.in_force_from, *group.in_force_from)})
        chosen = ((since, _teaching(group.at(since), everybody.at(since))) for since in instants)
        return Curves(tuple((since, curve) for since, curve in chosen if curve is not None))


def _teaching(curve: Curve | None, other: Curve | None) -> Curve | None:
    return curve if curve is not None and curve.teaches else other or curve


def next_due_at(
    run: Sequence[Heard],
    reported_at: datetime,
    every_days: tuple[int, int],
    rules: CadenceRules,
    curves: Curves = NO_CURVES,
) -> datetime:
    """The instant (aware UTC) at which the next periodic update falls due, before the calendar moves it.

    The module says what the arguments are. Raises ValueError for an empty run.
    """
    days = run_days(run, reported_at, every_days, rules, curves)[-1]
    return run[-1].at + timedelta(days=days)


def run_days(
    run: Sequence[Heard],
    reported_at: datetime,
    every_days: tuple[int, int],
    rules: CadenceRules,
    curves: Curves = NO_CURVES,
) -> tuple[int, ...]:
    """Give the whole elapsed days of each interval of a run, as `next_due_at` takes them.

    The rule's bounds outrank the interval before, which outranks what the curve or the back-off says.
    """
    if not run:
        raise ValueError("Intervals run from some instant: the link, the last news or the last update.")
    days: list[int] = []
    for heard in run:
        curve = curves.at(heard.at)
        least, most = bounds(every_days, rules, curve)
        last = days[-1] if days else 0
        wanted = _learnt(curve, elapsed_days(reported_at, heard.at), rules)
        if wanted is None:
            wanted = _backed_off(last, rules.backoff) if heard.periodic else last
        days.append(min(max(wanted, last, least), most))
    return tuple(days)


def _learnt(curve: Curve | None, age: float, rules: CadenceRules) -> int | None:
    """Ask the curve for the days until news is likely enough; None where it teaches nothing or ends before."""
    if curve is None or not curve.teaches:
        return None
    days = curve.wait(age, rules.chance_of_news)
    return None if days is None else ceil((days - INSTANT_DAYS) / rules.round_to_days) * rules.round_to_days


def bounds(every_days: tuple[int, int], rules: CadenceRules, curve: Curve | None) -> tuple[int, int]:
    """Give the least and most days between updates: the rule's own, or in the long haul never under its minimum."""
    if curve is None or not is_long_haul(curve, rules):
        return every_days
    least, most = every_days
    return max(least, rules.long_haul_min_days), max(most, rules.long_haul_min_days)


def is_long_haul(curve: Curve, rules: CadenceRules) -> bool:
    """Whether we are sure, by the median's lower limit, that this team's typical bug takes so long."""
    return curve.teaches and (curve.median_at_least or 0) >= rules.long_haul_days


def _backed_off(days: int, backoff: float) -> int:
    """Multiply and round up to whole days; fractions keep 10 times 1.1 from becoming 12."""
    return ceil(days * Fraction(str(backoff)))
