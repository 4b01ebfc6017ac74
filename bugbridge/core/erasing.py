"""Words for erasing: as what something was erased, whom it is about, and how much it was."""

from dataclasses import dataclass, fields
from enum import StrEnum


class ErasedKind(StrEnum):
    """As what an id at a helpdesk is remembered, by its keyed hash alone, once it was erased.

    A forgotten customer and their tickets never come back. An expired ticket does, if it is opened again.
    """

    CUSTOMER = "customer"
    TICKET = "ticket"
    EXPIRED = "expired ticket"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as we keep them; `name` and `address` may be empty."""

    id: int
    source_name: str
    remote_id: str
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: customers (and organisations that were theirs alone), tickets, messages' ids, private values.

    `updates` counts those that were still to be made or told.
    """

    people: int = 0
    organisations: int = 0
    tickets: int = 0
    messages: int = 0
    private_values: int = 0
    updates: int = 0

    def __add__(self, other: "Erased") -> "Erased":
        """Add two up."""
        return Erased(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))
