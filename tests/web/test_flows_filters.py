"""Filters of the board in a real browser: they are in the address, so that a list can be handed on."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.company import Company
from tests.web.pages import AGENT
from tests.web.window import EITHER_WAY, Window

AT_THE_END = """() => {
  const one = document.querySelector('.wide');
  return Math.ceil(one.scrollLeft + one.clientWidth) >= one.scrollWidth;
}"""


@pytest.fixture
def agent(company: Company, window: Callable[..., Window], *, runs_scripts: bool) -> Callable[[str], Page]:
    """An agent, who opens pages."""
    view: Window = window(runs_scripts=runs_scripts)
    view.context.add_cookies([company.cookie(AGENT)])
    return lambda path: view.show(company.url(path))


def column(page: Page, title: str) -> list[str]:
    """What stands in a column of the page's table."""
    titles = [text.strip() for text in page.locator("main thead th").all_inner_texts()]
    return page.locator(f"main tbody td:nth-child({titles.index(title) + 1})").all_inner_texts()


@EITHER_WAY
def test_what_is_due_is_narrowed_by_its_reason(agent: Callable[[str], Page]) -> None:
    """What was chosen stays chosen, and whoever opens the same address sees the same."""
    page = agent("/due")
    all_reasons = column(page, "Reason")
    page.get_by_label("Reason").select_option("released")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/due?*reason=released*")
    expect(page.get_by_label("Reason")).to_have_value("released")
    narrowed = column(page, "Reason")
    assert len(set(narrowed)) == 1 < len(set(all_reasons))
    address = urlsplit(page.url)
    again = agent(f"{address.path}?{address.query}")
    assert column(again, "Reason") == narrowed


def test_a_list_that_is_empty_says_so(agent: Callable[[str], Page]) -> None:
    """A reason that nothing is due for."""
    page = agent("/due")
    page.get_by_label("Reason").select_option("release_moved")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main table")).to_have_count(0)
    expect(page.locator("main .empty")).to_be_visible()


@EITHER_WAY
def test_bugs_are_narrowed_by_their_stage_and_tracker(agent: Callable[[str], Page]) -> None:
    """Each filter takes away what doesn't fit; bugs that aren't over are chosen to begin with."""
    page = agent("/bugs")
    for stage in ("open", "fixed, not released yet"):
        page.get_by_label(stage, exact=True).uncheck()
    expect(page.get_by_label("in progress", exact=True)).to_be_checked()
    page.get_by_label("Tracker").select_option("jira")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/bugs?*stage=in_progress*tracker=jira*")
    expect(page.get_by_label("Tracker")).to_have_value("jira")
    assert set(column(page, "Stage")) == {"in progress"}
    assert all(bug.startswith("jira:") for bug in column(page, "Bug"))


def test_a_table_wider_than_its_window_shows_where_it_goes_on(company: Company, window: Callable[..., Window]) -> None:
    """By a shade at the edge beyond which there is more, and at no other; the keyboard scrolls it."""
    view = window(768)
    view.context.add_cookies([company.cookie(AGENT)])
    page = view.show(company.url("/due?show=soon"))
    table = page.get_by_role("region", name="Within two weeks")
    table.evaluate("region => { region.querySelector('table').style.visibility = 'hidden'; }")
    shades = [shaded(page, table)]
    table.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(AT_THE_END)
    assert [*shades, shaded(page, table)] == [(False, True), (True, False)]


def shaded(page: Page, region: Locator) -> tuple[bool, bool]:
    """Whether the region's left and right edges look other than its middle."""
    region.evaluate("region => region.scrollIntoView()")
    box = region.bounding_box()
    assert box
    at = [box["x"] + 1, box["x"] + box["width"] / 2, box["x"] + box["width"] - 4]
    left, middle, right = (
        page.screenshot(clip={"x": x, "y": box["y"] + 20, "width": 2, "height": 20}, animations="disabled") for x in at
    )
    return left != middle, right != middle
