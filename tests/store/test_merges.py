"""Merged bugs: one survivor, at every moment, whatever came in which order."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bugbridge.core.errors import DataError
from bugbridge.core.records import HappenedBy, KnownUpTo
from tests.store.scene import LATER, Scene, day

BUGS = 5
MERGES = st.lists(st.tuples(st.integers(1, BUGS), st.integers(1, BUGS), st.integers(0, 9)), max_size=8)


def merged(merges: list[tuple[int, int, int]]) -> tuple[Scene, list[tuple[int, list[int]]]]:
    """Append merges, leaving out the refused; give the canonical bugs after each one with its number."""
    scene = Scene()
    bugs = [scene.bug(number) for number in range(1, BUGS + 1)]
    states = []
    for bug_id, survivor, at in merges:
        try:
            scene.keep(scene.merge(bug_id, survivor, day(at)))
        except DataError:
            continue
        states.append((scene.store.head(), [scene.store.canonical_bug(bug) for bug in bugs]))
    return scene, states


def test_all_that_pointed_to_a_merged_bug_follow_it() -> None:
    """A duplicate of a duplicate ends at the survivor."""
    scene, _ = merged([(1, 2, 0), (2, 3, 1)])
    assert [scene.store.canonical_bug(bug) for bug in (1, 2, 3)] == [3, 3, 3]


@pytest.mark.parametrize(
    "merges",
    [[(1, 1, 0)], [(1, 2, 0), (2, 1, 1)], [(1, 2, 0), (2, 3, 1), (3, 1, 2)], [(4, 1, 0), (1, 2, 1), (1, 4, 2)]],
)
def test_a_circle_is_refused_and_changes_nothing(merges: list[tuple[int, int, int]]) -> None:
    """Somebody has to survive: the merge that would close the circle is an error, and isn't kept."""
    scene, states = merged(merges)
    assert len(states) == len(merges) - 1
    head, (bug_id, survivor, at) = scene.store.head(), merges[-1]
    with pytest.raises(DataError, match=f"Bug {bug_id} can't be merged into bug {survivor}"):
        scene.keep(scene.merge(bug_id, survivor, day(at)))
    assert scene.store.head() == head


def test_merging_into_an_unknown_bug_is_refused() -> None:
    """A survivor must exist."""
    scene = Scene()
    with pytest.raises(DataError, match="There is no bug 99"):
        scene.keep(scene.merge(scene.bug(1), 99))


def test_a_later_merge_of_the_same_bug_replaces_the_earlier() -> None:
    """A duplicate can be pointed elsewhere, and what it left behind stands alone again."""
    scene, _ = merged([(1, 2, 0), (1, 3, 1)])
    assert [scene.store.canonical_bug(bug) for bug in (1, 2, 3)] == [3, 2, 3]


@settings(max_examples=40, deadline=None)
@given(MERGES)
def test_the_projection_is_the_fold_of_what_is_known(merges: list[tuple[int, int, int]]) -> None:
    """After every merge the projection equals the as-of read; later merges change no earlier read; a survivor is its
    own survivor."""
    scene, states = merged(merges)
    for head, canonicals in states:
        read = [scene.store.bug_history(bug, KnownUpTo(head)).bug_id for bug in range(1, BUGS + 1)]
        assert read == canonicals
        assert [canonicals[canonical - 1] for canonical in canonicals] == canonicals


@settings(max_examples=40, deadline=None)
@given(MERGES, st.randoms(use_true_random=False))
def test_what_had_happened_does_not_depend_on_when_we_heard(merges: list[tuple[int, int, int]], random: Random) -> None:
    """Merges towards higher ids at distinct times give the same survivors, in whatever order they were recorded."""
    forward = [(min(a, b), max(a, b), at) for at, (a, b, _) in enumerate(merges) if a != b]
    shuffled = list(forward)
    random.shuffle(shuffled)
    first, second = merged(forward)[0].store, merged(shuffled)[0].store
    for at in [*range(len(merges) + 1), None]:
        moment = HappenedBy(LATER if at is None else day(at))
        reads = [[store.bug_history(bug, moment).bug_id for bug in range(1, BUGS + 1)] for store in (first, second)]
        assert reads[0] == reads[1]
    assert first.canonical_bug(1) == second.canonical_bug(1)


@settings(max_examples=40, deadline=None)
@given(MERGES, st.integers(0, 9))
def test_every_bug_has_a_survivor_at_every_moment(merges: list[tuple[int, int, int]], at: int) -> None:
    """Contradicting news that came late never leaves a bug without one survivor for all its members."""
    scene, _ = merged(merges)
    for bug in range(1, BUGS + 1):
        survivor = scene.store.bug_history(bug, HappenedBy(day(at))).bug_id
        assert scene.store.bug_history(survivor, HappenedBy(day(at))).bug_id == survivor
