"""Plain text out of the HTML that people write in helpdesks.

Strangers choose that HTML, and reading must take time in proportion to its length. Python's own html.parser needs
quadratic time for unclosed tags and comments (CVE-2025-6069, in all Pythons of 2024) and html.unescape raises
ValueError for a number of 4,301 digits, so neither is given the text as it came.
"""

import html as entities
import re

KEPT_TAGS = frozenset({"pre", "code", "blockquote"})  # who looks for references must see what is code or quoted
RAW_TAGS = frozenset({"script", "style"})  # no tag but their own end counts inside
# What browsers set apart from what is before and behind it, and what they only begin on another line.
HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LIST_TAGS = frozenset({"dd", "dl", "dt", "li", "ol", "ul"})
TABLE_TAGS = frozenset({"table", "td", "th", "tr"})
PARAGRAPH_TAGS = HEADING_TAGS | LIST_TAGS | TABLE_TAGS | {"blockquote", "figure", "hr", "p", "pre"}
LINE_TAGS = frozenset(
    ["address", "article", "aside", "details", "div", "footer", "header", "main", "nav", "section", "summary"]
)
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
# The tokens of https://html.spec.whatwg.org/multipage/parsing.html#tokenization, possessive: no step is tried twice.
TAG_NAME = re.compile(r"</?(?P<name>[A-Za-z][^\s/>]*+)")
ATTRIBUTE = re.compile(
    r"""[\s/]*+(?P<name>[^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>"'][^\s>]*+)))?+"""
)
TAG_END = re.compile(r"[\s/]*+>")
COMMENT_END = re.compile(r"--!?>")
ENTITY = re.compile(r"&(?:#[0-9]{1,7}(?![0-9])|#[xX][0-9a-fA-F]{1,6}(?![0-9a-fA-F])|[A-Za-z][A-Za-z0-9]{1,31});?")


def text_of_html(html: str) -> str:
    """Give the text of HTML line by line, and the addresses of its links; tags of code and quotations stay.

    An empty line stands between paragraphs, items and cells, so that no sentence goes on from one into the next.
    Whatever is broken is read as browsers read it: what an unclosed tag, comment or script swallows isn't shown.
    """
    reader = _Reader(html)
    reader.read()
    return "\n".join(reader.lines).rstrip("\n")


class _Reader:
    """Walks through HTML once and collects the lines as they are read, an empty one between what stands apart."""

    def __init__(self, html: str) -> None:
        self.lines: list[str] = []
        self._parts: list[str] = []
        self._html = html
        self._place = 0
        self._in_head = False

    def read(self) -> None:
        """Read to the end."""
        while self._place < len(self._html):
            opened = self._html.find("<", self._place)
            self._show(self._html[self._place : opened if opened >= 0 else len(self._html)])
            self._place = opened if opened >= 0 else len(self._html)
            if opened >= 0:
                self._read_markup()
        self._end_line()

    def _read_markup(self) -> None:
        """Read what begins with the `<` at this place."""
        tag = TAG_NAME.match(self._html, self._place)
        if tag:
            self._read_tag(tag)
        elif self._html.startswith("<!--", self._place):
            end = COMMENT_END.search(self._html, self._place + len("<!"))
            self._place = end.end() if end else len(self._html)
        elif self._html.startswith(("<!", "<?", "</"), self._place):
            self._place = self._after(self._html.find(">", self._place))
        else:
            self._show("<")
            self._place += 1

    def _read_tag(self, tag: re.Match[str]) -> None:
        """Read a tag with its attributes; one that never ends is not shown."""
        name, closing, target = tag["name"].lower(), tag[0].startswith("</"), ""
        place = tag.end()
        while attribute := ATTRIBUTE.match(self._html, place):
            place = attribute.end()
            if name == "a" and not closing and attribute["name"].lower() == "href":
                target = target or _plain(attribute["double"] or attribute["single"] or attribute["bare"] or "")
        end = TAG_END.match(self._html, place)
        self._place = end.end() if end else len(self._html)
        if end:
            self._show_tag(name, closing=closing, target=target)

    def _show_tag(self, name: str, *, closing: bool, target: str) -> None:
        """Show what a tag stands for, and go past what it hides."""
        if name in {"head", "body"}:
            self._in_head = name == "head" and not closing
        if name in RAW_TAGS and not closing:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._html, self._place)
            self._place = end.start() if end else len(self._html)
        if name in KEPT_TAGS:
            self._show_kept(name, closing=closing)
        else:
            self._break(name)
        if target:
            self._parts.append(f" {target} ")

    def _show_kept(self, name: str, *, closing: bool) -> None:
        """Show a tag itself, on the line that it begins, or by itself behind what it ends."""
        if closing and name in PARAGRAPH_TAGS:
            self._end_line()
            self._parts.append(f"</{name}>")
            self._break(name)
        else:
            self._break(name)
            self._parts.append(f"</{name}>" if closing else f"<{name}>")

    def _break(self, name: str) -> None:
        """End the line where a tag ends one. A break on an empty line leaves it empty, and so does a lone space."""
        if name in PARAGRAPH_TAGS:
            self._end_line()
            self._leave_empty_line()
        elif name == "br" or name in LINE_TAGS:
            is_shown = name == "br" or any(NO_BREAK_SPACE in part for part in self._parts)
            if not self._end_line() and is_shown:
                self._leave_empty_line()

    def _end_line(self) -> bool:
        """Keep what was read since the last break, which the source may have on several lines; False for nothing."""
        read = (" ".join(line.split()) for line in "".join(self._parts).splitlines())
        lines = [line for line in read if line]
        self.lines += lines
        self._parts = []
        return bool(lines)

    def _leave_empty_line(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def _show(self, data: str) -> None:
        if not self._in_head:
            self._parts.append(_plain(data))

    def _after(self, found: int) -> int:
        """Give the place after what `str.find` found, which may be nothing."""
        return found + 1 if found >= 0 else len(self._html)


def _plain(data: str) -> str:
    """Put signs in the place of entities; a number too long for any sign stays as it is written."""
    return ENTITY.sub(lambda entity: entities.unescape(entity[0]), data)
