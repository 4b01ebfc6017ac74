"""One form of one language, found in a text: what it says, before anybody asks which day that is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from re import Match

from bugbridge.core.promise_date_grammar import Grammar
from bugbridge.core.promise_date_words import ZONES, Edge, Form, Kind, Lexicon, Needs, Part, Place, Unit, Which

EXACT = (Unit.MINUTES, Unit.HOURS, Unit.BUSINESS_DAYS)
HOUR, HALF_DAY = 60, 12  # minutes; hours
LAST_MONTH = 12
CENTURY = 2000
WEEKS_AHEAD: Mapping[Which, int] = {Which.THIS: 0, Which.COMING: 1, Which.NEXT: 1, Which.AFTER_NEXT: 2}


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday, Monday being 0: the next there is, or that of the week so many weeks ahead."""

    number: int
    weeks_ahead: int | None = None
    today_counts: bool = True


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A date, perhaps without its month or year; it need not exist."""

    day: int
    month: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many units ahead: today is no days ahead."""

    count: int
    unit: Unit

    @property
    def is_exact(self) -> bool:
        """Whether it counts from the very moment of writing."""
        return self.unit in EXACT


@dataclass(frozen=True, slots=True)
class Week:
    """A week, or a part of it, so many weeks ahead."""

    ahead: int
    edge: Edge


@dataclass(frozen=True, slots=True)
class Month:
    """A month, or a part of it: a named one, or that so many months ahead."""

    ahead: int
    edge: Edge
    number: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The end of this year."""


@dataclass(frozen=True, slots=True)
class Weekend:
    """Before, during or after a weekend, so many weeks ahead."""

    ahead: int
    place: Place


@dataclass(frozen=True, slots=True)
class Clock:
    """A time in minutes from midnight; which half of the day may be unsaid, and a zone be named."""

    minutes: int
    half_is_said: bool = True
    zone: str = ""


OtherWord = CalendarDate | Ahead | Week | Month | YearEnd | Weekend
DayWord = Weekday | OtherWord
TimeWord = Clock | Part
Meaning = tuple[DayWord | None, TimeWord | None]
Groups = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands from `start` to `end` names a day, a time of day, or both; `before` a day leaves that day out."""

    start: int
    end: int
    day: DayWord | None
    time: TimeWord | None
    needs: Needs
    before: bool = False


def find_pieces(text: str, small: str, grammar: Grammar) -> list[Piece]:
    """Give what a text says, whose `small` letters are given too; where pieces overlap, the first, else the longest."""
    found = [piece for form, pattern in grammar.forms for piece in _found(form, pattern.finditer(small), text, grammar)]
    kept: list[Piece] = []
    for piece in sorted(found, key=lambda piece: (piece.start, -piece.end)):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
    return kept


def _found(form: Form, matches: Iterator[Match[str]], text: str, grammar: Grammar) -> Iterator[Piece]:
    for match in matches:
        groups = {name: " ".join(said.split()) for name, said in match.groupdict("").items()}
        meaning = READERS[form.kind](groups, grammar.lexicon)
        if meaning is not None:
            needs = Needs.LEAD if _is_doubtful(match, text, grammar.lexicon) else form.needs
            yield Piece(match.start(), match.end(), *meaning, needs, before=_is_before(form, groups, grammar.lexicon))


def _is_doubtful(match: Match[str], text: str, lexicon: Lexicon) -> bool:
    """Tell whether it hangs on a word such as "may" in small letters."""
    return any(
        match[name] in lexicon.doubtful and text[match.start(name)].islower()
        for name in ("weekday", "month")
        if match.groupdict().get(name)
    )


def _is_before(form: Form, said: Groups, lexicon: Lexicon) -> bool:
    """Tell whether it means the time before a month: "by June" is due before June begins."""
    return form.kind is Kind.MONTH and lexicon.places.get(said.get("place", "")) is Place.BEFORE


def _weekday(said: Groups, lexicon: Lexicon) -> Meaning:
    which = lexicon.which.get(said.get("which", ""))
    number = lexicon.weekdays[said["weekday"]]
    weeks = WEEKS_AHEAD[which] if which in (Which.NEXT, Which.AFTER_NEXT) else None
    return Weekday(number, weeks, today_counts=which is not Which.COMING), _part(said, lexicon)


