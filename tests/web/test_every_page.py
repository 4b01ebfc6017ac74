"""Every page in a real browser: it is silent, fits its window, is read by everybody, and works without its script."""

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.web.company import Company
from tests.web.pages import PAGES, SIDEBAR, Shown
from tests.web.window import DARK, HEIGHT, LIGHT, WIDTHS, Window

Open = Callable[..., Window]
EACH = pytest.mark.parametrize("shown", PAGES, ids=[one.name for one in PAGES])
UNFOLD = "() => document.querySelectorAll('details').forEach(one => one.open = true)"
CONTENT = "() => [...document.querySelectorAll('main h1, main h2, main th, main td')].map(one => one.innerText.trim())"
ON_A_PHONE = """() => [
  [...document.querySelectorAll('main th')].map(one => one.textContent),
  [...document.querySelectorAll('main tbody tr:first-child td')]
    .map(one => JSON.parse(getComputedStyle(one, '::before').content)),
  [...document.querySelectorAll('.wide')].some(one => one.scrollWidth > one.clientWidth),
  document.querySelector('header').offsetHeight,
]"""
WITH_HEADER = [one for one in PAGES if one.route != SIDEBAR]
SPOILING = """
console.log('something');
const line = document.createElement('div');
line.style.width = '2000px';
line.innerHTML = '<img src="http://127.0.0.1:9/a.png">';
line.id = 'spoiled';
document.querySelector('main').append(line);
const faint = document.createElement('p');
faint.innerText = 'Read me';
faint.style.color = '#3a3f46';
document.querySelector('main').append(faint);
throw new Error('on purpose');
"""
HINDRANCES = ["passed by", "unseen", "holds"]
HOLDS = "one.addEventListener('keydown', event => event.preventDefault())"
ONE_MORE_BUTTON = """
const one = document.createElement('button');
one.id = 'spoiled';
one.innerText = 'One more';
%s;
document.querySelector('main').append(one);
"""


@EACH
def test_a_page_is_silent_and_fits_its_window(company: Company, window: Open, axe: str, shown: Shown) -> None:
    """Nothing on the console, no error, no failed request; at each width nothing sticks out and axe-core finds nothing
    wrong, in light and in dark.

    What can be unfolded is unfolded first.
    """
    view = window(WIDTHS[0])
    page = shown.open(view, company)
    view.asked(UNFOLD)
    for width, theme in product(WIDTHS, (LIGHT, DARK)):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=theme)
        assert (width, theme, view.wider(), view.axe(axe)) == (width, theme, [], [])
    assert page.title().endswith(" · BugBridge")
    assert view.wrong == []


@EACH
@pytest.mark.parametrize("width", [WIDTHS[0], WIDTHS[-1]])
def test_whatever_can_be_pressed_is_reached_by_the_keyboard(
    company: Company, window: Open, shown: Shown, width: int
) -> None:
    """By Tab, and the focus is seen on it, also where it has to be unfolded first; Tab comes round to the beginning,
    so that nothing holds it."""
    view = window(width)
    shown.open(view, company)
    view.asked(UNFOLD)
    assert view.unreachable() == []


@pytest.mark.parametrize("shown", WITH_HEADER, ids=[one.name for one in WITH_HEADER])
def test_the_keyboard_gets_past_the_header_at_once(company: Company, window: Open, shown: Shown) -> None:
    """The first that Tab reaches is seen then, and leads to the content."""
    view = window(WIDTHS[0])
    page = shown.open(view, company)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert view.asked("() => document.activeElement.closest('header') === null")


def test_on_a_phone_a_list_is_read_without_moving_it_sideways(company: Company, window: Open) -> None:
    """Each cell names its column, as the columns' titles don't fit; and the header leaves the page most of the room."""
    view = window(WIDTHS[0])
    PAGES[0].open(view, company)
    titles, named, wide, header = view.asked(ON_A_PHONE)
    assert len(titles) == 9
    assert named == titles
    assert wide is False
    assert header < HEIGHT / 8


@EACH
def test_a_page_shows_the_same_without_its_script(company: Company, window: Open, shown: Shown) -> None:
    """Headings and tables."""
    found = []
    for runs_scripts in (True, False):
        view = window(runs_scripts=runs_scripts)
        shown.open(view, company)
        found.append(view.asked(CONTENT))
        assert view.wrong == []
    assert found[0]
    assert found[0] == found[1]


def test_what_goes_wrong_in_a_page_would_be_seen(company: Company, window: Open, axe: str) -> None:
    """Else the silence above would say nothing: a script, a picture, a wide line, a picture without a name, and what
    can be read in the light alone."""
    view = spoiled(window(WIDTHS[0]), company, SPOILING)
    assert sorted(line.partition(":")[0] for line in view.wrong) == ["error", "error", "failed", "log"]
    for width in WIDTHS:
        view.page.set_viewport_size({"width": width, "height": HEIGHT})
        assert view.wider()
    assert [found.partition(":")[0] for found in view.axe(axe)] == ["image-alt"]
    view.page.emulate_media(color_scheme=DARK)
    assert [found.partition(":")[0] for found in view.axe(axe)] == ["color-contrast", "image-alt"]


@pytest.mark.parametrize("hindrance", ["one.tabIndex = -1", "one.style.outline = 'none'", HOLDS], ids=HINDRANCES)
def test_what_the_keyboard_does_not_reach_would_be_seen(company: Company, window: Open, hindrance: str) -> None:
    """A button that Tab passes by, one whose focus can't be seen, and one that lets nobody go."""
    view = spoiled(window(WIDTHS[0]), company, ONE_MORE_BUTTON % hindrance)
    assert [found for found in view.unreachable() if 'id="spoiled"' in found]


def test_what_a_script_adds_would_be_seen(company: Company, window: Open) -> None:
    """Else a page that is empty without its script would pass."""
    view = spoiled(window(), company, "document.querySelector('h1').id = 'spoiled'; spoiled.append(' and more');")
    with_script = view.asked(CONTENT)
    without = window(runs_scripts=False)
    PAGES[0].open(without, company)
    assert with_script != without.asked(CONTENT)


def spoiled(view: Window, company: Company, script: str) -> Window:
    """Show the first page with another script than its own."""
    view.context.route("**/static/page.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    PAGES[0].open(view, company)
    view.page.wait_for_selector("#spoiled")
    return view
