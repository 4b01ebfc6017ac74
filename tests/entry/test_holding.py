"""The lease of the daemon: one holder, who finds out in time; a standby that takes over, whatever clocks do."""

import os
import subprocess
import sys
from datetime import timedelta

from bugbridge.core.leases import Claim, Timing
from bugbridge.core.records import Lease
from bugbridge.entry.holding import LEASE, LeaseKeeper
from bugbridge.processes import process_name
from bugbridge.store.sqlite import open_store
from tests.entry.scene import START

HOUR = timedelta(hours=1)
TIMING = Timing()


class Clocks:
    """The machine's clock, which can be set, and the steady one, which can't."""

    def __init__(self) -> None:
        """Begin at the start."""
        self.at, self.seconds = START, 1000.0

    def now(self) -> object:
        """Give the machine's."""
        return self.at

    def steady(self) -> float:
        """Give the steady one's."""
        return self.seconds

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds

    def is_set(self, by: timedelta) -> None:
        """Somebody sets the machine's."""
        self.at += by


class Pair:
    """Two daemons on two computers, one database and one pair of clocks."""

    def __init__(self) -> None:
        """The first one works."""
        self.clocks, self.store = Clocks(), open_store(":memory:")
        self.first, self.second = self.keeper("first:1"), self.keeper("second:1")
        assert self.first.take() is Claim.TAKE

    def keeper(self, holder: str) -> LeaseKeeper:
        """Give a daemon's."""
        return LeaseKeeper(self.store, self.clocks, TIMING, self.clocks.steady, holder)  # type: ignore[arg-type]

    def holder(self) -> str:
        """Who works."""
        (lease,) = (lease for lease in self.store.leases() if lease.name == LEASE)
        return lease.holder

    def goes_on(self, seconds: int, *, first_works: bool = True) -> list[Claim]:
        """Let time pass in turns of five seconds, the second standing by; gives what it could do each time."""
        claims = []
        for _ in range(seconds // 5):
            self.clocks.passes(5)
            if first_works:
                assert self.first.holds()
            claims.append(self.second.take())
        return claims


def test_a_standby_waits_while_the_holder_renews() -> None:
    """For as long as it likes."""
    assert set(Pair().goes_on(600)) == {Claim.LEAVE}


def test_a_holder_that_stopped_is_replaced_and_finds_out_before_it_does_anything() -> None:
    """Paused past its lease and resumed, its first question is answered no, and stays so."""
    pair = Pair()
    assert pair.goes_on(65, first_works=False)[-1] is Claim.TAKE
    assert (pair.first.holds(), pair.first.holds(), pair.second.holds()) == (False, False, True)
    pair.first.give_back()
    assert pair.holder() == "second:1"


def test_a_holder_that_nobody_replaced_goes_on() -> None:
    """Paused past its lease with no standby around, it renews what is still its own, before it does anything."""
    pair = Pair()
    pair.clocks.passes(3600)
    assert pair.first.holds()
    assert pair.second.take() is Claim.LEAVE


def test_a_lease_given_back_is_taken_at_once() -> None:
    """A holder that ended in order makes room."""
    pair = Pair()
    pair.second.take()
    pair.first.give_back()
    assert pair.second.take() is Claim.TAKE
    assert not pair.first.holds()


def test_a_clock_set_forward_or_back_changes_no_holder() -> None:
    """A standby that has seen the holder renew goes by that, and not by the clock."""
    for jump in (HOUR, -HOUR):
        pair = Pair()
        pair.goes_on(30)
        pair.clocks.is_set(jump)
        assert Claim.TAKE not in [pair.second.take(), *pair.goes_on(300)]
        assert pair.holder() == "first:1"


def test_a_clock_set_back_doesnt_keep_a_dead_holders_lease_for_an_hour() -> None:
    """Its end lies an hour ahead; a minute of silence is enough."""
    pair = Pair()
    pair.clocks.is_set(-HOUR)
    claims = [pair.second.take(), *pair.goes_on(60, first_works=False)]
    assert (set(claims[:-1]), claims[-1]) == ({Claim.WATCH}, Claim.TAKE)


def test_a_new_daemon_after_a_clock_set_back_takes_nothing_from_one_that_works() -> None:
    """What was watched as from another clock is renewed within seconds, and then left alone."""
    pair = Pair()
    pair.clocks.is_set(-HOUR)
    assert pair.second.take() is Claim.WATCH
    assert set(pair.goes_on(30)[5:]) == {Claim.LEAVE}


def test_a_killed_holder_of_this_computer_is_replaced_at_once() -> None:
    """Its process is gone."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    pair = Pair()
    pair.first.give_back()
    killed = pair.keeper(process_name().replace(f":{os.getpid()}/", f":{gone.pid}/"))
    assert killed.take() is Claim.TAKE
    assert pair.second.take() is Claim.TAKE


def test_a_lease_under_ones_own_name_is_anothers() -> None:
    """Only what one took oneself is one's own: a twin waits, and when it takes over, the first one finds out."""
    pair = Pair()
    pair.second = pair.keeper("first:1")
    assert set(pair.goes_on(30)) == {Claim.LEAVE}
    assert Claim.TAKE in pair.goes_on(65, first_works=False)
    assert (pair.first.holds(), pair.second.holds()) == (False, True)


def test_one_that_lost_its_lease_can_stand_by_and_take_it_again() -> None:
    """As any other standby."""
    pair = Pair()
    pair.goes_on(65, first_works=False)
    assert not pair.first.holds()
    assert pair.first.take() is Claim.LEAVE
    pair.second.give_back()
    assert (pair.first.take(), pair.first.holds()) == (Claim.TAKE, True)


def test_of_two_standbys_one_takes_over() -> None:
    """The lease is seized as it was seen, so the slower one sees another."""
    pair = Pair()
    third = pair.keeper("third:1")
    third.take()
    pair.goes_on(55, first_works=False)
    pair.clocks.passes(6)
    assert (third.take(), pair.second.take(), pair.holder()) == (Claim.TAKE, Claim.LEAVE, "third:1")


def test_the_fence_tells_holders_apart() -> None:
    """It grows with each take-over, so that what an old one still writes can be refused."""
    pair = Pair()
    pair.goes_on(65, first_works=False)
    lease = pair.second.lease
    assert isinstance(lease, Lease)
    assert (lease.holder, lease.fence) == ("second:1", 2)
