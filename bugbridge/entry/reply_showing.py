"""What was found in a reply, as people read it: the words underlined, why they hurt, a better sentence."""

from typing import TYPE_CHECKING

import click

from bugbridge.core.promises import PromiseEvent
from bugbridge.core.wording_model import Level, WordingFinding
from bugbridge.entry.door import tell
from bugbridge.entry.sentences import AWAITED, counted
from bugbridge.render.plain import clean_line

if TYPE_CHECKING:
    from bugbridge.services.reply_checking import CheckedReply, QuotedPromise

COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "blue"}
COUNTED = {Level.ERROR: ("error", "errors"), Level.WARNING: ("warning", "warnings"), Level.INFO: ("hint", "hints")}
NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese"}
INDENT = "    "
AROUND = 40  # characters shown before what was found, and behind it
MOST_SHOWN = 80  # characters of what was found


def show_checked(text: str, found: "CheckedReply", zone: str, *, stage_said: bool) -> None:
    """Show all that was found, or that nothing was, or that nobody looked; instants in this zone.

    What the findings rest on without anybody having said it is told at the end: the language, and the bug's stage.
    """
    for finding in found.findings:
        _show_finding(text, finding)
    for promise in found.promises:
        tell(_promise(promise, zone))
    tell(conclusion(found))
    if found.checked and found.language_assumed:
        tell(f"Taken as {_named(found.language)}: its words don't tell; say --language.")
    if found.by_state and not stage_said:
        tell(f"Judged for a bug that is {found.state}; --stage, --release-planned or --ticket say otherwise.")


def another_language(found: "CheckedReply") -> str:
    """Say that a reply seems to be in another language than the one that was named; "" where it doesn't."""
    if not found.seems_in:
        return ""
    return f"Taken as {_named(found.language)}, as was said; its words look like {_named(found.seems_in)}."


def _named(language: str) -> str:
    return f"{NAMES[language]} ({language})" if language in NAMES else language


def conclusion(found: "CheckedReply") -> str:
    """Say in one sentence what came of checking."""
    if not found.checked and found.language:
        return f"Not checked: there are no rules for {found.language}."
    if not found.checked:
        return "Not checked: its words don't tell which language it is in; say it with --language."
    if not found.findings:
        return "Nothing to change."
    levels = [finding.level for finding in found.findings]
    return ", ".join(counted(levels.count(level), *COUNTED[level]) for level in Level if level in levels) + "."


def _show_finding(text: str, finding: WordingFinding) -> None:
    level = click.style(finding.level, fg=COLOURS[finding.level], bold=True)
    click.echo(f"{level}: ", nl=False)
    tell(f"{finding.rule}, {_place(text, finding)}")
    if not _is_whole(text, finding):
        for line in underlined(text, finding):
            tell(INDENT + line)
    tell(f"  {finding.message}")
    tell(f"  Better: {finding.suggestion}")
    tell("")


def _is_whole(text: str, finding: WordingFinding) -> bool:
    return (finding.start, finding.end) == (0, len(text))


def _place(text: str, finding: WordingFinding) -> str:
    if _is_whole(text, finding):
        return "the whole reply"
    line_start = text.rfind("\n", 0, finding.start) + 1
    return f"line {text.count(chr(10), 0, finding.start) + 1}, column {finding.start - line_start + 1}"


def underlined(text: str, finding: WordingFinding) -> tuple[str, str]:
    """Give the words that were found among those around them, on one line, and a line that underlines them."""
    from rich.cells import cell_len

    before, inside, behind = _excerpt(text, finding.start, finding.end)
    return before + inside + behind, " " * cell_len(before) + "^" * max(cell_len(inside), 1)


def _excerpt(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Cut out a place with what stands around it on its line; spaces at the seams stay."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    left, right = max(line_start, start - AROUND), min(line_end, end + AROUND)
    shown = _piece(text[start : min(end, start + MOST_SHOWN)])
    return (
        ("…" if left > line_start else "") + _piece(text[left:start]),
        shown + ("…" if end - start > MOST_SHOWN else ""),
        _piece(text[end:right]) + ("…" if right < line_end else ""),
    )


def _piece(text: str) -> str:
    """Put a piece of a line on one line, harmless, and keep that a space stood at its ends."""
    inner = clean_line(text)
    if not inner:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + inner + (" " if text[-1].isspace() else "")


def _promise(promise: "QuotedPromise", zone: str) -> str:
    from bugbridge.render.times import until_stamp

    until = f"by {until_stamp(promise.due_at, zone)}" if promise.due_at else AWAITED[promise.event or PromiseEvent.NEWS]
    return f"Promised ({until}): {clean_line(promise.text)}"
