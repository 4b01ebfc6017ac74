"""A reply without what its author didn't say in their own words; every place stays.

Left out are quotes, code, signatures, addresses, tags, names behind an @, references behind a #, and what stands in
quotation marks. Where a word of the sentence goes with it, `OBJECT` stands for it, and `BREAK` for what ends a line
in HTML, so that what stood before and behind isn't read as one. Everything is linear.
"""

import re
from collections.abc import Sequence

from bugbridge.core.prose import blanked, without_code, without_quotes

# Unicode's own characters for a thing that stands in a text, and for the end of a paragraph.
OBJECT = "\ufffc"
BREAK = "\u2029"

INLINE_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|s|small|font|sub|sup|mark|del|ins|img|code)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|h[1-6]|table|tbody|tr|td|th|blockquote|pre)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
NO_END = r"(?<![.,;:!?'*)\]])"
ADDRESS = re.compile(
    r"(?<=\])\((?:<[^<>\s]+>\)?|[^()<>\s]+\))"  # behind the words of a link
    rf"|\b[a-z][a-z0-9+.-]{{1,15}}://[^\s<>\"]*{NO_END}"
    rf"|\bwww\.[^\s<>\"]+{NO_END}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
    r"|<[^<>\s][^<>]{0,300}>",
    re.IGNORECASE,
)
MENTION = re.compile(
    rf"(?<![\w./@#-])(?:[\w.-]{{1,40}}/[\w.-]{{1,100}}#[0-9]+|[@#]\w[\w./-]*{NO_END})(?:['\u2019]s\b)?"
)
QUOTATION = re.compile(r"[“„][^“”„\n]{1,300}[”“]|«[^«»\n]{1,300}»|»[^«»\n]{1,300}«|(?<![\w\"])\"[^\"\n]{1,300}\"(?!\w)")
LEFT_OUT = (
    (BLOCK_TAG, BREAK),
    (INLINE_TAG, " "),
    (ADDRESS, OBJECT),
    (MENTION, OBJECT),
    (QUOTATION, OBJECT),
)

SIGNATURE = re.compile(r"^-- ?\r?$", re.MULTILINE)
DEVICE_LINE = re.compile(
    r"^[ \t]*"
    r"(?:Sent from (?:my|Mail|Outlook|Yahoo)|Get Outlook for|Gesendet (?:von|mit|aus) |Von meinem .{1,40}gesendet)"
    r".{0,80}$",
    re.MULTILINE | re.IGNORECASE,
)
ENGLISH_CLOSING = (
    r"(?:with )?(?:(?:my|our|all|best|kind|kindest|warm|warmest|many) ){0,3}(?:regards|wishes|thanks|greetings)"
    r"|(?:all the )?best|cheers|(?:yours )?(?:sincerely|truly|faithfully)(?: yours)?|thank you|thanks again|take care"
)
GERMAN_CLOSING = (
    r"(?:mit )?(?:(?:viele|besten?|freundlichen?|freundlichem|lieben?|herzlichen?|schönen?|vielen) ){0,3}"
    r"(?:grüßen?|grüssen?|gruessen?|gruß|gruss|dank)(?: aus \w{1,30})?|danke|mfg|lg|vg"
)
CLOSING = re.compile(
    rf"(?:{ENGLISH_CLOSING}|{GERMAN_CLOSING})(?: (?:and|und|&) (?:{ENGLISH_CLOSING}|{GERMAN_CLOSING}))?\s?[,.!]?",
    re.IGNORECASE,
)
SHORT = 60
MOST_LINES_BEHIND = 8
LETTERS = re.compile(r"[^\W\d_]+")
SMALL_IN_NAMES = frozenset(
    [
        "of",
        "at",
        "the",
        "for",
        "and",
        "from",
        "in",
        "on",
        "de",
        "von",
        "der",
        "die",
        "das",
        "für",
        "bei",
        "im",
        "am",
        "und",
        "vom",
        "zum",
        "zur",
    ]
)


def own_prose(text: str) -> str:
    """Give a reply with what its author didn't say in their own words filled with spaces, `OBJECT` or `BREAK`."""
    prose = without_code(without_quotes(text))
    signature = SIGNATURE.search(prose)
    if signature:
        prose = blanked(prose, [(signature.start(), len(prose))])
    prose = blanked(prose, (match.span() for match in DEVICE_LINE.finditer(prose)))
    for pattern, filler in LEFT_OUT:
        prose = blanked(prose, (match.span() for match in pattern.finditer(prose)), filler)
    return _without_sign_off(prose)


def _without_sign_off(prose: str) -> str:
    """Leave out "Best regards," with the name and the place of work under it, where they end the message."""
    lines = prose.splitlines(keepends=True)
    start = sum(map(len, lines[: _sign_off(lines)]))
    return blanked(prose, [(start, len(prose))])


def _sign_off(lines: Sequence[str]) -> int:
    """Give the index of the line that a sign-off begins with, how many lines there are where there is none."""
    behind = 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].replace(OBJECT, " ").strip()
        if len(line) > SHORT or behind > MOST_LINES_BEHIND:
            break
        if behind and CLOSING.fullmatch(line):
            return index
        if line and not _may_name_somebody(line):
            break
        behind += 1 if line or OBJECT in lines[index] else 0
    return len(lines)


def _may_name_somebody(line: str) -> bool:
    """Tell a name or a post from a sentence: its words begin with capitals, unless there is but one."""
    words = LETTERS.findall(line)
    return len(words) == 1 or all(word[0].isupper() or word in SMALL_IN_NAMES for word in words)
