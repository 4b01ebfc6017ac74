"""A policy as tables: every rule and cell in the order in which they decide."""

from dataclasses import replace
from pathlib import Path

from bugbridge.core.model import Frequency, Workaround
from bugbridge.core.policy import decide
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_grid import grid_rows, policy_rows
from bugbridge.core.policy_model import Cell, Grid, Hears, LinkFacts, Policy, PolicyRule

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))


def test_the_grid_is_a_table_in_the_words_of_the_file() -> None:
    """A row for whom, a column without and one with a workaround that works."""
    nothing = replace(Grid(), infrequent=Cell(Hears.NOTHING))
    assert grid_rows(nothing) == [
        ("enterprise customer", "every 1-4 weeks", "every 1-4 weeks"),
        ("met often", "every 2-8 weeks", "every 4-8 weeks"),
        ("met rarely, or unknown", "nothing", "release"),
    ]


def test_rules_come_before_the_grid_and_say_when_what_and_why() -> None:
    """The first that fits decides, so the order is the policy's."""
    rows = policy_rows(SHIPPED)
    ids = ["solved-tickets-hear-the-outcome", "spiking", "grid-1", "grid-2", "grid-3", "grid-4", "grid-5"]
    assert [row.id for row in rows] == ids
    assert (rows[0].what, rows[0].because) == (
        "The customer hears only how it ends",
        "They have moved on; they still want to know how it ended.",
    )
    assert policy_rows(Policy(rules=(PolicyRule("all", tell=frozenset()),)))[0].when == "Always"


def test_a_cell_has_the_id_that_decisions_have() -> None:
    """Whoever reads "grid-2" in a decision finds it in the table."""
    frequent = LinkFacts(frequency=Frequency.FREQUENT, workaround=Workaround.CONFIRMED)
    by_id = {row.id: row.when for row in policy_rows(SHIPPED)}
    assert by_id[decide(frequent, SHIPPED).rule_id].startswith("Customers who meet the bug often, and for whom a work")
    assert by_id[decide(LinkFacts(), SHIPPED).rule_id].startswith("Customers who meet the bug rarely, or nobody knows")
    assert by_id[decide(LinkFacts(tier="enterprise"), SHIPPED).rule_id] == "Enterprise customers"
