"""Whatever is approved, taken back, written and killed in whatever order: nobody is told twice, nobody forgotten."""

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bugbridge.core.errors import ConflictError, RateLimitedError, UsageError
from bugbridge.core.model import AuthorKind, DeliveryState
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.round_view import Decision, Eye, RoundView, Standing, Wish
from bugbridge.core.snapshots import PostedReply, RemoteTicket
from bugbridge.helpdesks.memory import MemoryHelpdesk
from bugbridge.ports import Guarantee
from bugbridge.services.checking import check
from bugbridge.services.replying import cancel_reply
from bugbridge.services.retrying import retry, undelivered
from bugbridge.services.round_view import open_round
from bugbridge.services.rounds import review
from tests.services.scene import (
    ANN,
    LEASE,
    SHIPPED,
    UNTIL_SURE,
    VERSION,
    BusyHelpdesk,
    KilledError,
    Scene,
    customer,
    raises,
)

TICKETS = 4
WORKERS = st.sampled_from(["worker-1", "worker-2"])
SOME = st.sets(st.integers(0, TICKETS - 1), min_size=1)
ONE = st.integers(0, TICKETS - 1)
WAITS = st.sampled_from([timedelta(minutes=1), timedelta(minutes=4), REPLY_HOLD, LEASE, UNTIL_SURE, timedelta(hours=3)])
KILLED_AT = st.sampled_from([DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.POSTED])
SECOND = timedelta(seconds=1)
BY_HAND = f"It's fixed in {VERSION}, as I promised."


class CountingHelpdesk(BusyHelpdesk):
    """Counts our replies by ticket at the moment at which they are written, whoever hears of that."""

    def count(self) -> Counter[str]:
        """How many replies stand on each ticket that nobody wrote by hand."""
        return Counter(
            number
            for number, ticket in self._tickets.items()
            for one in ticket.messages
            if one.public and one.author.kind is AuthorKind.AGENT and one.remote_id in ticket.markers.values()
        )

    unwanted: list[str]
    wanted: set[str]

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        if ticket.remote_id not in self.wanted:
            self.unwanted.append(ticket.remote_id)
        self._happens("add_reply")
        try:
            return MemoryHelpdesk.add_reply(self, ticket, body, marker)
        except ConflictError:
            self.unwanted = [number for number in self.unwanted if number != ticket.remote_id]
            raise


