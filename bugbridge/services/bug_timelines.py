"""Gather a bug's time line: its news, what was said and sent on its tickets, and how long customers heard nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import Entry, Lane
from bugbridge.core.instants import instant_to_text
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.model import TERMINAL_STAGES, News
from bugbridge.core.places import place_text, read_place
from bugbridge.core.stages import NewsEvent, Timeline
from bugbridge.ports import Store

NAMES_VERSION = frozenset({News.RELEASE_PLANNED, News.RELEASE_MOVED, News.RELEASED})
MOST_MARKS = 200
SILENCES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class TimelineMarks:
    """What a picture of a time line shows, the latest first, and how many earlier ones it leaves out."""

    entries: tuple[Entry, ...]
    left_out: int


def timeline_page(
    store: Store, visitor: Visitor, bug_id: int, course: Timeline, now: datetime, after: str
) -> Slice[Entry]:
    """Give a page of a bug's time line, the latest first. Raises UsageError where `after` is no `next` of it."""
    at, key = read_place(after, ("", ""))
    before = (str(at), str(key))
    own = [one for one in _own(store, visitor, bug_id, course, now) if not after or _place(one) < before]
    found = _latest_first([*own, *store.board_bug_entries(visitor, bug_id, before, PAGE_ROWS + 1)])
    rows = tuple(found[:PAGE_ROWS])
    return Slice(rows, place_text(*_place(rows[-1])) if len(found) > PAGE_ROWS else "")


def timeline_marks(store: Store, visitor: Visitor, bug_id: int, course: Timeline, now: datetime) -> TimelineMarks:
    """Give what a picture shows: all news and the longest silences, and as many of the latest others as it holds."""
    own = _latest_first(_own(store, visitor, bug_id, course, now))[:MOST_MARKS]
    others = store.board_bug_entries(visitor, bug_id, ("", ""), MOST_MARKS - len(own))
    left_out = store.board_bug_entry_count(visitor, bug_id) - len(others)
    return TimelineMarks(tuple(_latest_first([*own, *others])), left_out)


def _own(store: Store, visitor: Visitor, bug_id: int, course: Timeline, now: datetime) -> list[Entry]:
    return [
        *map(_news, course.news),
        *store.board_bug_silences(visitor, bug_id, _ended_at(course) or now, SILENCES_SHOWN),
    ]


def _news(one: NewsEvent) -> Entry:
    version = one.version if one.news in NAMES_VERSION else ""
    return Entry(one.at, f"news:{one.seq}:{one.news}", Lane.NEWS, one.news, detail=version)


def _ended_at(course: Timeline) -> datetime | None:
    """Nobody waits for news of a bug that ended."""
    return (course.released_at or course.declined_at) if course.stage in TERMINAL_STAGES else None


def _place(one: Entry) -> tuple[str, str]:
    return instant_to_text(one.at), one.key


def _latest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=_place, reverse=True)
