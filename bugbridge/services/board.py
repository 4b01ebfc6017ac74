"""The board's pages: what is due, with who receives it, and what was promised. Each takes a bounded look."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board import MOST_COUNTED, BoardUpdate, Counted, DueWanted, Show, counted_to, is_overdue
from bugbridge.core.calendar import WorkCalendar, add_business_days
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.people import People, Receiver, Team
from bugbridge.core.places import LARGEST, Place, place_text
from bugbridge.core.planning import PROMISED
from bugbridge.core.policy_model import Policy
from bugbridge.core.promises_made import Fared
from bugbridge.core.records import LinkKey
from bugbridge.ports import Store
from bugbridge.services.promising import ListedPromise, promise_order, promises_of_links
from bugbridge.services.receiving import agent_known_as

# Of updates that are chosen by more than the database knows, so many are looked at for one page.
LOOK = 1000
# What became of a promise is folded from all that happened to its link: the number is of so many of the latest links.
PROMISED_LINKS = 200
FIRST_UPDATE: Place = ("", 0)
# From which link on the links are looked at, and behind which promise of theirs a page begins.
FIRST_PROMISE: Place = (LARGEST, LARGEST, "", 0, 0)


@dataclass(frozen=True, slots=True)
class Judging:
    """By what updates are judged: the policy for everybody, the team's hours and people."""

    policy: Policy
    calendar: WorkCalendar
    people: People


@dataclass(frozen=True, slots=True)
class DueRow:
    """An update and who receives it."""

    update: BoardUpdate
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise and who receives what is due on its ticket."""

    listed: ListedPromise
    receiver: Receiver


def repeated_before(judging: Judging, now: datetime) -> datetime | None:
    """Say before when the second reminder of what is overdue was posted; none where nobody is reminded again."""
    days = judging.policy.limits.repeat_after_business_days
    return add_business_days(now, -days, judging.calendar) if days else None


def due_page(
    store: Store, visitor: Visitor, judging: Judging, wanted: DueWanted, after: Place, agent: str = ""
) -> Slice[DueRow]:
    """Give a page of updates, of all receivers or of the agent who goes by a name. One with fewer than 50 rows may have
    others behind it, where so many had to be looked at. Raises UsageError for an agent whom nobody knows."""
    team = Team(judging.people, store.agents())
    receives = agent_known_as(team, agent) if agent else None
    look = LOOK if agent or wanted.show is Show.OVERDUE else PAGE_ROWS
    found = store.board_updates(visitor, wanted, after, look + 1)
    rows = _received(store, team, wanted.now, [one for one in found[:look] if _is_shown(one, wanted, judging)])
    chosen = [row for row in rows if receives is None or receives(row.receiver)]
    if len(chosen) > PAGE_ROWS:
        return Slice(tuple(chosen[:PAGE_ROWS]), chosen[PAGE_ROWS - 1].update.place)
    return Slice(tuple(chosen), found[look - 1].place if len(found) > look else "")


def count_overdue(store: Store, visitor: Visitor, judging: Judging, wanted: DueWanted) -> Counted:
    """Count what is overdue among the first thousand that may be."""
    found = store.board_updates(visitor, wanted, FIRST_UPDATE, MOST_COUNTED + 1)
    count = sum(_is_shown(one, wanted, judging) for one in found[:MOST_COUNTED])
    return Counted(count, more=counted_to(len(found)).more)


def _is_shown(one: BoardUpdate, wanted: DueWanted, judging: Judging) -> bool:
    return wanted.show is not Show.OVERDUE or is_overdue(one, wanted.now, judging.policy, judging.calendar)


def _received(store: Store, team: Team, now: datetime, updates: Sequence[BoardUpdate]) -> list[DueRow]:
    held = store.held({one.item.ticket_id for one in updates})
    return [
        DueRow(one, team.receiver(held[one.item.ticket_id], now, promised=one.item.reason == PROMISED))
        for one in updates
    ]


def promise_page(
    store: Store, visitor: Visitor, judging: Judging, now: datetime, fared: frozenset[Fared], after: Place
) -> Slice[PromiseRow]:
    """Give promises that fared so, in the order of the command's list, of the latest 200 links that carry any; behind
    their last page those of the 200 links before follow, in their order. A page may hold fewer than 50, or none, and
    have others behind it."""
    begin, behind = LinkKey(_number(after[0]), _number(after[1])), after[2:]
    keys = store.board_promised_links(visitor, begin, PROMISED_LINKS + 1)
    found = promises_of_links(store, keys[:PROMISED_LINKS], judging.calendar, now)
    wanted = {(*promise_order(one), key.bug_id): one for key, one in found if one.fared in fared}
    places = sorted(place for place in wanted if place > behind)
    shown = places[:PAGE_ROWS]
    team = Team(judging.people, store.agents())
    rows = _promised_to(store, team, now, [wanted[place] for place in shown])
    if len(places) > PAGE_ROWS:
        return Slice(rows, place_text(*after[:2], *shown[-1]))
    return Slice(
        rows, place_text(keys[-1].ticket_id, keys[-1].bug_id, *FIRST_PROMISE[2:]) if len(keys) > PROMISED_LINKS else ""
    )


def count_promises(store: Store, visitor: Visitor, judging: Judging, now: datetime) -> Mapping[Fared, Counted]:
    """Count by how they fared the promises that `promise_page` gives, of the latest 200 links that carry any."""
    keys = store.board_promised_links(visitor, LinkKey(LARGEST, LARGEST), PROMISED_LINKS + 1)
    found = promises_of_links(store, keys[:PROMISED_LINKS], judging.calendar, now)
    numbers = Counter(one.fared for _, one in found)
    return {fared: Counted(numbers[fared], more=len(keys) > PROMISED_LINKS) for fared in Fared}


def _promised_to(store: Store, team: Team, now: datetime, listed: Sequence[ListedPromise]) -> tuple[PromiseRow, ...]:
    held = store.held({one.ticket_id for one in listed})
    return tuple(PromiseRow(one, team.receiver(held[one.ticket_id], now, promised=True)) for one in listed)


def _number(part: str | int) -> int:
    return int(part)
