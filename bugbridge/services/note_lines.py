"""Do what `bug:` lines in agents' internal notes ask for, each once; what can't be done is answered once.

Only agents' own lines count: what customers and bots write, and what is quoted, asks for nothing. A line takes effect
as of the moment when it was written.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.answers import FRESH_FOR, Answer, AnswerKind
from bugbridge.core.bug_lines import BugLine, Verb, read_bug_lines
from bugbridge.core.bug_words import problem_of_words, problem_of_workaround
from bugbridge.core.errors import RefusedError, UsageError
from bugbridge.core.events import Finding
from bugbridge.core.links import LinkIntent
from bugbridge.core.model import (
    Actor,
    AuthorKind,
    Entity,
    FindingKind,
    LinkEventKind,
    LinkHow,
    OptOut,
    Workaround,
)
from bugbridge.core.promise_rules import promised_day
from bugbridge.core.readings import EXTRACTOR, EXTRACTOR_VERSION
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, TicketRow
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import RemoteMessage
from bugbridge.ports import Clock, Store
from bugbridge.services.bug_words import add_workaround, keep_words
from bugbridge.services.customers import keep_opt_out
from bugbridge.services.promise_reading import zone_of_agent
from bugbridge.services.promising import correct_promise, dismiss_promises, within_reach
from bugbridge.services.receiving import agent_named
from bugbridge.services.reminding import give, not_needed, put_off, still_due
from bugbridge.services.replying import cancel_reply
from bugbridge.services.round_opening import ask_to_send
from bugbridge.services.saying import Word, say_of_link, say_told
from bugbridge.services.settling import DAEMON, link_state, unlink

OPEN_STATES = ("linked", "suggested")
# What answers a reminder, which may have told of the customer's other tickets too.
OF_NOTES = frozenset({Verb.TOLD, Verb.LATER, Verb.GIVE_TO, Verb.NOT_NEEDED})
MAKING = frozenset({LinkEventKind.LINKED, LinkEventKind.SUGGESTED})
LINE_TEXT = "line"
LONGEST_DAY = 40


@dataclass(frozen=True, slots=True)
class NoteLines:
    """Where a note with lines stands; `pending` are the bugs that its ticket names whose issues weren't read yet."""

    store: Store
    clock: Clock
    rules: ReferenceRules
    ticket: TicketRow
    message: RemoteMessage
    message_seq: int
    author_id: int
    pending: Collection[int] = ()

    @property
    def actor(self) -> Actor:
        """The note's author, as what they say is kept."""
        return Actor(AuthorKind.AGENT, f"party:{self.author_id}", "note")

    def word(self, line: BugLine) -> Word:
        """Give what a line says its author, moment and key."""
        key = f"message:{self.message_seq}:line:{line.number}"
        return Word(self.actor, self.message.created_at, LinkHow.LINE, key)


def has_lines(message: RemoteMessage) -> bool:
    """Whether a message is one whose lines count, at a glance."""
    return message.author.kind is AuthorKind.AGENT and not message.public and "bug" in message.body.lower()


def follow_lines(note: NoteLines) -> None:
    """Follow those lines of a note that weren't followed before. To be called in a transaction of the store."""
    for line in read_bug_lines(note.message.body, note.rules):
        if _is_new(note, line):
            try:
                _follow(note, line)
            except RefusedError as error:
                _answer(note, line, error.code, error.details, str(error))
            except UsageError as error:
                _answer(note, line, "refused", {}, str(error))


def _is_new(note: NoteLines, line: BugLine) -> bool:
    before = note.store.head()
    finding = Finding(
        ticket_id=note.ticket.id,
        message_id=note.message_seq,
        extractor=EXTRACTOR,
        version=EXTRACTOR_VERSION,
        kind=FindingKind.LINE,
        value=line.verb,
        occurred_at=note.message.created_at,
        source_key=f"message:{note.message_seq}:line:{line.number}:{line.verb}",
    )
    return note.store.append([finding], actor=DAEMON, recorded_at=note.clock.now())[0] > before


