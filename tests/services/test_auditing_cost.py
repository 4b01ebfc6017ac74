"""What an audit of the last hundred bugs costs: the same however many were resolved before."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from bugbridge.core.audit_model import Audit, Question
from bugbridge.core.records import BugHistory, LinkHistory, LinkKey, Moment
from bugbridge.core.survival import BugLife
from bugbridge.services.auditing import run_audit
from bugbridge.store.sqlite import SqliteStore
from scripts.made_up_bugs import NOW, Bugs, fill

FEW, MANY = 2_000, 20_000
LAST, OPEN, DECLINED = 100, 50, 50


class StandingClock:
    """The moment at which the made-up histories end."""

    def now(self) -> datetime:
        return NOW


class WatchedStore(SqliteStore):
    """A store that tells what was read of it, and how much work that was for SQLite."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.read = Counter[str]()
        self.lives_read: list[BugLife] = []

    def bug_history(self, bug_id: int, moment: Moment) -> BugHistory:
        self.read["bugs"] += 1
        return super().bug_history(bug_id, moment)

    def link_history(self, key: LinkKey, moment: Moment, bug: BugHistory | None = None) -> LinkHistory:
        self.read["links"] += 1
        history = super().link_history(key, moment, bug)
        self.read["messages"] += len(history.messages)
        return history

    def lives(self, since: datetime | None) -> Iterator[BugLife]:
        self.lives_read = list(super().lives(since))
        return iter(self.lives_read)

    def steps(self, work: Callable[[], object]) -> int:
        """How many instructions SQLite's machine runs for some work: rows that are passed over count as well."""
        counted = count()
        self._connection().set_progress_handler(lambda: 0 * next(counted), 1)
        work()
        self._connection().set_progress_handler(None, 1)
        return next(counted)

    def asked(self, work: Callable[[], object]) -> list[str]:
        """Which statements are run for some work."""
        said: list[str] = []
        self._connection().set_trace_callback(said.append)
        work()
        self._connection().set_trace_callback(None)
        return said


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[WatchedStore]:
    """A team that resolved some bugs, and one that resolved ten times as many."""
    paths = [tmp_path_factory.mktemp("audit") / f"{resolved}.sqlite" for resolved in (FEW, MANY)]
    for path, resolved in zip(paths, (FEW, MANY), strict=True):
        fill(path, Bugs(resolved, OPEN, DECLINED))
    return [WatchedStore(path) for path in paths]


def audit(store: WatchedStore) -> Audit:
    """Audit the last hundred."""
    return run_audit(store, StandingClock(), Question(LAST))


def test_a_hundred_bugs_are_read_and_no_others(stores: list[WatchedStore]) -> None:
    """Each with its link and its three messages; besides, when each bug began and ended that was open since then."""
    for store in stores:
        store.read.clear()
        assert (audit(store).n, audit(store).excluded) == (LAST, ())
        assert store.read == Counter(bugs=2 * LAST, links=2 * LAST, messages=2 * 3 * LAST)
        causes = Counter(life.cause for life in store.lives_read)
        assert causes[None] == OPEN
        assert LAST - 1 <= causes["fixed"] <= LAST + 1
        assert "declined" not in causes


def test_as_many_questions_are_asked_of_a_large_store(stores: list[WatchedStore]) -> None:
    """A fixed number for each bug, and a few for all of them."""
    few, many = (len(store.asked(partial(audit, store))) for store in stores)
    assert few == many
    assert many < 30 * LAST


def test_no_more_rows_are_looked_at_in_a_large_store(stores: list[WatchedStore]) -> None:
    """SQLite's own work differs by less than a row a bug."""
    few, many = (store.steps(partial(audit, store)) for store in stores)
    assert abs(many - few) < LAST


def test_no_question_of_an_audit_reads_a_whole_table(stores: list[WatchedStore]) -> None:
    """Each finds its rows by an index."""
    store = stores[1]
    plans = {
        row["detail"]
        for text in set(store.asked(partial(audit, store)))
        if text.lstrip().startswith(("SELECT", "WITH"))
        for row in store._rows(f"EXPLAIN QUERY PLAN {text}")
    }
    scans = {plan for plan in plans if plan.startswith("SCAN") and " USING " not in plan}
    small = {"source", "cluster", "conversation", "json_each", "linked", "CONSTANT", "sequence"}
    assert {scan.split()[1] for scan in scans} <= small
    assert {plan for plan in plans if plan.startswith("SCAN bug")} == {"SCAN bug USING INDEX bug_unended"}
