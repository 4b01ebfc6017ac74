"""Tags and fields that name issues by the team's own patterns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.link_patterns import LinkPattern, with_references
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemotePerson, RemoteTicket
from tests.core.builders import day

CARLA = RemotePerson("301", AuthorKind.CUSTOMER)


def remote_ticket(**more: Any) -> RemoteTicket:
    """A ticket with something on it."""
    return RemoteTicket("4711", day(0), day(1), TicketStatus.OPEN, CARLA, **more)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (LinkPattern("tags", r"bug_(\d+)", r"acme/app#\1"), ("acme/app#12", "acme/app#34")),
        (LinkPattern("tags", r"bug_(\d+)"), ("12", "34")),
        (LinkPattern("TAGS", r"app-12"), ("app-12",)),
        (LinkPattern("tags", r"(?i)APP-(?P<number>\d+)", r"APP-\g<number>"), ("APP-12",)),
        (LinkPattern("Engineering issue"), ("see acme/app#7",)),
        (LinkPattern("engineering ISSUE", r"see (.+)"), ("acme/app#7",)),
        (LinkPattern("tags", r"bug_(\d)", "x"), ()),
        (LinkPattern("Other field"), ()),
    ],
)
def test_what_matches_wholly_is_read_as_the_pattern_says(pattern: LinkPattern, texts: tuple[str, ...]) -> None:
    """A pattern that matches a part of a tag says nothing about it."""
    ticket = remote_ticket(
        tags=("bug_12", "app-12", "bug_34", "bug_12"), fields=(("Engineering issue", "see acme/app#7"),)
    )
    assert with_references(ticket, [pattern]).reference_fields == texts


def test_what_the_helpdesk_found_itself_comes_first_and_nothing_twice() -> None:
    """Patterns add."""
    ticket = remote_ticket(tags=("a/b#1", "a/b#2"), reference_fields=("a/b#1",))
    assert with_references(ticket, [LinkPattern("tags")]).reference_fields == ("a/b#1", "a/b#2")


@given(st.text(max_size=500))
def test_no_tag_breaks_it(tag: str) -> None:
    """They are strangers' words."""
    found = with_references(remote_ticket(tags=(tag,)), [LinkPattern("tags", r"bug_(\d+)", r"a/b#\1")])
    assert len(found.reference_fields) <= 1
