"""Choose the next note for a customer, and say what of it is still called for."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar, is_open, start_of_today
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.model import Entity, FactKind, Review
from bugbridge.core.next_update import next_after_telling
from bugbridge.core.noise import SentNote, Situation, Verdict, judge, urgency
from bugbridge.core.people import NO_PEOPLE, People, Receiver
from bugbridge.core.planning import PROMISED, plan_link
from bugbridge.core.policy import ENTERPRISE
from bugbridge.core.policy_model import Intention
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey, Note, UpdateItem
from bugbridge.core.references import ReferenceRules
from bugbridge.ports import Clock, Helpdesk, Renderer, Store
from bugbridge.services.curves import curve_book
from bugbridge.services.drafting import NO_DRAFT, Called, Common, Draft, draft_of, worded
from bugbridge.services.planning import Decided, decide_link, key_of
from bugbridge.services.receiving import by_receiver, notes_by_receiver, reads_in, receiver_of

# Why an update isn't called for any more, where no rule says so.
UNLINKED, QUIET_HOURS = "unlinked", "quiet-hours"


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs; `owner` names this process in its leases.

    What was not read within `fresh_for` is stale; `replying` are the helpdesks on which replies are allowed; `confirm`
    says by helpdesk how a new link is confirmed: note, tag or none; `people` say who receives what is due on the ticket
    of an agent who isn't there.
    """

    store: Store
    helpdesk: Callable[[str], Helpdesk]
    policies: Policies
    clock: Clock
    calendar: WorkCalendar
    renderer: Renderer
    references: ReferenceRules
    owner: str
    language: str = "en"
    fresh_for: timedelta = timedelta.max
    replying: frozenset[str] = frozenset()
    confirm: Mapping[str, str] = field(default_factory=dict)
    people: People = NO_PEOPLE


@dataclass
class Imagined:
    """Notes that a preview has chosen and nobody posts: they count as if they were being posted."""

    verdicts: list[Verdict] = field(default_factory=list)

    def keys(self) -> set[str]:
        """Name the updates that these notes took."""
        return {item.key for verdict in self.verdicts for item in verdict.together}

    def notes_about(self, item: UpdateItem) -> list[SentNote]:
        """Give those about the update's customer, as notes that are being posted."""
        reasons = [{one.reason for one in each.together if _same_customer(one, item)} for each in self.verdicts]
        return [SentNote(frozenset(each)) for each in reasons if each]

    def by_agent(self) -> Counter[str]:
        """Count them by who would receive them."""
        return Counter(verdict.ticket.agent for verdict in self.verdicts if verdict.ticket is not None)


def next_note(sender: Sender, item: UpdateItem, now: datetime, imagined: Imagined | None = None) -> Verdict:
    """Say what may go out now for the customer of an update that is due, if it still is."""
    store, beside = sender.store, imagined or Imagined()
    taken = beside.keys()
    beside_it = [one for one in store.planned_beside(item) if one.key not in taken]
    if item.review is Review.APPROVED:
        return _alone(store, item, beside_it)
    items = [one for one in beside_it if one.review is not Review.APPROVED]
    if not any(one.due_at <= now for one in items):
        return Verdict()
    since = now - timedelta(days=sender.policies.everybody.policy.limits.per_contact_days)
    situation = Situation(
        items=items,
        tickets=by_receiver(store, sender.people, store.concerned_tickets({one.ticket_id for one in items}), now),
        notes=[*store.notes_about(item, since), *beside.notes_about(item)],
        enterprise=tier_of_party(store, item.party_id) == ENTERPRISE,
        notes_today=notes_by_receiver(store, sender.people, start_of_today(now, sender.calendar), now)
        + beside.by_agent(),
    )
    return judge(situation, now, sender.policies.everybody.policy.limits, sender.calendar)


def _alone(store: Store, item: UpdateItem, planned: Sequence[UpdateItem]) -> Verdict:
    """What a person approved goes out by itself, if it still stands as it was read; no limit holds it."""
    if item not in planned:
        return Verdict()
    (ticket,) = store.concerned_tickets({item.ticket_id})
    return Verdict((item,), ticket)


def tier_of_party(store: Store, party_id: int) -> str:
    """Give the plan of the customer, else of their account."""
    own = store.facts(Entity.PARTY, party_id)
    account = own.get(FactKind.ACCOUNT)
    theirs = store.facts(Entity.PARTY, int(account.value)) if account and account.value else {}
    said = [facts[FactKind.TIER].value for facts in (own, theirs) if FactKind.TIER in facts]
    return next((tier for tier in said if tier), "")


def _same_customer(one: UpdateItem, other: UpdateItem) -> bool:
    """An unknown customer is the ticket's own."""
    return one.party_id == other.party_id and bool(one.party_id or one.ticket_id == other.ticket_id)


def link_of(store: Store, item: UpdateItem) -> LinkKey | None:
    """Find the link that an update is of, under whichever name its bug was linked or goes by since."""
    return next(_links_of(store, item, {"linked"}), None)


