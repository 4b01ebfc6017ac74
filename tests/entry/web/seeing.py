"""Looks at pages as somebody else would, and at what they are made of."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest

from bugbridge.core.access import Visitor
from bugbridge.entry.web.doorkeeping import Doorkeeper
from tests.entry.scene import BUG
from tests.entry.web.browsing import Page

BUG_PAGE, BUG_API = f"/bugs/{BUG}", f"/api/v1/bugs/{BUG}"
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} javascript:alert(2) \u202egnp.exe \" ' onload=x"


@contextmanager
def visited_by(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else looks."""
    with monkeypatch.context() as patch:
        patch.setattr(Doorkeeper, "visitor", lambda _self, _request: visitor)
        yield


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Give the attributes of all of a kind."""
        return [attributes for name, attributes in self.found if name == tag]
