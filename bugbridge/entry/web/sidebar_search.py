"""Searching issues beside a ticket: those that are known at once, and a tracker's when that is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from bugbridge.core.errors import ConfigError, RemoteError
from bugbridge.core.sidebar import KnownBug
from bugbridge.core.snapshots import FoundIssue
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.turns import asking_elsewhere
from bugbridge.render.plain import clean

MOST_FOUND = 10
LONGEST_SEARCHED = 200  # characters


@dataclass(frozen=True, slots=True)
class Search:
    """What was looked for and found: among what is known, and in the `tracker` that was asked, "" for none, of which
    `here` are known."""

    text: str = ""
    known: Sequence[KnownBug] = ()
    tracker: str = ""
    found: Sequence[FoundIssue] = ()
    problem: str = ""
    here: frozenset[str] = frozenset()


def searched(web: Web, text: str, tracker: str) -> Search:
    """Look for a text; for none nothing is looked for, and no tracker is asked that isn't named."""
    if not text.strip():
        return Search()
    known = web.app.store.search_bugs(text, MOST_FOUND)
    if tracker not in web.app.settings.trackers:
        return Search(text, known)
    try:
        with asking_elsewhere(web):
            found = web.app.tracker(tracker).search(text, MOST_FOUND)
    except RemoteError as error:
        return Search(text, known, tracker, problem=clean(str(error)))
    except ConfigError:
        return Search(
            text, known, tracker, problem=f"{tracker} can't be asked now: `bugbridge doctor` tells an admin why."
        )
    here = frozenset(one.reference for one in found if web.app.store.find_issue(one.reference) is not None)
    return Search(text, known, tracker, found, here=here)
