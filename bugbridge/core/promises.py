"""What an agent's reply promises: another message by an instant, or once something has happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bugbridge.core.calendar import WorkCalendar


class PromiseEvent(StrEnum):
    """What a conditional promise waits for; `news` is whatever changes, at the least how the bug ended."""

    RELEASED = "released"
    FIXED = "fixed"
    WORKAROUND = "workaround"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class SaidPromise:
    """A promise that a reply makes from `start` to `end`: dated ("I'll write by Friday"), `due_at` being in UTC, or
    conditional ("once it's released"), with the `event` that it waits for."""

    start: int
    end: int
    due_at: datetime | None = None
    event: PromiseEvent | None = None


class PromiseFinder(Protocol):
    """What finds promises in a reply; `calendar` is in the zone of whoever said it."""

    def __call__(self, text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:
        """Give the promises of a text in a language, in order."""
        ...
