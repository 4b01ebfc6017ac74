"""An audit as a page that stands by itself, whatever stands in names."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_document import Chart, Paragraph, Table
from bugbridge.render.audit_page import _numbers, audit_page
from bugbridge.render.audit_words import audit_document
from bugbridge.render.plain import clean_line
from tests.render.audit_samples import HOSTILE, SAMPLES, empty, from_csv, hostile, rich, tiny
from tests.render.audit_strategies import audits

ZONE = "Europe/Berlin"
SLOW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
VOID = {"meta"}


class Reader(HTMLParser):
    """Checks that every tag is closed in its turn; keeps the words, the elements and whatever would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        self._part(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def _part(self, tag: str) -> None:
        """Words on both sides of a tag are two, save where it marks some within a sentence."""
        if tag != "code":
            self.words.append(" ")

    @property
    def text(self) -> str:
        """All words, with one blank wherever there are some."""
        return squeezed("".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, name: str) -> list[str]:
        """An attribute's values, in the page's order."""
        return [str(attributes[name]) for _, attributes in self.elements if name in attributes]


def squeezed(text: str) -> str:
    """Leave all blanks alike, the ones that hold a number and its sign together too."""
    return " ".join(text.split())


def read(audit: Audit) -> Reader:
    """Read an audit's page, whose tags must be in order."""
    reader = Reader()
    reader.feed(audit_page(audit, ZONE))
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_page_fetches_and_runs_nothing(sample: str) -> None:
    """It can be mailed and printed: no script, no handler, no address but those of its own sections."""
    page, reader = audit_page(SAMPLES[sample](), ZONE), read(SAMPLES[sample]())
    assert {tag for tag, _ in reader.elements}.isdisjoint(("script", "link", "img", "iframe", "object", "form", "base"))
    assert [name for _, attributes in reader.elements for name in attributes if name.startswith("on")] == []
    assert [link for link in reader.values("href") if not link.startswith("#")] == []
    assert reader.values("src") == reader.values("style") == []
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert re.findall(r"url\(|@import|https?:|expression", style) == []
    assert "default-src 'none'; style-src 'unsafe-inline'" in reader.values("content")


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_page_says_all_that_the_document_says(sample: str) -> None:
    """Every sentence, heading, cell and note, and of each chart its title and its summary."""
    audit = SAMPLES[sample]()
    document, text = audit_document(audit, ZONE), read(audit).text
    said = [document.title, *(one.replace("`", "") for one in document.lead)]
    for section in document.sections:
        said.append(section.heading)
        for block in section.blocks:
            match block:
                case Paragraph():
                    said.append(block.text)
                case Table():
                    said += [block.title, *block.columns, *(cell for row in block.rows for cell in row), block.note]
                case Chart():
                    said += [block.title, block.summary]
    assert [one for one in said if squeezed(clean_line(one)) not in text] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_whatever_the_page_refers_to_is_there_once(sample: str) -> None:
    """Entries of the contents, names and descriptions of charts, titles of tables."""
    reader = read(SAMPLES[sample]())
    ids = reader.values("id")
    assert len(ids) == len(set(ids))
    referred = [link.removeprefix("#") for link in reader.values("href")]
    referred += [*reader.values("aria-labelledby"), *reader.values("aria-describedby")]
    assert [one for one in referred if one not in ids] == []


def test_every_chart_has_a_name_and_a_description_to_read() -> None:
    """Beside the picture, for everybody."""
    reader = read(rich())
    assert len(reader.all("svg")) == 4
    for picture in reader.all("svg"):
        assert picture["role"] == "img"
        assert picture["aria-labelledby"] in reader.values("id")
        assert picture["aria-describedby"] in reader.values("id")
    assert len(reader.all("figcaption")) == 4


def test_tables_that_may_scroll_are_reached_by_the_keyboard() -> None:
    """Each box has a name, and each cell a row and a column that name it."""
    boxes = [element for element in read(rich()).all("div") if element.get("class") == "scroll"]
    assert boxes
    assert all(box["tabindex"] == "0" and box["role"] == "group" for box in boxes)
    assert all(box.get("aria-labelledby") or box.get("aria-label") for box in boxes)
    assert {head["scope"] for head in read(rich()).all("th")} == {"row", "col"}


def test_names_are_text_and_never_markup() -> None:
    """A bug, a tier, a label or a file may be called anything; templates, scripts and escapes stay as they are."""
    page, text = audit_page(hostile(), ZONE), read(hostile()).text
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert text.count("{{ 7 * 7 }}") >= 3
    assert "49," not in page
    assert squeezed(clean_line(HOSTILE)) in text


def test_commands_in_advice_are_shown_as_code() -> None:
    """Without the marks that a terminal needs."""
    page = audit_page(rich(), ZONE)
    assert "<code>bugbridge policy replay new.toml --last 96</code>; nothing changes by itself." in page
    assert "`" not in page


def test_an_empty_audit_makes_a_page() -> None:
    """It says that there is nothing to measure, and has no chart and no empty section."""
    reader = read(empty())
    assert "There is nothing to measure" in reader.text
    assert reader.all("svg") == reader.all("figure") == []


def test_a_chart_with_nothing_in_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a document has a chart that can't be drawn, the page says so."""
    wanted = audit_document(rich(), ZONE)
    monkeypatch.setattr("bugbridge.render.audit_page.audit_document", lambda _audit, _zone: wanted)
    reader = read(empty())
    assert reader.all("svg") == []
    assert reader.text.count("There is nothing to draw") == 3
    assert "There is no curve to draw" in reader.text


def test_warnings_are_set_apart_by_more_than_colour() -> None:
    """They begin with a word of their own."""
    reader = read(tiny())
    assert {"class": "warning"} in reader.all("p")
    assert "Warning: " in reader.text


def test_numbers_are_set_flush_right_and_words_are_not() -> None:
    """A column of dates, counts and days is; one with sentences, and that of names, isn't."""
    page = audit_page(from_csv(), ZONE)
    assert '<th scope="col" class="number">days</th>' in page
    assert '<th scope="col">bug</th>' in page
    assert '<th scope="col">how</th>' in page


@pytest.mark.parametrize(
    ("cell", "is_number"),
    [
        ("<0.01", True),
        ("<0.01 (<0.01 to 0.25)", True),
        ("168 (44 to 1,183)", True),
        ("not reached (41 to not reached)", True),
        ("under 1 %", True),
        ("96 % to over 99 %", True),
        ("-", True),
        ("2026-06-15", True),
        ("57 for certain (37 %), 57 probably", False),
        ("260: 48 with news", False),
        ("line 17", False),
    ],
)
def test_whatever_is_a_figure_is_set_flush_right(cell: str, is_number: bool) -> None:  # noqa: FBT001
    """A small one too, a share and an interval; one cell of words makes a column of words."""
    assert _numbers(("name", "value"), (("a", "41"), ("b", cell))) == (False, is_number)


def test_the_figures_of_the_period_are_set_flush_right() -> None:
    """Its only column of figures has counts, days with an interval, and a share."""
    period = audit_page(rich(), ZONE).partition('<section id="period">')[2]
    assert period.partition("</thead>")[0].count('<th scope="col" class="number">value</th>') == 1


def test_a_page_on_the_web_leads_back_and_its_advice_to_the_policy() -> None:
    """One that is passed on leads nowhere; where a rule isn't advised on, nothing is to be changed."""
    served, kept = audit_page(rich(), ZONE, on_web=True), audit_page(rich(), ZONE)
    ways = [f'href="{path}"' for path in ("/due", "/audits", "/policy", "/policy/edit")]
    assert [way in served for way in ways] == [True] * 4
    assert [way in kept for way in ways] == [False] * 4
    assert 'href="/policy/edit"' not in audit_page(replace(rich(), advice=()), ZONE, on_web=True)


def test_a_number_and_its_percent_sign_stay_together() -> None:
    """A line never begins with a percent sign."""
    body = audit_page(rich(), ZONE).partition("<body>")[2]
    assert re.findall(r"\d %(?!</text>)", body) == []
    assert "12\u00a0%" in body


def test_dates_are_the_readers() -> None:
    """Eight in the morning in UTC is ten in Berlin, and the zone is named."""
    assert "2026-06-15 10:00 Europe/Berlin" in read(rich()).text


@SLOW
@given(audits())
def test_any_audit_makes_a_page(audit: Audit) -> None:
    """Names of any text, years 1 and 9999, figures that lack: it is whole, and can be written to a file."""
    reader = read(audit)
    assert reader.all("h1")
    assert "script" not in {tag for tag, _ in reader.elements}
    assert audit_page(audit, ZONE).encode("utf-8")


def test_long_names_make_no_wider_page_than_their_table() -> None:
    """They stand in a box that scrolls."""
    bug = replace(rich().bugs[0], reference="github:acme/" + "a" * 100)
    page = audit_page(replace(rich(), slowest=(bug,)), ZONE)
    assert re.search(r'<div class="scroll"[^>]*>\s*<table class="long">', page)
