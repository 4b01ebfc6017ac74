"""Places in lists: whatever a page says of its last row is read again, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import UsageError
from bugbridge.core.places import LARGEST, place_text, read_place

PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")))


@given(PRINTABLE, st.integers(0, LARGEST))
def test_a_place_is_read_as_it_was_written(text: str, number: int) -> None:
    """An instant, a rule's name, an id."""
    assert read_place(place_text(text, number), ("", 0)) == (text, number)


@given(st.text())
def test_anything_else_is_said_to_be_no_place(text: str) -> None:
    """Never another error, whatever somebody writes into an address."""
    try:
        found = read_place(text, ("", 0))
    except UsageError:
        return
    assert [type(one) for one in found] == [str, int]


@pytest.mark.parametrize("text", ["[true,1]", '["a",1e3]', '["\\u0000",1]', '["a",9223372036854775808]', '["a"]'])
def test_a_place_has_the_kinds_of_its_list(text: str) -> None:
    """What the database couldn't take is refused before."""
    with pytest.raises(UsageError, match="begin it anew"):
        read_place(text, ("", 0))
