"""The policy, as leads calibrate it in a real browser: edited, tried beside the one in force, applied, rolled back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.company import LEAD, Company
from tests.web.window import DARK, EITHER_WAY, LIGHT, Window

BEFORE, AFTER = "every 2-8 weeks", "every 3-9 weeks"
SAID_BEFORE, SAID_AFTER = "an update every 2 to 8 weeks", "an update every 3 to 9 weeks"
TEXT = re.compile("text .TOML.")
CELL = "input[name='grid/frequent']"


@pytest.fixture
def lead(working_company: Company, window: Callable[..., Window], *, runs_scripts: bool) -> Callable[[str], Page]:
    """A lead, who opens pages."""
    view: Window = window(runs_scripts=runs_scripts)
    view.context.add_cookies([working_company.cookie(LEAD)])
    return lambda path: view.show(working_company.url(path))


def test_a_policy_is_edited_tried_applied_and_rolled_back(lead: Callable[[str], Page]) -> None:
    """A changed cell is replayed on the team's own history before anybody hears less of it, and the way back is one
    press."""
    page = lead("/policy/edit")
    assert page.locator(CELL).input_value() == BEFORE
    page.locator(CELL).fill(AFTER)
    page.get_by_label("Bugs to try it on").select_option("10")
    page.get_by_role("button", name="Try on our history").click()
    expect(page.get_by_role("heading", name="Tried on our history")).to_be_visible(timeout=60_000)
    expect(page.get_by_label(TEXT)).to_have_value(re.compile(AFTER))
    page.get_by_role("button", name="Apply…").click()
    changes = page.get_by_role("region", name="What changes")
    expect(changes).to_contain_text(SAID_BEFORE)
    expect(changes).to_contain_text(SAID_AFTER)
    expect(page.get_by_text("Reminders per agent and week: ")).to_be_visible()
    page.get_by_role("button", name="Put it in force").click()
    expect(page.get_by_role("status")).to_contain_text("is in force since")
    page.reload()
    expect(page.get_by_text("In force since").last).to_be_visible()
    expect(page.get_by_text(SAID_AFTER).first).to_be_visible()
    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_role("row").filter(has_text="in force")).to_have_count(1)
    page.get_by_role("link", name="Roll back to").click()
    expect(page.get_by_role("region", name="What changes")).to_contain_text(SAID_BEFORE)
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("In force since").last).to_be_visible()
    expect(page.get_by_text(SAID_BEFORE).first).to_be_visible()
    expect(page.get_by_text(SAID_AFTER)).to_have_count(0)


@EITHER_WAY
def test_what_is_wrong_with_a_policy_is_all_said_at_once(lead: Callable[[str], Page]) -> None:
    """With its lines, and nothing that was typed is lost."""
    page = lead("/policy/edit")
    text = page.get_by_label(TEXT)
    broken = text.input_value().replace("per_contact_days = 7", 'per_contact_days = "often"')
    text.fill(broken)
    page.get_by_role("button", name="Check").click()
    problems = page.get_by_role("region", name="What is wrong")
    expect(problems).to_contain_text("Line ")
    expect(problems).to_contain_text("per_contact_days")
    expect(text).to_have_value(broken)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_policy_is_printed_on_one_sheet(company: Company, window: Callable[..., Window], theme: str) -> None:
    """A page for the wall: rules and limits on one side of A4, without navigation or anything to press."""
    view: Window = window(theme=theme)
    view.context.add_cookies([company.cookie(LEAD)])
    page = view.show(company.url("/policy"))
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.emulate_media(media="print")
    for gone in ("Skip to the content", "Edit and try it", "All versions", "As CSV", "BugBridge"):
        expect(page.get_by_text(gone, exact=True)).to_be_hidden()
    expect(page.get_by_role("cell", name="grid-5")).to_have_css("color", "rgb(0, 0, 0)")
