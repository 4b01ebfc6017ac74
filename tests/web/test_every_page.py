"""Every page in a real browser: it is silent, fits its window, is read by everybody, and works without its script."""

from collections.abc import Callable

import pytest

from tests.web.company import Company
from tests.web.pages import PAGES, Shown
from tests.web.window import DARK, LIGHT, WIDTHS, Window

Open = Callable[..., Window]
EACH = pytest.mark.parametrize("shown", PAGES, ids=[one.name for one in PAGES])
UNFOLD = "() => document.querySelectorAll('details').forEach(one => one.open = true)"
# What reaches over the window's edge, for the message; boxes that scroll by themselves may.
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 120)).slice(0, 5).concat(document.documentElement.scrollWidth)"""
CONTENT = "() => [...document.querySelectorAll('main h1, main h2, main th, main td')].map(one => one.innerText.trim())"


@EACH
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_silent_and_fits_its_window(
    company: Company, window: Open, axe: str, shown: Shown, width: int
) -> None:
    """Nothing on the console, no error, no failed request; nothing sticks out; axe-core finds nothing wrong in light
    and in dark.

    What can be unfolded is unfolded first.
    """
    view = window(width)
    page = shown.open(view, company)
    view.asked(UNFOLD)
    for theme in (LIGHT, DARK):
        page.emulate_media(color_scheme=theme)
        assert view.asked(WIDER) == []
        assert view.axe(axe) == []
    assert page.title().endswith(" · BugBridge")
    assert view.wrong == []


@EACH
@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
def test_whatever_can_be_pressed_is_reached_by_the_keyboard(
    company: Company, window: Open, shown: Shown, width: int
) -> None:
    """By Tab, and the focus is seen on it, also where it has to be unfolded first."""
    view = window(width)
    shown.open(view, company)
    view.asked(UNFOLD)
    assert view.unreachable() == []


@EACH
def test_a_page_shows_the_same_without_its_script(company: Company, window: Open, shown: Shown) -> None:
    """Headings and tables."""
    found = []
    for runs_scripts in (True, False):
        view = window(runs_scripts=runs_scripts)
        shown.open(view, company)
        found.append(view.asked(CONTENT))
    assert found[0]
    assert found[0] == found[1]


def test_what_goes_wrong_in_a_page_would_be_seen(company: Company, window: Open, axe: str) -> None:
    """Else the silence above would say nothing: a script, a picture, a wide line, a picture without a name."""
    view = window(320)
    view.context.route("**/static/page.js", lambda route: route.fulfill(body=SPOILING, content_type="text/javascript"))
    PAGES[0].open(view, company)
    view.page.wait_for_selector("#spoiled")
    assert sorted(line.partition(":")[0] for line in view.wrong) == ["error", "error", "failed", "log"]
    assert view.asked(WIDER)
    assert [found.partition(":")[0] for found in view.axe(axe)] == ["image-alt"]


SPOILING = """
console.log('something');
const line = document.createElement('p');
line.style.width = '2000px';
line.innerHTML = '<img src="http://127.0.0.1:9/a.png">';
line.id = 'spoiled';
document.querySelector('main').append(line);
throw new Error('on purpose');
"""
