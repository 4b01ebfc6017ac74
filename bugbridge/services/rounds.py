"""Rounds of old news: what waits for a person is seen bug by bug, and goes out or is dropped all at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bugbridge.core.errors import UsageError
from bugbridge.core.events import LinkEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, LinkEventKind, Review
from bugbridge.core.records import LinkKey, UpdateItem
from bugbridge.ports import Clock, Store
from bugbridge.services.claiming import link_of


@dataclass(frozen=True, slots=True)
class Round:
    """What one bug's customers are to be told for one reason, and on which tickets."""

    issue: str
    reason: str
    items: tuple[UpdateItem, ...]
    tickets: tuple[str, ...]


def rounds_waiting(store: Store) -> tuple[Round, ...]:
    """Give the rounds that wait, the largest first."""
    together: dict[tuple[int, str], list[UpdateItem]] = {}
    for item in store.updates_in_review():
        together.setdefault((item.bug_id, item.reason), []).append(item)
    issues = {bug.id: bug.reference for bug in store.bugs()}
    rounds = (_round(store, issues.get(bug_id, ""), reason, own) for (bug_id, reason), own in together.items())
    return tuple(sorted(rounds, key=lambda one: (-len(one.items), one.issue, one.reason)))


def _round(store: Store, issue: str, reason: str, items: Sequence[UpdateItem]) -> Round:
    return Round(issue, reason, tuple(items), tuple(store.ticket(item.ticket_id).reference for item in items))


def rounds_of(store: Store, issue: str) -> tuple[Round, ...]:
    """Give the rounds that wait for one bug, by its issue as it is kept. Raises UsageError where there is none."""
    found = tuple(one for one in rounds_waiting(store) if one.issue == issue)
    if not found:
        raise UsageError(f"No round waits for {issue}: `bugbridge round list` shows those that do.")
    return found


def hold(store: Store, clock: Clock, keys: Iterable[LinkKey], actor: Actor) -> int:
    """Have all that is news of these links by now wait for a person; gives how many links."""
    return _review(store, clock, keys, Review.WAITING, actor)


def release(store: Store, clock: Clock, items: Sequence[UpdateItem], actor: Actor) -> int:
    """Let updates go out as any others, within the policy's limits; gives how many. The next planning does it."""
    return _review(store, clock, _links(store, items), Review.RELEASED, actor)


def let_be(store: Store, clock: Clock, items: Sequence[UpdateItem], actor: Actor) -> int:
    """Have nobody reminded of these; gives how many."""
    return _review(store, clock, _links(store, items), Review.DROPPED, actor)


def _links(store: Store, items: Sequence[UpdateItem]) -> list[LinkKey]:
    return [key for item in items if (key := link_of(store, item))]


def _review(store: Store, clock: Clock, keys: Iterable[LinkKey], review: Review, actor: Actor) -> int:
    at = clock.now()
    events = [
        LinkEvent(
            ticket_id=key.ticket_id,
            bug_id=key.bug_id,
            kind=LinkEventKind.REVIEWED,
            value=review,
            occurred_at=at,
            source_key=f"link:{key.ticket_id}:{key.bug_id}:reviewed:{review}:{instant_to_text(at)}",
        )
        for key in keys
    ]
    store.append(events, actor=actor, recorded_at=at)
    return len(events)
