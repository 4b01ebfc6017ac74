"""Whether any facts reach a rule: every rule has facts that it decides, or a reason why there are none."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event
from bugbridge.core.facts import fold_link
from bugbridge.core.model import TERMINAL_STAGES, Frequency, News, OptOut, Stage, TicketStatus
from bugbridge.core.policy import decide
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import AnyOf, Condition, Is, LinkFacts, Policy, PolicyRule, Within
from bugbridge.core.policy_reach import CLOSING_NEWS, UNFINISHED, Narrowed, NoneOf, Span, Spans, narrowed, reaches
from tests.core.builders import day, link_history, stage
from tests.core.test_link_properties import LAST_DAY, histories

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))


def rule(rule_id: str, *when: Condition, asks: bool = False) -> PolicyRule:
    """A rule that tells nothing, or only asks a person."""
    return PolicyRule(rule_id, when, person="lead: look") if asks else PolicyRule(rule_id, when, tell=frozenset())


def any_of(fact: str, *values: str) -> AnyOf:
    """The fact is one of these, or holds one."""
    return AnyOf(fact, frozenset(values))


def deciders(facts: LinkFacts, rules: tuple[PolicyRule, ...]) -> list[str]:
    """The ids of all rules that have a say, in their order."""
    ruling = decide(facts, Policy(rules=rules))
    ids = [ruling.rule_id]
    while ruling.also:
        ruling = ruling.also
        ids.append(ruling.rule_id)
    return ids


def test_every_shipped_rule_decides_the_facts_that_are_found_for_it() -> None:
    """Nobody ships a rule that never applies."""
    found = [reach.witness for reach in reaches(SHIPPED.rules)]
    assert None not in found
    assert all(each.id in deciders(facts, SHIPPED.rules) for each, facts in zip(SHIPPED.rules, found, strict=True))


SPIKING = any_of("frequency", "spiking")
ENDED = "a bug that has ended is decided by done unless some news is untold"
NO_NEWS_LEFT = "while a bug is open or in progress, no fix, plan, release or no is left to be told"
OPTED_OUT = "a customer who asked to hear nothing is decided by opted-out"
# Why, rules, and what takes the last of them: the rules before it by their place, and what no policy changes.
UNREACHABLE = [
    ("the same again", [rule("a", SPIKING), rule("b", SPIKING)], (0,), ()),
    ("a narrower one", [rule("a", SPIKING), rule("b", SPIKING, any_of("brand", "acme"))], (0,), ()),
    ("a shorter range", [rule("a", Within("age_days", 10, 20)), rule("b", Within("age_days", 10, 19.5))], (0,), ()),
    (
        "a range that two share",
        [rule("a", Within("age_days", 0, 10)), rule("b", Within("age_days", 10)), rule("c", any_of("brand", "acme"))],
        (0, 1),
        (),
    ),
    (
        "every word of a closed list",
        [
            rule("a", any_of("frequency", "frequent", "unknown")),
            rule("b", any_of("frequency", "infrequent", "spiking")),
            rule("c"),
        ],
        (0, 1),
        (),
    ),
    (
        "one that takes all is named, though others help",
        [rule("a", any_of("brand", "acme")), rule("b", SPIKING), rule("c", SPIKING, any_of("brand", "acme", "other"))],
        (1,),
        (),
    ),
    (
        "a label needed is one of those taken",
        [rule("a", any_of("labels", "x", "y")), rule("b", any_of("labels", "x"))],
        (0,),
        (),
    ),
    (
        "a set that must hold one of two, each taken by itself",
        [rule("a", any_of("labels", "x")), rule("b", any_of("labels", "y")), rule("c", any_of("labels", "x", "y"))],
        (0, 1),
        (),
    ),
    (
        "an ended bug with nothing untold",
        [rule("a", any_of("untold", *News)), rule("b", any_of("stage", "released"))],
        (0,),
        (ENDED,),
    ),
    (
        "all that may be opted out of",
        [rule("a", any_of("opt_out", "none", "no_periodic")), rule("b", SPIKING)],
        (0,),
        (OPTED_OUT,),
    ),
    (
        "silence that tells of age",
        [rule("a", Within("age_days", 100)), rule("b", Within("silent_days", 200))],
        (0,),
        ("a bug is never silent for longer than it is old",),
    ),
    (
        "an answer that is waited for",
        [rule("a", any_of("ticket_status", "solved"), Is("unanswered", value=True))],
        (),
        ("a customer who waits for an answer is decided by reply-first",),
    ),
    ("who wants to hear nothing", [rule("a", any_of("opt_out", "all"))], (), (OPTED_OUT,)),
    (
        "a release planned of an open bug",
        [rule("a", Is("release_planned", value=True), any_of("stage", "open", "in_progress"))],
        (),
        ("a release is planned only while the bug is fixed",),
    ),
    (
        "the end untold of a bug that is open",
        [rule("a", any_of("stage", "open"), any_of("untold", "fixed", "released"))],
        (),
        (NO_NEWS_LEFT,),
    ),
    (
        "silent for longer than it is old",
        [rule("a", Within("silent_days", 200), Within("age_days", 0, 100))],
        (),
        ("a bug is never silent for longer than it is old",),
    ),
]


@pytest.mark.parametrize(
    ("rules", "taken_by", "laws"), [row[1:] for row in UNREACHABLE], ids=[r[0] for r in UNREACHABLE]
)
def test_a_rule_that_no_facts_reach_is_found_with_what_takes_it(
    rules: list[PolicyRule], taken_by: tuple[int, ...], laws: tuple[str, ...]
) -> None:
    """As few rules as do it are named, one alone where one will do."""
    *others, last = reaches(rules)
    assert None not in [reach.witness for reach in others]
    assert (last.witness, last.taken_by, last.laws) == (None, taken_by, laws)


REACHABLE = [
    ("a question takes nothing", [rule("a", asks=True), rule("b")]),
    ("anything but the words that are named", [rule("a", any_of("brand", "acme")), rule("b")]),
    (
        "the gap between two ranges",
        [rule("a", Within("age_days", 0, 10)), rule("b", Within("age_days", 11)), rule("c")],
    ),
    ("the end of a range", [rule("a", Within("age_days", 10.5)), rule("b", Within("age_days", 0, 10.5))]),
    ("beyond every range", [rule("a", Within("age_days", 0, 3650)), rule("b")]),
    ("one label without the other", [rule("a", any_of("labels", "x")), rule("b", any_of("labels", "x", "y"))]),
    ("an ended bug with news", [rule("a", any_of("untold", "released")), rule("b", any_of("stage", "released"))]),
    ("a fix that waits for its plan", [rule("a", Is("release_planned", value=True), any_of("stage", "fixed", "open"))]),
    ("as silent as it is old", [rule("a", Within("silent_days", 100), Within("age_days", 0, 100))]),
    ("within one gap", [rule("a", Within("silent_days", 0, 5)), rule("b", Within("age_days", 9)), rule("c")]),
    ("a clear no already asked", [rule("a", any_of("stage", "declined"), any_of("untold", "declined"))]),
    ("a return that is untold", [rule("a", any_of("stage", "open", "in_progress"), any_of("untold", "reopened"))]),
    ("an error already owned", [rule("a", Is("reopened_after_told", value=True), any_of("stage", "open"))]),
]


@pytest.mark.parametrize("rules", [row[1] for row in REACHABLE], ids=[row[0] for row in REACHABLE])
def test_a_rule_that_some_facts_reach_decides_them(rules: list[PolicyRule]) -> None:
    """The facts that are found for the last rule are decided by it."""
    witness = reaches(rules)[-1].witness
    assert witness is not None
    assert rules[-1].id in deciders(witness, tuple(rules))


FACT_CONDITIONS = st.one_of(
    st.builds(AnyOf, st.just("stage"), st.frozensets(st.sampled_from(Stage), min_size=1)),
    st.builds(AnyOf, st.just("untold"), st.frozensets(st.sampled_from(News), min_size=1)),
    st.builds(AnyOf, st.just("frequency"), st.frozensets(st.sampled_from(Frequency), min_size=1)),
    st.builds(AnyOf, st.just("ticket_status"), st.frozensets(st.sampled_from(TicketStatus), min_size=1)),
    st.builds(AnyOf, st.just("opt_out"), st.frozensets(st.sampled_from(OptOut), min_size=1)),
    st.builds(AnyOf, st.just("labels"), st.frozensets(st.sampled_from("xyz"), min_size=1)),
    st.builds(AnyOf, st.just("brand"), st.frozensets(st.sampled_from("ab"), min_size=1)),
    st.builds(Is, st.sampled_from(["unanswered", "release_planned", "reopened_after_told"]), st.booleans()),
    st.builds(
        lambda fact, least, wide: Within(fact, least, least + wide),
        st.sampled_from(["age_days", "silent_days", "days_since_update"]),
        st.integers(0, 3),
        st.one_of(st.integers(0, 3), st.just(inf)),
    ),
)
CONDITIONS = st.lists(FACT_CONDITIONS, max_size=3, unique_by=lambda condition: condition.fact)
POLICIES = st.lists(st.tuples(CONDITIONS, st.booleans()), min_size=1, max_size=6).map(
    lambda rows: tuple(rule(str(index), *when, asks=asks) for index, (when, asks) in enumerate(rows))
)


def possible(facts: LinkFacts) -> bool:
    """Whether such facts come to the rules at all, by another way than the analysis."""
    planned = not facts.release_planned or facts.stage is Stage.FIXED
    closing = facts.stage not in UNFINISHED or not facts.untold & CLOSING_NEWS
    ended = facts.stage in TERMINAL_STAGES and not facts.untold
    return planned and closing and not ended and facts.silent_days <= facts.age_days


DAYS = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 7.0])
FACTS = st.builds(
    LinkFacts,
    stage=st.sampled_from(Stage),
    untold=st.frozensets(st.sampled_from(News)),
    frequency=st.sampled_from(Frequency),
    opt_out=st.sampled_from([OptOut.NONE, OptOut.NO_PERIODIC]),
    ticket_status=st.sampled_from(TicketStatus),
    release_planned=st.booleans(),
    reopened_after_told=st.booleans(),
    labels=st.frozensets(st.sampled_from("xyz")),
    brand=st.sampled_from(["", "a", "b", "c"]),
    age_days=DAYS,
    silent_days=DAYS,
    days_since_update=DAYS,
    asked=st.just(frozenset({"wrongly-told", "clear-no"})),
).filter(possible)


@given(POLICIES)
def test_the_facts_that_are_found_for_a_rule_are_decided_by_it(rules: tuple[PolicyRule, ...]) -> None:
    """Whatever the policy: a rule counts as reachable only with facts that prove it, and that can be."""
    for each, reach in zip(rules, reaches(rules), strict=True):
        if reach.witness is not None:
            assert possible(reach.witness)
            assert each.id in deciders(reach.witness, rules)


@given(POLICIES, FACTS)
def test_what_counts_as_unreachable_is_reached_by_no_facts(rules: tuple[PolicyRule, ...], facts: LinkFacts) -> None:
    """Whatever the facts: a rule that has a say about them doesn't count as unreachable."""
    unreachable = {each.id for each, reach in zip(rules, reaches(rules), strict=True) if reach.witness is None}
    assert not unreachable & set(deciders(facts, rules))


