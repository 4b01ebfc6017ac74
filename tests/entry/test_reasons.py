"""Reasons in words: every fact, every change and every outcome has its sentence."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.model import Frequency, News, OptOut, Stage, TicketStatus, Workaround
from bugbridge.core.outlook import Foreseen, Outlook
from bugbridge.core.policy_model import LinkFacts
from bugbridge.core.what_if import what_ifs
from bugbridge.entry.reasons import GRID_CELLS, cell_words, chosen, fact_words, facts_sentence, what_if_sentence
from bugbridge.services.planning import facts_text
from tests.core.builders import day
from tests.core.test_policy_properties import FACTS, SHIPPED


def said(ids: str | tuple[str, ...], outlook: Outlook | None = None, **values: Any) -> str:
    """The sentence of one change for usual facts but for these."""
    found = what_ifs(LinkFacts(**values), SHIPPED, outlook or Outlook())
    wanted = (ids,) if isinstance(ids, str) else ids
    (one,) = (one for one in found if one.ids == wanted)
    return what_if_sentence(one, "UTC", "support:7", "github:acme/app#12", several=False)


@given(facts=FACTS, later=FACTS, several=st.booleans())
def test_every_change_has_its_sentence(*, facts: LinkFacts, later: LinkFacts, several: bool) -> None:
    """Whatever may come has words, begins as a sentence does, and ends with a full stop or its command."""
    ahead = Outlook(foreseen=(Foreseen(day(9), later),), reopened=replace(later, stage=Stage.OPEN))
    for one in what_ifs(facts, SHIPPED, ahead):
        sentence = what_if_sentence(one, "UTC", several=several)
        assert (sentence[0].isupper(), sentence[-1] in ".`", ", ." in sentence, "None" in sentence) == (
            True,
            True,
            False,
            False,
        )


@given(FACTS)
def test_every_fact_has_its_words(facts: LinkFacts) -> None:
    """As it is kept in a decision."""
    for name, value in json.loads(facts_text(facts)).items():
        if name != "asked":
            assert fact_words(name, value)


@pytest.mark.parametrize(
    ("sentence", "ids", "values"),
    [
        (
            (
                "If the workaround works for them, this drops to every 4 to 8 weeks: "
                "`bugbridge workaround support:7 confirmed`"
            ),
            "workaround-confirmed",
            {"frequency": Frequency.FREQUENT, "workaround": Workaround.TOLD},
        ),
        (
            (
                "Once they know, by a reply that names it or by your word, nothing is left to tell: "
                "`bugbridge told support:7`"
            ),
            "told",
            {"stage": Stage.RELEASED, "untold": frozenset({News.RELEASED})},
        ),
        ("When it is released, they are told that it is released.", "stage-released", {}),
        (
            (
                'If it is declined, the agent is asked "the bug is declined; tell this customer a clear no, and the '
                'workaround if there is one" and they are told that it is declined.'
            ),
            "stage-declined",
            {},
        ),
        (
            (
                'If it is found to be spiking, the lead is asked "many customers at once; decide together" and they '
                "would hear every 2 to 8 weeks."
            ),
            "found-spiking",
            {},
        ),
        ("If they ask to hear nothing, this drops to nothing.", "opted-out", {}),
        (
            "If they want to hear everything again, they would hear each piece of news once.",
            "opt-out-ended",
            {"opt_out": OptOut.ALL},
        ),
        ('If their plan becomes "enterprise", they would hear every 1 to 4 weeks.', "tier", {}),
        (
            'If their plan is "enterprise" no more, this drops to each piece of news once.',
            "tier",
            {"tier": "enterprise"},
        ),
        (
            (
                "If they say that they meet it daily and the ticket is opened again and they have their answer, they "
                "would hear every 4 to 8 weeks: `bugbridge meets support:7 daily`"
            ),
            ("meets-daily", "ticket-reopened"),
            {"ticket_status": TicketStatus.SOLVED, "workaround": Workaround.CONFIRMED},
        ),
    ],
)
def test_a_change_is_said_with_what_would_hold(
    sentence: str, ids: str | tuple[str, ...], values: dict[str, Any]
) -> None:
    """Who does or waits for what, what they would hear then, and how it is taken down."""
    assert said(ids, **values) == sentence


def test_what_comes_by_itself_has_its_date() -> None:
    """On which day, and why then."""
    told = LinkFacts(workaround=Workaround.TOLD)
    ahead = Outlook(foreseen=(Foreseen(day(16), replace(told, workaround=Workaround.CONFIRMED)),))
    assert said("time", ahead, workaround=Workaround.TOLD) == (
        "On 2026-01-17 09:00 UTC, if nothing happens before, the workaround will count as working: this drops to how "
        "it ends."
    )


def test_a_ticket_with_several_bugs_names_the_issue_in_its_commands() -> None:
    """Without it the command would be refused."""
    daily = next(one for one in what_ifs(LinkFacts(), SHIPPED) if one.ids == ("meets-daily",))
    sentence = what_if_sentence(daily, "UTC", "support:7", "github:acme/app#12", several=True)
    assert sentence.endswith("`bugbridge meets support:7 daily --issue github:acme/app#12`")


@given(FACTS, FACTS)
def test_few_are_chosen_each_with_an_outcome_of_its_own(facts: LinkFacts, later: LinkFacts) -> None:
    """At most three, none twice, something wherever there is something, and always what comes by itself."""
    found = what_ifs(facts, SHIPPED, Outlook(foreseen=(Foreseen(day(9), later),)))
    few = chosen(found)
    deeds = [one.after for one in few if one.at is None]
    assert (len(few) <= 3, bool(few), len(set(deeds))) == (True, bool(found), len(deeds))
    assert [one for one in found if one.at] == [one for one in few if one.at]


def test_the_grids_cells_are_shown_as_the_file_has_them() -> None:
    """A lead finds the line that decided."""
    assert [cell_words(rule_id, SHIPPED) for rule_id in GRID_CELLS] == [
        '"enterprise" = "every 1-4 weeks"',
        '"frequent, workaround" = "every 4-8 weeks"',
        '"frequent" = "every 2-8 weeks"',
        '"infrequent, workaround" = "release"',
        '"infrequent" = "news"',
    ]
    assert cell_words("spiking", SHIPPED) == ""


def test_no_facts_no_sentence() -> None:
    """A rule without conditions looked at nothing."""
    assert facts_sentence({}) == ""
