"""Writing back: one comment an issue, only numbers in it, nothing repeated, nothing where it isn't wanted."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, BugEventKind, Workaround
from bugbridge.core.records import KnownUpTo
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.core.write_back import WriteBackRules, digest_of, marker_of
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.identity import MIRROR, same_bug
from bugbridge.services.intake import set_workaround
from bugbridge.services.writing_back import (
    Action,
    BackWriter,
    Outcome,
    WritingBackResult,
    Written,
    tally_of,
    write_back,
)
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, TRACKER, Scene, customer
from tests.services.tracker_writer import TIMEOUT, MemoryWriter

SECRETS = ("mallory", "evil-org", "secret subject", "<script>", "mallory@evil.example")
MALLORY = RemotePerson(
    "mallory",
    AuthorKind.CUSTOMER,
    name="mallory <script>alert(1)</script>",
    address="mallory@evil.example",
    account=RemoteAccount("evil-org", name="evil-org", tier="enterprise"),
)
ONE = "1 customer reports this and has no workaround."
TWO = "2 customers report this; none has a workaround."
LOST = UnknownOutcomeError("github gave no answer: it may have been done.")


class Team(Scene):
    """A team that writes back to its tracker."""

    def __init__(self, *, links: bool = False) -> None:
        super().__init__()
        self.writer = MemoryWriter(TRACKER, self.clock, links=links)
        self.rules = WriteBackRules(label_from=2)
        self.on(1)

    def on(self, number: float) -> "Team":
        super().on(number)
        return self

    def parts(self, owner: str = "worker-1") -> BackWriter:
        return BackWriter(
            store=self.store,
            writer=self.writer,
            clock=self.clock,
            policy=self.policy,
            calendar=ALWAYS_OPEN,
            rules=self.rules,
            ticket_url=lambda ticket: f"https://desk.example/{ticket.remote_id}",
            owner=owner,
        )

    def write(self, *, dry_run: bool = False) -> list[tuple[Action, Outcome]]:
        return [(line.action, line.outcome) for line in write_back(self.parts(), dry_run=dry_run)]

    def kept(self) -> list[str]:
        """What is kept of what was written."""
        history = self.store.bug_history(self.issue().bug_id, KnownUpTo(self.store.head()))
        return [event.value for event in history.bug_events if event.kind is BugEventKind.WRITTEN_BACK]


def test_an_issue_gets_one_comment_that_counts_accounts() -> None:
    """Two people of one organisation are one customer."""
    team = Team()
    team.reported(CARLA)
    team.reported(replace(CARLA, remote_id="carl"))
    team.rules = WriteBackRules()
    assert team.write() == [(Action.COMMENT, Outcome.WRITTEN)]
    assert team.writer.texts(ISSUE) == [ONE]


def test_a_second_pass_writes_and_asks_nothing() -> None:
    """Where nothing changed, an issue costs no request."""
    team = Team()
    team.reported()
    team.write()
    asked = len(team.writer.calls)
    assert (team.write(), len(team.writer.calls)) == ([], asked)


def test_the_comment_is_edited_in_place_a_week_later() -> None:
    """A second customer on the same day waits a week to be counted, and is never a second comment."""
    team = Team()
    team.reported()
    team.write()
    team.reported(EVE)
    assert team.write() == [(Action.LABEL, Outcome.WRITTEN)]
    assert team.on(8).write() == [(Action.EDIT, Outcome.WRITTEN)]
    assert team.writer.texts(ISSUE) == [TWO]


def test_a_workaround_that_is_known_counts_and_one_that_failed_does_not() -> None:
    """ "2 have no workaround" are those whom none helps."""
    team = Team()
    tickets = [team.reported(who) for who in (CARLA, EVE, customer("frida"))]
    add_workaround(team.store, team.clock, team.issue(), "Export as CSV.", "en", ANN)
    set_workaround(team.store, team.clock, team.key(tickets[0]), Workaround.FAILED, ANN)
    team.write()
    assert team.writer.texts(ISSUE) == ["3 customers report this; 1 has no workaround."]


def test_a_bug_that_nobody_reports_any_more_says_so_in_its_comment() -> None:
    """The last link was a mistake: the comment is edited, and not left to lie."""
    team = Team()
    ticket = team.reported()
    team.write()
    team.unlinks(ticket)
    team.on(9).write()
    assert team.writer.texts(ISSUE) == ["No customer reports this."]


def test_a_bug_that_was_never_written_about_and_has_no_link_gets_no_comment() -> None:
    """Nobody waits."""
    team = Team()
    team.unlinks(team.reported())
    assert (team.write(), team.writer.calls) == ([], [])


def test_a_released_bug_gets_no_comment_and_no_label() -> None:
    """Nobody waits for it any more."""
    team = Team()
    for who in (CARLA, EVE):
        team.reported(who)
    team.on(2).is_released()
    team.on(3).sync()
    assert team.write() == []


def test_the_label_is_added_from_the_threshold_on_and_never_again() -> None:
    """Taken off by a person, it stays off."""
    team = Team()
    team.reported()
    assert team.write() == [(Action.COMMENT, Outcome.WRITTEN)]
    team.reported(EVE)
    assert team.write() == [(Action.LABEL, Outcome.WRITTEN)]
    team.writer.labels.clear()
    assert team.write() == []


def test_a_label_that_is_there_already_is_not_written() -> None:
    """A person was faster."""
    team = Team()
    team.writer.labels[ISSUE] = ("Customers-Waiting",)
    for who in (CARLA, EVE):
        team.reported(who)
    assert team.write()[1:] == [(Action.LABEL, Outcome.FOUND)]
    assert team.writer.writes() == ["add_comment"]


def test_a_public_issue_is_refused_in_one_sentence() -> None:
    """Nothing is posted, not even the label, until somebody allows it."""
    team = Team()
    team.writer.public = True
    for who in (CARLA, EVE):
        team.reported(who)
    (line,) = write_back(team.parts())
    sentence = f'{ISSUE} is public: nothing is written there unless [trackers.github] has public = "allow".'
    assert line == Written(ISSUE, Action.ANYTHING, Outcome.REFUSED, sentence=sentence)
    assert (team.writer.writes(), team.kept()) == ([], [])


def test_a_public_issue_that_is_allowed_gets_rounded_numbers_and_no_ticket_links() -> None:
    """Three customers are "2 or more"."""
    team = Team(links=True)
    team.writer.public = True
    team.rules = WriteBackRules(public_allowed=True)
    for who in (CARLA, EVE, customer("frida")):
        team.reported(who)
    assert team.write() == [(Action.COMMENT, Outcome.WRITTEN)]
    assurance = "No customer data is posted here; this comment is edited, never repeated."
    assert team.writer.texts(ISSUE) == [f"2 or more customers report this; none has a workaround. {assurance}"]


@pytest.mark.parametrize("where", ["kept", "fresh"])
def test_an_issue_labelled_security_gets_nothing(where: str) -> None:
    """Whether we knew of the label or meet it just before writing."""
    team = Team(links=True)
    if where == "kept":
        team.tracker.add(ISSUE, team.clock.at, labels=("Security: high",))
    else:
        team.writer.labels[ISSUE] = ("Security: high",)
    team.reported()
    assert team.write() == [(Action.ANYTHING, Outcome.REFUSED)]
    assert team.writer.writes() == []


def test_a_bug_whose_mirror_is_labelled_security_gets_nothing() -> None:
    """What is said of one of its issues is said of all."""
    team = Team()
    team.tracker.add(OTHER_ISSUE, team.clock.at, labels=("security",))
    team.reported()
    team.reported(EVE, OTHER_ISSUE)
    same_bug(team.store, team.clock, team.issue(), team.issue(OTHER_ISSUE), MIRROR, ANN)
    assert team.write() == [(Action.ANYTHING, Outcome.REFUSED)] * 2


def test_a_mirror_gets_its_comment_and_a_duplicate_none() -> None:
    """A duplicate's readers are sent to the survivor; a mirror has readers of its own."""
    team = Team()
    for who, reference in ((CARLA, ISSUE), (EVE, OTHER_ISSUE)):
        team.reported(who, reference)
    team.on(2).tracker.mark_duplicate(OTHER_ISSUE, ISSUE, team.clock.at)
    team.sync()
    team.write()
    assert [team.writer.texts(reference) for reference in (ISSUE, OTHER_ISSUE)] == [[TWO], []]
    mirrored = Team()
    for who, reference in ((CARLA, ISSUE), (EVE, OTHER_ISSUE)):
        mirrored.reported(who, reference)
    same_bug(mirrored.store, mirrored.clock, mirrored.issue(), mirrored.issue(OTHER_ISSUE), MIRROR, ANN)
    mirrored.write()
    assert [mirrored.writer.texts(reference) for reference in (ISSUE, OTHER_ISSUE)] == [[TWO], [TWO]]