@given(POLICIES)
def test_what_is_named_as_taking_a_rule_does_take_it(rules: tuple[PolicyRule, ...]) -> None:
    """Without the other rules it is unreachable still, and without any one of those named it isn't."""
    for index, reach in enumerate(reaches(rules)):
        taken_by = list(reach.taken_by)
        if reach.witness is None:
            assert reaches([*(rules[taker] for taker in taken_by), rules[index]])[-1].witness is None
        for taker in taken_by:
            rest = [rules[other] for other in taken_by if other != taker]
            assert reaches([*rest, rules[index]])[-1].witness is not None


def fits(facts: LinkFacts, condition: Condition | NoneOf | Spans) -> bool:
    """Whether facts meet a condition, by another way than the analysis."""
    fact = getattr(facts, condition.fact)
    held = fact if isinstance(fact, frozenset) else {fact}
    match condition:
        case AnyOf(values=values):
            return bool(values & held)
        case NoneOf(values=values):
            return not values & held
        case Is(value=value):
            return fact is value
        case Within(least=least, most=most):
            return least <= fact <= most
        case Spans(spans=spans):
            return any(
                span.least < fact < span.most
                or (fact == span.least and span.with_least)
                or (fact == span.most and span.with_most)
                for span in spans
            )


@given(POLICIES, FACTS)
def test_a_narrowed_rule_decides_just_the_parts_that_are_named(rules: tuple[PolicyRule, ...], facts: LinkFacts) -> None:
    """Of the facts that its conditions fit, those in a part come to it, and where all parts are named no others."""
    for found in narrowed(rules):
        each = rules[found.index]
        if all(fits(facts, condition) for condition in each.when):
            named = any(all(fits(facts, condition) for condition in part) for part in found.parts)
            decided = each.id in deciders(facts, rules)
            assert named == decided or (decided and not found.complete)


