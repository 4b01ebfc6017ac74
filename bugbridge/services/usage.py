"""Usage of the product's flows: imported from a file, and read as of a moment to judge bugs by."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.errors import DataError
from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, Entity, FactKind
from bugbridge.core.records import Moment, Source
from bugbridge.core.usage import AccountBook, Problem, UsageDay, read_usage, window_at
from bugbridge.ports import Clock, Store

# More than people correct at once; the others are counted.
PROBLEMS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UsageImport:
    """What a file held: days that were new, whose number was corrected or was known already, and accounts.

    `new_accounts` are those that no helpdesk ever showed; `bugs` will be judged afresh.
    """

    new: int
    corrected: int
    known: int
    accounts: int
    new_accounts: int
    bugs: int


class _Problems:
    """Collects what is wrong with a file, and no more of it than people can read."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._shown: list[Problem] = []
        self._more = 0

    def add(self, problem: Problem) -> None:
        if len(self._shown) < PROBLEMS_SHOWN:
            self._shown.append(problem)
        else:
            self._more += 1

    def refuse(self) -> None:
        """Raise DataError, with a line for each problem, if there are any."""
        if not self._shown:
            return
        ordered = sorted(self._shown, key=lambda problem: problem.line)
        sentences = [f"{self._where}:{problem.line}: {problem.sentence}" for problem in ordered]
        if self._more:
            sentences.append(f"{self._where}: and at least {self._more:,} more like these.")
        sentences.append("Nothing was imported: correct the file and import it again.")
        raise DataError("\n".join(sentences))


def import_usage(
    store: Store, clock: Clock, source: Source, lines: Iterable[bytes], actor: Actor, *, where: str, dry_run: bool
) -> UsageImport:
    """Keep a CSV file of a helpdesk's accounts by flow and day, all of it or nothing; twice changes nothing.

    `where` names the file in problems. A number that differs from the one known is a new event, and the last counts.
    Raises DataError with all problems, each with its line and column.
    """
    book, problems, accounts = AccountBook(store.accounts(source.id)), _Problems(where), set[int]()
    store.stage_usage(_staged(lines, book, problems, accounts, clock.now()))
    for one in store.contradictions(PROBLEMS_SHOWN + 1):
        sentence = f"column uses: {one.uses} for what line {one.other_line} says {one.other_uses} of; keep one of them."
        problems.add(Problem(one.line, sentence))
    problems.refuse()
    with store.write():
        counts, bugs = store.staged_counts(), store.bugs_in_flows()
        if not dry_run:
            _keep(store, clock, source, book, accounts, actor)
            for bug_id in bugs:
                store.mark_checked(bug_id, clock.now())
    return UsageImport(counts.new, counts.corrected, counts.known, len(accounts), len(book.new), len(bugs))


def _staged(
    lines: Iterable[bytes], book: AccountBook, problems: _Problems, accounts: set[int], now: datetime
) -> Iterator[UsageDay]:
    """Give the rows whose account can be told; what is wrong with the others is collected."""
    for row in read_usage(lines, now):
        if isinstance(row, Problem):
            problems.add(row)
            continue
        try:
            account_id = book.find(row.account)
        except ValueError as problem:
            problems.add(Problem(row.line, f"column account: {problem}."))
            continue
        accounts.add(account_id)
        yield UsageDay(row.line, account_id, row.flow, row.day, row.uses)


def _keep(
    store: Store, clock: Clock, source: Source, book: AccountBook, accounts: Collection[int], actor: Actor
) -> None:
    new = {book.new[name]: store.party_id(source.id, "account", name) for name in sorted(book.new)}
    store.keep_staged_usage(new, actor=actor, recorded_at=clock.now())
    join_accounts(store, clock, accounts, actor)


def join_accounts(store: Store, clock: Clock, account_ids: Collection[int], actor: Actor) -> bool:
    """Join usage that was kept under one of these accounts' names before the helpdesk showed them; False for none.

    Usage kept under an id needs no joining: the helpdesk calls the account the same.
    """
    now = clock.now()
    facts = [
        FactEvent(
            entity=Entity.PARTY,
            entity_id=twin_id,
            kind=FactKind.MERGED,
            value=str(account_id),
            occurred_at=now,
            source_key=f"{Entity.PARTY}:{twin_id}:{FactKind.MERGED}:{account_id}:{instant_to_text(now)}",
        )
        for twin_id, account_id in store.namesakes(account_ids).items()
    ]
    store.append(facts, actor=actor, recorded_at=now)
    return bool(facts)


class UsageAt:
    """Usage as of a moment, in the 28 days before an instant; each question is asked of the store once."""

    def __init__(self, store: Store, moment: Moment, now: datetime) -> None:
        """Ask nothing yet."""
        self._store = store
        self._moment = moment
        self._window = window_at(now)
        self._known: dict[tuple[str, ...] | None, Mapping[int, int]] = {}

    @property
    def active(self) -> Collection[int]:
        """The accounts that used anything."""
        return self._days(None).keys()

    def days_in(self, flows: tuple[str, ...]) -> Mapping[int, int]:
        """Give on how many days each account used one of these flows."""
        return self._days(flows) if flows else {}

    def _days(self, flows: tuple[str, ...] | None) -> Mapping[int, int]:
        if flows not in self._known:
            self._known[flows] = self._store.usage_days(self._window, flows, self._moment)
        return self._known[flows]
