"""What somebody wrote into a round's file, checked as it is read: what hurts is said, and may go out all the same."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bugbridge.core.round_view import RoundRow
from bugbridge.core.wording_model import Level
from bugbridge.entry.checking import reply_checker
from bugbridge.entry.round_words import said_of_wording
from bugbridge.services.reply_checking import about_link

if TYPE_CHECKING:
    from bugbridge.app import App


def wording_warnings(app: "App", approved: Sequence[tuple[RoundRow, str]]) -> Iterator[tuple[RoundRow, str]]:
    """Give each error of wording in texts that aren't their drafts any more. Raises ConfigError for wrong rules."""
    for row, text in approved:
        if not row.is_own(text):
            continue
        for finding in reply_checker(app).check(text, about_link(app.sender, row.key)).findings:
            if finding.level is Level.ERROR:
                yield row, said_of_wording(finding)
