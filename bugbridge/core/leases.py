"""Who may work on a database: when a lease may be taken from its holder, and when it is still good.

Clocks can be set, so the instant at which a lease ends is only believed at first sight, and only where a holder could
have written it: one that ends further ahead than a lease lasts was written before the clock was set back. Whoever has
watched a lease goes by what they saw: a holder that works renews it, one that doesn't renew it for as long as a lease
lasts is gone, whatever the clock says meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bugbridge.core.records import Lease


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a lease lasts, how often it is renewed, and how often the daemon looks around."""

    lease: timedelta = timedelta(seconds=60)
    renewal: timedelta = timedelta(seconds=20)
    turn: timedelta = timedelta(seconds=5)


class Claim(StrEnum):
    """What one may do about a lease: take it, watch whether its holder still renews it, or leave it alone."""

    TAKE = "take"
    WATCH = "watch"
    LEAVE = "leave"


def claim_on(lease: Lease | None, now: datetime, lasts: timedelta, *, watched: timedelta, holder_died: bool) -> Claim:
    """Judge a lease that somebody else may hold. `watched` is for how long it was seen not to change, by a clock that
    nobody can set; zero at first sight."""
    if lease is None or not lease.holder or holder_died or watched >= lasts:
        return Claim.TAKE
    if lease.until > now + lasts:
        return Claim.WATCH
    return Claim.TAKE if lease.until <= now and not watched else Claim.LEAVE


def is_held(lease: Lease | None, now: datetime) -> bool:
    """Say whether somebody works, as far as the lease tells."""
    return lease is not None and bool(lease.holder) and lease.until > now


def clock_jump(wall: float, steady: float) -> timedelta:
    """Say by how much the clock was set, given the seconds that passed by it and by one that nobody can set.

    Zero below two seconds: clocks are corrected in small steps all the time.
    """
    jump = wall - steady
    return timedelta(seconds=round(jump)) if abs(jump) >= 2 else timedelta(0)


def moved_with_the_clock(at: datetime, jump: timedelta, now: datetime) -> datetime:
    """Give when something is to run that was to run at an instant before the clock was set, by as much.

    After a clock set back, what lay a minute ahead lies an hour and a minute ahead: it is moved along. After one set
    forward, or after a sleep, what has fallen due meanwhile is due.
    """
    return at if jump >= timedelta(0) else max(at + jump, now)
