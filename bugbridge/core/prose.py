"""What of a message its author wrote in words: quotes and code are blanked out with spaces, so that places stay.

The text is hostile: everything here runs in linear time, and nothing raises on any message.
"""

import re
from collections.abc import Collection, Iterable, Sequence

CODE_OR_QUOTE_TAG = re.compile(r"<(/?)(pre|code|blockquote)\b[^<>]*>", re.IGNORECASE)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
BACKTICKS = re.compile(r"`+")
BLANK_LINE = re.compile(r"(\n[ \t\r]*\n)")
ORIGINAL_MESSAGE = re.compile(
    r"\s*-{2,}\s?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht)\s?-{2,}", re.IGNORECASE
)
# How mail programs introduce what is quoted: how its line begins, and how it ends.
ATTRIBUTIONS = (("On ", "wrote:"), ("Am ", ":"))
ATTRIBUTION_LINES = 3
# How Outlook does, in this order; some lines may be left out, and their names may be in bold.
HEADERS = (("From", "Sent", "To", "Cc", "Subject"), ("Von", "Gesendet", "An", "Cc", "Betreff"))
HEADER = re.compile(r"[ \t]*\*{0,2}([A-Z][a-z]{1,7}):\*{0,2}(?=\s|$)")
FEWEST_HEADERS = 3
NOT_A_LINE_END = re.compile(r"[^\r\n]")


def without_quotes(text: str) -> str:
    """A message without what its author only quotes: `>` lines, HTML quotes, all that follows a mail's attribution."""
    lines = _without_tags(text, {"blockquote"}).splitlines(keepends=True)
    kept: list[str] = []
    index = 0
    while index < len(lines) and not _begins_original(lines, index):
        attribution = _attribution_length(lines, index)
        kept += map(_blank, lines[index : index + attribution])
        index += attribution
        if attribution and not _quote_follows(lines, index):
            break
        if not attribution:
            kept.append(_blank(lines[index]) if lines[index].lstrip().startswith(">") else lines[index])
            index += 1
    return "".join([*kept, *map(_blank, lines[index:])])


def _begins_original(lines: Sequence[str], index: int) -> bool:
    """Tell whether all from here on is another message: its line says so, or its headers do."""
    return bool(ORIGINAL_MESSAGE.match(lines[index])) or any(_are_headers(lines, index, names) for names in HEADERS)


def _are_headers(lines: Sequence[str], index: int, names: Sequence[str]) -> bool:
    """Tell "From: Ann", "Sent: 3 May", "To: Ben" from lines that only look like one of these; the first has to be."""
    if _header(lines[index]) != names[0]:
        return False
    spaced = lines[index : index + 2 * FEWEST_HEADERS - 1]  # paragraphs have an empty line between them
    found = [_header(line) for line in spaced if line.strip()][:FEWEST_HEADERS]
    places = [names.index(name) for name in found if name in names]
    return len(places) == FEWEST_HEADERS and places == sorted(set(places))


def _header(line: str) -> str:
    header = HEADER.match(line)
    return header[1] if header else ""


def _attribution_length(lines: Sequence[str], index: int) -> int:
    """How many lines "On 3 March 2026, Ann wrote:" takes from here, 0 if it isn't one; mail programs wrap it."""
    first = lines[index].lstrip()
    ending = next((ending for beginning, ending in ATTRIBUTIONS if first.startswith(beginning)), None)
    if ending is None:
        return 0
    for length in range(1, ATTRIBUTION_LINES + 1):
        said = lines[index : index + length]
        last = said[-1].rstrip()
        if last.endswith(ending):
            return length if _is_attribution(" ".join(said), ending) else 0
        if not last:
            return 0
    return 0


def _is_attribution(said: str, ending: str) -> bool:
    """Tell "Am 3. März schrieb Ann:" from another line that ends with a colon."""
    return bool(re.search(r"[0-9]", said)) and (ending != ":" or "schrieb" in said)


def _quote_follows(lines: Sequence[str], index: int) -> bool:
    following = next((lines[place] for place in range(index, len(lines)) if lines[place].strip()), "")
    return following.lstrip().startswith(">")


def without_code(text: str) -> str:
    """A message without code: fenced, indented, in backticks, or in HTML's own elements."""
    prose = "".join(_prose_lines(_without_tags(text, {"pre", "code"}).splitlines(keepends=True)))
    return "".join(_without_spans(paragraph) for paragraph in BLANK_LINE.split(prose))


def prose_lines(text: str) -> list[str]:
    """Give a message's lines with those of code blocks and quotes blanked out; backticks within a line stay."""
    lines = _prose_lines(_without_tags(without_quotes(text), {"pre", "code"}).splitlines(keepends=True))
    return [line.rstrip("\r\n") for line in lines]


def blanked(text: str, spans: Iterable[tuple[int, int]], filler: str = " ") -> str:
    """Give a text with what lies in these spans filled with a character; line ends stay, and so do all places."""
    parts: list[str] = []
    position = 0
    for start, end in sorted(spans):
        if end > position:
            parts += [text[position:start], _blank(text[max(start, position) : end], filler)]
            position = end
    return "".join([*parts, text[position:]])


def _blank(text: str, filler: str = " ") -> str:
    return NOT_A_LINE_END.sub(filler, text)


def _prose_lines(lines: Iterable[str]) -> list[str]:
    """Blank out code blocks as https://spec.commonmark.org/0.31.2/#fenced-code-blocks has them: unclosed ones too."""
    kept: list[str] = []
    fence = ""
    for line in lines:
        marker = FENCE.match(line)
        if fence:
            closes = marker and marker[1].startswith(fence) and not marker[2].strip()
            fence = "" if closes else fence
            kept.append(_blank(line))
        elif marker and not (marker[1][0] == "`" and "`" in marker[2]):
            fence = marker[1]
            kept.append(_blank(line))
        else:
            follows_blank = not kept or not kept[-1].strip()
            kept.append(_blank(line) if follows_blank and line.startswith(("    ", "\t")) else line)
    return kept


def _without_spans(paragraph: str) -> str:
    """Blank out code spans: a run of backticks closes with the next one of the same length, else it is text."""
    runs = list(BACKTICKS.finditer(paragraph))
    spans: list[tuple[int, int]] = []
    index = 0
    closers = _closers([len(run[0]) for run in runs])
    while index < len(runs):
        closer = closers[index]
        if closer is not None:
            spans.append((runs[index].start(), runs[closer].end()))
            index = closer
        index += 1
    return blanked(paragraph, spans)


def _closers(lengths: Sequence[int]) -> list[int | None]:
    """For each run, which is the next of its length: found from the end, so that many unclosed runs stay cheap."""
    latest: dict[int, int] = {}
    closers: list[int | None] = [None] * len(lengths)
    for index in range(len(lengths) - 1, -1, -1):
        closers[index] = latest.get(lengths[index])
        latest[lengths[index]] = index
    return closers


def _without_tags(text: str, names: Collection[str]) -> str:
    """Blank out HTML elements with these names; one that is never closed is text."""
    opened: dict[str, list[int]] = {name: [] for name in names}
    spans: list[tuple[int, int]] = []
    for tag in CODE_OR_QUOTE_TAG.finditer(text):
        places = opened.get(tag[2].lower())
        if places is not None and not tag[1]:
            places.append(tag.start())
        elif places:
            spans.append((places.pop(), tag.end()))
    return blanked(text, spans)
