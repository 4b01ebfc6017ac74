"""A rule's own examples are its tests: sentences it has to find, and others it has to leave alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bugbridge.core.wording import check_reply, first_match, matcher_of, read_sentences
from bugbridge.core.wording_model import Example, Frame, Need, Rule, Scope, Situation, Wording


class Failure(StrEnum):
    """How a rule fails its examples."""

    FOUND = "found"
    """It finds something in a good sentence."""
    MISSED = "missed"
    """It finds nothing in a bad one."""
    UNUSED = "unused"
    """A pattern of it is in none of its examples, so that nothing shows what it is for."""
    UNTRIED = "untried"
    """It has no bad sentence, so that nothing shows that it finds anything."""


@dataclass(frozen=True, slots=True)
class FailedExample:
    """One failure: `text` is the sentence, or the pattern that is unused; `state` the one the sentence is tried in."""

    rule: str
    failure: Failure
    text: str
    state: str = ""


def failing_examples(wording: Wording) -> tuple[FailedExample, ...]:
    """Try each rule alone on its own examples; give what fails, rule by rule."""
    return tuple(failed for rule in wording.rules for failed in _failing(rule, wording))


def _failing(rule: Rule, wording: Wording) -> Iterator[FailedExample]:
    alone = replace(wording, rules=(rule,))
    for examples, wanted, failure in ((rule.good, False, Failure.FOUND), (rule.bad, True, Failure.MISSED)):
        for example in examples:
            if bool(check_reply(example.text, alone, _situation(rule, example))) is not wanted:
                yield FailedExample(rule.id, failure, example.text, example.state)
    if not rule.bad:
        yield FailedExample(rule.id, Failure.UNTRIED, "")
    yield from (FailedExample(rule.id, Failure.UNUSED, _shown(frame)) for frame in _unused(rule, wording))


def _situation(rule: Rule, example: Example) -> Situation:
    return replace(
        Situation.of_state(example.state),
        workaround_unsent=rule.needs is Need.WORKAROUND_UNSENT,
        first_reply=rule.needs is Need.FIRST_REPLY,
        next_date_due=rule.needs is Need.NEXT_DATE_DUE,
    )


def _unused(rule: Rule, wording: Wording) -> Iterator[Frame]:
    """Give the frames that are in none of the sentences meant for them; over a whole reply those are the good ones.

    Where there are no such sentences, that is told once for all of them.
    """
    examples = rule.good if rule.scope is Scope.REPLY else rule.bad
    if not examples:
        return
    read = [one for example in examples for one in read_sentences(example.text, wording)]
    matchers = [matcher_of(one, wording) for one in read]
    yield from (frame for frame in rule.match if not any(first_match([frame], matcher) for matcher in matchers))


def _shown(frame: Frame) -> str:
    return " & ".join(frame.texts)
