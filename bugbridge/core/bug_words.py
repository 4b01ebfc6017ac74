"""What customers may read of a bug in people's own words: those for the bug itself, and for what helps meanwhile.

All of it is hostile, engineers' comments above all: every pattern runs in linear time, and nothing here raises.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bugbridge.core.references import ReferenceRules, TrackerPattern

LONGEST_WORDS = 100  # characters
LONGEST_WORKAROUND = 1000
LONGEST_SUGGESTION = 2000  # a longer one is cut, and then too long to be accepted as it stands
ANY_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,15}://|\bwww\.\w", re.IGNORECASE)
# Where helpdesks of several vendors keep what they publish for everybody, on the address at which agents work too.
PUBLIC_HELP = re.compile(r"/(?:hc|support/solutions)(?![\w-])", re.IGNORECASE)
QUOTED = re.compile(r"%([0-7][0-9A-Fa-f])")
JOINERS = "\u200c\u200d"  # scripts and emoji need them
STEERING = ("Cc", "Cf", "Cs")
MARKS = r"[ \t]*(?:h[1-6]\.[ \t]*|#{1,6}[ \t]*|[>*_{}]{1,4})?"
SUGGESTION = re.compile(rf"{MARKS}[*_]{{0,3}}workaround[ \t]?[*_]{{0,3}}[ \t]?:[*_]{{0,3}}", re.IGNORECASE)
ESCAPE_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]{0,50}[ -/]{0,10}[@-~]?|\x1b[ -/]{0,10}[0-~]?")


@dataclass(frozen=True, slots=True)
class Words:
    """A workaround's text, its language, and to whom it applies, in words for agents alone; empty for everybody."""

    text: str
    language: str
    applies_to: str = ""


def problem_of_words(text: str, rules: ReferenceRules) -> str:
    """Say in one sentence why words for a bug, or for whom a workaround applies to, can't be kept; "" if they can."""
    if len(text) > LONGEST_WORDS:
        return f"Such words take at most {LONGEST_WORDS} characters: these are {len(text)}."
    if len(text.splitlines()) > 1:
        return "Such words stand within a sentence of a draft: write them on one line."
    if any(ANY_ADDRESS.search(shown) for shown in _readings(text)):
        return "Such words stand within a sentence that customers read: leave the address out."
    return _problem(text, rules)


def problem_of_workaround(text: str, rules: ReferenceRules) -> str:
    """Say in one sentence why a workaround's text can't be kept; "" if it is fine. It may link to public help."""
    if not text.strip():
        return "A workaround needs words: what can the customer do meanwhile?"
    if len(text) > LONGEST_WORKAROUND:
        return f"A workaround takes at most {LONGEST_WORKAROUND} characters: this one has {len(text)}."
    return _problem(text, rules)


def _problem(text: str, rules: ReferenceRules) -> str:
    if any(_steers(character) for character in text):
        return "Customers read these words: leave out characters that can't be seen."
    return next((problem for shown in _readings(text) if (problem := _internal(shown, rules))), "")


def _internal(shown: str, rules: ReferenceRules) -> str:
    for tracker in rules.trackers:
        if _holds_address(shown, tracker.web_url):
            return f"Customers read these words: leave out the address of {tracker.name}, which is internal."
        if _reference_pattern(tracker).search(shown):
            return f"Customers read these words: leave out the issue of {tracker.name}, which is internal."
    for helpdesk in rules.helpdesks:
        if _holds_address(shown, helpdesk.web_url, PUBLIC_HELP):
            return f"Customers read these words: leave out the address of {helpdesk.name}, where only agents can go."
    return ""


def _steers(character: str) -> bool:
    return unicodedata.category(character) in STEERING and character not in f"\n\r\t{JOINERS}"


def _readings(text: str) -> list[str]:
    """Give each way in which people and browsers may read a text, in small letters, itself first."""
    readings = {text: None}
    for change in (_joined, _unquoted, _narrowed):
        readings |= {change(reading): None for reading in readings}
    return [reading.casefold() for reading in readings]


def _joined(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, JOINERS)))


def _unquoted(text: str) -> str:
    """Write letters as a browser reads them in an address's host, where they may stand as %2E."""
    return QUOTED.sub(lambda quoted: chr(int(quoted[1], 16)), text)


def _narrowed(text: str) -> str:
    """Write wide letters, and full stops of other scripts, as a browser reads them in an address."""
    return unicodedata.normalize("NFKC", text).replace("\u3002", ".")


def _holds_address(shown: str, web_url: str, allowed: re.Pattern[str] | None = None) -> bool:
    """Look for an address with or without its scheme; what lies below it is as internal as itself, unless allowed."""
    for found in _address_pattern(web_url).finditer(shown):
        below = shown[found.end() : found.end() + LONGEST_WORKAROUND].split(maxsplit=1)[:1]
        if allowed is None or not below or not allowed.match(below[0]) or ".." in below[0]:
            return True
    return False


@lru_cache(maxsize=64)
def _address_pattern(web_url: str) -> re.Pattern[str]:
    base = re.sub(r"^https?://(?:www\.)?", "", web_url.rstrip("/"), flags=re.IGNORECASE).casefold()
    ends = r"(?![\w-])" if "/" in base else r"(?!\w)"  # a path goes on over a hyphen
    return re.compile(rf"(?<!\w){re.escape(base)}{ends}")


@lru_cache(maxsize=64)
def _reference_pattern(tracker: TrackerPattern) -> re.Pattern[str]:
    """Match more than is read as a reference elsewhere: quoted or within an address it would be seen just as well."""
    return re.compile("|".join(_references(tracker)), re.IGNORECASE)


def _references(tracker: TrackerPattern) -> Iterator[str]:
    mark = "#" if tracker.kind == "github" else "-"
    yield rf"(?<!\w){re.escape(tracker.name.casefold())}:[\w./-]{{1,200}}{mark}[0-9]"
    for project in sorted(tracker.projects):
        yield rf"(?<![a-z0-9_]){re.escape(project.casefold())}{mark}[0-9]"


def suggested_workaround(comment: str) -> str:
    """Give what a tracker's comment suggests as a workaround, cleaned and cut; "" where it doesn't begin so."""
    text = comment.lstrip()
    begun = SUGGESTION.match(text)
    return _cleaned(text[begun.end() :]) if begun else ""


def _cleaned(text: str) -> str:
    """Drop what steers a terminal or hides, and remarks that trackers don't show."""
    first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("<!--")
    shown = ESCAPE_SEQUENCE.sub("", first + "".join(part.partition("-->")[2] for part in others))
    kept = "".join(character for character in shown if not _steers(character)).strip()
    return kept if len(kept) <= LONGEST_SUGGESTION else f"{kept[: LONGEST_SUGGESTION - 1]}…"


def same_words(one: str, other: str) -> bool:
    """Tell whether two texts differ in case, blanks and the full stop at their end at most."""
    return _essence(one) == _essence(other)


def _essence(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(".! ")
