"""What a planning pass costs: links that nobody touched and whose decision still holds are neither read nor decided."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import LinkEventKind
from bugbridge.core.records import BugHistory, LinkHistory, LinkKey, Moment
from bugbridge.services.planning import PlanningResult, plan
from bugbridge.store.sqlite import SqliteStore
from tests.services.scene import POLICY, SettableClock
from tests.store.scene import Scene, day

FEW, MANY = 10, 1_000
LINKS_PER_BUG = 4
BEGINS = 100.0
AN_HOUR = 1 / 24


class WatchedStore(SqliteStore):
    """A store that tells which links were read, and how many statements SQLite ran."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.read = Counter[LinkKey]()
        self.statements: list[str] = []
        self._connection().set_trace_callback(self.statements.append)

    def link_history(self, key: LinkKey, moment: Moment, bug: BugHistory | None = None) -> LinkHistory:
        self.read[key] += 1
        return super().link_history(key, moment, bug)

    def steps(self, work: Callable[[], object]) -> int:
        """How many instructions SQLite's machine runs for some work: rows that are passed over count as well."""
        counted = count()
        self._connection().set_progress_handler(lambda: 0 * next(counted), 1)
        work()
        self._connection().set_progress_handler(None, 1)
        return next(counted)

    def forget(self) -> None:
        """Begin to watch anew."""
        self.read.clear()
        self.statements.clear()


class Team:
    """So many links, four a bug, each with a customer's message, all of them decided once on day 100."""

    def __init__(self, links: int) -> None:
        self.store = WatchedStore(":memory:")
        self.scene = Scene(self.store)
        self.scene.go_live(day(BEGINS - 1))
        self.clock = SettableClock()
        with self.store.write():
            self.keys = [self._link(number, day(BEGINS - 10)) for number in range(links)]
        self.pass_on(BEGINS)

    def _link(self, number: int, at: datetime) -> LinkKey:
        customer = self.scene.customer(f"customer {number}")
        ticket = self.scene.ticket(str(number), customer, at)
        self.scene.keep(self.scene.message(ticket, customer, at), at=at)
        return self.scene.link(ticket, self.scene.bug(number // LINKS_PER_BUG), LinkEventKind.LINKED, at)

    def pass_on(self, number: float) -> PlanningResult:
        """Plan on a day, and watch that pass alone."""
        self.clock.at = day(number)
        self.store.forget()
        return plan(self.store, POLICY, self.clock, ALWAYS_OPEN)

    def hear_from(self, keys: Sequence[LinkKey], number: float) -> None:
        """The customers of these links write once more."""
        for key in keys:
            requester = self.store.ticket(key.ticket_id).requester_id or 0
            self.scene.keep(self.scene.message(key.ticket_id, requester, day(number)), at=day(number))


@pytest.fixture(scope="module")
def teams() -> dict[int, Team]:
    """A small team and a large one; each test looks at an hour of its own."""
    return {links: Team(links) for links in (FEW, MANY)}


def test_the_first_pass_decides_every_link() -> None:
    """Otherwise the counts below would prove nothing."""
    team = Team(FEW)
    assert set(team.store.read) == set(team.keys)
    assert len(team.store.statements) > FEW


def test_a_pass_with_nothing_to_do_costs_the_same_for_ten_links_and_a_thousand(teams: dict[int, Team]) -> None:
    """No link is read or decided, nothing is written, and SQLite runs the same few statements."""
    ran = []
    for team in teams.values():
        assert team.pass_on(BEGINS + AN_HOUR) == PlanningResult()
        assert not team.store.read
        ran.append([statement.split()[0] for statement in team.store.statements])
    few, many = ran
    assert few == many
    assert len(many) <= FEW
    assert not {"INSERT", "UPDATE", "DELETE"} & set(many)


def test_a_pass_with_nothing_to_do_looks_at_no_more_rows_of_a_large_team(teams: dict[int, Team]) -> None:
    """SQLite's own work is the same to the instruction."""
    few, many = (team.store.steps(partial(team.pass_on, BEGINS + AN_HOUR)) for team in teams.values())
    assert few == many > 0


def test_only_the_links_that_were_touched_are_read_and_decided(teams: dict[int, Team]) -> None:
    """Three customers write: their three links, each read once, by as many statements in either team."""
    ran = []
    for team in teams.values():
        touched = team.keys[1:FEW:3]
        team.hear_from(touched, BEGINS + 2 * AN_HOUR)
        assert team.pass_on(BEGINS + 3 * AN_HOUR).decided == len(touched) == 3
        assert team.store.read == Counter(touched)
        ran.append(len(team.store.statements))
        assert team.pass_on(BEGINS + 4 * AN_HOUR) == PlanningResult()
    assert ran[0] == ran[1]


def test_a_decision_that_has_expired_is_made_anew_and_no_other(teams: dict[int, Team]) -> None:
    """Without an event, because time was up."""
    for team in teams.values():
        expiring = team.keys[4]
        team.store.mark_decided(expiring, team.store.head(), day(BEGINS) + timedelta(hours=6))
        assert team.pass_on(BEGINS + 5 * AN_HOUR).decided == 0
        assert team.pass_on(BEGINS + 7 * AN_HOUR).decided == 1
        assert team.store.read == Counter([expiring])
