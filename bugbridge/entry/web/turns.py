"""Turns at what only so many may do at a time: where none is free one is told to come back, and nobody waits."""

from collections.abc import Iterator
from contextlib import contextmanager

from bugbridge.entry.web.answers import Turn
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import UNAVAILABLE

CHECKED_SOON = "Too many replies are being checked: ask again in a second."
CHECKED_SECONDS = 1
ASKED_SOON = "Helpdesks and trackers are being asked too much at a time: try again in ten seconds."
ASKED_SECONDS = 10


@contextmanager
def checking(web: Web) -> Iterator[None]:
    """Check a reply meanwhile. Raises Refused where no turn is free."""
    with _taken(web.checks, CHECKED_SOON, CHECKED_SECONDS):
        yield


@contextmanager
def asking_elsewhere(web: Web) -> Iterator[None]:
    """Ask a helpdesk or a tracker meanwhile, which may be slow: hooks, health and pages don't wait for the threads that
    wait for it. Raises Refused where no turn is free."""
    with _taken(web.remote, ASKED_SOON, ASKED_SECONDS):
        yield


@contextmanager
def _taken(turn: Turn, sentence: str, seconds: int) -> Iterator[None]:
    if not turn.acquire(blocking=False):
        raise Refused(UNAVAILABLE, sentence, {"Retry-After": str(seconds)})
    try:
        yield
    finally:
        turn.release()
