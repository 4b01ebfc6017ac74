"""What people type, made into what is kept: tickets, issues, dates."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bugbridge.core.errors import UsageError
from bugbridge.core.records import IssueRow, TicketRow

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.references import ReferenceRules


def known_ticket(app: "App", typed: str) -> TicketRow:
    """Give a ticket that is kept. Raises UsageError for anything else."""
    from bugbridge.core.references import parse_ticket_reference

    reference = parse_ticket_reference(typed, app.references)
    name, _, remote_id = reference.partition(":")
    ticket = app.store.find_ticket(name, remote_id)
    if ticket is None:
        raise UsageError(f"{reference} isn't known here: `bugbridge sync` reads tickets, `bugbridge link` reads one.")
    return ticket


def known_issue(app: "App", typed: str) -> IssueRow:
    """Give an issue that is kept. Raises UsageError for anything else."""
    from bugbridge.core.references import parse_issue_reference

    reference = parse_issue_reference(typed, app.references)
    issue = app.store.find_issue(reference)
    if issue is None:
        raise UsageError(f"{reference} isn't known here: no ticket is linked to it.")
    return issue


def names_issue(app: "App", typed: str) -> bool:
    """Whether this names an issue rather than a ticket. Raises UsageError if it names neither."""
    from bugbridge.core.references import parse_issue_reference, parse_ticket_reference

    if _parses(parse_issue_reference, typed, app):
        return True
    if _parses(parse_ticket_reference, typed, app):
        return False
    raise UsageError(f"{typed!r} names no issue and no ticket of a configured tracker or helpdesk.")


def _parses(parse: "Callable[[str, ReferenceRules], str]", typed: str, app: "App") -> bool:
    try:
        parse(typed, app.references)
    except UsageError:
        return False
    return True


def instant(app: "App", typed: str, *, at_time: time = time(0)) -> datetime:
    """Read `2026-06-12`, meaning `at_time` of that day, `2026-06-12 16:00`, or an instant with its zone.

    Without a zone it is wall time in the calendar's. Raises UsageError for anything else.
    """
    from bugbridge.core.calendar import resolve_wall

    try:
        moment = datetime.fromisoformat(typed)
        whole_day = _is_date(typed)
    except ValueError:
        raise UsageError(f"{typed!r} is no date: write 2026-06-12, or '2026-06-12 16:00'.") from None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    wall = datetime.combine(moment.date(), at_time) if whole_day else moment
    return resolve_wall(wall, ZoneInfo(app.settings.calendar.zone))


def _is_date(typed: str) -> bool:
    try:
        date.fromisoformat(typed)
    except ValueError:
        return False
    return True
