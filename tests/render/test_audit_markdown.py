"""An audit as Markdown: names stay text wherever it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bugbridge.render.audit_markdown import _text, audit_markdown
from bugbridge.render.plain import clean_line
from tests.render.audit_samples import HOSTILE, SAMPLES, few, hostile, rich

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
EXPECTED = {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "inline"}
WITHIN = {"text", "strong_open", "strong_close", "code_inline"}


def tokens(text: str) -> list[Token]:
    """What a reader of Markdown makes of it."""
    return PARSER.parse(text)


def shown(text: str) -> list[str]:
    """The texts of its blocks and cells, as people see them."""
    blocks = [token.children or [] for token in tokens(text) if token.type == "inline"]
    return ["".join(child.content for child in children) for children in blocks]


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_made_of_headings_paragraphs_and_tables(sample: str) -> None:
    """No name becomes HTML, a link, a picture, code, a list or a heading."""
    found = tokens(audit_markdown(SAMPLES[sample](), "UTC"))
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in found} <= EXPECTED
    assert {child.type for token in found for child in token.children or []} <= WITHIN


def test_a_hostile_name_is_shown_as_it_is() -> None:
    """In a cell of its own, whatever bars it has."""
    assert clean_line(HOSTILE) in shown(audit_markdown(hostile(), "UTC"))


def test_every_row_has_as_many_cells_as_columns() -> None:
    """A bar in a name begins no cell."""
    for block in audit_markdown(hostile(), "UTC").split("\n\n"):
        if block.startswith("| "):
            assert len({line.replace("\\|", "").count("|") for line in block.splitlines()}) == 1


@given(st.text(alphabet=st.sampled_from("-+=1.)#>*_`~[]()!<>&;:@\\| \nabwhtps/"), max_size=30) | st.text())
def test_any_text_is_shown_as_it_is(text: str) -> None:
    """In a paragraph, at the beginning of one too."""
    line = clean_line(text)
    assert shown(_text(text)) == ([line] if line else [])


@pytest.mark.parametrize(
    "text", ["https://evil.example", "WWW.evil.example", "a@evil.example", ":+1:", "@everyone", "#12"]
)
def test_what_becomes_a_link_by_itself_is_escaped(text: str) -> None:
    """Addresses, mentions and codes of pictures."""
    assert "\\" in _text(text)


def test_commands_in_advice_are_code_and_nothing_else_is() -> None:
    """What is to be typed can be copied as it is; a name in a cell is no command."""
    code = {
        child.content
        for sample in SAMPLES.values()
        for token in tokens(audit_markdown(sample(), "UTC"))
        for child in token.children or []
        if child.type == "code_inline"
    }
    assert code == {"bugbridge policy replay new.toml --last 96", "bugbridge round list"}


def test_pictures_are_their_sentences_and_small_tables() -> None:
    """Whoever reads it without pictures has the facts."""
    text = audit_markdown(rich(), "UTC")
    assert "**How long fixes took.** Of 100 bugs, 34 took 30 to 91 days, more than in any other bar;" in text
    assert "| 30 to 91 days | 34 |" in text
    assert "| 49 | 50 % | 43 % to 57 % |" in text


def test_the_first_sentence_and_warnings_stand_out() -> None:
    """In bold, and as a quotation."""
    assert audit_markdown(rich(), "UTC").startswith(
        "# Bug audit, 2026-06-15\n\n**Half of your last 100 bugs were fixed within 41 days; 10 took over 200. You sent "
    )
    assert "\n\n> **Warning:** 12 bugs are few" in audit_markdown(few(), "UTC")
