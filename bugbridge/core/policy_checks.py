"""What a value in the policy file may be, in words for the lead who wrote it, and on which line it stands."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any

from bugbridge.core.model import TERMINAL_NEWS, News
from bugbridge.core.policy_model import DAYS_PER_WEEK, Cell, Hears

# Longer than any bug is followed; it also keeps every sum of days within what a date can hold.
MOST_DAYS = 3650
SHOWN_CHARACTERS = 60

Check = Callable[[object], Any]
Path = tuple[str | int, ...]

EVERY_WEEKS = re.compile(r"every (\d{1,4})-(\d{1,4}) weeks")
PLAIN_CELLS = {str(hears): Cell(hears) for hears in (Hears.NEWS, Hears.RELEASE, Hears.NOTHING)}
TELL_WORDS = {"nothing": frozenset[News](), "terminal": TERMINAL_NEWS, "all": frozenset(News)}

KEY_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")
DOTTED_KEY = r"""(?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*"""
HEADER_LINE = re.compile(rf"\s*(\[\[?)\s*({DOTTED_KEY})\s*\]\]?\s*(?:#.*)?$")
KEY_LINE = re.compile(rf"\s*({DOTTED_KEY})\s*=")


class Unfit(Exception):  # noqa: N818 - not an error of the program: it carries what to tell the author of a value
    """A value can't be used; each problem continues a sentence that begins with the value's name."""

    def __init__(self, *problems: str) -> None:
        """Keep the problems."""
        self.problems = problems
        super().__init__(*problems)


def quoted(value: object) -> str:
    """The value as the file has it, shortened."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}…"


def suggestion(word: object, choices: Iterable[str]) -> str:
    """`; did you mean "…"?` where one of the choices is close, otherwise a full stop."""
    close = get_close_matches(str(word)[:SHOWN_CHARACTERS], list(choices), n=1)
    return f'; did you mean "{close[0]}"?' if close else "."


def text(value: object) -> str:
    """Some text."""
    if not isinstance(value, str) or not value.strip():
        raise Unfit(f"must be some text, not {quoted(value)}.")
    return value


def yes_or_no(value: object) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise Unfit(f"must be true or false, not {quoted(value)}.")
    return value


def whole(least: int, most: int = MOST_DAYS) -> Check:
    """A whole number between these, both included."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Unfit(f"must be a whole number from {least} to {most}, not {quoted(value)}.")
        return value

    return check


def number(least: float, most: float, *, borders: bool = True) -> Check:
    """A number between these, the borders included or not."""
    between = f"from {least:g} to {most:g}" if borders else f"over {least:g} and under {most:g}"

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise Unfit(f"must be a number {between}, not {quoted(value)}.")
        if not borders and value in {least, most}:
            raise Unfit(f"must be a number {between}, not {quoted(value)}.")
        return float(value)

    return check


def choice(words: Collection[str]) -> Check:
    """One of these words."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise Unfit(f"must be one of {_listed(words)}, not {quoted(value)}{suggestion(value, words)}")
        return value

    return check


def _listed(words: Collection[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def texts(value: object) -> frozenset[str]:
    """A list of texts, any of which fits."""
    if not isinstance(value, list):
        raise Unfit(f"must be a list, any of which fits: write [{quoted(value)}].")
    if not value:
        raise Unfit("is an empty list, which no facts can reach.")
    return frozenset(text(element) for element in value)


def choices(words: Collection[str]) -> Check:
    """A list of these words, any of which fits."""

    def check(value: object) -> frozenset[str]:
        if not isinstance(value, list):
            return texts(value)
        unknown = [element for element in value if not isinstance(element, str) or element not in words]
        if unknown:
            raise Unfit(*(f"can't hold {quoted(word)}{suggestion(word, words)}" for word in unknown))
        return texts(value)

    return check


def news_list(value: object) -> frozenset[News]:
    """A list of news; it may be empty, since terminal news is told all the same."""
    return frozenset() if value == [] else frozenset(News(word) for word in choices(list(News))(value))


def tells(value: object) -> frozenset[News]:
    """What a rule tells: a word, or a list of news, to which terminal news is added."""
    if isinstance(value, list):
        return news_list(value) | TERMINAL_NEWS
    if not isinstance(value, str) or value not in TELL_WORDS:
        meant = suggestion(value, TELL_WORDS)
        raise Unfit(f"must be {_listed(TELL_WORDS)} or a list of news, not {quoted(value)}{meant}")
    return TELL_WORDS[value]


def pair(element: Check, order: str) -> Check:
    """Two numbers, `rising` or `falling`; equal ones are both."""

    def check(value: object) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise Unfit(f"must be a list of two numbers, not {quoted(value)}.")
        first, second = (element(each) for each in value)
        if (first > second) if order == "rising" else (first < second):
            side = "less" if order == "rising" else "more"
            raise Unfit(f"must have the {side} first, not {quoted(value)}.")
        return first, second

    return check


def span(value: object) -> tuple[float, float]:
    """A range with a least, a most, or both."""
    if not isinstance(value, dict) or not value:
        raise Unfit(f"must be a range such as {{ min = 10, max = 20 }}, not {quoted(value)}.")
    unknown = value.keys() - {"min", "max"}
    if unknown:
        raise Unfit(*(f"has the unknown key {quoted(key)}; a range has min and max." for key in sorted(unknown)))
    least, most = (
        number(0, float(MOST_DAYS))(value.get(key, other)) for key, other in (("min", 0), ("max", MOST_DAYS))
    )
    if least > most:
        raise Unfit(f"is an empty range, which no facts can reach: {least:g} is over {most:g}.")
    return least, most if "max" in value else float("inf")


def cell(value: object) -> Cell:
    """A cell of the grid; weeks become days."""
    if isinstance(value, str) and value in PLAIN_CELLS:
        return PLAIN_CELLS[value]
    matched = EVERY_WEEKS.fullmatch(value) if isinstance(value, str) else None
    if not matched:
        meant = suggestion(value, [*PLAIN_CELLS, "every 2-8 weeks"])
        raise Unfit(f'must be "every A-B weeks", "news", "release" or "nothing", not {quoted(value)}{meant}')
    least, most = (int(weeks) for weeks in matched.groups())
    if not 1 <= least <= most <= MOST_DAYS // DAYS_PER_WEEK:
        raise Unfit(f"must have the less first, and weeks from 1 to {MOST_DAYS // DAYS_PER_WEEK}: {quoted(value)}.")
    return Cell(Hears.EVERY, (least * DAYS_PER_WEEK, most * DAYS_PER_WEEK))


def key_lines(toml: str) -> dict[Path, int]:
    """On which line (from 1) each table and key of a TOML text stands; tables of an array have their index in the path.

    Keys within inline tables aren't found: their table's line is theirs.
    """
    lines: dict[Path, int] = {}
    tables: Counter[Path] = Counter()
    table: Path = ()
    for line_number, line in enumerate(_without_long_strings(toml), start=1):
        if header := HEADER_LINE.match(line):
            table = _table_path(_key_path(header[2]), array=header[1] == "[[", tables=tables)
            lines.setdefault(table, line_number)
        elif key := KEY_LINE.match(line):
            lines.setdefault(table + _key_path(key[1]), line_number)
    return lines


def _without_long_strings(toml: str) -> Iterable[str]:
    inside = False
    for line in toml.split("\n"):
        yield "" if inside else line
        inside ^= (line.count('"""') + line.count("'''")) % 2 == 1


def _key_path(dotted: str) -> Path:
    return tuple("".join(part.groups(default="")) for part in KEY_PART.finditer(dotted))


def _table_path(parts: Path, *, array: bool, tables: Counter[Path]) -> Path:
    path: Path = ()
    for part in parts[:-1]:
        path += (part,)
        if path in tables:
            path += (tables[path] - 1,)
    path += parts[-1:]
    if array:
        tables[path] += 1
    return (*path, tables[path] - 1) if array else path


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """The line of a key, or of the nearest thing around it that has one."""
    around = (path[:length] for length in range(len(path), 0, -1))
    return next((lines[prefix] for prefix in around if prefix in lines), 1)
