"""HTML's names for characters are read as what they mean, and every place is that of the text as it came."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.html_characters import readable

PIECES = ["a", "&", "&amp;", "&#39;", "&nbsp;", "&#x2019;", "&lt;b&gt;", "&NotEqualTilde;", "&#11;", "&#;", ";", "😀"]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=20).map("".join))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I&#39;ll &quot;try&quot;", 'I\'ll "try"'),
        ("I&rsquo;ll&#160;try", "I\u2019ll\u00a0try"),
        ("f&uuml;r R&amp;D", "für R&D"),
        ("&amp;#39; is written once", "&#39; is written once"),
        ("AT&T &copy me & you &nothing; &#; &", "AT&T &copy me & you &nothing; &#; &"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_a_name_is_read_once_as_what_it_means(text: str, expected: str) -> None:
    """With its semicolon; what only looks like one stays."""
    assert readable(text).text == expected


@given(TEXTS)
def test_places_lie_in_the_text_as_it_came(text: str) -> None:
    """In the same order; the end is the end, and nothing is read from before the beginning."""
    read = readable(text)
    places = [read.place(index) for index in range(len(read.text) + 1)]
    assert (places, places[-1]) == (sorted(places), len(text))
    assert places[0] >= 0


@given(st.text())
def test_what_is_escaped_is_read_as_it_was(text: str) -> None:
    """Each character lies where its name stands."""
    escaped = html.escape(text)
    read = readable(escaped)
    assert read.text == text
    shown = [escaped[read.place(index) : read.place(index + 1)] for index in range(len(text))]
    assert shown == [html.escape(character) for character in text]
