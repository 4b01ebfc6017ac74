"""A bug's own words: what customers call it, what helps meanwhile, and what engineers suggest for that.

Events tell that there is a text; the text itself lies in `private_value` alone, with the bug whose event tells of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bugbridge.core.bug_words import Words, same_words
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import UsageError
from bugbridge.core.events import BugEvent, LinkEvent
from bugbridge.core.facts import fold_link
from bugbridge.core.instants import JUST_AFTER, instant_to_text
from bugbridge.core.model import Actor, BugEventKind, Entity, LinkEventKind, Workaround
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.core.workarounds import Recorded, accepted_suggestions, in_force, is_unheard, recorded_value
from bugbridge.ports import Clock, Store

# Where the only text of a bug was kept before there was one in each language.
ONLY_TEXT = "workaround"
FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class KeptWorkaround:
    """A text of the workaround in force, by whom and since when."""

    words: Words
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an engineer's comment suggests; `number` counts a bug's suggestions, also those that are gone by now."""

    number: int
    seq: int
    text: str
    at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True)
class NewWorkaround:
    """What a person records. `new` is whether it's another workaround than the known one; none leaves it to the
    language: other words in the same language are another workaround, those in another language a translation."""

    words: Words
    new: bool | None = None
    suggestion: int | None = None


def keep_words(store: Store, issue: IssueRow, words: str) -> None:
    """Keep the customers' words for a bug; the issue's own title is internal and never used instead."""
    store.keep_private(None, Entity.BUG, store.canonical_bug(issue.bug_id), "words", words)


def add_workaround(
    store: Store, clock: Clock, issue: IssueRow, text: str, language: str, actor: Actor, at: datetime | None = None
) -> bool:
    """Record a workaround that applies to everybody, found at `at` or now; tell whether it is news to customers."""
    return record_workaround(store, clock, issue, NewWorkaround(Words(text, language)), actor, at)


def record_workaround(
    store: Store, clock: Clock, issue: IssueRow, said: NewWorkaround, actor: Actor, at: datetime | None = None
) -> bool:
    """Keep a text apart from the event that tells of it, and tell whether it is news to customers.

    A new workaround takes the place of all texts of the one before; customers never hear the same one twice. One that
    repeats it applies to the same people unless it says otherwise; the very text in force changes nothing.

    Raises UsageError where another text was found after `at`, which stays in force.
    """
    bug_id = store.canonical_bug(issue.bug_id)
    with store.write():
        in_force = kept_workarounds(store, bug_id)
        found_at, kept = _found_at(in_force, clock, at), [one.words for one in in_force]
        repeats = _repeats(said, kept)
        if repeats and not said.words.applies_to:
            said = replace(said, words=replace(said.words, applies_to=kept[0].applies_to))
        if said.words in kept:
            return False
        _replace_texts(store, bug_id, said.words, all_languages=not repeats)
        event = _recorded(bug_id, said, actor, found_at, repeats=repeats)
        store.append([event], actor=actor, recorded_at=clock.now())
    return not repeats


def _found_at(in_force: Sequence[KeptWorkaround], clock: Clock, at: datetime | None) -> datetime:
    """What is found now comes after what is in force, also where another clock ran ahead of ours."""
    since = max((one.at for one in in_force), default=None)
    if since is not None and at is not None and at < since:
        raise UsageError(f"a workaround that was found later, at {instant_to_text(since)}, stays in force.")
    return at or max(clock.now(), since + JUST_AFTER if since else clock.now())


def _recorded(bug_id: int, said: NewWorkaround, actor: Actor, at: datetime, *, repeats: bool) -> BugEvent:
    language = said.words.language
    return BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.WORKAROUND,
        value=recorded_value(actor.id, language, repeats=repeats, suggestion=said.suggestion),
        occurred_at=at,
        source_key=f"bug:{bug_id}:workaround:{language}:{instant_to_text(at)}",
    )


def _replace_texts(store: Store, bug_id: int, words: Words, *, all_languages: bool) -> None:
    for one in _in_force(store, bug_id):
        _move_only_text(store, one)
        if all_languages or one.language == words.language:
            _keep_text(store, one.bug_id, Words("", one.language))
    _keep_text(store, bug_id, words)


def _repeats(said: NewWorkaround, known: list[Words]) -> bool:
    if not known or said.new is not None:
        return bool(known) and not said.new
    if any(same_words(words.text, said.words.text) for words in known):
        return True
    return all(words.language != said.words.language for words in known)


def _in_force(store: Store, bug_id: int) -> tuple[Recorded, ...]:
    return in_force(_events(store, bug_id))


def _events(store: Store, bug_id: int) -> tuple[BugEvent, ...]:
    return store.bug_course(bug_id, KnownUpTo(store.head())).bug_events


def _move_only_text(store: Store, one: Recorded) -> None:
    if text := store.private(Entity.BUG, one.bug_id, ONLY_TEXT):
        _keep_text(store, one.bug_id, Words(text, one.language))
        store.keep_private(None, Entity.BUG, one.bug_id, ONLY_TEXT, "")


def _keep_text(store: Store, bug_id: int, words: Words) -> None:
    field = _field(words.language)
    store.keep_private(None, Entity.BUG, bug_id, field, words.text)
    store.keep_private(None, Entity.BUG, bug_id, f"{field}:applies_to", words.applies_to)


def _field(language: str) -> str:
    return f"workaround:{language}"


def kept_workarounds(store: Store, bug_id: int) -> tuple[KeptWorkaround, ...]:
    """Give the texts of the workaround in force, the oldest first."""
    kept = (KeptWorkaround(_text(store, one), one.author, one.at) for one in _in_force(store, bug_id))
    return tuple(one for one in kept if one.words.text)


