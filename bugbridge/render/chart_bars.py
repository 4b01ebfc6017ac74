"""Bars over ages on a logarithmic scale: how many bugs lie between two ages."""

from collections.abc import Iterator, Sequence
from itertools import chain, count
from math import log10

from bugbridge.core.audit_model import Bucket
from bugbridge.render.chart_axes import age_name, count_axis, thinned
from bugbridge.render.chart_drawing import Axis, Drawing, Ids, Layer, Point, Shape, drawing
from bugbridge.render.chart_marks import Mark, marked

# How much older the end of a bucket is drawn than its beginning, where it begins at zero or has no end.
ENDLESS = 2.0
# No bar begins earlier, a second in days; and no axis spans fewer powers of ten.
SHORTEST, NARROWEST = 1 / 86_400, 0.1
# Shares of the axis: from the highest bar to the words of the first mark, and the height of a line of words.
ABOVE_BARS, LINE = 0.16, 0.13
Bar = tuple[float, float, int]
"""From one place on the axis to another, so high."""


def ages_drawn(buckets: Sequence[Bucket], marks: Sequence[Mark], across: str, ids: Ids) -> Drawing | None:
    """Draw a bar for each bucket; none where no bucket has a bug."""
    highest = max((bucket.count for bucket in buckets), default=0)
    if not highest:
        return None
    bars = list(_bars(buckets))
    begins = min(bar[0] for bar in bars)
    ends = max(begins + NARROWEST, *(bar[1] for bar in bars))
    axis = Axis(begins, ends, thinned(list(_edges(buckets, bars)), begins, ends))
    layers = [
        Layer("bars", Shape.AREA, tuple(chain.from_iterable(map(_outline, bars)))),
        Layer("counts", Shape.DOTS, tuple(_middle(bar) for bar in bars if bar[2])),
    ]
    known = [mark for mark in marks if mark.days is not None]
    for mark, row in zip(known, count()):
        layers += marked(mark, axis, highest * (1 + ABOVE_BARS + row * LINE))
    headroom = ABOVE_BARS + LINE * len(known) - LINE / 2
    return Drawing(
        drawing(layers, axis, count_axis(highest, headroom), ids),
        up="bugs",
        across=f"{across}, logarithmic",
    )


def _bars(buckets: Sequence[Bucket]) -> Iterator[Bar]:
    for bucket in buckets:
        least = max(bucket.least or (bucket.most or 1.0) / ENDLESS, SHORTEST)
        most = max(bucket.most or least * ENDLESS, least)
        yield log10(least), log10(most), bucket.count


def _edges(buckets: Sequence[Bucket], bars: Sequence[Bar]) -> Iterator[tuple[float, str]]:
    for bucket, (begins, _, _) in zip(buckets, bars, strict=True):
        yield begins, age_name(bucket.least)
    if buckets[-1].most is not None:
        yield bars[-1][1], age_name(buckets[-1].most)


def _outline(bar: Bar) -> tuple[Point, ...]:
    begins, ends, height = bar
    return Point(begins, 0.0), Point(begins, height), Point(ends, height), Point(ends, 0.0)


def _middle(bar: Bar) -> Point:
    begins, ends, height = bar
    return Point((begins + ends) / 2, height, f"{height:,}")
