"""What would change what a customer hears: only what can come about, and each suggestion does what it announces."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.model import (
    Frequency,
    News,
    OptOut,
    Stage,
    TicketStatus,
    Workaround,
)
from bugbridge.core.outlook import Outlook
from bugbridge.core.policy import decide
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import AnyOf, LinkFacts, PolicyRule, Ruling
from bugbridge.core.what_if import By, WhatIf, facts_behind, hearing, what_ifs
from tests.core.test_policy_properties import FACTS

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
FREQUENT, INFREQUENT, UNKNOWN, SPIKING = (
    Frequency.FREQUENT,
    Frequency.INFREQUENT,
    Frequency.UNKNOWN,
    Frequency.SPIKING,
)
OPEN, FIXED, RELEASED, DECLINED = Stage.OPEN, Stage.FIXED, Stage.RELEASED, Stage.DECLINED
CONFIRMED = Workaround.CONFIRMED

# What decides it: id, facts, the rule that holds, one change that somebody can bring about or wait for, and what would
# be heard then (its id, the news told at once, days between updates).
ROWS: list[tuple[str, dict[str, Any], str, tuple[str, ...], tuple[object, ...]]] = [
    (
        "released and not told: once they know, nothing",
        {"stage": RELEASED, "untold": {News.RELEASED}},
        "grid-5",
        ("told",),
        ("nothing", set(), None),
    ),
    (
        "released and told: a workaround that is found after all is told",
        {"stage": RELEASED},
        "done",
        ("workaround-found",),
        ("nothing", {News.WORKAROUND}, None),
    ),
    (
        "fixed with a plan not told: the release is told",
        {"stage": FIXED, "release_planned": True, "untold": {News.RELEASE_PLANNED}},
        "grid-5",
        ("stage-released",),
        ("nothing", {News.RELEASED}, None),
    ),
    (
        "fixed without a plan: a plan is told",
        {"stage": FIXED, "untold": {News.FIXED}},
        "grid-5",
        ("release-planned",),
        ("news", {News.RELEASE_PLANNED}, None),
    ),
    (
        "enterprise, workaround confirmed: no enterprise customer any more, only how it ends",
        {"tier": "enterprise", "workaround": CONFIRMED},
        "grid-1",
        ("tier",),
        ("release", set(), None),
    ),
    (
        "spiking: the customer's own answer outranks it",
        {"frequency": SPIKING},
        "grid-3",
        ("meets-sometimes",),
        ("news", set(), None),
    ),
    *(
        (
            f"frequent, workaround {state}: if it works, at least four weeks",
            {"frequency": FREQUENT, "workaround": state},
            "grid-3",
            ("workaround-confirmed",),
            ("every", set(), (28, 56)),
        )
        for state in (Workaround.KNOWN, Workaround.TOLD, Workaround.FAILED)
    ),
    (
        "frequent, no workaround: one that is found is told",
        {"frequency": FREQUENT},
        "grid-3",
        ("workaround-found",),
        ("every", {News.WORKAROUND}, (14, 56)),
    ),
    (
        "frequent, workaround confirmed: if it fails after all, from two weeks",
        {"frequency": FREQUENT, "workaround": CONFIRMED},
        "grid-2",
        ("workaround-failed",),
        ("every", set(), (14, 56)),
    ),
    (
        "infrequent, workaround confirmed: met daily after all, from four weeks",
        {"workaround": CONFIRMED},
        "grid-4",
        ("meets-daily",),
        ("every", set(), (28, 56)),
    ),
    ("infrequent: met daily, from two weeks", {}, "grid-5", ("meets-daily",), ("every", set(), (14, 56))),
    (
        "unknown: found frequent, from two weeks",
        {"frequency": UNKNOWN},
        "grid-5",
        ("found-frequent",),
        ("every", set(), (14, 56)),
    ),
    (
        "no periodic updates wanted: they may take it back",
        {"frequency": FREQUENT, "opt_out": OptOut.NO_PERIODIC},
        "grid-3",
        ("opt-out-ended",),
        ("every", set(), (14, 56)),
    ),
    (
        "ticket solved: opened again, from two weeks",
        {"frequency": FREQUENT, "ticket_status": TicketStatus.SOLVED},
        "solved-tickets-hear-the-outcome",
        ("ticket-reopened",),
        ("every", set(), (14, 56)),
    ),
    (
        "silent for 200 days, the lead is asked: met only sometimes, nobody is written to again and again",
        {"frequency": FREQUENT, "silent_days": 200},
        "grid-3",
        ("meets-sometimes",),
        ("news", set(), None),
    ),
    (
        "released, told, reopened: once they know, as open",
        {"reopened_after_told": True, "untold": {News.REOPENED}, "frequency": FREQUENT},
        "grid-3",
        ("told",),
        ("every", set(), (14, 56)),
    ),
    (
        "declined and not told: once they know, nothing",
        {"stage": DECLINED, "untold": {News.DECLINED}, "tier": "enterprise"},
        "done",
        ("told",),
        ("nothing", set(), None),
    ),
    (
        "duplicate of a released bug, not told: once they know, nothing",
        {"duplicate": True, "stage": RELEASED, "untold": {News.RELEASED}},
        "grid-5",
        ("told",),
        ("nothing", set(), None),
    ),
    (
        "asked to hear nothing, a promise due: once it is kept, nothing",
        {"opt_out": OptOut.ALL, "promise_open": True, "promise_due": True},
        "opted-out",
        ("promise-kept",),
        ("nothing", set(), None),
    ),
    (
        "promise due and unanswered: one reply does both",
        {"promise_open": True, "promise_due": True, "unanswered": True, "frequency": FREQUENT},
        "promised",
        ("answered",),
        ("every", set(), (14, 56)),
    ),
    (
        "unanswered: once they are answered, as the rules say",
        {"frequency": FREQUENT, "unanswered": True},
        "reply-first",
        ("answered",),
        ("every", set(), (14, 56)),
    ),
]


def facts_of(values: dict[str, Any]) -> LinkFacts:
    """Usual facts but for these; sets may be written as sets."""
    return LinkFacts(**{name: frozenset(value) if isinstance(value, set) else value for name, value in values.items()})


def by_ids(found: tuple[WhatIf, ...]) -> dict[tuple[str, ...], WhatIf]:
    """The suggestions by what has to happen."""
    return {one.ids: one for one in found}


@pytest.mark.parametrize(("values", "rule_id", "ids", "then"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_decision_names_a_change_that_would_alter_it(
    values: dict[str, Any], rule_id: str, ids: tuple[str, ...], then: tuple[object, ...]
) -> None:
    """For every row of the shipped policy's table: the rule, and what would have the customer hear something else."""
    facts = facts_of(values)
    found = by_ids(what_ifs(facts, SHIPPED))
    assert hearing(facts, SHIPPED).rule_id == rule_id
    after = found[ids].after
    assert (after.id, set(after.tell), after.every_days) == then