def _text(store: Store, one: Recorded) -> Words:
    def private(field: str) -> str:
        return store.private(Entity.BUG, one.bug_id, field)

    field = _field(one.language)
    return Words(private(field) or private(ONLY_TEXT), one.language, private(f"{field}:applies_to"))


def workaround_for(store: Store, bug_id: int, language: str, team_language: str = FALLBACK_LANGUAGE) -> Words | None:
    """Give the workaround in this language, else in the team's, else in any, which the caller has to flag.

    None where none is known.
    """
    return workaround_among([one.words for one in kept_workarounds(store, bug_id)], language, team_language)


def workaround_among(kept: Sequence[Words], language: str, team_language: str = FALLBACK_LANGUAGE) -> Words | None:
    """Choose the same of a workaround's texts, the oldest first."""
    for wanted in (language, team_language):
        for matches in (_is_exactly, _is_kin):
            if found := _found(kept, wanted, matches):
                return found
    return kept[-1] if kept else None


def _found(kept: Sequence[Words], wanted: str, matches: Callable[[str, str], bool]) -> Words | None:
    return next((words for words in kept if matches(words.language.casefold(), wanted.casefold())), None)


def _is_exactly(one: str, other: str) -> bool:
    return one == other


def _is_kin(one: str, other: str) -> bool:
    """Tell whether two tags are of one language, such as de and de-AT."""
    return one.partition("-")[0] == other.partition("-")[0]


def customers_by_state(
    store: Store, policies: Policies, clock: Clock, calendar: WorkCalendar, bug_id: int
) -> dict[Workaround, int]:
    """Count the linked customers for whom the workaround is in each state."""
    moment, now = KnownUpTo(store.head()), clock.now()
    bug = store.bug_history(bug_id, moment)
    linked = {report.ticket_id for report in store.reports(bug_id, moment)}
    states: dict[int, Workaround] = {}
    for key in bug.links:
        if key.ticket_id in linked:
            history = store.link_history(key, moment, bug)
            facts = fold_link(history, now, policies.of(history).policy, calendar).facts
            states[history.ticket.requester_id or -key.ticket_id] = facts.workaround
    counted = Counter(states.values())
    return {state: counted[state] for state in Workaround}


def told_workaround(store: Store, key: LinkKey, at: datetime, source_key: str) -> tuple[LinkEvent, ...]:
    """Say that whoever was told what there is to know has the workaround too, if there is one that they had not."""
    if not is_unheard(store.link_history(key, KnownUpTo(store.head())), at):
        return ()
    event = LinkEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        kind=LinkEventKind.WORKAROUND,
        value=Workaround.TOLD,
        occurred_at=at,
        source_key=source_key,
    )
    return (event,)


def keep_suggestions(store: Store, issue: IssueRow, seen: IssueSnapshot) -> Iterator[BugEvent]:
    """Keep what an issue's comments suggest, as they read now, and give what is to be known of new ones.

    What was edited away or deleted is forgotten, but only where all comments were read.
    """
    texts = {comment.remote_id: comment for comment in seen.workaround_comments}
    known = {event.value for event in _suggested(store, issue.bug_id) if event.bug_id == issue.bug_id}
    for remote_id in known - texts.keys() if seen.comments_whole else ():
        store.keep_private(None, Entity.BUG, issue.bug_id, _suggestion_field(remote_id), "")
    for remote_id, comment in texts.items():
        store.keep_private(None, Entity.BUG, issue.bug_id, _suggestion_field(remote_id), comment.text)
        if remote_id not in known:
            yield BugEvent(
                bug_id=issue.bug_id,
                kind=BugEventKind.WORKAROUND_SUGGESTED,
                value=remote_id,
                occurred_at=comment.at,
                source_key=f"bug:{issue.bug_id}:workaround_suggested:{remote_id}",
            )


def _suggestion_field(remote_id: str) -> str:
    return f"suggested_workaround:{remote_id}"


def _suggested(store: Store, bug_id: int) -> list[BugEvent]:
    return [event for event in _events(store, bug_id) if event.kind is BugEventKind.WORKAROUND_SUGGESTED]


def suggestions(store: Store, bug_id: int) -> tuple[Suggestion, ...]:
    """Give what engineers suggest for a bug, in the order in which it was learned; never what was deleted since."""
    accepted = accepted_suggestions(_events(store, bug_id))
    told = sorted(_suggested(store, bug_id), key=lambda event: event.seq)
    numbered = (
        Suggestion(
            number=number,
            seq=event.seq,
            text=store.private(Entity.BUG, event.bug_id, _suggestion_field(event.value)),
            at=event.occurred_at,
            accepted=event.seq in accepted,
        )
        for number, event in enumerate(told, start=1)
    )
    return tuple(one for one in numbered if one.text)


def numbered_suggestion(store: Store, issue: IssueRow, number: int, listed: str) -> Suggestion:
    """Give a suggestion by its number; `listed` says where they are listed. Raises UsageError where there is none."""
    found = next((one for one in suggestions(store, issue.bug_id) if one.number == number), None)
    if found is None:
        raise UsageError(f"{issue.reference} has no suggestion {number}: {listed} lists them.")
    return found


def open_suggestion(store: Store, bug_id: int) -> str:
    """Give the latest suggestion that nobody accepted yet, "" for none."""
    known = [one.words.text for one in kept_workarounds(store, bug_id)]
    waiting = [one for one in suggestions(store, bug_id) if not one.accepted]
    fresh = [one.text for one in waiting if not any(same_words(one.text, text) for text in known)]
    return fresh[-1] if fresh else ""
