"""What an address asks of a list, and the filters that stand above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from bugbridge.core.access import BRAND_SEPARATOR, Visitor
from bugbridge.core.errors import UsageError
from bugbridge.core.places import Place, read_place
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import MALFORMED

if TYPE_CHECKING:
    from bugbridge.app import App

Show = TypeVar("Show", bound=StrEnum)
MORE_BEHIND = "None in this part of the list; the next page goes on."


@dataclass(frozen=True, slots=True)
class Choice:
    """A list that can be chosen, where it is, and whether it is the one that is shown."""

    text: str
    path: str
    chosen: bool


def place_asked(after: str, begin: Place) -> Place:
    """Read where a page begins. Raises Refused for what none of our pages says."""
    try:
        return read_place(after, begin)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None


def choices(path: str, shown: Show, words: Mapping[Show, str], kept: Mapping[str, str]) -> Sequence[Choice]:
    """Give a page's lists, each by its words, with the filters that are kept from one to the other."""
    filters = {key: value for key, value in kept.items() if value}
    return [
        Choice(text, f"{path}?{urlencode({'show': show, **filters})}", show == shown) for show, text in words.items()
    ]


def helpdesks_in_sight(app: "App", visitor: Visitor) -> Sequence[str]:
    """Name the helpdesks on which somebody may see a ticket."""
    return [one.name for one in app.store.sources() if one.role == "helpdesk" and is_in_sight(visitor, one.name)]


def is_in_sight(visitor: Visitor, helpdesk: str) -> bool:
    """Whether somebody may see any ticket of a helpdesk."""
    if visitor.ticket and visitor.ticket.partition(":")[0] != helpdesk:
        return False
    return visitor.brands is None or any(one.partition(BRAND_SEPARATOR)[0] == helpdesk for one in visitor.brands)
