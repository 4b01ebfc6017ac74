"""Updates against news: a dot for all bugs that had as many of each, and the line on which they are equal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt

from bugbridge.core.audit_model import NewsCell
from bugbridge.render.chart_drawing import HEIGHT, WIDTH, Axis, Drawing, Ids, Layer, Point, Shape, drawing

# News and updates beyond this share one place, or one odd bug would squeeze all others into a corner.
MOST = 12
# Radii of dots in the drawing's units, and what remains of its width and height beside the names of the axes.
GREATEST, LEAST = 16.0, 2.5
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - 70, HEIGHT - 50
# What lies between a dot and its number, in the drawing's units.
GAP = 4.0
LOOKS = {1: "over", 0: "even", -1: "under"}

Cells = Mapping[tuple[int, int], int]
"""How many bugs had so much news and so many updates."""


def news_drawn(cells: Sequence[NewsCell], ids: Ids) -> Drawing | None:
    """Draw a dot for each cell with bugs, its area their number; none where there is no such cell."""
    cells = [cell for cell in cells if cell.bugs]
    if not cells:
        return None
    across, up = _axis([cell.news for cell in cells]), _axis([cell.updates for cell in cells])
    gathered, equal = _gathered(cells), min(across.most, up.most)
    layers = [
        Layer("equal", Shape.LINE, (Point(across.least, across.least), Point(equal, equal))),
        Layer("equal leftward", Shape.DOTS, (Point(equal, equal, "as many updates as news"),)),
        *_dots(gathered, across, up),
    ]
    return Drawing(
        drawing(layers, across, up, ids),
        up="updates per link",
        across="pieces of news per link",
        reading="A dot's area is its number of bugs. On the line there was an update for each piece of news; "
        "above it some updates had no news, below it some news shared an update or had none.",
    )


def _axis(counts: Sequence[int]) -> Axis:
    """Span counts with half a place to spare at both ends, so that dots have room."""
    most = max(1, min(max(counts), MOST))
    names = [(float(count), str(count)) for count in range(most + 1)]
    if max(counts) > MOST:
        names[-1] = (float(MOST), f"{MOST}+")
    return Axis(-0.5, most + 0.5, tuple(names))


def _gathered(cells: Sequence[NewsCell]) -> Cells:
    """Put what lies beyond the last place there."""
    gathered = Counter[tuple[int, int]]()
    for cell in cells:
        gathered[min(cell.news, MOST), min(cell.updates, MOST)] += cell.bugs
    return gathered


def _dots(cells: Cells, across: Axis, up: Axis) -> list[Layer]:
    """Draw the dots over, on and under the line in ways of their own, and their numbers to their right."""
    width, height = PLOT_WIDTH / (across.most - across.least), PLOT_HEIGHT / (up.most - up.least)
    greatest = min(GREATEST, width / 2, height / 2) / sqrt(max(cells.values()))
    dots: dict[int, list[Point]] = {sign: [] for sign in LOOKS}
    numbers = []
    for (news, updates), bugs in sorted(cells.items()):
        radius = max(greatest * sqrt(bugs), LEAST)
        dots[(updates > news) - (updates < news)].append(Point(news, updates, radius=radius))
        numbers.append(Point(news + (radius + GAP) / width, updates, f"{bugs:,}"))
    drawn = [Layer(LOOKS[sign], Shape.DOTS, tuple(points)) for sign, points in dots.items() if points]
    return [*drawn, Layer("numbers", Shape.DOTS, tuple(numbers))]
