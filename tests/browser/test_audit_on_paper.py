"""The audit's page on A4: nothing is cut, nothing is lost, and it is black on white."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.audits import AUDITS, page
from tests.browser.chromium import DARK, Chromium
from tests.browser.colours import luminance

Save = Callable[[str], Path]
PIXELS_A_MILLIMETRE = 96 / 25.4
# An A4 sheet within the page's own margins, in millimetres.
SHEET_WIDTH, SHEET_HEIGHT = 210 - 2 * 15, 297 - 2 * 16
# How far down its first sheet the content is pushed, so that charts come to lie everywhere on a sheet.
SHIFTS = range(0, SHEET_HEIGHT, 45)
# What is written in each chart, from its title to the name of its lower axis.
WRITTEN = """[...document.querySelectorAll('figure:has(svg)')].map(figure =>
  [...figure.querySelectorAll('figcaption, .axis-name, svg text')].map(one => one.textContent))"""


@pytest.mark.parametrize("shift", SHIFTS)
def test_no_chart_is_cut(chromium: Chromium, saved: Save, tmp_path: Path, shift: int) -> None:
    """Each has its title, all its words and the names of its axes on one sheet."""
    chromium.show(saved(_shifted(page("seasoned"), shift)))
    charts = chromium.asked(WRITTEN)
    assert len(charts) == 4
    assert _cut(charts, chromium.printed(tmp_path / "audit.pdf")) == []


def test_a_cut_chart_would_be_seen(chromium: Chromium, saved: Save, tmp_path: Path) -> None:
    """Else the test above would say nothing: without the page's rule, some of these places cut a chart."""
    loose, found = page("seasoned").replace("break-inside: avoid", "break-inside: auto"), []
    for shift in SHIFTS:
        chromium.show(saved(_shifted(loose, shift)))
        found += _cut(chromium.asked(WRITTEN), chromium.printed(tmp_path / "audit.pdf"))
    assert found


@pytest.mark.parametrize("name", AUDITS)
def test_a_sheet_has_room_for_everything(chromium: Chromium, saved: Save, name: str) -> None:
    """No table is wider than the sheet, no chart higher, and neither a chart nor a row of a table may be cut."""
    chromium.show(saved(page(name)), round(SHEET_WIDTH * PIXELS_A_MILLIMETRE))
    chromium.show_as_paper()
    assert chromium.asked("document.documentElement.scrollWidth <= innerWidth")
    tables = chromium.asked("[...document.querySelectorAll('main table')].map(one => one.offsetWidth)")
    assert max(tables, default=0) <= SHEET_WIDTH * PIXELS_A_MILLIMETRE
    charts = chromium.asked("[...document.querySelectorAll('figure')].map(one => one.offsetHeight)")
    assert max(charts, default=0) <= SHEET_HEIGHT * PIXELS_A_MILLIMETRE
    breaks = "[...document.querySelectorAll('figure, tr')].map(one => getComputedStyle(one).breakInside)"
    assert set(chromium.asked(breaks)) <= {"avoid"}


def test_all_that_is_said_is_printed(chromium: Chromium, saved: Save, tmp_path: Path) -> None:
    """Every sentence, and every cell of every table outside the charts."""
    chromium.show(saved(page("seasoned")))
    said = chromium.asked("[...document.querySelectorAll('p, h1, main h2, caption, .scroll th, .scroll td')]"
        ".filter(one => !one.closest('details')).map(one => one.textContent)")  # fmt: skip
    printed = _squeezed("".join(chromium.printed(tmp_path / "audit.pdf")))
    assert [text for text in said if _squeezed(text) not in printed] == []


def test_paper_is_white_in_the_dark_too(chromium: Chromium, saved: Save) -> None:
    """A reader of the dark theme prints black on white."""
    chromium.show(saved(page("rich")), theme=DARK)
    paper, ink = ("getComputedStyle(document.body).backgroundColor", "getComputedStyle(document.body).color")
    assert luminance(chromium.asked(paper)) < luminance(chromium.asked(ink))
    chromium.show_as_paper(DARK)
    assert luminance(chromium.asked(paper)) == 1
    assert luminance(chromium.asked(ink)) < 0.05


def _shifted(text: str, millimetres: int) -> str:
    """Push a page's content down its first sheet."""
    return text.replace("<main ", f'<div style="height: {millimetres}mm"></div><main ', 1)


def _cut(charts: list[list[str]], sheets: list[str]) -> list[str]:
    """The titles of those charts that no sheet has whole."""
    return [texts[0] for texts in charts if not any(_is_whole(texts, _squeezed(sheet)) for sheet in sheets)]


def _is_whole(texts: list[str], sheet: str) -> bool:
    """Whether a chart's title stands on a sheet, and after it all that is written in the chart."""
    title, *rest = map(_squeezed, texts)
    _, found, after = sheet.partition(title)
    return bool(found) and all(text in after for text in rest)


def _squeezed(text: str) -> str:
    """Leave out blanks, which a sheet's lines put elsewhere."""
    return "".join(text.split())
