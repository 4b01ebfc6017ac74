"""What the services need to know of who has a ticket, and of the agents who could."""

from collections.abc import Collection, Mapping
from typing import Protocol

from bugbridge.core.people import Agent, Held


class HolderStore(Protocol):
    """Tickets by who has them, and agents."""

    def held(self, ticket_ids: Collection[int]) -> Mapping[int, Held]:
        """Give who has each of these tickets: the agent it was given to, else its assignee."""
        ...

    def agents(self) -> tuple[Agent, ...]:
        """Give all agents of all helpdesks that wrote or had a ticket, with whether they are suspended there."""
        ...
