"""Each update is posted at most once, alone or with others, whatever fails in whatever order, and exactly once when all
is well again."""

from datetime import timedelta
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import DeliveryState
from bugbridge.ports import Guarantee
from bugbridge.services.going_live import pause, resume
from tests.services.scene import (
    HELPDESK,
    ISSUE,
    LEASE,
    OTHER_ISSUE,
    UNTIL_SURE,
    KilledError,
    Scene,
    customer,
    named,
    raises,
)

# Ada reports two bugs on two tickets, so that what is due for her is one note; the others one each.
REPORTS = (("ada", ISSUE), ("ada", OTHER_ISSUE), ("ben", ISSUE), ("cleo", OTHER_ISSUE))
VERSIONS = {ISSUE: "4.2", OTHER_ISSUE: "5.0"}
WORKERS = ("worker-1", "worker-2")
# No helpdesk takes longer than that over one request, and so no worker either.
WAITS = (timedelta(0), timedelta(seconds=30), timedelta(seconds=80), LEASE, UNTIL_SURE, timedelta(hours=2))
DOWN = RemoteError("support answers 500.")


class Sending(RuleBasedStateMachine):
    """Two workers, three customers who are to hear of releases, and a bad day."""

    def __init__(self) -> None:
        super().__init__()
        self.excused: set[str] = set()

    @initialize(guarantee=st.sampled_from(list(Guarantee)))
    def begins(self, guarantee: Guarantee) -> None:
        self.guarantee = guarantee
        self.scene = Scene(guarantee=guarantee).on(1)
        self.tickets = [self.scene.reported(customer(name), reference) for name, reference in REPORTS]
        self.scene.on(2)
        for reference, version in VERSIONS.items():
            self.scene.is_released(reference, version)
        self.scene.decide()

    @rule(worker=st.sampled_from(WORKERS))
    def sends(self, worker: str) -> None:
        try:
            self.scene.send(worker)
        except KilledError:
            self.scene.helpdesk.nothing_more()

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.scene.clock.forward(wait)

    @rule()
    def decides(self) -> None:
        self.scene.helpdesk.fail(None)
        self.scene.helpdesk.nothing_more()
        self.scene.store.touch_all()
        self.scene.decide()

    @rule(state=st.sampled_from([DeliveryState.POSTING, DeliveryState.POSTED, DeliveryState.UNKNOWN]))
    def will_be_killed(self, state: DeliveryState) -> None:
        self.scene.store.just_before(state, raises(KilledError()))

    @rule(committed=st.booleans())
    def will_lose_an_answer(self, committed: bool) -> None:  # noqa: FBT001 - given by its strategy
        self.scene.helpdesk.lose_next_answer(committed=committed)

    @rule(call=st.sampled_from(["messages", "add_note"]))
    def will_fail(self, call: str) -> None:
        self.scene.helpdesk.just_before(call, raises(DOWN))

    @rule(down=st.booleans())
    def goes_down_or_up(self, down: bool) -> None:  # noqa: FBT001 - given by its strategy
        self.scene.helpdesk.fail(DOWN if down else None)

    @rule(paused=st.booleans())
    def is_paused_or_resumed(self, paused: bool) -> None:  # noqa: FBT001 - given by its strategy
        (pause if paused else resume)(self.scene.store, HELPDESK)

    @rule(which=st.integers(0, 3), call=st.sampled_from(["messages", "add_note"]))
    def a_colleague_will_write(self, which: int, call: str) -> None:
        self.scene.helpdesk.just_before(call, partial(self.scene.notes, self.tickets[which], "Looking."))

    @rule(which=st.integers(0, 3))
    def a_customer_is_told(self, which: int) -> None:
        self.excused.add(self.tickets[which])
        self.scene.replies(self.tickets[which], f"It's fixed in {VERSIONS[REPORTS[which][1]]}.")

    @rule(which=st.integers(0, 3))
    def a_customer_asks_and_is_answered(self, which: int) -> None:
        self.scene.writes_again(self.tickets[which])
        self.sends("worker-1")
        self.scene.replies(self.tickets[which], "Gladly.")

    @rule(wait=st.sampled_from([timedelta(0), LEASE, UNTIL_SURE]))
    def another_will_send_while_one_reads(self, wait: timedelta) -> None:
        self.scene.helpdesk.just_before("messages", partial(self._another, wait))

    @precondition(lambda self: self.guarantee is Guarantee.CONDITIONAL)
    @rule(wait=st.sampled_from([timedelta(0), LEASE, UNTIL_SURE]))
    def another_will_send_while_one_writes(self, wait: timedelta) -> None:
        """Only a conditional write is safe from a worker who slept longer than any timeout."""
        self.scene.helpdesk.just_before("add_note", partial(self._another, wait))

    def _another(self, wait: timedelta) -> None:
        self.scene.clock.forward(wait)
        self.sends("worker-2")

    def reminded(self, which: int) -> int:
        """How many notes on any of a customer's tickets tell of the release that one of them waits for."""
        name, reference = REPORTS[which]
        theirs = [ticket for ticket, (whose, _) in zip(self.tickets, REPORTS, strict=True) if whose == name]
        notes = [note.body for ticket in theirs for note in self.scene.helpdesk.notes(ticket)]
        reminders = [body for body in notes if not body.startswith("You wrote to this customer")]
        return sum(body.count(f"{named(reference)} is released") for body in reminders)

    @invariant()
    def nobody_is_reminded_twice(self) -> None:
        assert [which for which in range(len(REPORTS)) if self.reminded(which) > 1] == []

    def teardown(self) -> None:
        """The bad day ends."""
        scene = self.scene
        scene.store.nothing_more()
        scene.helpdesk.nothing_more()
        scene.helpdesk._lost = ""
        scene.helpdesk.fail(None)
        resume(scene.store, HELPDESK)
        for _ in range(4):
            scene.clock.forward(timedelta(hours=2))
            scene.decide()
            scene.send()
        self.nobody_is_reminded_twice()
        unheard = [ticket for which, ticket in enumerate(self.tickets) if not self.reminded(which)]
        assert [ticket for ticket in unheard if ticket not in self.excused] == []


Sending.TestCase.settings = settings(max_examples=15, stateful_step_count=12)
TestSending = Sending.TestCase
