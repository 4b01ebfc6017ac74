"""The team's own list of accounts, read from a file."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bugbridge.core.accounts import AccountList, Belonging
from bugbridge.core.errors import ConfigError

if TYPE_CHECKING:
    from _csv import Reader

MATCHING = ("address", "domain", "organization")
GIVING = ("account", "tier")
MOST_PROBLEMS = 50


def read_accounts(path: Path) -> AccountList:
    """Read a CSV file, with commas or semicolons, with the columns address, domain, organization, account and tier.

    Each row names one whom it is about, and an account, a tier or both. Raises ConfigError with every problem of the
    file, each naming line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            separator = ";" if ";" in file.readline() else ","
            file.seek(0)
            return _list(path, csv.reader(file, strict=True, delimiter=separator))
    except OSError as error:
        raise ConfigError([f"[accounts] file: {path} can't be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"[accounts] file: {path} isn't UTF-8 text."]) from None
    except csv.Error as error:
        raise ConfigError([f"[accounts] file: {path} isn't CSV: {error}."]) from None


def _list(path: Path, rows: "Reader") -> AccountList:
    header = [name.strip().lower() for name in next(rows, [])]
    problems = list(_header_problems(header))
    found: dict[str, dict[str, Belonging]] = {column: {} for column in MATCHING}
    if not problems:
        for row in rows:
            problems += _row_problems(rows.line_num, row, len(header)) or _take(
                found, rows.line_num, dict(zip(header, (cell.strip() for cell in row), strict=True) if row else ())
            )
    if problems:
        more = [f"and {len(problems) - MOST_PROBLEMS} more."] if len(problems) > MOST_PROBLEMS else []
        raise ConfigError([f"{path.name} {problem}" for problem in (*problems[:MOST_PROBLEMS], *more)])
    return AccountList(found["address"], found["domain"], found["organization"])


def _header_problems(header: list[str]) -> Iterator[str]:
    known = (*MATCHING, *GIVING)
    for name in header:
        if name not in known:
            yield f"line 1: the column {name!r} is unknown; known are {', '.join(known)}."
        elif header.count(name) > 1:
            yield f"line 1: the column {name} stands there twice."
    if not set(header) & set(MATCHING) or not set(header) & set(GIVING):
        yield f"line 1: at least one of {', '.join(MATCHING)}, and one of {', '.join(GIVING)}, must be a column."


def _row_problems(line: int, row: list[str], columns: int) -> list[str]:
    if row and len(row) != columns:
        return [f"line {line}: has {len(row)} cells, and line 1 has {columns}; is a comma missing its quotes?"]
    if not all(cell.isprintable() for cell in row):
        return [f"line {line}: holds a sign that can't be printed."]
    return []


def _take(found: Mapping[str, dict[str, Belonging]], line: int, row: Mapping[str, str]) -> Iterable[str]:
    named = [(column, _folded(column, row[column])) for column in MATCHING if row.get(column)]
    belonging = Belonging(row.get("account", ""), row.get("tier", ""))
    if not any(row.values()):
        return ()
    if len(named) != 1:
        return (f"line {line}: a row names either an address, a domain or an organization.",)
    if belonging == Belonging():
        return (f"line {line}: neither account nor tier is given.",)
    column, value = named[0]
    if value in found[column]:
        return (f"line {line}, column {column}: {value!r} stands in the file twice.",)
    found[column][value] = belonging
    return ()


def _folded(column: str, value: str) -> str:
    return value.casefold() if column == "organization" else value.lower().removeprefix("@")
