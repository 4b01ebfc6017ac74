"""A policy as a lead edits it: its text, and beside it each number and each cell of the grid in a field of its own."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.core.file_report import load_toml
from bugbridge.core.policy_checks import Path
from bugbridge.core.policy_file import TABLES, parse_version, policy_notes
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_schema import MEANINGS
from bugbridge.core.policy_scope import PolicyVersion
from bugbridge.core.policy_values import with_values
from bugbridge.core.policy_words import cell_text
from bugbridge.entry.web.limits import LONGEST_POLICY
from bugbridge.render.policy_headings import POLICY_HEADINGS

WHERE = "policy"
PLACE = re.compile(rf"{WHERE}:(\d+): ")
RULE = "rule"
RULE_FIELDS = ("every_days", "recheck_days", "within_business_days", "backoff")
TITLES = {"grid": "The grid: every A-B weeks, news, release or nothing", **POLICY_HEADINGS}
WAS = "was/"
NUMBER = re.compile(r"([0-9]{1,9})(\.[0-9]{1,9})?")
PAIR = re.compile(r"([0-9]{1,9}) *- *([0-9]{1,9})")
TOO_LONG = f"A policy has at most {LONGEST_POLICY:,} characters."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, or worth knowing of it, and on which line; 0 where it concerns no line."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the text: `name` is that of its field, `label` says what it means, `was` what it held before."""

    name: str
    label: str
    value: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it was read: its version, none where there are problems, and what is to be known of it."""

    version: PolicyVersion | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def read_text(text: str) -> Reading:
    """Read a policy's text, or find all its problems at once."""
    if len(text) > LONGEST_POLICY:
        return Reading(None, (Problem(0, TOO_LONG),))
    try:
        version = parse_version(text, WHERE)
    except ConfigError as error:
        return Reading(None, problems_of(error))
    return Reading(version, notes=tuple(map(_placed, policy_notes(text, version.policy, WHERE))))


def problems_of(error: ConfigError) -> tuple[Problem, ...]:
    """Give each problem with its line."""
    return tuple(map(_placed, error.problems))


def _placed(sentence: str) -> Problem:
    place = PLACE.match(sentence)
    return Problem(int(place[1]), sentence[place.end() :]) if place else Problem(0, sentence)


def fields_of(policy: Policy) -> Sequence[tuple[str, Sequence[Field]]]:
    """Give the fields of a policy under their headings."""
    tables = [(heading, _table_fields(policy, table)) for table, heading in TITLES.items()]
    rules = [field for rule in policy.rules for field in _rule_fields(rule.id, rule)]
    return [*tables, ("Rules", rules)] if rules else tables


def _table_fields(policy: Policy, table: str) -> list[Field]:
    values = [(key, getattr(getattr(policy, table), key.replace(", ", "_"))) for key in TABLES[table]]
    shown = [(key, cell_text(value) if table == "grid" else _number(value)) for key, value in values]
    return [Field(f"{table}/{key}", MEANINGS[table][key], value) for key, value in shown if value]


def _rule_fields(rule_id: str, rule: object) -> list[Field]:
    shown = [(key, _number(getattr(rule, key))) for key in RULE_FIELDS]
    return [
        Field(f"{RULE}/{rule_id}/{key}", f"{rule_id}: {MEANINGS[RULE][key]}", value) for key, value in shown if value
    ]


def _number(value: object) -> str:
    """Write a number, or a least and a most number of days; "" for what is neither, which has no field."""
    match value:
        case bool():
            return ""
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case (int(least), int(most)):
            return f"{least}-{most}"
        case _:
            return ""


def edited_text(form: Mapping[str, str]) -> str:
    """Give the text of a form with what was changed in its fields; comments stay.

    A form carries what each field held before, so that a field that nobody touched doesn't undo what was written in the
    text. Raises ConfigError for a text that is no TOML, and UsageError for a place that has to be changed in the text.
    """
    text = form.get("text", "").replace("\r\n", "\n")
    touched = {name: form[name].strip() for name in _touched(form)}
    if not touched or len(text) > LONGEST_POLICY:
        return text
    data = load_toml(text, WHERE)
    return with_values(text, {_path(name, data): _written(name, value) for name, value in touched.items()})


def untaken_fields(form: Mapping[str, str]) -> Sequence[Field]:
    """Give the fields that somebody changed, as they were sent, for a form whose text can't take them."""
    return [Field(name, _label(name), form[name], form.get(WAS + name, "")) for name in _touched(form)]


def _touched(form: Mapping[str, str]) -> list[str]:
    return [name for name in form if _is_field(name) and form[name] != form.get(WAS + name)]


def _label(name: str) -> str:
    table, _, key = name.partition("/")
    rule_id, _, value = key.rpartition("/")
    return f"{rule_id}: {MEANINGS[RULE][value]}" if table == RULE else MEANINGS[table][key]


def _is_field(name: str) -> bool:
    table, _, key = name.partition("/")
    return key in TABLES.get(table, ()) or (table == RULE and key.rpartition("/")[2] in RULE_FIELDS)


def _path(name: str, data: Mapping[str, Any]) -> Path:
    table, _, key = name.partition("/")
    if table != RULE:
        return (table, key)
    rule_id, _, key = key.rpartition("/")
    rules = data.get(RULE, [])
    found = [index for index, rule in enumerate(rules) if isinstance(rule, dict) and rule.get("id") == rule_id]
    if not found:
        raise UsageError(f"The text has no rule {rule_id!r} any more, so its field wasn't taken.")
    return (RULE, found[0], key)


def _written(name: str, typed: str) -> str:
    """Write as TOML what was typed; what is no number becomes text, of which reading says what is wrong."""
    pair = PAIR.fullmatch(typed) if name.startswith(f"{RULE}/") else None
    if pair:
        return f"[{int(pair[1])}, {int(pair[2])}]"
    number = NUMBER.fullmatch(typed)
    if number:
        return f"{int(number[1])}{number[2] or ''}"
    return json.dumps(typed, ensure_ascii=False).replace("\x7f", "\\u007f")
