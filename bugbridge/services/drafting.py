"""Reminders for an agent, with their drafts: a message id and parameters, rendered at the edge."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property

from bugbridge.core.bug_words import Words
from bugbridge.core.cadence import CurveBook
from bugbridge.core.events import MessageEvent
from bugbridge.core.facts import LinkState
from bugbridge.core.first_reply import FIRST_REPLY
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import AuthorKind, Entity, FactKind, News
from bugbridge.core.people import Receiver, Why
from bugbridge.core.planning import PERIODIC, PROMISED, heaviest
from bugbridge.core.policy_model import Intention
from bugbridge.core.records import BugHistory, IssueRow, LinkHistory, Note, UpdateItem
from bugbridge.core.replies import language_of, same_language
from bugbridge.core.stages import NewsEvent
from bugbridge.core.telling import tellings
from bugbridge.core.write_back import is_security
from bugbridge.ports import Renderer, Store
from bugbridge.services.bug_words import kept_workarounds, open_suggestion, workaround_among, workaround_for
from bugbridge.services.curves import curve_book
from bugbridge.services.receiving import reads_in

# Which draft serves a question to the agent.
DRAFT_OF = {"wrongly-told": News.REOPENED.value, "clear-no": News.DECLINED.value}
MIDDAY = time(12)  # so that a day is the same day wherever it is read
DRAFTED = frozenset({*(news.value for news in News), PERIODIC, PROMISED, FIRST_REPLY})


class Common:
    """What the drafts for all links of a bug have in common, read at most once, and only what one of them needs."""

    def __init__(self, store: Store, bug: BugHistory) -> None:
        self._store = store
        self._bug = bug

    @cached_property
    def security(self) -> bool:
        """Whether any of its issues is the security team's to speak of."""
        return labelled_security(self._store, self._bug)

    @cached_property
    def words(self) -> str:
        """What customers call it, "" where nobody said."""
        return self._store.private(Entity.BUG, self._bug.bug_id, "words")

    @cached_property
    def workarounds(self) -> tuple[Words, ...]:
        """The texts of the workaround in force, the oldest first."""
        return tuple(one.words for one in kept_workarounds(self._store, self._bug.bug_id))

    @cached_property
    def curves(self) -> CurveBook:
        """The team's curves, by which the next update's date is chosen."""
        return curve_book(self._store)


def draft_of(common: Common, history: LinkHistory, state: LinkState, intention: Intention) -> Note | None:
    """Choose the draft for an update and gather its parameters; a rule's own question comes without one.

    Issue titles never enter: they are internal. Of an issue labelled security the security team speaks: no draft.
    """
    if common.security:
        return None
    name = DRAFT_OF.get(intention.reason, intention.reason)
    if name in (PROMISED, PERIODIC) and state.untold:
        name = heaviest(state.untold).news.value  # "no news" would be untrue
    if name not in DRAFTED:
        return None
    return Note(name, _parameters(common, history, state))


def issues_of(store: Store, bug: BugHistory) -> tuple[IssueRow, ...]:
    """Give all issues of a bug: primary, parts, mirrors and duplicates."""
    found = (store.find_issue(reference) for reference in bug.references)
    return tuple(issue for issue in found if issue is not None)


def labelled_security(store: Store, bug: BugHistory) -> bool:
    """Tell whether any issue of a bug is the security team's to speak of: what one says is said of all."""
    return any(is_security(_labels(store, issue)) for issue in issues_of(store, bug))


def _labels(store: Store, issue: IssueRow) -> list[str]:
    fact = store.facts(Entity.ISSUE, issue.id).get(FactKind.LABELS)
    return list(json.loads(fact.value)) if fact else []


def _parameters(common: Common, history: LinkHistory, state: LinkState) -> dict[str, object]:
    told = _told_released(history, state)
    return {
        "words": common.words,
        "workaround_state": state.facts.workaround.value,
        "wrote_at": _wrote_at(history),
        "version": state.timeline.version or state.timeline.planned_version,
        "since": state.last_update_at,
        "release_at": _release_at(state),
        "due_at": state.promise.due_at if state.promise else None,
        "told_at": told[0] if told else None,
        "told_version": told[1] if told else "",
    }


def _wrote_at(history: LinkHistory) -> datetime:
    """Give when the customer first wrote."""
    wrote = [message.occurred_at for message in history.messages if _by_customer(message)]
    return min(wrote, default=history.ticket.created_at)


def _by_customer(message: MessageEvent) -> bool:
    return message.author_kind is AuthorKind.CUSTOMER


def _release_at(state: LinkState) -> datetime | None:
    """Give the date that may be told, set by a person or by a tracker's plan, and only while the fix waits for it."""
    planned = state.timeline.planned_on
    return instant_from_text(planned) if planned and state.facts.release_planned else None


def _told_released(history: LinkHistory, state: LinkState) -> tuple[datetime, str] | None:
    """Give when, and as which version, the customer was last told of a release that a reopening took back."""
    if state.wrongly_told is None:
        return None
    back_at = state.wrongly_told.at
    released = [event for event in state.timeline.news if event.news is News.RELEASED and event.at < back_at]
    told = [telling.at for telling in tellings(history, state.timeline.news) if _between(telling.upto, released, state)]
    return (told[-1], released[-1].version) if told and released else None


def _between(at: datetime, released: list[NewsEvent], state: LinkState) -> bool:
    before_reopening = state.wrongly_told is not None and at < state.wrongly_told.at
    return before_reopening and any(event.at <= at for event in released)


