"""An audit as JSON: its form is written down, and every audit has it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from bugbridge.core.audit_model import Audit, By, Difference, FollowUps, LeftOut, Trust
from bugbridge.core.model import Frequency
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Caution
from bugbridge.render import audit_json as writer
from bugbridge.render.audit_json import audit_json
from tests.render.audit_samples import HOSTILE, SAMPLES, empty, from_csv, hostile, rich
from tests.render.audit_strategies import audits

SCHEMA = json.loads(Path(writer.__file__).with_name("audit_schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def read(audit: Audit) -> Any:
    """What a program reads. Raises AssertionError for what JSON hasn't."""
    return json.loads(audit_json(audit), parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} isn't JSON")


def objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of known keys that the schema describes."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)


def test_the_schema_is_one() -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["version"] == {"const": writer.VERSION}


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_has_the_form(sample: str) -> None:
    """Full, tiny, empty, of a file, hostile."""
    VALIDATOR.validate(read(SAMPLES[sample]()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(audits())
def test_any_audit_has_the_form(audit: Audit) -> None:
    """Nothing in it is anything but JSON."""
    VALIDATOR.validate(read(audit))


def test_schema_and_writer_have_the_same_keys() -> None:
    """Every key is required and no other is allowed, so that what has the form has exactly the keys of the schema."""
    described = [schema for schema in objects(SCHEMA) if schema["properties"]]
    assert len(described) > 15
    assert all(set(schema["required"]) == set(schema["properties"]) for schema in described)
    assert all(schema["additionalProperties"] is False for schema in described)
    assert set(read(rich())) == set(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("words", "at"),
    [
        (By, ("groups", "items", "properties", "by")),
        (Trust, ("trust",)),
        (FollowUps, ("follow_ups",)),
        (Difference, ("differences", "items")),
        (LeftOut, ("excluded", "items", "properties", "reason")),
    ],
)
def test_the_schema_knows_every_word(words: Any, at: tuple[str, ...]) -> None:
    """A new reason needs a place in the schema."""
    place = SCHEMA["properties"]
    for key in at:
        place = place[key]
    assert place["enum"] == list(words)


def test_the_schema_knows_every_frequency_and_caution() -> None:
    """They stand in parts of it."""
    parts = SCHEMA["$defs"]
    assert parts["bug"]["properties"]["frequency"]["enum"] == list(Frequency)
    assert parts["period"]["properties"]["cautions"]["items"]["enum"] == list(Caution)


def test_the_figures_that_programs_ask_for_stand_first() -> None:
    """`n`, the median, the mean and the 90 % percentile, of the days from report to fix, not rounded."""
    found, days = read(rich()), rich().days_to_fix
    assert (found["schema"], found["version"]) == ("bugbridge-audit", 1)
    assert [found[key] for key in ("n", "median_days", "mean_days", "p90_days")] == [
        100,
        days.median,
        days.mean,
        days.p90,
    ]


def test_what_is_not_known_is_null() -> None:
    """Not nought, and not left out."""
    assert [read(empty())[key] for key in ("n", "median_days", "reopened_share", "period")] == [0, None, None, None]
    assert read(from_csv())["bugs"][0]["waiting"] is None
    assert [bug["updates"] for bug in read(from_csv())["bugs"][9:11]] == [2, None]


def test_whether_updates_carried_news_is_null_where_a_file_says_their_number_alone() -> None:
    """In all and in each group; of a group it is known as soon as one conversation is."""
    found = read(from_csv())
    news = ("updates", "updates_with_news", "updates_without_news")
    assert [found["replies"][key] for key in news] == [20, None, None]
    assert {group["updates_without_news"] for group in found["groups"]} == {None}
    groups = (replace(rich().groups[0], updates=0, wasted=0, known=known) for known in (0, 1))
    mixed = read(replace(rich(), groups=tuple(groups)))["groups"]
    assert [group["updates_without_news"] for group in mixed] == [None, 0]


def test_what_the_policy_called_for_is_null_where_none_was_in_force() -> None:
    """Over all bugs and for each."""
    keys = ("links_under_policy", "updates_required", "updates_late", "updates_missed")
    (bug, *_), replies = rich().bugs, rich().replies
    assert bug.waiting is not None
    bare = replace(bug, waiting=replace(bug.waiting, under_policy=0, required=0, late=0, missed=0))
    found = read(replace(rich(), bugs=(bug, bare), replies=replace(replies, under_policy=0)))
    assert [found["replies"][key] for key in keys] == [0, None, None, None]
    assert [[one["waiting"][key] for key in keys] for one in found["bugs"]] == [[1, 3, 1, 1], [0, None, None, None]]


def test_the_count_is_that_of_the_bugs_measured() -> None:
    """Also where their spread were another's."""
    assert read(replace(empty(), n=7, days_to_fix=Spread(3)))["n"] == 7


def test_a_figure_that_is_no_number_is_refused() -> None:
    """Rather than written in a way that half of all programs can't read."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        audit_json(replace(rich(), reopened_share=nan))


def test_hostile_names_come_back_as_they_were_in_plain_ascii() -> None:
    """A program gets the whole name, and a terminal that shows the text isn't steered."""
    assert read(hostile())["origin"] == HOSTILE
    text = audit_json(hostile())
    assert text.isascii()
    assert not {"\x1b", "\x00"} & set(text)
