"""The axes of charts: ages on a logarithmic scale, counts and shares, each with places that have a name."""

from collections.abc import Sequence
from math import ceil, log10

from bugbridge.render.chart_drawing import Axis

# Ages that people think in, in days: an hour, six hours, a day, a week, a month, a quarter, a year, and so on.
AGES = (1 / 24, 1 / 4, 1.0, 7.0, 30.0, 90.0, 365.0, 1_095.0, 3_650.0, 10_950.0, 36_500.0, 365_000.0, 3_650_000.0)
# The share of an axis that a name takes.
ROOM = 0.085
STEPS_UP = 5
HOURS_A_DAY = 24
MINUTES_A_DAY = 1_440


def age_place(days: float, axis: Axis) -> float:
    """Give the place of an age on an axis of ages; one below the axis's least lies at it."""
    return max(log10(days), axis.least) if days > 0 else axis.least


def age_axis(least: float, most: float, ages: Sequence[float]) -> Axis:
    """Span ages in days, above zero, on a logarithmic scale, with names at some ages."""
    ticks = [(log10(age), age_name(age)) for age in ages if least <= age <= most]
    return Axis(log10(least), log10(most), thinned(ticks, log10(least), log10(most)))


def count_axis(most: float, headroom: float = 0.0) -> Axis:
    """Span counts from zero, with whole ones named; the room above them, for labels, is a share of the axis."""
    step = _whole_step(most)
    names = tuple((float(count), f"{count:,}") for count in range(0, ceil(most) + 1, step))
    return Axis(0.0, most * (1 + headroom), names)


def share_axis(headroom: float) -> Axis:
    """Span shares from zero to one."""
    return Axis(0.0, 1 + headroom, tuple((quarter / 4, f"{25 * quarter} %") for quarter in range(5)))


def thinned(ticks: Sequence[tuple[float, str]], least: float, most: float) -> tuple[tuple[float, str], ...]:
    """Leave out names that would run into the one before, on an axis between two places."""
    kept: list[tuple[float, str]] = []
    for place, name in ticks:
        if not kept or place - kept[-1][0] >= ROOM * (most - least):
            kept.append((place, name))
    return tuple(kept)


def age_name(days: float) -> str:
    """Name an age in days as briefly as an axis needs it: `30`, and below one `6 h`, `20 min`."""
    if days >= 1 or not days:
        return f"{days:,.6g}"
    hours = days * HOURS_A_DAY
    return f"{hours:.2g} h" if hours >= 1 else f"{days * MINUTES_A_DAY:.2g} min"


def _whole_step(most: float) -> int:
    """Give the least of 1, 2, 5, 10, 20, 50 and so on by which at most five steps reach the most."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * STEPS_UP >= most:
                return digit * power
        power *= 10
