"""Replies as JSON Lines, checked one by one: however many there are, one of them is in memory."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from bugbridge.core.errors import UsageError
from bugbridge.entry.reply_requests import KEYS, ReplyToCheck, read_request

LONGEST_LINE = 1_000_000  # bytes; no reply is as long, and the rest of a longer line is passed over
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One line that isn't empty: the reply, or what is wrong with it."""

    number: int
    reply: ReplyToCheck | None = None
    problem: str = ""


@dataclass(slots=True)
class ReplyLines:
    """The replies of a stream; `unread` are the keys so far that say nothing to us, with the first line of each."""

    stream: BinaryIO
    unread: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[ReplyLine]:
        """Give line by line; one that can't be read doesn't keep the next from being read."""
        for number, data in enumerate(iter(self._next_line, b""), start=1):
            if data.strip():
                yield self._line(number, data)

    def _next_line(self) -> bytes:
        """Give the next line, of a longer one no more than tells that it is too long."""
        data = rest = self.stream.readline(LONGEST_LINE + 1)
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = self.stream.readline(LONGEST_LINE + 1)
        return data

    def _line(self, number: int, data: bytes) -> ReplyLine:
        if len(data) > LONGEST_LINE:
            return ReplyLine(number, problem=f"is longer than {LONGEST_LINE:,} bytes: is it a reply?")
        try:
            text = data.decode("utf-8-sig" if number == 1 else "utf-8")
            return ReplyLine(number, read_request(self._content(number, text), ReplyToCheck))
        except UnicodeDecodeError:
            return ReplyLine(number, problem="isn't UTF-8: save it as UTF-8.")
        except UsageError as error:
            return ReplyLine(number, problem=str(error))

    def _content(self, number: int, text: str) -> Mapping[str, Any]:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise UsageError("isn't JSON; each line is one JSON object.") from None
        if not isinstance(content, dict):
            raise UsageError('isn\'t a JSON object, such as {"text": "We have no timeline."}.')
        for key in sorted(content.keys() - KEYS):
            if len(self.unread) < MOST_NAMED:
                self.unread.setdefault(key, number)
        return content


def is_json_lines(text: str) -> bool:
    """Whether a text is no reply but JSON Lines of them, by the first line that isn't empty, or is JSON as a whole."""
    stripped = text.strip()
    return stripped.startswith("{") and any(map(_has_a_text, (stripped.partition("\n")[0], stripped)))


def _has_a_text(text: str) -> bool:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "text" in content
