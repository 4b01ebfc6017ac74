"""A round, as leads review it in a real browser: read, edited, sent and stopped."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bugbridge.entry.web.paths import round_path
from tests.web.company import LEAD, Company
from tests.web.window import EITHER_WAY, Window

HURTS = "We will fix the rest for you by tomorrow."
OWN_WORDS = "Your export works again in version 4.26. Thank you for your patience."


@pytest.fixture
def review(working_company: Company, window: Callable[..., Window], *, runs_scripts: bool) -> Page:
    """A round whose news waits for its review, and a lead who reads it."""
    view: Window = window(runs_scripts=runs_scripts)
    view.context.add_cookies([working_company.cookie(LEAD)])
    return view.show(working_company.url(round_path(working_company.round())))


def offered(page: Page) -> int:
    """How many replies the page's main button would send."""
    label = page.locator("button[data-ready]").inner_text()
    return int(label.removeprefix("Send "))


def test_a_round_is_reviewed_edited_sent_and_stopped(review: Page) -> None:
    """What isn't ticked stays, what was edited is shown again before it goes, and all of it can be stopped."""
    ready = offered(review)
    assert ready > 2
    review.get_by_role("checkbox").last.uncheck()
    expect(review.locator("button[data-ready]")).to_have_text(f"Send {ready - 1}")
    review.get_by_role("textbox", name=re.compile("Reply to")).first.fill(OWN_WORDS)
    review.locator("button[data-ready]").click()
    expect(
        review.get_by_text(f"{ready - 1} replies would go to the customers, 1 in words of your own.")
    ).to_be_visible()
    expect(review.get_by_role("textbox", name=re.compile("Reply to"))).to_have_value(OWN_WORDS)
    review.get_by_role("button", name=f"Send {ready - 1}").click()
    expect(review.get_by_role("status")).to_contain_text("Approved")
    expect(review.get_by_text(OWN_WORDS)).to_be_visible()
    review.get_by_role("button", name=f"Stop all {ready - 1}").click()
    expect(review.get_by_role("status")).to_contain_text("Stopped")
    expect(review.locator("button[data-ready]")).to_have_text(f"Send {ready}")


@pytest.mark.parametrize("runs_scripts", [False])
def test_a_round_is_sent_and_stopped_without_script(review: Page) -> None:
    """What isn't ticked stays all the same; the page that asks once more has counted."""
    ready = offered(review)
    review.get_by_role("checkbox").last.uncheck()
    review.locator("button[data-ready]").click()
    review.get_by_role("button", name=f"Send {ready - 1}").click()
    expect(review.get_by_role("status")).to_contain_text("Approved")
    review.get_by_role("button", name=f"Stop all {ready - 1}").click()
    expect(review.get_by_role("status")).to_contain_text("Stopped")
    expect(review.locator("button[data-ready]")).to_have_text(f"Send {ready}")


@EITHER_WAY
def test_sending_is_not_confirmed_by_going_back(review: Page) -> None:
    """Whoever reads what would go out and goes back has sent nothing, and finds their words and ticks again."""
    ready = offered(review)
    review.get_by_role("checkbox").last.uncheck()
    review.get_by_role("textbox", name=re.compile("Reply to")).first.fill(OWN_WORDS)
    review.locator("button[data-ready]").click()
    review.get_by_role("button", name="Don't, go back").click()
    expect(review.locator("button[data-ready]")).to_have_text(f"Send {ready - 1}")
    expect(review.get_by_role("textbox", name=re.compile("Reply to")).first).to_have_value(OWN_WORDS)
    expect(review.get_by_role("checkbox").last).not_to_be_checked()
    expect(review.get_by_role("button", name=re.compile("Stop"))).to_have_count(0)


def test_words_for_another_ticket_stay_while_one_is_approved(review: Page) -> None:
    """One reply is approved while another was edited: nothing of that is lost, and nobody is asked."""
    words = review.get_by_role("textbox", name=re.compile("Reply to"))
    name = words.nth(1).get_attribute("id")
    words.nth(1).fill(OWN_WORDS)
    review.get_by_role("button", name=re.compile("^Approve ")).nth(2).click()
    expect(review.get_by_role("status")).to_contain_text("Approved")
    expect(review.locator(f"#{name}")).to_have_value(OWN_WORDS)
    review.get_by_role("button", name=re.compile("^Take .* back$")).click()
    expect(review.get_by_role("status")).to_contain_text("Taken back")
    expect(review.locator(f"#{name}")).to_have_value(OWN_WORDS)


@EITHER_WAY
def test_one_reply_is_approved_and_taken_back(review: Page) -> None:
    """The others wait on."""
    ready = offered(review)
    review.get_by_role("button", name=re.compile("^Approve ")).nth(2).click()
    expect(review.get_by_role("status")).to_contain_text("Approved")
    expect(review.locator("button[data-ready]")).to_have_text(f"Send {ready - 1}")
    review.get_by_role("button", name=re.compile("^Take .* back$")).click()
    expect(review.get_by_role("status")).to_contain_text("Taken back")
    expect(review.locator("button[data-ready]")).to_have_text(f"Send {ready}")


def test_a_reply_is_checked_as_one_types_and_asked_about_before_it_is_approved(review: Page) -> None:
    """What hurts is said below the words, and again by the question; taken back, the words are still there."""
    words = review.get_by_role("textbox", name=re.compile("Reply to")).first
    card = review.locator("section.card").filter(has=review.get_by_role("textbox")).first
    words.fill(HURTS)
    expect(card.locator(".found")).to_contain_text("Error:")
    card.get_by_role("button", name=re.compile("^Approve ")).click()
    expect(review.locator(".found")).to_contain_text("Error:")
    review.get_by_role("button", name=re.compile("^Approve ")).click()
    expect(review.get_by_role("status")).to_contain_text("Approved")
    review.get_by_role("button", name=re.compile("^Take .* back$")).click()
    expect(review.get_by_role("status")).to_contain_text("Taken back")
    expect(words).to_have_value(HURTS)
