"""Pictures of bugs: what they show stands in words too, and nothing in them is markup of somebody else's."""

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

from bugbridge.core.board_bugs import AgedBugs, Entry, Lane
from bugbridge.core.model import Stage
from bugbridge.render.bug_pictures import ages_picture, timeline_picture

SVG = "{http://www.w3.org/2000/svg}"
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
ATTRIBUTES = {"class", "d", "x", "y", "cx", "cy", "r", "viewBox", "role", "aria-labelledby", "aria-describedby", "id"}


def day(number: float) -> datetime:
    """The instant so many days before now."""
    return NOW - timedelta(days=number)


def marks(picture: Element) -> list[str]:
    """What kind each mark is of."""
    return [each.get("class", "").split()[1] for each in picture.iter() if each.get("class", "").startswith("mark")]


def test_a_time_line_has_a_mark_for_each_entry_and_says_how_many() -> None:
    """Each in its lane; the longest silence is named, and what is left out is counted."""
    entries = [
        Entry(day(9), "a", Lane.LINK, "linked", "support:1", "note"),
        Entry(day(8), "b", Lane.NEWS, "released", detail="4.2"),
        Entry(day(7), "c", Lane.UPDATE, "due", "support:1", "released"),
        Entry(day(6), "d", Lane.UPDATE, "told", "support:1", "hand"),
        Entry(day(5), "e", Lane.SILENCE, "waited", "support:1", until=day(1)),
    ]
    picture = fromstring(timeline_picture(entries, NOW, "UTC", 7))  # noqa: S314 - our own
    assert sorted(marks(picture)) == ["link", "news", "silence", "update", "update"]
    said = picture.findtext(f"{SVG}desc")
    expected = "From 2026-06-06 09:00 to 2026-06-10 09:00 UTC: news 1, links 1, updates 2, silences 1."
    assert said == f"{expected} The longest silence took 4 days. 7 earlier ones are left out."
    titles = [title.text for each in picture.iter() if (title := each.find(f"{SVG}title")) is not None][1:]
    assert "support:1 the ticket was linked" in titles
    assert "it was released in 4.2" in titles


def test_no_time_line_yet_is_a_picture_too() -> None:
    """With its axis and the words for it."""
    picture = fromstring(timeline_picture([], NOW, "Europe/Berlin", 0))  # noqa: S314 - our own
    assert picture.findtext(f"{SVG}desc") == "Nothing has happened yet."
    assert marks(picture) == []


def test_a_picture_holds_attributes_that_the_page_allows_and_no_style() -> None:
    """Nor markup, in a ticket's name."""
    hostile = Entry(day(1), "a", Lane.LINK, "linked", "<script>x</script>\u202e\x00:1", "")
    for text in (timeline_picture([hostile], NOW, "UTC", 0), ages_picture([AgedBugs(Stage.OPEN, 0, 3)])):
        picture = fromstring(text)  # noqa: S314 - our own
        assert {name for each in picture.iter() for name in each.attrib} <= ATTRIBUTES
        assert not [each for each in picture.iter() if each.tag in (f"{SVG}script", f"{SVG}style")]


def test_open_bugs_are_dots_whose_area_is_their_number() -> None:
    """Four times as many have a dot twice as wide; where there is none stands a nought."""
    counted = [AgedBugs(Stage.OPEN, 0, 40), AgedBugs(Stage.FIXED, 4, 10)]
    picture = fromstring(ages_picture(counted))  # noqa: S314 - our own
    widths = [float(each.get("r", "0")) for each in picture.iter(f"{SVG}circle")]
    assert widths == [26.0, 13.0]
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert (texts.count("0"), texts.count("40"), texts.count("10")) == (13, 1, 1)
    assert picture.findtext(f"{SVG}desc") == "open, under 1 week: 40; fixed, not released yet, over 52 weeks: 10."
