"""What somebody says of a link, kept as an event of the moment when they said it."""

from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.events import LinkEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, LinkEventKind
from bugbridge.core.records import LinkKey
from bugbridge.ports import Clock, Store
from bugbridge.services.bug_words import told_workaround


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's word about a link: who, when, and how it reached us; `source_key` keeps it from counting twice."""

    actor: Actor
    at: datetime
    how: str = ""
    source_key: str = ""

    def key_of(self, key: LinkKey, what: str) -> str:
        """Name one thing that was said of a link; without a source by the moment when it was."""
        if self.source_key:
            return f"{self.source_key}:{what}"
        return f"link:{key.ticket_id}:{key.bug_id}:{what}:{instant_to_text(self.at)}"


def say_of_link(store: Store, clock: Clock, key: LinkKey, kind: LinkEventKind, value: str, word: Word) -> int:
    """Keep it, and give the event's seq."""
    event = LinkEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        kind=kind,
        how=word.how,
        value=value,
        occurred_at=word.at,
        source_key=word.key_of(key, f"{kind}:{value}"),
    )
    return store.append([event], actor=word.actor, recorded_at=clock.now())[0]


def say_told(store: Store, clock: Clock, key: LinkKey, word: Word) -> None:
    """Keep an agent's word that this customer knows what there is to know, the workaround included."""
    with store.write():
        helped = told_workaround(store, key, word.at, word.key_of(key, "told:workaround"))
        store.append(helped, actor=word.actor, recorded_at=clock.now())
        say_of_link(store, clock, key, LinkEventKind.TOLD, "", word)
