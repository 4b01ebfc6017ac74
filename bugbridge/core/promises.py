"""What an agent's reply promises: another message by an instant, or once something has happened."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PromiseEvent(StrEnum):
    """What a conditional promise waits for; `news` is any news."""

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
