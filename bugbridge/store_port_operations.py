"""What keeping a database for years needs of it: copies, checks, erasing, and all of it as rows."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bugbridge.core.erasing import Erased, ErasedKind, Person
from bugbridge.core.model import Actor
from bugbridge.core.upkeep import Misfold, Violation


class UpkeepStore(Protocol):
    """A copy of what is kept, and whether it is sound."""

    def back_up(self, path: str, progress: Callable[[int], None] = lambda _: None) -> Mapping[str, int]:
        """Copy the database to a file, checked, and give each table's rows; `progress` is told of pages copied.

        Raises DataError where it can't be made; then nothing has changed.
        """
        ...

    def pages(self) -> int:
        """Count the database's pages, as `back_up` tells its progress."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Let several reads see one state of the database."""
        ...

    def rows_kept(self) -> int:
        """Count the events that are kept."""
        ...

    def invariants(self) -> Mapping[str, str]:
        """Give the invariants that the store looks at by itself, each with its sentence, by id."""
        ...

    def violations(self, checked: Callable[[int], None]) -> Iterator[Violation]:
        """Give whatever breaks an invariant; `checked` is called with 1 after each of them."""
        ...

    def misfolds(self) -> Iterator[Misfold]:
        """Give the projections that aren't what the events say, but for a bug's stage."""
        ...

    def mend(self, misfolds: Sequence[Misfold]) -> None:
        """Put in each projection's place what the events say, all or none; the links concerned are decided again."""
        ...

    def canonical_bugs(self) -> Iterator[tuple[int, Mapping[str, str | None]]]:
        """Give every canonical bug with what its row says of its stage, by column, as text."""
        ...


class ExportStore(Protocol):
    """All that is kept, as rows."""

    def export(self, *, personal: bool) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Give each row as it was at one moment, with its table's name; personal data only if asked for."""
        ...

    def schema_version(self) -> str:
        """Name the last migration that made this database what it is."""
        ...


class ErasingStore(Protocol):
    """People and tickets of which nothing may be kept that names them."""

    def denied(self, source_id: int, kind: ErasedKind, remote_ids: Collection[str]) -> frozenset[str]:
        """Give those of these ids at a helpdesk that were erased as of this kind."""
        ...

    def customer(self, source_id: int, remote_id: str) -> Person | None:
        """Give a customer by their id at the helpdesk."""
        ...

    def customer_of(self, ticket_id: int) -> Person | None:
        """Give a ticket's customer."""
        ...

    def customers_at(self, address: str) -> tuple[Person, ...]:
        """Give the customers that write from an address, capitals aside."""
        ...

    def tickets_by(self, party_ids: Collection[int]) -> tuple[int, ...]:
        """Give the kept tickets of these customers."""
        ...

    def expired_tickets(self, before: datetime) -> tuple[int, ...]:
        """Give the tickets on which nothing has happened since, and nothing is to happen."""
        ...

    def left_without(self, ticket_ids: Collection[int]) -> tuple[int, ...]:
        """Give the customers of these tickets who have no other, nor wrote on one."""
        ...

    def erase(
        self, party_ids: Collection[int], ticket_ids: Collection[int], kind: ErasedKind, *, at: datetime, actor: Actor
    ) -> Erased:
        """Erase what names these customers and tickets, end what is planned for them, and say how much it was."""
        ...

    def scrub(self) -> bool:
        """Leave nothing of what was erased in the database's files; False where others or a full disk prevent it."""
        ...
