"""What Request Tracker is asked for: cursors, TicketSQL and TransactionSQL.

RT reads the instants of a query in the asking user's zone and to the second, and takes one with a Z for 1970.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bugbridge.core.errors import DataError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OLDEST_FIRST = "orderby=LastUpdated&order=ASC&orderby=id&order=ASC"
NEWEST_FIRST = "orderby=LastUpdated&order=DESC"
BY_NUMBER = "orderby=id&order=ASC"
PERSON_FIELDS = "RealName,EmailAddress,Organization,Lang,Timezone,CustomFields"
PEOPLE_FIELDS = {f"fields[{role}]": PERSON_FIELDS for role in ("Owner", "Creator")}
QUEUE_FIELDS = {"fields[Queue]": "Name"}
TICKET_FIELDS = {
    "fields": "Subject,Status,Created,LastUpdated,EffectiveId,Queue,Owner,Creator,Requestor,CustomFields,_hyperlinks",
    "fields[Requestor]": PERSON_FIELDS,
    **QUEUE_FIELDS,
    **PEOPLE_FIELDS,
}
TRANSACTION_FIELDS = {"fields": "Type,Created,Creator", "fields[Creator]": PERSON_FIELDS}
VANISHING_FIELDS = {"fields": "Type,Created,ObjectId"}
ATTACHMENT_FIELDS = {"fields": "TransactionId,ContentType,Filename,Content"}
CURSOR = re.compile(r"(?P<at>\S+) (?P<ticket>[0-9]{1,18})(?P<first> first)?")
FORM = "%Y-%m-%dT%H:%M:%SZ"
FIRST = " first"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a search by LastUpdated was read: every ticket up to this (second, id)."""

    at: datetime
    ticket: int

    def cursor(self) -> str:
        """Write it as kept in the store."""
        return f"{self.at:{FORM}} {self.ticket}"

    def condition(self) -> str:
        """Write TicketSQL for what comes after."""
        second = written(self.at)
        return f"LastUpdated >= '{second}' AND (LastUpdated > '{second}' OR id > {self.ticket})"


BEGINNING = Position(EPOCH, 0)


def first_cursor(instant: datetime) -> str:
    """Write a cursor for a first reading from an instant on, in which nothing can have vanished that was known."""
    return f"{Position(instant.astimezone(UTC), 0).cursor()}{FIRST}"


def read_cursor(cursor: str) -> tuple[Position, bool]:
    """Give the position, and whether the reading is a first one. Raises DataError for a cursor that isn't ours."""
    if not cursor:
        return BEGINNING, True
    match = CURSOR.fullmatch(cursor)
    try:
        if match:
            at = datetime.strptime(match["at"], FORM).replace(tzinfo=UTC)
            return Position(at, int(match["ticket"])), bool(match["first"])
    except ValueError:
        pass
    raise DataError(f"The stored cursor {cursor!r} isn't one of Request Tracker's.")


def of_queues(condition: str, queues: Sequence[str], field: str = "Queue") -> str:
    """Narrow a condition to queues, where any are named."""
    return f"{condition} AND ({_any_of(field, map(_quoted, queues))})" if queues else condition


def vanished_since(instant: datetime, queues: Sequence[str]) -> str:
    """Write TransactionSQL for what searches don't show: deletions, and merges by the ticket that took the other in.

    Going by the ticket's own LastUpdated keeps it quick: RT has no index on the times of transactions.
    """
    second = written(instant)
    deleted = "TicketStatus = 'deleted' AND Type = 'Status' AND NewValue = 'deleted'"
    merged = f"Type = 'AddLink' AND Field = 'MergedInto' AND Created >= '{second}'"
    condition = f"ObjectType = 'RT::Ticket' AND TicketLastUpdated >= '{second}' AND (({deleted}) OR ({merged}))"
    return of_queues(condition, queues, "TicketQueue")


def merged_into(survivors: Iterable[str]) -> str:
    """Write TicketSQL for these tickets and all that were merged into them; RT 5.0.3 knows no IN."""
    return f"({_any_of('EffectiveId', survivors)})"


def written(instant: datetime) -> str:
    """Write an instant as a query wants it."""
    return f"{instant:%Y-%m-%d %H:%M:%S}"


def _any_of(field: str, values: Iterable[str]) -> str:
    return " OR ".join(f"{field} = {value}" for value in values)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