class Reviewing(RuleBasedStateMachine):
    """Four customers of one bug, two workers, agents who change their minds, and a bad day."""

    @initialize(guarantee=st.sampled_from(list(Guarantee)))
    def begins(self, guarantee: Guarantee) -> None:
        self.scene = Scene(guarantee=guarantee).on(1)
        self.desk = CountingHelpdesk(self.scene.helpdesk.name, guarantee=guarantee, timeout=self.scene.helpdesk.timeout)
        self.desk.wanted, self.desk.unwanted = set(), []
        self.scene.helpdesk = self.desk
        self.scene.policy = SHIPPED
        self.tickets = [self.scene.reported(customer(f"customer {number}")) for number in range(TICKETS)]
        self.by_hand: set[str] = set()
        self.scene.on(2).is_released()
        self.scene.decide()

    def _view(self) -> RoundView | None:
        try:
            return open_round(self.scene.sender(), self.scene.issue().bug_id)
        except UsageError:
            return None

    def _review(self, which: set[int], decision: Decision, text: str | None = None) -> set[str]:
        """Say something of tickets of which nobody is in doubt; gives those that were done."""
        view = self._view()
        if view is None:
            return set()
        doubtful = {row.key.ticket_id for row in view.rows if Eye.IN_DOUBT in row.eye}
        ids = {self.scene.row(self.tickets[number]).id: self.tickets[number] for number in which}
        wishes = [Wish(one, decision, text) for one in ids if one not in doubtful]
        done = review(self.scene.sender(), view, wishes, ANN)
        rows = [row for row, _ in done.approve] if decision is Decision.APPROVE else done.take_back
        return {ids[row.key.ticket_id] for row in rows}

    @rule(which=SOME, text=st.sampled_from([None, "In my own words."]))
    def approves(self, which: set[int], text: str | None) -> None:
        self.desk.wanted |= self._review(which, Decision.APPROVE, text)

    @rule(which=SOME)
    def takes_back(self, which: set[int]) -> None:
        self.desk.wanted -= self._review(which, Decision.TAKE_BACK)

    @rule(which=ONE)
    def cancels(self, which: int) -> None:
        try:
            cancel_reply(self.scene.store, self.scene.clock, self.scene.row(self.tickets[which]), ANN)
        except UsageError:
            return
        self.desk.wanted.discard(self.tickets[which])

    @rule(which=ONE)
    def the_customer_writes(self, which: int) -> None:
        self.scene.clock.forward(SECOND)
        self.scene.writes_again(self.tickets[which])
        self.desk.wanted.discard(self.tickets[which])

    @rule(which=ONE, naming=st.booleans())
    def the_agent_answers(self, which: int, *, naming: bool) -> None:
        self.scene.clock.forward(SECOND)
        ticket = self.tickets[which]
        if naming and not self.desk.count()[ticket]:
            self.scene.replies(ticket, BY_HAND)
            self.by_hand.add(ticket)
            self.desk.wanted.discard(ticket)
        else:
            self.scene.replies(ticket)

    @rule(worker=WORKERS)
    def sends(self, worker: str) -> None:
        try:
            self.scene.send(worker)
        except KilledError:
            self.scene.store.nothing_more()

    @rule()
    def decides(self) -> None:
        self.scene.decide()

    @rule(wait=WAITS)
    def time_passes(self, wait: timedelta) -> None:
        self.scene.clock.forward(wait)

    @rule(state=KILLED_AT)
    def is_killed_at(self, state: DeliveryState) -> None:
        self.scene.store.just_before(state, raises(KilledError()))

    @rule(committed=st.booleans())
    def an_answer_is_lost(self, *, committed: bool) -> None:
        self.desk.lose_next_answer(committed=committed)

    @rule()
    def it_asks_to_wait(self) -> None:
        limit = RateLimitedError("support: too many requests.", timedelta(minutes=2))
        self.desk.just_before("add_reply", raises(limit))

    @invariant()
    def nobody_is_told_twice_nor_against_anybodys_word(self) -> None:
        if not hasattr(self, "desk"):
            return
        counts = self.desk.count()
        assert all(count <= 1 for count in counts.values()), counts
        assert not [ticket for ticket in self.by_hand if counts[ticket]]
        assert self.desk.unwanted == []

    def teardown(self) -> None:
        """All is well again, and people do what the round shows them: then everybody knows."""
        if not hasattr(self, "desk"):
            return
        self.scene.store.nothing_more()
        self.desk.nothing_more()
        self.desk._lost = ""
        self._goes_on()
        for ticket in self.tickets:
            self.scene.clock.forward(SECOND)
            self.scene.replies(ticket)
        self._goes_on()
        if undelivered(self.scene.store):
            retry(self.scene.store, self.scene.clock, [], ANN)
        self._goes_on()
        view = self._view()
        open_rows = (
            {row.ticket for row in view.rows if row.standing in (Standing.READY, Standing.EYE)} if view else set()
        )
        silent = {f"support:{one}" for one in self.tickets if not self.desk.count()[one] and one not in self.by_hand}
        assert silent == open_rows
        assert check(self.scene.store).all == ()

    def _goes_on(self) -> None:
        for _ in range(4):
            self.scene.decide()
            self.scene.send()
            self.scene.clock.forward(timedelta(hours=1))
        self.nobody_is_told_twice_nor_against_anybodys_word()


TestReviewing = Reviewing.TestCase
TestReviewing.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