def test_a_rehearsal_shows_what_would_be_written_and_writes_nothing() -> None:
    """Not there, and not here."""
    team = Team(links=True)
    ticket = team.reported()
    lines = write_back(team.parts(), dry_run=True)
    assert lines == (
        Written(ISSUE, Action.COMMENT, Outcome.WOULD_WRITE, ONE),
        Written(ISSUE, Action.TICKET_LINK, Outcome.WOULD_WRITE, f"support:{ticket} linked"),
    )
    assert (team.writer.writes(), team.kept(), team.writer.texts(ISSUE)) == ([], [], [])


def test_a_comment_whose_answer_was_lost_is_found_and_not_posted_again() -> None:
    """Next time the marker is looked for first, once the write has surely settled."""
    team = Team()
    team.reported()
    team.writer.fail(after=LOST)
    assert team.write() == [(Action.COMMENT, Outcome.UNKNOWN)]
    team.writer.fail()
    assert team.write() == []  # too early to look: it may be on its way
    team.clock.forward(2 * TIMEOUT + timedelta(minutes=1))
    assert team.write() == [(Action.COMMENT, Outcome.FOUND)]
    assert (team.write(), team.writer.texts(ISSUE)) == ([], [ONE])


def test_a_comment_that_was_lost_before_it_was_written_is_posted_once() -> None:
    """The marker isn't there, so it is safe."""
    team = Team()
    team.reported()
    team.writer.fail(before=LOST)
    team.write()
    team.writer.fail()
    assert team.on(2).write() == [(Action.COMMENT, Outcome.WRITTEN)]
    assert team.writer.texts(ISSUE) == [ONE]


