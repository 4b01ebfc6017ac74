"""Text from tickets and issues made harmless for a terminal and for a note: it is hostile until shown otherwise."""

import re
import unicodedata

ESCAPE_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands: window titles, links, the clipboard
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours and cursor moves
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # device control strings and their like
    r"|\x1b[ -/]*[0-~]?"
)
KEPT = frozenset("\n\t")


def clean(text: str) -> str:
    """Drop terminal escapes, control characters and those that reorder or hide text; lines and tabs stay."""
    without_escapes = ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n"))
    return "".join(character for character in without_escapes if character in KEPT or not _is_control(character))


def clean_line(text: str) -> str:
    """Clean, and put on one line."""
    return " ".join(clean(text).split())


def _is_control(character: str) -> bool:
    """Whether it is a control (Cc), a format (Cf: among them bidirectional overrides) or a lone surrogate (Cs).

    The joiners that scripts and emoji need stay.
    """
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in "\u200c\u200d"
