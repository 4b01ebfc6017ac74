"""Pictures of bugs: open ones by age and stage, and the time line of one. Shapes tell apart what colours do as well.

Nothing in them but shapes with classes and texts: the page's style sheet has the colours.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import sqrt
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from bugbridge.core.board_bugs import AgedBugs, Entry, Lane
from bugbridge.core.model import Stage
from bugbridge.render.bug_board_words import LANE_NAMES, STAGE_WORDS, days_waited, entry_words
from bugbridge.render.plain import clean_line
from bugbridge.render.times import wall

AGES = ("under 1 week", "1 to 4 weeks", "4 to 13 weeks", "13 to 52 weeks", "over 52 weeks")
AGE_BORDERS = (timedelta(weeks=1), timedelta(weeks=4), timedelta(weeks=13), timedelta(weeks=52))
"""How old bugs are at the borders between the ages, the youngest first."""
OPEN_STAGES = (Stage.OPEN, Stage.IN_PROGRESS, Stage.FIXED)

WIDTH, LEFT, RIGHT = 640, 170, 620
ROW, LARGEST, SMALLEST = 64, 26.0, 5.0
LANES = (Lane.NEWS, Lane.LINK, Lane.UPDATE, Lane.SILENCE)
LANE_LEFT, LANE_HEIGHT, SILENCE_HEIGHT, TICKS = 100, 48, 14, 3


def ages_picture(counted: Sequence[AgedBugs]) -> str:
    """Draw open bugs by age across and stage down: a dot's area is how many there are, and the number stands by it."""
    picture = _picture(len(OPEN_STAGES) * ROW + 60, "Open bugs by age and stage", ages_said(counted))
    counts = {(one.stage, one.place): one.count for one in counted}
    most = max(counts.values(), default=1)
    across = (RIGHT - LEFT) / len(AGES)
    for row, stage in enumerate(OPEN_STAGES):
        middle = 30.0 + row * ROW
        _text(picture, 4, middle + 6, STAGE_WORDS[stage].partition(",")[0], "name")
        for column in range(len(AGES)):
            count = counts.get((stage, column), 0)
            _bubble(picture, LEFT + across * (column + 0.5), middle, count, most)
    for column, age in enumerate(AGES):
        first, _, rest = age.rpartition(" ")
        place = LEFT + across * (column + 0.5)
        _text(picture, place, len(OPEN_STAGES) * ROW + 24, first, "tick")
        _text(picture, place, len(OPEN_STAGES) * ROW + 44, rest, "tick")
    return tostring(picture, encoding="unicode")


def ages_said(counted: Sequence[AgedBugs]) -> str:
    """Say the same in words."""
    ordered = sorted(counted, key=lambda one: (OPEN_STAGES.index(one.stage), one.place))
    said = [f"{STAGE_WORDS[one.stage]}, {AGES[one.place]}: {one.count:,}" for one in ordered]
    return f"{'; '.join(said)}." if said else "No open bug is reported by a ticket that you can see."


def _bubble(picture: Element, x: float, y: float, count: int, most: int) -> None:
    if not count:
        _text(picture, x, y + 6, "0", "none")
        return
    radius = max(LARGEST * sqrt(count / most), SMALLEST)
    SubElement(picture, "circle", {"class": "bubble", "cx": _at(x), "cy": _at(y), "r": _at(radius)})
    _text(picture, x + radius + 5, y + 6, f"{count:,}", "count")


def timeline_picture(entries: Sequence[Entry], now: datetime, zone: str, left_out: int) -> str:
    """Draw a time line on one axis of days, a lane for each kind: news, links, updates and silences."""
    begins = min((one.at for one in entries), default=now)
    ends = max([now, *(one.at for one in entries), *(one.until for one in entries if one.until)])
    axis = _Axis(begins, max(ends, begins + timedelta(days=1)))
    silences = [one for one in entries if one.lane is Lane.SILENCE]
    bottom = len(LANES) * LANE_HEIGHT + max(len(silences) - 1, 0) * SILENCE_HEIGHT
    picture = _picture(bottom + 40, "Time line of this bug", timeline_said(entries, zone, left_out))
    for number, lane in enumerate(LANES):
        _draw_lane(picture, lane, 24.0 + number * LANE_HEIGHT, [one for one in entries if one.lane is lane], axis)
    _draw_axis(picture, axis, bottom, now, zone)
    return tostring(picture, encoding="unicode")


