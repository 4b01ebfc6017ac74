"""A policy as sentences: what a team reads aloud says all that its file says."""

from dataclasses import fields, replace
from enum import Enum
from math import inf
from pathlib import Path

import pytest

from bugbridge.core.model import TERMINAL_NEWS, Frequency, News, OptOut, Stage, TicketStatus, Workaround
from bugbridge.core.policy_file import CONDITIONS, parse_policy
from bugbridge.core.policy_model import AnyOf, Condition, Is, Policy, PolicyRule, Within
from bugbridge.core.policy_reach import Narrowed, NoneOf, Span, Spans
from bugbridge.core.policy_words import (
    condition_words,
    narrowed_sentence,
    policy_words,
    rule_sentence,
    unreachable_sentence,
)

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))


def test_the_shipped_grid_and_rules_can_be_read_aloud() -> None:
    """Each cell and each rule is a sentence; the grid's come in the order in which they are looked at."""
    words = policy_words(SHIPPED)
    assert words.grid == (
        "Enterprise customers hear each piece of news, and an update every 1 to 4 weeks.",
        (
            "Customers who meet the bug often, and for whom a workaround works, hear each piece of news, and an update "
            "every 4 to 8 weeks."
        ),
        "Customers who meet the bug often hear each piece of news, and an update every 2 to 8 weeks.",
        (
            "Customers who meet the bug rarely, and for whom a workaround works, hear only how it ends: released or "
            "declined."
        ),
        "Customers who meet the bug rarely, or nobody knows yet how often, hear each piece of news once.",
    )
    assert [(rule.id, rule.sentence, rule.because) for rule in words.rules] == [
        (
            "solved-tickets-hear-the-outcome",
            (
                "Where the bug is open, in progress or fixed and the ticket is solved or closed: the customer hears "
                "only how it ends."
            ),
            "They have moved on; they still want to know how it ended.",
        ),
        (
            "spiking",
            (
                "Where the bug is open or in progress and the bug is spiking: the lead is asked, once for the bug, to "
                'be answered within 1 business day: "many customers at once; decide together"; what the customer hears '
                "is decided by what comes after this rule."
            ),
            "",
        ),
    ]


NUMBERED = ["tell", "cadence", "limits", "facts", "frequency"]
KEYS = [(table, field.name) for table in NUMBERED for field in fields(getattr(Policy(), table))]


def other(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, frozenset):
        return frozenset({News.FIXED})
    if isinstance(value, str):
        return "tracker"
    if isinstance(value, tuple):
        return tuple(each / 2 for each in value)
    return value + 1 if isinstance(value, int) else value / 2


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_each_key_of_the_file_is_in_its_sentences(table: str, key: str) -> None:
    """A change that a sentence doesn't show would be agreed to unseen."""
    before = getattr(Policy(), table)
    changed = replace(Policy(), **{table: replace(before, **{key: other(getattr(before, key))})})
    said, said_before = policy_words(changed), policy_words(Policy())
    differing = [field.name for field in fields(said) if getattr(said, field.name) != getattr(said_before, field.name)]
    assert differing == [table]


def test_one_of_a_thing_is_not_several() -> None:
    """Numbers are said as people say them."""
    policy = replace(Policy(), limits=replace(Policy().limits, per_contact_days=1, reminders_per_agent_day=1))
    limits = policy_words(policy).limits
    assert (limits[0], limits[2]) == (
        "A customer sees at most 1 unasked message in 1 day, an enterprise customer 2.",
        "An agent gets at most 1 reminder a day.",
    )


ACTIONS = [
    ({"tell": frozenset()}, "the customer hears nothing."),
    ({"tell": TERMINAL_NEWS}, "the customer hears only how it ends."),
    ({"tell": frozenset(News)}, "the customer hears all news."),
    (
        {"tell": TERMINAL_NEWS | {News.WORKAROUND}},
        "the customer hears when there is a workaround, it is released or it is declined.",
    ),
    ({"recheck_days": 1}, "the customer hears only how it ends; after 1 day it is looked at again."),
    ({"every_days": (14, 56)}, "the customer hears the news that counts, and gets an update every 2 to 8 weeks."),
    ({"every_days": (10, 14)}, "the customer hears the news that counts, and gets an update every 10 to 14 days."),
    (
        {"every_days": (7, 7), "tell": frozenset(), "backoff": 1.0},
        "the customer hears no news, and gets an update every week; each wait for an update is 1 times the one before.",
    ),
    (
        {"every_days": (14, 14), "tell": TERMINAL_NEWS, "deliver": "reply"},
        (
            "the customer hears only how it ends, and gets an update every 2 weeks; it goes out as a reply to the "
            "customer."
        ),
    ),
    (
        {"person": "agent: ask", "tell": frozenset(News)},
        'the agent is asked, once for the link: "ask"; the customer hears all news.',
    ),
    (
        {"person": "lead: ask", "once_per": "bug", "within_business_days": 2, "deliver": "reply"},
        (
            'the lead is asked as a reply, once for the bug, to be answered within 2 business days: "ask"; what the '
            "customer hears is decided by what comes after this rule."
        ),
    ),
]


