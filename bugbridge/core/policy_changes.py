"""What one version of a policy says otherwise than another, in the words in which both are read aloud."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bugbridge.core.policy_grid import PolicyRow, policy_rows
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_scope import PolicyVersion
from bugbridge.core.policy_words import applies_to_sentence, policy_words

SCOPE, ORDER = "For which tickets", "Order of the rules"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One place that changes: a rule's or a cell's id, or a heading; what it says before and after, "" for nothing."""

    what: str
    before: str
    after: str


def policy_changes(
    before: PolicyVersion, after: PolicyVersion, headings: Mapping[str, str]
) -> tuple[PolicyChange, ...]:
    """Give what changes: the tickets it is for, rules and cells, the rules' order, and the sentences under each of the
    `headings`, by the name of their list. Nothing where only comments differ."""
    scopes = (applies_to_sentence(before.applies_to), applies_to_sentence(after.applies_to))
    old, new = before.policy, after.policy
    pairs = [(SCOPE, *scopes), *_rules(old, new), (ORDER, *_orders(old, new)), *_sentences(old, new, headings)]
    return tuple(PolicyChange(what, was, then) for what, was, then in pairs if was != then)


def _rules(old: Policy, new: Policy) -> Iterator[tuple[str, str, str]]:
    were, are = ({row.id: _said(row) for row in policy_rows(policy)} for policy in (old, new))
    for rule_id in dict.fromkeys([*were, *are]):
        yield rule_id, were.get(rule_id, ""), are.get(rule_id, "")


def _said(row: PolicyRow) -> str:
    because = f" Because: {row.because}" if row.because else ""
    return f"{row.when}: {row.what}.{because}"


def _orders(old: Policy, new: Policy) -> tuple[str, str]:
    """Compare the order of the rules that stand in both, of which the first that fits decides."""
    were, are = ([rule.id for rule in policy.rules] for policy in (old, new))
    before, after = [one for one in were if one in are], [one for one in are if one in were]
    return ", ".join(before), ", ".join(after)


def _sentences(old: Policy, new: Policy, headings: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    before, after = policy_words(old), policy_words(new)
    for name, heading in headings.items():
        were, are = getattr(before, name), getattr(after, name)
        gone = [sentence for sentence in were if sentence not in are]
        added = [sentence for sentence in are if sentence not in were]
        yield heading, " ".join(gone), " ".join(added)
