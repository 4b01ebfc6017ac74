"""An audit for a terminal of 80 columns: plain text, whatever stands in names."""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_chart_words import bars, chart_table
from bugbridge.render.audit_document import Block, Chart, ChartKind, Paragraph, Section, Table
from bugbridge.render.audit_words import audit_document
from bugbridge.render.plain import clean_line

WIDTH = 80
GAP = "  "
INDENT = "    "
# A column narrower than this breaks words and references too often to be read.
LEAST_COLUMN = 14
# Keeps a percent sign with its number, and a lone dash with what has none, while lines are broken.
LOOSE, GLUE = re.compile(r" (?=%|-(?:,|$))"), "\ue000"
GLUED = re.compile(f"{GLUE}(?=[%-])")
FIGURES = frozenset("0123456789.,%<- ")

Cells = tuple[str, ...]


def audit_text(audit: Audit, zone: str) -> str:
    """Write the report; no line is wider than 80 columns."""
    document = audit_document(audit, zone)
    lines = [*_heading(document.title, "="), *(line for said in document.lead for line in ("", *_wrapped(said)))]
    for section in document.sections:
        lines += _section(audit, section)
    return "".join(f"{line}\n" for line in lines)


def _section(audit: Audit, section: Section) -> Iterator[str]:
    yield ""
    yield ""
    yield from _heading(section.heading, "-")
    for block in section.blocks:
        yield ""
        yield from _block(audit, block)


def _heading(text: str, under: str) -> list[str]:
    lines = _wrapped(text)
    return [*lines, under * max(map(cell_len, lines))]


def _block(audit: Audit, block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from _wrapped(f"Warning: {block.text}" if block.is_warning else block.text)
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield from _chart(audit, block)


def _chart(audit: Audit, chart: Chart) -> Iterator[str]:
    yield from _wrapped(f"{chart.title}. {chart.summary}")
    table = bars(audit.fix_times) if chart.kind is ChartKind.FIX_TIMES else chart_table(audit, chart.kind)
    if table is not None:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    """Put a table side by side where it fits, else each row on lines of its own."""
    head = _clean(table.columns)
    rows = [_clean(row) for row in table.rows]
    if table.title:
        yield from _wrapped(table.title)
    widths = _widths([head, *rows])
    if widths:
        yield from _side_by_side(head, rows, widths)
    else:
        for row in rows:
            yield from _stacked(head, row)
    if table.note:
        yield from _wrapped(table.note)


def _clean(row: Sequence[str]) -> Cells:
    return tuple(map(clean_line, row))


def _widths(rows: Sequence[Cells]) -> list[int]:
    """Give each column's width, the widest with words giving way; empty where that makes one too narrow to read."""
    columns = list(zip(*rows, strict=True))
    widths = [min(max(map(cell_len, column)), WIDTH) for column in columns]
    with_words = [index for index, column in enumerate(columns) if not _are_figures(column[1:])]
    room = WIDTH - len(GAP) * (len(widths) - 1)
    while sum(widths) > room:
        widest = max(with_words, key=widths.__getitem__, default=None)
        if widest is None or widths[widest] <= LEAST_COLUMN:
            return []
        widths[widest] -= 1
    return widths


def _are_figures(cells: Sequence[str]) -> bool:
    return all(map(FIGURES.issuperset, cells))


def _side_by_side(head: Cells, rows: Sequence[Cells], widths: Sequence[int]) -> Iterator[str]:
    right = [_are_figures([row[index] for row in rows]) for index in range(len(head))]
    for row in (head, tuple("-" * width for width in widths), *rows):
        columns = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, columns))):
            cells = [lines[number] if number < len(lines) else "" for lines in columns]
            padded = map(_padded, cells, widths, right)
            yield GAP.join(padded).rstrip()


def _padded(text: str, width: int, right: bool) -> str:  # noqa: FBT001
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def _stacked(head: Cells, row: Cells) -> Iterator[str]:
    """Put the row's name on a line, and below it the rest with the columns' names."""
    yield from _wrapped(row[0])
    rest = ", ".join(f"{column} {cell}" for column, cell in zip(head[1:], row[1:], strict=True))
    yield from (f"{INDENT}{line}" for line in _wrapped(rest, WIDTH - len(INDENT)))


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Break text between words, and within words that are too long; wide characters count twice."""
    lines = Text(LOOSE.sub(GLUE, clean_line(text))).wrap(Console(width=width), width, overflow="fold")
    return [GLUED.sub(" ", line.plain).rstrip() for line in lines] or [""]