def _follow(note: NoteLines, line: BugLine) -> None:
    if line.verb is Verb.UNKNOWN_ISSUE:
        raise RefusedError("unknown-issue", "", {"projects": _projects(note.rules)})
    if line.verb is Verb.UNKNOWN:
        raise RefusedError("not-understood", "", {"suggestion": line.suggestion})
    if line.verb is Verb.OPT_OUT:
        keep_opt_out(note.store, note.clock, note.ticket, OptOut.ALL, note.actor, note.message.created_at)
    elif line.verb is Verb.STOP:
        cancel_reply(note.store, note.clock, note.ticket, note.actor)
    elif line.verb is Verb.NO_PROMISE:
        _no_promise(note, line)
    elif line.verb is not Verb.LINK:  # an issue that is named is linked as a reference, once it was read
        ACTIONS[line.verb](note, line, _target(note, line))


def _target(note: NoteLines, line: BugLine) -> LinkKey:
    """Find the link that a line is about. Raises RefusedError where there is none, or more than one bug."""
    states = ("linked",) if line.verb is not Verb.NOT_THIS else OPEN_STATES
    links = [link.key for link in note.store.links_of(note.ticket.id) if link.state in states]
    keys = _made_by_then(note, links) or links or [LinkKey(note.ticket.id, bug_id) for bug_id in sorted(note.pending)]
    if line.verb in OF_NOTES:
        keys = [*note.store.links_noted_on(note.ticket.id), *keys]
    named = note.store.find_issue(line.issue) if line.issue else None
    if line.issue:
        bug_id = note.store.canonical_bug(named.bug_id) if named else None
        keys = [key for key in keys if note.store.canonical_bug(key.bug_id) == bug_id]
    bugs = {note.store.canonical_bug(key.bug_id): key for key in keys}
    if not bugs:
        raise RefusedError("not-linked" if line.issue else "no-bug", "", {"issue": line.issue})
    if len(bugs) > 1:
        raise RefusedError("which-bug", "", {"issues": _issues(note.store, bugs), "verb": line.verb})
    return next(iter(bugs.values()))


def _made_by_then(note: NoteLines, keys: Collection[LinkKey]) -> list[LinkKey]:
    """Leave out what was linked only after a line was written, although both were read at once."""
    return [key for key in keys if _linked_at(note.store, key) <= note.message.created_at]


def _linked_at(store: Store, key: LinkKey) -> datetime:
    events = store.link_history(key, KnownUpTo(store.head())).link_events
    return min(event.occurred_at for event in events if event.kind in MAKING)


def _projects(rules: ReferenceRules) -> list[str]:
    return sorted(project for tracker in rules.trackers for project in tracker.projects)


def _issues(store: Store, bug_ids: Collection[int]) -> list[str]:
    known = {bug.id: bug.reference for bug in store.bugs()}
    return sorted(known[bug_id] for bug_id in bug_ids if bug_id in known)


