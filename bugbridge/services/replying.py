"""Replies: which updates may reach their customer directly, in which words, and how a person stops one."""

from collections.abc import Iterable, Sequence

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Actor, Channel, DeliveryState, FactKind, LinkEventKind, Review, UpdateState
from bugbridge.core.policy_model import REPLY
from bugbridge.core.records import Delivery, LinkHistory, Note, TicketRow, UpdateItem
from bugbridge.core.replies import ReplyConditions, is_the_agents, language_of, may_be_a_reply
from bugbridge.core.rounds import is_approved
from bugbridge.core.stages import latest
from bugbridge.ports import Clock, Store
from bugbridge.services.claiming import Sender, called_for_as_known, links_of_updates, planned_for
from bugbridge.services.drafting import Called, Common, draft_for, draft_of, quoted_workaround
from bugbridge.services.reviewing import forget_words, kept_words, say_reviewed
from bugbridge.services.saying import Word, say_of_link


def channel_of(sender: Sender, items: Sequence[UpdateItem]) -> Channel:
    """Say how these updates go, on what is known: as a reply where a person approved it or all that a reply needs is
    there, else as a note."""
    if items[0].review is Review.APPROVED:
        return Channel.REPLY
    name = sender.store.ticket(items[0].ticket_id).source_name
    if len(items) != 1 or name not in sender.replying:
        return Channel.NOTE
    called = called_for_as_known(sender, items)
    return Channel.REPLY if called and replies(sender, called) else Channel.NOTE


def replies(sender: Sender, called: Sequence[Called]) -> bool:
    """Tell whether what is called for may go as a reply: where a person approved it that is the permission."""
    one = called[0]
    if approved_text(sender.store, one):
        return True
    if one.intention.deliver != REPLY or is_the_agents(one.history, one.state, one.intention):
        return False
    common = Common(sender.store, one.history.bug)
    draft = draft_of(common, one.history, one.state, one.intention)
    name = draft.id if draft else ""
    conditions = ReplyConditions(
        allowed=one.history.ticket.source_name in sender.replying,
        draft=name,
        has_template=draft is not None and _in_their_language(sender, common, one.history, draft),
        assigned=bool(latest(one.history.ticket_facts, FactKind.ASSIGNEE)) and not _is_stood_in_for(one),
        alone=len(called) == 1,
    )
    return may_be_a_reply(one.intention, one.state.facts, conditions)


def _is_stood_in_for(one: Called) -> bool:
    """Whether somebody else receives it: nobody writes under the name of an agent who isn't there."""
    return one.receiver is not None and one.receiver.stands_in


def _in_their_language(sender: Sender, common: Common, history: LinkHistory, draft: Note) -> bool:
    """Whether somebody wrote all of it in the customer's language: the template, and any workaround that it quotes."""
    theirs = language_of(history, sender.language)
    _, foreign = quoted_workaround(common, draft, theirs, sender.language)
    return sender.renderer.speaks(draft.id, theirs) and not foreign


def reply_text(sender: Sender, called: Called) -> str:
    """Give what the customer reads: what was approved, word for word, else the draft rendered.

    Raises ValueError for an update that has no draft.
    """
    approved = approved_text(sender.store, called)
    if approved:
        return approved
    draft = draft_for(sender.store, sender.renderer, sender.language, called)
    if not draft.text:
        raise ValueError(f"There is no draft for {called.intention.reason}.")
    return draft.text


def approved_text(store: Store, called: Called) -> str:
    """Give the words in which a person approved an update, "" where nobody did or it stands no more."""
    if not is_approved(called.history, called.state, called.intention):
        return ""
    return kept_words(store, called.history.key.ticket_id, called.intention.news_seq)


def held_replies(store: Store) -> tuple[Delivery, ...]:
    """Give the replies that nobody sends yet, the oldest first."""
    claimed = store.deliveries(DeliveryState.CLAIMED)
    return tuple(delivery for delivery in claimed if delivery.channel is Channel.REPLY)


def cancel_reply(store: Store, clock: Clock, ticket: TicketRow, actor: Actor) -> int:
    """Stop the replies on a ticket that are held or approved; the agent is reminded instead, or an approved one waits
    in its round again. Gives how many.

    Raises UsageError where there is none, also because it is being sent this moment or was sent.
    """
    with store.write():
        held = [delivery for delivery in held_replies(store) if delivery.ticket_id == ticket.id]
        stopped = [delivery for delivery in held if store.cancel(delivery, now=clock.now(), actor=actor)]
        items = [item for delivery in stopped for item in delivery.items]
        approved = [item for item in items if item.review is Review.APPROVED]
        unheld = _approved_and_unheld(store, ticket)
        hand_to_agent(store, clock, [item for item in items if item not in approved], "cancelled", actor)
        say_reviewed(store, clock, links_of_updates(store, [*approved, *unheld]), Review.WAITING, actor)
        forget_words(store, [*approved, *unheld])
    if not stopped and not unheld:
        raise UsageError(f"No reply is held on {ticket.reference}: `bugbridge due` lists those that are.")
    return len(stopped) + len(unheld)


def _approved_and_unheld(store: Store, ticket: TicketRow) -> list[UpdateItem]:
    """Give what was approved a moment ago, and no sending has taken since."""
    items = [item for link in store.links_of(ticket.id) for item in store.updates_of(link.key)]
    return [item for item in items if item.review is Review.APPROVED and item.state is UpdateState.PLANNED]


def hand_to_agent(store: Store, clock: Clock, items: Iterable[UpdateItem], why: str, actor: Actor) -> None:
    """Keep that what these updates tell goes through the agent from now on, also if a link that was taken back comes
    again."""
    word = Word(actor, clock.now())
    with store.write():
        for key in sorted({key for item in items if (key := planned_for(store, item))}):
            say_of_link(store, clock, key, LinkEventKind.TO_AGENT, why, word)
