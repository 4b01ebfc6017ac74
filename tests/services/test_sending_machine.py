"""Planning and sending under everything that may happen in between: whatever comes, and whoever dies, what is posted
was called for at that moment, once; and in the end nothing that is called for is missing."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bugbridge.core.errors import UsageError
from bugbridge.core.model import ClosedAs, DeliveryState, OptOut, UpdateState
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.records import Delivery
from bugbridge.core.snapshots import PostedReply, RemoteTicket
from bugbridge.ports import Guarantee
from bugbridge.services.customers import keep_opt_out
from bugbridge.services.going_live import go_live, pause, resume
from bugbridge.services.identity import MIRROR, same_bug
from bugbridge.services.replying import cancel_reply
from bugbridge.services.retrying import retry
from bugbridge.settings import shipped_folder
from tests.services.scene import (
    ANN,
    EVE,
    HELPDESK,
    ISSUE,
    LEASE,
    OTHER_ISSUE,
    POLICY,
    UNTIL_SURE,
    BusyHelpdesk,
    KilledError,
    Scene,
    customer,
    day,
    raises,
)

REPORTS = ((customer("ada"), ISSUE), (customer("ada"), OTHER_ISSUE), (customer("ben"), ISSUE), (EVE, OTHER_ISSUE))
SHIPPED = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
REPLIES = parse_policy(
    SHIPPED + '[[rule]]\nid = "ourselves"\nwhen = { stage = ["released"] }\ntell = "terminal"\ndeliver = "reply"\n'
)
QUIET = parse_policy(SHIPPED + '[[rule]]\nid = "silence"\nwhen = { stage = ["open"] }\ntell = "nothing"\n')
POLICIES = (POLICY, REPLIES, QUIET)
WAITS = (timedelta(minutes=11), LEASE, UNTIL_SURE, timedelta(hours=7), timedelta(days=3), timedelta(days=15))
UNFINISHED = (DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.UNKNOWN)
WHICH = st.integers(0, len(REPORTS) - 1)
BUGS = st.sampled_from([ISSUE, OTHER_ISSUE])


class RecordingHelpdesk(BusyHelpdesk):
    """Notes which updates each message tells at the very moment at which it is written."""

    def bind(self, scene: Scene) -> None:
        """Look into this team's store."""
        self.scene = scene
        self.told: Counter[str] = Counter()
        self.uncalled: list[str] = []

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        self._happens("add_note")
        self._judged(marker)
        return self._counting(marker, partial(super(BusyHelpdesk, self).add_note, ticket, body, marker))

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        self._happens("add_reply")
        self._judged(marker)
        return self._counting(marker, partial(super(BusyHelpdesk, self).add_reply, ticket, body, marker))

    def _counting(self, marker: str, write: Callable[[], Any]) -> Any:
        before = self._marked(marker)
        try:
            return write()
        finally:
            if self._marked(marker) and not before:
                self.told.update(item.key for item in self._delivery(marker).items)

    def _marked(self, marker: str) -> bool:
        return any(marker in ticket.markers for ticket in self._tickets.values())

    def _delivery(self, marker: str) -> Delivery:
        return next(one for one in self.scene.store.deliveries(None) if one.marker == marker)

    def _judged(self, marker: str) -> None:
        """Whatever is about to be written was called for by the last decision, on a helpdesk that is live."""
        for item in self._delivery(marker).items:
            called = [
                update["key"]
                for link in self.scene.store.links_of(item.ticket_id)
                for update in json.loads(self.scene.history(link.key).decisions[-1].output)["updates"]
                if self.scene.history(link.key).decisions
            ]
            if item.key not in called:
                self.uncalled.append(item.key)