def _date(said: Groups, lexicon: Lexicon) -> Meaning:
    month = lexicon.months.get(said.get("month", "")) or _number(said, "month_number")
    short_year = _number(said, "short_year")
    year = CENTURY + short_year if short_year is not None else _number(said, "year")
    return CalendarDate(int(said["day"]), month, year), None


def _either_date(said: Groups, _: Lexicon) -> Meaning | None:
    """Read day and month where just one order of them is a date; elsewhere nobody knows which was meant."""
    one, other = int(said["one"]), int(said["other"])
    orders = {(day, month) for day, month in ((one, other), (other, one)) if month <= LAST_MONTH}
    if len(orders) != 1:
        return None
    return CalendarDate(*orders.pop(), _number(said, "year")), None


def _near_day(said: Groups, lexicon: Lexicon) -> Meaning:
    days, part = lexicon.near_days[said["near_day"]]
    return Ahead(days, Unit.DAYS), _part(said, lexicon) or part


def _ahead(said: Groups, lexicon: Lexicon) -> Meaning:
    unit, times = lexicon.units[said["unit"]]
    count = said.get("up_to") or said.get("count") or "1"
    return Ahead(times * (int(count) if count.isdigit() else lexicon.counts[count]), unit), None


def _week(said: Groups, lexicon: Lexicon) -> Meaning:
    return Week(_weeks_ahead(said, lexicon), _edge(said, lexicon)), None


def _month(said: Groups, lexicon: Lexicon) -> Meaning:
    number = lexicon.months.get(said.get("month", ""))
    return Month(_weeks_ahead(said, lexicon), _edge(said, lexicon), number, _number(said, "year")), None


def _year_end(_: Groups, __: Lexicon) -> Meaning:
    return YearEnd(), None


def _weekend(said: Groups, lexicon: Lexicon) -> Meaning:
    """Read a weekend; the coming one is the next there is."""
    which = lexicon.which.get(said.get("which", ""))
    ahead = 0 if which in (None, Which.COMING) else WEEKS_AHEAD[which]
    return Weekend(ahead, lexicon.places.get(said.get("place", ""), Place.DURING)), None


def _time(said: Groups, lexicon: Lexicon) -> Meaning | None:
    """Read a time of day; what names none is the end of the working day."""
    if not said.get("hour"):
        return None, _part(said, lexicon) or Part.CLOSE
    clock = _clock(int(said["hour"]), int(said.get("minute") or 0), said)
    return None if clock is None else (None, clock)


def _clock(hour: int, minute: int, said: Groups) -> Clock | None:
    half = said.get("half", "")
    if half and not 1 <= hour <= HALF_DAY:
        return None
    shown = hour % HALF_DAY + (HALF_DAY if half == "p" else 0) if half else hour
    is_said = bool(half) or hour >= HALF_DAY or said["hour"].startswith("0")
    minutes = shown * HOUR + minute
    return Clock(minutes, is_said, ZONES.get(said.get("zone", ""), "")) if minutes <= 2 * HALF_DAY * HOUR else None


def _part(said: Groups, lexicon: Lexicon) -> Part | None:
    return lexicon.parts.get(said.get("part", ""))


def _edge(said: Groups, lexicon: Lexicon) -> Edge:
    return lexicon.edges.get(said.get("edge", ""), Edge.WHOLE)


def _weeks_ahead(said: Groups, lexicon: Lexicon) -> int:
    return WEEKS_AHEAD[lexicon.which.get(said.get("which", ""), Which.THIS)]


def _number(said: Groups, name: str) -> int | None:
    return int(said[name]) if said.get(name) else None


READERS: Mapping[Kind, Callable[[Groups, Lexicon], Meaning | None]] = {
    Kind.WEEKDAY: _weekday,
    Kind.DATE: _date,
    Kind.EITHER_DATE: _either_date,
    Kind.NEAR_DAY: _near_day,
    Kind.AHEAD: _ahead,
    Kind.WEEK: _week,
    Kind.MONTH: _month,
    Kind.YEAR: _year_end,
    Kind.WEEKEND: _weekend,
    Kind.TIME: _time,
}
