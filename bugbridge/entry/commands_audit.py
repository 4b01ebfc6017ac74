"""The audit: how long bugs took, what their customers heard meanwhile, and what follows from that."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bugbridge.core.audit_model import By, Question
from bugbridge.core.date_forms import DateForm
from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, tell
from bugbridge.entry.progress import Progress, counter, progress_bar
from bugbridge.entry.sentences import counted
from bugbridge.render.audits import Form, written_audit

if TYPE_CHECKING:
    from datetime import datetime

    from bugbridge.app import App
    from bugbridge.core.audit_model import Audit
    from bugbridge.entry.audit_file import Typed
    from bugbridge.entry.audit_output import Output

USUAL = Question().last
MOST_DIGITS = 9
ALL = "all"
NO_BUGS = (
    "No resolved bug has a linked ticket yet: `bugbridge sync` reads what there is, `bugbridge import` brings exports."
)


def _how_many(_context: click.Context, _parameter: click.Parameter, typed: str | None) -> int | str | None:
    if typed is None or typed == ALL:
        return typed
    if typed.isascii() and typed.isdecimal() and len(typed) <= MOST_DIGITS and int(typed):
        return int(typed)
    raise click.BadParameter(f"{typed!r} is neither a number from 1 on nor {ALL}.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks of an audit."""

    last: int | str | None
    since: str | None
    by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Made:
    """An audit, the zone of its dates, and what people are told where there is nothing to measure."""

    audit: "Audit"
    zone: str
    closing: tuple[str, ...] = ()


@click.command(short_help="How long bugs took, and what was sent.")
@click.option(
    "--last",
    metavar=f"N|{ALL}",
    callback=_how_many,
    help=f"How many bugs, those fixed last.  [default: {USUAL}; with --since, {ALL}]",
)
@click.option("--since", metavar="DATE", help="Only bugs fixed since then, such as 2026-01-01.")
@click.option(
    "--by",
    multiple=True,
    type=click.Choice([one.value for one in By]),
    default=[one.value for one in Question().by],
    show_default=True,
    help="What they are grouped by. Repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([one.value for one in Form]),
    help="The report's form.  [default: by -o's ending, else text]",
)
@json_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file, whole or not at all."
)
@click.option(
    "--csv",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Audit a plain CSV instead (- for standard input): no configuration is needed.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=HEADER",
    help="Of --csv: read a column from one that the file calls otherwise. Repeatable.",
)
@click.option(
    "--where",
    "rows",
    multiple=True,
    metavar="HEADER=VALUE[,VALUE]",
    help="Of --csv: only rows with one of these values in that column of the file; case and blanks around a value "
    "don't count. Repeatable: all must hold.",
)
@click.option(
    "--meaning",
    "meanings",
    multiple=True,
    metavar="resolution:WORD=MEANING",
    help="Of --csv: what a word of your own means in the resolution, as in resolution:Fertig=fixed; fixed, declined, "
    "duplicate or open. Repeatable.",
)
@click.option(
    "--dates",
    type=click.Choice([form.value for form in DateForm]),
    help="Of --csv: how all of its dates are written; after a day a time may stand, 15:21, 15:21:07 or 3:21 PM.  "
    "[default: iso]",
)
@click.option("--zone", help="Of --csv: the zone of dates without one, such as Europe/Berlin.  [default: UTC]")
@pass_door
def audit(
    door: Door,
    *,
    last: int | str | None,
    since: str | None,
    by: Sequence[str],
    form: str | None,
    output: Path | None,
    file: Path | None,
    columns: tuple[str, ...],
    rows: tuple[str, ...],
    meanings: tuple[str, ...],
    dates: str | None,
    zone: str | None,
    as_json: bool,
) -> None:
    """Report on the bugs fixed last: days from the first report to the fix, what customers heard while they waited,
    and what in the policy that speaks against. Nothing is changed or sent.

    \b
    A CSV needs the columns id, reported_at and fixed_at (empty for an open bug), and may have:
      released_at     when the fix was released
      resolution      fixed (done, completed, ...), won't fix (invalid, works for me, ...), duplicate, open;
                      empty: fixed where fixed_at says when; other words count neither as fixed nor declined
      frequency       frequent, infrequent, spiking, unknown
      status_updates  how many updates customers were sent
    Dates are ISO (2026-06-01, 2026-06-01 09:00, 2026-06-01T09:00:00+02:00), or as --dates says.
    Commas, semicolons or tabs part the cells.

    \b
    Examples:
      bugbridge audit
      bugbridge audit --last all --by quarter --by tracker
      bugbridge audit --since 2026-01-01 -o audit.html
      bugbridge audit --csv bugs.csv --column fixed_at=Resolved --where Status=Resolved,Closed --json
    """
    from bugbridge.entry.audit_file import Typed
    from bugbridge.entry.audit_output import NAMES, chosen_form, output_to

    asked = Asked(last, since, by)
    chosen = chosen_form(form, output, as_json=as_json)
    typed = Typed(columns, rows, meanings, zone, dates)
    _refuse_misplaced(file, output, typed)
    with output_to(output, chosen) as place:
        made = _of_file(file, typed, asked, place) if file else _of_store(door.app, asked, place)
        if chosen is not Form.CSV:
            place.text(_report(made, chosen))
    left_out = sum(exclusion.count for exclusion in made.audit.excluded)
    if chosen is Form.CSV and left_out:
        tell(f"Left out of the CSV: {left_out:,}; the other forms say why.", err=True)
    if output is not None:
        tell(f"Wrote the audit of {counted(made.audit.n, 'bug')} as {NAMES[chosen]} to {output}.")
        for sentence in made.closing:
            tell(sentence)


