"""Wording files: TOML text in; the rules of each language out, or every problem at once, each with its line.

Several files of one language add up: a team's own file adds rules, macros and examples to the shipped ones, changes a
rule's level or sentences, or switches it off.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from bugbridge.core.errors import ConfigError
from bugbridge.core.file_report import FileReport, load_toml
from bugbridge.core.policy_checks import (
    RULE_ID,
    TEXT,
    YES_OR_NO,
    Check,
    Path,
    Unfit,
    choice,
    choices,
    quoted,
    suggestion,
)
from bugbridge.core.wording_model import (
    STATES,
    Example,
    Frame,
    Level,
    Need,
    PromiseRules,
    Rule,
    Scope,
    Wording,
)
from bugbridge.core.wording_patterns import Macros, Pattern, PatternError, macros_named, read_pattern

EVENTS = ("released", "fixed", "workaround", "news")


@dataclass(frozen=True, slots=True)
class WordingFile:
    """A file's text and its name for people."""

    toml: str
    where: str


def _frame(value: object) -> Frame:
    texts = tuple(value) if isinstance(value, list) else (value,)
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise Unfit(f"must hold patterns, or lists of patterns that belong together, not {quoted(value)}.")
    try:
        return Frame(texts, tuple(read_pattern(text) for text in texts))
    except PatternError as error:
        raise Unfit(f"has a pattern that can't be read: {quoted(value)} {error}") from None


def _each(read: Callable[[object], Any], value: object, form: str) -> tuple[Any, ...]:
    """Read a list, each element with all its problems."""
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


def _example(value: object) -> Example:
    if isinstance(value, str) and value.strip():
        return Example(value)
    if isinstance(value, dict) and value.keys() == {"text", "state"} and value["state"] in STATES:
        return Example(str(value["text"]), value["state"])
    raise Unfit(
        f'must hold sentences, or {{ text = "…", state = "…" }} with one of {", ".join(STATES)}; not {quoted(value)}.'
    )


def _levels(value: object) -> dict[str, Level]:
    if not isinstance(value, dict):
        raise Unfit(f'must say levels by state, such as {{ declined = "error" }}, not {quoted(value)}.')
    unknown = [state for state in value if state not in STATES]
    if unknown:
        raise Unfit(*(f"has the unknown state {quoted(state)}{suggestion(state, STATES)}" for state in unknown))
    return {state: Level(LEVEL.read(level)) for state, level in value.items()}


