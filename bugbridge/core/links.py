"""Which mentions of an issue make a link, and which are suggestions only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import AuthorKind, LinkEventKind, LinkHow, LinkMark

# What found a reference, as it is kept with it, where that was not an ordinary reading.
BACKFILL, IMPORT, UNDATED_IMPORT = "backfill", "import", "import undated"
_MARKS = {BACKFILL: LinkMark.BACKGROUND, IMPORT: LinkMark.BACKGROUND, UNDATED_IMPORT: LinkMark.ASSUMED}


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference to the bug's issue, found in a message or a field at this instant."""

    at: datetime
    how: LinkHow
    mark: LinkMark = LinkMark.NONE


@dataclass(frozen=True, slots=True)
class RecordedReference:
    """A canonical reference by which a ticket was linked elsewhere; `at` is none where nobody wrote down when."""

    reference: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkIntent:
    """What to keep of a link: linked or suggested, since when and through what."""

    kind: LinkEventKind
    how: LinkHow
    at: datetime
    mark: LinkMark = LinkMark.NONE


LINKING = frozenset({LinkHow.NOTE, LinkHow.FIELD, LinkHow.IMPORTED, LinkHow.LINE})


def mark_of(extractor: str) -> LinkMark:
    """Say what a link is marked with that stands on what this extractor found."""
    return _MARKS.get(extractor, LinkMark.NONE)


def mention_how(author_kind: AuthorKind, *, public: bool) -> LinkHow:
    """Say what a reference in a message counts as. Messages by `self` are never read, so they are not asked for."""
    if author_kind is AuthorKind.AGENT:
        return LinkHow.PUBLIC_REPLY if public else LinkHow.NOTE
    return LinkHow.BOT if author_kind is AuthorKind.BOT else LinkHow.CUSTOMER


def decide_link(
    mentions: Sequence[Mention], *, state: str, ended_before_ticket: bool, unlinked_at: datetime | None = None
) -> LinkIntent | None:
    """Decide what a ticket's mentions of one bug mean, given the link's state so far ("" for none).

    An agent's internal note, a field or a link made elsewhere links, unless the bug was released or declined before
    the ticket began; all else suggests. A person's unlink is a tombstone that only a person lifts, so it is left alone,
    as is a link. A `bug:` line is a person's word: it links also a bug that had ended, and after an unlink.
    """
    if not mentions or state == "linked":
        return None
    lines = [mention for mention in mentions if mention.how is LinkHow.LINE]
    by_line = [mention for mention in lines if unlinked_at is None or mention.at > unlinked_at]
    if by_line:
        first = min(by_line, key=lambda mention: mention.at)
        return LinkIntent(LinkEventKind.LINKED, LinkHow.LINE, first.at, first.mark)
    if state == "unlinked":
        return None
    strong = [mention for mention in mentions if mention.how in LINKING]
    if strong and not ended_before_ticket:
        first = min(strong, key=lambda mention: mention.at)
        return LinkIntent(LinkEventKind.LINKED, first.how, first.at, first.mark)
    if state == "suggested":
        return None
    first = min(strong or mentions, key=lambda mention: mention.at)
    return LinkIntent(LinkEventKind.SUGGESTED, LinkHow.BEFORE_TICKET if strong else first.how, first.at)
