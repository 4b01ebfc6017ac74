"""`bug:` lines in agents' internal notes: what each asks for, or what it may have meant.

A line begins with `bug:`, may go on with the issue that it is about, and ends with one of the FORMS. Lines in code or
quoted text are not the author's. The text is hostile: every pattern runs in linear time, and nothing here raises.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import islice

from bugbridge.core.errors import UsageError
from bugbridge.core.prose import prose_lines
from bugbridge.core.references import ReferenceRules, parse_issue_reference

PREFIX = re.compile(r"bug\s{0,3}:", re.IGNORECASE)
# What nobody writes in a line, so that a pasted log costs nothing.
LONGEST_LINE = 2_000
MOST_LINES = 20
LONGEST_DELAY = timedelta(days=92)


class Verb(StrEnum):
    """What a line asks for; `unknown` is what wasn't understood, `unknown_issue` what names one that nobody reads."""

    LINK = "link"
    NOT_THIS = "not_this"
    WORDS = "words"
    WORKAROUND = "workaround"
    WORKED = "worked"
    FAILED = "failed"
    MEETS_IT = "meets_it"
    TOLD = "told"
    LATER = "later"
    GIVE_TO = "give_to"
    NOT_NEEDED = "not_needed"
    OPT_OUT = "opt_out"
    STILL_DUE = "still_due"
    PROMISED_BY = "promised_by"
    NO_PROMISE = "no_promise"
    SEND_ROUND = "send_round"
    STOP = "stop"
    UNKNOWN_ISSUE = "unknown_issue"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BugLine:
    """One line as it was understood; `number` counts a note's lines from 1.

    `typed` is what follows `bug:`, as its author wrote it; `issue` the canonical reference that it names, "" where it
    names none; `text` what stands there in free words (a workaround, how customers call the bug, a name, a reason, a
    day); `answer` how often the bug is met; `delay` until when a reminder is put off; `suggestion` what a line that
    wasn't understood may have meant, "" where nothing is near.
    """

    number: int
    verb: Verb
    issue: str = ""
    text: str = ""
    answer: str = ""
    delay: timedelta = timedelta(0)
    suggestion: str = ""
    typed: str = ""


# As they are shown to people; what stands in capitals is theirs to fill in.
FORMS: dict[Verb, str] = {
    Verb.LINK: "acme/app#12",
    Verb.NOT_THIS: "not this",
    Verb.WORDS: "words: TEXT",
    Verb.WORKAROUND: "workaround: TEXT",
    Verb.WORKED: "workaround worked",
    Verb.FAILED: "workaround failed",
    Verb.MEETS_IT: "meets it daily|sometimes|once",
    Verb.TOLD: "told",
    Verb.LATER: "later 2w",
    Verb.GIVE_TO: "give to NAME",
    Verb.NOT_NEEDED: "not needed: WHY",
    Verb.OPT_OUT: "optout",
    Verb.STILL_DUE: "still due",
    Verb.PROMISED_BY: "promised by DATE",
    Verb.NO_PROMISE: "no promise",
    Verb.SEND_ROUND: "send round",
    Verb.STOP: "stop",
}

_FIXED: dict[str, tuple[Verb, str]] = {
    "not this": (Verb.NOT_THIS, ""),
    "workaround worked": (Verb.WORKED, ""),
    "workaround failed": (Verb.FAILED, ""),
    "meets it daily": (Verb.MEETS_IT, "daily"),
    "meets it sometimes": (Verb.MEETS_IT, "sometimes"),
    "meets it once": (Verb.MEETS_IT, "once"),
    "told": (Verb.TOLD, ""),
    "optout": (Verb.OPT_OUT, ""),
    "opt out": (Verb.OPT_OUT, ""),
    "opt-out": (Verb.OPT_OUT, ""),
    "still due": (Verb.STILL_DUE, ""),
    "no promise": (Verb.NO_PROMISE, ""),
    "send round": (Verb.SEND_ROUND, ""),
    "stop": (Verb.STOP, ""),
}
_DELAY = re.compile(r"([0-9]{1,3}) ?(d|days?|w|weeks?)")
_LATER = "later "
_LIST_MARK = re.compile(r"^(?:[-*•]|[0-9]{1,2}[.)])\s+")
_LIKE_AN_ISSUE = re.compile(r"[^\s#]*#[0-9]+|https?://\S+|[A-Za-z][A-Za-z0-9_]+-[0-9]+")
_WITH_WORDS = {
    "words:": Verb.WORDS,
    "workaround:": Verb.WORKAROUND,
    "not needed:": Verb.NOT_NEEDED,
    "give to ": Verb.GIVE_TO,
    "promised by ": Verb.PROMISED_BY,
}
_GUESSED = (
    *_FIXED,
    "words: TEXT",
    "workaround: TEXT",
    "not needed: WHY",
    "give to NAME",
    "promised by DATE",
    "later 2w",
)
# What is written there is long enough to hide the form.
_WITH_A_DATE = "promised by 2026-06-12"
_DAYS = {"d": 1, "w": 7}


