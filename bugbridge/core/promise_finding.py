"""Find what a reply promises: that its author writes again, by a date or once something has happened.

A frame says that somebody of ours writes ("I'll let you know", "you'll hear from us"). A date or an event in the same
sentence belongs to the frame that it stands in or behind, or directly before; a frame with a date is dated, whatever
else stands there. Without either nothing is promised that could be kept. What asks promises nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.html_characters import readable
from bugbridge.core.promise_dates import SaidDate, said_dates
from bugbridge.core.promises import PromiseEvent, PromiseFinder, SaidPromise
from bugbridge.core.wording import Span, covered, frame_spans, matcher_of
from bugbridge.core.wording_language import language_of, primary_tag
from bugbridge.core.wording_matching import Matcher
from bugbridge.core.wording_model import Frame, Wording
from bugbridge.core.wording_prose import own_prose
from bugbridge.core.wording_text import COMMA, Sentence, sentences

# How many words may stand between a frame and what belongs to it over a comma: "I'll write, by Friday at the latest".
FEW_WORDS = 3
# What happens takes more of them: "as soon as it is out for customers in Europe, I'll write".
CLAUSE_WORDS = 8


def finder(wordings: Callable[[], Mapping[str, Wording]]) -> PromiseFinder:
    """Give what finds promises by rules that are asked for only where a reply is read.

    The language that it is told is the likely one: a reply whose words are another's is read in that.
    """

    def find(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Sequence[SaidPromise]:
        known = wordings()
        return find_promises(text, said_at, calendar, language_of(text, known, otherwise=primary_tag(language)), known)

    return find


def find_promises(
    text: str, said_at: datetime, calendar: WorkCalendar, language: str, wordings: Mapping[str, Wording]
) -> tuple[SaidPromise, ...]:
    """Give the promises of a reply in a language, in the order of the text; none in a language without rules.

    Each date and each event is promised once. `calendar` is in the zone of whoever said it. Raises ValueError for a
    `said_at` without a zone, ConfigError for a calendar that is never open.
    """
    wording = wordings.get(primary_tag(language))
    if wording is None:
        return ()
    reply = readable(text)
    prose = own_prose(reply.text)
    dates = said_dates(prose, said_at, calendar, wording.language)
    starts = [said.start for said in dates]
    found: list[SaidPromise] = []
    for sentence in sentences(prose, wording.language):
        begins, ends = (bisect_left(starts, place) for place in (sentence[0].start, sentence[-1].end))
        found += _in_sentence(sentence, dates[begins:ends], wording)
    first = _first_of_each(sorted(found, key=lambda said: (said.start, said.end)))
    return tuple(replace(said, start=reply.place(said.start), end=reply.place(said.end)) for said in first)


def _first_of_each(found: Iterable[SaidPromise]) -> Iterable[SaidPromise]:
    first: dict[tuple[datetime | None, PromiseEvent | None], SaidPromise] = {}
    for said in found:
        first.setdefault((said.due_at, said.event), said)
    return first.values()


def _in_sentence(sentence: Sentence, dates: Sequence[SaidDate], wording: Wording) -> Iterator[SaidPromise]:
    if sentence[-1].text == "?":
        return
    matcher = matcher_of(sentence, wording)
    clauses = _clauses(matcher, wording)
    if not clauses:
        return
    place = _Place(sentence, clauses, covered(wording.promises.elsewhere, matcher))
    dated = set()
    for said in dates:
        span = _words_of(said, sentence)
        clause = place.clause_of(span, FEW_WORDS if place.begins_part(span) else 0)
        if clause is not None:
            dated.add(clause)
            yield replace(place.promise(clause, span), due_at=said.due_at)
    for span, event in _events(matcher, wording):
        clause = place.clause_of(span, CLAUSE_WORDS)
        if clause is not None and clause not in dated:
            yield replace(place.promise(clause, span), event=event)


def _words_of(said: SaidDate, sentence: Sentence) -> Span:
    """Give which words of a sentence say a date, as far as it lies there."""
    first = bisect_right(sentence, said.start, key=lambda word: word.end)
    return first, bisect_left(sentence, said.end, key=lambda word: word.start)


def _clauses(matcher: Matcher, wording: Wording) -> list[Span]:
    """Give where somebody of ours is to write: the matches that nothing excepts, those that overlap as one."""
    spans = sorted(_spans(wording.promises.dated, matcher))
    excepted = covered(wording.promises.unless, matcher) if spans else frozenset()
    clauses: list[Span] = []
    for start, end in spans:
        if excepted.intersection(range(start, end)):
            continue
        if clauses and start < clauses[-1][1]:
            clauses[-1] = clauses[-1][0], max(end, clauses[-1][1])
        else:
            clauses.append((start, end))
    return clauses


def _spans(frames: Iterable[Frame], matcher: Matcher) -> Iterator[Span]:
    for frame in frames:
        for parts in frame_spans(frame, matcher):
            yield min(start for start, _ in parts), max(end for _, end in parts)


def _events(matcher: Matcher, wording: Wording) -> list[tuple[Span, PromiseEvent]]:
    """Give the events that a sentence waits for; of those that begin at one word the one that takes in most."""
    longest: dict[int, tuple[Span, PromiseEvent]] = {}
    for name, frames in wording.promises.events.items():
        for span in _spans(frames, matcher):
            if span[0] not in longest or longest[span[0]][0] < span:
                longest[span[0]] = span, PromiseEvent(name)
    return [longest[start] for start in sorted(longest)]


class _Place:
    """A sentence with the clauses in which somebody is to write, and the words that speak of something else."""

    def __init__(self, sentence: Sentence, clauses: Sequence[Span], elsewhere: frozenset[int]) -> None:
        self._sentence, self._clauses, self._elsewhere = sentence, clauses, elsewhere
        self._commas = [index for index, word in enumerate(sentence) if word.text == COMMA]

    def begins_part(self, span: Span) -> bool:
        """Tell whether something begins the sentence or stands behind a comma."""
        return span[0] == 0 or self._sentence[span[0] - 1].text == COMMA

    def clause_of(self, span: Span, reach: int) -> Span | None:
        """Give the nearest clause that something stands in, behind, or up to `reach` words before."""
        if span[0] in self._elsewhere:
            return None
        index = bisect_right(self._clauses, (span[0], len(self._sentence)))
        earlier = [clause for clause in self._clauses[max(index - 1, 0) : index] if self._is_behind(span, clause)]
        later = [clause for clause in self._clauses[index : index + 1] if self._leads_to(clause, span, reach)]
        return min([*earlier, *later], key=lambda clause: max(span[0] - clause[1], clause[0] - span[1]), default=None)

    def _is_behind(self, span: Span, clause: Span) -> bool:
        """Tell whether a clause goes on to something: no other part of the sentence stands between."""
        latest = bisect_left(self._commas, span[0]) - 1
        if latest < 0 or self._commas[latest] < clause[1]:
            return True
        return span[0] - self._commas[latest] - 1 <= FEW_WORDS

    def _leads_to(self, clause: Span, span: Span, reach: int) -> bool:
        """Tell whether something stands directly before a clause, or with so few words between, commas not counted."""
        commas = bisect_left(self._commas, clause[0]) - bisect_left(self._commas, span[1])
        between = clause[0] - span[1]
        return between <= 0 or (reach > 0 and between - commas <= reach)

    def promise(self, clause: Span, span: Span) -> SaidPromise:
        """Give a promise from the first to the last word of a clause and of what belongs to it."""
        first, last = min(clause[0], span[0]), max(clause[1], span[1]) - 1
        return SaidPromise(self._sentence[first].start, self._sentence[last].end)
