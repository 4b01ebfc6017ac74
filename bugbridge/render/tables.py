"""Facts as tables for a terminal. Rich is imported on use, since most commands say one line."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from textwrap import wrap

from bugbridge.render.plain import clean_line

GAP = 2  # characters between two columns
LEAST_FOR_WORDS = 24  # a column of sentences narrower than this is a column of single words
INDENT = "    "

Row = tuple[str, ...]


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on standard output; where that is no terminal, as wide as it needs to be.

    On a terminal nothing without a blank in it, such as a reference, is ever broken, and the last column takes the
    room that is left; where there is too little, each row takes several lines: all but the last column, then that.
    """
    cells = [tuple(clean_line(str(cell)) for cell in row) for row in rows]
    head = tuple(columns)
    available = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    widths = _widths([head, *cells], available)
    lines = _as_table(title, head, cells, widths) if widths else _as_lines(title, head, cells, available or 0)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))
    sys.stdout.flush()


def _widths(rows: Sequence[Row], available: int | None) -> list[int]:
    """Give each column's width, narrowed where need be, the last first; empty where the room isn't enough."""
    from rich.cells import cell_len

    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    if available is None:
        return widths
    longest_word = [max((cell_len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    least = [max(word, min(width, LEAST_FOR_WORDS)) for word, width in zip(longest_word, widths, strict=True)]
    over = sum(widths) + GAP * (len(widths) - 1) - available
    for index in reversed(range(len(widths))):
        narrowed = min(max(over, 0), widths[index] - least[index])
        widths[index] -= narrowed
        over -= narrowed
    return widths if over <= 0 else []


def _as_table(title: str, head: Row, rows: Sequence[Row], widths: Sequence[int]) -> list[str]:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(clean_line(title)), title_justify="left", box=SIMPLE_HEAD, show_edge=False)
    table.padding, table.pad_edge = (0, 1, 0, 0), False
    for column, width in zip(head, widths, strict=True):
        table.add_column(column, width=width, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(highlight=False, width=max(sum(widths) + GAP * len(widths), len(title)))
    with console.capture() as captured:
        console.print(table)
    return captured.get().splitlines()


def _as_lines(title: str, head: Row, rows: Sequence[Row], width: int) -> list[str]:
    return [clean_line(title), *(line for row in (head, *rows) for line in _row_lines(row, width))]


def _row_lines(row: Row, width: int) -> list[str]:
    """Put all but the last cell on lines of their own, broken between cells alone, and the last below them."""
    lines = [row[0]]
    for cell in row[1:-1]:
        if len(lines[-1]) + GAP + len(cell) <= width:
            lines[-1] += f"{' ' * GAP}{cell}"
        else:
            lines.append(f"{' ' * GAP}{cell}")
    text = wrap(row[-1], max(width - len(INDENT), len(INDENT)), break_on_hyphens=False)
    return lines + [f"{INDENT}{line}" for line in text]
