"""Searching issues beside a ticket: those that are known at once, and a tracker's when that is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

from bugbridge.core.sidebar import KnownBug
from bugbridge.entry.web.here import Web

MOST_FOUND = 10


@dataclass(frozen=True, slots=True)
class Search:
    """What was looked for and found."""

    text: str = ""
    known: Sequence[KnownBug] = ()


def searched(web: Web, text: str, _tracker: str) -> Search:
    """Look among what is known; for no text nothing is looked for."""
    return Search(text, web.app.store.search_bugs(text, MOST_FOUND)) if text.strip() else Search()
