"""Tokens, as admins make and revoke them in a real browser."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.web.company import Company
from tests.web.pages import ADMIN
from tests.web.window import Window

Open = Callable[..., Window]


def test_a_token_is_made_shown_once_used_and_revoked(working_company: Company, window: Open, axe: str) -> None:
    """Whoever was given it signs in by it, until it is revoked: then they are shut out at once."""
    admin, guest = window(), window()
    admin.context.add_cookies([working_company.cookie(ADMIN)])
    page = admin.show(working_company.url("/tokens"))
    page.get_by_label("Name").fill("ticket-counter")
    page.get_by_role("button", name="Make the token").click()
    made = page.get_by_role("region", name="The token ticket-counter was made")
    secret = made.locator("code").inner_text()
    assert admin.axe(axe) == []
    page.goto(working_company.url("/tokens"))
    expect(page.get_by_text(secret)).to_have_count(0)
    used = guest.show(working_company.url("/due"))
    used.get_by_label("API token").fill(secret)
    used.get_by_role("button", name="Sign in").click()
    expect(used.locator("header")).to_contain_text("ticket-counter (agent)")
    page.get_by_label("Token", exact=True).select_option("ticket-counter")
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke the token ticket-counter?")
    assert admin.axe(axe) == []
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("row", name="ticket-counter")).to_contain_text("revoked")
    used.goto(working_company.url("/due"))
    expect(used.get_by_role("heading", level=1)).to_have_text("Sign in")
