"""A replay as a page that stands by itself, whatever stands in names."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import News
from bugbridge.core.replay import Course
from bugbridge.core.replay_report import Replay, Replayed, compare
from bugbridge.core.stages import NewsEvent
from bugbridge.render.replay_page import replay_page
from bugbridge.render.replay_rows import days, difference_rows, measure_rows
from tests.core.builders import day
from tests.core.replay_scene import in_turn

HOSTILE = '<script>alert("1")</script>'
VOID = {"meta"}


def page(name: str = "calmer", ticket: str = "support:1", bug: str = "github:acme/app#12") -> str:
    """The page of a small replay."""
    return replay_page(found(name, ticket, bug), "UTC")


def found(name: str = "calmer", ticket: str = "support:1", bug: str = "github:acme/app#12") -> Replay:
    """A replay of two bugs: the new policy leaves out two updates of the one, the other is the same."""
    often, rarely = (Course(day(0), day(40), updates=tuple(map(day, days))) for days in ((10, 20, 30), (20,)))
    links = [
        Replayed(ticket, bug, 1, "", {"in force": often, name: rarely}),
        Replayed("support:2", "github:acme/app#34", 2, "", {"in force": rarely, name: rarely}),
    ]
    return compare(links, ["in force", name], ALWAYS_OPEN, day(40), in_turn, {"of another kind": 3})


class _Reader(HTMLParser):
    """Checks that every tag is closed in its turn, and keeps what is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing to close."""

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> _Reader:
    """Read a page."""
    reader = _Reader()
    reader.feed(text)
    return reader


def test_the_page_is_whole_and_fetches_nothing() -> None:
    """No script, no font, no picture from elsewhere: it can be mailed and printed."""
    text = page()
    reader = read(text)
    assert (reader.open, reader.fetched) == ([], [])
    assert "script" not in text
    assert re.findall(r"https?:|url\(|@import", text) == []


def test_the_page_says_all_that_was_found() -> None:
    """Over what, the measures, the differences, the links with both lists, what was left out and can't be known."""
    text, replay = read(page()).text, found()
    for row in (*measure_rows(replay), *difference_rows(replay)):
        assert all(cell in text for cell in row)
    assert "Replayed over 2 bugs with 2 links" in text
    assert "2026-01-11, 2026-01-21, 2026-01-31" in text
    assert "Left out: 3 of another kind." in text
    assert all(sentence in text for sentence in replay.cannot_know)


def test_names_are_text_and_never_markup() -> None:
    """A ticket, an issue or a file may be called anything."""
    text = page(HOSTILE, HOSTILE, HOSTILE)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") > 3
    assert "\u202e" not in page("a\u202eb")


def test_a_policy_that_changes_nothing_is_said_to() -> None:
    """Instead of an empty list."""
    comparison = replace(found().comparisons[0], links=())
    assert "None: every customer hears on the same days as now." in replay_page(
        replace(found(), comparisons=(comparison,)), "UTC"
    )


def test_each_update_has_its_place_on_the_strip() -> None:
    """A quarter, a half and three quarters of a life of 40 days; what comes after the end lies at it."""
    [strip] = re.findall(r"<svg.*?</svg>", page(), re.DOTALL)
    assert re.findall(r'class="now" x="(\d+)"', strip) == ["247", "497", "747"]
    assert re.findall(r'class="new" x="(\d+)"', strip) == ["497"]
    [link] = found().comparisons[0].links
    late = replace(link, instead=(day(41),))
    ended = replace(found(), comparisons=(replace(found().comparisons[0], links=(late,)),))
    assert 'class="new" x="997"' in replay_page(ended, "UTC")
    at_once = replace(ended, comparisons=(replace(ended.comparisons[0], links=(replace(late, ends=link.begins),)),))
    assert 'class="new" x="-3"' in replay_page(at_once, "UTC")


def test_the_differences_are_signed_and_with_their_interval() -> None:
    """Two updates less on one of two bugs."""
    assert difference_rows(found())[0] == ("updates", "-1.0 (-1.9 to -0.1)")
    assert difference_rows(found())[2] == ("news missed", "+0.0 (+0.0 to +0.0)")


def test_a_difference_says_over_how_many_bugs_it_is() -> None:
    """Where some can't be compared; one bug has no interval."""
    news = (NewsEvent(day(15), 1, News.FIXED),)
    heard, deaf = Course(day(0), day(40), news, updates=(day(20),)), Course(day(0), day(40), news)
    links = [
        Replayed("support:1", "B1", 1, "", {"in force": heard, "new": heard}),
        Replayed("support:2", "B2", 2, "", {"in force": heard, "new": deaf}),
    ]
    rows = dict(difference_rows(compare(links, ["in force", "new"], ALWAYS_OPEN, day(40), in_turn)))
    assert rows["mean days until news is told"] == "+0.0, 1 of 2 bugs"


def test_days_are_the_readers() -> None:
    """Nine in the evening in UTC is the next day in Auckland; no update is a dash."""
    assert days([day(0.5)], "Pacific/Auckland") == "2026-01-02"
    assert days([], "UTC") == "-"


def test_every_measure_has_its_row() -> None:
    """Each with a value for each policy."""
    rows = measure_rows(found())
    assert {len(row) for row in rows} == {3}
    assert ("updates", "4", "2") in rows
