"""The play: five days in ticks of some minutes, in each of which people act first and BugBridge works after them."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from scripts.week.desk import Desk
from scripts.week.habits import habitual
from scripts.week.people import TEAM_ZONE, WEEK
from scripts.week.script import Move, script

TICK = timedelta(minutes=10)
FIRST_TICK, LAST_TICK = time(8), time(19)  # an hour longer than the team works: nothing may be posted in it


def play(desk: Desk) -> None:
    """Have the whole week happen."""
    to_come = list(script())
    for tick in ticks():
        for move in _until(tick, to_come):
            desk.make(move)
        desk.turn_to(tick)
        desk.work()
        to_come = sorted([*to_come, *habitual(desk.world, tick)], key=lambda move: move.at)


def ticks() -> Iterator[datetime]:
    """The instants at which BugBridge works."""
    for day in WEEK:
        tick, last = (datetime.combine(day, wall, TEAM_ZONE) for wall in (FIRST_TICK, LAST_TICK))
        while tick <= last:
            yield tick
            tick += TICK


def _until(tick: datetime, to_come: list[Move]) -> Iterator[Move]:
    """Take out what happens before an instant."""
    while to_come and to_come[0].at < tick:
        yield to_come.pop(0)
