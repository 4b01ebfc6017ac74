"""Which mentions of an issue make a link."""

import pytest

from bugbridge.core.links import LinkIntent, Mention, decide_link, mention_how
from bugbridge.core.model import AuthorKind, LinkEventKind, LinkHow
from tests.core.builders import day

WEAK = [LinkHow.PUBLIC_REPLY, LinkHow.CUSTOMER, LinkHow.BOT]
LINKED, SUGGESTED = LinkEventKind.LINKED, LinkEventKind.SUGGESTED


@pytest.mark.parametrize("how", [LinkHow.NOTE, LinkHow.FIELD])
def test_an_agents_note_or_a_field_makes_a_link(how: LinkHow) -> None:
    """These are what agents write for each other."""
    decided = decide_link([Mention(day(1), how)], state="", ended_before_ticket=False)
    assert decided == LinkIntent(LINKED, how, day(1))


@pytest.mark.parametrize("how", WEAK)
def test_any_other_mention_only_suggests_one(how: LinkHow) -> None:
    """A public reply, a customer or a bot may name an issue for many reasons."""
    decided = decide_link([Mention(day(1), how)], state="", ended_before_ticket=False)
    assert decided == LinkIntent(SUGGESTED, how, day(1))


def test_a_bug_that_ended_before_the_ticket_began_is_only_suggested() -> None:
    """A note that names an old, released issue rarely means that this customer reports it."""
    decided = decide_link([Mention(day(1), LinkHow.NOTE)], state="", ended_before_ticket=True)
    assert decided == LinkIntent(SUGGESTED, LinkHow.BEFORE_TICKET, day(1))


def test_the_first_note_dates_the_link_whatever_was_mentioned_earlier() -> None:
    """The link is recorded when an agent wrote the note, not when a customer first named the issue."""
    mentions = [Mention(day(5), LinkHow.FIELD), Mention(day(1), LinkHow.CUSTOMER), Mention(day(3), LinkHow.NOTE)]
    decided = decide_link(mentions, state="", ended_before_ticket=False)
    assert decided == LinkIntent(LINKED, LinkHow.NOTE, day(3))


def test_a_note_lifts_a_suggestion_to_a_link() -> None:
    """Once an agent says it internally, it counts."""
    mentions = [Mention(day(1), LinkHow.CUSTOMER), Mention(day(2), LinkHow.NOTE)]
    assert decide_link(mentions, state="suggested", ended_before_ticket=False) == LinkIntent(
        LINKED, LinkHow.NOTE, day(2)
    )


@pytest.mark.parametrize("ended", [True, False])
def test_a_suggestion_is_not_made_twice(ended: bool) -> None:  # noqa: FBT001 (a test's parameter)
    """What is suggested already needs no second suggestion."""
    how = LinkHow.NOTE if ended else LinkHow.BOT
    assert decide_link([Mention(day(1), how)], state="suggested", ended_before_ticket=ended) is None


@pytest.mark.parametrize("state", ["linked", "unlinked"])
def test_a_link_and_a_persons_unlink_stand(state: str) -> None:
    """An unlink is a tombstone: only a person links again."""
    assert decide_link([Mention(day(9), LinkHow.NOTE)], state=state, ended_before_ticket=False) is None


def test_without_a_mention_there_is_nothing_to_decide() -> None:
    """No link comes from nothing."""
    assert decide_link([], state="", ended_before_ticket=False) is None


def test_only_an_agents_internal_message_is_a_note() -> None:
    """The same words count less in public, and from others."""
    authors = [
        (AuthorKind.AGENT, False),
        (AuthorKind.AGENT, True),
        (AuthorKind.BOT, False),
        (AuthorKind.CUSTOMER, True),
    ]
    counted = [mention_how(author, public=public) for author, public in authors]
    assert counted == [LinkHow.NOTE, LinkHow.PUBLIC_REPLY, LinkHow.BOT, LinkHow.CUSTOMER]
