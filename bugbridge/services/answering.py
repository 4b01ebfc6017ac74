"""Answer agents: confirm links, say what a line wasn't understood as, ask, remind again; each once, as reminders are.

What is to be answered is found in what is kept, so that a late or restarted daemon forgets nothing. An answer that
comes a day late helps nobody, and is let be; what is still to be told is reminded of whenever that is.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bugbridge.core.answers import FRESH_FOR, Answer, AnswerKind
from bugbridge.core.calendar import add_business_days, is_open, next_open, next_open_day, start_of_today
from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.core.model import DeliveryState, News
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.services.answer_texts import answer_text
from bugbridge.services.attempts import (
    NOTHING,
    Attempt,
    Outcome,
    SendingResult,
    advance,
    begin_posting,
    guarded,
    lease_time,
    postponed,
)
from bugbridge.services.claiming import Sender
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.quiet_helpdesks import QuietHelpdesks
from bugbridge.services.receiving import by_receiver, notes_by_receiver
from bugbridge.services.reminding import again
from bugbridge.services.round_opening import found_no_round
from bugbridge.services.settling import DAEMON

RECHECK = timedelta(seconds=60)
READ_AT_ONCE = 1_000
PROMPT = frozenset({AnswerKind.LINKED, AnswerKind.LINE})
# They take part in what an agent gets on a day.
LIMITED = frozenset({AnswerKind.AGAIN, AnswerKind.ASKS})
# What a public reply may have told, or not: only somebody's word or the version's name tells it for certain.
UNCERTAIN = frozenset({News.RELEASED.value, News.DECLINED.value, "clear-no", "wrongly-told"})
CONFIRM_NOTE, CONFIRM_TAG, CONFIRM_NOTHING = "note", "tag", "none"
LINKED_TAG = "bugbridge_linked"


def request_answers(sender: Sender) -> int:
    """Plan what is to be answered, asked and reminded of again; gives how many are new."""
    now = sender.clock.now()
    found = [
        *_confirmations(sender, now),
        *_unreadable(sender, now),
        *_repetitions(sender, now),
        *_questions(sender, now),
    ]
    return sender.store.request_answers(found) if found else 0


def _confirmations(sender: Sender, now: datetime) -> list[Answer]:
    return [
        Answer(f"linked:{event.seq}", event.ticket_id, AnswerKind.LINKED, event.occurred_at, event.bug_id)
        for event in sender.store.unconfirmed_links(now - FRESH_FOR, now)
        if _confirms_by(sender, event.ticket_id) != CONFIRM_NOTHING
    ]


def _confirms_by(sender: Sender, ticket_id: int) -> str:
    return sender.confirm.get(sender.store.ticket(ticket_id).source_name, CONFIRM_NOTE)


def _unreadable(sender: Sender, now: datetime) -> list[Answer]:
    """Say of an issue that an agent named, and that can't be read, that nothing comes of it."""
    return [
        Answer(
            f"unreadable:{finding.seq}",
            finding.ticket_id,
            AnswerKind.LINE,
            finding.occurred_at,
            subject={"code": "unreadable", "issue": reference, "place": ""},
        )
        for finding, reference in sender.store.unreadable_lines(now - FRESH_FOR, now)
    ]


def _repetitions(sender: Sender, now: datetime) -> list[Answer]:
    days = sender.policies.everybody.policy.limits.repeat_after_business_days
    if not days:
        return []
    before = add_business_days(now, -days, sender.calendar)
    return [again(item, now) for item in sender.store.unmet_reminders(before, now)]


def _questions(sender: Sender, now: datetime) -> list[Answer]:
    return [
        Answer(f"asks:{item.key}", item.ticket_id, AnswerKind.ASKS, now, item.bug_id, {"update": item.key})
        for item in sender.store.answered_reminders(UNCERTAIN, now)
    ]


def answer_due(sender: Sender, stop: Callable[[], bool], quiet: QuietHelpdesks) -> SendingResult:
    """Post the answers that are due, but on helpdesks that are to be left alone. `stop` is asked before each one."""
    request_answers(sender)
    result = SendingResult()
    for answer in sender.store.due_answers(sender.clock.now(), READ_AT_ONCE):
        if stop():
            break
        if quiet.until(answer.ticket_id) is None:
            result = result.plus(quiet.heed(answer.ticket_id, _answer(sender, answer)))
    return result


