"""What holds of every decision, for any facts."""

from dataclasses import fields, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.model import (
    TERMINAL_NEWS,
    TERMINAL_STAGES,
    Frequency,
    News,
    OptOut,
    Stage,
    TicketStatus,
    Workaround,
)
from bugbridge.core.policy import RESERVED_IDS, decide
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import LinkFacts, Ruling

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
IDS = frozenset(
    {*RESERVED_IDS, "spiking", "solved-tickets-hear-the-outcome", *(f"grid-{cell}" for cell in range(1, 6))}
)
DAYS = st.floats(0, 1000)
FACTS = st.builds(
    LinkFacts,
    stage=st.sampled_from(Stage),
    untold=st.frozensets(st.sampled_from(News)),
    frequency=st.sampled_from(Frequency),
    workaround=st.sampled_from(Workaround),
    tier=st.sampled_from(["", "enterprise", "team"]),
    opt_out=st.sampled_from(OptOut),
    ticket_status=st.sampled_from(TicketStatus),
    unanswered=st.booleans(),
    release_planned=st.booleans(),
    reopened_after_told=st.booleans(),
    silent_days=DAYS,
    age_days=DAYS,
    days_since_update=DAYS,
    labels=st.frozensets(st.sampled_from(["a", "b"])),
    duplicate=st.booleans(),
    promise_due=st.booleans(),
    promise_open=st.booleans(),
    asked=st.frozensets(st.sampled_from(sorted(IDS))),
)


def chain(ruling: Ruling) -> list[Ruling]:
    """A ruling, and what matching on says, to the end."""
    return [ruling, *(chain(ruling.also) if ruling.also else [])]


@given(FACTS)
def test_every_facts_have_one_decision(facts: LinkFacts) -> None:
    """Deciding twice gives the same, by a rule that exists, with a reason."""
    ruling = decide(facts, SHIPPED)
    assert ruling == decide(facts, SHIPPED)
    assert all(each.rule_id in IDS and each.because.endswith(".") for each in chain(ruling))


@given(FACTS)
def test_only_untold_news_is_told_and_only_once(facts: LinkFacts) -> None:
    """What is told is untold, and no piece is told by two rulings of one decision."""
    told = [news for ruling in chain(decide(replace(facts, unanswered=False), SHIPPED)) for news in ruling.tell]
    assert (set(told) <= facts.untold, len(told)) == (True, len(set(told)))


@given(FACTS)
def test_no_ended_bug_is_told_to_be_open_and_no_open_bug_to_have_ended(facts: LinkFacts) -> None:
    """Terminal news is told only of a bug that is in that very stage."""
    told = frozenset(news for ruling in chain(decide(facts, SHIPPED)) for news in ruling.tell)
    assert {news.value for news in told & TERMINAL_NEWS} <= {facts.stage.value}


@given(FACTS)
def test_who_asked_to_hear_nothing_hears_nothing(facts: LinkFacts) -> None:
    """Whatever else is the case, nothing is told and nothing is periodic; at most a person settles a promise."""
    rulings = chain(decide(replace(facts, opt_out=OptOut.ALL), SHIPPED))
    assert [(each.tell, each.every_days, each.now) for each in rulings] == [(frozenset(), None, False)] * len(rulings)


@given(FACTS, st.sampled_from(sorted(TERMINAL_STAGES)))
def test_who_knows_the_end_hears_nothing_more(facts: LinkFacts, stage: Stage) -> None:
    """Told of the release or the no, a customer is left alone, apart from promises."""
    ended = replace(facts, stage=stage, untold=frozenset(), promise_due=False, promise_open=False, unanswered=False)
    ruling = decide(ended, SHIPPED)
    assert ruling == Ruling(ruling.rule_id, ruling.because, under=ruling.under)


@given(FACTS)
def test_who_wants_no_periodic_updates_gets_none(facts: LinkFacts) -> None:
    """No ruling and nothing behind it is periodic."""
    rulings = chain(decide(replace(facts, opt_out=OptOut.NO_PERIODIC), SHIPPED))
    assert [each.every_days for each in rulings] == [None] * len(rulings)


@given(FACTS)
def test_a_question_is_put_once(facts: LinkFacts) -> None:
    """Nobody is asked by a rule that has asked already."""
    assert all(each.rule_id not in facts.asked for each in chain(decide(facts, SHIPPED)) if each.person)


@given(FACTS)
def test_a_duplicate_is_decided_as_its_survivor(facts: LinkFacts) -> None:
    """Apart from saying so, being a duplicate changes nothing."""
    survivor = decide(replace(facts, duplicate=False), SHIPPED)
    duplicate = decide(replace(facts, duplicate=True), SHIPPED)
    same = [field.name for field in fields(Ruling) if field.name not in {"because", "under"}]
    assert [getattr(duplicate, name) for name in same] == [getattr(survivor, name) for name in same]
    assert duplicate.under == ("canonical", *survivor.under)
