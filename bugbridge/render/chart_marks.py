"""Marks in a chart: an age with a line at it, and words that say what it is."""

from dataclasses import dataclass

from bugbridge.render.audit_phrases import duration
from bugbridge.render.chart_axes import age_place
from bugbridge.render.chart_drawing import Axis, Layer, Point, Shape

# Where there is as much room for words on both sides of a mark.
MIDDLE = 0.46


@dataclass(frozen=True, slots=True)
class Mark:
    """An age in days, if it is known, and words with a place for it."""

    days: float | None
    words: str


def marked(mark: Mark, axis: Axis, height: float) -> list[Layer]:
    """Draw a line at the mark's age up to a height, with the words there."""
    if mark.days is None:
        return []
    place = age_place(mark.days, axis)
    words = Point(place, height, mark.words.format(duration(mark.days)))
    return [
        Layer("mark", Shape.LINE, (Point(place, 0.0), Point(place, height))),
        Layer(f"mark {side(place, axis)}", Shape.DOTS, (words,)),
    ]


def side(place: float, axis: Axis, middle: float = MIDDLE) -> str:
    """Say on which side of a place words stand: on its right where it lies before the middle, a share of the axis."""
    return "rightward" if place - axis.least < middle * (axis.most - axis.least) else "leftward"
