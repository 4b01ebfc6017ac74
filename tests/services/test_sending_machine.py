"""Planning and sending under everything that may happen in between: whatever comes, and whoever dies, what is posted
was called for at that moment, once; and in the end nothing that is called for is missing."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bugbridge.core.errors import ConflictError, UsageError
from bugbridge.core.events import MessageEvent
from bugbridge.core.model import ClosedAs, DeliveryState, OptOut
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.records import Delivery
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.snapshots import PostedReply, RemoteMessage, RemoteTicket
from bugbridge.helpdesks.memory import MemoryHelpdesk
from bugbridge.ports import Guarantee
from bugbridge.services.checking import check
from bugbridge.services.customers import keep_opt_out
from bugbridge.services.going_live import go_live, pause, resume
from bugbridge.services.identity import MIRROR, same_bug
from bugbridge.services.replying import cancel_reply, held_replies
from bugbridge.services.retrying import retry
from bugbridge.store.rows import read_events
from tests.services.scene import (
    ANN,
    EVE,
    HELPDESK,
    ISSUE,
    LEASE,
    OTHER_ISSUE,
    POLICY,
    REPLIES,
    SHIPPED_TEXT,
    UNTIL_SURE,
    BusyHelpdesk,
    KilledError,
    Scene,
    customer,
    day,
    raises,
)

REPORTS = ((customer("ada"), ISSUE), (customer("ada"), OTHER_ISSUE), (customer("ben"), ISSUE), (EVE, OTHER_ISSUE))
QUIET = parse_policy(SHIPPED_TEXT + '[[rule]]\nid = "silence"\nwhen = { stage = ["open"] }\ntell = "nothing"\n')
REPEATING = replace(POLICY, limits=replace(POLICY.limits, repeat_after_business_days=3))
POLICIES = (REPEATING, REPLIES, QUIET)
WAITS = (timedelta(0), timedelta(seconds=80), timedelta(minutes=11), LEASE, UNTIL_SURE, timedelta(hours=7))
DAYS = st.sampled_from([1, 3, 8, 15])
UNFINISHED = (DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.UNKNOWN)
CALLS = st.sampled_from(["messages", "add_note", "add_reply"])
LINES = tuple(
    f"bug: {line}"
    for line in ("told", "later 3d", "not needed: they know", "still due", "not this", "tolld", "acme/app#12")
)
ACTS = st.sampled_from(["told", "answers", "asks", "unlinks", "links", "stops", "opts out", "opts in", *LINES])
WHICH = st.integers(0, len(REPORTS) - 1)
BUGS = st.sampled_from([ISSUE, OTHER_ISSUE])


class RecordingHelpdesk(BusyHelpdesk):
    """Judges every message at the very moment at which it is written, by the team's own store and by its own record."""

    def bind(self, scene: Scene) -> None:
        """Look into this team's store."""
        self.scene = scene
        self.told: Counter[str] = Counter()
        self.replies_tried: Counter[str] = Counter()
        self.stopped: set[str] = set()
        self.wrongs: list[str] = []

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        self._happens("add_note")
        self._judge(ticket, marker)
        return str(self._counting(marker, partial(MemoryHelpdesk.add_note, self, ticket, body, marker)))

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        self._happens("add_reply")
        self._judge(ticket, marker)
        keys = [item.key for item in self._delivery(marker).items]
        tried = [*keys, f"{ticket.requester.remote_id}: {body}"]  # keys change when bugs become one, words don't
        self.wrongs += [f"{key} was stopped" for key in keys if key in self.stopped]
        try:
            posted = self._counting(marker, partial(MemoryHelpdesk.add_reply, self, ticket, body, marker))
        except ConflictError:  # certainly not written
            self.replies_tried.subtract(tried)
            raise
        finally:
            self.replies_tried.update(tried)
        assert isinstance(posted, PostedReply)
        return posted

    def _counting(self, marker: str, write: Callable[[], object]) -> object:
        """Count what a message tells if it stands there afterwards, whatever the writer heard of it."""
        delivery = self._delivery(marker)
        answer = self.scene.store.answer_of(delivery.id)
        keys = [answer.key] if answer else [item.key for item in delivery.items]
        stood = sum(marker in ticket.markers for ticket in self._tickets.values())
        messages = self._count()
        try:
            return write()
        finally:
            if self._count() > messages or (not stood and self.marked(marker)):
                self.told.update(keys)

    def _count(self) -> int:
        return sum(len(ticket.messages) for ticket in self._tickets.values())

    def marked(self, marker: str) -> bool:
        """Whether a message with this marker stands anywhere."""
        return any(marker in ticket.markers for ticket in self._tickets.values())

    def _delivery(self, marker: str) -> Delivery:
        return next(one for one in self.scene.store.deliveries(None) if one.marker == marker)

    def _judge(self, ticket: RemoteTicket, marker: str) -> None:
        """Whatever is about to be written is called for, where and when it may be, by one who knows the ticket."""
        delivery, store = self._delivery(marker), self.scene.store
        if not store.may_be_written_to(delivery.ticket_id, self.scene.clock.at):
            self.wrongs.append(f"{marker} was written where nothing may be")
        kept = {message.remote_id for message in self.scene.store_messages(delivery.ticket_id)}
        unknown = [one.remote_id for one in self.read_last.get(ticket.remote_id, ()) if one.remote_id not in kept]
        self.wrongs += [f"{marker} was written without having read {number}" for number in unknown]
        called = self._called_for(delivery)
        self.wrongs += [f"{item.key} isn't called for" for item in delivery.items if item.key not in called]

    read_last: dict[str, tuple[RemoteMessage, ...]]

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        answer = super().messages(remote_id)
        self.read_last[remote_id] = answer
        return answer

    def _called_for(self, delivery: Delivery) -> set[str]:
        """What the last decisions for the tickets' links call for."""
        histories = [
            self.scene.history(link.key)
            for ticket_id in {item.ticket_id for item in delivery.items}
            for link in self.scene.store.links_of(ticket_id)
            if link.state == "linked"
        ]
        outputs = [json.loads(history.decisions[-1].output) for history in histories if history.decisions]
        return {update["key"] for output in outputs for update in output["updates"]}


