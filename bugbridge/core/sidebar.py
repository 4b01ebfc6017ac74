"""What an agent sees and does beside a ticket: its bugs, what the policy says of them, what was promised, a draft."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bugbridge.core.model import Stage, Workaround
from bugbridge.core.promises import PromiseEvent


class SidebarVerb(StrEnum):
    """What can be said there, in the words of a note's `bug:` lines. `not_later` takes the last `later` back, and
    `workaround_told` says that they have the workaround, and nobody knows whether it works."""

    LINK = "link"
    NOT_THIS = "not_this"
    MEETS_IT = "meets_it"
    WORKED = "worked"
    FAILED = "failed"
    TOLD = "told"
    LATER = "later"
    NOT_LATER = "not_later"
    WORKAROUND_TOLD = "workaround_told"
    STILL_DUE = "still_due"


class Done(StrEnum):
    """What came of it."""

    LINKED = "linked"
    ALREADY = "already"
    UNLINKED = "unlinked"
    NOT_LINKED = "not_linked"
    MEETS_IT = "meets_it"
    WORKED = "worked"
    FAILED = "failed"
    TOLD = "told"
    PUT_OFF = "put_off"
    NOT_PUT_OFF = "not_put_off"
    WORKAROUND_TOLD = "workaround_told"
    STILL_DUE = "still_due"


@dataclass(frozen=True, slots=True)
class SidebarDraft:
    """Words for the next reply, "" where there are none; `reason` is `first_reply`, or that of the update that they
    serve. `customer_language` and `workaround_language` are as a `Draft` has them."""

    reason: str = ""
    text: str = ""
    language: str = ""
    customer_language: str = ""
    workaround_language: str = ""


@dataclass(frozen=True, slots=True)
class SidebarLink:
    """One bug that the ticket reports.

    `says` is what the policy says, in sentences; `next_at` when the next update is due, none where none is planned;
    `promise` what can be promised (`date`, `news`, `nothing`), by `promise_at` for a date. `meets_it` is what this
    customer said, "" where nobody asked them. `reply_owed_by` is by when a message was promised, which only a public
    reply keeps, none where none was. `can_undo_told`: a reminder ended that could go on, or was let be in its round.
    `waits_in_round`: an update waits for a lead's word in the bug's round.
    """

    bug_id: int
    issue: str
    name: str
    words: str
    stage: Stage
    version: str
    planned_version: str
    planned_on: str
    workaround: str
    workaround_state: Workaround
    applies_to: str
    meets_it: str
    rule_id: str
    because: str
    says: tuple[str, ...]
    next_at: datetime | None
    promise: str
    promise_at: datetime | None
    put_off_until: datetime | None
    reply_owed_by: datetime | None
    can_undo_told: bool
    waits_in_round: bool
    draft: SidebarDraft


@dataclass(frozen=True, slots=True)
class KnownBug:
    """A bug that a ticket may report: its issue, its stage, and what customers call it, "" where nobody said."""

    bug_id: int
    issue: str
    words: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class SidebarPromise:
    """A promise that is still to be kept, by an instant or once something happened."""

    made_at: datetime
    due_at: datetime | None
    event: PromiseEvent | None


@dataclass(frozen=True, slots=True)
class Sidebar:
    """All that is shown beside a ticket; `more` counts the links that aren't."""

    ticket: str
    links: tuple[SidebarLink, ...]
    more: int
    suggested: tuple[KnownBug, ...]
    promises: tuple[SidebarPromise, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an act, and the bug that it was about; `until` is to when a reminder was put off."""

    done: Done
    bug_id: int
    issue: str
    until: datetime | None = None
