"""Wording files: TOML text in; the rules of each language out, or every problem at once, each with its line.

Several files of one language add up: a team's own file adds rules, macros and examples to the shipped ones, changes a
rule's level or sentences, or switches it off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bugbridge.core.errors import ConfigError
from bugbridge.core.file_report import FileReport, load_toml
from bugbridge.core.policy_checks import Path, close_to, quoted, suggestion
from bugbridge.core.wording_checks import EVENT_KEYS, MACRO, PROMISE_KEYS, RULE_KEYS, TOP_KEYS
from bugbridge.core.wording_model import Frame, PromiseFrames, Rule, Scope, Wording, patterns_of
from bugbridge.core.wording_patterns import MACRO as MACRO_ELEMENT
from bugbridge.core.wording_patterns import macros_named

VERSION = 1
NEEDED = ("level", "match", "message", "suggest")
# What a later file adds to; all else it replaces.
LISTS = ("match", "unless", "unless_before", "without", "next_step", "good", "bad")
FRAME_LISTS = LISTS[:4]
MOST_NESTED = 12


@dataclass(frozen=True, slots=True)
class WordingFile:
    """A file's text and its name for people."""

    toml: str
    where: str


@dataclass(slots=True)
class _Draft:
    """A language as far as its files were read; without a name where a file doesn't say its language."""

    language: str
    common_words: frozenset[str] = frozenset()
    macros: dict[str, tuple[Frame, ...]] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    promises: dict[str, Any] = field(default_factory=dict)


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
    return {language: _finished(draft) for language, draft in drafts.items()}


def _read_file(file: WordingFile, drafts: dict[str, _Draft]) -> None:
    data, report = load_toml(file.toml, file.where), FileReport(file.toml, file.where)
    draft = _draft(data, drafts, report)
    _add_macros(data.get("macros", {}), draft, report)
    _add_rules(data.get("rule", []), draft, report)
    _add_promises(data.get("promises", {}), draft, report)
    report.finish()


def _draft(data: Mapping[str, object], drafts: dict[str, _Draft], report: FileReport) -> _Draft:
    version = data.get("version")
    if version != VERSION or isinstance(version, bool):
        report.add(("version",), f"The wording must say version = {VERSION}.")
    if "language" not in data:
        report.add((), 'The wording must say its language, such as language = "en".')
    found = report.read((), data, TOP_KEYS, "The wording")
    language = found.get("language", "")
    draft = drafts.setdefault(language, _Draft(language)) if language else _Draft("")
    draft.common_words |= found.get("common_words", frozenset())
    return draft


def _add_macros(value: object, draft: _Draft, report: FileReport) -> None:
    names = tuple(value) if isinstance(value, dict) else ()
    for name in names:
        if not MACRO_ELEMENT.fullmatch(f"{{{name}}}"):
            report.add(("macros", name), f'[macros] {quoted(name)} must be small letters and "_".')
        draft.macros.setdefault(name, ())
    found = report.read(("macros",), value, dict.fromkeys(names, MACRO), "[macros]", "[macros] ")
    for name, frames in found.items():
        draft.macros[name] += frames
    for name in found:
        _check_macro(name, draft, report)


def _check_macro(name: str, draft: _Draft, report: FileReport) -> None:
    said = f"[macros] {name}"
    _check_uses(draft.macros[name], draft, report, ("macros", name), said)
    level = {name}
    for _ in range(MOST_NESTED):
        level = {used for one in level for used in _names(draft.macros.get(one, ()))}
    if level:
        report.add(
            ("macros", name), f"{said} leads in a circle, or through more than {MOST_NESTED} macros within each other."
        )


def _names(frames: Iterable[Frame]) -> frozenset[str]:
    return frozenset(macros_named(patterns_of(frames)))