@pytest.mark.parametrize(("actions", "words"), ACTIONS)
def test_what_a_rule_does_is_said(actions: dict[str, object], words: str) -> None:
    """Every action has its words; a rule without conditions applies always."""
    assert rule_sentence(PolicyRule("mine", **actions)) == f"Always: {words}"


CONDITION_WORDS = [
    (
        AnyOf("untold", frozenset({"released", "workaround"})),
        "the customer wasn't told yet that there is a workaround or",
    ),
    (AnyOf("frequency", frozenset({"unknown", "frequent"})), "the bug is frequent or of unknown frequency"),
    (AnyOf("workaround", frozenset({"none"})), "there is no workaround"),
    (AnyOf("opt_out", frozenset({"no_periodic"})), "the customer asked for no periodic updates"),
    (AnyOf("tier", frozenset({"team", "free"})), 'the customer\'s plan is "free" or "team"'),
    (AnyOf("labels", frozenset({"data-loss"})), 'a label of the issue is "data-loss"'),
    (NoneOf("labels", frozenset({"a", "b"})), 'no label of the issue is "a" or "b"'),
    (NoneOf("brand", frozenset({"acme"})), 'the brand isn\'t "acme"'),
    (NoneOf("untold", frozenset({News.FIXED})), "the customer needn't be told that it is fixed"),
    (NoneOf("untold", frozenset(News)), "the customer was told everything"),
    (Is("unanswered", value=False), "the customer isn't waiting for an answer"),
    (Is("release_planned", value=True), "a release is planned"),
    (Within("age_days", 10, 20), "the bug's age is at least 10 and at most 20 days"),
    (Within("age_days", 1), "the bug's age is at least 1 day"),
    (Within("silent_days", 0, 1), "the bug's silence has lasted at most 1 day"),
    (Within("days_since_update", 7, 7), "the time since the last update is exactly 7 days"),
    (
        Spans("age_days", (Span(0, 5, with_most=False), Span(10, inf, with_least=False, with_most=False))),
        "the bug's age is under 5 days or over 10 days",
    ),
]


@pytest.mark.parametrize(("condition", "words"), CONDITION_WORDS)
def test_a_condition_is_said_in_words(condition: Condition | NoneOf | Spans, words: str) -> None:
    """As a person would say it, whether a bound belongs to it or not."""
    assert condition_words(condition).startswith(words)


ENUMS: dict[str, type[Enum]] = {
    "stage": Stage,
    "untold": News,
    "frequency": Frequency,
    "workaround": Workaround,
    "opt_out": OptOut,
    "ticket_status": TicketStatus,
}


@pytest.mark.parametrize("fact", CONDITIONS)
def test_every_condition_of_the_file_has_words_of_its_own(fact: str) -> None:
    """No key of `when`, and no word that it may hold, is left out or said as another."""
    values = [str(word.value) for word in ENUMS[fact]] if fact in ENUMS else ["a", "b"]
    conditions: list[Condition] = [AnyOf(fact, frozenset({value})) for value in values]
    if fact.endswith("_days") or fact == "days_since_update":
        conditions = [Within(fact, 1), Within(fact, 2)]
    elif CONDITIONS[fact].schema == {"type": "boolean"}:
        conditions = [Is(fact, value=True), Is(fact, value=False)]
    assert len({condition_words(condition) for condition in conditions}) == len(conditions)


def test_an_unreachable_rule_is_told_what_to_do() -> None:
    """Why, and how to mend it."""
    assert [
        unreachable_sentence("late", ["first"], []),
        unreachable_sentence("late", ["one", "two"], ["such is the law"]),
        unreachable_sentence("late", [], ["such is the law"]),
    ] == [
        'rule "late" is unreachable: rule "first" above takes all of it; move it above "first", or narrow "first".',
        (
            'rule "late" is unreachable: rules "one" and "two" above together take all of it (such is the law); move '
            "it above them, or narrow one of them."
        ),
        'rule "late" is impossible: such is the law; remove it, or change its conditions.',
    ]


def test_a_narrowed_rule_is_told_where_it_still_applies() -> None:
    """A few parts are all said, of many one; and not every rule of many is named."""
    rules = [PolicyRule(str(number)) for number in range(6)]
    planned, other_brand = Is("release_planned", value=True), NoneOf("brand", frozenset({"acme"}))
    few = Narrowed(2, taken_by=(0, 1), parts=((planned,), (other_brand,)), complete=True)
    many = Narrowed(5, taken_by=(0, 1, 2, 3, 4), parts=((planned, other_brand),), complete=False)
    assert [narrowed_sentence(each, rules) for each in (few, many)] == [
        (
            'note: rule "2" still applies where a release is planned or where the brand isn\'t "acme"; rules "0" and '
            '"1" above take the rest.'
        ),
        (
            'note: rule "5" still applies in several cases, for example where a release is planned and the brand '
            'isn\'t "acme"; rules "0", "1", "2" and 2 more above take the rest.'
        ),
    ]
