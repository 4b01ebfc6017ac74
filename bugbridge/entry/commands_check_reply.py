"""Check a reply before it is sent, or many of them."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.model import Stage
from bugbridge.entry.door import Door, json_option, pass_door, say, tell

if TYPE_CHECKING:
    from bugbridge.services.reply_checking import About, CheckedReply, ReplyChecker

LONGEST_REPLY = 1_000_000  # bytes
STANDARD_INPUT = "-"
ERROR_FOUND, UNCHECKED = 1, DataError.exit_code


@dataclass(frozen=True, slots=True)
class _Said:
    """What the options say of a reply."""

    ticket: str | None
    issue: str | None
    stage: str | None
    release_planned: bool
    first: bool
    language: str | None

    @property
    def given(self) -> list[str]:
        """Name the options that were given."""
        names = [name for name in self.__slots__ if getattr(self, name)]
        return [f"--{name.replace('_', '-')}" for name in names]


@click.command("check-reply", short_help="Check a reply before it is sent.")
@click.argument("file", default=STANDARD_INPUT, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--ticket", help="The ticket that it goes to: what is known of its bug and customer counts.")
@click.option("--issue", help="Which bug, where the ticket is linked to several.")
@click.option("--stage", type=click.Choice([stage.value for stage in Stage]), help="How far the bug is. Default: open.")
@click.option("--release-planned", is_flag=True, help="The fix waits for a planned release; with --stage fixed.")
@click.option("--first", is_flag=True, help="It is the first reply on its ticket.")
@click.option("--language", metavar="TAG", help="Such as en or de. Default: as its own words tell.")
@json_option
@click.option("--jsonl", is_flag=True, help="Check many: one JSON object on each line, in and out.")
@pass_door
@click.pass_context
def check_reply(
    context: click.Context,
    door: Door,
    file: Path,
    *,
    ticket: str | None,
    issue: str | None,
    stage: str | None,
    release_planned: bool,
    first: bool,
    language: str | None,
    as_json: bool,
    jsonl: bool,
) -> None:
    """Check a reply in FILE, or on standard input: it may promise information, never solutions or timelines.

    It is checked by the rules that come with BugBridge, and by your own where `wording` in the configuration names
    some; without --ticket no configuration is needed.

    With --jsonl each line has a text, and may have an id, language, stage (which may be fixed_release_planned),
    release_planned, first_reply, workaround_unsent and next_date_due. The line put out for it is what --json puts out,
    with its id.

    \b
    Exit codes: 0 nothing worse than a warning was found; 1 an error was; 2 wrong use or configuration; 4 it, or one of
    several, can't be read or wasn't checked, since its language has no rules: that is no pass.

    \b
    Examples:
      bugbridge check-reply reply.txt --ticket support:4711
      echo "We'll get it fixed soon." | bugbridge check-reply --stage open
      bugbridge check-reply replies.jsonl --jsonl > findings.jsonl
    """
    said = _Said(ticket, issue, stage, release_planned, first, language)
    _refuse_together(said, as_json=as_json, jsonl=jsonl)
    if jsonl:
        context.exit(_check_lines(door, file))
    about = _about(door, said)
    text = _read(file)
    checker = _checker(door)
    found = checker.check(text, about)
    _put_out(text, found, checker.calendar.zone.key, said, as_json=as_json)
    context.exit(_exit_code(found))


def _refuse_together(said: _Said, *, as_json: bool, jsonl: bool) -> None:
    """Raise UsageError for options that contradict each other, or that say nothing alone."""
    if jsonl and as_json:
        raise UsageError("--jsonl puts out JSON, one object on each line: leave --json out.")
    if jsonl and said.given:
        raise UsageError(f"With --jsonl each line says what it is about: leave {' and '.join(said.given)} out.")
    known = [option for option in said.given if option in ("--stage", "--release-planned", "--first")]
    if said.ticket and known:
        raise UsageError(f"What is known of {said.ticket} counts: leave {' and '.join(known)} out, or --ticket.")
    if said.issue and not said.ticket:
        raise UsageError("--issue says which of a ticket's bugs is meant: it goes with --ticket.")
    if said.release_planned and said.stage != Stage.FIXED:
        raise UsageError("--release-planned goes with --stage fixed: what isn't fixed has no planned release.")


def _about(door: Door, said: _Said) -> "About":
    from bugbridge.core.wording_model import Situation
    from bugbridge.entry.checking import about_ticket
    from bugbridge.entry.naming import language_tag
    from bugbridge.services.reply_checking import About

    language = language_tag(said.language) if said.language else ""
    if said.ticket:
        return replace(about_ticket(door.app, said.ticket, said.issue), language=language)
    return About(Situation(Stage(said.stage or Stage.OPEN), said.release_planned, first_reply=said.first), language)


def _checker(door: Door) -> "ReplyChecker":
    from bugbridge.entry.checking import checker_at

    return checker_at(door)


def _read(file: Path) -> str:
    """Read the whole reply. Raises DataError where it can't be read, is empty, or can't be a reply, and UsageError for
    JSON, whose texts would be quoted words."""
    from bugbridge.entry.reply_lines import is_json_lines

    with _opened(file) as stream:
        data = stream.read(LONGEST_REPLY + 1)
    if len(data) > LONGEST_REPLY:
        raise DataError(f"{_name(file)} is longer than {LONGEST_REPLY:,} bytes: is it one reply?")
    try:
        text = data.decode("utf-8-sig")  # office programs put a mark before the text
    except UnicodeDecodeError:
        raise DataError(f"{_name(file)} isn't UTF-8: save the reply as UTF-8.") from None
    if not text.strip():
        raise DataError(f"{_name(file)} is empty: there is no reply to check.")
    if is_json_lines(text):
        raise UsageError(f"{_name(file)} holds JSON and no reply: say --jsonl, with one object on each line.")
    return text


def _opened(file: Path) -> AbstractContextManager[BinaryIO]:
    """Open a file, or take standard input, which stays open. Raises DataError where that can't be done."""
    if str(file) == STANDARD_INPUT:
        if sys.stdin is None:  # it was closed before we began
            raise DataError("There is no standard input to read: name a file.")
        return nullcontext(sys.stdin.buffer)
    try:
        return file.open("rb")
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}.") from None


