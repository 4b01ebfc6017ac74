"""What the board shows of updates: rows as the store hands them over. Instants are aware, in UTC."""

from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import Review, UpdateState


@dataclass(frozen=True, slots=True)
class BoardUpdate:
    """An update that is open: what it is about, when it is due, and how far it is."""

    id: int
    ticket: str
    ticket_id: int
    bug: str
    reason: str
    due_at: datetime
    state: UpdateState
    review: Review