class MachineScene(Scene):
    """A scene whose helpdesk judges."""

    helpdesk: RecordingHelpdesk

    def store_messages(self, ticket_id: int) -> tuple[MessageEvent, ...]:
        """The messages of a ticket that are kept, of its own and of no other."""
        rows = self.store._rows("SELECT * FROM message WHERE ticket_id = :ticket", {"ticket": ticket_id})
        return read_events(MessageEvent, rows)


class Sending(RuleBasedStateMachine):
    """Two workers, three customers on four tickets, two bugs, and months in which everything happens."""

    @initialize(guarantee=st.sampled_from(list(Guarantee)), replying=st.booleans())
    def begins(self, guarantee: Guarantee, replying: bool) -> None:  # noqa: FBT001 - given by its strategy
        self.guarantee = guarantee
        self.scene = MachineScene(guarantee=guarantee)
        self.scene.helpdesk = RecordingHelpdesk(HELPDESK, guarantee=guarantee, timeout=self.scene.helpdesk.timeout)
        self.scene.helpdesk.read_last = {}
        self.scene.helpdesk.bind(self.scene)
        self.scene.on(1)
        self.scene.confirm = "note"
        self.scene.replying = frozenset({HELPDESK} if replying else ())
        self.scene.policy = REPLIES if replying else REPEATING
        self.tickets = [self.scene.reported(who, reference) for who, reference in REPORTS]
        self.releases, self.merged = 0, False
        self.scene.on(2)
        self.news(ISSUE, "released", 0)

    @rule(reference=BUGS, what=st.sampled_from(["released", "released", "declined", "reopened"]), days=DAYS)
    def something_happens_to_a_bug(self, reference: str, what: str, days: int) -> None:
        self.news(reference, what, days)

    def news(self, reference: str, what: str, days: int) -> None:
        """Days later, in the tracker; and all of it is read and decided."""
        self.scene.clock.forward(timedelta(days=days))
        if what == "released":
            self.releases += 1
            self.scene.is_released(reference, f"4.{self.releases}")
        elif what == "declined":
            self.scene.tracker.close(reference, self.scene.clock.at, ClosedAs.DECLINED)
        else:
            self.scene.tracker.reopen(reference, self.scene.clock.at)
        self.decides()

    def decides(self) -> None:
        """Read everything, and decide; whoever reads now isn't disturbed."""
        waiting = dict(self.scene.helpdesk._next)
        self.scene.helpdesk.nothing_more()
        self.scene.decide()
        self.scene.helpdesk._next.update(waiting)

    def sends(self, worker: str) -> None:
        """One pass, which may end with the worker's death."""
        try:
            self.scene.send(worker)
        except KilledError:
            self.scene.helpdesk.nothing_more()

    @rule(worker=st.sampled_from(["worker-1", "worker-2"]), wait=st.sampled_from(WAITS))
    def a_worker_sends(self, worker: str, wait: timedelta) -> None:
        self.sends(worker)
        self.scene.clock.forward(wait)
        self.sends("worker-1")

    @rule(
        state=st.sampled_from(
            [DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.POSTED, DeliveryState.UNKNOWN]
        ),
        wait=st.sampled_from(WAITS),
    )
    def a_worker_is_killed(self, state: DeliveryState, wait: timedelta) -> None:
        self.scene.store.just_before(state, raises(KilledError()))
        self.a_worker_sends("worker-2", wait)

    @rule(committed=st.booleans(), wait=st.sampled_from(WAITS))
    def an_answer_is_lost(self, committed: bool, wait: timedelta) -> None:  # noqa: FBT001 - given by its strategy
        self.scene.helpdesk.lose_next_answer(committed=committed)
        self.a_worker_sends("worker-1", wait)

    @rule(call=CALLS, wait=st.sampled_from([timedelta(0), LEASE, UNTIL_SURE]))
    def another_sends_meanwhile(self, call: str, wait: timedelta) -> None:
        """Who writes after the other took over is stopped by the helpdesk, where that can be: by look-up it can't."""
        if call != "messages" and self.guarantee is Guarantee.LOOKUP:
            return

        def another() -> None:
            self.scene.clock.forward(wait)
            self.sends("worker-2")

        self.scene.helpdesk.just_before(call, another)
        self.a_worker_sends("worker-1", timedelta(0))

    @rule(which=WHICH, what=st.sampled_from(["told", "asks", "unlinks", "stops", "opts out", *LINES]))
    def a_person_acts_while_we_read(self, which: int, what: str) -> None:
        self.scene.helpdesk.just_before("messages", partial(self.acts, which, what))
        self.a_worker_sends("worker-1", timedelta(minutes=11))

    @rule(which=WHICH, what=ACTS)
    def a_person_acts(self, which: int, what: str) -> None:
        self.acts(which, what)

    def acts(self, which: int, what: str) -> None:
        """One thing that an agent or a customer does."""
        ticket, reference = self.tickets[which], REPORTS[which][1]
        store, clock, row = self.scene.store, self.scene.clock, self.scene.row(ticket)
        match what:
            case "told":
                self.scene.replies(ticket, f"It's fixed in 4.{self.releases}.")
            case "answers":
                self.scene.replies(ticket, "We are at it.")
            case "asks":
                self.scene.writes_again(ticket)
            case "links":
                self.scene.links_by_hand(ticket, reference)
            case "unlinks":
                self.scene.unlinks(ticket, reference)
            case "stops":
                self.stops(ticket)
            case line if line in LINES:
                self.scene.notes(ticket, line)
            case _:
                keep_opt_out(store, clock, row, OptOut.NONE if what == "opts in" else OptOut.ALL, ANN)

    def stops(self, ticket: str) -> None:
        """A person stops the replies that are held on a ticket, if any are."""
        store, row = self.scene.store, self.scene.row(ticket)
        held = {item.key for one in held_replies(store) if one.ticket_id == row.id for item in one.items}
        with suppress(UsageError):
            cancel_reply(store, self.scene.clock, row, ANN)
            self.scene.helpdesk.stopped |= held

    @precondition(lambda self: held_replies(self.scene.store) != ())
    @rule(
        fate=st.sampled_from(["dropped", "committed", "killed", "stopped", "stopped while read", "sent"]),
        then=st.sampled_from(["", "unlinks", "becomes one"]),
    )
    def a_held_reply_falls_due(self, fate: str, then: str) -> None:
        """Ten minutes are over, and something comes in between, or before anybody looks what became of it."""
        ticket = self.scene.store.ticket(held_replies(self.scene.store)[0].ticket_id).remote_id
        self.scene.clock.forward(REPLY_HOLD)
        if fate in ("dropped", "committed"):
            self.scene.helpdesk.lose_next_answer(committed=fate == "committed")
        elif fate == "killed":
            self.scene.store.just_before(DeliveryState.POSTED, raises(KilledError()))
        elif fate == "stopped":
            self.stops(ticket)
        elif fate == "stopped while read":
            self.scene.helpdesk.just_before("messages", partial(self.stops, ticket))
        self.sends("worker-1")
        if then == "unlinks":
            self.acts(self.tickets.index(ticket), then)
        elif then == "becomes one":
            self.the_bugs_are_one()
        self.a_worker_sends("worker-1", UNTIL_SURE)

    @rule()
    def the_bugs_are_one(self) -> None:
        if not self.merged:
            first, second = self.scene.issue(ISSUE), self.scene.issue(OTHER_ISSUE)
            self.merged = same_bug(self.scene.store, self.scene.clock, first, second, MIRROR, ANN)

    @rule(number=st.integers(0, len(POLICIES) - 1))
    def the_policy_changes(self, number: int) -> None:
        self.scene.policy = POLICIES[number]
        self.scene.store.touch_all()
        self.decides()

    @rule(paused=st.booleans(), while_reading=st.booleans())
    def is_paused_or_resumed(self, paused: bool, while_reading: bool) -> None:  # noqa: FBT001 - given by its strategy
        change = partial(pause if paused else resume, self.scene.store, HELPDESK)
        if while_reading:
            self.scene.helpdesk.just_before("messages", change)
            self.a_worker_sends("worker-1", timedelta(minutes=11))
        else:
            change()
            self.a_worker_sends("worker-1", timedelta(minutes=11))

    @rule(days=DAYS)
    def goes_live_anew(self, days: int) -> None:
        since = max(day(0), self.scene.clock.at - timedelta(days=days))
        go_live(self.scene.store, self.scene.clock, HELPDESK, since, ANN)
        self.decides()

    @rule()
    def what_failed_is_tried_again(self) -> None:
        retry(self.scene.store, self.scene.clock, [], ANN)
        self.decides()

    @invariant()
    def nothing_is_told_twice(self) -> None:
        assert [key for key, times in self.scene.helpdesk.told.items() if times > 1] == []

    @invariant()
    def no_reply_is_tried_twice(self) -> None:
        assert [key for key, times in self.scene.helpdesk.replies_tried.items() if times > 1] == []

    @invariant()
    def whatever_is_written_is_rightly_written(self) -> None:
        assert self.scene.helpdesk.wrongs == []

    @invariant()
    def what_is_recorded_as_posted_stands_there(self) -> None:
        posted = self.scene.store.deliveries(DeliveryState.POSTED)
        assert [one.marker for one in posted if not self.scene.helpdesk.marked(one.marker)] == []

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
        self.no_reply_is_tried_twice()
        self.whatever_is_written_is_rightly_written()
        self.what_is_recorded_as_posted_stands_there()
        assert [one for state in UNFINISHED for one in scene.store.deliveries(state)] == []
        assert scene.store.due_updates(scene.clock.now(), 100) == ()
        assert check(scene.store).all == ()


Sending.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestSending = Sending.TestCase