def planned_for(store: Store, item: UpdateItem) -> LinkKey | None:
    """Find the link that an update was planned for, also where it was taken back since: what a customer read, or may
    have read, is kept all the same."""
    return link_of(store, item) or next(_links_of(store, item, {"unlinked"}), None)


def _links_of(store: Store, item: UpdateItem, states: Collection[str]) -> Iterator[LinkKey]:
    bug_id = store.canonical_bug(item.bug_id)
    keys = (link.key for link in store.links_of(item.ticket_id) if link.state in states)
    return (key for key in keys if store.canonical_bug(key.bug_id) == bug_id)


def links_of_updates(store: Store, items: Iterable[UpdateItem]) -> list[LinkKey]:
    """Find the links that updates are of, without those that have none any more."""
    return [key for item in items if (key := link_of(store, item))]


@dataclass(frozen=True, slots=True)
class Judged:
    """What of a delivery is still called for, and why the rest is not: the rule that decides now, or what happened."""

    called: tuple[Called, ...] = ()
    gone: tuple[tuple[UpdateItem, str], ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something is gone, each reason once."""
        return tuple(dict.fromkeys(why for _, why in self.gone))


def still_called_for(sender: Sender, items: Sequence[UpdateItem], ticket_id: int) -> Judged:
    """Decide again, on what was just read; in quiet hours only what was promised stays called for.

    The updates of the ticket that the note goes to come first.
    """
    open_now = is_open(sender.clock.now(), sender.calendar)
    decided: dict[LinkKey, Decided] = {}
    judged = Judged()
    for item in sorted(items, key=lambda one: (one.ticket_id != ticket_id, *urgency(one))):
        if not (open_now or item.reason == PROMISED):
            judged = replace(judged, gone=(*judged.gone, (item, QUIET_HOURS)))
            continue
        judged = _judged(sender, judged, item, decided)
    return judged


def _judged(sender: Sender, judged: Judged, item: UpdateItem, decided: dict[LinkKey, Decided]) -> Judged:
    with sender.store.write():  # the link may end while we look
        key = link_of(sender.store, item)
        if key is None:
            return replace(judged, gone=(*judged.gone, (item, UNLINKED)))
        if key not in decided:
            decided[key] = decide_link(sender.store, sender.policies, sender.clock, sender.calendar, key)
    intention = decided[key].called_for.get(item.key)
    if intention is None:
        return replace(judged, gone=(*judged.gone, (item, decided[key].rule_id)))
    history = sender.store.link_history(key, KnownUpTo(sender.store.head()))
    return replace(judged, called=(*judged.called, _called(sender, item, intention, decided[key].state, history)))


def reader_language(sender: Sender, ticket_id: int) -> str:
    """Give the language of whoever receives what is due on a ticket."""
    if not sender.people.persons:
        return sender.language
    ticket = sender.store.ticket(ticket_id)
    receiver = receiver_of(sender.store, sender.people, ticket, sender.clock.now())
    return reads_in(sender.renderer, receiver, sender.language)


def draft_on_link(
    sender: Sender, common: Common, history: LinkHistory, state: LinkState, intention: Intention
) -> Draft:
    """Word the draft of what is called for on a link, as it would stand in a reminder."""
    note = draft_of(common, history, state, intention)
    if note is None:
        return NO_DRAFT
    next_at = _next_at(sender, common.curves, history, state, intention)
    dated = Note(note.id, {**note.parameters, "next_at": next_at})
    return worded(common, sender.renderer, sender.language, history, dated)


def _next_at(
    sender: Sender, curves: CurveBook, history: LinkHistory, state: LinkState, intention: Intention
) -> datetime | None:
    now, policy = sender.clock.now(), sender.policies.of(history).policy
    return next_after_telling(state, intention, now, policy, sender.calendar, curves)


def _called(sender: Sender, item: UpdateItem, intention: Intention, state: LinkState, history: LinkHistory) -> Called:
    next_at = _next_at(sender, curve_book(sender.store), history, state, intention)
    return Called(item, intention, state, history, _receiver(sender, item), next_at)


def _receiver(sender: Sender, item: UpdateItem) -> Receiver:
    ticket, promised = sender.store.ticket(item.ticket_id), item.reason == PROMISED
    return receiver_of(sender.store, sender.people, ticket, sender.clock.now(), promised=promised)


def called_for_as_known(sender: Sender, items: Sequence[UpdateItem]) -> list[Called]:
    """Give those of the updates that are called for on what is known; keeps nothing."""
    called = (_called_as_known(sender, item) for item in items)
    return [one for one in called if one is not None]


def _called_as_known(sender: Sender, item: UpdateItem) -> Called | None:
    key = link_of(sender.store, item)
    if key is None:
        return None
    now, history = sender.clock.now(), sender.store.link_history(key, KnownUpTo(sender.store.head()))
    policy = sender.policies.of(history).policy
    state = fold_link(history, now, policy, sender.calendar)
    planned = plan_link(state, now, policy, sender.calendar, curve_book(sender.store))
    intention = next((one for one in planned.intentions if key_of(history, one) == item.key), None)
    return _called(sender, item, intention, state, history) if intention else None
