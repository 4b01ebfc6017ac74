"""The daemon's lease: how it is taken, renewed, and noticed as lost before anything more is done.

The lease is renewed between turns, and looked at before every step and every note. Who looks compares the row with
what was taken (holder and fence), so that a process that was stopped past its lease finds out before it posts. A lease
whose end is near is renewed by that look, which fails where somebody else has it. The instants in the row come from the
machine's clock, which can be set; how old a renewal is, and how long another's lease was seen not to change, is told
by the steady clock, which can't.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from bugbridge.core.leases import Claim, Timing, claim_on
from bugbridge.core.records import Lease
from bugbridge.processes import is_dead, process_name

if TYPE_CHECKING:
    from bugbridge.ports import Clock, Store

LEASE = "daemon"


class LeaseKeeper:
    """Takes and holds the lease for this process; threads may share it."""

    def __init__(
        self,
        store: "Store",
        clock: "Clock",
        timing: Timing,
        steady: Callable[[], float] = time.monotonic,
        holder: str = "",
    ) -> None:
        """Hold nothing yet. `steady` gives seconds by a clock that nobody can set."""
        self._store, self._clock, self._timing, self._steady = store, clock, timing, steady
        self.holder = holder or process_name()
        self._turn = threading.Lock()
        self._lease: Lease | None = None
        self._renewed = 0.0
        self._seen: Lease | None = None
        self._seen_since = 0.0
        self._last_seen = ""

    @property
    def lease(self) -> Lease | None:
        """What we hold, as far as we know."""
        return self._lease

    @property
    def last_seen(self) -> str:
        """Who held it when it was last looked at, "" for nobody."""
        return self._last_seen

    def current(self) -> Lease | None:
        """Give the lease as it stands, whoever holds it."""
        lease = next((lease for lease in self._store.leases() if lease.name == LEASE), None)
        self._last_seen = lease.holder if lease else ""
        return lease

    def take(self) -> Claim:
        """Take the lease if that may be done now. TAKE says that it was; otherwise see `core.leases.claim_on`."""
        current, now = self.current(), self._clock.now()
        watched = self._watched(current)
        died = current is not None and is_dead(current.holder)
        claim = claim_on(current, now, self._timing.lease, watched=watched, holder_died=died)
        if claim is not Claim.TAKE:
            return claim
        taken = self._take_from(current)
        if taken is None:  # somebody was faster
            return Claim.LEAVE
        with self._turn:
            self._lease, self._renewed = taken, self._steady()
        return Claim.TAKE

    def _take_from(self, current: Lease | None) -> Lease | None:
        """Take it as it was seen, so that its fence grows, whoever had it before."""
        now = self._clock.now()
        until = now + self._timing.lease
        if current is not None:
            return self._store.seize_lease(current, self.holder, until)
        return self._store.take_lease(LEASE, self.holder, now=now, until=until)

    def _watched(self, current: Lease | None) -> timedelta:
        """Say for how long the lease was seen as it is; one seen for the first time is watched from now on."""
        now = self._steady()
        if self._seen is None or current != self._seen:
            is_first = self._seen is None
            self._seen, self._seen_since = current, now
            return timedelta(0) if is_first else timedelta(microseconds=1)
        return timedelta(seconds=max(now - self._seen_since, 1e-6))

    def holds(self) -> bool:
        """Say whether we may go on; to be asked before every step and every note, and at every turn.

        Renews the lease where that is time. Once it isn't ours it isn't before it is taken again. Raises DataError.
        """
        with self._turn:
            if self._lease is None:
                return False
            if self._age() >= self._timing.renewal or self._clock.now() >= self._lease.until:
                return self._renew()
            current = self.current()
            if current is None or (current.holder, current.fence) != (self._lease.holder, self._lease.fence):
                self._lease = None
        return self._lease is not None

    def give_back(self) -> None:
        """Make room for the next one, if it is still ours."""
        with self._turn:
            if self._lease is not None:
                self._store.give_back_lease(self._lease)
            self._lease = self._seen = None

    def _renew(self) -> bool:
        if self._lease is None:
            return False
        at = self._steady()
        self._lease = self._store.renew_lease(self._lease, self._clock.now() + self._timing.lease)
        self._renewed = at
        if self._lease is None:
            self.current()
        return self._lease is not None

    def _age(self) -> timedelta:
        return timedelta(seconds=self._steady() - self._renewed)