class Sending(RuleBasedStateMachine):
    """Two workers, three customers on four tickets, two bugs, and a year in which everything happens."""

    @initialize(guarantee=st.sampled_from(list(Guarantee)), replying=st.booleans())
    def begins(self, guarantee: Guarantee, replying: bool) -> None:  # noqa: FBT001 - given by its strategy
        self.guarantee = guarantee
        self.scene = Scene(guarantee=guarantee)
        self.scene.helpdesk = RecordingHelpdesk(HELPDESK, guarantee=guarantee, timeout=self.scene.helpdesk.timeout)
        self.scene.helpdesk.bind(self.scene)
        self.scene.on(1)
        self.scene.replying = frozenset({HELPDESK} if replying else ())
        self.tickets = [self.scene.reported(who, reference) for who, reference in REPORTS]
        self.releases = 0
        self.merged = False

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.scene.clock.forward(wait)

    @rule(worker=st.sampled_from(["worker-1", "worker-2"]))
    def sends(self, worker: str) -> None:
        try:
            self.scene.send(worker)
        except KilledError:
            self.scene.helpdesk.nothing_more()

    @rule()
    def plans(self) -> None:
        self.scene.helpdesk.nothing_more()
        self.scene.decide()

    @rule(reference=BUGS)
    def a_bug_is_released(self, reference: str) -> None:
        self.releases += 1
        self.scene.is_released(reference, f"4.{self.releases}")

    @rule(reference=BUGS)
    def a_bug_is_declined(self, reference: str) -> None:
        self.scene.tracker.close(reference, self.scene.clock.at, ClosedAs.DECLINED)

    @rule(reference=BUGS)
    def a_bug_is_reopened(self, reference: str) -> None:
        self.scene.tracker.reopen(reference, self.scene.clock.at)

    @rule()
    def the_bugs_are_one(self) -> None:
        store = self.scene.store
        if not self.merged:
            self.merged = same_bug(
                store, self.scene.clock, self.scene.issue(ISSUE), self.scene.issue(OTHER_ISSUE), MIRROR, ANN
            )

    @rule(which=WHICH)
    def an_agent_answers(self, which: int) -> None:
        self.scene.replies(self.tickets[which], "We are at it.")

    @rule(which=WHICH)
    def an_agent_tells(self, which: int) -> None:
        self.scene.replies(self.tickets[which], f"It's fixed in 4.{self.releases}.")

    @rule(which=WHICH)
    def a_customer_asks(self, which: int) -> None:
        self.scene.writes_again(self.tickets[which])

    @rule(which=WHICH, wish=st.sampled_from(list(OptOut)))
    def a_customer_opts(self, which: int, wish: OptOut) -> None:
        keep_opt_out(self.scene.store, self.scene.clock, self.scene.row(self.tickets[which]), wish, ANN)

    @rule(which=WHICH, linked=st.booleans())
    def a_link_is_made_or_taken_back(self, which: int, linked: bool) -> None:  # noqa: FBT001 - given by its strategy
        change = self.scene.links_by_hand if linked else self.scene.unlinks
        change(self.tickets[which], REPORTS[which][1])

    @rule(number=st.integers(0, len(POLICIES) - 1))
    def the_policy_changes(self, number: int) -> None:
        self.scene.policy = POLICIES[number]
        self.scene.store.touch_all()

    @rule(paused=st.booleans())
    def is_paused_or_resumed(self, paused: bool) -> None:  # noqa: FBT001 - given by its strategy
        (pause if paused else resume)(self.scene.store, HELPDESK)

    @rule()
    def goes_live_anew(self) -> None:
        go_live(self.scene.store, self.scene.clock, HELPDESK, max(day(0), self.scene.clock.at - timedelta(days=9)), ANN)

    @rule(which=WHICH)
    def a_reply_is_stopped(self, which: int) -> None:
        with suppress(UsageError):
            cancel_reply(self.scene.store, self.scene.clock, self.scene.row(self.tickets[which]), ANN)

    @rule()
    def what_failed_is_tried_again(self) -> None:
        retry(self.scene.store, self.scene.clock, [], ANN)

    @rule(state=st.sampled_from([DeliveryState.POSTING, DeliveryState.POSTED, DeliveryState.UNKNOWN]))
    def will_be_killed(self, state: DeliveryState) -> None:
        self.scene.store.just_before(state, raises(KilledError()))

    @rule(committed=st.booleans())
    def will_lose_an_answer(self, committed: bool) -> None:  # noqa: FBT001 - given by its strategy
        self.scene.helpdesk.lose_next_answer(committed=committed)

    @rule(which=WHICH)
    def a_customer_is_told_while_we_read(self, which: int) -> None:
        tell = partial(self.scene.replies, self.tickets[which], f"It's fixed in 4.{self.releases}.")
        self.scene.helpdesk.just_before("messages", tell)

    @rule(wait=st.sampled_from([timedelta(0), LEASE]))
    def another_sends_while_we_read(self, wait: timedelta) -> None:
        self.scene.helpdesk.just_before("messages", partial(self._another, wait))

    def _another(self, wait: timedelta) -> None:
        self.scene.clock.forward(wait)
        self.sends("worker-2")

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert [key for key, times in self.scene.helpdesk.told.items() if times > 1] == []

    @invariant()
    def nothing_is_told_that_isnt_called_for(self) -> None:
        assert self.scene.helpdesk.uncalled == []

    @invariant()
    def what_is_recorded_as_posted_stands_there(self) -> None:
        posted = self.scene.store.deliveries(DeliveryState.POSTED)
        assert [one.marker for one in posted if not self.scene.helpdesk._marked(one.marker)] == []

    def teardown(self) -> None:
        """When all is well again, nothing that is called for is left behind."""
        scene = self.scene
        scene.store.nothing_more()
        scene.helpdesk.nothing_more()
        scene.helpdesk._lost = ""
        resume(scene.store, HELPDESK)
        for _ in range(6):
            scene.clock.forward(timedelta(hours=3))
            scene.decide()
            scene.send()
        self.nothing_is_told_twice()
        self.nothing_is_told_that_isnt_called_for()
        self.what_is_recorded_as_posted_stands_there()
        unfinished = [
            one.state for one in scene.store.deliveries(None) if one.state in ("claimed", "posting", "unknown")
        ]
        assert unfinished == []
        assert scene.store.due_updates(scene.clock.now(), 100) == ()
        open_items = scene.store.open_updates()
        assert [item.key for item in open_items if item.state is UpdateState.CLAIMED] == []


Sending.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestSending = Sending.TestCase
