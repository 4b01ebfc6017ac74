"""A small team to test the services with: one helpdesk, one tracker, a store in memory, and a clock that is set.

Days are elapsed days after the first of January 2026, 09:00 UTC. Nothing is a stub: texts come from the real templates.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import DecisionEvent
from bugbridge.core.model import Actor, AuthorKind, DeliveryState, TicketStatus
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import Delivery, IssueRow, KnownUpTo, LinkHistory, LinkKey, TicketRow
from bugbridge.core.references import HelpdeskPattern, ReferenceRules, TrackerPattern
from bugbridge.core.snapshots import (
    IssueSnapshot,
    MissingIssue,
    PostedReply,
    RemoteAccount,
    RemoteMessage,
    RemotePerson,
    RemoteTicket,
)
from bugbridge.helpdesks.memory import AGENT, BOT, MemoryHelpdesk
from bugbridge.ports import Guarantee
from bugbridge.render.drafts import TemplateRenderer
from bugbridge.services.going_live import go_live
from bugbridge.services.linking import link_by_hand, link_tickets, unlink_by_hand
from bugbridge.services.planning import PlanningResult, plan
from bugbridge.services.sending import Sender, SendingResult, send_due
from bugbridge.services.settling import LinkingResult
from bugbridge.services.syncing import SyncingResult, sync_tracker
from bugbridge.settings import shipped_folder
from bugbridge.store.sqlite import SqliteStore
from bugbridge.trackers.memory import MemoryTracker

HELPDESK, TRACKER = "support", "github"
ISSUE, OTHER_ISSUE = "github:acme/app#12", "github:acme/app#34"
VERSION = "4.2"
ANN = Actor(AuthorKind.AGENT, "ann", "cli")
SHIPPED_TEXT = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
SHIPPED = parse_policy(SHIPPED_TEXT)
# How a bug ended is told to customers directly, where the helpdesk allows it.
REPLIES = parse_policy(
    SHIPPED_TEXT + '[[rule]]\nid = "ourselves"\nwhen = { stage = ["released"] }\ntell = "terminal"\ndeliver = "reply"\n'
)
# Each update by itself, and once: rounds and repetitions have tests of their own.
POLICY = replace(SHIPPED, limits=replace(SHIPPED.limits, round_from_tickets=0, repeat_after_business_days=0))
RULES = ReferenceRules(
    trackers=(TrackerPattern(TRACKER, "github", "https://github.com", frozenset({"acme/app"})),),
    helpdesks=(HelpdeskPattern(HELPDESK, "https://acme.zendesk.example", r"/agent/tickets/(?P<number>[0-9]+)"),),
)
TIMEOUT = timedelta(seconds=40)
LEASE = 2 * TIMEOUT + timedelta(seconds=60)
# When an unknown outcome may be looked up at the latest: the lease and two timeouts.
UNTIL_SURE = LEASE + 2 * TIMEOUT


def day(number: float) -> datetime:
    """The instant so many elapsed days after the first."""
    return datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=number)


def named(reference: str) -> str:
    """An issue as notes name it, where one tracker of its kind is configured."""
    return reference.partition(":")[2]


def customer(name: str, tier: str = "") -> RemotePerson:
    """A customer with an organisation of their own."""
    account = RemoteAccount(f"account of {name}", tier=tier)
    return RemotePerson(name, AuthorKind.CUSTOMER, name=name, account=account)


CARLA = customer("carla")
EVE = customer("eve", "enterprise")


class KilledError(Exception):
    """The process died here. Nothing in the product catches it."""


class _Meanwhile:
    """Lets a test have something happen, once, just before a call is answered."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._next: dict[str, Callable[[], object]] = {}

    def just_before(self, call: str, happens: Callable[[], object]) -> None:
        self._next[call] = happens

    def nothing_more(self) -> None:
        self._next.clear()

    def _happens(self, call: str) -> None:
        self._next.pop(call, lambda: None)()


class BusyHelpdesk(_Meanwhile, MemoryHelpdesk):
    """A helpdesk in which people go on working while it is read."""

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        self._happens("messages")
        return super().messages(remote_id)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        self._happens("add_note")
        return super().add_note(ticket, body, marker)

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        self._happens("add_reply")
        return super().add_reply(ticket, body, marker)


