"""Rounds: what waits for a person is seen bug by bug, and is approved, goes to the agents, or is let be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Actor, Review, UpdateState
from bugbridge.core.people import Team
from bugbridge.core.records import Delivery, LinkKey, UpdateItem
from bugbridge.core.round_view import Judgement, RoundRow, RoundView, Wish, judge_wishes, ready_of
from bugbridge.ports import Clock, Store
from bugbridge.services.claiming import Sender, links_of_updates
from bugbridge.services.replying import held_replies
from bugbridge.services.reviewing import keep_approval, keep_words, say_reviewed
from bugbridge.services.round_view import Outline, draft_now, open_round, outline_round, worded_rows


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


def waiting_updates(store: Store, rows: Iterable[RoundRow]) -> tuple[UpdateItem, ...]:
    """Give the updates of these tickets of a round that wait for a person's word."""
    own = {row.update_key: row.key for row in rows if row.update_key}
    found = store.updates_of_links(tuple(dict.fromkeys(own.values())))
    items = (item for updates in found.values() for item in updates if item.key in own)
    return tuple(item for item in items if item.state is UpdateState.PLANNED and item.review is Review.WAITING)


def hold(store: Store, clock: Clock, keys: Iterable[LinkKey], actor: Actor) -> int:
    """Have all that is news of these links by now wait for a person; gives how many links."""
    return say_reviewed(store, clock, keys, Review.WAITING, actor)


def release(store: Store, clock: Clock, items: Sequence[UpdateItem], actor: Actor) -> int:
    """Let updates go out as any others, within the policy's limits; gives how many. The next planning does it."""
    return _let_go(store, clock, items, Review.RELEASED, actor)


def let_be(store: Store, clock: Clock, items: Sequence[UpdateItem], actor: Actor) -> int:
    """Have nobody reminded of these; gives how many."""
    return _let_go(store, clock, items, Review.DROPPED, actor)


def _let_go(store: Store, clock: Clock, items: Sequence[UpdateItem], said: Review, actor: Actor) -> int:
    """Nobody is to read what was written for these customers any more."""
    with store.write():
        for item in items:
            keep_words(store, item.ticket_id, item.news_seq or 0, "")
        return say_reviewed(store, clock, links_of_updates(store, items), said, actor)


def review(sender: Sender, seen: RoundView, wishes: Sequence[Wish], actor: Actor) -> Judgement:
    """Approve replies in the very words of the wishes, or take them back; gives what was done and what can't be.

    All in one transaction and on what is known by then, so that nobody approves what they haven't seen: the news is the
    one that was `seen`, and a customer who wrote meanwhile waits for an answer. Raises UsageError if it is no round any
    more. The next planning has approved replies go out.
    """
    with sender.store.write():
        tickets = {wish.ticket_id for wish in wishes}
        outline = outline_round(sender, seen.bug_id, news_seq=seen.news.seq, among=tickets)
        view = replace(outline.view, rows=worded_rows(sender, outline, outline.view.rows))
        judged = judge_wishes(view, wishes)
        held = {item.key: delivery for delivery in held_replies(sender.store) for item in delivery.items}
        for row, text in judged.approve:
            _approve(sender, view, row, text, held.get(row.update_key), actor)
        for row in judged.take_back:
            _take_back(sender, outline, row, held.get(row.update_key), actor)
    return judged


def _approve(sender: Sender, view: RoundView, row: RoundRow, text: str, held: Delivery | None, actor: Actor) -> None:
    """What was approved in other words before is stopped, so that these have their ten minutes too."""
    _stop(sender, held, actor)
    keep_approval(sender.store, sender.clock, row.key, view.news.seq, text, actor)


def _take_back(sender: Sender, outline: Outline, row: RoundRow, held: Delivery | None, actor: Actor) -> None:
    """What somebody wrote stays for whoever approves it next; a draft is worded anew."""
    _stop(sender, held, actor)
    if row.text == draft_now(sender, outline, row):
        keep_words(sender.store, row.key.ticket_id, outline.view.news.seq, "")
    say_reviewed(sender.store, sender.clock, [row.key], Review.WAITING, actor)


def _stop(sender: Sender, held: Delivery | None, actor: Actor) -> None:
    if held is not None:
        sender.store.cancel(held, now=sender.clock.now(), actor=actor)


def approve_own(sender: Sender, key: LinkKey, news_seq: int, agent_party_id: int, actor: Actor) -> int:
    """Approve the drafts that are ready in the round of a piece of news of a link's bug on the tickets that an agent
    has, or has for somebody who isn't there; gives how many.

    Raises UsageError where there is no such round.
    """
    view = open_round(sender, key.bug_id, news_seq=news_seq)
    wishes = ready_of(view.rows, own_tickets(sender, view, agent_party_id))
    return len(review(sender, view, wishes, actor).approve)


def own_tickets(sender: Sender, view: RoundView, agent_party_id: int) -> frozenset[int]:
    """Give the tickets of a round of which an agent receives what is due."""
    team, now = Team(sender.people, sender.store.agents()), sender.clock.now()
    held = sender.store.held([row.key.ticket_id for row in view.rows])
    return frozenset(
        ticket_id
        for ticket_id, one in held.items()
        if agent_party_id in {one.agent_id, *team.parties(team.receiver(one, now))}
    )
