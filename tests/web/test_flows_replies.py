"""Replies in the sidebar: checked while one types, and handed to the clipboard or the helpdesk's own editor."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from bugbridge.entry.web.paths import sidebar_path
from tests.web.company import Company
from tests.web.pages import AGENT
from tests.web.window import WIDTHS, Window
from tests.web.zendesk_app import open_app

Beside = Callable[[str], Page]
PROMISE = "We will fix this by Friday."
HARMLESS = "Thank you for telling us. You'll hear from us as soon as there is news."


def first_reply(page: Page) -> Locator:
    """The first reply's form."""
    return page.locator("form.reply").first


def test_a_reply_is_checked_while_one_types(working_company: Company, beside: Beside) -> None:
    """What may not be promised is named as soon as one pauses, and goes once it is written otherwise."""
    page = beside(working_company.hostile)
    reply = first_reply(page)
    reply.get_by_role("textbox").fill("")
    reply.get_by_role("textbox").press_sequentially(PROMISE)
    expect(reply.locator("li.error").first).to_contain_text("A fix is promised.")
    reply.get_by_role("button", name="Better:").first.click()
    expect(reply.get_by_role("textbox")).not_to_have_value(PROMISE)
    reply.get_by_role("textbox").fill(HARMLESS)
    expect(reply.locator("li.error")).to_have_count(0)
    expect(reply.locator(".found")).not_to_be_empty()


def test_a_reply_is_checked_without_script_as_well(working_company: Company, window: Callable[..., Window]) -> None:
    """By the button, and what was typed stays."""
    view = window(WIDTHS[0], runs_scripts=False)
    view.context.add_cookies([working_company.cookie(AGENT)])
    page = view.show(working_company.url(sidebar_path(working_company.hostile)))
    first_reply(page).get_by_role("textbox").fill(PROMISE)
    first_reply(page).get_by_role("button", name="Check").click()
    reply = first_reply(page)
    expect(reply.locator("li.error").first).to_contain_text("A fix is promised.")
    expect(reply.get_by_role("textbox")).to_have_value(PROMISE)


def test_a_reply_is_copied(working_company: Company, beside: Beside) -> None:
    """As it stands, to the clipboard."""
    page = beside(working_company.hostile)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first_reply(page).get_by_role("textbox").fill(HARMLESS)
    first_reply(page).get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied").first).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == HARMLESS
    expect(page.get_by_role("button", name="Put into reply")).to_have_count(0)


def test_a_reply_is_put_into_the_helpdesks_own_editor(working_company: Company, window: Callable[..., Window]) -> None:
    """In Zendesk, by the app that its agents open on a ticket: as it stands, and without signing in."""
    view = window()
    app = open_app(view, working_company, working_company.hostile, working_company.agent)
    sidebar = app.frame_locator("#sidebar")
    reply = sidebar.locator("form.reply").first
    reply.get_by_role("textbox").fill(HARMLESS)
    reply.get_by_role("button", name="Put into reply").click()
    app.wait_for_function("text => window.appended.includes(text)", arg=HARMLESS)
