"""HTML from tickets as the text that is searched for references, and shown."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.wording_text import sentences
from bugbridge.helpdesks.texts import text_of_html

SHORT, FACTOR = 20_000, 8  # repetitions of what is unclosed, and how much longer the long text is


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello &amp; goodbye</p><p>Ada</p>", "Hello & goodbye\n\nAda"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("one<br>\n<br/> two<br>\nthree", "one\n\ntwo\nthree"),
        ("<div>one</div><div>two<br></div><div>three</div>", "one\ntwo\nthree"),
        ("<div>one</div><div><br></div><div>two</div>\n<div>&nbsp;</div><div>three</div>", "one\n\ntwo\n\nthree"),
        ("<p>one</p>\n<p>&nbsp;</p><p><br></p><p>two</p>", "one\n\ntwo"),
        ("<h2>one</h2>two<ul><li>three</li><li>four</ul>five", "one\n\ntwo\n\nthree\n\nfour\n\nfive"),
        ("<br><br>one<br><br>", "one"),
        ("<table><tr><td>acme/app#12</td><td>3</td></tr></table>", "acme/app#12\n\n3"),
        ("a  lot\n of \t room", "a lot\nof room"),
        ("5 < 6 <3 & R&D &unknown; &#233;&#xE9;", "5 < 6 <3 & R&D &unknown; éé"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_text_is_shown_line_by_line(html: str, text: str) -> None:
    """Breaks end a line, paragraphs stand apart, entities are the signs that they stand for."""
    assert text_of_html(html) == text


def test_code_and_quotations_stay_recognisable() -> None:
    """What is quoted or code names no bug of this ticket, so whoever looks for references must see where it is."""
    html = "<blockquote class=x>acme/app#1</blockquote><PRE><code>acme/app#2</code></PRE>"
    assert text_of_html(html) == ("<blockquote>acme/app#1\n</blockquote>\n\n<pre><code>acme/app#2</code>\n</pre>")


@pytest.mark.parametrize("target", ['"https://x.example/?a=1&amp;b=2"', "'https://x.example/?a=1&b=2'"])
def test_the_address_of_a_link_is_shown(target: str) -> None:
    """Agents paste links whose words don't name the issue."""
    assert text_of_html(f"see <a title='a > b' href={target}>this</a>.") == "see https://x.example/?a=1&b=2 this."


def test_an_unquoted_address_is_shown_too() -> None:
    """HTML allows it."""
    assert text_of_html("<A HREF=https://x.example/1>this</A>") == "https://x.example/1 this"


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- acme/app#12 -->",
        "<!--><b>",
        "<![if !mso]>",
        "<?xml version='1'?>",
        "<script>if (1 < 2) '<p>acme/app#12'</script>",
        "<STYLE>p { color: red }</Style >",
        "<head><title>acme/app#12</title></head>",
        "<!doctype html>",
        '<img alt="acme/app#12 > acme/app#13">',
    ],
)
def test_what_a_browser_does_not_show_is_no_text(hidden: str) -> None:
    """Comments, scripts, styles, the head and attributes."""
    assert text_of_html(f"before {hidden}after") == "before after"


def test_a_body_ends_a_head_that_was_left_open() -> None:
    """As in a browser: nothing that people see is lost."""
    assert text_of_html("<head><title>x</title><body>acme/app#12") == "acme/app#12"


@pytest.mark.parametrize("number", ["&#" + "9" * 5000 + ";", "&#x" + "f" * 5000 + ";"])
def test_a_number_beyond_all_signs_is_no_fault(number: str) -> None:
    """Python refuses to read so long a number; the message is read all the same."""
    assert text_of_html(f"<p>{number} acme/app#12</p>") == f"{number} acme/app#12"


@given(st.text(alphabet=st.sampled_from("<>/!?-=\"'&#;ab \n[]")) | st.text())
def test_whatever_comes_is_read(html: str) -> None:
    """No text is a fault, and no two empty lines follow each other, nor one the beginning or the end."""
    lines = ["", *text_of_html(html).splitlines(), ""]
    assert all(line.strip() or following.strip() for line, following in pairwise(lines)) or lines == ["", ""]


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ("<p>Release 4.2 is planned for 30 June</p><p>I will let you know</p>", 2),
        ("<td>We can't promise a date</td><td>We will fix it</td>", 2),
        ("We hope for<br>the best", 1),
        ("<div>We hope for</div><div>the best</div>", 1),
    ],
)
def test_no_sentence_goes_on_in_another_paragraph(html: str, count: int) -> None:
    """Many write no full stop at its end; a line that is merely broken goes on."""
    assert len(list(sentences(text_of_html(html), "en"))) == count


def seconds(html: str) -> float:
    """Measure one reading in time of the processor."""
    begun = time.process_time()
    text_of_html(html)
    return time.process_time() - begun


@pytest.mark.parametrize(
    "unclosed",
    [
        "<a ",
        '<a href="',
        "<a b=",
        "<a b='",
        "<!--",
        "<![CDATA[",
        "<script>",
        "<style",
        "</",
        "<!",
        "<?",
        "<",
        "&#",
        "<blockquote>",
        "<a =",
        "<a   ",
        "</script",
        "&amp",
        "<a/",
        "--",
    ],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(unclosed: str) -> None:
    """A message of many unclosed tags must not hold up all other tickets: html.parser needs 20 seconds for some.

    Eight times as much may take thirty times as long, which a quadratic reader (64 times) doesn't manage.
    """
    short = min(seconds(unclosed * SHORT) for _ in range(3))
    assert seconds(unclosed * SHORT * FACTOR) < 30 * max(short, 0.01)
