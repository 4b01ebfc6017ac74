"""Regions of facts, and what of one lies outside others: exact, by splitting boxes, never by trying facts at random.

Every fact's domain is cut into finitely many cells, numbered from 0; a set of cells is an integer with a bit for each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """The fact lies in one of these cells. A fact that is a set (`of_set`) holds one of these elements, or `none`."""

    fact: str
    cells: int
    of_set: bool = False
    none: bool = False


# All of its limits hold; without any, it is everything.
Region = tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """The facts that lie in `allowed` cells, and whose sets hold something of each of `needed` and nothing `barred`.

    Of a pair in `ordered` the first is never in a later cell than the second. No box is empty: every fact has an
    allowed cell, no pair is out of order everywhere, and every need has something that isn't barred.
    """

    allowed: Mapping[str, int]
    barred: Mapping[str, int]
    needed: frozenset[tuple[str, int]] = frozenset()
    ordered: tuple[str, str] | None = None

    def inside(self, limit: Limit) -> "Box | None":
        """Give the part of the box within a limit, None where there is none."""
        if limit.of_set:
            return self._without(limit) if limit.none else self._with(limit)
        return self._in_cells(limit.fact, self.allowed[limit.fact] & limit.cells)

    def outside(self, limit: Limit) -> "Box | None":
        """Give the part of the box outside a limit, None where there is none."""
        if limit.of_set:
            return self._with(limit) if limit.none else self._without(limit)
        return self._in_cells(limit.fact, self.allowed[limit.fact] & ~limit.cells)

    def _in_cells(self, fact: str, cells: int) -> "Box | None":
        allowed = {**self.allowed, fact: cells}
        if not cells or (self.ordered and fact in self.ordered and _out_of_order(allowed, *self.ordered)):
            return None
        return Box(allowed, self.barred, self.needed, self.ordered)

    def _with(self, limit: Limit) -> "Box | None":
        if not self._can_hold(limit):
            return None
        return Box(self.allowed, self.barred, self.needed | {(limit.fact, limit.cells)}, self.ordered)

    def _without(self, limit: Limit) -> "Box | None":
        if self._must_hold(limit):
            return None
        barred = {**self.barred, limit.fact: self.barred[limit.fact] | limit.cells}
        return Box(self.allowed, barred, self.needed, self.ordered)

    def _can_hold(self, limit: Limit) -> bool:
        return bool(limit.cells & ~self.barred[limit.fact])

    def _must_hold(self, limit: Limit) -> bool:
        others = ~(self.barred[limit.fact] | limit.cells)
        return any(fact == limit.fact and not cells & others for fact, cells in self.needed)

    def open_limits(self, region: Region) -> Region | None:
        """Give the limits of a region that only part of the box keeps; None where no part keeps one of them."""
        found = []
        for limit in region:
            some, every = self._kept(limit)
            if not some:
                return None
            if not every:
                found.append(limit)
        return tuple(found)

    def _kept(self, limit: Limit) -> tuple[bool, bool]:
        """Say whether some of the box keeps a limit, and whether all of it does."""
        if not limit.of_set:
            allowed = self.allowed[limit.fact]
            return bool(allowed & limit.cells), not allowed & ~limit.cells
        if limit.none:
            return not self._must_hold(limit), not self._can_hold(limit)
        return self._can_hold(limit), self._must_hold(limit)


def lowest(cells: int) -> int:
    """Give the first of some cells."""
    return cells & -cells


def _out_of_order(allowed: Mapping[str, int], first: str, second: str) -> bool:
    return lowest(allowed[first]).bit_length() > allowed[second].bit_length()


def within(box: Box, region: Region) -> Box | None:
    """Give the part of a box within all limits of a region, None where there is none."""
    part: Box | None = box
    for limit in region:
        part = part.inside(limit) if part else None
    return part


def uncovered(box: Box, regions: Sequence[Region], used: set[int] | None = None) -> Iterator[Box]:
    """Give boxes that together are what of a box lies in none of the regions; none where the regions cover it.

    The indices of the regions that were looked at are added to `used`: where nothing is given, those alone cover the
    box. The region with the fewest open limits is taken out first, since it splits the least.
    """
    stack = [(box, list(enumerate(regions)))]
    while stack:
        box, candidates = stack.pop()
        touching = _touching(box, candidates)
        if not touching:
            yield box
            continue
        index, region = min(touching, key=lambda each: len(each[1]))
        if used is not None:
            used.add(index)
        others = [each for each in touching if each[0] != index]
        stack.extend((piece, others) for piece in reversed(_without(box, region)))


def _touching(box: Box, candidates: Sequence[tuple[int, Region]]) -> list[tuple[int, Region]]:
    touching = []
    for index, region in candidates:
        limits = box.open_limits(region)
        if limits == ():
            return [(index, limits)]
        if limits is not None:
            touching.append((index, limits))
    return touching


def _without(box: Box, region: Region) -> list[Box]:
    """Take a region out of a box; the pieces don't overlap."""
    pieces = []
    rest: Box | None = box
    for limit in region:
        if rest is None:
            break
        piece = rest.outside(limit)
        pieces += [piece] if piece else []
        rest = rest.inside(limit)
    return pieces
