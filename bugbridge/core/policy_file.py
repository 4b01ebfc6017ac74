"""The policy file: TOML text in; a Policy out, or every problem at once, each with its line."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bugbridge.core.file_report import FileReport, load_toml
from bugbridge.core.frequency import LEAST_DAYS, FrequencyRules
from bugbridge.core.model import Frequency, News, OptOut, Stage, TicketStatus, Workaround
from bugbridge.core.policy_checks import (
    CELL,
    NEWS_LIST,
    QUESTION,
    RANGE,
    RULE_ID,
    TELLS,
    TEXT,
    TEXTS,
    YES_OR_NO,
    Check,
    Path,
    choice,
    choices,
    key_lines,
    line_of,
    number,
    pair,
    quoted,
    suggestion,
    whole,
)
from bugbridge.core.policy_model import (
    DAYS_PER_WEEK,
    REMINDER,
    REPLY,
    AnyOf,
    CadenceRules,
    Condition,
    FactRules,
    Grid,
    Is,
    LimitRules,
    Policy,
    PolicyRule,
    TellRules,
    Within,
)
from bugbridge.core.policy_reach import narrowed, reaches
from bugbridge.core.policy_scope import AppliesTo, PolicyVersion
from bugbridge.core.policy_words import narrowed_sentence, unreachable_sentence

Wanted = bool | tuple[float, float] | frozenset[str]

VERSION = 1
MOST_BACKOFF = 10
MOST_COUNT = 1_000_000

GRID_CELLS = ("frequent", "frequent, workaround", "infrequent", "infrequent, workaround", "enterprise")

TABLES: Mapping[str, Mapping[str, Check]] = {
    "grid": dict.fromkeys(GRID_CELLS, CELL),
    "tell": {"news": NEWS_LIST, "merge_days": whole(0)},
    "cadence": {
        "chance_of_news": number(0, 1, borders=False),
        "round_to_days": whole(1),
        "curve_by": choice(("all", "tracker", "frequency")),
        "long_haul_days": whole(1),
        "long_haul_min_days": whole(1),
        "backoff": number(1, MOST_BACKOFF),
    },
    "limits": {
        "per_contact_days": whole(0),
        "per_enterprise_contact": whole(1, MOST_COUNT),
        "batch_business_days": whole(0),
        "reminders_per_agent_day": whole(1, MOST_COUNT),
        "round_from_tickets": whole(0, MOST_COUNT),
        "repeat_after_business_days": whole(0),
    },
    "facts": {
        "workaround_assumed_after_days": whole(0),
        "stalled_after_days": whole(1),
        "recheck_unknown_days": whole(1),
        "promise_ahead_business_days": whole(0),
        "override_days": whole(1),
    },
    "frequency": {
        "window_days": whole(LEAST_DAYS),
        "minimum_accounts": whole(1, MOST_COUNT),
        "minimum_weeks": whole(1),
        "rate_per_week": number(0, MOST_COUNT, borders=False),
        "share_of_active_accounts": number(0, 1),
        "leave_after_low_checks": whole(1, MOST_COUNT),
        "usage_minimum_accounts": whole(1, MOST_COUNT),
        "usage_breadth": pair(number(0, 1), "falling"),
        "usage_days_per_week": pair(number(0, DAYS_PER_WEEK), "falling"),
    },
}
APPLIES_TO = "applies_to"
APPLIES_TO_KEYS: Mapping[str, Check] = {"helpdesk": TEXTS, "brand": TEXTS, "tag": TEXTS}
TOP_KEYS = ("version", "name", APPLIES_TO, "rule", *TABLES)
# They concern whole bugs and agents' days, so a policy for some tickets alone can't say them.
FOR_EVERYBODY = ("limits", "frequency")
DEFAULT_NAME = "default"

CONDITIONS: Mapping[str, Check] = {
    "stage": choices(list(Stage)),
    "untold": choices(list(News)),
    "frequency": choices(list(Frequency)),
    "workaround": choices(list(Workaround)),
    "tier": TEXTS,
    "opt_out": choices(list(OptOut)),
    "ticket_status": choices(list(TicketStatus)),
    "unanswered": YES_OR_NO,
    "release_planned": YES_OR_NO,
    "reopened_after_told": YES_OR_NO,
    "silent_days": RANGE,
    "age_days": RANGE,
    "days_since_update": RANGE,
    "brand": TEXTS,
    "language": TEXTS,
    "labels": TEXTS,
    "helpdesk": TEXTS,
    "tracker": TEXTS,
}

RULE_KEYS: Mapping[str, Check] = {
    "id": RULE_ID,
    "tell": TELLS,
    "every_days": pair(whole(1), "rising"),
    "person": QUESTION,
    "once_per": choice(("link", "bug")),
    "within_business_days": whole(0),
    "recheck_days": whole(1),
    "deliver": choice((REMINDER, REPLY)),
    "backoff": number(1, MOST_BACKOFF),
    "because": TEXT,
}
ACTIONS = ("tell", "every_days", "person", "recheck_days")


def parse_policy(toml: str, where: str = "policy.toml") -> Policy:
    """Read a policy; what the file doesn't say, apart from its version and grid, is as in the shipped one.

    Raises ConfigError with every problem, each a sentence that begins with `where:LINE:`.
    """
    return parse_version(toml, where).policy


def parse_version(toml: str, where: str = "policy.toml") -> PolicyVersion:
    """Read a policy with whom it is for and the hash of its text. Raises ConfigError as `parse_policy` does."""
    data = load_toml(toml, where)
    report = FileReport(toml, where)
    _check_top(data, report)
    tables = {
        name: report.read((name,), data.get(name, {}), checks, f"[{name}]", f"[{name}] ")
        for name, checks in TABLES.items()
    }
    _check_grid(data.get("grid", {}), report)
    applies_to = _applies_to(data, report)
    policy = Policy(
        name=str(data.get("name", DEFAULT_NAME)),
        grid=Grid(**{key.replace(", ", "_"): value for key, value in tables["grid"].items()}),
        tell=TellRules(**tables["tell"]),
        cadence=CadenceRules(**tables["cadence"]),
        limits=LimitRules(**tables["limits"]),
        facts=FactRules(**tables["facts"]),
        frequency=FrequencyRules(**tables["frequency"]),
        rules=_rules(data.get("rule", []), report),
    )
    _check_window(policy.frequency, report)
    report.finish()
    return PolicyVersion(text_hash(toml), policy, applies_to)


def text_hash(text: str) -> str:
    """Give what names a policy's text in decisions."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _applies_to(data: Mapping[str, Any], report: FileReport) -> AppliesTo:
    if APPLIES_TO not in data:
        return AppliesTo()
    if data[APPLIES_TO] == {}:
        report.add((APPLIES_TO,), "[applies_to] names no tickets: name a helpdesk, a brand or a tag, or remove it.")
    return AppliesTo(**report.read((APPLIES_TO,), data[APPLIES_TO], APPLIES_TO_KEYS, "[applies_to]", "[applies_to] "))


