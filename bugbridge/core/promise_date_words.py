"""What dates in a reply are made of, whatever the language: the kinds of words, and how patterns over them are written.

A language is a `Lexicon`: its words, and patterns in which a word in capitals stands for any of its words of that kind,
and a blank for any short blank, a line's end included. Every pattern has a greatest length: reading stays linear.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from bugbridge.core.wording_patterns import plainly_spelt

Meant = TypeVar("Meant")


class Kind(Enum):
    """What a pattern reads."""

    WEEKDAY = auto()
    DATE = auto()
    EITHER_DATE = auto()
    NEAR_DAY = auto()
    AHEAD = auto()
    WEEK = auto()
    MONTH = auto()
    YEAR = auto()
    WEEKEND = auto()
    TIME = auto()


class Needs(Enum):
    """What must stand with words that often mean something else: a preposition or another date word, or a day."""

    NOTHING = auto()
    LEAD = auto()
    DAY = auto()


class Unit(Enum):
    """What is counted ahead: the first three from the very moment of writing, the others name a whole day."""

    MINUTES = auto()
    HOURS = auto()
    BUSINESS_DAYS = auto()
    DAYS = auto()
    WEEKS = auto()
    MONTHS = auto()


class Part(Enum):
    """A part of a day, by whose end something is due; evenings and nights end with the day."""

    MORNING = auto()
    NOON = auto()
    AFTERNOON = auto()
    CLOSE = auto()
    EVENING = auto()


class Edge(Enum):
    """Which part of a week or a month is meant."""

    EARLY = auto()
    MIDDLE = auto()
    END = auto()
    WHOLE = auto()


class Place(Enum):
    """Where a day stands to the weekend."""

    BEFORE = auto()
    DURING = auto()
    AFTER = auto()


class Which(Enum):
    """Which weekday, week or month; the coming weekday is the first after today, the next one is in the next week."""

    THIS = auto()
    COMING = auto()
    NEXT = auto()
    AFTER_NEXT = auto()


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a date."""

    kind: Kind
    pattern: str
    needs: Needs = Needs.NOTHING


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language's words for dates, in small letters.

    `leads` may stand before a date, and make one of doubtful words; those of `before` leave the named day out.
    After `excluded` and before `tails` nothing is a date by which something is due. `joins` stand between the parts of
    one date, `alternatives` between two dates of which the later counts. `doubtful` are words that mean something else
    too when they are written in small letters.
    """

    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    near_days: Mapping[str, tuple[int, Part | None]]
    counts: Mapping[str, int]
    units: Mapping[str, tuple[Unit, int]]
    parts: Mapping[str, Part]
    edges: Mapping[str, Edge]
    places: Mapping[str, Place]
    which: Mapping[str, Which]
    doubtful: frozenset[str]
    leads: str
    before: frozenset[str]
    excluded: str
    articles: str
    tails: str
    joins: str
    alternatives: str
    forms: tuple[Form, ...]


# Ways that languages share. Days and months are in the order of day and month, except where the year comes first.
SHARED_FORMS = (
    Form(Kind.DATE, r"(?P<year>20[0-9]{2})([-/])(?P<month_number>[0-9]{2})\2(?P<day>[0-9]{2})"),
    Form(Kind.DATE, r"(?P<day>[0-9]{1,2})\. ?(?P<month_number>[0-9]{1,2})\. ?(?P<year>20[0-9]{2})"),
    Form(Kind.DATE, r"(?P<day>[0-9]{1,2})\.(?P<month_number>[0-9]{1,2})\.(?P<short_year>[0-9]{2})", Needs.LEAD),
    Form(Kind.DATE, r"(?P<day>[0-9]{1,2})\. ?(?P<month_number>[0-9]{1,2})\.(?![0-9])", Needs.LEAD),
    Form(Kind.EITHER_DATE, r"(?P<one>[0-9]{1,2})/(?P<other>[0-9]{1,2})/(?P<year>20[0-9]{2})"),
    Form(Kind.EITHER_DATE, r"(?!24/7)(?P<one>[0-9]{1,2})/(?P<other>[0-9]{1,2})", Needs.LEAD),
)

# Zones that people name behind a clock time, as people there mean them: "EST" in summer is what clocks there show.
ZONES: Mapping[str, str] = {
    "utc": "UTC",
    "gmt": "UTC",
    "bst": "Europe/London",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "jst": "Asia/Tokyo",
}


def with_plain_spellings(words: Mapping[str, Meant]) -> dict[str, Meant]:
    """Add the spelling of each word without umlauts: `uebermorgen`."""
    return {spelling: meant for word, meant in words.items() for spelling in (word, plainly_spelt(word))}
