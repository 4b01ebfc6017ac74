"""A policy as tables: the grid, and all that it decides in the order in which it is looked at."""

from dataclasses import dataclass

from bugbridge.core.policy_model import Grid, Policy, PolicyRule
from bugbridge.core.policy_words import WHO, cell_text, cell_words, condition_words, listed, rule_actions


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A rule, or a cell of the grid: its id as decisions have it, when it decides, what then, and the team's reason."""

    id: str
    when: str
    what: str
    because: str


GRID_IDS = tuple(f"grid-{number}" for number in range(1, len(WHO) + 1))


def policy_rows(policy: Policy) -> tuple[PolicyRow, ...]:
    """Give the rules and then the grid; of these the first that fits a customer decides."""
    cells = [(who, getattr(policy.grid, name)) for name, who in WHO.items()]
    grid = [
        PolicyRow(cell_id, who.rstrip(","), f"They {cell_words(cell)}", "")
        for cell_id, (who, cell) in zip(GRID_IDS, cells, strict=True)
    ]
    return (*map(_rule_row, policy.rules), *grid)


def _rule_row(rule: PolicyRule) -> PolicyRow:
    when = listed([condition_words(each) for each in rule.when], "and") if rule.when else "always"
    return PolicyRow(rule.id, _sentence(when), _sentence("; ".join(rule_actions(rule))), rule.because)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def grid_rows(grid: Grid) -> list[tuple[str, str, str]]:
    """Give the grid as rows of a table: how often the bug is met, without a workaround, with one that works."""
    return [
        ("enterprise customer", cell_text(grid.enterprise), cell_text(grid.enterprise)),
        ("met often", cell_text(grid.frequent), cell_text(grid.frequent_workaround)),
        ("met rarely, or unknown", cell_text(grid.infrequent), cell_text(grid.infrequent_workaround)),
    ]
