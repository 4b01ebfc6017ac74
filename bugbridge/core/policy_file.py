"""The policy file: TOML text in; a Policy out, or every problem at once, each with its line."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from bugbridge.core.errors import ConfigError
from bugbridge.core.frequency import LEAST_DAYS, FrequencyRules
from bugbridge.core.model import Frequency, News, OptOut, Stage, TicketStatus, Workaround
from bugbridge.core.policy import RESERVED_IDS
from bugbridge.core.policy_checks import (
    Check,
    Path,
    Unfit,
    cell,
    choice,
    choices,
    key_lines,
    line_of,
    news_list,
    number,
    pair,
    quoted,
    span,
    suggestion,
    tells,
    text,
    texts,
    whole,
    yes_or_no,
)
from bugbridge.core.policy_model import (
    DAYS_PER_WEEK,
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

Wanted = bool | tuple[float, float] | frozenset[str]

VERSION = 1
MOST_BACKOFF = 10
MOST_COUNT = 1_000_000

GRID_CELLS = ("frequent", "frequent, workaround", "infrequent", "infrequent, workaround", "enterprise")

TABLES: Mapping[str, Mapping[str, Check]] = {
    "grid": dict.fromkeys(GRID_CELLS, cell),
    "tell": {"news": news_list, "merge_days": whole(0)},
    "cadence": {
        "chance_of_news": number(0, 1, borders=False),
        "round_to_days": whole(1),
        "curve_by": choice(("all", "tracker", "frequency")),
        "long_haul_days": whole(1),
        "long_haul_min_days": whole(1),
        "backoff": number(1, MOST_BACKOFF),
    },
    "limits": {
        "per_contact_days": whole(1),
        "per_enterprise_contact": whole(1, MOST_COUNT),
        "batch_business_days": whole(0),
        "reminders_per_agent_day": whole(1, MOST_COUNT),
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
TOP_KEYS = ("version", "name", "rule", *TABLES)

CONDITIONS: Mapping[str, Check] = {
    "stage": choices(list(Stage)),
    "untold": choices(list(News)),
    "frequency": choices(list(Frequency)),
    "workaround": choices(list(Workaround)),
    "tier": texts,
    "opt_out": choices(list(OptOut)),
    "ticket_status": choices(list(TicketStatus)),
    "unanswered": yes_or_no,
    "release_planned": yes_or_no,
    "reopened_after_told": yes_or_no,
    "silent_days": span,
    "age_days": span,
    "days_since_update": span,
    "brand": texts,
    "language": texts,
    "labels": texts,
    "helpdesk": texts,
    "tracker": texts,
}


def whom(value: object) -> str:
    """A question, and whether the agent or the lead is asked."""
    if not re.match(r"(agent|lead): *\S", text(value)):
        raise Unfit(f'must say whom to ask and what, such as "lead: decide together", not {quoted(value)}.')
    return str(value)


RULE_KEYS: Mapping[str, Check] = {
    "id": text,
    "tell": tells,
    "every_days": pair(whole(1), "rising"),
    "person": whom,
    "once_per": choice(("link", "bug")),
    "within_business_days": whole(0),
    "recheck_days": whole(1),
    "deliver": choice(("reminder", "reply")),
    "backoff": number(1, MOST_BACKOFF),
    "because": text,
}
ACTIONS = ("tell", "every_days", "person", "recheck_days")


class _Report:
    """Collects the problems of one file."""

    def __init__(self, toml: str, where: str) -> None:
        self._lines = key_lines(toml)
        self._where = where
        self._problems: list[tuple[int, str]] = []

    def add(self, path: Path, sentence: str) -> None:
        self._problems.append((line_of(path, self._lines), sentence))

    def read(
        self, path: Path, value: object, checks: Mapping[str, Check], name: str, around: str = ""
    ) -> dict[str, Any]:
        """Check a table; what is unfit is reported and left out. Sentences begin with `around` and the key."""
        if not isinstance(value, dict):
            self.add(path, f"{name} must be a table, not {quoted(value)}.")
            return {}
        for key in value:
            if key not in checks:
                self.add((*path, key), f"{name} has the unknown key {quoted(key)}{suggestion(key, checks)}")
        known = [key for key in checks if key in value]
        found = {key: self._checked((*path, key), value[key], checks[key], f"{around}{key}") for key in known}
        return {key: kept for key, kept in found.items() if kept is not None}

    def _checked(self, path: Path, value: object, check: Check, name: str) -> object:
        try:
            return check(value)
        except Unfit as unfit:
            for problem in unfit.problems:
                self.add(path, f"{name} {problem}")
            return None

    def finish(self) -> None:
        """Raise ConfigError where there are problems, in the order of their lines."""
        if self._problems:
            ordered = sorted(self._problems, key=itemgetter(0))
            raise ConfigError([f"{self._where}:{line}: {sentence}" for line, sentence in ordered])


def parse_policy(toml: str, where: str = "policy.toml") -> Policy:
    """Read a policy; what the file doesn't say, apart from its version and grid, is as in the shipped one.

    Raises ConfigError with every problem, each a sentence that begins with `where:LINE:`.
    """
    data = _load(toml, where)
    report = _Report(toml, where)
    _check_top(data, report)
    tables = {
        name: report.read((name,), data.get(name, {}), checks, f"[{name}]", f"[{name}] ")
        for name, checks in TABLES.items()
    }
    _check_grid(data.get("grid", {}), report)
    policy = Policy(
        name=str(data.get("name", "default")),
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
    return policy


def _load(toml: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(toml)
    except ValueError as error:
        message = str(error)
        at = re.search(r" \(at line (\d+), column (\d+)\)", message)
        line = int(at[1]) if at else toml.rstrip("\n").count("\n") + 1
        what = message[: at.start()] if at else message.removesuffix(" (at end of document)")
        column = f", at column {at[2]}" if at else ""
        raise ConfigError([f"{where}:{line}: This is not TOML{column}: {what.rstrip('.')}."]) from None


def _check_top(data: Mapping[str, Any], report: _Report) -> None:
    version = data.get("version")
    if version != VERSION or isinstance(version, bool):
        report.add(("version",), f"The policy must say version = {VERSION}.")
    for key in data:
        if key not in TOP_KEYS:
            report.add((key,), f"The policy has the unknown key {quoted(key)}{suggestion(key, TOP_KEYS)}")
    if "name" in data:
        report.read((), {"name": data["name"]}, {"name": text}, "The policy")


def _check_grid(grid: object, report: _Report) -> None:
    if isinstance(grid, dict):
        for name in GRID_CELLS:
            if name not in grid:
                report.add(("grid",), f"[grid] has no cell {quoted(name)}; all five are needed.")


def _check_window(rules: FrequencyRules, report: _Report) -> None:
    weeks = -(-rules.window_days // DAYS_PER_WEEK)
    if rules.minimum_weeks > weeks:
        sentence = f"[frequency] minimum_weeks can't be {rules.minimum_weeks}: window_days has only {weeks} weeks."
        report.add(("frequency", "minimum_weeks"), sentence)


def _rules(value: object, report: _Report) -> tuple[PolicyRule, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        report.add(("rule",), "A rule begins with [[rule]], in two pairs of brackets.")
        return ()
    rules = tuple(_rule(index, entry, report) for index, entry in enumerate(value))
    _check_ids(rules, report)
    _check_shadows(rules, [index for index, entry in enumerate(value) if "when" not in entry], report)
    return rules


def _rule(index: int, entry: Mapping[str, Any], report: _Report) -> PolicyRule:
    path: Path = ("rule", index)
    name = f"rule {quoted(entry['id'])}" if "id" in entry else f"rule {index + 1}"
    found = report.read(path, {key: entry[key] for key in entry if key != "when"}, RULE_KEYS, name, f"{name}: ")
    when = report.read((*path, "when"), entry.get("when", {}), CONDITIONS, f"{name}: when", f"{name}: when.")
    if "id" not in entry:
        report.add(path, f"{name} has no id.")
    if not any(action in entry for action in ACTIONS):
        report.add(path, f"{name} has no action; it needs one of {', '.join(ACTIONS)}.")
    rule = PolicyRule(**{"id": "", **found, "when": tuple(_condition(*item) for item in when.items())})
    _check_reach(rule, path, name, report)
    return rule


def _condition(fact: str, value: Wanted) -> Condition:
    match value:
        case bool():
            return Is(fact, value)
        case (least, most):
            return Within(fact, least, most)
        case frozenset():
            return AnyOf(fact, value)


def _check_reach(rule: PolicyRule, path: Path, name: str, report: _Report) -> None:
    """What is decided before any rule can't be a rule's condition."""
    never = {
        Is("unanswered", value=True): "a customer who waits for an answer is decided by reply-first",
        AnyOf("opt_out", frozenset({OptOut.ALL})): "a customer who asked to hear nothing is decided by opted-out",
    }
    for condition in rule.when:
        if condition in never:
            report.add((*path, "when", condition.fact), f"{name} can't be reached: {never[condition]}.")


def _check_ids(rules: Sequence[PolicyRule], report: _Report) -> None:
    seen = Counter[str]()
    for index, rule in enumerate(rules):
        path = ("rule", index, "id")
        if rule.id in RESERVED_IDS or re.fullmatch(r"grid-\d+", rule.id):
            report.add(path, f"rule {quoted(rule.id)} has an id that BugBridge keeps for itself; choose another.")
        if rule.id and seen[rule.id]:
            report.add(path, f"rule {quoted(rule.id)} has the id of an earlier rule; every id must be its own.")
        seen[rule.id] += 1


def _check_shadows(rules: Sequence[PolicyRule], unconditional: Sequence[int], report: _Report) -> None:
    """A rule without conditions ends all matching, unless it only asks a person."""
    ending = next((index for index in unconditional if not rules[index].asks_only), len(rules))
    for index, rule in enumerate(rules[ending + 1 :], start=ending + 1):
        sentence = (
            f"rule {quoted(rule.id)} can't be reached: rule {quoted(rules[ending].id)} before it fits everything."
        )
        report.add(("rule", index), sentence)
