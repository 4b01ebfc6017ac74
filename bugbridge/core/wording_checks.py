"""What a value in a wording file may be, in words for the lead who wrote it."""

import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from bugbridge.core.policy_checks import TEXT, YES_OR_NO, Check, Unfit, choice, choices, quoted, suggestion
from bugbridge.core.wording_model import STATES, Example, Frame, Level, Need, Scope
from bugbridge.core.wording_patterns import PatternError, read_pattern

EVENTS = ("released", "fixed", "workaround", "news")
LANGUAGE_TAG = re.compile("[a-z]{2,3}")
NAME = re.compile("[a-z][a-z0-9_-]{0,59}")
ARRAY: Mapping[str, object] = {"type": "array"}

Kind = TypeVar("Kind", bound=StrEnum)


def _each(read: Callable[[object], Any], form: str) -> Callable[[object], tuple[Any, ...]]:
    """Read a list, each element with all its problems."""

    def read_all(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Unfit(f"must be a list of {form}, not {quoted(value)}.")
        kept: list[Any] = []
        problems: list[str] = []
        for element in value:
            try:
                kept.append(read(element))
            except Unfit as unfit:
                problems += unfit.problems
        if problems:
            raise Unfit(*problems)
        return tuple(kept)

    return read_all


def _some(read: Callable[[object], tuple[Any, ...]]) -> Callable[[object], tuple[Any, ...]]:
    def read_some(value: object) -> tuple[Any, ...]:
        if value == []:
            raise Unfit("is an empty list, which finds nothing.")
        return read(value)

    return read_some


def _frame(value: object) -> Frame:
    texts = tuple(value) if isinstance(value, list) else (value,)
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise Unfit(f"must hold patterns, or lists of patterns that belong together, not {quoted(value)}.")
    try:
        return Frame(texts, tuple(read_pattern(text) for text in texts))
    except PatternError as error:
        raise Unfit(f"has a pattern that can't be read: {quoted(value)} {error}") from None


def _lone_pattern(value: object) -> Frame:
    if isinstance(value, list):
        raise Unfit(f"can't hold patterns that belong together, such as {quoted(value)}.")
    return _frame(value)


def _example(value: object) -> Example:
    if isinstance(value, str) and value.strip():
        return Example(value)
    if isinstance(value, dict) and value.keys() == {"text", "state"}:
        return Example(_member(TEXT, value, "text"), _member(STATE, value, "state"))
    raise Unfit(f'must hold sentences, or {{ text = "…", state = "…" }}, not {quoted(value)}.')


def _member(check: Check, table: Mapping[str, object], key: str) -> str:
    try:
        return str(check.read(table[key]))
    except Unfit as unfit:
        raise Unfit(*(f"has an example whose {key} {problem}" for problem in unfit.problems)) from None


def _levels(value: object) -> Mapping[str, Level]:
    if not isinstance(value, dict):
        raise Unfit(f'must say levels by state, such as {{ declined = "error" }}, not {quoted(value)}.')
    unknown = [state for state in value if state not in STATES]
    if unknown:
        raise Unfit(*(f"has the unknown state {quoted(state)}{suggestion(state, STATES)}" for state in unknown))
    return {state: LEVEL.read(level) for state, level in value.items()}


def _member_of(kind: type[Kind]) -> Check:
    names = choice([member.value for member in kind])
    return Check(lambda value: kind(names.read(value)), names.schema)


def _named(form: re.Pattern[str], what: str) -> Check:
    def read(value: object) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise Unfit(f"must be {what}, not {quoted(value)}.")
        return value

    return Check(read, {"type": "string", "pattern": f"^{form.pattern}$"})


def _lower_case(value: object) -> frozenset[str]:
    words: Collection[str] = _each(TEXT.read, "words")(value)
    return frozenset(word.lower() for word in words)


LEVEL = _member_of(Level)
STATE = choice(STATES)
FRAMES = Check(_each(_frame, "patterns"), ARRAY)
SOME_FRAMES = Check(_some(FRAMES.read), ARRAY)
MACRO = Check(_some(_each(_lone_pattern, "patterns")), ARRAY)
EXAMPLES = Check(_each(_example, "sentences"), ARRAY)
ANYTHING = Check(lambda value: value, {})
TOP_KEYS: Mapping[str, Check] = {
    "version": ANYTHING,
    "language": _named(LANGUAGE_TAG, 'a language such as "en"'),
    "common_words": Check(_lower_case, ARRAY),
    "macros": ANYTHING,
    "rule": ANYTHING,
    "promises": ANYTHING,
}
RULE_KEYS: Mapping[str, Check] = {
    "id": _named(NAME, 'made of small letters, digits, "_" and "-", and begin with a letter'),
    "level": LEVEL,
    "level_in": Check(_levels, {"type": "object"}),
    "scope": _member_of(Scope),
    "needs": _member_of(Need),
    "match": SOME_FRAMES,
    "unless": FRAMES,
    "unless_before": FRAMES,
    "without": FRAMES,
    "next_step": FRAMES,
    "allowed_states": choices(STATES),
    "only_states": choices(STATES),
    "message": TEXT,
    "suggest": TEXT,
    "good": EXAMPLES,
    "bad": EXAMPLES,
    "off": YES_OR_NO,
}
PROMISE_KEYS: Mapping[str, Check] = {"dated": FRAMES, "unless": FRAMES, "elsewhere": FRAMES, "events": ANYTHING}
EVENT_KEYS: Mapping[str, Check] = dict.fromkeys(EVENTS, FRAMES)