@dataclass(frozen=True, slots=True)
class Called:
    """An update that is still called for, with what its reminder is written from and who receives it; `next_at` is when
    the next one falls due if this one is told now, none where none will be."""

    item: UpdateItem
    intention: Intention
    state: LinkState
    history: LinkHistory
    receiver: Receiver | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft in the customer's language, or in the nearest to it that there is one in.

    `customer_language` is "" where that is the draft's, and `workaround_language` where the draft quotes no workaround
    or one in its own language: what isn't "" the agent has to know, since nothing is translated.
    """

    text: str = ""
    language: str = ""
    customer_language: str = ""
    workaround_language: str = ""

    @property
    def flags(self) -> dict[str, object]:
        """What a note around the draft says of its languages."""
        return {
            "draft": self.text,
            "draft_language": self.language,
            "customer_language": self.customer_language,
            "workaround_language": self.workaround_language,
        }


NO_DRAFT = Draft()


def worded(common: Common, renderer: Renderer, team_language: str, history: LinkHistory, note: Note | None) -> Draft:
    """Render a draft in the customer's language, with what may be said in it: customers' words are left out of any
    language but the team's."""
    if note is None:
        return NO_DRAFT
    theirs = language_of(history, team_language)
    language = renderer.language_of(note, theirs)
    workaround, foreign = quoted_workaround(common, note, language, team_language)
    words = note.parameters["words"] if same_language(language, team_language) else ""
    filled = Note(note.id, {**note.parameters, "words": words, "workaround": workaround})
    return Draft(renderer.text(filled, theirs), language, "" if same_language(language, theirs) else theirs, foreign)


def quoted_workaround(common: Common, note: Note, language: str, team_language: str) -> tuple[str, str]:
    """Give the workaround that a draft in a language quotes, and the language that it is in where that is another.

    What is released needs no way around; a workaround of unknown language counts as the team's.
    """
    if note.id == News.RELEASED:
        return "", ""
    words = workaround_among(common.workarounds, language, team_language)
    if words is None:
        return "", ""
    written_in = words.language or team_language
    return words.text, "" if same_language(written_in, language) else written_in


def draft_for(store: Store, renderer: Renderer, team_language: str, called: Called) -> Draft:
    """Word the draft of an update; an empty one where it has none."""
    common = Common(store, called.history.bug)
    note = draft_of(common, called.history, called.state, called.intention)
    dated = Note(note.id, {**note.parameters, "next_at": called.next_at}) if note else None
    return worded(common, renderer, team_language, called.history, dated)


def issue_name(store: Store, reference: str) -> str:
    """Give an issue's reference as people say it: without its tracker's name where that is the only one of its kind."""
    name, _, rest = reference.partition(":")
    trackers = [source for source in store.sources() if source.role == "tracker"]
    kind = next((source.kind for source in trackers if source.name == name), "")
    return rest if [source.kind for source in trackers].count(kind) == 1 else reference


def note_text(store: Store, renderer: Renderer, language: str, called: Sequence[Called]) -> str:
    """Render the note that the agent reads: a reminder with its draft for each update, and a head over several."""
    texts = [_reminder_text(store, renderer, language, one) for one in called]
    if len(texts) == 1:
        return texts[0]
    updates = [{"ticket": one.history.ticket.reference, "text": text} for one, text in zip(called, texts, strict=True)]
    return renderer.text(Note("reminders", {"updates": updates}), reads_in(renderer, called[0].receiver, language))


def _reminder_text(store: Store, renderer: Renderer, language: str, called: Called) -> str:
    draft = draft_for(store, renderer, language, called)
    return renderer.text(reminder(store, called, draft, language), reads_in(renderer, called.receiver, language))


def reminder(store: Store, called: Called, draft: Draft, language: str) -> Note:
    """Wrap a rendered draft in the reminder that the agent reads; its date is the intended one, not what put it off.

    `language` is the team's, in which workarounds are chosen for agents.
    """
    history, state, intention = called.history, called.state, called.intention
    parameters: dict[str, object] = {
        "ticket": history.ticket.reference,
        "issue": issue_name(store, history.bug.primary_reference),
        "stage": state.facts.stage.value,
        "reason": intention.reason,
        "question": _question(history, intention),
        "version": state.timeline.version or state.timeline.planned_version,
        "due_at": intention.due_at,
        "silent_since": state.last_update_at,
        "security": labelled_security(store, history.bug),
        **for_agents(store, history, language),
        **for_whom(called.receiver),
        **draft.flags,
    }
    return Note("reminder", parameters)


def for_agents(store: Store, history: LinkHistory, language: str) -> dict[str, object]:
    """Say what agents alone read of a bug's workarounds: to whom one applies, and what engineering suggests."""
    words = workaround_for(store, history.bug.bug_id, language, language)
    suggestion = open_suggestion(store, history.bug.bug_id)
    return {"applies_to": words.applies_to if words else "", "suggestion": suggestion}


def for_whom(receiver: Receiver | None) -> dict[str, object]:
    """Say whom a reminder is for, and why, where that isn't the ticket's assignee."""
    if receiver is None or receiver.why is Why.ASSIGNED:
        return {"receiver": ""}
    until = datetime.combine(receiver.until, MIDDAY, UTC) if receiver.until else None
    absence = receiver.why.value if receiver.stands_in else ""
    return {"receiver": receiver.name, "absence": absence, "absent": receiver.absent, "absent_until": until}


def _question(history: LinkHistory, intention: Intention) -> str:
    asked = [decision for decision in history.decisions if decision.rule_id == intention.reason]
    person = json.loads(asked[-1].output)["person"] if asked else ""
    return str(person).partition(":")[2].strip()