def _name(file: Path) -> str:
    return "Standard input" if str(file) == STANDARD_INPUT else str(file)


def _put_out(text: str, found: "CheckedReply", zone: str, said: _Said, *, as_json: bool) -> None:
    from bugbridge.entry.reply_requests import reply_facts
    from bugbridge.entry.reply_showing import show_checked

    stage_said = bool(said.stage or said.ticket)
    say(reply_facts(found), as_json=as_json, show=lambda: show_checked(text, found, zone, stage_said=stage_said))
    _warn_of_language(found, "")


def _warn_of_language(found: "CheckedReply", place: str) -> None:
    from bugbridge.entry.reply_showing import another_language

    warning = another_language(found)
    if warning:
        tell(f"{place}{warning}", err=True)


def _exit_code(found: "CheckedReply") -> int:
    if not found.checked:
        return UNCHECKED
    return ERROR_FOUND if found.has_errors else 0


def _check_lines(door: Door, file: Path) -> int:
    """Check line by line, in order; gives the exit code."""
    from bugbridge.entry.reply_lines import ReplyLines

    checker, codes = _checker(door), {0}
    with _opened(file) as stream:
        lines = ReplyLines(stream)
        for line in lines:
            if line.reply is None:
                tell(f"{_name(file)}, line {line.number}: {line.problem}", err=True)
                codes.add(UNCHECKED)
                continue
            found = checker.check(line.reply.text, line.reply.about)
            click.echo(_as_line(line.reply.id, found))
            _warn_of_language(found, f"{_name(file)}, line {line.number}: ")
            codes.add(_exit_code(found))
    if lines.unread:
        named = ", ".join(f"{key} (first in line {number})" for key, number in lines.unread.items())
        tell(f"Not read: {named}.", err=True)
    return max(codes)


def _as_line(name: str | int | None, found: "CheckedReply") -> str:
    import json

    from bugbridge.entry.reply_requests import reply_facts
    from bugbridge.render.json import jsonable

    named = {} if name is None else {"id": name}
    return json.dumps(jsonable({**named, **reply_facts(found)}))
