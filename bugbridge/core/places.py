"""Places in a long list: what a page says of its last row, so that the next page begins right after it."""

import json

from bugbridge.core.errors import UsageError

Place = tuple[str | int, ...]
LARGEST = 2**63 - 1
LATEST_TEXT = "~"  # behind every instant
NOT_A_PLACE = "This list can't go on from there: begin it anew."


def place_text(*place: str | int) -> str:
    """Write a place as it goes into an address."""
    return json.dumps(place, separators=(",", ":"))


def read_place(text: str, begin: Place) -> Place:
    """Read a place, `begin` for "". Raises UsageError for one that isn't of the same kinds as `begin`."""
    if not text:
        return begin
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(NOT_A_PLACE) from None
    if not isinstance(found, list) or [type(one) for one in found] != [type(one) for one in begin]:
        raise UsageError(NOT_A_PLACE)
    if any(isinstance(one, int) and abs(one) > LARGEST for one in found):
        raise UsageError(NOT_A_PLACE)
    if any(isinstance(one, str) and not one.isprintable() for one in found):
        raise UsageError(NOT_A_PLACE)
    return tuple(found)
