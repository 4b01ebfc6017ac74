"""The audit's page on a screen: for eyes, for screen readers, on a telephone; nothing is fetched, nothing is run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.audits import AUDITS, page
from tests.browser.chromium import DARK, LIGHT, TELEPHONE, WIDE, Chromium
from tests.browser.colours import contrast

Save = Callable[[str], Path]
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
# Words of a chart that lie outside the window, though the page doesn't scroll for them.
OUTSIDE = """[...document.querySelectorAll('svg text')].filter(one => {
  const box = one.getBoundingClientRect();
  return box.left < 0 || box.right > innerWidth;
}).map(one => one.textContent)"""
# The colour of each piece of text, and that of what lies behind it.
COLOURS = """[...document.querySelectorAll('h1, h2, p, a, li, th, td, caption, figcaption, summary')].map(one => {
  let behind = one;
  while (behind.parentElement && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') {
    behind = behind.parentElement;
  }
  return [getComputedStyle(one).color, getComputedStyle(behind).backgroundColor];
})"""


@pytest.mark.parametrize("width", [WIDE, TELEPHONE])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", AUDITS)
def test_axe_finds_nothing_wrong(chromium: Chromium, saved: Save, axe: str, name: str, theme: str, width: int) -> None:
    """With the figures of each chart unfolded, and on a telephone, where tables scroll in boxes of their own."""
    chromium.show(saved(page(name)), width, theme)
    chromium.asked(UNFOLD)
    assert chromium.axe(axe) == []


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["seasoned", "tiny"])
def test_text_stands_out_from_what_lies_behind_it(chromium: Chromium, saved: Save, name: str, theme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), also where axe-core can't tell, as in boxes that scroll."""
    chromium.show(saved(page(name)), theme=theme)
    assert min(contrast(text, behind) for text, behind in chromium.asked(COLOURS)) >= 4.5


def test_axe_would_find_something(chromium: Chromium, saved: Save, axe: str) -> None:
    """Else its silence would say nothing: a picture without a name."""
    chromium.show(saved(page("seasoned").replace("aria-labelledby", "data-was")))
    assert any(found.startswith("svg-img-alt") for found in chromium.axe(axe))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", AUDITS)
def test_the_console_stays_empty_and_nothing_is_fetched(chromium: Chromium, saved: Save, name: str, theme: str) -> None:
    """No error, no warning, no refusal by the page's own rules; the file itself is all that is read."""
    path = saved(page(name))
    chromium.show(path, theme=theme)
    assert (chromium.said(), chromium.fetched()) == ([], [path.as_uri()])


def test_a_script_or_a_picture_from_elsewhere_would_be_refused(chromium: Chromium, saved: Save) -> None:
    """Even where one got into the page, its rules hold. The console tells, so its silence above says something."""
    added = '<script>document.title = "run"</script><img alt="" src="http://127.0.0.1:9/a.png"><main'
    chromium.show(saved(page("rich").replace("<main", added, 1)))
    assert chromium.asked("document.title") != "run"
    assert len([line for line in chromium.said() if "Content Security Policy" in line]) == 2
    assert len(chromium.fetched()) == 2  # what is refused is seen here too


@pytest.mark.parametrize("width", [WIDE, TELEPHONE])
@pytest.mark.parametrize("name", AUDITS)
def test_nothing_sticks_out_of_the_window(chromium: Chromium, saved: Save, name: str, width: int) -> None:
    """Neither names without a blank, nor tables of many columns, nor the words in a chart."""
    chromium.show(saved(page(name)), width)
    chromium.asked(UNFOLD)
    assert chromium.asked("innerWidth") == width
    assert chromium.asked("document.documentElement.scrollWidth") <= width
    assert chromium.asked(OUTSIDE) == []


@pytest.mark.parametrize("name", AUDITS)
def test_contents_lead_to_every_section(chromium: Chromium, saved: Save, name: str) -> None:
    """Each entry to an element that is there, each section with an entry; and headings skip no level."""
    chromium.show(saved(page(name)))
    entries = chromium.asked("[...document.querySelectorAll('nav a')].map(one => one.getAttribute('href'))")
    sections = chromium.asked("[...document.querySelectorAll('main section')].map(one => '#' + one.id)")
    assert entries == sections
    headings = chromium.asked("[...document.querySelectorAll('h1, h2, h3')].map(one => one.tagName)")
    assert headings == ["H1", *["H2"] * (len(sections) + 1)]
