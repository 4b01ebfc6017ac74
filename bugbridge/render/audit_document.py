"""A report as a document, before any form is chosen: each form draws the same sections of the same blocks.

Texts are plain: whoever draws them makes them harmless for where they go.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

# A command within the sentences that stand first, where names from elsewhere never do.
COMMAND = re.compile(r"`([^`]+)`")


class ChartKind(StrEnum):
    """The pictures of an audit."""

    SURVIVAL = "survival"
    FIX_TIMES = "fix-times"
    UPDATES_AGAINST_NEWS = "updates-against-news"
    OPEN_BY_AGE = "open-by-age"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; a warning is set apart."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; the first cell of a row names it. `note` is read below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with what it shows in a sentence, for whoever can't see it."""

    kind: ChartKind
    title: str
    summary: str


Block = Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its blocks; `id` is stable and fit for an address."""

    id: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report: its title, the sentences that stand first and largest, and its sections."""

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
