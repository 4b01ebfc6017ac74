"""The schema for editors says what the parser says, as far as a schema can."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bugbridge.core.errors import ConfigError
from bugbridge.core.policy_file import CONDITIONS, RULE_KEYS, TABLES, TOP_KEYS, parse_policy
from bugbridge.core.policy_schema import MEANINGS, policy_schema

SHIPPED = tomllib.loads((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(policy_schema())
# What a schema can't say: an order, what other places hold, 14.0 for a whole number, what facts can be.
BEYOND_A_SCHEMA = (
    "has the id of an earlier rule",
    "is unreachable",
    "is impossible",
    "first, ",
    "window_days has only",
    "is an empty range",
    ".0.",
)


def as_toml(value: object) -> str:
    """Write a value as TOML, tables inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {as_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(as_toml(inner) for inner in value)}]"
    return json.dumps(value)


def problems(policy: dict[str, object]) -> list[str]:
    """What the parser has to say against a policy."""
    try:
        parse_policy("\n".join(f"{json.dumps(key)} = {as_toml(value)}" for key, value in policy.items()))
    except ConfigError as error:
        return list(error.problems)
    return []


JUNK = st.one_of(
    st.sampled_from([0, 1, -1, 7, 0.5, 14.0, 10**7, True, False]),
    st.sampled_from(["", " ", "open", "news", "released", "all", "terminal", "grid-1", "done"]),
    st.sampled_from(["lead: look", "boss: look", "every 0-2 weeks", "every 2-8 weeks", "every 8-2 weeks"]),
    st.sampled_from([[], ["open"], ["released", "fixed"], [1, 2], [2, 1], [0.5, 0.1], ["x"], [1], [[]], [{}]]),
    st.sampled_from([{}, {"min": 1}, {"max": 3, "min": 5}, {"min": -1}, {"least": 1}]),
)


def keys_of(known: Any) -> st.SearchStrategy[str]:
    """Mostly keys that there are."""
    return st.one_of(
        st.sampled_from(list(known)), st.sampled_from(list(known)), st.sampled_from(["grdi", "id", "news"])
    )


def fitting(schema: Any) -> st.SearchStrategy[Any]:
    """Values that a key's schema allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([fitting(each) for each in schema["anyOf"]])
    if schema["type"] == "array":
        least = schema.get("minItems", 0)
        return st.lists(fitting(schema["items"]), min_size=least, max_size=max(least, 2))
    if schema["type"] == "object":
        optional = {key: fitting(each) for key, each in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=optional).filter(Draft202012Validator(schema).is_valid)
    plain: dict[str, list[object]] = {
        "string": ["a", "b", "lead: look", "every 2-8 weeks", "every 3-1 weeks"],
        "boolean": [True, False],
        "integer": [*range(15), 14.0],
        "number": [0, 0.1, 0.5, 1, 2, 7],
    }
    return st.sampled_from([value for value in plain[schema["type"]] if Draft202012Validator(schema).is_valid(value)])


SCHEMA: Any = policy_schema()["properties"]
RULE: Any = SCHEMA["rule"]["items"]["properties"]
RULES = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from("abc"), "tell": fitting(RULE["tell"])},
        optional={key: fitting(each) for key, each in RULE.items() if key not in {"id", "tell"}},
    ),
    max_size=2,
    unique_by=lambda rule: rule["id"],
)
TABLE_EDITS = st.sampled_from(list(TABLES)).flatmap(
    lambda table: st.tuples(
        st.just(table),
        st.sampled_from(list(TABLES[table])).flatmap(
            lambda key: st.tuples(st.just(key), fitting(SCHEMA[table]["properties"][key]))
        ),
    )
)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, object]:
    """The shipped policy with other rules, some other values, and now and then something that doesn't belong."""
    policy: dict[str, Any] = json.loads(json.dumps(SHIPPED))
    policy["rule"] = draw(RULES)
    for table, (key, value) in draw(st.lists(TABLE_EDITS, max_size=2)):
        policy[table][key] = value
    if draw(st.integers(0, 2)) == 0:
        where = draw(st.sampled_from([policy, policy["grid"], policy["tell"], *policy["rule"]]))
        where[draw(keys_of([*where, "when"]))] = draw(JUNK)
    if draw(st.integers(0, 9)) == 0:
        policy.pop(draw(st.sampled_from(list(policy))))
    return policy


def test_the_schema_is_one_and_the_shipped_policy_fits_it() -> None:
    """An editor shows no mistake in what `init` writes."""
    Draft202012Validator.check_schema(policy_schema())
    assert list(VALIDATOR.iter_errors(SHIPPED)) == []


@given(policies())
def test_what_the_schema_refuses_the_parser_refuses(policy: dict[str, object]) -> None:
    """No editor marks as wrong what BugBridge takes."""
    assert VALIDATOR.is_valid(policy) or problems(policy)


@given(policies())
def test_what_the_parser_refuses_the_schema_refuses_as_far_as_it_can(policy: dict[str, object]) -> None:
    """What an editor can't mark is an order, a comparison with another place, or what facts can be."""
    found = problems(policy)
    beyond = [problem for problem in found if any(words in problem for words in BEYOND_A_SCHEMA)]
    assert found == beyond or not VALIDATOR.is_valid(policy)


MISTAKES = [
    ("an unknown table", {"limit": {}}),
    ("another version", {"version": 2}),
    ("a grid with a cell missing", {"grid": {"frequent": "news"}}),
    ("a cell that says something else", {"grid": {**SHIPPED["grid"], "frequent": "often"}}),
    ("an unknown key", {"limits": {"per_contact_dais": 7}}),
    ("a number too small", {"limits": {"per_enterprise_contact": 0}}),
    ("a border that doesn't count", {"cadence": {"chance_of_news": 1}}),
    ("a rule without an action", {"rule": [{"id": "mine"}]}),
    ("a rule without an id", {"rule": [{"tell": "all"}]}),
    ("an id of the product", {"rule": [{"id": "grid-3", "tell": "all"}]}),
    ("a question to nobody", {"rule": [{"id": "mine", "person": "Ben: look"}]}),
    ("an unknown condition", {"rule": [{"id": "mine", "tell": "all", "when": {"satge": ["open"]}}]}),
    ("a word that is none", {"rule": [{"id": "mine", "tell": "all", "when": {"stage": ["opened"]}}]}),
    ("an empty range", {"rule": [{"id": "mine", "tell": "all", "when": {"age_days": {}}}]}),
    ("three numbers for two", {"rule": [{"id": "mine", "every_days": [1, 2, 3]}]}),
]


@pytest.mark.parametrize("change", [row[1] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_an_editor_marks_the_usual_mistakes(change: dict[str, object]) -> None:
    """Both the schema and the parser refuse each of them."""
    policy = {**SHIPPED, **change}
    assert (VALIDATOR.is_valid(policy), bool(problems(policy))) == (False, True)


def test_every_key_has_a_meaning_and_nothing_else_has() -> None:
    """An editor explains each key where it is typed; a key that is gone leaves no explanation behind."""
    keys = {"": TOP_KEYS, **TABLES, "rule": [*RULE_KEYS, "when"], "when": CONDITIONS}
    assert {table: sorted(meanings) for table, meanings in MEANINGS.items()} == {
        table: sorted(names) for table, names in keys.items()
    }
