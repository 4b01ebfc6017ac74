"""A rule's own examples are its tests: each bad one has to be found, and no good one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_model import FIXED_RELEASE_PLANNED, Example, Need, Rule, Situation, Wording

GOOD, BAD = "good", "bad"


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example that doesn't hold: a bad one that its rule doesn't find, or a good one that it does."""

    rule: str
    kind: str
    sentence: str


def failing_examples(wording: Wording) -> tuple[FailedExample, ...]:
    """Try each rule of a language on its own examples, and give those that fail."""
    return tuple(failed for rule in wording.rules for failed in _failing(rule, replace(wording, rules=(rule,))))


def _failing(rule: Rule, alone: Wording) -> Iterator[FailedExample]:
    for kind, examples in ((GOOD, rule.good), (BAD, rule.bad)):
        for example in examples:
            found = bool(check_reply(example.text, alone, example_situation(rule, example)))
            if found is not (kind == BAD):
                yield FailedExample(rule.id, kind, example.text)


def example_situation(rule: Rule, example: Example) -> Situation:
    """Give the situation of an example: its state, and what the rule needs to apply at all."""
    planned = example.state == FIXED_RELEASE_PLANNED
    return Situation(
        stage=Stage.FIXED if planned else Stage(example.state),
        release_planned=planned,
        workaround_unsent=rule.needs is Need.WORKAROUND_UNSENT,
        first_reply=rule.needs is Need.FIRST_REPLY,
        next_date_due=rule.needs is Need.NEXT_DATE_DUE,
    )
