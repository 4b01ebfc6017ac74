"""Time a full decision pass at several sizes: what one link costs, and what a pass costs when there is nothing to do.

Each size is one made-up store on disk: four customers a bug, each with an account, a plan and a ticket of three
messages; a fifth of the bugs is released. It is filled once and copied for each run, so that no run finds the
decisions of another. Times are those of this machine, and nothing is asserted of them.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import Event, FactEvent, LinkEvent, MessageEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, AuthorKind, Entity, FactKind, LinkEventKind, LinkHow, Stage
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.records import LinkKey
from bugbridge.services.curves import refresh_curves
from bugbridge.services.frequencies import check_frequencies
from bugbridge.services.planning import plan
from bugbridge.settings import shipped_folder
from bugbridge.store.projections import Touched
from bugbridge.store.sqlite import SqliteStore
from scripts.benchmark import StandingClock, machine, say

SIZES = (1_000, 10_000, 100_000)
RUNS = 3
BENCH = Actor(AuthorKind.AGENT, "bench", "bench")
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
YEAR_DAYS = 365
LINKS_PER_BUG = 4
RELEASED_EVERY = 5
# Eight to eight from Monday to Friday: most of what falls due has to be moved into open hours.
CALENDAR = WorkCalendar(ZoneInfo("Europe/Berlin"), time(8), time(20), frozenset({5, 6}))
BATCH = 2_000  # links kept in one transaction
TIERS = ("free", "business", "business", "enterprise")


@dataclass(frozen=True, slots=True)
class Times:
    """What one run took, in seconds; `links` and `bugs` are how many were judged."""

    links: int
    bugs: int
    frequencies: float
    curves: float
    decisions: float
    quiet: float


class FillingStore(SqliteStore):
    """Doesn't look, event by event, for the links that each concerns: at the end all are touched at once."""

    def _touch(self, touched: Touched, head: int) -> None:
        pass


class Filler:
    """Fills a store with links as quickly as it can keep events."""

    def __init__(self, store: FillingStore) -> None:
        """Declare the sources, live for the last fortnight."""
        self._store = store
        self._helpdesk = store.declare_source("support", "zendesk", "helpdesk").id
        self._tracker = store.declare_source("github", "github", "tracker").id
        self._agent = store.party_id(self._helpdesk, AuthorKind.AGENT, "ann")
        live_from = instant_to_text(NOW - timedelta(days=14))
        self._keep([_fact(Entity.SOURCE, self._helpdesk, FactKind.LIVE_FROM, live_from, NOW)])

    def fill(self, links: int) -> None:
        """Keep so many links and all that their facts are read from."""
        for first in range(0, links, BATCH):
            with self._store.write():
                numbers = range(first, min(first + BATCH, links))
                self._keep([event for number in numbers for event in self._link(number)])
        self._store.touch_all()

    def _keep(self, events: list[Event]) -> None:
        self._store.append(events, actor=BENCH, recorded_at=NOW)

    def _link(self, number: int) -> Iterator[Event]:
        """Spread reports over the year, those of one bug over six weeks."""
        bug_number, place = divmod(number, LINKS_PER_BUG)
        opened_at = NOW - timedelta(days=1 + bug_number * 7 % YEAR_DAYS)
        reported_at = min(opened_at + timedelta(days=14 * place), NOW - timedelta(hours=6))
        issue = self._store.issue_for(self._tracker, f"github:acme/app#{bug_number + 1}", actor=BENCH, at=opened_at)
        if place == 0:
            yield from self._course(issue.id, bug_number, opened_at)
        customer = self._store.party_id(self._helpdesk, "customer", f"customer {number}")
        account = self._store.party_id(self._helpdesk, "account", f"account {number}")
        ticket = self._store.save_ticket(self._helpdesk, str(number + 1), reported_at, customer)
        yield from _customer_facts(customer, account, TIERS[number % len(TIERS)], reported_at)
        yield from self._ticket(LinkKey(ticket.id, issue.bug_id), customer, reported_at)

    def _course(self, issue_id: int, bug_number: int, opened_at: datetime) -> Iterator[Event]:
        yield _fact(Entity.ISSUE, issue_id, FactKind.STAGE, Stage.OPEN, opened_at)
        yield _fact(Entity.ISSUE, issue_id, FactKind.LABELS, '["bug"]', opened_at)
        fixed_at = opened_at + timedelta(days=10 + bug_number % 90)
        if bug_number % RELEASED_EVERY == 0 and fixed_at < NOW:
            yield _fact(Entity.ISSUE, issue_id, FactKind.STAGE, Stage.FIXED, fixed_at)
            yield _fact(Entity.ISSUE, issue_id, FactKind.RELEASE, "4.2", fixed_at + timedelta(hours=1))
        else:
            yield _fact(Entity.ISSUE, issue_id, FactKind.ACTIVITY, "", opened_at + timedelta(hours=2))

    def _ticket(self, key: LinkKey, customer: int, at: datetime) -> Iterator[Event]:
        requester, ticket = str(customer), key.ticket_id
        values = {FactKind.REQUESTER: requester, FactKind.STATUS: "open", FactKind.ASSIGNEE: str(self._agent)}
        for kind, value in {**values, FactKind.BRAND: "acme"}.items():
            yield _fact(Entity.TICKET, ticket, kind, value, at)
        yield _message(ticket, 1, customer, AuthorKind.CUSTOMER, at, public=True)
        yield _message(ticket, 2, self._agent, AuthorKind.AGENT, at + timedelta(hours=1), public=False)
        yield _message(ticket, 3, self._agent, AuthorKind.AGENT, at + timedelta(hours=2), public=True)
        yield LinkEvent(
            ticket_id=ticket,
            bug_id=key.bug_id,
            kind=LinkEventKind.LINKED,
            how=LinkHow.NOTE,
            occurred_at=at + timedelta(hours=1),
            source_key=f"bench:link:{ticket}",
        )


