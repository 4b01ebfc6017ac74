"""Answers: internal notes that tell a customer nothing, but an agent what came of what was done or written.

Each is posted once by its key. What it says is made when it is posted, from what is known then; only ids are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bugbridge.core.model import UpdateState

# Who wrote a line or linked a ticket yesterday has gone on to other things: nobody is answered later.
FRESH_FOR = timedelta(days=1)


class AnswerKind(StrEnum):
    """What an answer is about: a new link, a line that couldn't be followed, whether a customer knows, a reminder that
    nobody met, a round that begins."""

    LINKED = "linked"
    LINE = "line"
    ASKS = "asks"
    AGAIN = "again"
    ROUND = "round"


@dataclass(frozen=True, slots=True)
class Answer:
    """One note to the agent of a ticket. `subject` holds ids and codes, never text that somebody wrote."""

    key: str
    ticket_id: int
    kind: AnswerKind
    due_at: datetime
    bug_id: int | None = None
    subject: Mapping[str, object] = field(default_factory=dict)
    state: UpdateState = UpdateState.PLANNED
    delivery_id: int | None = None
    id: int = 0
