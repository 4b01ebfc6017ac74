"""What the sidebar needs to find."""

from typing import Protocol

from bugbridge.core.sidebar import KnownBug


class SearchStore(Protocol):
    """What is found among the issues that were read."""

    def search_bugs(self, text: str, limit: int) -> tuple[KnownBug, ...]:
        """Give those whose reference or words hold every word of a text, the latest first; none for no words."""
        ...
