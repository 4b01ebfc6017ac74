"""Single values of a policy's text changed in place."""

import tomllib
from pathlib import Path

import pytest

from bugbridge.core.errors import UsageError
from bugbridge.core.policy_checks import Path as Place
from bugbridge.core.policy_values import with_values

SHIPPED = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")


def test_only_the_value_changes() -> None:
    """Comments stay, in their column where there is room."""
    changed = with_values(
        SHIPPED,
        {
            ("grid", "frequent, workaround"): '"every 3-8 weeks"',
            ("limits", "per_contact_days"): "14",
            ("rule", 1, "within_business_days"): "2",
        },
    )
    differing = [new for old, new in zip(SHIPPED.split("\n"), changed.split("\n"), strict=True) if old != new]
    assert differing == [
        '"frequent, workaround"    = "every 3-8 weeks"',
        "per_contact_days = 14                   # a customer sees one unasked message in this many days; 0: no limit",
        "within_business_days = 2",
    ]


@pytest.mark.parametrize(
    ("text", "place", "value", "changed"),
    [
        ("[grid]\nfrequent = 'a # b'# c\n", ("grid", "frequent"), '"news"', '[grid]\nfrequent = "news" # c\n'),
        ("grid.frequent = 1\n", ("grid", "frequent"), "2", "grid.frequent = 2\n"),
        ("[limits] # own\n", ("limits", "a, b"), "3", '[limits] # own\n"a, b" = 3\n'),
        ("name = 'x'\n", ("limits", "a"), "3", "name = 'x'\n\n[limits]\na = 3\n"),
        ('[a]\nb = """\nc = 1\n"""\nc = 1\n', ("a", "c"), "2", '[a]\nb = """\nc = 1\n"""\nc = 2\n'),
    ],
)
def test_a_value_is_found_where_it_stands_or_added_to_its_table(
    text: str, place: Place, value: str, changed: str
) -> None:
    """Whatever is quoted, dotted, left out or within a long text."""
    assert with_values(text, {place: value}) == changed
    assert tomllib.loads(changed)


@pytest.mark.parametrize(
    "text",
    ["grid = { frequent = 1 }\n", "[grid]\nfrequent = [\n1]\n", '[grid]\nfrequent = """\n1"""\n', "grid = 3\n"],
)
def test_what_cannot_be_changed_by_itself_is_left_to_a_person(text: str) -> None:
    """A value on several lines, in a table on one line, or in what is no table."""
    with pytest.raises(UsageError, match=r"frequent of \[grid\] can't be changed by itself as it is written"):
        with_values(text, {("grid", "frequent"): "2"})
