"""What the web's board needs to know, a page at a time and as far as a visitor may see it.

`after` is the place behind which a page begins, as `core.places` reads it.
"""

from datetime import datetime
from typing import Protocol

from bugbridge.core.access import Visitor
from bugbridge.core.board import BoardQuestion, BoardRound, BoardUpdate, Counted, DueWanted
from bugbridge.core.board_links import BoardIssue, BoardLink, WordlessBug
from bugbridge.core.listings import Slice
from bugbridge.core.places import Place
from bugbridge.core.records import LinkKey


class BoardStore(Protocol):
    """The board's lists."""

    def board_updates(self, visitor: Visitor, wanted: DueWanted, after: Place, limit: int) -> tuple[BoardUpdate, ...]:
        """Give open updates behind a place, an instant's text and an id, by when they are due. Of what is overdue it
        gives what may be: the calendar decides."""
        ...

    def count_updates(self, visitor: Visitor, wanted: DueWanted) -> Counted:
        """Count them, up to a thousand."""
        ...

    def brands_in_sight(self, visitor: Visitor, helpdesk: str, brand: str, limit: int) -> tuple[str, ...]:
        """Give this brand alone where a ticket in sight has it, on a helpdesk or on any for ""; else those that some
        have, in order."""
        ...

    def board_rounds(self, visitor: Visitor, after: Place) -> Slice[BoardRound]:
        """Give news that waits for its review, by bug, behind a bug and a reason."""
        ...

    def count_rounds(self, visitor: Visitor) -> Counted:
        """Count them, up to a thousand."""
        ...

    def board_questions(self, visitor: Visitor, after: Place) -> Slice[BoardQuestion]:
        """Give the lead's questions about bugs that haven't ended, each once, by bug, behind a bug and a rule."""
        ...

    def count_questions(self, visitor: Visitor) -> Counted:
        """Count them, up to a thousand."""
        ...

    def board_promised_links(self, visitor: Visitor, begin: LinkKey, limit: int) -> tuple[LinkKey, ...]:
        """Give links that stand on tickets on which anything was ever promised, from this one on to earlier tickets."""
        ...

    def board_suggestions(self, visitor: Visitor, after: Place) -> Slice[BoardLink]:
        """Give suggestions that wait, the latest tickets first, behind a ticket and a bug."""
        ...

    def board_unlinked(self, visitor: Visitor, since: datetime, after: Place) -> Slice[BoardLink]:
        """Give links that were taken away since then, the last first, behind an instant's text and a seq."""
        ...

    def board_gone_issues(self, visitor: Visitor, after: Place) -> Slice[BoardIssue]:
        """Give issues that can't be read any more and that tickets in sight are linked to, behind an issue."""
        ...

    def board_wordless(self, visitor: Visitor, after: Place) -> Slice[WordlessBug]:
        """Give bugs that haven't ended, that tickets in sight are linked to and that have no customers' words, behind a
        bug."""
        ...
