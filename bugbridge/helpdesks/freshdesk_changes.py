"""One reading of Freshdesk's lists of changed tickets, without gaps.

A list goes to page 300 and no further, knows whole seconds, and whatever changes while it is read moves the rest up by
one place. So no reading goes on to a next page where it can begin again from the second that it reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from bugbridge.core.errors import RemoteError
from bugbridge.helpdesks.freshdesk_api import DELETED, LAST_PAGE, PAGE_SIZE, PRESENT, SPAM, WHOLE, FreshdeskApi
from bugbridge.helpdesks.freshdesk_payloads import Ticket

A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """A changed ticket, and in which list it stood."""

    ticket: Ticket
    which: str

    @property
    def place(self) -> tuple[datetime, int]:
        """By which changes follow one another."""
        return self.ticket.updated_at, self.ticket.id


@dataclass(frozen=True, slots=True)
class _Window:
    """Tickets from a second on; all of them before `reaches`, which is none where nothing comes after."""

    rows: tuple[Listed, ...]
    reaches: datetime | None


class Changes:
    """The tickets that were changed in a second or later: those that are there, deleted ones and spam, oldest first."""

    def __init__(self, api: FreshdeskApi, since: datetime) -> None:
        """Nothing is asked yet; Freshdesk gives each of the three lists by itself."""
        self._api = api
        self._since = since
        self._asked_at: dict[str, datetime] = {}

    def __iter__(self) -> Iterator[Listed]:
        """Read all three lists side by side."""
        return merge(*map(self._list, (PRESENT, DELETED, SPAM)), key=lambda listed: listed.place)

    @property
    def seen_until(self) -> datetime:
        """Since when, by Freshdesk's clock, a change may stand in a list that was read before: these come next time."""
        return min(self._asked_at.values())

    def _list(self, which: str) -> Iterator[Listed]:
        second = self._since
        while True:
            window = self._window(which, second)
            end = window.reaches
            yield from (one for one in window.rows if second <= one.place[0] and (end is None or one.place[0] < end))
            if end is None:
                return
            second = end

    def _window(self, which: str, second: datetime) -> _Window:
        """Read on until a later second is reached.

        Where more than a page shares one second, pages are counted: then again and again until nothing new is found,
        because a ticket that leaves a page pulls another over its border. The second before is asked for too: whether
        `updated_since` is from an instant on or after it isn't documented.
        """
        known: dict[int, Listed] = {}
        while True:
            before = len(known)
            for page in range(1, LAST_PAGE + 1):
                listed = self._api.list_changed(which, second - A_SECOND, page)
                if page == 1 and not known:
                    self._asked_at[which] = listed.asked_at
                known |= {ticket.id: Listed(ticket, which) for ticket in listed.rows}
                reaches = listed.rows[-1].updated_at if listed.rows and listed.more else None
                if reaches is None or reaches > second:
                    break
            else:
                raise RemoteError(self._crowded(second), permanent=True)
            if page == 1 or len(known) == before:
                return _Window(tuple(sorted(known.values(), key=lambda one: one.place)), reaches)

    def _crowded(self, second: datetime) -> str:
        return (
            f"More than {LAST_PAGE * PAGE_SIZE:,} tickets of {self._api.name} were changed in the second "
            f"{second:{WHOLE}}, and Freshdesk shows no more than that of them: have some changed again, by a tag for "
            "instance."
        )
