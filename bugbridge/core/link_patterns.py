"""Tags and fields in which a team names issues, by patterns of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bugbridge.core.snapshots import RemoteTicket

TAGS = "tags"
LONGEST_VALUE = 200  # characters; no team's pattern is tried on more


@dataclass(frozen=True, slots=True)
class LinkPattern:
    """Where to look: the tags, or the field of this name. What matches the whole pattern becomes `issue`.

    `issue` may hold \\1 for the first group; empty it is that group, or all that matched. Without a pattern the value
    itself is read as a note would be.
    """

    field: str
    pattern: str = ""
    issue: str = ""


def with_references(ticket: RemoteTicket, patterns: Sequence[LinkPattern]) -> RemoteTicket:
    """Give the ticket with what its tags and fields name added to its `reference_fields`, each text once."""
    found = (text for pattern in patterns for text in _texts(ticket, pattern))
    return replace(ticket, reference_fields=tuple(dict.fromkeys((*ticket.reference_fields, *found))))


def _texts(ticket: RemoteTicket, pattern: LinkPattern) -> Iterator[str]:
    for value in _values(ticket, pattern.field):
        if not pattern.pattern:
            yield value
            continue
        match = re.fullmatch(pattern.pattern, value.strip()[:LONGEST_VALUE])
        if match:
            yield _issue(match, pattern.issue)


def _values(ticket: RemoteTicket, name: str) -> tuple[str, ...]:
    if name.casefold() == TAGS:
        return ticket.tags
    return tuple(value for field, value in ticket.fields if field.casefold() == name.casefold())


def _issue(match: re.Match[str], template: str) -> str:
    if template:
        return match.expand(template)
    return match[1] or "" if match.re.groups else match[0]
