"""What a value in the policy file may be, in words for the lead who wrote it, and on which line it stands."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bugbridge.core.model import TERMINAL_NEWS, News
from bugbridge.core.policy import RESERVED_IDS
from bugbridge.core.policy_model import DAYS_PER_WEEK, Cell, Hears

# Longer than any bug is followed; it also keeps every sum of days within what a date can hold.
MOST_DAYS = 3650
SHOWN_CHARACTERS = 60

Path = tuple[str | int, ...]

EVERY_WEEKS = re.compile("every ([0-9]{1,4})-([0-9]{1,4}) weeks")
ASKS = r"(agent|lead): *\S"
GRID_IDS = "grid-[0-9]+"
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


@dataclass(frozen=True, slots=True)
class Check:
    """Reads a value, or raises Unfit; `schema` says as much of it as JSON Schema can."""

    read: Callable[[object], Any]
    schema: Mapping[str, object]


def quoted(value: object) -> str:
    """The value as the file has it, shortened."""
    try:
        shown = json.dumps(value, ensure_ascii=False, default=str)
    except ValueError:
        return "a number of thousands of digits"
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}…"


def close_to(word: object, choices: Iterable[str]) -> Sequence[str]:
    """Give the choice that a word was perhaps meant to be, if any."""
    return get_close_matches(str(word)[:SHOWN_CHARACTERS], list(choices), n=1)


def suggestion(word: object, choices: Iterable[str]) -> str:
    """`; did you mean "…"?` where one of the choices is close, otherwise a full stop."""
    close = close_to(word, choices)
    return f'; did you mean "{close[0]}"?' if close else "."


def _some_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit(f"must be some text, not {quoted(value)}.")
    return value


def _a_boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit(f"must be true or false, not {quoted(value)}.")
    return value


TEXT = Check(_some_text, {"type": "string", "pattern": r"\S"})
YES_OR_NO = Check(_a_boolean, {"type": "boolean"})


def whole(least: int, most: int = MOST_DAYS) -> Check:
    """A whole number between these, both included."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Unfit(f"must be a whole number from {least} to {most}, not {quoted(value)}.")
        return value

    return Check(read, {"type": "integer", "minimum": least, "maximum": most})


def number(least: float, most: float, *, borders: bool = True) -> Check:
    """A number between these, the borders included or not."""
    between = f"from {least:g} to {most:g}" if borders else f"over {least:g} and under {most:g}"

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise Unfit(f"must be a number {between}, not {quoted(value)}.")
        if not borders and value in {least, most}:
            raise Unfit(f"must be a number {between}, not {quoted(value)}.")
        return float(value)

    lower, upper = ("minimum", "maximum") if borders else ("exclusiveMinimum", "exclusiveMaximum")
    return Check(read, {"type": "number", lower: least, upper: most})


def choice(words: Collection[str]) -> Check:
    """One of these words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise Unfit(f"must be one of {_listed(words)}, not {quoted(value)}{suggestion(value, words)}")
        return value

    return Check(read, {"enum": list(words)})


def _listed(words: Collection[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _some_texts(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise Unfit(f"must be a list, any of which fits: write [{quoted(value)}].")
    if not value:
        raise Unfit("is an empty list, which no facts can reach.")
    return frozenset(_some_text(element) for element in value)


TEXTS = Check(_some_texts, {"type": "array", "minItems": 1, "items": TEXT.schema})
"""A list of texts, any of which fits."""


def choices(words: Collection[str]) -> Check:
    """A list of these words, any of which fits."""

    def read(value: object) -> frozenset[str]:
        if not isinstance(value, list):
            return _some_texts(value)
        unknown = [element for element in value if not isinstance(element, str) or element not in words]
        if unknown:
            raise Unfit(*(f"can't hold {quoted(word)}{suggestion(word, words)}" for word in unknown))
        return _some_texts(value)

    return Check(read, {"type": "array", "minItems": 1, "items": {"enum": [str(word) for word in words]}})


SOME_NEWS = choices(list(News))


def _listed_news(value: object) -> frozenset[News]:
    return frozenset() if value == [] else frozenset(News(word) for word in SOME_NEWS.read(value))


NEWS_LIST = Check(_listed_news, {"type": "array", "items": SOME_NEWS.schema["items"]})
"""A list of news; it may be empty, since terminal news is told all the same."""


def _what_is_told(value: object) -> frozenset[News]:
    if isinstance(value, list):
        return _listed_news(value) | TERMINAL_NEWS
    if not isinstance(value, str) or value not in TELL_WORDS:
        meant = suggestion(value, TELL_WORDS)
        raise Unfit(f"must be {_listed(TELL_WORDS)} or a list of news, not {quoted(value)}{meant}")
    return TELL_WORDS[value]


TELLS = Check(_what_is_told, {"anyOf": [{"enum": list(TELL_WORDS)}, NEWS_LIST.schema]})
"""What a rule tells: a word, or a list of news, to which terminal news is added."""


def pair(element: Check, order: str) -> Check:
    """Two numbers, `rising` or `falling`; equal ones are both."""

    def read(value: object) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise Unfit(f"must be a list of two numbers, not {quoted(value)}.")
        first, second = (element.read(each) for each in value)
        if (first > second) if order == "rising" else (first < second):
            side = "less" if order == "rising" else "more"
            raise Unfit(f"must have the {side} first, not {quoted(value)}.")
        return first, second

    return Check(read, {"type": "array", "minItems": 2, "maxItems": 2, "items": element.schema})


BOUND = number(0, float(MOST_DAYS))


def _range(value: object) -> tuple[float, float]:
    if not isinstance(value, dict) or not value:
        raise Unfit(f"must be a range such as {{ min = 10, max = 20 }}, not {quoted(value)}.")
    unknown = value.keys() - {"min", "max"}
    if unknown:
        raise Unfit(*(f"has the unknown key {quoted(key)}; a range has min and max." for key in sorted(unknown)))
    least, most = (BOUND.read(value.get(key, other)) for key, other in (("min", 0), ("max", MOST_DAYS)))
    if least > most:
        raise Unfit(f"is an empty range, which no facts can reach: {least:g} is over {most:g}.")
    return least, most if "max" in value else float("inf")


RANGE = Check(
    _range,
    {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {"min": BOUND.schema, "max": BOUND.schema},
    },
)
"""A range with a least, a most, or both."""


def _grid_cell(value: object) -> Cell:
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


CELL = Check(
    _grid_cell, {"anyOf": [{"enum": list(PLAIN_CELLS)}, {"type": "string", "pattern": f"^{EVERY_WEEKS.pattern}$"}]}
)
"""A cell of the grid; weeks become days."""


def _a_question(value: object) -> str:
    if not re.match(ASKS, _some_text(value)):
        raise Unfit(f'must say whom to ask and what, such as "lead: decide together", not {quoted(value)}.')
    return str(value)


QUESTION = Check(_a_question, {"type": "string", "pattern": f"^{ASKS}"})
"""A question, and whether the agent or the lead is asked."""


def _own_id(value: object) -> str:
    if _some_text(value) in RESERVED_IDS or re.fullmatch(GRID_IDS, str(value)):
        raise Unfit(f"can't be {quoted(value)}, which BugBridge keeps for itself; choose another.")
    return str(value)


RULE_ID = Check(
    _own_id, {**TEXT.schema, "not": {"anyOf": [{"enum": list(RESERVED_IDS)}, {"pattern": f"^{GRID_IDS}$"}]}}
)


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
