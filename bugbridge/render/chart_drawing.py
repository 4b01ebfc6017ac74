"""Draws a chart: pygal lays it out, and only its shapes and texts are kept. The page that shows it has the colours.

Neither a script, a style, a tooltip, an id nor a date of pygal's is left, so the same facts give the same picture.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from xml.etree.ElementTree import Element, tostring

NAMESPACE = "http://www.w3.org/2000/svg"
# Units of the drawing; a page shows them a little larger than its own pixels, a telephone at half their size.
WIDTH, HEIGHT = 640, 340
# Between the sizes of the texts on a page and on a telephone: what pygal leaves room for.
TEXT_SIZE = 17
ELEMENTS = frozenset({"g", "path", "circle", "text"})
ATTRIBUTES = frozenset({"class", "d", "x", "y", "cx", "cy", "r", "transform"})
DECIMALS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
SERIES = re.compile(r"serie-(\d+)")

Ids = tuple[str, str]
"""The ids of the elements that name and describe a picture."""


class Shape(StrEnum):
    """How the points of a layer are drawn."""

    LINE = "line"
    AREA = "area"
    DOTS = "dots"


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the units of the axes; a dot has a radius in the drawing's units. The label stands at the place."""

    x: float
    y: float
    label: str = ""
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    """What is drawn in one way; `look` are the classes by which the style sheet knows it."""

    look: str
    shape: Shape
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis spans, and the places on it that have a name."""

    least: float
    most: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart for a page: the picture as SVG, what runs up and across it, and how it is read."""

    svg: str
    up: str
    across: str
    reading: str = ""


def drawing(layers: Sequence[Layer], across: Axis, up: Axis, ids: Ids) -> str:
    """Draw layers, the first undermost, as an SVG element."""
    named_by, described_by = ids
    laid_out = _laid_out(layers, across, up)
    picture = Element(
        "svg",
        {
            "xmlns": NAMESPACE,
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "role": "img",
            "aria-labelledby": named_by,
            "aria-describedby": described_by,
        },
    )
    _keep_shapes(laid_out, picture, [layer.look for layer in layers])
    return tostring(picture, encoding="unicode")


def _laid_out(layers: Sequence[Layer], across: Axis, up: Axis) -> Element:
    """Give pygal's tree. Where lxml is installed it is one of lxml's, which reads the same."""
    pygal = _pygal()
    chart = pygal.XY(
        css=(),
        js=(),
        no_prefix=True,
        style=pygal.style.Style(label_font_size=TEXT_SIZE, value_font_size=0),
        width=WIDTH,
        height=HEIGHT,
        margin=4,
        spacing=6,
        show_legend=False,
        print_labels=True,
        truncate_label=-1,
        xrange=(across.least, across.most),
        range=(up.least, up.most),
        x_labels=_labels(across),
        y_labels=_labels(up),
    )
    for layer in layers:
        chart.add(layer.look, _values(layer), **_manner(layer.shape))
    tree: Element = chart.render_tree()
    return tree


def _pygal() -> ModuleType:
    """Import pygal on use, without the hook for maps that it leaves among Python's importers, which warn of it."""
    import pygal

    sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]
    module: ModuleType = pygal
    return module


def _labels(axis: Axis) -> list[dict[str, object]]:
    return [{"value": place, "label": name} for place, name in axis.ticks]


def _values(layer: Layer) -> list[dict[str, object]]:
    return [
        {"value": (point.x, point.y), "label": point.label, "node": {"r": point.radius, "class": "dot"}}
        for point in layer.points
    ]


def _manner(shape: Shape) -> dict[str, bool]:
    dots = shape is Shape.DOTS
    return {"stroke": not dots, "show_dots": dots, "fill": shape is Shape.AREA}


def _keep_shapes(element: Element, kept: Element, looks: Sequence[str]) -> None:
    """Copy what is on the lists, and leave out groups with nothing in them."""
    for child in element:
        if not _is_kept(child):
            continue
        copy = Element(child.tag, _attributes(child, looks))
        copy.text = child.text
        _keep_shapes(child, copy, looks)
        if child.tag != "g" or len(copy):
            kept.append(copy)


def _is_kept(element: Element) -> bool:
    """Whether it is to be seen: tooltips aren't, nor dots that are there for their label alone."""
    is_label_only = element.get("r") == "0.0"
    return element.tag in ELEMENTS and "tooltip" not in element.get("class", "") and not is_label_only


def _attributes(element: Element, looks: Sequence[str]) -> dict[str, str]:
    given = {name: _rounded(value) for name, value in element.attrib.items() if name in ATTRIBUTES and value}
    series = SERIES.search(given.get("class", ""))
    if series:
        given["class"] = f"layer {looks[int(series[1])]}"
    return given


def _rounded(value: str) -> str:
    """Write places to a tenth of a unit, which nobody sees the end of."""
    return DECIMALS.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value)