def _customer_facts(customer: int, account: int, tier: str, at: datetime) -> Iterator[Event]:
    yield _fact(Entity.PARTY, customer, FactKind.ACCOUNT, str(account), at)
    yield _fact(Entity.PARTY, customer, FactKind.LOCALE, "en", at)
    yield _fact(Entity.PARTY, account, FactKind.TIER, tier, at)


def _fact(entity: Entity, entity_id: int, kind: FactKind, value: str, at: datetime) -> FactEvent:
    key = f"bench:{entity}:{entity_id}:{kind}:{value}"
    return FactEvent(entity=entity, entity_id=entity_id, kind=kind, value=value, occurred_at=at, source_key=key)


def _message(ticket: int, number: int, author: int, kind: AuthorKind, at: datetime, *, public: bool) -> MessageEvent:
    key = f"bench:message:{ticket}:{number}"
    return MessageEvent(
        ticket_id=ticket,
        remote_id=str(number),
        author_id=author,
        author_kind=kind,
        public=public,
        occurred_at=at,
        source_key=key,
    )


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Do something, and give the seconds that it took with what it gave."""
    begins = perf_counter()
    result = work()
    return perf_counter() - begins, result


def one_run(path: Path) -> Times:
    """Decide everything once in a store in which nothing was ever decided, then once more with nothing to do."""
    store, clock = SqliteStore(str(path)), StandingClock(NOW)
    policy = parse_policy((shipped_folder() / "policy.toml").read_text(encoding="utf-8"))
    frequencies, bugs = timed(lambda: check_frequencies(store, policy, clock))
    curves, _ = timed(lambda: refresh_curves(store, clock))
    decisions, result = timed(lambda: plan(store, policy, clock, CALENDAR))
    quiet, _ = timed(lambda: plan(store, policy, clock, CALENDAR))
    store.close()
    return Times(result.decided, bugs, frequencies, curves, decisions, quiet)


def measure(links: int) -> Times:
    """Give the medians of the runs at one size."""
    with tempfile.TemporaryDirectory(prefix="bugbridge-bench-") as folder:
        filled, copied = Path(folder, "filled.sqlite"), Path(folder, "run.sqlite")
        store = FillingStore(str(filled))
        seconds, _ = timed(lambda: Filler(store).fill(links))
        store.close()
        say(f"  filled in {seconds:.0f} s: {filled.stat().st_size / 1e6:.0f} MB")
        runs = []
        for _ in range(RUNS):
            shutil.copyfile(filled, copied)
            runs.append(one_run(copied))
            for leftover in Path(folder).glob("run.sqlite*"):
                leftover.unlink()
    middle = {
        name: median(getattr(run, name) for run in runs) for name in ("frequencies", "curves", "decisions", "quiet")
    }
    return Times(runs[0].links, runs[0].bugs, **middle)


def show(times: Times) -> None:
    """Put out what a run took, in all and for each link or bug."""
    say(f"  decisions    {times.decisions:9.2f} s  {1e3 * times.decisions / times.links:8.3f} ms a link")
    say(f"  frequencies  {times.frequencies:9.2f} s  {1e3 * times.frequencies / times.bugs:8.3f} ms a bug")
    say(f"  curves       {times.curves:9.2f} s  {1e3 * times.curves / times.bugs:8.3f} ms a bug, once a week")
    say(f"  a pass with nothing to do: {1e3 * times.quiet:.2f} ms")


def at_least_one(typed: str) -> int:
    """Read how many links. Raises ArgumentTypeError for anything but a whole number, and for none."""
    if not typed.isdecimal() or int(typed) == 0:
        raise argparse.ArgumentTypeError(f"a store holds a whole number of links, at least 1, not {typed!r}")
    return int(typed)


def main() -> None:
    """Run the sizes that were asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=(__doc__ or "").partition("\n\n")[0])
    usual = ", ".join(f"{size:,}" for size in SIZES)
    parser.add_argument("links", nargs="*", type=at_least_one, default=SIZES, help=f"how many; {usual} if not given")
    sizes = parser.parse_args().links
    say(f"{machine()}; medians of {RUNS} runs")
    for links in sizes:
        say(f"{links:,} links")
        show(measure(links))


if __name__ == "__main__":
    main()