def heard(facts: LinkFacts) -> tuple[object, ...]:
    """What a decision comes to, read from the rulings themselves."""
    chain: list[Ruling] = [decide(facts, SHIPPED)]
    while chain[-1].person and chain[-1].also:
        chain.append(chain[-1].also)
    last = chain[-1]
    told_now = {news for ruling in chain if not ruling.hold for news in ruling.tell}
    return told_now, last.every_days, [ruling.person for ruling in chain if ruling.person], last.hold


@given(FACTS, st.sampled_from(["override", "answer", "own-usage", "bug"]))
def test_a_suggestion_does_what_it_announces(facts: LinkFacts, frequency_by: str) -> None:
    """Deciding on the changed facts gives the announced outcome, which isn't the present one."""
    for one in what_ifs(facts, SHIPPED, Outlook(frequency_by)):
        told_now, every_days, questions, hold = heard(one.apply(facts))
        after = one.after
        assert (told_now, every_days, questions, hold) == (
            set(after.tell),
            after.every_days,
            list(after.asks),
            after.id == "hold",
        )
        assert (one.before, one.after != one.before) == (hearing(facts, SHIPPED), True)


@given(FACTS)
def test_nothing_is_suggested_that_is_so_already(facts: LinkFacts) -> None:
    """Each change leads from the fact as it is to something else."""
    changes = [change for one in what_ifs(facts, SHIPPED) for change in one.changes]
    assert all(getattr(facts, change.fact) == change.before != change.after for change in changes)


@given(FACTS)
def test_the_same_facts_give_the_same_suggestions_and_agents_deeds_come_first(facts: LinkFacts) -> None:
    """Asking twice gives the same list, each change once, whoever can do most first."""
    found = what_ifs(facts, SHIPPED)
    ranks = [list(By).index(one.by) for one in found]
    assert (found, ranks) == (what_ifs(facts, SHIPPED), sorted(ranks))
    assert len({(one.ids, one.changes) for one in found}) == len(found)


