"""Which patterns of a rule none of its own examples shows: nobody would notice if they went wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

from bugbridge.core.wording import first_match, matcher_of, read_sentences
from bugbridge.core.wording_model import Frame, Rule, Scope, Wording


@dataclass(frozen=True, slots=True)
class UnshownPattern:
    """A pattern of a rule, or several that belong together, that none of its examples has."""

    rule: str
    patterns: tuple[str, ...]


def unshown_patterns(wording: Wording) -> tuple[UnshownPattern, ...]:
    """Give, rule by rule, the patterns of `match` that no bad example has; of a rule over the whole reply, which is a
    finding where nothing matches, no good one."""
    return tuple(UnshownPattern(rule.id, frame.texts) for rule in wording.rules for frame in _unshown(rule, wording))


def _unshown(rule: Rule, wording: Wording) -> Iterator[Frame]:
    examples = rule.good if rule.scope is Scope.REPLY else rule.bad
    read = [matcher_of(one, wording) for example in examples for one in read_sentences(example.text, wording)]
    yield from (frame for frame in rule.match if not any(first_match([frame], matcher) for matcher in read))
