"""What a cell of an export says: an instant, a ticket's id, a bug. ValueError says, in a sentence, why it says none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import resolve_wall
from bugbridge.core.errors import UsageError
from bugbridge.core.references import ReferenceRules, parse_issue_reference, parse_ticket_reference, project_of

# What calendars can reckon with in every zone, and more than any bug needs.
YEARS = range(1970, 2201)
LONGEST_SHOWN = 60
LONGEST_DAY = len("2026-06-01")  # any ISO form of a day with a time is longer, and none without one is
WAYS_TO_WRITE = "write 2026-06-01, 2026-06-01 09:00 or 2026-06-01T09:00:00+02:00"
NO_DATE = "is no date that can be read here"
# Before all that a cell can hold.
LONG_AGO = datetime(YEARS[0] - 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FileSource:
    """The helpdesk or tracker that a file stands for; one that isn't configured takes any ids."""

    name: str
    is_configured: bool


def shown(cell: object) -> str:
    """Quote what stands in the file, shortened, in a form that can't steer a terminal."""
    words = ascii(cell) if isinstance(cell, str) and not cell.isprintable() else repr(cell)
    return words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 1] + "…"


def instant_of(text: str, zone: ZoneInfo, now: datetime, after: Sequence[datetime] = ()) -> datetime:
    """Read an ISO 8601 date or time as an instant in UTC; without an offset it is wall time in `zone`.

    A day without a time begins at midnight, or at the latest of the instants in `after` that lie on it: of what was
    fixed on the day on which it was reported, the one came after the other. Raises ValueError for anything else, and
    for what lies after `now` or out of reach.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{shown(text)} {NO_DATE}: {WAYS_TO_WRITE}.") from None
    if moment.year not in YEARS:
        raise ValueError(f"{shown(text)} is out of reach: a date lies in the years {YEARS[0]} to {YEARS[-1]}.")
    at = moment.astimezone(UTC) if moment.tzinfo else resolve_wall(moment, zone)
    if at > now:
        raise ValueError(f"{shown(text)} lies ahead: leave the cell empty until it has happened, or check the zone.")
    if len(text) > LONGEST_DAY:
        return at
    return max([at, *(one for one in after if one.astimezone(zone).date() == moment.date())])


def instant_texts(text: str) -> list[str]:
    """Split a list of instants at `;`, or, where there is none, at blanks if what they part are instants each."""
    if ";" in text:
        return [part.strip() for part in text.split(";") if part.strip()]
    parts = text.split()
    return parts if len(parts) > 1 and all(_is_iso(part) for part in parts) else [text]


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def ticket_id_of(text: str, helpdesk: FileSource, rules: ReferenceRules) -> str:
    """Read a ticket's id at its helpdesk: a number where that is configured, else anything without blanks."""
    if not helpdesk.is_configured:
        return _free_id(text, helpdesk.name)
    typed = text if text.lower().startswith(f"{helpdesk.name}:") else f"{helpdesk.name}:{text}"
    try:
        return parse_ticket_reference(typed, rules).partition(":")[2]
    except UsageError:
        raise ValueError(f"{shown(text)} is no number of a ticket of {helpdesk.name}.") from None


def own_reference(text: str, tracker: FileSource, rules: ReferenceRules) -> str:
    """Read a bug's id at the file's own tracker, and give its reference."""
    if not tracker.is_configured:
        return f"{tracker.name}:{_free_id(text, tracker.name)}"
    for typed in (f"{tracker.name}:{text}", text):
        reference = _parsed(typed, rules)
        if reference.startswith(f"{tracker.name}:"):
            return reference
    raise ValueError(f"{shown(text)} names no issue of {tracker.name}.")


def any_reference(text: str, tracker: FileSource, rules: ReferenceRules) -> str:
    """Read a bug that a ticket names: an issue of a configured tracker if it is one, else an id of the bugs' file."""
    reference = _parsed(text, rules)
    if reference:
        return reference
    candidates = _candidates(text, rules)
    if len(candidates) > 1:
        raise ValueError(f"{shown(text)} could be {' or '.join(candidates)}: write one of them.")
    return own_reference(text, tracker, rules)


def _candidates(text: str, rules: ReferenceRules) -> list[str]:
    """Give what a short form means at each tracker that has its project in the configuration."""
    named = ((tracker, _parsed(f"{tracker.name}:{text}", rules)) for tracker in rules.trackers)
    return [reference for tracker, reference in named if reference and project_of(reference) in tracker.projects]


def _parsed(text: str, rules: ReferenceRules) -> str:
    if not rules.trackers:
        return ""
    try:
        return parse_issue_reference(text, rules)
    except UsageError:
        return ""


def _free_id(text: str, name: str) -> str:
    """Take an id as it stands, without a # or the source's name before it, of which exports add either."""
    bare = text.removeprefix(f"{name}:").removeprefix("#")
    if not bare or re.search(r"[\s,;]", bare):
        raise ValueError(f"{shown(text)} is no id: one has no blanks, commas or semicolons in it.")
    return bare