def test_an_edit_whose_answer_was_lost_is_looked_up_too() -> None:
    """It was carried out, so there is nothing to do."""
    team = Team()
    team.reported()
    team.write()
    team.reported(EVE)
    team.rules = WriteBackRules()
    team.writer.fail(after=LOST)
    assert team.on(9).write() == [(Action.COMMENT, Outcome.UNKNOWN)]
    team.writer.fail()
    assert team.on(10).write() == [(Action.COMMENT, Outcome.FOUND)]
    assert team.writer.texts(ISSUE) == [TWO]


def test_our_comment_that_is_there_already_is_taken_up() -> None:
    """The database was lost, or the bug was merged: the comment is ours by its marker, and its week still runs."""
    team = Team()
    team.writer.add_comment(ISSUE, "7 customers report this; none has a workaround.", marker_of(ISSUE))
    team.on(2).reported()
    assert team.write() == [(Action.COMMENT, Outcome.FOUND)]
    assert team.on(9).write() == [(Action.EDIT, Outcome.WRITTEN)]
    assert team.writer.texts(ISSUE) == [ONE]


def test_a_comment_that_somebody_deleted_is_not_posted_again() -> None:
    """A maintainer's word is the last."""
    team = Team()
    team.reported()
    team.write()
    team.writer.comments.clear()
    team.reported(EVE)
    team.rules = WriteBackRules()
    assert team.on(9).write() == [(Action.COMMENT, Outcome.FAILED)]
    assert team.on(10).write() == [(Action.COMMENT, Outcome.REFUSED)]
    assert team.writer.texts(ISSUE) == []


