"""The part of GraphQL's language that clients of GitHub use: selections, arguments, aliases, fragments, variables.

Written here because the sandbox is shipped, and nothing else in the project needs a GraphQL library."""

import json
import re
from dataclasses import dataclass, field

from bugbridge.sandbox.wire import Json

IGNORED = re.compile(r"(?:[\s,\ufeff]|#[^\n]*)*")
TOKEN = re.compile(r'[_A-Za-z]\w*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\n]|\\.)*"|\.\.\.|[{}()\[\]:!$@=]')
NAME = re.compile(r"[_A-Za-z]\w*")
WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


class GraphQLSyntaxError(Exception):
    """A document that isn't GraphQL, or uses a part of it that isn't understood here."""


@dataclass(frozen=True)
class Variable:
    """`$name`, to be replaced by the value that was sent with the query."""

    name: str


@dataclass
class Selection:
    """A field with what is wanted of it.

    A fragment has no `name`: either `spread` names it, or it is inline, perhaps only `on` a type."""

    name: str = ""
    alias: str = ""
    arguments: Json = field(default_factory=dict)
    directives: dict[str, Json] = field(default_factory=dict)
    inner: list["Selection"] = field(default_factory=list)
    on: str = ""
    spread: str = ""


@dataclass
class Document:
    """One operation: `query` or `mutation`, what it selects, its variables' defaults, and the named fragments."""

    kind: str = ""
    selections: list[Selection] = field(default_factory=list)
    defaults: Json = field(default_factory=dict)
    fragments: dict[str, Selection] = field(default_factory=dict)


def _tokens(text: str) -> list[str]:
    found, place = [], _skip(text, 0)
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise GraphQLSyntaxError(f"Parse error on {text[place : place + 20]!r}")
        found.append(match[0])
        place = _skip(text, match.end())
    return found


def _skip(text: str, place: int) -> int:
    ignored = IGNORED.match(text, place)
    return ignored.end() if ignored else place


class _Reader:
    """Reads a document from its tokens, one after the other."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0

    def peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            raise GraphQLSyntaxError("Unexpected end of document")
        self._place += 1
        return token

    def took(self, token: str) -> bool:
        """Take this token if it comes next."""
        found = self.peek() == token
        self._place += found
        return found

    def need(self, token: str) -> None:
        if not self.took(token):
            raise GraphQLSyntaxError(f"Expected {token!r}, actual: {self.peek()!r}")

    def name(self) -> str:
        token = self.next()
        if not NAME.fullmatch(token):
            raise GraphQLSyntaxError(f"Expected a name, actual: {token!r}")
        return token

    def value(self) -> object:
        token = self.next()
        if token == "$":  # noqa: S105 -- a token of a language
            return Variable(self.name())
        if token == "[":  # noqa: S105 -- the same
            return self._list()
        if token == "{":  # noqa: S105 -- the same
            return self._pairs("}")
        if token[0] in '"-' or token[0].isdigit():
            return json.loads(token)
        if not NAME.fullmatch(token):
            raise GraphQLSyntaxError(f"Expected a value, actual: {token!r}")
        return WORDS.get(token, token)

    def _list(self) -> list[object]:
        values = []
        while not self.took("]"):
            values.append(self.value())
        return values

    def _pairs(self, end: str) -> Json:
        pairs: Json = {}
        while not self.took(end):
            name = self.name()
            self.need(":")
            pairs[name] = self.value()
        return pairs

    def arguments(self) -> Json:
        return self._pairs(")") if self.took("(") else {}

    def directives(self) -> dict[str, Json]:
        found = {}
        while self.took("@"):
            name = self.name()
            found[name] = self.arguments()
        return found

    def selections(self) -> list[Selection]:
        self.need("{")
        found = []
        while not self.took("}"):
            found.append(self._fragment() if self.took("...") else self._field())
        return found

    def _field(self) -> Selection:
        alias = name = self.name()
        if self.took(":"):
            name = self.name()
        arguments, directives = self.arguments(), self.directives()
        inner = self.selections() if self.peek() == "{" else []
        return Selection(name, alias, arguments, directives, inner)

    def _fragment(self) -> Selection:
        if self.peek() not in {"on", "{", "@"}:
            return Selection(spread=self.name(), directives=self.directives())
        on = self.name() if self.took("on") else ""
        return Selection(on=on, directives=self.directives(), inner=self.selections())

    def _defaults(self) -> Json:
        """The declared variables that have a default; their types are GitHub's business."""
        found: Json = {}
        if not self.took("("):
            return found
        while not self.took(")"):
            self.need("$")
            name = self.name()
            self.need(":")
            while self.peek() in {"[", "]", "!"} or NAME.fullmatch(self.peek()):
                self.next()
            if self.took("="):
                found[name] = self.value()
        return found

    def document(self) -> Document:
        document = Document()
        while self.peek():
            if self.took("fragment"):
                name = self.name()
                self.need("on")
                document.fragments[name] = Selection(on=self.name(), inner=self.selections())
            else:
                self._operation(document)
        return document

    def _operation(self, document: Document) -> None:
        if document.kind:
            raise GraphQLSyntaxError("An operation name is required")
        document.kind = self.name() if self.peek() != "{" else "query"
        if self.peek() not in {"(", "{", "@"}:
            self.name()
        document.defaults = self._defaults()
        self.directives()
        document.selections = self.selections()


def read_document(text: str) -> Document:
    """Read one query or mutation; GraphQLSyntaxError where that can't be."""
    document = _Reader(_tokens(text)).document()
    if not document.kind:
        raise GraphQLSyntaxError("Unexpected end of document")
    return document
