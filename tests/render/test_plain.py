"""Text from tickets and issues can't steer a terminal, nor pass for something else."""

import pytest

from bugbridge.render.plain import clean, clean_line


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a new title\x07text", "text"),
        ("\x1b]52;c;c3RlYWw=\x1b\\text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jtext", "text"),
        ("\x1bPdevice\x1b\\text", "text"),
        ("a\x00b\x08c\x7fd\x85e", "abcde"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("first\r\nsecond\tthird", "first\nsecond\tthird"),
        ("over\rwritten", "overwritten"),
        ("naïve 日本語 🙂", "naïve 日本語 🙂"),
    ],
)
def test_what_could_steer_a_terminal_is_dropped(hostile: str, harmless: str) -> None:
    """Escapes, control characters and characters that reorder or hide text go; words, lines and tabs stay."""
    assert clean(hostile) == harmless


def test_one_line_stays_one_line() -> None:
    """A title can't add lines of its own to a list."""
    assert clean_line(" a\n\nb\tc ") == "a b c"
