"""Where an audit goes: to standard output, or to a file that is there whole or not at all."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bugbridge.core.audit_model import ResolvedBug
from bugbridge.core.errors import UsageError
from bugbridge.render.audit_csv import csv_header, csv_row
from bugbridge.render.audits import Form
from bugbridge.store.whole_files import beside

ENDINGS = {
    ".txt": Form.TEXT,
    ".md": Form.MARKDOWN,
    ".html": Form.HTML,
    ".htm": Form.HTML,
    ".csv": Form.CSV,
    ".json": Form.JSON,
}
NAMES = {Form.TEXT: "text", Form.MARKDOWN: "Markdown", Form.HTML: "HTML", Form.CSV: "CSV", Form.JSON: "JSON"}


class Output:
    """An open place for one report; as CSV it takes bug by bug, so that they never stand in memory at once."""

    def __init__(self, stream: TextIO, form: Form) -> None:
        """Begin with nothing written, so that what goes wrong first leaves nothing behind."""
        self.form = form
        self._stream = stream
        self._has_begun = False

    def row(self, bug: ResolvedBug) -> None:
        """Take a bug that was measured, which only a CSV lists in full."""
        if self.form is Form.CSV:
            self._begin()
            self._stream.write(csv_row(bug))

    def text(self, written: str) -> None:
        """Take the whole report, in any other form."""
        self._stream.write(written if written.endswith("\n") else f"{written}\n")

    def end(self) -> None:
        """Have a CSV without bugs name its columns all the same."""
        if self.form is Form.CSV:
            self._begin()
        self._stream.flush()

    def _begin(self) -> None:
        if not self._has_begun:
            self._stream.write(csv_header())
        self._has_begun = True


def chosen_form(form: str | None, file: Path | None, *, as_json: bool) -> Form:
    """Give the form asked for, else that of the file's ending, else text.

    Raises UsageError for two at once, and for an ending that says none.
    """
    if as_json and form not in (None, Form.JSON):
        raise UsageError(f"--json and --format {form} ask for two forms: give one of them.")
    if as_json:
        return Form.JSON
    if form is not None:
        return Form(form)
    if file is None or not file.suffix:
        return Form.TEXT
    if file.suffix.lower() not in ENDINGS:
        raise UsageError(f"--output {file}: end it in one of {', '.join(ENDINGS)}, or name the form with --format.")
    return ENDINGS[file.suffix.lower()]


@contextmanager
def output_to(file: Path | None, form: Form) -> Iterator[Output]:
    """Open the file, which is replaced at the end if all went well, or standard output.

    Raises DataError where the file can't be written.
    """
    if file is None:
        yield from _ended(Output(sys.stdout, form))
        return
    if file.exists() and not file.is_file():
        raise UsageError(f"--output {file}: that is no file that could be replaced.")
    encoding = "utf-8-sig" if form is Form.CSV else "utf-8"  # spreadsheets know UTF-8 by its mark alone
    with beside(file) as unfinished, unfinished.open("w", encoding=encoding, newline="") as stream:
        yield from _ended(Output(stream, form))


def _ended(output: Output) -> Iterator[Output]:
    yield output
    output.end()