def _unlink(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    """Unlink whatever names the same bug, so that it stays away; also what is yet to be linked."""
    canonical = note.store.canonical_bug(key.bug_id)
    linked = [link.key for link in note.store.links_of(note.ticket.id) if link.state in OPEN_STATES]
    for one in {key, *(other for other in linked if note.store.canonical_bug(other.bug_id) == canonical)}:
        if link_state(note.store, one) != "unlinked":
            intent = LinkIntent(LinkEventKind.UNLINKED, LinkHow.LINE, note.word(line).at)
            unlink(note.store, note.clock, one, intent, note.actor)


def _say(kind: LinkEventKind, value: Callable[[BugLine], str]) -> "Action":
    def say(note: NoteLines, line: BugLine, key: LinkKey) -> None:
        say_of_link(note.store, note.clock, key, kind, value(line), note.word(line))

    return say


def _told(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    say_told(note.store, note.clock, key, note.word(line))


def _later(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    put_off(note.store, note.clock, key, line.delay, note.word(line))


def _not_needed(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    not_needed(note.store, note.clock, key, line.text, note.word(line))


def _still_due(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    still_due(note.store, note.clock, key, note.word(line))


def _give(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    try:
        agent_id = agent_named(note.store, note.rules.people, note.ticket.source_name, line.text)
    except UsageError as error:
        raise RefusedError("unknown-agent", str(error)) from None
    give(note.store, note.clock, key, agent_id, note.word(line))


def _no_promise(note: NoteLines, line: BugLine) -> None:
    """A promise is the ticket's, whichever bugs it reports."""
    if not dismiss_promises(note.store, note.clock, note.ticket, note.word(line)):
        raise RefusedError("no-bug", "", {"issue": ""})


def _promised_by(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    rules, word = note.rules, note.word(line)
    calendar = rules.promises.calendar_in(zone_of_agent(rules, note.ticket.source_name, note.message.author))
    due_at = promised_day(line.text, word.at, calendar, rules.language)
    if due_at is None:
        raise UsageError(f"{line.text[:LONGEST_DAY]!r} is no date: write 2026-06-12.")
    correct_promise(note.store, note.clock, key, within_reach(due_at, word.at, line.text), word)


def _words(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    _refuse(problem_of_words(line.text, note.rules))
    keep_words(note.store, _primary_issue(note, key), line.text)


def _refuse(problem: str) -> None:
    if problem:
        raise UsageError(problem)


def _primary_issue(note: NoteLines, key: LinkKey) -> IssueRow:
    bug = note.store.bug_course(key.bug_id, KnownUpTo(note.store.head()))
    issue = note.store.find_issue(bug.primary_reference)
    if issue is None:
        raise RefusedError("no-bug", "")
    return issue


def _workaround(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    _refuse(problem_of_workaround(line.text, note.rules))
    word, issue = note.word(line), _primary_issue(note, key)
    add_workaround(note.store, note.clock, issue, line.text, note.rules.language, word.actor, word.at)


def _send_round(note: NoteLines, line: BugLine, key: LinkKey) -> None:
    word = note.word(line)
    ask_to_send(note.store, key, note.author_id, word.at, word.source_key)


Action = Callable[[NoteLines, BugLine, LinkKey], None]

ACTIONS: Mapping[Verb, Action] = {
    Verb.NOT_THIS: _unlink,
    Verb.WORDS: _words,
    Verb.WORKAROUND: _workaround,
    Verb.WORKED: _say(LinkEventKind.WORKAROUND, lambda _: Workaround.CONFIRMED),
    Verb.FAILED: _say(LinkEventKind.WORKAROUND, lambda _: Workaround.FAILED),
    Verb.MEETS_IT: _say(LinkEventKind.MEETS_IT, lambda line: line.answer),
    Verb.TOLD: _told,
    Verb.LATER: _later,
    Verb.GIVE_TO: _give,
    Verb.NOT_NEEDED: _not_needed,
    Verb.STILL_DUE: _still_due,
    Verb.PROMISED_BY: _promised_by,
    Verb.SEND_ROUND: _send_round,
}


def _answer(note: NoteLines, line: BugLine, code: str, details: Mapping[str, object], sentence: str = "") -> None:
    """Have the agent answered on the ticket while they may still look; what they wrote is kept apart, to be quoted."""
    if note.message.created_at < note.clock.now() - FRESH_FOR:
        return
    place = f"{LINE_TEXT}:{note.message_seq}:{line.number}"
    note.store.keep_private(note.ticket.requester_id, Entity.TICKET, note.ticket.id, place, line.typed)
    if sentence:
        note.store.keep_private(note.ticket.requester_id, Entity.TICKET, note.ticket.id, f"{place}:why", sentence)
    answer = Answer(
        key=f"message:{note.message_seq}:line:{line.number}",
        ticket_id=note.ticket.id,
        kind=AnswerKind.LINE,
        due_at=note.message.created_at,
        subject={**details, "code": code, "place": place},
    )
    note.store.request_answers([answer])
