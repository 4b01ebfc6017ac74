"""Folds of events that the projections and the as-of reads share, so that the two can't disagree."""

from collections.abc import Iterable, Mapping

from bugbridge.core.model import LinkEventKind

LINKED, SUGGESTED, UNLINKED = "linked", "suggested", "unlinked"


def canonical(pointers: Mapping[int, int], bug_id: int) -> int:
    """Follow each merged bug's pointer to the bug that survived.

    Merges that came late can close a circle at a moment in the past, though never now; its smallest id stands.
    """
    way = [bug_id]
    while (bug_id := pointers.get(bug_id, 0)) and bug_id not in way:
        way.append(bug_id)
    return min(way[way.index(bug_id) :]) if bug_id else way[-1]


def leads_to(pointers: Mapping[int, int], start: int, goal: int) -> bool:
    """Say whether the goal is met on the way from the start, the start included; the pointers form no circle."""
    while start != goal and start in pointers:
        start = pointers[start]
    return start == goal


def link_state(kinds: Iterable[str]) -> str:
    """Fold the kinds of a link's events, oldest first, into its state; "" where none makes one.

    A suggestion makes a link only where there is none: it neither downgrades a link nor revives a removed one.
    """
    state = ""
    for kind in kinds:
        if kind in (LinkEventKind.LINKED, LinkEventKind.UNLINKED):
            state = kind
        elif kind == LinkEventKind.SUGGESTED:
            state = state or SUGGESTED
    return str(state)
