"""What stands beside a ticket, and what comes of what agents say there."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bugbridge.core.errors import RefusedError, RemoteError, UsageError
from bugbridge.core.model import Actor, AuthorKind, Workaround
from bugbridge.core.sidebar import Acted, Done, Sidebar, SidebarVerb
from bugbridge.services.bug_words import add_workaround, keep_words
from bugbridge.services.explaining import Explanation, Reasons
from bugbridge.services.intake import add_promise
from bugbridge.services.sidebar import kept_or_read, sidebar_of
from bugbridge.services.sidebar_acts import Act, Desk, do
from tests.services.scene import ANN, HELPDESK, ISSUE, OTHER_ISSUE, TRACKER, Scene

WEB = Actor(AuthorKind.AGENT, "ann", "web")


def wording(explanation: Explanation, _reasons: Reasons) -> Sequence[str]:
    return (explanation.because,)


def beside(team: Scene, ticket: str) -> Sidebar:
    return sidebar_of(team.sender(), team.row(ticket), wording)


def says(team: Scene, ticket: str, verb: SidebarVerb, issue: str = "", value: str = "") -> Acted:
    desk = Desk(team.sender(), lambda _: team.tracker, frozenset({HELPDESK, TRACKER}), WEB, lambda _: None)
    return do(desk, team.row(ticket), Act(verb, issue, value))


@pytest.fixture
def team() -> Scene:
    """A live team on its tenth day."""
    return Scene().on(10)


def test_a_bug_is_shown_as_its_confirmation_says_it(team: Scene) -> None:
    """Customers' words, the workaround with its state, a promise, and the draft that one could send."""
    ticket = team.writes_in()
    team.read()
    assert says(team, ticket, SidebarVerb.LINK, ISSUE).done is Done.LINKED
    keep_words(team.store, team.issue(), "the export problem")
    add_workaround(team.store, team.clock, team.issue(), "Export as CSV.", "en", ANN)
    (link,) = beside(team, ticket).links
    assert (link.issue, link.words, link.workaround) == (ISSUE, "the export problem", "Export as CSV.")
    assert link.workaround_state is Workaround.KNOWN
    assert link.draft.reason == "first_reply"
    assert "Export as CSV." in link.draft.text
    assert "internal words" not in str(link), "an issue's title is the team's alone"


def test_once_answered_the_draft_is_that_of_what_is_due(team: Scene) -> None:
    """And none where nothing is."""
    ticket = team.reported()
    team.on(10.5).replies(ticket)
    team.decide()
    assert beside(team, ticket).links[0].draft.text == ""
    team.on(11).is_released()
    team.decide()
    draft = beside(team, ticket).links[0].draft
    assert (draft.reason, "is fixed in version 4.2" in draft.text) == ("released", True)


def test_a_link_is_decided_before_one_looks_again(team: Scene) -> None:
    """So that the page shows what came of it; linking twice does nothing."""
    ticket = team.reported()
    team.unlinks(ticket)
    says(team, ticket, SidebarVerb.LINK, ISSUE)
    before = beside(team, ticket).links[0]
    assert before.rule_id
    says(team, ticket, SidebarVerb.MEETS_IT, value="daily")
    after = beside(team, ticket).links[0]
    assert (after.meets_it, after.because != before.because) == ("daily", True)
    assert says(team, ticket, SidebarVerb.LINK, ISSUE).done is Done.ALREADY


def test_not_this_takes_away_whatever_names_the_bug(team: Scene) -> None:
    """Also a duplicate that was linked by its own issue, and a suggestion."""
    ticket = team.writes_in()
    team.replies(ticket, f"It may be {OTHER_ISSUE}")
    team.read()
    assert [one.issue for one in beside(team, ticket).suggested] == [OTHER_ISSUE]
    assert says(team, ticket, SidebarVerb.NOT_THIS, OTHER_ISSUE).done is Done.UNLINKED
    assert beside(team, ticket).suggested == ()
    assert says(team, ticket, SidebarVerb.NOT_THIS, OTHER_ISSUE).done is Done.NOT_LINKED


def test_a_ticket_with_several_bugs_needs_one_named(team: Scene) -> None:
    """Nobody guesses which was meant, nor takes back one that wasn't named."""
    ticket = team.reported()
    says(team, ticket, SidebarVerb.LINK, OTHER_ISSUE)
    for verb in (SidebarVerb.TOLD, SidebarVerb.NOT_THIS):
        with pytest.raises(UsageError, match="say which"):
            says(team, ticket, verb)
    assert says(team, ticket, SidebarVerb.WORKED, OTHER_ISSUE).issue == OTHER_ISSUE


def test_what_was_told_can_be_taken_back_only_where_a_reminder_ended(team: Scene) -> None:
    """As `bug: still due` does."""
    ticket = team.reported()
    assert not beside(team, ticket).links[0].can_undo_told
    with pytest.raises(RefusedError):
        says(team, ticket, SidebarVerb.STILL_DUE)
    team.on(11).is_released()
    team.decide()
    team.send()
    says(team, ticket, SidebarVerb.TOLD)
    assert beside(team, ticket).links[0].can_undo_told
    assert says(team, ticket, SidebarVerb.STILL_DUE).done is Done.STILL_DUE


def test_a_reminder_that_is_put_off_says_until_when(team: Scene) -> None:
    """Until that day has come."""
    ticket = team.reported()
    team.on(11).is_released()
    team.decide()
    until = says(team, ticket, SidebarVerb.LATER, value="1w").until
    assert until == team.clock.at + timedelta(weeks=1)
    assert beside(team, ticket).links[0].put_off_until == until
    team.on(19)
    assert beside(team, ticket).links[0].put_off_until is None


def test_open_promises_are_shown(team: Scene) -> None:
    """Until they are kept."""
    ticket = team.reported()
    due_at = team.clock.at + timedelta(days=3)
    add_promise(team.store, team.clock, team.key(ticket), due_at, ANN)
    assert [one.due_at for one in beside(team, ticket).promises] == [due_at]
    team.on(11).replies(ticket, "There is no news yet.")
    team.decide()
    assert beside(team, ticket).promises == ()


def test_a_ticket_that_is_not_known_is_read_and_one_that_is_not_there_is_none(team: Scene) -> None:
    """What can't be asked is an error, and no ticket that isn't there."""
    ticket = team.writes_in()
    found = kept_or_read(team.sender(), HELPDESK, ticket)
    assert found == team.row(ticket)
    assert kept_or_read(team.sender(), HELPDESK, "999") is None
    team.helpdesk.fail(RemoteError("support is down"))
    assert kept_or_read(team.sender(), HELPDESK, ticket) == found
    with pytest.raises(RemoteError):
        kept_or_read(team.sender(), HELPDESK, "999")


def test_a_tracker_that_does_not_answer_links_nothing(team: Scene) -> None:
    """The sentence is the tracker's."""
    ticket = team.writes_in()
    team.read()
    team.tracker.fail(RemoteError("github is down"))
    with pytest.raises(RemoteError, match="github is down"):
        says(team, ticket, SidebarVerb.LINK, ISSUE)
    assert beside(team, ticket).links == ()
