"""What people type, made into what is kept: tickets, issues, dates."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bugbridge.core.errors import UsageError
from bugbridge.core.records import IssueRow, TicketRow
from bugbridge.entry.ways import COMMAND_LINE, Ways

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.references import ReferenceRules

# What calendars can reckon with in every zone, and more than any bug needs.
YEARS = range(1970, 2201)
LONGEST_VERSION = 100
LONGEST_SHOWN = 80
LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?")
DATES = "2026-06-12, or '2026-06-12 16:00'"
NO_HELPDESK = "No helpdesk is configured: add one to the configuration first."


def only_helpdesk(app: "App") -> str:
    """Give the configured helpdesk's name. Raises UsageError where there are several, or none."""
    names = list(app.settings.helpdesks)
    if len(names) != 1:
        raise UsageError(f"Name a helpdesk: {', '.join(names)}." if names else NO_HELPDESK)
    return names[0]


def known_ticket(app: "App", typed: str, ways: Ways = COMMAND_LINE) -> TicketRow:
    """Give a ticket that is kept. Raises UsageError for anything else."""
    from bugbridge.core.references import parse_ticket_reference

    kept = _kept_ticket(app, typed)
    if kept is not None:
        return kept
    refuse_unknown_of_file(app, typed)
    reference = parse_ticket_reference(typed, app.references)
    name, _, remote_id = reference.partition(":")
    ticket = app.store.find_ticket(name, remote_id)
    if ticket is None:
        raise unknown_ticket(reference, ways)
    return ticket


def unknown_ticket(reference: str, ways: Ways = COMMAND_LINE) -> UsageError:
    """Give what is raised for a ticket that isn't kept."""
    return UsageError(f"{reference} isn't known here: {ways.reads}.")


def refuse_unknown_of_file(app: "App", typed: str) -> None:
    """Raise UsageError for a ticket that nobody could read: its helpdesk is known from a file alone."""
    name, colon, _ = typed.strip().partition(":")
    if colon and name not in app.settings.helpdesks and any(one.name == name for one in app.store.sources()):
        raise UsageError(f"There is no ticket {typed.strip()[:LONGEST_SHOWN]}: what was read from files has none such.")


def known_issue(app: "App", typed: str) -> IssueRow:
    """Give an issue that is kept. Raises UsageError for anything else."""
    from bugbridge.core.references import parse_issue_reference

    kept = app.store.find_issue(typed.strip())
    if kept is not None:
        return kept
    issue = app.store.find_issue(parse_issue_reference(typed, app.references))
    if issue is None:
        raise UsageError(not_known(app, typed))
    return issue


def not_known(app: "App", typed: str) -> str:
    """Say that no such issue is kept. Raises UsageError for what names none."""
    from bugbridge.core.references import parse_issue_reference

    return f"{parse_issue_reference(typed, app.references)} isn't known here: no ticket is linked to it."


def names_issue(app: "App", typed: str) -> bool:
    """Whether this names an issue rather than a ticket. Raises UsageError if it names neither."""
    from bugbridge.core.references import parse_issue_reference, parse_ticket_reference

    if app.store.find_issue(typed.strip()) is not None or _parses(parse_issue_reference, typed, app):
        return True
    if _kept_ticket(app, typed) is not None or _parses(parse_ticket_reference, typed, app):
        return False
    raise UsageError(f"{typed!r} names no issue and no ticket of a configured tracker or helpdesk.")


def _parses(parse: "Callable[[str, ReferenceRules], str]", typed: str, app: "App") -> bool:
    try:
        parse(typed, app.references)
    except UsageError:
        return False
    return True


def instant(app: "App", typed: str, *, at_time: time = time(0), forms: str = DATES) -> datetime:
    """Read `2026-06-12`, meaning `at_time` of that day, `2026-06-12 16:00`, or an instant with its zone.

    Without a zone it is wall time in the calendar's. Raises UsageError for anything else, which shows these `forms`,
    and outside YEARS.
    """
    from bugbridge.core.calendar import resolve_wall

    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise UsageError(f"{typed!r} is no date: write {forms}.") from None
    if moment.year not in YEARS:
        raise UsageError(f"{typed!r} is out of reach: a date lies in the years {YEARS[0]} to {YEARS[-1]}.")
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    wall = moment if _day(typed) is None else datetime.combine(moment.date(), at_time)
    return resolve_wall(wall, ZoneInfo(app.settings.calendar.zone))


def is_today(app: "App", typed: str) -> bool:
    """Whether this is the present day in the calendar's zone, without a time."""
    return _day(typed) == app.clock.now().astimezone(ZoneInfo(app.settings.calendar.zone)).date()


def policy_start(app: "App", typed: str | None) -> datetime | None:
    """Read from when on a policy is to be in force, none for now; today is now, since its beginning has passed.

    Raises UsageError.
    """
    return None if typed is None or is_today(app, typed) else instant(app, typed)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def release_version(typed: str) -> str:
    """Read a version's name, which customers are told. Raises UsageError where it couldn't be read or written."""
    version = typed.strip()
    if not version or len(version) > LONGEST_VERSION or not version.isprintable():
        raise UsageError(
            f"A version is a name on one line that can be read, of 1 to {LONGEST_VERSION} characters, such as 4.2."
        )
    return version


def language_tag(typed: str) -> str:
    """Read a language, such as en or pt-BR, in any case. Raises UsageError for anything else."""
    match = LANGUAGE.fullmatch(typed.strip())
    if match is None:
        raise UsageError(f"{typed!r} is no language: write a tag such as en, de or pt-BR.")
    return match[1].lower() + (f"-{match[2].upper()}" if match[2] else "")


def _kept_ticket(app: "App", typed: str) -> TicketRow | None:
    """Give a ticket that is named as it is kept, also one of a file's own helpdesk, which isn't configured."""
    name, _, remote_id = typed.strip().partition(":")
    return app.store.find_ticket(name, remote_id)
