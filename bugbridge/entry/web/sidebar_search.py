"""Searching issues beside a ticket: those that are known at once, and a tracker's when that is asked for.

Of those that are known one finds what tickets of one's brands are linked to, as in the list of bugs: by reference,
customers' words and these tickets' subjects. A pass opens one ticket for whoever holds its address: it finds those
too, by reference and customers' words, which are made for customers, but neither by subjects nor with numbers of other
tickets. Titles are internal and a tracker's search has no brands, so no tracker is asked for a pass; a link leads to
the same search in a window where cookies say who asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bugbridge.core.access import Visitor
from bugbridge.core.errors import ConfigError, RemoteError
from bugbridge.core.sidebar import KnownBug
from bugbridge.core.snapshots import FoundIssue
from bugbridge.entry.sentences import counted
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.limits import MOST_FOUND
from bugbridge.entry.web.turns import asking_elsewhere
from bugbridge.render.plain import clean


@dataclass(frozen=True, slots=True)
class Search:
    """What was looked for and found: among what is known, and in the `tracker` that was asked, "" for none. `reported`
    says of those that are known how many tickets in sight report them."""

    text: str = ""
    known: Sequence[KnownBug] = ()
    tracker: str = ""
    found: Sequence[FoundIssue] = ()
    problem: str = ""
    reported: Mapping[str, str] = field(default_factory=dict)


def is_guest(visitor: Visitor) -> bool:
    """Whether somebody is here by a ticket's pass, and may be whoever holds its address."""
    return visitor.via == "ticket"


def searched(web: Web, visitor: Visitor, text: str, tracker: str) -> Search:
    """Look for a text; for none nothing is looked for, and no tracker is asked that isn't named, or for a guest."""
    if not text.strip():
        return Search()
    guest, store = is_guest(visitor), web.app.store
    known = store.search_bugs(replace(visitor, ticket=""), text, MOST_FOUND, by_subject=not guest)
    if guest:
        return Search(text, known)
    found = _found(web, text, known, tracker) if tracker in web.app.settings.trackers else Search(text, known)
    references = [*(one.issue for one in found.known), *(one.reference for one in found.found)]
    counts = store.tickets_reporting(visitor, references)
    return replace(found, reported={reference: _reported(count) for reference, count in counts.items()})


def _reported(tickets: int) -> str:
    said = f"{counted(tickets, 'ticket') if tickets else 'no ticket'} that you can see"
    return f"{said} {'report' if tickets > 1 else 'reports'} it"


def _found(web: Web, text: str, known: Sequence[KnownBug], tracker: str) -> Search:
    try:
        with asking_elsewhere(web):
            found = web.app.tracker(tracker).search(text, MOST_FOUND)
    except RemoteError as error:
        return Search(text, known, tracker, problem=clean(str(error)))
    except ConfigError:
        problem = f"{tracker} can't be asked now: `bugbridge doctor` tells an admin why."
        return Search(text, known, tracker, problem=problem)
    return Search(text, known, tracker, found)
