"""A bug's workarounds, folded from its events; and what the one in force is for one customer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bugbridge.core.events import BugEvent, LinkEvent
from bugbridge.core.model import BugEventKind, LinkEventKind, News, Workaround
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import NewsEvent, Timeline, in_order, repeats_workaround, timeline
from bugbridge.core.telling import stands

HAS_ONE = frozenset({Workaround.TOLD, Workaround.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Recorded:
    """One text of the workaround in force; it is kept with the bug `bug_id`, which may be a duplicate by now."""

    bug_id: int
    seq: int
    at: datetime
    language: str
    author: str


def recorded_value(author: str, language: str, *, repeats: bool, suggestion: int | None) -> str:
    """Write the value of a workaround's event; `suggestion` is the event of the one that was accepted.

    One that repeats says in other words, or in another language, what is known already.
    """
    details: dict[str, object] = {"author": author, "language": language}
    details |= {"repeats": True} if repeats else {}
    details |= {"suggestion": suggestion} if suggestion is not None else {}
    return json.dumps(details, sort_keys=True)


def in_force(events: Iterable[BugEvent]) -> tuple[Recorded, ...]:
    """Give the latest text in each language since the last new workaround, which all earlier texts give way to."""
    latest: dict[str, Recorded] = {}
    for event in in_order(event for event in events if event.kind is BugEventKind.WORKAROUND):
        if not repeats_workaround(event):
            latest.clear()
        said = json.loads(event.value)
        language, author = str(said.get("language", "")), str(said.get("author", ""))
        latest.pop(language, None)
        latest[language] = Recorded(event.bug_id, event.seq, event.occurred_at, language, author)
    return tuple(latest.values())


def accepted_suggestions(events: Iterable[BugEvent]) -> frozenset[int]:
    """Give the events of the suggestions that were accepted."""
    recorded = [json.loads(event.value) for event in events if event.kind is BugEventKind.WORKAROUND]
    return frozenset(int(said["suggestion"]) for said in recorded if "suggestion" in said)


@dataclass(slots=True)
class ForCustomer:
    """What the workaround is for one customer since when, and which pieces of news of it are still theirs to hear.

    Whoever has one that works hears of no other; once it fails them, they do.
    """

    state: Workaround = Workaround.NONE
    since: datetime | None = None
    unheard: list[NewsEvent] = field(default_factory=list)

    def hear_of(self, found: NewsEvent) -> None:
        """Take in that a workaround was found."""
        self.unheard.append(found)
        if self.state not in HAS_ONE:
            self.state = Workaround.KNOWN

    def take(self, said: LinkEvent) -> None:
        """Take in what became of it for them."""
        before, self.state, self.since = self.state, Workaround(said.value), said.occurred_at
        about_earlier = self.state is not Workaround.TOLD and before in HAS_ONE
        if not about_earlier:
            self.unheard.clear()
        elif self.state is Workaround.FAILED and self.unheard:
            self.state = Workaround.KNOWN

    @property
    def news(self) -> frozenset[NewsEvent]:
        """Which pieces of news of a workaround concern them."""
        return frozenset() if self.state in HAS_ONE else frozenset(self.unheard)


def for_customer(history: LinkHistory, bug: Timeline) -> ForCustomer:
    """Fold what was found for the bug with what is known of this customer; a telling that was taken back is none."""
    said = [event for event in history.party_link_events if event.kind is LinkEventKind.WORKAROUND]
    own = [event for event in said if event.value != Workaround.TOLD or stands(history, event.occurred_at)]
    found = [event for event in bug.news if event.news is News.WORKAROUND]
    folded = ForCustomer()
    steps = [(event.occurred_at, event.seq, event) for event in own] + [(event.at, event.seq, event) for event in found]
    for _, _, event in sorted(steps, key=lambda step: step[:2]):
        if isinstance(event, NewsEvent):
            folded.hear_of(event)
        else:
            folded.take(event)
    return folded


def assumed_at(folded: ForCustomer, complaints: Iterable[datetime], after: timedelta) -> datetime | None:
    """Give when silence makes a workaround that was told a confirmed one; none where it doesn't."""
    if folded.state is not Workaround.TOLD or folded.since is None or any(at > folded.since for at in complaints):
        return None
    return folded.since + after


def is_unheard(history: LinkHistory, at: datetime) -> bool:
    """Tell whether there was a workaround by then that this customer wasn't known to have."""
    bug = timeline(history.bug)
    by_then = replace(bug, news=tuple(event for event in bug.news if event.at <= at))
    said = tuple(event for event in history.party_link_events if event.occurred_at <= at)
    return for_customer(replace(history, party_link_events=said), by_then).state is Workaround.KNOWN
