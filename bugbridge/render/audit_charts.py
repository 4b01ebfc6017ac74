"""The charts of an audit."""

from bisect import bisect_right
from collections.abc import Callable, Mapping

from bugbridge.core.audit_model import Audit, CurvePoint
from bugbridge.render.audit_document import ChartKind
from bugbridge.render.audit_phrases import duration
from bugbridge.render.chart_axes import AGES, age_axis, age_place, share_axis
from bugbridge.render.chart_bars import ages_drawn
from bugbridge.render.chart_drawing import WIDTH, Axis, Drawing, Ids, Layer, Point, Shape, drawing
from bugbridge.render.chart_marks import Mark, marked, side
from bugbridge.render.chart_news import news_drawn

# The curve begins where at least this share still waits: what lies before is a flat line.
NEARLY_ALL = 0.98
# The share of the axis that the words above the curve take.
HEADROOM = 0.14
# The curve's own mark has its words above the falling curve, on its right, as far as they find room there: as much of
# the axis as the words take. Else they stand below it, on its left.
DOT, RIGHTMOST, WORDS = 5.0, 0.58, 0.42


def drawn(kind: ChartKind, audit: Audit, named_by: str, described_by: str) -> Drawing | None:
    """Draw a chart that the elements with the two ids name and describe; none where there is nothing to draw."""
    return DRAWERS[kind](audit, (named_by, described_by))


def _fix_times(audit: Audit, ids: Ids) -> Drawing | None:
    times = audit.days_to_fix
    marks = (Mark(times.median, "half by {}"), Mark(times.p90, "9 of 10 by {}"))
    return ages_drawn(audit.fix_times, marks, "days from report to fix", ids)


def _open_by_age(audit: Audit, ids: Ids) -> Drawing | None:
    marks = (Mark(audit.open_days.median, "half are older than {}"),)
    return ages_drawn(audit.open_ages, marks, "days since the first report", ids)


def _updates_against_news(audit: Audit, ids: Ids) -> Drawing | None:
    return news_drawn(audit.news_cells, ids)


def _survival(audit: Audit, ids: Ids) -> Drawing | None:
    if audit.period is None or not audit.period.curve:
        return None
    curve, all_bugs, last = audit.period.curve, audit.period.median.days, audit.days_to_fix.median
    axis = _curve_axis(curve, last)
    layers = [
        Layer("band", Shape.AREA, _band(curve, axis)),
        *marked(Mark(last, f"{_which(audit)}: half by {{}}"), axis, 1 + HEADROOM / 2),
        Layer("curve", Shape.LINE, _stairs(curve, axis, lambda point: point.waiting)),
        *_half(all_bugs, last, axis),
    ]
    return Drawing(
        drawing(layers, axis, share_axis(HEADROOM), ids),
        up="share of bugs still waiting for a fix",
        across="days since the first report, logarithmic",
        reading="The line is all bugs, open ones included, and the band its 95 % limits.",
    )


def _which(audit: Audit) -> str:
    """Name the bugs whose median stands beside that of all bugs."""
    return f"last {audit.n:,}" if audit.n == audit.question.last else f"{audit.n:,} fixed"


def _curve_axis(curve: tuple[CurvePoint, ...], last: float | None) -> Axis:
    """Span the ages from shortly before the curve falls to its end, beyond which nothing is known."""
    falls = next((point.days for point in curve if point.waiting < NEARLY_ALL), curve[-1].days)
    begins = falls if last is None else min(falls, last)
    least = AGES[max(bisect_right(AGES, begins) - 1, 0)]
    return age_axis(least, max(curve[-1].days, last or 0.0, 2 * least), AGES)


def _stairs(
    curve: tuple[CurvePoint, ...], axis: Axis, height: Callable[[CurvePoint], float | None]
) -> tuple[Point, ...]:
    """Draw a height that stays until the next point; of points that no eye could tell apart, the last."""
    finest = (axis.most - axis.least) / WIDTH
    apart = {round(age_place(point.days, axis) / finest): point for point in curve}
    stairs, before = [Point(axis.least, 1.0)], 1.0
    for point in apart.values():
        place, now = age_place(point.days, axis), height(point)
        if now is not None:
            stairs += [Point(place, before), Point(place, now)]
            before = now
    return tuple(stairs)


def _band(curve: tuple[CurvePoint, ...], axis: Axis) -> tuple[Point, ...]:
    """Go out along the upper limits and home along the lower ones."""
    upper = _stairs(curve, axis, lambda point: point.upper)
    lower = _stairs(curve, axis, lambda point: point.lower)
    return (*upper, *reversed(lower))


def _half(days: float | None, last: float | None, axis: Axis) -> list[Layer]:
    """Mark on the curve where half of all bugs are fixed, with words that the other median's line doesn't cross."""
    if days is None:
        return []
    place = age_place(days, axis)
    words = f"all bugs: half by {duration(days)}"
    rightmost = WORDS if last is not None and _crosses(place, age_place(last, axis), axis) else RIGHTMOST
    return [Layer(f"half {side(place, axis, rightmost)}", Shape.DOTS, (Point(place, 0.5, words, DOT),))]


def _crosses(place: float, line: float, axis: Axis) -> bool:
    """Whether a line goes through words on the right of a place."""
    return 0 <= line - place < WORDS * (axis.most - axis.least)


DRAWERS: Mapping[ChartKind, Callable[[Audit, Ids], Drawing | None]] = {
    ChartKind.SURVIVAL: _survival,
    ChartKind.FIX_TIMES: _fix_times,
    ChartKind.UPDATES_AGAINST_NEWS: _updates_against_news,
    ChartKind.OPEN_BY_AGE: _open_by_age,
}