def _check_top(data: Mapping[str, Any], report: FileReport) -> None:
    version = data.get("version")
    if version != VERSION or isinstance(version, bool):
        report.add(("version",), f"The policy must say version = {VERSION}.")
    for key in data:
        if key not in TOP_KEYS:
            report.add((key,), f"The policy has the unknown key {quoted(key)}{suggestion(key, TOP_KEYS)}")
    if "name" in data:
        report.read((), {"name": data["name"]}, {"name": TEXT}, "The policy")


def _check_grid(grid: object, report: FileReport) -> None:
    if isinstance(grid, dict):
        for name in GRID_CELLS:
            if name not in grid:
                report.add(("grid",), f"[grid] has no cell {quoted(name)}; all five are needed.")


def _check_window(rules: FrequencyRules, report: FileReport) -> None:
    weeks = -(-rules.window_days // DAYS_PER_WEEK)
    if rules.minimum_weeks > weeks:
        sentence = f"[frequency] minimum_weeks can't be {rules.minimum_weeks}: window_days has only {weeks} weeks."
        report.add(("frequency", "minimum_weeks"), sentence)


def _rules(value: object, report: FileReport) -> tuple[PolicyRule, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        report.add(("rule",), "A rule begins with [[rule]], in two pairs of brackets.")
        return ()
    rules, sound = [], []
    for index, entry in enumerate(value):
        problems = report.count
        rules.append(_rule(index, entry, report))
        sound += [index] if report.count == problems else []
    _check_ids(rules, report)
    _check_reach(rules, sound, report)
    return tuple(rules)


def _rule(index: int, entry: Mapping[str, Any], report: FileReport) -> PolicyRule:
    path: Path = ("rule", index)
    name = f"rule {quoted(entry['id'])}" if "id" in entry else f"rule {index + 1}"
    found = report.read(path, {key: entry[key] for key in entry if key != "when"}, RULE_KEYS, name, f"{name}: ")
    when = report.read((*path, "when"), entry.get("when", {}), CONDITIONS, f"{name}: when", f"{name}: when.")
    if "id" not in entry:
        report.add(path, f"{name} has no id.")
    if not any(action in entry for action in ACTIONS):
        report.add(path, f"{name} has no action; it needs one of {', '.join(ACTIONS)}.")
    return PolicyRule(**{"id": "", **found, "when": tuple(_condition(*item) for item in when.items())})


def _condition(fact: str, value: Wanted) -> Condition:
    match value:
        case bool():
            return Is(fact, value)
        case (least, most):
            return Within(fact, least, most)
        case frozenset():
            return AnyOf(fact, value)


def _check_ids(rules: Sequence[PolicyRule], report: FileReport) -> None:
    seen = Counter[str]()
    for index, rule in enumerate(rules):
        if rule.id and seen[rule.id]:
            sentence = f"rule {quoted(rule.id)} has the id of an earlier rule; every id must be its own."
            report.add(("rule", index, "id"), sentence)
        seen[rule.id] += 1


def _check_reach(rules: Sequence[PolicyRule], sound: Sequence[int], report: FileReport) -> None:
    """Report what no facts reach; a rule with another problem is left out, since what it means isn't known."""
    for index, reach in zip(sound, reaches([rules[each] for each in sound]), strict=True):
        if reach.witness is None:
            path: Path = ("rule", index)
            takers = [rules[sound[taker]].id for taker in reach.taken_by]
            if not takers:
                first = next(each.fact for each in rules[index].when if each.fact in reach.facts)
                path = (*path, "when", first)
            report.add(path, unreachable_sentence(rules[index].id, takers, reach.laws))


def policy_notes(toml: str, policy: Policy, where: str = "policy.toml") -> list[str]:
    """Say of each rule that earlier ones narrow where it still applies, and of what the file says in vain.

    `policy` is what `toml` was read as.
    Each is a sentence that begins with `where:LINE:`, in the order of lines.
    """
    lines = key_lines(toml)
    found = narrowed(policy.rules)
    notes = [(line_of(("rule", each.index), lines), narrowed_sentence(each, policy.rules)) for each in found]
    notes += [(line_of((table,), lines), sentence) for table, sentence in _said_in_vain(toml)]
    return [f"{where}:{line}: {sentence}" for line, sentence in sorted(notes)]


def _said_in_vain(toml: str) -> list[tuple[str, str]]:
    """What concerns whole bugs or an agent's whole day is said by the policy for everybody."""
    data = tomllib.loads(toml)
    in_vain = [table for table in FOR_EVERYBODY if table in data and APPLIES_TO in data]
    why = "isn't used in a policy with [applies_to]; that of the policy for everybody counts."
    return [(table, f"note: [{table}] {why}") for table in in_vain]
