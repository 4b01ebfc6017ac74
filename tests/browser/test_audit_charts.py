"""The audit's charts as a browser draws them: every word is legible, and every line stands out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.audits import AUDITS, page
from tests.browser.chromium import DARK, LIGHT, TELEPHONE, WIDE, Chromium
from tests.browser.colours import contrast

Save = Callable[[str], Path]
PAPER = "getComputedStyle(document.body).backgroundColor"
COLOURS = "[...document.querySelectorAll('{what}')].map(one => getComputedStyle(one).{paint})"
# The least contrasts of text and of what carries a meaning (WCAG 2.2, 1.4.3 and 1.4.11).
OF_TEXT, OF_SHAPES = 4.5, 3
# The smallest words that people read without effort, in pixels.
SMALLEST = 10
SIZES = """[...document.querySelectorAll('svg text')].map(one =>
  parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a)"""
# Words that touch, two pixels of the room above and below the letters aside; a dot's number may lie on the line.
OVERLAPS = """[...document.querySelectorAll('svg')].flatMap(picture => {
  const words = [...picture.querySelectorAll('text')].filter(one =>
    one.getClientRects().length && !one.closest('.numbers, .equal'));
  const boxes = words.map(one => [one.textContent, one.getBoundingClientRect()]);
  return boxes.flatMap(([name, box], index) => boxes.slice(index + 1)
    .filter(([, other]) => box.left < other.right && other.left < box.right
      && box.top + 2 < other.bottom && other.top + 2 < box.bottom)
    .map(([other]) => `${name} / ${other}`));
})"""


@pytest.mark.parametrize("width", [WIDE, TELEPHONE])
@pytest.mark.parametrize("name", AUDITS)
def test_words_in_a_chart_do_not_lie_on_each_other(chromium: Chromium, saved: Save, name: str, width: int) -> None:
    """Names on the axes, counts and marks."""
    chromium.show(saved(page(name)), width)
    assert chromium.asked(OVERLAPS) == []


@pytest.mark.parametrize("width", [WIDE, TELEPHONE])
def test_words_in_a_chart_are_large_enough(chromium: Chromium, saved: Save, width: int) -> None:
    """On a telephone a chart shrinks, its words less so."""
    chromium.show(saved(page("seasoned")), width)
    assert min(chromium.asked(SIZES)) >= SMALLEST


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("what", "paint", "least"),
    [
        ("svg text", "fill", OF_TEXT),
        (".curve path, .mark path, .half circle, .under circle", "stroke", OF_SHAPES),
        (".bars path, .over circle, .even circle", "fill", OF_SHAPES),
    ],
)
def test_charts_stand_out_from_the_paper(
    chromium: Chromium, saved: Save, theme: str, what: str, paint: str, least: float
) -> None:
    """In both themes; axe-core doesn't look into pictures."""
    chromium.show(saved(page("seasoned")), theme=theme)
    paper, colours = chromium.asked(PAPER), chromium.asked(COLOURS.format(what=what, paint=paint))
    assert min(contrast(paper, colour) for colour in colours) >= least


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_words_on_lines_stay_readable(chromium: Chromium, saved: Save, theme: str) -> None:
    """Behind them lies the paper, as wide as hides a dashed line between two letters."""
    chromium.show(saved(page("seasoned")), theme=theme)
    what = ".mark .label, .half .label, .counts .label"
    assert set(chromium.asked(COLOURS.format(what=what, paint="stroke"))) == {chromium.asked(PAPER)}
    assert all(order.startswith("stroke") for order in chromium.asked(COLOURS.format(what=what, paint="paintOrder")))
    assert set(chromium.asked(COLOURS.format(what=what, paint="strokeWidth"))) == {"8px"}


def test_dots_differ_by_more_than_colour(chromium: Chromium, saved: Save) -> None:
    """Those below the line are rings; lines of marks are dashed, the curve isn't."""
    chromium.show(saved(page("seasoned")))
    [paper] = {chromium.asked(PAPER)}
    assert set(chromium.asked(COLOURS.format(what=".under circle", paint="fill"))) == {paper}
    assert paper not in chromium.asked(COLOURS.format(what=".over circle, .even circle", paint="fill"))
    assert "none" not in chromium.asked(COLOURS.format(what=".mark path, .equal path", paint="strokeDasharray"))
    assert chromium.asked(COLOURS.format(what=".curve path", paint="strokeDasharray")) == ["none"]
