"""Pieces that stand together and say one date: "Friday", "12 June" and "at 5 pm" are one phrase."""

from collections.abc import Iterator
from dataclasses import dataclass

from bugbridge.core.promise_date_grammar import Grammar
from bugbridge.core.promise_date_pieces import Ahead, Clock, DayWord, Piece, TimeWord, find_pieces
from bugbridge.core.promise_date_words import Needs, Part

HALF_DAY = 12 * 60  # minutes
LONGEST_LEAD = 60  # characters, blanks included


@dataclass(frozen=True, slots=True)
class Reading:
    """What a date says: the words for its day and its time of day; `before` leaves the named day out."""

    days: tuple[DayWord, ...]
    time: TimeWord | None
    before: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """What stands from `start` to `end`, its lead included, is one date."""

    start: int
    end: int
    reading: Reading


def find_phrases(text: str, grammar: Grammar) -> list[Phrase]:
    """Give the dates that a text says, in order, whenever they are."""
    small = _small_letters(text)
    groups = _grouped(find_pieces(text, small, grammar), small, grammar)
    return [phrase for pieces in groups if (phrase := _phrase(pieces, small, grammar)) is not None]


def _small_letters(text: str) -> str:
    """Write small letters, each in the place of its own."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _grouped(pieces: list[Piece], small: str, grammar: Grammar) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    for piece in pieces:
        if group and not _belongs(piece, group, small, grammar):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _belongs(piece: Piece, group: list[Piece], small: str, grammar: Grammar) -> bool:
    """Tell whether a piece goes on with the date before it: it says something else, and little stands between."""
    if any(_says_the_same(piece, other) for other in group):
        return False
    either_is_time = piece.day is None or group[-1].day is None
    gap = grammar.clock_gap if either_is_time else grammar.gap
    return gap.fullmatch(small, group[-1].end, piece.start) is not None


def _says_the_same(piece: Piece, other: Piece) -> bool:
    if any(isinstance(day, Ahead) and day.is_exact for day in (piece.day, other.day)):
        return True
    same_day = piece.day is not None and type(piece.day) is type(other.day)
    same_time = piece.time is not None and type(piece.time) is type(other.time)
    return same_day or same_time


def _phrase(pieces: list[Piece], small: str, grammar: Grammar) -> Phrase | None:
    start, end = pieces[0].start, pieces[-1].end
    window = max(0, start - LONGEST_LEAD)
    lead = grammar.lead.search(small, window, start)
    if grammar.excluded.search(small, window, start) or grammar.tail.match(small, end):
        return None
    if not _is_a_date(pieces, has_lead=lead is not None):
        return None
    before = any(piece.before for piece in pieces) or (lead is not None and lead["words"] in grammar.lexicon.before)
    days = tuple(piece.day for piece in pieces if piece.day is not None)
    return Phrase(lead.start() if lead else start, end, Reading(days, _time(pieces), before))


def _is_a_date(pieces: list[Piece], *, has_lead: bool) -> bool:
    """Tell whether words that may mean something else have beside them what they need."""
    needs = {piece.needs for piece in pieces}
    return Needs.NOTHING in needs or (Needs.LEAD in needs and (has_lead or len(pieces) > 1))


def _time(pieces: list[Piece]) -> TimeWord | None:
    """Give the time of day; a clock's outranks a part of the day, which says which half of the day it meant."""
    part = next((piece.time for piece in pieces if isinstance(piece.time, Part)), None)
    clock = next((piece.time for piece in pieces if isinstance(piece.time, Clock)), None)
    if clock is None or part is None or clock.half_is_said:
        return clock or part
    later = part in (Part.AFTERNOON, Part.EVENING)
    return Clock(clock.minutes + (HALF_DAY if later else 0), zone=clock.zone)
