"""The daemon: every step at its interval, each beside the others, until it is told to stop.

One process works on a database, the holder of its lease (`holding.py`); others refuse, or with `standby` wait to take
over. A holder that was stopped past its lease (SIGSTOP, a suspended computer) finds out before its next step or note,
since each of them asks for the lease first.

Clocks are set, and computers sleep. How long a lease was seen unchanged, how old its renewal is and when to look around
is told by the steady clock, so nothing waits for an hour to come round again. The scheduler goes by the machine's
clock: at every turn the two are compared, and after a jump backwards each job is moved along with the clock; after one
forwards, or a sleep, what fell due meanwhile runs once.

Signals only leave an order; the loop carries it out: SIGTERM and SIGINT end it once the steps under way are done,
SIGHUP has it read configuration, policy and secrets again, and keep the old ones where the new ones aren't well.
"""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bugbridge.core.errors import BugBridgeError, RemoteError
from bugbridge.core.leases import Claim, Timing
from bugbridge.entry.good_policy import keep_good_policy
from bugbridge.entry.health_server import HealthDoor
from bugbridge.entry.holding import LeaseKeeper
from bugbridge.entry.jobs import all_jobs
from bugbridge.entry.orders import Orders
from bugbridge.entry.schedule import ClockWatch, Schedule
from bugbridge.entry.startup import look_over, refuse, reloaded, warn
from bugbridge.entry.steps import Steps
from bugbridge.entry.systemd import READY, STOPPING, WATCHDOG, reloading, tell_systemd
from bugbridge.processes import shown
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.entry.jobs import Job
    from bugbridge.services.operating import Operation

USUAL = Timing()

log = logging.getLogger("bugbridge.daemon")


class Daemon:
    """Runs one configuration's steps. A step that fails is logged in a sentence and stops no other."""

    def __init__(self, app: "App", *, standby: bool = False, timing: Timing = USUAL) -> None:
        """Keep the app; nothing runs yet. With `standby` it waits for its turn where another daemon works."""
        self._app = app
        self._standby = standby
        self._timing = timing
        self._orders = Orders()
        self._turned = time.monotonic()
        self._trouble = ""
        self._health = HealthDoor(lambda: self._app, self._lives)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish the steps under way.

        Raises ConfigError or DataError with all that the checks found, and RemoteError, naming the holder, where
        another daemon works on this database; with `standby` it waits instead.
        """
        self._orders.listen()
        try:
            self._check()
            self._keeper = LeaseKeeper(self._app.store, self._app.clock, self._timing)
            while self._take_lease() and self._work():
                log.warning("%s Standing by from now on.", self._taken())
        finally:
            tell_systemd(STOPPING)
            self._health.close()
            self._orders.close()

    def stop(self) -> None:
        """Ask it to finish."""
        self._orders.stop()

    def _check(self) -> None:
        """Say all that isn't as it should be, and go by the policy file as it is while that is well."""
        findings = look_over(self._app)
        refuse(findings)
        warn(findings)
        keep_good_policy(self._app)

    def _take_lease(self) -> bool:
        """Take the lease, as a standby once its holder is gone. Says whether we have it: not when told to stop.

        One whose end lies too far ahead was written by another clock: whether its holder lives has to be watched.
        """
        self._health.open()
        is_told = False
        while (claim := self._claim()) is not Claim.TAKE:
            if claim is Claim.LEAVE and not self._standby:
                raise RemoteError(f"{self._taken()} Stop it first, or wait for its turn with --standby.")
            if not is_told:
                log.info("standing by: %s", self._taken())
                tell_systemd(READY)
                is_told = True
            self._turn()
            self._sleep()
            if self._orders.takes_reload():
                self._reload(None, None)
            if self._orders.is_stopping:
                return False
        return True

    def _claim(self) -> Claim:
        """Take the lease if that may be done; a standby outlives a database that can't be used for a while."""
        try:
            claim = self._keeper.take()
        except BugBridgeError as error:
            if not self._standby:
                raise
            self._has_trouble(error)
            return Claim.LEAVE
        self._trouble = ""
        return claim

    def _work(self) -> bool:
        """Run the jobs while the lease is ours. Says whether to stand by again, another daemon having it."""
        self._health.open()  # a standby may have found the port taken by the one before
        schedule = Schedule()
        steps = Steps(lambda: self._app, self._may_go_on, schedule.put_off)
        schedule.start(self._jobs(), steps.take)
        log.info("working as %s; stop with SIGTERM or Ctrl-C", shown(self._keeper.holder))
        tell_systemd(READY)
        try:
            self._hold(schedule, steps)
        finally:
            log.info("stopping once the steps under way are done")
            schedule.stop(self._timing.turn, self._wait_on)
            is_lost = self._keeper.lease is None
            self._keeper.give_back()
        if is_lost and not self._standby and not self._orders.is_stopping:
            raise RemoteError(f"{self._taken()} It took over, since we didn't renew our lease in time.")
        return is_lost and not self._orders.is_stopping

    def _hold(self, schedule: Schedule, steps: Steps) -> None:
        """Turn until told to stop, or until another daemon has the lease."""
        clock = ClockWatch()
        while not self._orders.is_stopping and self._keeper.lease is not None:
            self._sleep()
            if self._orders.takes_reload():
                self._reload(schedule, steps)
            jump = clock.jump()
            schedule.follow_clock(jump)
            self._renew()
            if jump or schedule.turns():
                self._turn()
            else:
                log.error("jobs aren't begun as they fall due: start the daemon again, and please report it")

    def _wait_on(self) -> None:
        """Hold the lease while steps end that take long, and show that we wait for them and don't hang."""
        self._renew()
        self._turn()

    def _renew(self) -> None:
        """Look after the lease; while the database can't be used nothing runs, and nobody else can take it either."""
        try:
            self._keeper.holds()
        except BugBridgeError as error:
            self._has_trouble(error)
        else:
            self._trouble = ""

    def _has_trouble(self, error: BugBridgeError) -> None:
        """Say it once for as long as it lasts."""
        if str(error) != self._trouble:
            log.warning("the lease can't be looked after: %s", clean(str(error)))
        self._trouble = str(error)

    def _may_go_on(self) -> bool:
        """Say whether the next step, or the next note, may be begun. Raises DataError."""
        if self._orders.is_stopping:
            return False
        if self._keeper.holds():
            return True
        self._orders.wake()
        return False

    def _reload(self, schedule: Schedule | None, steps: Steps | None) -> None:
        """Go on with the configuration as it is now; with the old one where that isn't well."""
        tell_systemd(reloading())
        fresh = reloaded(self._app)
        if fresh is not None:
            self._app = fresh
            self._health.open()
            if schedule and steps:
                steps.forget_failures()
                schedule.replace(self._jobs())
        tell_systemd(READY)

    def _jobs(self) -> "Sequence[Job]":
        return list(all_jobs(self._app, lambda: not self._may_go_on()))

    def _sleep(self) -> None:
        """Wait for an order, no longer than one turn."""
        self._orders.wait(self._timing.turn.total_seconds())

    def _turn(self) -> None:
        """Show that the loop goes round."""
        self._turned = time.monotonic()
        tell_systemd(WATCHDOG)

    def _lives(self, _operation: "Operation") -> bool:
        """Whether it is of any use to leave this process running: the loop goes round, and the lease is renewed."""
        lasts = self._timing.lease.total_seconds()
        return time.monotonic() - self._turned < lasts and not self._trouble

    def _taken(self) -> str:
        holder = shown(self._keeper.last_seen) or "somebody"
        return f"Another daemon works on {self._app.settings.database}: {holder} (computer:process)."
