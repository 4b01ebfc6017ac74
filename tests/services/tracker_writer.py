"""A tracker to write to, in memory: it shows what was written, and loses answers when it is told so."""

from datetime import datetime, timedelta

from bugbridge.core.errors import BugBridgeError, NotFoundError
from bugbridge.core.write_back import OwnComment, SeenIssue, TicketLink
from bugbridge.ports import Clock

TIMEOUT = timedelta(seconds=30)


class MemoryWriter:
    """Keeps comments by reference. Every call is kept as text, so that a test can search all that ever left."""

    def __init__(self, name: str, clock: Clock, *, links: bool = False) -> None:
        """Begin empty, with private projects."""
        self.name = name
        self.timeout = TIMEOUT
        self.takes_ticket_links = links
        self.public = False
        self.labels: dict[str, tuple[str, ...]] = {}
        self.comments: dict[str, list[tuple[str, str, str, datetime]]] = {}
        self.links: dict[str, TicketLink] = {}
        self.calls: list[tuple[str, ...]] = []
        self._clock = clock
        self._before: BugBridgeError | None = None
        self._after: BugBridgeError | None = None

    def fail(self, *, before: BugBridgeError | None = None, after: BugBridgeError | None = None) -> None:
        """Fail every write from now on, before or after it is carried out."""
        self._before, self._after = before, after

    def texts(self, reference: str) -> list[str]:
        """The comments that stand on an issue."""
        return [text for _, _, text, _ in self.comments.get(reference, [])]

    def writes(self) -> list[str]:
        """The names of the writes so far."""
        return [call[0] for call in self.calls if call[0] not in ("is_public", "look", "find_comment")]

    def is_public(self, reference: str) -> bool:
        self.calls.append(("is_public", reference))
        return self.public

    def look(self, reference: str) -> SeenIssue:
        self.calls.append(("look", reference))
        return SeenIssue(reference, self.labels.get(reference, ()), f"id of {reference}")

    def find_comment(self, reference: str, marker: str) -> OwnComment | None:
        self.calls.append(("find_comment", reference, marker))
        found = [comment for comment in self.comments.get(reference, []) if comment[1] == marker]
        return OwnComment(found[0][0], found[0][2], found[0][3]) if found else None

    def add_comment(self, reference: str, text: str, marker: str) -> str:
        self._begin("add_comment", reference, text, marker)
        standing = self.comments.setdefault(reference, [])
        standing.append((str(len(standing) + 1), marker, text, self._clock.now()))
        self._end()
        return standing[-1][0]

    def edit_comment(self, reference: str, comment_id: str, text: str, marker: str) -> None:
        self._begin("edit_comment", reference, comment_id, text, marker)
        standing = self.comments.get(reference, [])
        if comment_id not in [comment[0] for comment in standing]:
            raise NotFoundError(f"{self.name} has no comment {comment_id}.")
        edited = (comment_id, marker, text, self._clock.now())
        self.comments[reference] = [edited if comment[0] == comment_id else comment for comment in standing]
        self._end()

    def add_label(self, reference: str, label: str) -> None:
        self._begin("add_label", reference, label)
        self.labels[reference] = (*self.labels.get(reference, ()), label)
        self._end()

    def link_ticket(self, reference: str, link: TicketLink) -> None:
        self._begin("link_ticket", reference, link.global_id, link.url, link.title, str(link.resolved))
        self.links[link.title] = link
        self._end()

    def unlink_ticket(self, reference: str, global_id: str) -> None:
        self._begin("unlink_ticket", reference, global_id)
        self.links = {title: link for title, link in self.links.items() if link.global_id != global_id}
        self._end()

    def _begin(self, *call: str) -> None:
        self.calls.append(call)
        if self._before:
            raise self._before

    def _end(self) -> None:
        if self._after:
            raise self._after