def read_bug_lines(text: str, rules: ReferenceRules) -> tuple[BugLine, ...]:
    """Give the lines of a note, in order; of a note with very many the first ones."""
    first = islice(_lines(text), MOST_LINES)
    return tuple(replace(_read(number, rest, rules), typed=rest) for number, rest in first)


def without_bug_lines(text: str) -> str:
    """Give a note without its lines, so that what they name isn't read twice."""
    return "\n".join(line for line in text.splitlines() if _rest(line) is None)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    number = 0
    for line in prose_lines(text):
        rest = _rest(line)
        if rest is not None:
            number += 1
            yield number, rest


def _rest(line: str) -> str | None:
    """Give what follows `bug:`, also where the whole line was copied with its backticks."""
    stripped = _LIST_MARK.sub("", line[:LONGEST_LINE].strip(), count=1).strip("`").strip()
    match = PREFIX.match(stripped)
    return stripped[match.end() :].strip() if match else None


def _read(number: int, rest: str, rules: ReferenceRules) -> BugLine:
    first, _, more = rest.partition(" ")
    issue = _issue(first, rules)
    if not issue:
        return _with_verb(number, "", rest)
    return _with_verb(number, issue, more.strip()) if more.strip() else BugLine(number, Verb.LINK, issue)


def _issue(word: str, rules: ReferenceRules) -> str:
    try:
        return parse_issue_reference(word.rstrip(".,;:!"), rules)
    except UsageError:
        return ""


def _with_verb(number: int, issue: str, words: str) -> BugLine:
    typed = " ".join(words.split())
    lowered = typed.lower().rstrip(".!,; ")
    if lowered in _FIXED:
        verb, answer = _FIXED[lowered]
        return BugLine(number, verb, issue, answer=answer)
    if lowered.startswith(_LATER) and (delay := read_delay(lowered.removeprefix(_LATER))):
        return BugLine(number, Verb.LATER, issue, delay=delay)
    for beginning, verb in _WITH_WORDS.items():
        said = typed[len(beginning) :].strip() if lowered.startswith(beginning) else ""
        if said:
            return BugLine(number, verb, issue, text=said)
    if not issue and _LIKE_AN_ISSUE.fullmatch(typed.partition(" ")[0].rstrip(".,;:!")):
        return BugLine(number, Verb.UNKNOWN_ISSUE)
    return BugLine(number, Verb.UNKNOWN, issue, suggestion=_suggestion(lowered))


def read_delay(typed: str) -> timedelta:
    """Read `2w`, `3 days` and the like; nothing for anything else, and beyond LONGEST_DELAY."""
    match = _DELAY.fullmatch(typed.strip().lower())
    delay = timedelta(days=int(match[1]) * _DAYS[match[2][0]]) if match else timedelta(0)
    return delay if delay <= LONGEST_DELAY else timedelta(0)


def _suggestion(lowered: str) -> str:
    """Give the form that is nearest to what was written, "" where none is near."""
    by_lowered = {form.lower(): form for form in _GUESSED} | {_WITH_A_DATE: FORMS[Verb.PROMISED_BY]}
    unfinished = {form for typed, form in by_lowered.items() if lowered and typed.startswith(f"{lowered} ")}
    if len(unfinished) == 1:
        return unfinished.pop()
    close = difflib.get_close_matches(lowered[:60], by_lowered, n=1)
    first = lowered.partition(" ")[0]
    begun = [form for form in by_lowered if first and form.partition(" ")[0].rstrip(":") == first]
    return by_lowered[(close or begun)[0]] if close or begun else ""
