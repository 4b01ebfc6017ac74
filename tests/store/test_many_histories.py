"""Many links are read at once as each of them is alone: nothing of one is taken for another's."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bugbridge.core.erasing import ErasedKind
from bugbridge.core.errors import DataError
from bugbridge.core.events import Finding, MessageEvent
from bugbridge.core.model import AuthorKind, BugEventKind, Channel, DeliveryState, Entity, FactKind, FindingKind
from bugbridge.core.model import LinkEventKind as Kind
from bugbridge.core.records import HappenedBy, KnownUpTo, LinkKey, Moment
from bugbridge.store import many_histories
from tests.store.scene import ACTOR, LATER, Scene, day
from tests.store.test_query_plans import plans, table_scans

TICKETS, BUGS, CUSTOMERS = 5, 3, ("ada", "bob")
MOST, REASONS = 30, ("released", "periodic")
Step: TypeAlias = tuple[str, int, int, int]


class Team(Scene):
    """Five tickets, of which two customers have two each, and three bugs; what happens to them, by their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.bugs = [self.bug(number) for number in range(BUGS)]
        requesters = [*(self.customer(name) for name in CUSTOMERS), *(self.customer(name) for name in CUSTOMERS), None]
        self.tickets = [self.ticket(str(number), requester) for number, requester in enumerate(requesters)]

    def links(self) -> list[LinkKey]:
        return [LinkKey(ticket, bug) for ticket in self.tickets for bug in self.bugs]

    def happens(self, step: Step) -> None:
        name, one, other, at = step
        STEPS[name](self, one, other, float(at))

    def belongs_to(self, one: int, other: int, at: float) -> None:
        """A ticket changes hands: to either customer, or to one who isn't known."""
        requester = str(self.customer(CUSTOMERS[other % 3])) if other % 3 < len(CUSTOMERS) else ""
        self.keep(self.fact(Entity.TICKET, self.tickets[one], FactKind.REQUESTER, requester, day(at)))

    def goes_on(self, one: int, other: int, at: float, kind: FactKind) -> None:
        fact = self.fact(Entity.TICKET, self.tickets[one], kind, str(other) if other != one else "", day(at))
        self.keep(fact)

    def writes(self, one: int, at: float, kind: AuthorKind, found: FindingKind | None = None) -> None:
        """Somebody writes, and perhaps a promise is found in it, or that the customer is told."""
        message: MessageEvent = replace(
            self.message(self.tickets[one], self.customer("ada"), day(at)), author_kind=kind
        )
        (seq,) = self.keep(message)
        if found:
            finding = Finding(
                occurred_at=day(at),
                source_key=self.key(),
                ticket_id=self.tickets[one],
                message_id=seq,
                extractor="test",
                version=1,
                kind=found,
                due_at=day(at + 3) if found is FindingKind.PROMISE else None,
            )
            self.keep(finding)

    def notes(self, one: int, other: int, at: float, channel: Channel = Channel.NOTE) -> None:
        """A note on one ticket about updates that are due there and on another, the other's a periodic one."""
        keys = [LinkKey(self.tickets[number], self.bugs[number % len(self.bugs)]) for number in (one, other)]
        named = [replace(self.update(key, self.key()), reason=why) for key, why in zip(keys, REASONS, strict=True)]
        for key, item in zip(keys, named, strict=True):
            self.link(key.ticket_id, key.bug_id, Kind.LINKED, day(at))
            self.store.save_updates(key, [item], "")
        kept = {item.key: item for key in keys for item in self.store.updates_of(key)}
        items = [kept[item.key] for item in named]
        delivery = self.store.claim(items, owner="me", lease_until=LATER, now=day(at), actor=ACTOR, channel=channel)
        for state in (DeliveryState.POSTING, DeliveryState.POSTED):
            delivery = delivery and self.store.advance(delivery, state, now=day(at), actor=ACTOR)

    def asks(self, one: int, other: int, at: float) -> None:
        key = LinkKey(self.tickets[one], self.bugs[other % BUGS])
        self.keep(self.decision(key, "{}", day(at)), self.decision(key, '{"person": "lead: ask"}', day(at)))

    def merges(self, one: int, other: int, at: float) -> None:
        """A bug is merged into another, but for circles, which are refused."""
        try:
            self.keep(self.merge(self.bugs[one % BUGS], self.bugs[other % BUGS], day(at)))
        except DataError:
            return

    def pays(self, one: int, other: int, at: float) -> None:
        customer, account = self.customer(CUSTOMERS[one % 2]), self.account(f"account {other % 2}")
        self.keep(
            self.fact(Entity.PARTY, customer, FactKind.ACCOUNT, str(account), day(at)),
            self.fact(Entity.PARTY, account, FactKind.TIER, f"tier {at}", day(at)),
        )

    def is_fixed(self, one: int, other: int, at: float) -> None:
        """A bug's issue is fixed, and another is a part of it from now on."""
        issues = [self.store.find_issue(f"github:acme/app#{number % BUGS}") for number in (one, other)]
        for issue in filter(None, issues):
            self.keep(self.fact(Entity.ISSUE, issue.id, FactKind.STAGE, f"stage {at}", day(at)))
            self.keep(self.bug_event(self.bugs[one % BUGS], BugEventKind.PART_ADDED, str(issue.id), day(at)))

    def is_erased(self, one: int) -> None:
        self.store.erase([], [self.tickets[one]], ErasedKind.TICKET, at=day(9), actor=ACTOR)