def _check_uses(frames: Iterable[Frame], draft: _Draft, report: FileReport, path: Path, name: str) -> None:
    """Report macros that aren't there; where nobody knows which language's they would be, nothing is said."""
    for used in sorted(_names(frames) - draft.macros.keys()) if draft.language else ():
        report.add(path, f"{name} uses the macro {{{used}}}, which there isn't{suggestion(used, draft.macros)}")


def _add_rules(value: object, draft: _Draft, report: FileReport) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        report.add(("rule",), "A rule begins with [[rule]], in two pairs of brackets.")
        return
    seen: set[str] = set()
    for index, entry in enumerate(value):
        path: Path = ("rule", index)
        name = f"rule {quoted(entry['id'])}" if "id" in entry else f"rule {index + 1}"
        found = report.read(path, entry, RULE_KEYS, name, f"{name}: ")
        if "id" not in entry:
            report.add(path, f"{name} has no id.")
        elif found.get("id") in seen:
            report.add(path, f"{name} is there twice.")
        elif "id" in found:
            seen.add(found["id"])
            for key in FRAME_LISTS:
                _check_uses(found.get(key, ()), draft, report, (*path, key), name)
            _check_whole(entry, draft.rules.get(found["id"], {}), draft, report, path)
            draft.rules[found["id"]] = _changed(draft.rules.get(found["id"], {}), found)


def _check_whole(
    entry: Mapping[str, object], earlier: Mapping[str, object], draft: _Draft, report: FileReport, path: Path
) -> None:
    """Report what a rule still lacks, with all that earlier files say of it."""
    if not draft.language:
        return
    name, meant = f"rule {quoted(entry['id'])}", suggestion(entry["id"], draft.rules)
    lacking = [key for key in NEEDED if key not in {*earlier, *entry, *_misspelt(entry)}]
    if lacking and not earlier and "match" not in entry and ("off" in entry or meant != "."):
        report.add(path, f"There is no {name} to {'switch off' if 'off' in entry else 'change'}{meant}")
    elif lacking:
        report.add(path, f"{name} has no {' and no '.join(lacking)}{'.' if earlier else meant}")
    together = {**earlier, **entry}
    if (together.get("scope") == Scope.REPLY) is not ("needs" in together):
        report.add(path, f'{name}: needs and scope = "reply" go together.')


def _misspelt(entry: Mapping[str, object]) -> frozenset[str]:
    """Give the keys that unknown ones were perhaps meant to be, which is reported of those."""
    unknown = [key for key in entry if key not in RULE_KEYS]
    return frozenset(meant for key in unknown for meant in close_to(key, RULE_KEYS))


def _changed(earlier: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    return {**earlier, **found, **_added(earlier, {key: found[key] for key in LISTS if key in found})}


def _added(earlier: Mapping[str, Any], found: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Give the lists that were found, each behind what there was under its key."""
    return {key: (*earlier.get(key, ()), *kept) for key, kept in found.items()}


def _add_promises(value: object, draft: _Draft, report: FileReport) -> None:
    found = report.read(("promises",), value, PROMISE_KEYS, "[promises]", "[promises] ")
    name = "[promises.events]"
    tied = report.read(("promises", "events"), found.pop("events", {}), EVENT_KEYS, name, f"{name} ")
    for said, frames in [*found.items(), *tied.items()]:
        _check_uses(frames, draft, report, ("promises", said), "[promises]")
    events = draft.promises.get("events", {})
    draft.promises |= _added(draft.promises, found) | {"events": events | _added(events, tied)}


def _finished(draft: _Draft) -> Wording:
    rules = tuple(_rule(found) for found in draft.rules.values() if not found.get("off"))
    macros = {name: patterns_of(frames) for name, frames in draft.macros.items()}
    return Wording(draft.language, draft.common_words, macros, rules, PromiseFrames(**draft.promises))


def _rule(found: Mapping[str, Any]) -> Rule:
    known = {one.name for one in fields(Rule)}
    return Rule(**{key: value for key, value in found.items() if key in known})
