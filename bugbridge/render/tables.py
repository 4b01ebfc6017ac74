"""Facts as tables for a terminal. Rich is imported on use, since most commands say one line."""

from collections.abc import Iterable, Sequence

from bugbridge.render.plain import clean_line


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
    console = Console(highlight=False)
    console.print(table, width=None if console.is_terminal else PLAIN_WIDTH)


PLAIN_WIDTH = 160