def test_a_narrowed_rule_is_named_with_what_it_keeps() -> None:
    """A burst is for the lead to decide, but not of tickets that are solved."""
    keeps = any_of("ticket_status", "open", "pending")
    assert narrowed(SHIPPED.rules) == (Narrowed(1, taken_by=(0,), parts=((keeps,),), complete=True),)


def test_days_between_ranges_are_kept_without_their_ends() -> None:
    """Ten days exactly belong to the range that ends there."""
    rules = [rule("a", Within("age_days", 5, 10)), rule("b", Within("age_days", 20, 30)), rule("c")]
    (found,) = narrowed(rules)
    between = Span(10, 20, with_least=False, with_most=False)
    beyond = Span(30, inf, with_least=False, with_most=False)
    assert found.parts == ((Spans("age_days", (Span(0, 5, with_most=False), between, beyond)),),)


def test_parts_do_not_overlap() -> None:
    """What one part says of a bug, the next takes for granted not to be so."""
    rules = [rule("a", any_of("frequency", "spiking"), any_of("brand", "acme")), rule("b", any_of("stage", "open"))]
    (found,) = narrowed(rules)
    other = any_of("frequency", *(frozenset(Frequency) - {Frequency.SPIKING}))
    not_acme = NoneOf("brand", frozenset({"acme"}))
    assert found.parts == ((other,), (SPIKING, not_acme))


