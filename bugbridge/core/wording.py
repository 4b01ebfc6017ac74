"""Check a reply against the wording rules: it promises information, never solutions or timelines."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bugbridge.core.html_characters import Readable, readable
from bugbridge.core.wording_language import language_of, primary_tag
from bugbridge.core.wording_matching import Matcher
from bugbridge.core.wording_model import Frame, Rule, Scope, Situation, Verdict, Wording, WordingFinding
from bugbridge.core.wording_prose import own_prose
from bugbridge.core.wording_text import COMMA, ENDS, Sentence, Word, sentences

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence, ready to be matched, and the one before it with a comma for its end, empty where there is none."""

    words: Sentence
    matcher: Matcher
    before: Sentence


def judge(
    text: str, wordings: Mapping[str, Wording], situation: Situation, language: str = "", otherwise: str = "en"
) -> Verdict:
    """Check a reply by the rules of its language: the one given, such as "de-AT", else the one its words tell.

    `otherwise` is the team's language, taken where the words tell nothing.
    """
    tag = primary_tag(language) or language_of(text, wordings, otherwise)
    wording = wordings.get(tag)
    return Verdict(check_reply(text, wording, situation) if wording else (), tag, checked=wording is not None)


def read_sentences(text: str, wording: Wording) -> tuple[Sentence, ...]:
    """Give the sentences of a reply's own prose."""
    return tuple(sentences(own_prose(text), wording.language))


def check_reply(text: str, wording: Wording, situation: Situation) -> tuple[WordingFinding, ...]:
    """Give what the rules of its language find in a reply, in the order of the text; of a rule one in each sentence."""
    reply = readable(text)
    told = read_sentences(reply.text, wording)
    read = [_read(one, before, wording) for one, before in zip(told, ((), *told), strict=False)]
    found = [one for rule in wording.rules for one in _findings(rule, read, reply, situation, wording)]
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.rule)))


def _read(sentence: Sentence, before: Sentence, wording: Wording) -> _Read:
    said = tuple(word for word in before if word.text not in ENDS)
    comma = Word(COMMA, sentence[0].start, sentence[0].start)
    return _Read(sentence, matcher_of(sentence, wording), (*said, comma) if said else ())


def matcher_of(sentence: Sentence, wording: Wording) -> Matcher:
    """Give what finds patterns of a language in a sentence."""
    return Matcher([word.text for word in sentence], wording.openings)


def _findings(
    rule: Rule, read: Sequence[_Read], reply: Readable, situation: Situation, wording: Wording
) -> Iterator[WordingFinding]:
    if situation.states & rule.allowed_states or (rule.only_states and not situation.states & rule.only_states):
        return
    if rule.scope is Scope.REPLY:
        if rule.needs in situation.needs and not any(first_match(rule.match, one.matcher) for one in read):
            yield _finding(rule, reply, (0, len(reply.text)), situation)
        return
    for index, one in enumerate(read):
        span = _offence(rule, one, wording)
        if span and not any(first_match(rule.next_step, near.matcher) for near in read[index : index + 2]):
            yield _finding(rule, reply, (one.words[span[0]].start, one.words[span[1] - 1].end), situation)


def _offence(rule: Rule, read: _Read, wording: Wording) -> Span | None:
    """Find the first match in a sentence that no exception overlaps."""
    excepted: frozenset[int] | None = None
    for frame in rule.match:
        for parts in frame_spans(frame, read.matcher):
            if excepted is None:
                if first_match(rule.without, read.matcher):
                    return None
                excepted = _excepted(rule, read, wording)
            if not any(excepted.intersection(range(*part)) for part in parts):
                return min(part[0] for part in parts), max(part[1] for part in parts)
    return None


def _excepted(rule: Rule, read: _Read, wording: Wording) -> frozenset[int]:
    """Give which words of a sentence lie within exceptions, those that begin in the sentence before among them."""
    excepted = covered(rule.unless, read.matcher)
    if not (rule.unless_before and read.before):
        return excepted
    joined = covered(rule.unless_before, matcher_of((*read.before, *read.words), wording))
    return excepted | {place - len(read.before) for place in joined}


def frame_spans(frame: Frame, matcher: Matcher) -> Iterator[tuple[Span, ...]]:
    """Give where a frame is: each match of its first pattern with the nearest one of every further pattern."""
    found: list[Sequence[Span]] = []
    for pattern in frame.patterns:
        spans = tuple(matcher.spans(pattern))
        if not spans:
            return
        found.append(spans)
    main, *others = found
    for span in main:
        yield (span, *(_nearest(spans, span) for spans in others))


def _nearest(spans: Sequence[Span], place: Span) -> Span:
    index = bisect_left(spans, place)
    return min(spans[max(index - 1, 0) : index + 1], key=lambda span: abs(span[0] - place[0]))


def first_match(frames: Iterable[Frame], matcher: Matcher) -> tuple[Span, ...] | None:
    """Give where the first frame is that a sentence holds."""
    return next((parts for frame in frames for parts in frame_spans(frame, matcher)), None)


def covered(frames: Iterable[Frame], matcher: Matcher) -> frozenset[int]:
    """Give which words of a sentence lie within matches."""
    spans = (part for frame in frames for parts in frame_spans(frame, matcher) for part in parts)
    return frozenset(place for span in spans for place in range(*span))


def _finding(rule: Rule, reply: Readable, span: Span, situation: Situation) -> WordingFinding:
    level = next((rule.level_in[state] for state in sorted(situation.states) if state in rule.level_in), rule.level)
    start, end = map(reply.place, span)
    return WordingFinding(rule.id, level, start, end, reply.original[start:end], rule.message, rule.suggest)
