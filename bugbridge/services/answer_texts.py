"""What an answer says, from what is known when it is posted; nothing where it isn't needed any more."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.bug_lines import FORMS, Verb
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import AuthorKind, Entity, LinkEventKind, UpdateState
from bugbridge.core.records import LinkHistory, LinkKey, Note
from bugbridge.services.claiming import Sender, called_for_as_known, reader_language
from bugbridge.services.confirming import confirmation_text
from bugbridge.services.drafting import Called, draft_for, issue_name, reminder
from bugbridge.services.round_notes import round_text
from bugbridge.services.settling import link_state


def answer_text(sender: Sender, answer: Answer) -> str:
    """Render an answer; "" where there is nothing to say any more."""
    return TEXTS[answer.kind](sender, answer)


def _linked(sender: Sender, answer: Answer) -> str:
    key = LinkKey(answer.ticket_id, answer.bug_id or 0)
    if link_state(sender.store, key) != "linked":
        return ""
    return confirmation_text(sender, key)


def _line(sender: Sender, answer: Answer) -> str:
    subject, store = answer.subject, sender.store
    place = str(subject["place"])
    by = subject.get("by")
    parameters: dict[str, object] = {
        "code": subject["code"],
        "line": store.private(Entity.TICKET, answer.ticket_id, place),
        "why": store.private(Entity.TICKET, answer.ticket_id, f"{place}:why"),
        "suggestion": subject.get("suggestion", ""),
        "issue": issue_name(store, str(subject.get("issue", ""))),
        "projects": [str(one) for one in _several(subject.get("projects", []))],
        "issues": [issue_name(store, str(one)) for one in _several(subject.get("issues", []))],
        "verb": FORMS[Verb(str(subject["verb"]))] if "verb" in subject else "",
        "by": instant_from_text(str(by)) if by else None,
        "forms": [form for verb, form in FORMS.items() if verb is not Verb.LINK],
    }
    return sender.renderer.text(Note("answer", parameters), reader_language(sender, answer.ticket_id))


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _asks(sender: Sender, answer: Answer) -> str:
    one = _unmet(sender, answer)
    if one is None:
        return ""
    public = [message for message in one.history.messages if message.public]
    replies = [message.occurred_at for message in public if message.author_kind is AuthorKind.AGENT]
    if _said_since(one.history, max(replies, default=answer.due_at)):
        return ""
    parameters: dict[str, object] = {
        "issue": issue_name(sender.store, one.history.bug.primary_reference),
        "reason": one.intention.reason,
        "version": one.state.timeline.version,
        "replied_at": max(replies, default=None),
    }
    return sender.renderer.text(Note("asks", parameters), reader_language(sender, answer.ticket_id))


def _said_since(history: LinkHistory, replied_at: datetime) -> bool:
    """Whether the agent has said since their reply that it didn't tell the customer."""
    said = [event for event in history.link_events if event.kind is LinkEventKind.STILL_DUE]
    return any(event.occurred_at > replied_at for event in said)


def _again(sender: Sender, answer: Answer) -> str:
    one = _unmet(sender, answer)
    if one is None:
        return ""
    draft = draft_for(sender.store, sender.renderer, sender.language, one)
    note = reminder(sender.store, one, draft, sender.language)
    language = reader_language(sender, answer.ticket_id)
    return sender.renderer.text(Note(note.id, {**note.parameters, "again": True}), language)


def _unmet(sender: Sender, answer: Answer) -> Called | None:
    """Give the update that an answer is about, while it is called for and its customer hasn't been told."""
    wanted = answer.subject["update"]
    links = [link.key for link in sender.store.links_of(answer.ticket_id)]
    items = [item for key in links for item in sender.store.updates_of(key) if item.key == wanted]
    posted = [item for item in items if item.state is UpdateState.POSTED]
    return next(iter(called_for_as_known(sender, posted)), None)


TEXTS: Mapping[AnswerKind, Callable[[Sender, Answer], str]] = {
    AnswerKind.LINKED: _linked,
    AnswerKind.LINE: _line,
    AnswerKind.ASKS: _asks,
    AnswerKind.AGAIN: _again,
    AnswerKind.ROUND: round_text,
}
