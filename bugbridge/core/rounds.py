"""Rounds: one piece of news and all the tickets that it goes to, reviewed together before anything goes out.

News for several tickets at once is a round, and so is old news that somebody kept for one when a helpdesk went live.
What a person says of a link at an instant holds for what was news by then; what happens later is told as ever. So it
outlives merges of bugs and everything else that names an update anew. Only an approval is of one piece of news alone,
since its words are frozen, and it stands until the customer writes, or somebody else is to read them. An update
that is a promise's own is never in a round; what the policy tells anyway is, whoever was promised it.

Which news is a round is said once, by an event of its bug. Until then, updates that may be of one wait for that word.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from bugbridge.core.events import BugEvent, LinkEvent
from bugbridge.core.facts import LinkState
from bugbridge.core.model import AuthorKind, BugEventKind, FactKind, LinkEventKind, News, Review
from bugbridge.core.planning import PROMISED
from bugbridge.core.policy_model import REPLY, Intention, LimitRules
from bugbridge.core.records import LinkHistory
from bugbridge.core.reviews import last_said, review_of_word
from bugbridge.core.stages import in_order

DOUBTS = frozenset({LinkEventKind.TO_AGENT, LinkEventKind.STILL_DUE})
# Questions that no policy can change and that are about a piece of news: a correction, and a clear no.
ABOUT_NEWS = frozenset({*(news.value for news in News), "wrongly-told", "clear-no"})


def review_of(history: LinkHistory, state: LinkState, intention: Intention, limits: LimitRules) -> Review:
    """Say whether an update waits for a person, as the last word about it has it, or else its round."""
    if intention.reason == PROMISED:
        return Review.NONE
    said = _last_word(history, state, intention)
    return _in_its_round(history, state, intention, limits) if said is None else said


def was_said(history: LinkHistory, state: LinkState, intention: Intention) -> bool:
    """Tell whether a person said anything of this update, so that it waits or goes whatever its round is."""
    return _last_word(history, state, intention) is not None


def is_approved(history: LinkHistory, state: LinkState, intention: Intention) -> bool:
    """Tell whether an update goes to the customer in the words that a person approved."""
    return _last_word(history, state, intention) is Review.APPROVED


def _last_word(history: LinkHistory, state: LinkState, intention: Intention) -> Review | None:
    said = last_said(history, intention.news_seq, _became_due(state, intention))
    if said is None:
        return None
    review = review_of_word(said)
    return Review.WAITING if review is Review.APPROVED and not approval_stands(history, said) else review


def approval_value(news_seq: int) -> str:
    """Write the value of an approval: of which piece of news, by its event."""
    return f"{Review.APPROVED}:{news_seq}"


def approval_of(history: LinkHistory, news_seq: int) -> LinkEvent | None:
    """Give the last approval of a piece of news, whether it stands or not; none where nobody approved it."""
    said = [event for event in in_order(history.link_events) if event.kind is LinkEventKind.REVIEWED]
    return next((event for event in reversed(said) if event.value == approval_value(news_seq)), None)


def approval_stands(history: LinkHistory, approval: LinkEvent) -> bool:
    """Tell whether nothing happened since for which its words may not fit: the customer wrote, the ticket is somebody
    else's or was merged, or nobody knows what the customer heard."""
    seq = approval.seq
    return approval.ticket_id == history.key.ticket_id and not (
        any(message.author_kind is AuthorKind.CUSTOMER and message.seq > seq for message in history.messages)
        or any(fact.kind is FactKind.REQUESTER and fact.seq > seq for fact in history.ticket_facts)
        or any(event.kind in DOUBTS and event.seq > seq for event in history.party_link_events)
    )


def _became_due(state: LinkState, intention: Intention) -> datetime:
    return state.happened_at(intention.news_seq) or intention.due_at


def _in_its_round(history: LinkHistory, state: LinkState, intention: Intention, limits: LimitRules) -> Review:
    if not may_be_in_a_round(state, intention):
        return Review.NONE
    decided = round_decided(history.bug.bug_events, intention.news_seq or 0)
    if decided is None:
        tickets = {link.ticket_id for link in history.bug.links}
        decided = 0 < limits.round_from_tickets <= len(tickets)
    return Review.WAITING if decided else Review.NONE


def may_be_in_a_round(state: LinkState, intention: Intention) -> bool:
    """Tell whether an update tells news for the agent to bring, on a link that stood before that news happened."""
    happened_at = state.happened_at(intention.news_seq)
    if happened_at is None or intention.reason not in ABOUT_NEWS or intention.deliver == REPLY:
        return False
    return state.linked_at < happened_at


def round_value(news_seq: int, *, is_round: bool) -> str:
    """Write the value of the event that says whether a piece of news is a round."""
    return json.dumps({"news_seq": news_seq, "round": is_round}, sort_keys=True)


def round_decided(events: Iterable[BugEvent], news_seq: int) -> bool | None:
    """Say whether a piece of news is a round, none while that wasn't decided."""
    event = round_event(events, news_seq)
    return None if event is None else bool(json.loads(event.value)["round"])


def latest_round(events: Iterable[BugEvent], by: datetime) -> int | None:
    """Give the piece of news of the last round that had begun by then, none where none had."""
    begun = in_order(event for event in events if event.kind is BugEventKind.ROUND and event.occurred_at <= by)
    decided = [json.loads(event.value) for event in begun]
    return next((int(one["news_seq"]) for one in reversed(decided) if one["round"]), None)


def round_event(events: Iterable[BugEvent], news_seq: int) -> BugEvent | None:
    """Give the event that decided whether a piece of news is a round, none where there is none yet."""
    kept = (event for event in events if event.kind is BugEventKind.ROUND)
    return next((event for event in kept if json.loads(event.value)["news_seq"] == news_seq), None)