def timeline_said(entries: Sequence[Entry], zone: str, left_out: int) -> str:
    """Say in words what the picture shows."""
    if not entries:
        return "Nothing has happened yet."
    counts = [(LANE_NAMES[lane].lower(), sum(one.lane is lane for one in entries)) for lane in LANES]
    shown = ", ".join(f"{name} {count}" for name, count in counts)
    first, last = min(one.at for one in entries), max(one.at for one in entries)
    longest = max((days_waited(one) or 0 for one in entries), default=0)
    silence = f" The longest silence took {longest:,} days." if longest else ""
    more = f" {left_out:,} earlier ones are left out." if left_out else ""
    return f"From {wall(first, zone)} to {wall(last, zone)} {zone}: {shown}.{silence}{more}"


class _Axis:
    """Where instants lie across the picture."""

    def __init__(self, begins: datetime, ends: datetime) -> None:
        self.begins, self.span = begins, ends - begins

    def place(self, at: datetime) -> float:
        return LANE_LEFT + 10 + (RIGHT - LANE_LEFT - 10) * ((at - self.begins) / self.span)

    def tick(self, number: int) -> datetime:
        return self.begins + self.span * number / TICKS


def _draw_lane(picture: Element, lane: Lane, y: float, entries: Sequence[Entry], axis: _Axis) -> None:
    _text(picture, 4, y + 6, LANE_NAMES[lane], "name")
    _path(picture, "lane", f"M{LANE_LEFT} {_at(y)}H{RIGHT}")
    for number, one in enumerate(entries):
        below = number * SILENCE_HEIGHT if lane is Lane.SILENCE else 0
        _draw(picture, one, axis.place(one.at), y + below, axis)


def _draw(picture: Element, one: Entry, x: float, y: float, axis: _Axis) -> None:
    """News is a diamond, a link a circle, an update a square: hollow while it is due, a triangle once it was told; a
    silence is a bar between two ends."""
    across, look = _at(x), f"mark {one.lane} {one.kind}"
    match one.lane, one.kind:
        case Lane.NEWS, _:
            mark = _path(picture, look, f"M{across} {_at(y - 9)}l8 9l-8 9l-8 -9z")
        case Lane.SILENCE, _:
            end = _at(axis.place(one.until or one.at))
            mark = _path(picture, look, f"M{across} {_at(y - 5)}v10m0 -5H{end}m0 -5v10")
        case Lane.UPDATE, "told" | "sent":
            mark = _path(picture, look, f"M{across} {_at(y - 8)}l8 15h-16z")
        case Lane.UPDATE, _:
            mark = _path(picture, look, f"M{_at(x - 6)} {_at(y - 6)}h12v12h-12z")
        case _:
            mark = SubElement(picture, "circle", {"class": look, "cx": across, "cy": _at(y), "r": "6"})
    SubElement(mark, "title").text = clean_line(f"{one.ticket} {entry_words(one)}")


def _draw_axis(picture: Element, axis: _Axis, bottom: int, now: datetime, zone: str) -> None:
    _path(picture, "axis", f"M{LANE_LEFT} {bottom}H{RIGHT}")
    for number in range(TICKS + 1):
        at = axis.tick(number)
        day = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
        side = "tick first" if not number else "tick last" if number == TICKS else "tick"
        _path(picture, "axis", f"M{_at(axis.place(at))} {bottom}v5")
        _text(picture, axis.place(at), bottom + 24, day, side)
    _path(picture, "now", f"M{_at(axis.place(now))} 4V{bottom}")


def _picture(height: int, title: str, description: str) -> Element:
    names = {"aria-labelledby": "picture-title", "aria-describedby": "picture-description"}
    picture = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}"})
    picture.attrib |= {"role": "img", "class": "picture", **names}
    SubElement(picture, "title", {"id": "picture-title"}).text = title
    SubElement(picture, "desc", {"id": "picture-description"}).text = description
    return picture


def _path(picture: Element, look: str, drawn: str) -> Element:
    return SubElement(picture, "path", {"class": look, "d": drawn})


def _text(picture: Element, x: float, y: float, words: str, look: str) -> None:
    SubElement(picture, "text", {"class": look, "x": _at(x), "y": _at(y)}).text = words


def _at(place: float) -> str:
    """Write a place to a tenth of a unit."""
    return f"{place:.1f}".removesuffix(".0")