def test_each_ticket_is_linked_once_and_struck_through_when_the_bug_ends() -> None:
    """The link has the ticket's address and reference, and nothing else."""
    team = Team(links=True)
    ticket = team.reported(MALLORY)
    team.write()
    link = team.writer.links[f"support:{ticket}"]
    assert (link.url, link.title, link.resolved) == (f"https://desk.example/{ticket}", f"support:{ticket}", False)
    team.on(2).is_released()
    assert (team.on(3).sync().issues, team.write()) == (1, [(Action.TICKET_LINK, Outcome.WRITTEN)])
    assert (team.writer.links[f"support:{ticket}"].resolved, team.write()) == (True, [])


def test_a_ticket_that_was_unlinked_loses_its_link() -> None:
    """A wrong link is taken back in the tracker too."""
    team = Team(links=True)
    ticket = team.reported()
    team.write()
    team.unlinks(ticket)
    assert team.write() == [(Action.TICKET_LINK, Outcome.WRITTEN)]
    assert team.writer.links == {}


def test_hostile_words_never_leave_for_a_tracker() -> None:
    """Name, address, organisation, subject and the customer's own words are in nothing that is written or kept."""
    team = Team(links=True)
    body = "secret subject <script> mallory@evil.example"
    number = team.helpdesk.add_ticket(team.clock.at, body, MALLORY, subject="secret subject")
    team.notes(number, f"This is {ISSUE}, says mallory@evil.example")
    team.reported(EVE)
    assert tally_of(write_back(team.parts())) == WritingBackResult(written=4)
    everything = repr((team.writer.calls, team.kept())).lower()
    assert [word for word in SECRETS if word in everything] == []


def test_what_is_kept_are_ids_numbers_and_digests() -> None:
    """No text at all."""
    team = Team()
    team.reported()
    team.write()
    issue = team.issue().id
    written = {"comment": "1", "customers": 1, "digest": digest_of(ONE), "step": "written", "without_workaround": 1}
    assert [json.loads(value) for value in team.kept()] == [
        {"issue": issue, "step": "begun"},
        {"issue": issue, **written},
    ]


def test_one_issue_that_fails_stops_no_other() -> None:
    """Its sentence is told, and the others are written."""
    team = Team()
    for who, reference in ((CARLA, ISSUE), (EVE, OTHER_ISSUE)):
        team.reported(who, reference)
    team.writer.fail(before=NotFoundError("github has nothing there."))
    assert team.write() == [(Action.COMMENT, Outcome.FAILED)] * 2


def test_a_limit_pauses_the_tracker_and_ends_the_pass() -> None:
    """It is left alone until then, by this and by reading."""
    team = Team()
    for who, reference in ((CARLA, ISSUE), (EVE, OTHER_ISSUE)):
        team.reported(who, reference)
    team.writer.fail(before=RateLimitedError("github asks to slow down.", timedelta(hours=1)))
    assert team.write() == [(Action.ANYTHING, Outcome.FAILED)]
    team.writer.fail()
    with pytest.raises(RateLimitedError, match="github is left alone until 2026-01-02 10:00 UTC"):
        team.write()


def test_a_pass_that_is_told_to_stop_writes_nothing_more() -> None:
    """The daemon ends between two bugs."""
    team = Team()
    for who, reference in ((CARLA, ISSUE), (EVE, OTHER_ISSUE)):
        team.reported(who, reference)
    assert len(write_back(team.parts(), stop=lambda: bool(team.writer.writes()))) == 1


def test_two_processes_never_write_back_at_once() -> None:
    """Each would miss the comment that the other is about to post."""
    team = Team()
    now = team.clock.now()
    lease = team.store.take_lease("write-back:github", "another", now=now, until=now + timedelta(minutes=1))
    assert lease is not None
    with pytest.raises(RemoteError, match="Another process writes back to github"):
        team.write()
    team.store.give_back_lease(lease)
    assert team.write() == []


def test_a_pass_makes_room_when_it_is_done() -> None:
    """The next process needn't wait for the lease to run out."""
    team = Team()
    team.reported()
    team.write()
    assert write_back(team.parts("worker-2")) == ()
