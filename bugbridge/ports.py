"""What the services need from the edge. One contract suite per port runs over every implementation."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bugbridge.core.records import IssueRow, Note
from bugbridge.core.snapshots import (
    Check,
    FoundIssue,
    HistoryCost,
    IssuePage,
    IssueSnapshot,
    MissingIssue,
    PostedReply,
    RecordedLink,
    RemoteMessage,
    RemoteTicket,
    TicketPage,
)
from bugbridge.core.write_back import OwnComment, SeenIssue, TicketLink
from bugbridge.store_port import Store

__all__ = ["Clock", "Guarantee", "Helpdesk", "KeptIssues", "Notifier", "Renderer", "Store", "Tracker", "TrackerWriter"]


# The issues of a project that are kept and were read before, under any name they ever had there.
KeptIssues = Callable[[str], Sequence[IssueRow]]


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        ...


class Guarantee(StrEnum):
    """How a helpdesk lets us post once: by conditional writes, or only by looking a marker up afterwards."""

    CONDITIONAL = "conditional"
    LOOKUP = "lookup"


class Helpdesk(Protocol):
    """A vendor of tickets.

    Every method raises RemoteError (NotFoundError for what isn't there or isn't visible) with one sentence that
    names the helpdesk, and the right that is missing where one is; every call has a timeout; no write is ever repeated
    by the client, and none changes a ticket's status.
    """

    @property
    def name(self) -> str:
        """The name in the config, the first half of a ticket's reference."""
        ...

    @property
    def guarantee(self) -> Guarantee:
        """What add_note and add_reply can hold to."""
        ...

    @property
    def replies_as_assignee(self) -> bool:
        """Whether a reply can be written under the name of the ticket's assignee; else it bears our own user's."""
        ...

    @property
    def takes_tags(self) -> bool:
        """Whether a ticket can carry tags."""
        ...

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take; a look-up is safe two of these after the lease ran out."""
        ...

    def cursor_at(self, instant: datetime) -> str:
        """Give the cursor for what changed from an instant on; nothing is asked for that."""
        ...

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor ("" for all history), oldest change first, without gaps at page
        borders; deleted ones come with `gone`, merged ones with their survivor, where the helpdesk shows them at all.
        A ticket may come again."""
        ...

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count what reading every ticket changed from an instant on, each with its messages, would take."""
        ...

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh."""
        ...

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, oldest first. Our own have the author kind `self`."""
        ...

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note that carries the marker, and return its id.

        Raises ConflictError if the ticket isn't in `ticket.version` any more (where not conditional, as far as can be
        seen just before), UnknownOutcomeError if the request was sent and no usable answer came, and RemoteError if
        nothing was written.
        """
        ...

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Add a public reply that carries the marker, under the assignee's name where that can be done; on a ticket
        that takes no more messages, as a follow-up ticket of the same requester. Raises as add_note does."""
        ...

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the id of our own note or reply with this marker on the ticket, or "" where there is none."""
        ...

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Have the ticket carry a tag, or carry it no more, and leave its other tags as they are. May be repeated."""
        ...

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give the links to issues that the helpdesk keeps in lists of their own; what stands on the tickets
        themselves comes with those, as `reference_fields`."""
        ...

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        ...

    def check(self) -> tuple[Check, ...]:
        """Try sign-in and each permission with harmless reads; problems are lines, not exceptions."""
        ...


class Tracker(Protocol):
    """A vendor of issues; errors as for Helpdesk."""

    @property
    def name(self) -> str:
        """The name in the config, the first part of an issue's reference."""
        ...

    def projects_released(self, projects: Collection[str], cursor: str) -> tuple[frozenset[str], str]:
        """Say which of these projects may have had a release since the cursor ("" for never asked: all of them).

        A release changes no issue, so the fixed ones of those projects are to be read again. One cheap, where possible
        conditional request a project; gives the cursor to keep once they were.
        """
        ...

    def changed_since(self, cursor: str, kept: KeptIssues | None = None, /) -> Iterator[IssuePage]:
        """Give references of issues changed since the cursor, oldest change first. For "" one empty page with the
        cursor to begin at: issues are read one by one when they are first linked.

        Where listing what changed would cost more than reading all that is `kept` of a project, those are given
        instead, with the cursor at the newest change."""
        ...

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Read these issues afresh with their histories, in any order; every reference is answered once."""
        ...

    def search(self, text: str, limit: int) -> tuple[FoundIssue, ...]:
        """Find issues of the configured projects by words that they hold, at most so many; none for no words.

        What looks like the vendor's query language is words too."""
        ...

    def web_url(self, reference: str) -> str:
        """Give the address of an issue for people."""
        ...

    def check(self, kept: KeptIssues | None = None, /) -> tuple[Check, ...]:
        """Try sign-in and each permission with harmless reads; problems are lines, not exceptions. Where the way
        of reading a project depends on how much of it is `kept`, show the counts."""
        ...


class TrackerWriter(Protocol):
    """Writes back to a tracker's issues; errors as for Helpdesk, and no write is ever repeated by the client."""

    @property
    def name(self) -> str:
        """The name in the config, the first part of an issue's reference."""
        ...

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        ...

    @property
    def takes_ticket_links(self) -> bool:
        """Whether an issue can carry links to tickets."""
        ...

    def is_public(self, reference: str) -> bool:
        """Tell whether anybody may read the issue's project."""
        ...

    def look(self, reference: str) -> SeenIssue:
        """Read what an issue is called now and its labels; what follows takes the reference that this one gave."""
        ...

    def find_comment(self, reference: str, marker: str) -> OwnComment | None:
        """Give our own comment with this marker, or None where there is none."""
        ...

    def add_comment(self, reference: str, text: str, marker: str) -> str:
        """Add a comment that carries the marker, and give its id. Raises UnknownOutcomeError as add_note does."""
        ...

    def edit_comment(self, reference: str, comment_id: str, text: str, marker: str) -> None:
        """Replace our comment's text. Raises NotFoundError where it is gone."""
        ...

    def add_label(self, reference: str, label: str) -> None:
        """Add a label; one that is there already stays as it is."""
        ...

    def link_ticket(self, reference: str, link: TicketLink) -> None:
        """Add the link, or replace the one with the same `global_id`."""
        ...

    def unlink_ticket(self, reference: str, global_id: str) -> None:
        """Take a link of ours away; one that isn't there is no error."""
        ...


class Notifier(Protocol):
    """Brings short messages to a person or a channel outside the house; errors as for Helpdesk, and no sentence ever
    holds the address, which is a secret."""

    @property
    def name(self) -> str:
        """The name in the config."""
        ...

    def send(self, title: str, body: str) -> None:
        """Send a message as plain text, within a timeout. Raises RemoteError where it wasn't taken, or where no answer
        came in time: then it may have been sent."""
        ...


class Renderer(Protocol):
    """Turns message ids with parameters into text in the reader's language."""

    def speaks(self, note_id: str, language: str) -> bool:
        """Tell whether there are words for a message id in this very language, or in the one that it is a kind of."""
        ...

    def text(self, note: Note, language: str) -> str:
        """Render as plain text; a language without words for it has the team's, else English."""
        ...

    def language_of(self, note: Note, language: str) -> str:
        """Give the language that `text` would render in."""
        ...
