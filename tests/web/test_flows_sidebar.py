"""What agents do in the sidebar, 320 pixels wide, in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.company import Company
from tests.web.window import EITHER_WAY

Beside = Callable[[str], Page]


def told(page: Page, words: str) -> None:
    """Wait until the page says this of what was done last."""
    expect(page.get_by_role("status")).to_contain_text(words)


@EITHER_WAY
def test_a_bug_is_linked_by_pasting_its_address_and_that_is_undone(working_company: Company, beside: Beside) -> None:
    """The page then shows the bug, offers to undo that, and is as before once it is undone."""
    page = beside(working_company.unlinked_ticket())
    issue = next(one for one in working_company.world.issues["acme/app"].values() if one.closed_at is None)
    page.get_by_label("Address or reference of its issue").fill(f"https://github.com/acme/app/issues/{issue.number}")
    page.get_by_role("button", name="Link", exact=True).click()
    told(page, "Linked.")
    expect(page.get_by_text("Open: nobody works on it yet.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    told(page, "Unlinked")
    expect(page.get_by_text("No bug is linked yet")).to_be_visible()


@EITHER_WAY
def test_a_bug_is_found_by_its_words_and_linked(working_company: Company, beside: Beside) -> None:
    """First among what is known here, then in the tracker, whose titles are for the team alone."""
    page = beside(working_company.unlinked_ticket())
    page.get_by_label("Search issues").fill("map view")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("heading", name="Known here")).to_be_visible()
    page.get_by_role("button", name="Search github").click()
    found = page.locator("li", has_text="map view fails with error 500").first
    reference = found.locator("bdi").first.inner_text()
    found.get_by_role("button", name=f"Link, {reference}").click()
    told(page, "Linked.")
    expect(page.get_by_role("heading", name=reference.removeprefix("github:"))).to_be_visible()


@EITHER_WAY
def test_a_pasted_text_that_names_no_issue_is_answered_by_a_sentence(working_company: Company, beside: Beside) -> None:
    """And nothing is linked."""
    page = beside(working_company.unlinked_ticket())
    page.get_by_label("Address or reference of its issue").fill("the one of last week")
    page.get_by_role("button", name="Link", exact=True).click()
    told(page, "the one of last week")
    expect(page.get_by_text("No bug is linked yet")).to_be_visible()


@EITHER_WAY
def test_a_workaround_that_worked_changes_the_decision(working_company: Company, beside: Beside) -> None:
    """At once, on the very page: the policy says something else of a customer who is helped meanwhile."""
    page = beside(working_company.ticket_with_workaround())
    why = page.locator("p", has_text="Why: ")
    before = why.inner_text()
    page.get_by_role("button", name="Worked").click()
    told(page, "Kept: the workaround works for them.")
    expect(page.get_by_text("Works for this customer.")).to_be_visible()
    expect(why).not_to_have_text(before)


def test_what_one_wrote_stays_when_something_is_said(working_company: Company, beside: Beside) -> None:
    """A form of the page loads it anew; the reply that was begun is still there."""
    page = beside(working_company.ticket_with_workaround())
    field = page.locator("textarea").first
    field.fill("Half a sentence")
    page.get_by_role("button", name="Daily").click()
    told(page, "Kept how often they meet it.")
    expect(field).to_have_value("Half a sentence")


def test_the_day_of_the_next_update_stands_for_no_other_day(working_company: Company, beside: Beside) -> None:
    """A better sentence says by when we write again; on which day something failed is for the agent to say."""
    page = beside(working_company.ticket_with_workaround())
    field = page.locator("textarea").first
    field.fill("Sorry for the inconvenience.")
    found = page.locator(".found").first
    expect(found).to_contain_text("I'm sorry that [what failed] on [day].")
    expect(found).to_contain_text("I'll write to you again by 20")


def test_only_words_that_can_be_sent_are_put_in_place(working_company: Company, beside: Beside) -> None:
    """In place of what was found alone; what tells the agent what to write is a text."""
    page = beside(working_company.ticket_with_workaround())
    field = page.locator("textarea").first
    field.fill("We have no timeline. Unfortunately it simply works as designed.")
    expect(page.locator(".found li").first).to_be_visible()
    for one in page.locator(".found button").all_inner_texts():
        assert not set("[]“„") & set(one), one
    field.fill("Thank you for telling us.")
    better = page.get_by_role("button", name="Better: I'll write to you again by 20")
    better.click()
    expect(field).to_have_value(re.compile(r"^Thank you for telling us\.\n\nI'll write to you again by 20"))
