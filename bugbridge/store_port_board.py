"""What the web's board needs to know, a page at a time and as far as a visitor may see it."""

from datetime import datetime
from typing import Protocol

from bugbridge.core.access import Visitor
from bugbridge.core.board import BoardUpdate
from bugbridge.core.listings import Slice


class BoardStore(Protocol):
    """The board's lists."""

    def board_updates(self, visitor: Visitor, until: datetime, after: str) -> Slice[BoardUpdate]:
        """Give open updates due by then, the earliest first; `after` is the `next` of the page before, or ""."""
        ...
