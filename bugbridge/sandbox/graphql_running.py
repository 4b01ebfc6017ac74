"""Answers a GraphQL query from plain objects: what was selected, in that shape, with errors beside the data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bugbridge.sandbox.graphql_language import Document, Selection, Variable
from bugbridge.sandbox.wire import Json

LARGEST_PAGE = 100
Fields = dict[str, Any]
"""An object of the schema: its `__typename`, and each field as a value or as a function of its arguments."""


class QueryError(Exception):
    """A query that GitHub answers with errors alone, such as one for a field that there is not."""

    def __init__(self, message: str, **further: object) -> None:
        """Keep GitHub's sentence, and what it says beside it."""
        super().__init__(message)
        self.error: Json = {"message": message, **further}


class NotFound(Exception):  # noqa: N818 -- an answer of the server, not a fault of this program
    """What a field should show is not there: the field is null, and `errors` says so."""


@dataclass
class Running:
    """One query under way; `connections` counts the lists that were read, of which GitHub reckons the cost."""

    document: Document
    variables: Json
    errors: list[Json] = field(default_factory=list)
    connections: int = 0

    @property
    def cost(self) -> int:
        """GitHub's points: one for each hundred lists that are read, and one at least."""
        return max(1, round(self.connections / 100))

    def value(self, found: object) -> object:
        """An argument with the variables' values in it."""
        if isinstance(found, Variable):
            return self.variables.get(found.name, self.document.defaults.get(found.name))
        if isinstance(found, list):
            return [self.value(each) for each in found]
        if isinstance(found, dict):
            return {name: self.value(each) for name, each in found.items()}
        return found

    def arguments(self, selection: Selection) -> Json:
        """The arguments of a field; one whose variable was not sent is left out."""
        read = {name: self.value(given) for name, given in selection.arguments.items()}
        return {name: given for name, given in read.items() if given is not None}

    def wanted(self, selection: Selection) -> bool:
        """What `@include` and `@skip` say."""
        included = self.value(selection.directives.get("include", {}).get("if", True))
        return bool(included) and not self.value(selection.directives.get("skip", {}).get("if", False))

    def select(self, found: Fields, selections: Sequence[Selection], path: list[str | int]) -> Json:
        """What was selected of an object."""
        shown: Json = {}
        for selection in selections:
            if not self.wanted(selection):
                continue
            if selection.name:
                answered = self._field(found, selection, [*path, selection.alias])
                before = shown.get(selection.alias)
                if isinstance(before, dict) and isinstance(answered, dict):
                    answered = {**before, **answered}
                shown[selection.alias] = answered
                continue
            fragment = self._fragment(selection)
            if fragment.on in {"", found["__typename"], *found.get("__interfaces", ())}:
                shown |= self.select(found, fragment.inner, path)
        return shown

    def _fragment(self, selection: Selection) -> Selection:
        if selection.spread and selection.spread not in self.document.fragments:
            raise QueryError(f"Fragment {selection.spread} was used, but not defined")
        return self.document.fragments.get(selection.spread, selection)

    def _field(self, found: Fields, selection: Selection, path: list[str | int]) -> object:
        kind = found["__typename"]
        if selection.name not in found or selection.name == "__interfaces":
            message = f"Field '{selection.name}' doesn't exist on type '{kind}'"
            extensions = {"code": "undefinedField", "typeName": kind, "fieldName": selection.name}
            raise QueryError(message, path=path, extensions=extensions)
        value, arguments = found[selection.name], self.arguments(selection)
        try:
            return self._shown(value(self, arguments) if callable(value) else value, selection, path)
        except NotFound as missing:
            place = {"line": 1, "column": 1}
            self.errors.append({"type": "NOT_FOUND", "path": path, "locations": [place], "message": str(missing)})
            return None

    def _shown(self, value: object, selection: Selection, path: list[str | int]) -> object:
        if isinstance(value, list):
            return [self._shown(each, selection, [*path, place]) for place, each in enumerate(value)]
        if isinstance(value, dict):
            if not selection.inner:
                raise QueryError(f"Field must have selections (field '{selection.name}')", path=path)
            return self.select(value, selection.inner, path)
        if selection.inner and value is not None:
            raise QueryError(f"Selections can't be made on scalars (field '{selection.name}')", path=path)
        return value


def connection(name: str, kind: str, items: Sequence[object], show: Callable[[Any], Fields]) -> Callable[..., Fields]:
    """A list as GitHub pages it: `first` or `last` must be given, `after` and `before` are cursors."""

    def page(running: Running, arguments: Json) -> Fields:
        running.connections += 1
        size, backwards = _size(name, arguments)
        begin = _place(arguments["after"]) + 1 if "after" in arguments else 0
        end = _place(arguments["before"]) if "before" in arguments else len(items)
        first = max(begin, end - size) if backwards else begin
        last = end if backwards else min(begin + size, end)
        nodes = [show(item) for item in items[first:last]]
        bounds = (f"cursor:{first}", f"cursor:{last - 1}") if nodes else (None, None)
        about: Fields = {"__typename": "PageInfo", "hasNextPage": last < len(items), "hasPreviousPage": first > 0}
        about |= {"startCursor": bounds[0], "endCursor": bounds[1]}
        return {"__typename": kind, "nodes": nodes, "totalCount": len(items), "pageInfo": about}

    return page


def _size(name: str, arguments: Json) -> tuple[int, bool]:
    if "first" not in arguments and "last" not in arguments:
        sentence = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise QueryError(sentence, type="MISSING_PAGINATION_BOUNDARIES")
    backwards = "first" not in arguments
    size = int(arguments["last" if backwards else "first"])
    if not 1 <= size <= LARGEST_PAGE:
        sentence = f"Requesting {size} records on the `{name}` connection exceeds the limit of {LARGEST_PAGE} records."
        raise QueryError(sentence, type="EXCESSIVE_PAGINATION")
    return size, backwards


def _place(cursor: object) -> int:
    number = str(cursor).removeprefix("cursor:")
    if not number.isdigit():
        raise QueryError(f"`{cursor}` does not appear to be a valid cursor.", type="INVALID_CURSOR_ARGUMENTS")
    return int(number)


def run(document: Document, variables: Json, root: Fields) -> tuple[Json, int]:
    """The whole answer, with `data` and, where something was not found, `errors`; and its cost in points."""
    running = Running(document, variables)
    try:
        data = running.select(root, document.selections, [])
    except QueryError as refused:
        return {"errors": [refused.error]}, 1
    return {"data": data, **({"errors": running.errors} if running.errors else {})}, running.cost
