"""Facts as tables for a terminal. Rich is imported on use, since most commands say one line."""

import sys
from collections.abc import Iterable, Sequence

from bugbridge.render.plain import clean_line

PLAIN_WIDTH = 160  # characters, where the output is no terminal and nothing says how wide it may be


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on standard output; where that is no terminal, in plain text as wide as it needs to be."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(clean_line(title)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean_line(str(cell))) for cell in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(table)
