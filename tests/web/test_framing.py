"""Which pages other sites may show in a frame of theirs."""

from collections.abc import Callable

import pytest

from tests.web.company import Company
from tests.web.pages import ADMIN, PAGES, SIDEBAR, Shown
from tests.web.window import Window

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


def test_a_page_in_a_frame_would_be_seen(window: Callable[..., Window]) -> None:
    """Else the test above would say nothing."""
    view = window()
    view.context.route(
        "http://127.0.0.1:9/plain", lambda route: route.fulfill(body="<p>plain", content_type="text/html")
    )
    assert framed(view, ELSEWHERE.replace("https", "http"), "http://127.0.0.1:9/plain")
