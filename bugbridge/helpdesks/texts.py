"""Plain text out of the HTML that people write in helpdesks.

Strangers choose that HTML, and reading must take time in proportion to its length. Python's own html.parser needs
quadratic time for unclosed tags and comments (CVE-2025-6069, in all Pythons of 2024) and html.unescape raises
ValueError for a number of 4,301 digits, so neither is given the text as it came.
"""

import html as entities
import re

KEPT_TAGS = frozenset({"pre", "code", "blockquote"})  # who looks for references must see what is code or quoted
RAW_TAGS = frozenset({"script", "style"})  # no tag but their own end counts inside
LINE_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
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

    Whatever is broken is read as browsers read it: what an unclosed tag, comment or script swallows isn't shown.
    """
    reader = _Reader(html)
    reader.read()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _Reader:
    """Walks through HTML once and collects the text as it is read."""

    def __init__(self, html: str) -> None:
        self.parts: list[str] = []
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
        if name in LINE_TAGS:
            self.parts.append("\n")
        if name in KEPT_TAGS:
            self.parts.append(f"</{name}>" if closing else f"<{name}>")
        if target:
            self.parts.append(f" {target} ")

    def _show(self, data: str) -> None:
        if not self._in_head:
            self.parts.append(_plain(data))

    def _after(self, found: int) -> int:
        """Give the place after what `str.find` found, which may be nothing."""
        return found + 1 if found >= 0 else len(self._html)


def _plain(data: str) -> str:
    """Put signs in the place of entities; a number too long for any sign stays as it is written."""
    return ENTITY.sub(lambda entity: entities.unescape(entity[0]), data)
