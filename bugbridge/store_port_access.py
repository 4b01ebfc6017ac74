"""What is kept of who may use the web, and of what they did there."""

from datetime import datetime
from typing import Protocol

from bugbridge.core.access import Visitor


class AccessStore(Protocol):
    """Tokens, sessions and the audit trail."""

    def add_to_trail(self, visitor: Visitor, did: str, subject: str, at: datetime) -> None:
        """Keep that somebody did something to something: ids and codes, never free text."""
        ...
