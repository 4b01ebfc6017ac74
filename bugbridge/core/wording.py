"""Check a reply against the wording rules: it promises information, never solutions or timelines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bugbridge.core.wording_language import language_of
from bugbridge.core.wording_model import Frame, Rule, Scope, Situation, Wording, WordingFinding
from bugbridge.core.wording_patterns import Matcher
from bugbridge.core.wording_text import Sentence, own_prose, sentences

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a reply, and the language by whose rules. Where there are none it isn't `checked`, which is no
    pass; the language is "" where it isn't known."""

    findings: tuple[WordingFinding, ...]
    language: str
    checked: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence, ready to be matched."""

    words: Sentence
    matcher: Matcher


def read_sentences(text: str, wording: Wording) -> tuple[Sentence, ...]:
    """Give the sentences of a reply's own prose."""
    return tuple(sentences(own_prose(text), wording.language))


def judge(text: str, wordings: Mapping[str, Wording], situation: Situation, language: str = "") -> Verdict:
    """Check a reply by the rules of a language (a tag such as `en` or `de-AT`), or of the one that it is written in."""
    named = language or language_of(text, wordings, "")
    wording = wordings.get(named) or wordings.get(named.partition("-")[0])
    if wording is None:
        return Verdict((), named, checked=False)
    return Verdict(check_reply(text, wording, situation), named, checked=True)


def check_reply(text: str, wording: Wording, situation: Situation) -> tuple[WordingFinding, ...]:
    """Give what the rules of its language find in a reply, in the order of the text; of a rule one in each sentence."""
    read = [_Read(one, matcher_of(one, wording)) for one in read_sentences(text, wording)]
    found = [one for rule in wording.rules for one in _findings(rule, read, text, situation)]
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.rule)))


def matcher_of(sentence: Sentence, wording: Wording) -> Matcher:
    """Give what finds patterns of a language in a sentence."""
    return Matcher([word.text for word in sentence], wording.macros)


def _findings(rule: Rule, read: Sequence[_Read], text: str, situation: Situation) -> Iterator[WordingFinding]:
    if situation.states & rule.allowed_states or (rule.only_states and not situation.states & rule.only_states):
        return
    if rule.scope is Scope.REPLY:
        if rule.needs in situation.needs and not any(first_match(rule.match, one.matcher) for one in read):
            yield _finding(rule, text, (0, len(text)), situation)
        return
    for index, one in enumerate(read):
        span = _offence(rule, one.matcher)
        if span and not any(first_match(rule.next_step, near.matcher) for near in read[index : index + 2]):
            yield _finding(rule, text, (one.words[span[0]].start, one.words[span[1] - 1].end), situation)


def _offence(rule: Rule, matcher: Matcher) -> Span | None:
    """Find the first match in a sentence that no exception overlaps."""
    excepted: frozenset[int] | None = None
    for frame in rule.match:
        for parts in frame_spans(frame, matcher):
            if excepted is None:
                if first_match(rule.without, matcher):
                    return None
                excepted = _covered(rule.unless, matcher)
            if not any(excepted.intersection(range(*part)) for part in parts):
                return min(part[0] for part in parts), max(part[1] for part in parts)
    return None


def frame_spans(frame: Frame, matcher: Matcher) -> Iterator[tuple[Span, ...]]:
    """Give where a frame is: each match of its first pattern with the nearest one of every further pattern."""
    main, *others = frame.patterns
    further = [spans[0] for pattern in others if (spans := tuple(matcher.spans(pattern)))]
    if len(further) == len(others):
        yield from ((span, *further) for span in matcher.spans(main))


def first_match(frames: Iterable[Frame], matcher: Matcher) -> tuple[Span, ...] | None:
    """Give where the first frame is that a sentence holds."""
    return next((parts for frame in frames for parts in frame_spans(frame, matcher)), None)


def _covered(frames: Iterable[Frame], matcher: Matcher) -> frozenset[int]:
    """Give which words of a sentence lie within matches."""
    spans = (part for frame in frames for parts in frame_spans(frame, matcher) for part in parts)
    return frozenset(place for span in spans for place in range(*span))


def _finding(rule: Rule, text: str, span: Span, situation: Situation) -> WordingFinding:
    level = next((rule.level_in[state] for state in sorted(situation.states) if state in rule.level_in), rule.level)
    return WordingFinding(rule.id, level, *span, text[slice(*span)], rule.message, rule.suggest)