def test_of_many_parts_one_is_given_as_an_example() -> None:
    """A list of every combination would tell nobody anything."""
    pairs = [(Stage.OPEN, "a"), (Stage.IN_PROGRESS, "b"), (Stage.FIXED, "c"), (Stage.RELEASED, "d")]
    rules = [rule(brand, any_of("stage", of), any_of("brand", brand)) for of, brand in pairs]
    (found,) = narrowed([*rules, rule("last")])
    assert (found.taken_by, len(found.parts), found.complete) == ((0, 1, 2, 3), 1, False)


@pytest.mark.parametrize("unanswered", [False, True])
def test_two_hundred_rules_are_analysed(unanswered: bool) -> None:  # noqa: FBT001 - pytest's parameter
    """A broad rule after many narrow ones over eight facts is neither guessed at nor given up."""
    narrow = [
        rule(
            str(index),
            any_of("brand", f"brand-{index % 20}"),
            any_of("labels", f"label-{index % 7}", f"label-{index % 11}"),
            any_of("stage", list(Stage)[index % 5], list(Stage)[index % 3]),
            any_of("frequency", list(Frequency)[index % 4]),
            any_of("ticket_status", list(TicketStatus)[index % 4], "open"),
            any_of("tier", f"tier-{index % 6}"),
            Within("age_days", index, 2 * index + 1),
            Within("silent_days", 0, index),
        )
        for index in range(199)
    ]
    rules = (*narrow, rule("last", Is("unanswered", value=unanswered)))
    found = reaches(rules)
    assert [reach.witness is None for reach in found] == [False] * 199 + [unanswered]
    assert all(
        each.id in deciders(reach.witness, rules) for each, reach in zip(rules, found, strict=True) if reach.witness
    )


@given(histories(), st.integers(0, LAST_DAY))
def test_no_history_leads_to_facts_that_count_as_impossible(events: list[Event], on: int) -> None:
    """Of an issue whose stage is known from its first day on, facts that never come to the rules never come about."""
    facts = fold_link(link_history(stage(0, Stage.OPEN), *events), day(on), SHIPPED, ALWAYS_OPEN).facts
    kept = replace(facts, untold=facts.untold or frozenset({News.WORKAROUND}))
    assert possible(kept)


DECIDED_BEFORE = [
    (LinkFacts(unanswered=True), "reply-first"),
    (LinkFacts(opt_out=OptOut.ALL), "opted-out"),
    (LinkFacts(stage=Stage.RELEASED), "done"),
    (LinkFacts(stage=Stage.DECLINED), "done"),
]


@pytest.mark.parametrize(("facts", "rule_id"), DECIDED_BEFORE)
def test_what_counts_as_decided_before_the_rules_is(facts: LinkFacts, rule_id: str) -> None:
    """A rule without conditions doesn't get them."""
    assert decide(facts, Policy(rules=(rule("mine"),))).rule_id == rule_id
