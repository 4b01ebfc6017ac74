"""HTML's names for characters, such as "&#39;" and "&nbsp;", read as the characters that they mean.

What is found in the readable text can be told by its place in the text as it came. Everything is linear.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from html.entities import html5

# Bounded, since html.unescape raises ValueError for a number of 4,301 digits.
NAMED = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class Readable:
    """A text as people read it, and the `original` that it was made of.

    `ends` are the places behind the characters that had names, `longer` how much longer the original is up to there.
    """

    text: str
    original: str
    ends: Sequence[int] = ()
    longer: Sequence[int] = ()

    def place(self, index: int) -> int:
        """Give the place in the original of a place in the text; names belong to it whole."""
        before = bisect_right(self.ends, index)
        return index + (self.longer[before - 1] if before else 0)


def readable(text: str) -> Readable:
    """Read the names of characters in a text; what only looks like one stays."""
    parts: list[str] = []
    ends: list[int] = []
    longer: list[int] = []
    position = length = 0
    for name in NAMED.finditer(text):
        said = _meant(name[0])
        parts += [text[position : name.start()], said]
        length += name.start() - position + len(said)
        position = name.end()
        ends.append(length)
        longer.append(position - length)
    return Readable("".join([*parts, text[position:]]), text, ends, longer)


def _meant(name: str) -> str:
    """Read one name; html.unescape alone takes the beginning of an unknown one for another's."""
    return html.unescape(name) if name[1] == "#" or name[1:] in html5 else name