def _answer(sender: Sender, answer: Answer) -> Outcome:
    claimed = _claim(sender, answer)
    return guarded(sender, claimed, deliver_answer) if isinstance(claimed, Attempt) else claimed


def _claim(sender: Sender, answer: Answer) -> Attempt | Outcome:
    store, now = sender.store, sender.clock.now()
    ticket = store.ticket(answer.ticket_id)
    try:
        helpdesk = sender.helpdesk(ticket.source_name)
    except (UsageError, ConfigError) as error:
        return Outcome("retried", problem=str(error))
    with store.write():
        until = _waits_until(sender, answer, now)
        if until > now:
            store.put_off_answers([answer.key], until)
            return NOTHING
        lease_until = now + lease_time(helpdesk)
        delivery = store.claim_answer(answer, owner=sender.owner, lease_until=lease_until, now=now, actor=DAEMON)
    return Attempt(delivery, ticket, helpdesk) if delivery else NOTHING


def _waits_until(sender: Sender, answer: Answer, now: datetime) -> datetime:
    """Answer whoever is at work at any hour; remind in the team's, and no more often than an agent is to be."""
    if answer.kind in PROMPT or is_open(now, sender.calendar):
        return next_open_day(now, sender.calendar) if _has_enough(sender, answer, now) else now
    return next_open(now, sender.calendar)


def _has_enough(sender: Sender, answer: Answer, now: datetime) -> bool:
    if answer.kind not in LIMITED:
        return False
    limit = sender.policies.everybody.policy.limits.reminders_per_agent_day
    concerned = sender.store.concerned_tickets([answer.ticket_id])
    today = notes_by_receiver(sender.store, sender.people, start_of_today(now, sender.calendar), now)
    agents = [ticket.agent for ticket in by_receiver(sender.store, sender.people, concerned, now)]
    return any(today.get(agent, 0) >= limit for agent in agents)


def look_up_answer(sender: Sender, attempt: Attempt) -> Outcome:
    """Find out what became of a post; only an answer that isn't there is posted again."""
    remote_id = attempt.helpdesk.find_note(attempt.ticket.remote_id, attempt.delivery.marker)
    if remote_id:
        return advance(sender, attempt, DeliveryState.POSTED, "found", remote_id=remote_id, detail="found")
    return deliver_answer(sender, attempt)


def deliver_answer(sender: Sender, attempt: Attempt) -> Outcome:
    """Read the ticket afresh and post the answer, if there is still one to give."""
    store = sender.store
    _, remote = refresh_ticket(attempt.helpdesk, store, sender.clock, sender.references, attempt.ticket.remote_id)
    if not store.may_be_written_to(attempt.ticket.id, sender.clock.now()):
        return postponed(sender, attempt, RECHECK)
    answer = store.answer_of(attempt.delivery.id)
    text = answer_text(sender, answer) if answer and not _is_stale(sender, answer) else ""
    if answer is None or not text:
        return advance(sender, attempt, DeliveryState.WITHDRAWN, "withdrawn", detail="not-needed")
    if _confirms_by_tag(sender, attempt, answer):
        attempt.helpdesk.set_tag(remote, LINKED_TAG, on=True)
        return advance(sender, attempt, DeliveryState.WITHDRAWN, "withdrawn", detail="tagged")
    return _post(sender, attempt, remote, text, f"answer:{answer.kind}")


def _post(sender: Sender, attempt: Attempt, remote: RemoteTicket, text: str, detail: str) -> Outcome:
    posting = begin_posting(sender, attempt, RECHECK)
    if isinstance(posting, Outcome):
        return posting
    remote_id = attempt.helpdesk.add_note(remote, text, posting.marker)
    return advance(sender, attempt, DeliveryState.POSTED, "answered", remote_id=remote_id, detail=detail)


def _is_stale(sender: Sender, answer: Answer) -> bool:
    is_prompt = answer.kind in PROMPT or found_no_round(answer)
    return is_prompt and answer.due_at < sender.clock.now() - FRESH_FOR


def _confirms_by_tag(sender: Sender, attempt: Attempt, answer: Answer) -> bool:
    asked = answer.kind is AnswerKind.LINKED and _confirms_by(sender, answer.ticket_id) == CONFIRM_TAG
    return asked and attempt.helpdesk.takes_tags