@given(FACTS, st.permutations(["first", "second", "third"]), st.sampled_from(["first", "second", ""]))
def test_the_order_of_rules_that_exclude_each_other_changes_nothing(
    facts: LinkFacts, order: list[str], helpdesk: str
) -> None:
    """Three rules for three helpdesks may stand in any order."""
    rules = {
        name: PolicyRule(name, (AnyOf("helpdesk", frozenset({name})), AnyOf("tier", frozenset({name}))), frozenset())
        for name in order
    }
    here = replace(facts, helpdesk=helpdesk)
    in_order, as_drawn = (
        replace(SHIPPED, rules=(*(rules[name] for name in names), *SHIPPED.rules)) for names in (sorted(order), order)
    )
    assert what_ifs(here, in_order) == what_ifs(here, as_drawn)


@given(FACTS)
def test_a_gone_ticket_and_who_waits_for_nothing_get_no_advice(facts: LinkFacts) -> None:
    """No deed changes what is said on a ticket that is gone."""
    assert what_ifs(replace(facts, ticket_gone=True), SHIPPED) == ()


@given(FACTS)
def test_no_workaround_is_made_up(facts: LinkFacts) -> None:
    """Where there is none, nobody can be told one, and nobody can confirm it."""
    ids = {one.ids for one in what_ifs(replace(facts, workaround=Workaround.NONE), SHIPPED)}
    assert not {name for each in ids for name in each} & {
        "workaround-told",
        "workaround-confirmed",
        "workaround-failed",
    }


@pytest.mark.parametrize(
    ("frequency_by", "offered"),
    [
        ("override", set()),
        ("answer", {"meets-daily"}),
        ("own-usage", {"meets-daily"}),
        ("bug", {"meets-daily", "found-frequent", "found-spiking"}),
    ],
)
def test_only_what_outranks_the_present_word_is_offered(frequency_by: str, offered: set[str]) -> None:
    """An override outranks the customer's answer, their answer the evidence: what wouldn't count isn't suggested."""
    ids = {one.ids[0] for one in what_ifs(LinkFacts(), SHIPPED, Outlook(frequency_by))}
    assert {name for name in ids if name.startswith(("meets", "found"))} == offered


def test_two_changes_together_where_no_deed_does_it_alone() -> None:
    """On a solved ticket with a workaround that works, opening it changes nothing, nor does meeting the bug daily."""
    facts = LinkFacts(ticket_status=TicketStatus.SOLVED, workaround=CONFIRMED)
    found = by_ids(what_ifs(facts, SHIPPED))
    both = found["meets-daily", "ticket-reopened"]
    assert (both.after.every_days, both.by) == ((28, 56), By.CUSTOMER)
    assert not {("meets-daily",), ("ticket-reopened",)} & found.keys()


def test_two_changes_are_not_sought_where_one_will_do() -> None:
    """A single deed is the simpler advice."""
    assert all(len(one.ids) == 1 for one in what_ifs(LinkFacts(workaround=CONFIRMED), SHIPPED))


def test_a_plan_that_a_rule_names_is_offered() -> None:
    """Customers' plans are what the policy makes of them."""
    rule = PolicyRule("gold", (AnyOf("tier", frozenset({"gold"})),), every_days=(7, 7))
    found = what_ifs(LinkFacts(), replace(SHIPPED, rules=(rule,)))
    plans = {one.changes[0].after: one.after.every_days for one in found if one.ids == ("tier",)}
    assert plans == {"enterprise": (7, 28), "gold": (7, 7)}


@pytest.mark.parametrize(
    ("rule_id", "under", "facts"),
    [
        ("grid-1", (), ("stage", "tier")),
        ("grid-3", ("no-periodic",), ("opt_out", "stage", "frequency", "workaround")),
        ("spiking", (), ("stage", "frequency")),
        ("done", ("canonical",), ("duplicate", "stage", "untold")),
    ],
)
def test_the_facts_behind_a_rule_are_those_that_it_looked_at(
    rule_id: str, under: tuple[str, ...], facts: tuple[str, ...]
) -> None:
    """Of some twenty facts a reader sees the few that decided."""
    assert facts_behind(rule_id, under, SHIPPED.rules) == facts