def _refuse_misplaced(file: Path | None, output: Path | None, typed: "Typed") -> None:
    of_file = {
        "--column": typed.columns,
        "--where": typed.rows,
        "--meaning": typed.meanings,
        "--dates": typed.dates,
        "--zone": typed.zone,
    }
    alone = [name for name, given in of_file.items() if given]
    if file is None and alone:
        raise UsageError(f"{' and '.join(alone)}: only --csv FILE takes that.")
    if file is not None and output is not None and output.exists() and file.exists() and output.samefile(file):
        raise UsageError(f"--output {output} is the file that is read: name another one.")


def _of_store(app: "App", asked: Asked, place: "Output") -> Made:
    """Audit what is kept."""
    from bugbridge.services.auditing import run_audit

    zone = app.settings.calendar.zone
    question = _question(asked, None if asked.since is None else _since(app, asked.since))
    with _reading(question.last) as progress:
        report = run_audit(app.store, app.clock, question, app.calendar, sink=place.row, progress=progress)
    if not report.n:
        return Made(report, zone, (NO_BUGS if asked.since is None else _nothing_since(asked.since),))
    if place.form is not Form.CSV:
        report = _advised(app, report)
    return Made(report, zone)


def _since(app: "App", typed: str) -> "datetime":
    from bugbridge.entry.audit_file import refuse_ahead
    from bugbridge.entry.naming import instant

    at = instant(app, typed)
    refuse_ahead(typed, at, app.clock.now())
    return at


def _advised(app: "App", report: "Audit") -> "Audit":
    from bugbridge.entry.commands_replay import progress_bar as replaying
    from bugbridge.entry.whole_audit import with_advice

    with replaying(sys.stderr) as progress:
        return with_advice(app, report, progress)


def _of_file(path: Path, typed: "Typed", asked: Asked, place: "Output") -> Made:
    """Audit a plain file, for which nothing is configured."""
    from datetime import UTC, datetime

    from bugbridge.entry.audit_file import audit_file, file_choice, instant_in
    from bugbridge.entry.audit_sentences import notes_on, refuse_unusable, unreadable_note, why_nothing

    choice = file_choice(path, typed)
    now = datetime.now(UTC)
    question = _question(asked, None if asked.since is None else instant_in(choice.zone, asked.since, now))
    made = audit_file(choice, question, now, place.row)
    refuse_unusable(made)
    left_out = unreadable_note(made)
    for note in [*([left_out] if left_out and place.form is not Form.JSON else []), *notes_on(made)]:
        tell(note, err=True)
    return Made(made.audit, choice.zone.key, () if made.audit.n else (why_nothing(made),))


def _question(asked: Asked, since: "datetime | None") -> Question:
    usual = USUAL if since is None else ALL
    last = asked.last or usual
    return Question(last if isinstance(last, int) else None, since, tuple(By(name) for name in dict.fromkeys(asked.by)))


def _report(made: Made, form: Form) -> str:
    """Write the whole report; people read what closes it in text alone, and nothing else where there is nothing."""
    from bugbridge.render.plain import clean_line

    if form is not Form.TEXT:
        return written_audit(made.audit, form, made.zone)
    closing = [clean_line(sentence) for sentence in made.closing]
    if not made.audit.n and not made.audit.excluded:
        return "\n".join(closing)
    return "\n".join([written_audit(made.audit, form, made.zone).rstrip("\n"), *closing])


def show_audit(report: "Audit") -> None:
    """Show an audit to people, its dates in UTC."""
    click.echo(_report(Made(report, "UTC"), Form.TEXT))


@contextmanager
def _reading(last: int | None) -> Iterator[Progress]:
    """Show how many bugs were read, of how many where that is known."""
    with counter("Bugs read") if last is None else progress_bar("Reading bugs", last) as shown:
        seen = 0

        def advance(done: int) -> None:
            nonlocal seen
            shown(done - seen)
            seen = done

        yield advance


def _nothing_since(since: str) -> str:
    return f"No bug that a ticket reports was fixed since {since}: ask for an earlier day."
