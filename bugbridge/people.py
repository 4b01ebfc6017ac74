"""The team's own list of people, read from a file."""

import csv
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bugbridge.core.access import Role, brands_in, narrowed, unknown_brands
from bugbridge.core.errors import ConfigError
from bugbridge.core.people import People, Person

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = (
    "agent",
    "name",
    "channel",
    "zone",
    "languages",
    "away_from",
    "away_to",
    "deputy",
    "group",
    "lead",
    "role",
    "brands",
)
MOST_PROBLEMS = 50
LONGEST_CELL = 200  # characters; no name, address or zone is longer
AGENT = re.compile(r"[a-z0-9-]+:\S+|[^\s:@]+@[^\s:@]+")
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
YES_OR_NO = {"yes": True, "no": False, "": False}
ROLES = {role.word: role for role in Role}

log = logging.getLogger("bugbridge.daemon")

Row = Mapping[str, str]
Rows = Sequence[tuple[int, Row]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the configuration has that rows may name: helpdesks, notifications, and the zone of those who say none."""

    helpdesks: Collection[str]
    channels: Collection[str]
    zone: str


class KeptPeople:
    """The last good list that a process has read, so that a slip in the file changes nothing while it runs."""

    def __init__(self) -> None:
        """Begin without one."""
        self._good: People | None = None
        self._said = ""

    def read(self, read: Callable[[], People]) -> People:
        """Give the list as it is, or the last good one, and say once what is wrong. Raises what reading raises where
        none was good yet."""
        try:
            self._good = read()
        except ConfigError as error:
            if self._good is None:
                raise
            if str(error) != self._said:
                self._said = str(error)
                log.warning("%s The list of people goes on as it was before.", error)
        return self._good


def read_people(path: Path, surroundings: Surroundings) -> People:
    """Read a CSV file, with commas or semicolons, with the column agent and any of the others of COLUMNS.

    Raises ConfigError with every problem of the file, each naming line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            separator = ";" if ";" in file.readline() else ","
            file.seek(0)
            return _list(path, csv.reader(file, strict=True, delimiter=separator), surroundings)
    except OSError as error:
        raise ConfigError([f"[people] file: {path} can't be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"[people] file: {path} isn't UTF-8 text."]) from None
    except csv.Error as error:
        raise ConfigError([f"[people] file: {path} isn't CSV: {error}."]) from None


def _list(path: Path, cells: "Reader", surroundings: Surroundings) -> People:
    header = [name.strip().lower() for name in next(cells, [])]
    problems = list(_header_problems(header))
    rows: list[tuple[int, Row]] = []
    if not problems:
        for each in cells:
            shape = list(_shape_problems(each, len(header)))
            problems += [f"line {cells.line_num}{problem}" for problem in shape]
            if any(each) and not shape:
                rows.append((cells.line_num, _row(header, each)))
    problems += [f"line {line}{problem}" for line, row in rows for problem in _row_problems(row, rows, surroundings)]
    if problems:
        more = [f"and {len(problems) - MOST_PROBLEMS} more."] if len(problems) > MOST_PROBLEMS else []
        raise ConfigError([f"{path.name} {problem}" for problem in (*problems[:MOST_PROBLEMS], *more)])
    return People(tuple(_person(row, rows, surroundings.zone) for _, row in rows))


def _row(header: list[str], cells: list[str]) -> Row:
    return dict.fromkeys(COLUMNS, "") | {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=True)}


def _header_problems(header: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            yield f"line 1: the column {name[:LONGEST_CELL]!r} is unknown; known are {', '.join(COLUMNS)}."
        elif header.count(name) > 1:
            yield f"line 1: the column {name} stands there twice."
    if "agent" not in header:
        yield "line 1: agent must be a column."


def _shape_problems(cells: list[str], columns: int) -> Iterator[str]:
    if cells and len(cells) != columns:
        yield f": has {len(cells)} cells, and line 1 has {columns}; is a comma missing its quotes?"
    elif not all(cell.isprintable() for cell in cells):
        yield ": holds a sign that can't be printed."
    elif any(len(cell) > LONGEST_CELL for cell in cells):
        yield f": holds more than {LONGEST_CELL} characters in one cell."


def _row_problems(row: Row, rows: Rows, surroundings: Surroundings) -> Iterator[str]:
    yield from _agent_problems(row, rows, surroundings.helpdesks)
    if row["channel"] and row["channel"] not in surroundings.channels:
        known = ", ".join(surroundings.channels) or "none"
        yield f", column channel: there is no notification named {row['channel']!r}; there is: {known}."
    if row["zone"] and _zone(row["zone"]) is None:
        yield f", column zone: {row['zone']!r} is no time zone's IANA name, such as Europe/Berlin."
    for tag in _tags(row["languages"]):
        if not LANGUAGE.fullmatch(tag):
            yield f", column languages: {tag!r} is no language, such as en or pt-BR."
    yield from _absence_problems(row)
    if row["deputy"] and len(_deputies(row, rows)) != 1:
        who = "is several others: write one's agent" if _deputies(row, rows) else "is nobody else of this file"
        yield f", column deputy: {row['deputy']!r} {who}."
    if row["lead"].lower() not in YES_OR_NO:
        yield f", column lead: {row['lead']!r} is neither yes nor no."
    yield from _access_problems(row, surroundings.helpdesks)


def _agent_problems(row: Row, rows: Rows, helpdesks: Collection[str]) -> Iterator[str]:
    agent = row["agent"]
    name = agent.partition(":")[0] if ":" in agent else ""
    first = next(other for _, other in rows if other["agent"].casefold() == agent.casefold())
    if not AGENT.fullmatch(agent):
        yield f", column agent: {agent!r} is neither HELPDESK:ID nor an e-mail address."
    elif name and name not in helpdesks:
        yield f", column agent: there is no helpdesk named {name}; there is: {', '.join(helpdesks) or 'none'}."
    elif first is not row:
        yield f", column agent: {agent!r} stands in the file twice."


def _access_problems(row: Row, helpdesks: Collection[str]) -> Iterator[str]:
    if row["role"] and row["role"].lower() not in ROLES:
        yield f", column role: {row['role']!r} is no role; there is: {', '.join(ROLES)}."
    for brand in unknown_brands(_brands(row), helpdesks):
        known = ", ".join(helpdesks) or "none"
        yield f", column brands: {brand!r} is neither a helpdesk nor HELPDESK:BRAND; there is: {known}."


def _absence_problems(row: Row) -> Iterator[str]:
    days = {name: _day(row[name]) for name in ("away_from", "away_to")}
    for name, day in days.items():
        if row[name] and day is None:
            yield f", column {name}: {row[name]!r} is no date, such as 2026-06-12."
    if row["away_to"] and not row["away_from"]:
        yield ", column away_to: away_from is missing."
    if days["away_from"] and days["away_to"] and days["away_to"] < days["away_from"]:
        yield ", column away_to: is before away_from."


def _person(row: Row, rows: Rows, zone: str) -> Person:
    return Person(
        agent=row["agent"],
        name=row["name"] or row["agent"],
        zone=ZoneInfo(row["zone"] or zone),
        channel=row["channel"],
        languages=tuple(_tags(row["languages"])),
        away_from=_day(row["away_from"]),
        away_to=_day(row["away_to"]),
        deputy=next(iter(_deputies(row, rows)), ""),
        group=row["group"],
        lead=YES_OR_NO[row["lead"].lower()],
        role=_role(row),
        brands=narrowed(_brands(row)),
    )


def _role(row: Row) -> Role:
    """Give the role that is written there, else that of a lead or an agent."""
    usual = Role.LEAD if YES_OR_NO[row["lead"].lower()] else Role.AGENT
    return ROLES.get(row["role"].lower(), usual)


def _brands(row: Row) -> tuple[str, ...]:
    return brands_in(row["brands"]) if row["brands"] else ()


def _deputies(row: Row, rows: Rows) -> list[str]:
    """Give the agents of those whom a row's deputy may mean."""
    named = row["deputy"].casefold()
    return [
        other["agent"]
        for _, other in rows
        if named and other is not row and named in (other["agent"].casefold(), other["name"].casefold())
    ]


def _tags(text: str) -> list[str]:
    return text.replace(";", " ").split()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
