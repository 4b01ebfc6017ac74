"""Cells of CSV files that no spreadsheet calculates, and that come back as they were."""

# What spreadsheets begin a formula with; a quote before it makes it text for them, and is taken off when it is read.
FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
QUOTE = "'"


def to_cell(text: str) -> str:
    """Write a text so that no spreadsheet calculates it; `from_cell` gives it back exactly."""
    return QUOTE + text if text[:1] in FORMULA_STARTS or _is_quoted(text) else text


def from_cell(cell: str) -> str:
    """Read a text as `to_cell` wrote it, or as somebody typed it."""
    return cell[1:] if _is_quoted(cell) else cell


def _is_quoted(text: str) -> bool:
    return text[:1] == QUOTE and bool(text[1:2]) and text[1] in FORMULA_STARTS | {QUOTE}