class BusyTracker(_Meanwhile, MemoryTracker):
    """A tracker that can fail between two issues, and whose issues can show more than a stage."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._shown: dict[str, dict[str, Any]] = {}

    def show(self, reference: str, **fields: Any) -> None:
        """Change what else an issue's snapshot holds."""
        self._shown[reference] = fields
        self._log.append(reference)

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        for reference in references:
            self._happens(reference)
            for answer in super().issues([reference]):
                yield replace(answer, **self._shown.get(reference, {}))


class BusyStore(_Meanwhile, SqliteStore):
    """A store before whose writes a process can die."""

    def save_cursor(self, source_id: int, cursor: str, at: datetime) -> None:
        self._happens("save_cursor")
        super().save_cursor(source_id, cursor, at)

    def advance(self, delivery: Delivery, state: DeliveryState, **details: Any) -> Delivery | None:
        self._happens(state)
        return super().advance(delivery, state, **details)


class SettableClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.at = day(0)

    def now(self) -> datetime:
        return self.at

    def forward(self, time: timedelta) -> None:
        self.at += time


def raises(error: Exception) -> Callable[[], object]:
    """Something that fails when it happens."""

    def happens() -> object:
        raise error

    return happens


class Scene:
    """The team at work; it is live since day 0 unless a test says otherwise."""

    def __init__(self, *, live: bool = True, guarantee: Guarantee = Guarantee.CONDITIONAL) -> None:
        self.clock = SettableClock()
        self.store = BusyStore(":memory:")
        self.helpdesk = BusyHelpdesk(HELPDESK, guarantee=guarantee, timeout=TIMEOUT)
        self.tracker = BusyTracker(TRACKER)
        self.policy: Policy = POLICY
        self.fresh_for = timedelta.max
        self.replying: frozenset[str] = frozenset()
        self.confirm = "none"
        self.reference_rules = RULES
        self.store.declare_source(HELPDESK, "memory", "helpdesk")
        self.store.declare_source(TRACKER, "memory", "tracker")
        self.renderer = TemplateRenderer([shipped_folder() / "templates"], "UTC", self.clock)
        for reference in (ISSUE, OTHER_ISSUE):
            self.tracker.add(reference, day(0), title="internal words")
        if live:
            self.go_live(0)

    def on(self, number: float) -> "Scene":
        """Set the clock."""
        self.clock.at = day(number)
        return self

    def go_live(self, since: float) -> None:
        """Have news from a day on told."""
        go_live(self.store, self.clock, HELPDESK, day(since), ANN)

    # What people do at the helpdesk and the tracker.

    def writes_in(self, who: RemotePerson = CARLA, body: str = "It is broken.", fields: tuple[str, ...] = ()) -> str:
        """A customer's first message; gives the ticket's number."""
        return self.helpdesk.add_ticket(self.clock.at, body, who, reference_fields=fields)

    def writes_again(self, ticket: str, body: str = "Hello?") -> None:
        """The ticket's customer writes once more."""
        self.helpdesk.write(ticket, self.helpdesk._tickets[ticket].shown.requester, body, self.clock.at, public=True)

    def notes(self, ticket: str, body: str) -> None:
        """An agent writes internally."""
        self.helpdesk.write(ticket, AGENT, body, self.clock.at, public=False)

    def replies(self, ticket: str, body: str = "We are looking into it.") -> None:
        """An agent writes to the customer."""
        self.helpdesk.write(ticket, AGENT, body, self.clock.at, public=True)

    def robot_writes(self, ticket: str, body: str) -> None:
        """A bot writes internally."""
        self.helpdesk.write(ticket, BOT, body, self.clock.at, public=False)

    def solves(self, ticket: str) -> None:
        """An agent solves it."""
        self.helpdesk.change(ticket, self.clock.at, status=TicketStatus.SOLVED)

    def changes_hands(self, ticket: str, who: RemotePerson) -> None:
        """Somebody else is the ticket's customer from now on."""
        shown = self.helpdesk.ticket(ticket)
        self.helpdesk._show(replace(shown, requester=who, updated_at=self.clock.at))

    def is_released(self, reference: str = ISSUE, version: str = VERSION) -> None:
        """An issue is fixed and released."""
        self.tracker.close(reference, self.clock.at)
        self.tracker.release(reference, version, self.clock.at)

    def reported(self, who: RemotePerson = CARLA, reference: str = ISSUE) -> str:
        """A customer writes in, an agent notes the issue and answers, and all that is read; gives the ticket."""
        ticket = self.writes_in(who)
        self.notes(ticket, f"This is {reference}")
        self.replies(ticket)
        self.read()
        return ticket

    # What the daemon does.

    def link(self) -> LinkingResult:
        """Read changed tickets."""
        return link_tickets(self.helpdesk, self.store, self.clock, self.reference_rules)

    def sync(self) -> SyncingResult:
        """Read changed issues."""
        return sync_tracker(self.tracker, self.store, self.clock)

    def read(self) -> None:
        """Read both."""
        self.link()
        self.sync()

    def plan(self, ruleset_hash: str = "") -> PlanningResult:
        """Decide what is to be decided."""
        return plan(self.store, self.policy, self.clock, ALWAYS_OPEN, ruleset_hash)

    def sender(self, owner: str = "worker-1") -> Sender:
        """One worker's parts."""
        return Sender(
            store=self.store,
            helpdesk=lambda _: self.helpdesk,
            policies=Policies.single(self.policy),
            clock=self.clock,
            calendar=ALWAYS_OPEN,
            renderer=self.renderer,
            references=self.reference_rules,
            owner=owner,
            fresh_for=self.fresh_for,
            replying=self.replying,
            confirm={HELPDESK: self.confirm},
        )

    def send(self, owner: str = "worker-1", stop: Callable[[], bool] = lambda: False) -> SendingResult:
        """Post what is due."""
        return send_due(self.sender(owner), stop)

    def decide(self) -> PlanningResult:
        """Read both, then decide."""
        self.read()
        return self.plan()

    # What people do at BugBridge's own doors.

    def links_by_hand(self, ticket: str, reference: str = ISSUE) -> bool:
        """A person links."""
        return link_by_hand(self.store, self.clock, self.row(ticket), self.issue(reference), ANN)

    def unlinks(self, ticket: str, reference: str = ISSUE) -> bool:
        """A person takes a link back."""
        return unlink_by_hand(self.store, self.clock, self.row(ticket), self.issue(reference), ANN)

    # What the store holds.

    def row(self, ticket: str) -> TicketRow:
        """A ticket as it is kept."""
        found = self.store.find_ticket(HELPDESK, ticket)
        assert found is not None
        return found

    def issue(self, reference: str = ISSUE) -> IssueRow:
        """An issue as it is kept."""
        found = self.store.find_issue(reference)
        assert found is not None
        return found

    def key(self, ticket: str, reference: str = ISSUE) -> LinkKey:
        """The pair of a ticket and an issue's bug."""
        return LinkKey(self.row(ticket).id, self.issue(reference).bug_id)

    def states(self, ticket: str) -> dict[str, str]:
        """A ticket's links by the issue that was named."""
        names = {self.issue(reference).bug_id: reference for reference in (ISSUE, OTHER_ISSUE) if self.knows(reference)}
        return {names[link.key.bug_id]: link.state for link in self.store.links_of(self.row(ticket).id)}

    def knows(self, reference: str) -> bool:
        """Whether an issue is kept at all."""
        return self.store.find_issue(reference) is not None

    def history(self, key: LinkKey) -> LinkHistory:
        """All that is known of a link."""
        return self.store.link_history(key, KnownUpTo(self.store.head()))

    def decisions(self, ticket: str, reference: str = ISSUE) -> tuple[DecisionEvent, ...]:
        """What was decided for a link, the oldest first."""
        return self.history(self.key(ticket, reference)).decisions

    def updates(self, ticket: str, reference: str = ISSUE) -> list[tuple[str, str]]:
        """A link's updates: why, and where each is."""
        return [(item.reason, str(item.state)) for item in self.store.updates_of(self.key(ticket, reference))]

    def reminders(self, ticket: str) -> int:
        """How many of our notes stand on a ticket."""
        return len(self.helpdesk.notes(ticket))


def with_a_release_due(**options: Any) -> tuple[Scene, str]:
    """A scene on day 2 in which one reminder, of a release, is due; and the ticket that it is for."""
    scene = Scene(**options).on(1)
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    return scene, ticket