LEVEL = choice([level.value for level in Level])
FRAMES = Check(lambda value: _each(_frame, value, "patterns"), {"type": "array"})
EXAMPLES = Check(lambda value: _each(_example, value, "sentences"), {"type": "array"})
WORDS = Check(
    lambda value: frozenset(_each(TEXT.read, value, "words")),
    {"type": "array", "items": TEXT.schema},
)
RULE_KEYS: Mapping[str, Check] = {
    "id": RULE_ID,
    "level": LEVEL,
    "level_in": Check(_levels, {"type": "object"}),
    "scope": choice([scope.value for scope in Scope]),
    "needs": choice([need.value for need in Need]),
    "match": FRAMES,
    "unless": FRAMES,
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
TOP_KEYS = ("version", "language", "common_words", "macros", "rule", "promises")
VERSION = 1
NEEDED = ("level", "match", "message", "suggest")
LISTS = ("match", "unless", "without", "next_step", "good", "bad")


@dataclass(slots=True)
class _Draft:
    """A language as far as its files were read."""

    common_words: frozenset[str]
    macros: dict[str, tuple[Frame, ...]]
    rules: dict[str, dict[str, Any]]
    promises: dict[str, Any]


def parse_wordings(files: Sequence[WordingFile]) -> Mapping[str, Wording]:
    """Read wording files, the shipped ones first; give the rules by language.

    Raises ConfigError with every problem of all files, each a sentence that begins with `where:LINE:`.
    """
    drafts: dict[str, _Draft] = {}
    problems: list[str] = []
    for file in files:
        try:
            _read_file(file, drafts)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return {language: _finished(language, draft) for language, draft in drafts.items()}


def _read_file(file: WordingFile, drafts: dict[str, _Draft]) -> None:
    data, report = load_toml(file.toml, file.where), FileReport(file.toml, file.where)
    if data.get("version") != VERSION or isinstance(data.get("version"), bool):
        report.add(("version",), f"The wording must say version = {VERSION}.")
    for key in data:
        if key not in TOP_KEYS:
            report.add((key,), f"The wording has the unknown key {quoted(key)}{suggestion(key, TOP_KEYS)}")
    top = report.read(
        (),
        {key: data[key] for key in ("language", "common_words") if key in data},
        {"language": TEXT, "common_words": WORDS},
        "The wording",
    )
    if "language" not in data:
        report.add((), 'The wording must say its language, such as language = "en".')
    draft = drafts.setdefault(str(top.get("language", "")), _Draft(frozenset(), {}, {}, {}))
    draft.common_words |= top.get("common_words", frozenset())
    _add_macros(data.get("macros", {}), draft, report)
    _add_rules(data.get("rule", []), draft, report)
    _add_promises(data.get("promises", {}), draft, report)
    report.finish()


def _add_macros(value: object, draft: _Draft, report: FileReport) -> None:
    names = dict.fromkeys(value, FRAMES) if isinstance(value, dict) else {}
    for name, frames in report.read(("macros",), value, names, "[macros]", "[macros] ").items():
        if any(len(frame.patterns) > 1 for frame in frames):
            report.add(("macros", name), f"[macros] {name} can't hold patterns that belong together.")
        draft.macros[name] = (*draft.macros.get(name, ()), *frames)
    circles = [name for name in names if _reaches_itself(name, draft)]
    for name in circles:
        report.add(("macros", name), f"[macros] {name} is made of itself.")
    for name in names:
        _check_macros((("macros", name), draft.macros.get(name, ())), draft, report, f"[macros] {name}")


def _reaches_itself(name: str, draft: _Draft) -> bool:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        used = set(_names(draft.macros.get(waiting.pop(), ())))
        if name in used:
            return True
        waiting += used - seen
        seen |= used
    return False


def _names(frames: Iterable[Frame]) -> Iterable[str]:
    return macros_named(pattern for frame in frames for pattern in frame.patterns)


def _check_macros(said: tuple[Path, Iterable[Frame]], draft: _Draft, report: FileReport, name: str) -> None:
    path, frames = said
    for used in sorted(set(_names(frames)) - draft.macros.keys()):
        report.add(path, f"{name} uses the macro {{{used}}}, which there isn't{suggestion(used, draft.macros)}")


def _add_rules(value: object, draft: _Draft, report: FileReport) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        report.add(("rule",), "A rule begins with [[rule]], in two pairs of brackets.")
        return
    for index, entry in enumerate(value):
        path: Path = ("rule", index)
        name = f"rule {quoted(entry['id'])}" if "id" in entry else f"rule {index + 1}"
        found = report.read(path, entry, RULE_KEYS, name, f"{name}: ")
        if "id" not in entry:
            report.add(path, f"{name} has no id.")
            continue
        _check_macros((path, [frame for key in LISTS[:4] for frame in found.get(key, ())]), draft, report, name)
        earlier = draft.rules.get(entry["id"], {})
        lacking = [key for key in NEEDED if key not in {*earlier, *entry}]
        if lacking:
            report.add(path, f"{name} has no {' and no '.join(lacking)}.")
        if ({**earlier, **entry}.get("scope") == Scope.REPLY) is not ("needs" in {**earlier, **entry}):
            report.add(path, f'{name}: needs and scope = "reply" go together.')
        added = {key: (*earlier.get(key, ()), *found[key]) for key in LISTS if key in found}
        draft.rules[entry["id"]] = {**earlier, **found, **added}


def _add_promises(value: object, draft: _Draft, report: FileReport) -> None:
    checks = {"dated": FRAMES, "unless": FRAMES}
    plain = {key: kept for key, kept in value.items() if key != "events"} if isinstance(value, dict) else value
    found = report.read(("promises",), plain, checks, "[promises]", "[promises] ")
    if isinstance(value, dict) and "events" in value:
        name = "[promises.events]"
        events = report.read(("promises", "events"), value["events"], dict.fromkeys(EVENTS, FRAMES), name, f"{name} ")
        found["events"] = {**draft.promises.get("events", {}), **events}
    every = [
        *found.get("dated", ()),
        *found.get("unless", ()),
        *(f for fs in found.get("events", {}).values() for f in fs),
    ]
    _check_macros((("promises",), every), draft, report, "[promises]")
    draft.promises |= found


def _finished(language: str, draft: _Draft) -> Wording:
    rules = tuple(_rule(found) for found in draft.rules.values() if not found.get("off"))
    macros: Macros = {name: _patterns(frames) for name, frames in draft.macros.items()}
    return Wording(language, draft.common_words, macros, rules, PromiseRules(**draft.promises))


def _patterns(frames: Iterable[Frame]) -> tuple[Pattern, ...]:
    return tuple(pattern for frame in frames for pattern in frame.patterns)


def _rule(found: Mapping[str, Any]) -> Rule:
    known = {field.name for field in fields(Rule)}
    kept = {key: value for key, value in found.items() if key in known}
    rule = Rule(**{"message": "", "suggest": "", **kept})
    return replace(
        rule,
        level=Level(rule.level),
        scope=Scope(rule.scope),
        needs=Need(rule.needs) if rule.needs else None,
    )