STEPS: dict[str, Callable[[Team, int, int, float], object]] = {
    "linked": lambda team, one, other, at: team.link(team.tickets[one], team.bugs[other % BUGS], Kind.LINKED, day(at)),
    "unlinked": lambda team, one, other, at: team.link(
        team.tickets[one], team.bugs[other % BUGS], Kind.UNLINKED, day(at)
    ),
    "told": lambda team, one, other, at: team.keep(
        team.told(LinkKey(team.tickets[one], team.bugs[other % BUGS]), day(at))
    ),
    "dismissed": lambda team, one, other, at: team.link(
        team.tickets[one], team.bugs[other % BUGS], Kind.PROMISE_DISMISSED, day(at)
    ),
    "merged": Team.merges,
    "the customer writes": lambda team, one, _, at: team.writes(one, at, AuthorKind.CUSTOMER),
    "an agent promises": lambda team, one, _, at: team.writes(one, at, AuthorKind.AGENT, FindingKind.PROMISE),
    "an agent tells": lambda team, one, _, at: team.writes(one, at, AuthorKind.AGENT, FindingKind.TOLD),
    "changes hands": Team.belongs_to,
    "follows up": lambda team, one, other, at: team.goes_on(one, other, at, FactKind.FOLLOWUP_OF),
    "ticket merged": lambda team, one, other, at: team.goes_on(one, other, at, FactKind.MERGED),
    "noted": Team.notes,
    "replied": lambda team, one, other, at: team.notes(one, other, at, Channel.REPLY),
    "asked": Team.asks,
    "paid": Team.pays,
    "fixed": Team.is_fixed,
    "erased": lambda team, one, _, __: team.is_erased(one),
}
steps = st.tuples(
    st.sampled_from(sorted(STEPS)), st.integers(0, TICKETS - 1), st.integers(0, TICKETS - 1), st.integers(0, 8)
)


def moments(team: Team, known: float) -> Collection[Moment]:
    """Some moments: all that is known, part of it, and what had happened on some days."""
    head = team.store.head()
    return KnownUpTo(head), KnownUpTo(round(head * known)), HappenedBy(day(4)), HappenedBy(LATER)


@given(st.lists(steps, min_size=5, max_size=40), st.floats(0, 1), st.integers(1, 20))
@example([("linked", 0, 0, 0), ("linked", 2, 0, 0), ("noted", 2, 0, 1), ("an agent tells", 2, 0, 2)], 1.0, 20)
@example([("linked", 0, 0, 0), ("follows up", 1, 0, 1), ("an agent promises", 1, 0, 2)], 1.0, 20)
@settings(max_examples=60)
def test_many_links_are_read_as_each_alone(happened: list[Step], known: float, block: int) -> None:
    """For both axes of time, whatever happened, and however many are asked; their bug's history may be handed in."""
    team = Team()
    for step in happened:
        team.happens(step)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(many_histories, "BLOCK", block)
        for moment in moments(team, known):
            many = team.store.link_histories(team.links(), moment)
            assert list(many.items()) == [(key, team.store.link_history(key, moment)) for key in team.links()]
            for bug in {history.bug.bug_id: history.bug for history in many.values()}.values():
                own = [key for key, history in many.items() if history.bug.bug_id == bug.bug_id]
                assert team.store.link_histories(own, moment, bug) == {key: many[key] for key in own}


def test_a_reply_where_a_note_stood_counts_for_what_the_note_was_about() -> None:
    """Not for another bug on the same ticket."""
    team = Team()
    team.notes(0, 2, 1)
    team.writes(0, 2, AuthorKind.AGENT)
    found = team.store.link_histories(team.links(), HappenedBy(LATER))
    counted = [key for key, history in found.items() if history.replies_elsewhere]
    assert counted == [LinkKey(team.tickets[2], team.bugs[2])]


def large(links: int) -> tuple[Team, list[LinkKey]]:
    """So many tickets, each of its own bug, every two of one customer, with a promise, and a note about the next."""
    team = Team()
    team.tickets = [team.ticket(f"t{number}", team.customer(f"c{number // 2}")) for number in range(links)]
    team.bugs = [team.bug(100 + number) for number in range(links)]
    keys = [team.link(ticket, bug) for ticket, bug in zip(team.tickets, team.bugs, strict=True)]
    for number in range(0, links, 2):
        team.writes(number, 1, AuthorKind.AGENT, FindingKind.PROMISE)
        team.notes(number, number + 1, 2)
        team.writes(number, 3, AuthorKind.AGENT, FindingKind.TOLD)
    return team, keys


def queries(links: int) -> int:
    """How many queries so many links take."""
    team, keys = large(links)
    asked: list[str] = []
    connection = team.store._connection()
    connection.set_trace_callback(asked.append)
    found = team.store.link_histories(keys, KnownUpTo(team.store.head()))
    connection.set_trace_callback(None)
    assert len(found) == links
    return len(asked)


def test_many_links_cost_as_many_queries_as_few() -> None:
    """Two of two bugs as 200 of 200."""
    assert queries(200) == queries(2) <= MOST


def test_many_links_are_found_by_indexes() -> None:
    """No table is read whole."""
    team, keys = large(4)
    details = plans(team.store, lambda store: store.link_histories(keys, HappenedBy(day(5))))
    assert table_scans(details) == []


def test_no_links_have_no_histories_and_an_unknown_one_is_said() -> None:
    """As of one."""
    team = Team()
    assert team.store.link_histories([], KnownUpTo(0)) == {}
    with pytest.raises(DataError, match="There is no bug 99"):
        team.store.link_histories([*team.links(), LinkKey(team.tickets[0], 99)], KnownUpTo(0))
    with pytest.raises(DataError, match="There is no ticket 99"):
        team.store.link_histories([*team.links(), LinkKey(99, team.bugs[0])], KnownUpTo(0))
