"""Which pages other sites may show in a frame of theirs."""

from collections.abc import Callable

import pytest

from bugbridge.entry.web.paths import sidebar_path
from tests.web.company import Company
from tests.web.pages import ADMIN, PAGES, SIDEBAR, Shown
from tests.web.window import Window
from tests.web.zendesk_app import open_app

ELSEWHERE = "https://elsewhere.example"
ALONE = [one for one in PAGES if one.route != SIDEBAR]


def framed(view: Window, origin: str, url: str) -> bool:
    """Whether a page of this origin shows an address in a frame of its own."""
    frame = f"<!doctype html><title>Frame</title><iframe title=frame src='{url}'></iframe>"
    view.context.route(f"{origin}/**", lambda route: route.fulfill(body=frame, content_type="text/html"))
    view.page.goto(f"{origin}/framing")
    element = view.page.wait_for_selector("iframe")
    content = element.content_frame() if element else None
    assert content is not None
    content.wait_for_load_state()
    return content.url == url


@pytest.mark.parametrize("shown", ALONE, ids=[one.name for one in ALONE])
def test_pages_are_framed_by_nobody(company: Company, window: Callable[..., Window], shown: Shown) -> None:
    """Not even by the helpdesk: nobody can be led to press something that they don't see."""
    view = window()
    view.context.set_extra_http_headers({"Authorization": f"Bearer {company.tokens[ADMIN]}"})
    for origin in (company.helpdesk_url, ELSEWHERE):
        assert not framed(view, origin, company.url(shown.path(company)))


def test_a_sidebar_is_framed_by_its_helpdesk_alone(company: Company, window: Callable[..., Window]) -> None:
    """By its pass, as no cookie of ours goes along into a frame; another site's frame stays empty.

    It also shows that the test above would see a page in a frame.
    """
    view = window()
    address = company.url(f"{sidebar_path(company.hostile)}?pass={company.ticket_pass(company.hostile)}")
    assert framed(view, company.helpdesk_url, address)
    assert view.wrong == []
    assert not framed(view, ELSEWHERE, address)


def test_an_app_opens_in_its_helpdesk_alone(company: Company, window: Callable[..., Window]) -> None:
    """In a page elsewhere the very same token shows nothing."""
    app = open_app(window(), company, company.hostile, company.agent)
    app.frame_locator("#sidebar").get_by_role("heading", level=1).wait_for()
    view = window()
    elsewhere = open_app(view, company, company.hostile, company.agent, ELSEWHERE)
    view.page.wait_for_function("() => { try { return !frames[0].document; } catch { return true; } }")
    assert elsewhere.locator("#sidebar").count() == 0
