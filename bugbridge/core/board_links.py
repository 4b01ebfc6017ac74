"""What the board shows of links and of what is wrong with them. Instants are aware, in UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bugbridge.core.model import Gone, LinkHow


class LinkShow(StrEnum):
    """Which links: suggestions, those to issues that can't be read, to bugs without words, and those taken away."""

    SUGGESTED = "suggested"
    ISSUES = "issues"
    WORDS = "words"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class BoardLink:
    """A suggestion, or a link that was taken away: how that came about, and when."""

    ticket_id: int
    bug_id: int
    ticket: str
    bug: str
    how: LinkHow
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class BoardIssue:
    """An issue that can't be read any more, why and since when; `tickets` are those in sight that are linked to it."""

    id: int
    reference: str
    gone: Gone
    since: datetime
    tickets: int


@dataclass(frozen=True, slots=True)
class WordlessBug:
    """A bug for which nobody has said yet how customers call it; `tickets` are those in sight that are linked to it."""

    id: int
    bug: str
    tickets: int
