"""Signing in and out in a real browser, and what is refused to whom."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.company import Company
from tests.web.pages import ADMIN, AGENT
from tests.web.window import EITHER_WAY, Window

Open = Callable[..., Window]


def signed_in(page: Page, token: str) -> None:
    """Fill in the form and send it."""
    page.get_by_label("API token").fill(token)
    page.get_by_role("button", name="Sign in").click()


@EITHER_WAY
def test_whoever_signs_in_by_a_token_comes_to_where_they_wanted_to_be(
    working_company: Company, window: Open, *, runs_scripts: bool
) -> None:
    """And whoever signs out sees no page any more, also not by going back."""
    page = window(runs_scripts=runs_scripts).show(working_company.url("/bugs?sort=age"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    signed_in(page, working_company.tokens[AGENT])
    page.wait_for_url("**/bugs?sort=age")
    expect(page.locator("header")).to_contain_text(f"{AGENT} (agent)")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto(working_company.url("/due"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_token_that_opens_nothing_is_refused_in_a_sentence(working_company: Company, window: Open, axe: str) -> None:
    """Which doesn't say whether there ever was one."""
    view = window()
    page = view.show(working_company.url("/sign-in"))
    signed_in(page, "bb_nothing")
    expect(page.get_by_role("alert")).to_have_text(
        "This token is unknown, expired or revoked: ask an admin for another one."
    )
    assert view.axe(axe) == []


def test_an_agent_is_refused_a_leads_page(company: Company, window: Open) -> None:
    """By 403 and a sentence; the page isn't offered to them in the first place."""
    view = window()
    view.context.add_cookies([company.cookie(AGENT)])
    for path in ("/policy", "/policy/edit", "/audits"):
        page = view.show(company.url(path), 403)
        expect(page.locator("main")).to_contain_text("This is for a lead; your role is agent.")
        expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Policy")).to_have_count(0)


def test_an_agent_is_refused_an_admins_page(company: Company, window: Open) -> None:
    """Who may do what is an admin's."""
    view = window()
    view.context.add_cookies([company.cookie(AGENT)])
    for path in ("/people", "/tokens", "/trail"):
        page = view.show(company.url(path), 403)
        expect(page.locator("main")).to_contain_text("This is for an admin; your role is agent.")


def test_a_token_that_was_made_is_copied_by_a_button(working_company: Company, window: Open) -> None:
    """It is shown this once; what was refused before stays in the form."""
    view = window()
    view.context.add_cookies([working_company.cookie(ADMIN)])
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = view.show(working_company.url("/tokens"))
    page.get_by_label("Name").fill("No Name")
    page.get_by_label("Role").select_option("lead")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("alert")).to_contain_text("A token's name is made of")
    expect(page.get_by_label("Role")).to_have_value("lead")
    page.get_by_label("Name").fill("copied")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    secret = page.locator(".secret code").inner_text()
    assert secret.startswith("bb_")
    assert page.evaluate("() => navigator.clipboard.readText()") == secret


def test_without_script_a_token_is_copied_by_hand(working_company: Company, window: Open) -> None:
    """No button is offered that does nothing; a click marks all of it."""
    view = window(runs_scripts=False)
    view.context.add_cookies([working_company.cookie(ADMIN)])
    page = view.show(working_company.url("/tokens"))
    page.get_by_label("Name").fill("by-hand")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator(".secret code")).to_have_css("user-select", "all")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
