"""How often somebody may fail to prove who they are: as they sign in, or by a token that goes with each request."""

import threading
from collections import deque
from datetime import datetime

from fastapi import Request

from bugbridge.entry.web.limits import MOST_TRIES, TRIES_WITHIN
from bugbridge.ports import Clock


def address_key(request: Request) -> str:
    """Give what tries are counted by: where they come from."""
    return f"address {request.client.host if request.client else ''}"


class SignInLimits:
    """Failed tries of the last minutes, by whatever they are counted by; kept in memory alone."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self._failed: dict[str, deque[datetime]] = {}
        self._turn = threading.Lock()

    def is_reached(self, *keys: str) -> bool:
        """Whether one of these failed so often that nothing is tried for it now."""
        with self._turn:
            self._forget(self._clock.now())
            return any(len(self._failed.get(key, ())) >= MOST_TRIES for key in keys)

    def failed(self, *keys: str) -> None:
        """Count a failed try for each of these."""
        with self._turn:
            now = self._clock.now()
            self._forget(now)
            for key in keys:
                self._failed.setdefault(key, deque(maxlen=MOST_TRIES)).append(now)

    def _forget(self, now: datetime) -> None:
        """Drop what is too old, so that nobody can fill the memory for long."""
        for key, tries in tuple(self._failed.items()):
            while tries and tries[0] <= now - TRIES_WITHIN:
                tries.popleft()
            if not tries:
                del self._failed[key]
