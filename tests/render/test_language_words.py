"""Languages are named in words."""

import pytest

from bugbridge.render.languages import language_words


@pytest.mark.parametrize(
    ("tag", "words"),
    [("en", "English"), ("en-US", "English (US)"), ("pt_BR", "Portuguese (BR)"), ("DE", "German"), ("tlh", "tlh")],
)
def test_a_language_is_named_with_its_region_and_an_unknown_one_by_its_tag(tag: str, words: str) -> None:
    """However helpdesks write it."""
    assert language_words(tag) == words
