"""What is said on an issue of those who wait for it: numbers alone, never a name, an address, a subject or words."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bugbridge.core.events import BugEvent
from bugbridge.core.model import BugEventKind, Workaround

# A comment is edited at most so often.
EDIT_INTERVAL = timedelta(days=7)
# Public counts are rounded down to 1, 2, 5, 10, 20, 50, 100, …
ROUND_STEPS = (1, 2, 5)
ASSURANCE = "No customer data is posted here; this comment is edited, never repeated."
# Without a workaround is whoever has none, and whoever it failed.
LACKING = frozenset({Workaround.NONE, Workaround.FAILED})
SECURITY = "security"


@dataclass(frozen=True, slots=True)
class WriteBackRules:
    """What a team allows on a tracker; an empty `label` adds none, `label_from` is a number of customers."""

    public_allowed: bool = False
    label: str = "customers-waiting"
    label_from: int = 10


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment of ours as its tracker shows it, the marker taken off; `written_at` is its last edit."""

    id: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class SeenIssue:
    """An issue as it is just before we write: the reference it goes by now, its labels, and its id there."""

    reference: str
    labels: tuple[str, ...] = ()
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class TicketLink:
    """A link from an issue to a ticket; the title is the ticket's reference, `resolved` that the bug ended."""

    global_id: str
    url: str
    title: str
    resolved: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many customers report a bug, and how many of them have no workaround that works."""

    customers: int = 0
    without_workaround: int = 0


class Step(StrEnum):
    """What we did on an issue; `begun` comes before each write of a comment, so that a crash leaves a trace."""

    BEGUN = "begun"
    WRITTEN = "written"
    LABELLED = "labelled"
    LINKED = "linked"
    RESOLVED = "resolved"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class Kept:
    """What we have on an issue; `begun_at` is set while a comment may or may not have been written."""

    comment_id: str = ""
    digest: str = ""
    written_at: datetime | None = None
    begun_at: datetime | None = None
    labelled: bool = False
    tickets: Mapping[int, Step] = field(default_factory=dict)


def count_customers(waiting: Iterable[tuple[int, Workaround]]) -> Counts:
    """Count accounts once, however many links they have; one lacks a workaround if one of its people does."""
    links = list(waiting)
    accounts = {account for account, _ in links}
    return Counts(len(accounts), len({account for account, workaround in links if workaround in LACKING}))


def rounded_down(number: int) -> int:
    """Give the largest of 1, 2, 5, 10, 20, 50, 100, … up to this number; 0 for 0."""
    power = 10 ** (len(str(number)) - 1)
    return max((step * power for step in ROUND_STEPS if step * power <= number), default=0)


def comment_text(counts: Counts, *, public: bool) -> str:
    """Say how many customers report a bug; where anybody may read it, rounded and with what we hold to."""
    sentence = f"{_reporting(counts, public=public)}{_lacking(counts, public=public)}."
    return f"{sentence} {ASSURANCE}" if public else sentence


def _reporting(counts: Counts, *, public: bool) -> str:
    if counts.customers == 0:
        return "No customer reports this"
    if counts.customers == 1:
        return "1 customer reports this"
    return f"{_number(counts.customers, public=public)} customers report this"


def _lacking(counts: Counts, *, public: bool) -> str:
    lacking = counts.without_workaround
    if counts.customers <= 1:
        return "" if not counts.customers else " and has no workaround" if lacking else " and has a workaround"
    if lacking == 0:
        return "; all have a workaround"
    if lacking == counts.customers:
        return "; none has a workaround"
    return "; 1 has no workaround" if lacking == 1 else f"; {_number(lacking, public=public)} have no workaround"


def _number(number: int, *, public: bool) -> str:
    return f"{rounded_down(number)} or more" if public and number > 1 else str(number)


def digest_of(text: str) -> str:
    """Name a text, so that it needn't be kept to see that it changed."""
    return _digest(text, 16)


def marker_of(reference: str) -> str:
    """Name our comment on an issue; only comments by our own account are looked at for it."""
    return _digest(f"issue {reference}", 16)


def global_id_of(ticket_reference: str) -> str:
    """Name a ticket for Jira, which takes 255 characters at most and keeps one link a name."""
    return f"bugbridge:{_digest(f'ticket {ticket_reference}', 32)}"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def is_security(labels: Iterable[str]) -> bool:
    """Tell whether a label says that an issue is the security team's to speak of."""
    return any(SECURITY in label.casefold() for label in labels)


def step_value(issue_id: int, step: Step, **details: str | int) -> str:
    """Write the value of a `written_back` event: ids, numbers and digests alone."""
    return json.dumps({"issue": issue_id, "step": step, **details}, sort_keys=True)


def kept_of(events: Iterable[BugEvent], issue_id: int) -> Kept:
    """Fold what we did on an issue, in the order in which we did it."""
    kept = Kept()
    for event in sorted(events, key=lambda event: event.seq):
        if event.kind is BugEventKind.WRITTEN_BACK:
            value = json.loads(event.value)
            kept = _after(kept, value, event.occurred_at) if value["issue"] == issue_id else kept
    return kept


def _after(kept: Kept, value: Mapping[str, Any], at: datetime) -> Kept:
    step = Step(value["step"])
    if step is Step.BEGUN:
        return replace(kept, begun_at=at)
    if step is Step.WRITTEN:
        return replace(kept, comment_id=value["comment"], digest=value["digest"], written_at=at, begun_at=None)
    if step is Step.LABELLED:
        return replace(kept, labelled=True)
    return replace(kept, tickets={**kept.tickets, value["ticket"]: step})


def comment_due(kept: Kept, counts: Counts, now: datetime, settles_in: timedelta) -> bool:
    """Tell whether a comment may be called for: the first one, or a week after the last edit one that says otherwise.

    One whose outcome is unknown is left alone until it has surely settled, `settles_in` after it was begun.
    """
    if kept.begun_at is not None:
        return now - kept.begun_at >= settles_in
    if kept.written_at is None:
        return counts.customers > 0
    said = {digest_of(comment_text(counts, public=public)) for public in (False, True)}
    return may_edit(kept.written_at, now) and kept.digest not in said


def may_edit(written_at: datetime, now: datetime) -> bool:
    """Tell whether the last edit is a week old."""
    return now - written_at >= EDIT_INTERVAL


def label_due(kept: Kept, counts: Counts, rules: WriteBackRules) -> bool:
    """Tell whether to add the label: once, so that a person who takes it off has the last word."""
    return bool(rules.label) and not kept.labelled and counts.customers >= rules.label_from


def ticket_steps(kept: Kept, tickets: Iterable[int], *, ended: bool) -> Iterator[tuple[int, Step]]:
    """Give the tickets to link, to strike through since the bug ended, and to unlink since they report it no more.

    A ticket that was never linked needs no link to a bug that ended.
    """
    standing = sorted(set(tickets))
    for ticket_id in standing:
        before = kept.tickets.get(ticket_id, Step.UNLINKED)
        wanted = Step.RESOLVED if ended else Step.LINKED
        if before is not wanted and not (ended and before is Step.UNLINKED):
            yield ticket_id, wanted
    for ticket_id, before in sorted(kept.tickets.items()):
        if ticket_id not in standing and before is not Step.UNLINKED:
            yield ticket_id, Step.UNLINKED
