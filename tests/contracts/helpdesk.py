"""What every helpdesk must do, whatever its vendor: run over a scene, in which people write in tickets."""

from datetime import timedelta
from typing import Protocol

import pytest

from bugbridge.core.errors import ConflictError, LockedError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.ports import Helpdesk

MARKER = "BB-7K3F9Q2M"


class HelpdeskScene(Protocol):
    """A helpdesk and the people who work there. Each change takes place after the one before."""

    helpdesk: Helpdesk
    unknown_ticket: str
    """A well-formed number of a ticket that there isn't."""

    def add_ticket(self, body: str) -> str:
        """Have a customer, of an organisation with the tier `enterprise`, write in; give the ticket's number."""
        ...

    def customer_writes(self, remote_id: str, body: str) -> None:
        """Have the customer answer."""
        ...

    def agent_writes(self, remote_id: str, body: str, *, public: bool) -> None:
        """Have an agent reply, or write an internal note."""
        ...

    def robot_writes(self, remote_id: str, body: str) -> None:
        """Have a program that isn't ours write an internal note."""
        ...

    def solve(self, remote_id: str) -> None:
        """Have an agent solve it."""
        ...

    def change_requester(self, remote_id: str) -> None:
        """Have an agent say that it was another customer who asked."""
        ...

    def set_tag(self, remote_id: str, tag: str) -> None:
        """Have an agent add a tag; called only where tickets take tags."""
        ...

    def delete(self, remote_id: str) -> None:
        """Delete it."""
        ...

    def settle(self) -> None:
        """Let time pass until all changes are to be seen by `changed_since`."""
        ...


class FailingHelpdeskScene(HelpdeskScene, Protocol):
    """A scene whose helpdesk can be made to fail."""

    def lose_next_answer(self) -> None:
        """Have the next write done, and its answer lost."""
        ...

    def break_down(self) -> None:
        """Have the helpdesk fail from now on."""
        ...

    def recover(self) -> None:
        """Have it answer again."""
        ...


def changed(scene: HelpdeskScene, cursor: str) -> tuple[list[RemoteTicket], str]:
    """Give the changed tickets and the cursor after the last page."""
    tickets: list[RemoteTicket] = []
    for page in scene.helpdesk.changed_since(cursor):
        tickets += page.tickets
        cursor = page.cursor
    return tickets, cursor


def written(scene: HelpdeskScene, remote_id: str) -> list[tuple[AuthorKind, bool, str]]:
    """Give who wrote what on a ticket, without the marker's own line where a helpdesk shows it."""
    return [
        (message.author.kind, message.public, message.body.partition("\n")[0])
        for message in scene.helpdesk.messages(remote_id)
    ]


class HelpdeskContract:
    """Rules of the port Helpdesk."""

    def test_no_cursor_gives_the_whole_history(self, scene: HelpdeskScene) -> None:
        """Links are found in tickets that are older than BugBridge."""
        first, second = scene.add_ticket("one"), scene.add_ticket("two")
        scene.settle()
        tickets, _ = changed(scene, "")
        assert {first, second} <= {ticket.remote_id for ticket in tickets}

    def test_a_change_is_among_those_since_the_cursor(self, scene: HelpdeskScene) -> None:
        """An internal note is a change: that is where agents write references."""
        remote_id = scene.add_ticket("it fails")
        scene.settle()
        _, cursor = changed(scene, "")
        scene.agent_writes(remote_id, "acme/app#12", public=False)
        scene.settle()
        tickets, _ = changed(scene, cursor)
        assert remote_id in [ticket.remote_id for ticket in tickets]

    def test_a_cursor_made_for_an_instant_gives_what_changed_from_then_on(self, scene: HelpdeskScene) -> None:
        """A first reading begins at a day of the team's choice, not with all history."""
        old = scene.helpdesk.ticket(scene.add_ticket("long ago"))
        new = scene.helpdesk.ticket(scene.add_ticket("just now"))
        scene.settle()
        after_old = scene.helpdesk.cursor_at(old.updated_at + timedelta(seconds=1))
        listed = {ticket.remote_id for ticket in changed(scene, after_old)[0]}
        whole = {ticket.remote_id for ticket in changed(scene, scene.helpdesk.cursor_at(old.updated_at))[0]}
        assert (new.remote_id in listed, old.remote_id in listed, old.remote_id in whole) == (True, False, True)

    def test_what_old_tickets_cost_is_known_beforehand(self, scene: HelpdeskScene) -> None:
        """Nobody starts hours of reading without having been told."""
        first = scene.helpdesk.ticket(scene.add_ticket("one"))
        scene.add_ticket("two")
        scene.settle()
        cost = scene.helpdesk.cost_since(first.updated_at)
        assert (cost.tickets >= 2, cost.requests >= cost.tickets) == (True, True)

    def test_changes_come_oldest_first(self, scene: HelpdeskScene) -> None:
        """A cursor kept in the middle then loses none."""
        first, second = scene.add_ticket("one"), scene.add_ticket("two")
        scene.settle()
        _, cursor = changed(scene, "")
        scene.customer_writes(second, "again")
        scene.customer_writes(first, "again")
        scene.settle()
        tickets, _ = changed(scene, cursor)
        last_seen = list(dict.fromkeys(ticket.remote_id for ticket in reversed(tickets)))[::-1]
        assert [remote_id for remote_id in last_seen if remote_id in (first, second)] == [second, first]

    def test_a_cursor_used_again_gives_the_same_again(self, scene: HelpdeskScene) -> None:
        """A reading that died before its cursor was stored loses nothing."""
        remote_id = scene.add_ticket("it fails")
        scene.settle()
        _, cursor = changed(scene, "")
        scene.customer_writes(remote_id, "still")
        scene.settle()
        changed(scene, cursor)
        again, _ = changed(scene, cursor)
        assert remote_id in [ticket.remote_id for ticket in again]

    def test_a_ticket_says_who_asks_and_on_which_plan(self, scene: HelpdeskScene) -> None:
        """The requester is a customer whose organisation's tier the policy reads."""
        ticket = scene.helpdesk.ticket(scene.add_ticket("it fails"))
        account = ticket.requester.account
        assert (ticket.requester.kind, account and account.tier) == (AuthorKind.CUSTOMER, "enterprise")
        assert (ticket.status, ticket.gone, ticket.created_at.utcoffset()) == (
            TicketStatus.OPEN,
            False,
            ticket.updated_at.utcoffset(),
        )

    def test_the_changes_show_a_ticket_as_reading_it_does(self, scene: HelpdeskScene) -> None:
        """Whichever way a ticket comes in, the same is kept of it."""
        remote_id = scene.add_ticket("it fails")
        if scene.helpdesk.takes_tags:
            scene.set_tag(remote_id, "bug_12")
        scene.settle()
        (listed,) = [ticket for ticket in changed(scene, "")[0] if ticket.remote_id == remote_id][-1:]
        read = scene.helpdesk.ticket(remote_id)
        for name in ("status", "requester", "subject", "assignee", "group", "brand", "tags", "fields", "incident_of"):
            assert getattr(listed, name) == getattr(read, name), name

    def test_another_requester_is_seen(self, scene: HelpdeskScene) -> None:
        """Updates go to whoever asks now."""
        remote_id = scene.add_ticket("it fails")
        before = scene.helpdesk.ticket(remote_id).requester.remote_id
        scene.settle()
        _, cursor = changed(scene, "")
        scene.change_requester(remote_id)
        scene.settle()
        listed = [ticket for ticket in changed(scene, cursor)[0] if ticket.remote_id == remote_id]
        now = scene.helpdesk.ticket(remote_id).requester.remote_id
        assert (now != before, [ticket.requester.remote_id for ticket in listed[-1:]]) == (True, [now])

    def test_a_solved_ticket_says_so(self, scene: HelpdeskScene) -> None:
        """Planning treats solved tickets unlike open ones."""
        remote_id = scene.add_ticket("it fails")
        scene.solve(remote_id)
        assert scene.helpdesk.ticket(remote_id).status == TicketStatus.SOLVED

    def test_messages_say_who_wrote_them_and_who_may_read_them(self, scene: HelpdeskScene) -> None:
        """Oldest first; what an agent writes internally is told from replies, customers from agents."""
        remote_id = scene.add_ticket("it fails")
        scene.agent_writes(remote_id, "acme/app#12", public=False)
        scene.agent_writes(remote_id, "we look into it", public=True)
        scene.customer_writes(remote_id, "thanks")
        assert written(scene, remote_id) == [
            (AuthorKind.CUSTOMER, True, "it fails"),
            (AuthorKind.AGENT, False, "acme/app#12"),
            (AuthorKind.AGENT, True, "we look into it"),
            (AuthorKind.CUSTOMER, True, "thanks"),
        ]

    def test_a_program_is_no_agent(self, scene: HelpdeskScene) -> None:
        """What a robot writes only suggests."""
        remote_id = scene.add_ticket("it fails")
        scene.robot_writes(remote_id, "acme/app#12")
        assert written(scene, remote_id)[-1] == (AuthorKind.BOT, False, "acme/app#12")

    def test_a_note_is_internal_and_our_own(self, scene: HelpdeskScene) -> None:
        """Customers never see a reminder, and BugBridge never reads its own words."""
        remote_id = scene.add_ticket("it fails")
        note = scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due by Thursday", MARKER)
        message = scene.helpdesk.messages(remote_id)[-1]
        assert written(scene, remote_id)[-1] == (AuthorKind.SELF, False, "Due by Thursday")
        assert (message.remote_id, bool(note)) == (note, True)

    def test_a_note_is_found_by_its_marker_and_by_no_other(self, scene: HelpdeskScene) -> None:
        """After an unknown outcome the marker alone says whether it was posted."""
        remote_id, other = scene.add_ticket("it fails"), scene.add_ticket("that too")
        helpdesk = scene.helpdesk
        note = helpdesk.add_note(helpdesk.ticket(remote_id), "Due by Thursday", MARKER)
        found = [
            helpdesk.find_note(remote_id, MARKER),
            helpdesk.find_note(remote_id, "BB-7K3F9Q"),
            helpdesk.find_note(other, MARKER),
        ]
        assert found == [note, "", ""]

    def test_somebody_elses_text_is_never_taken_for_a_note(self, scene: HelpdeskScene) -> None:
        """A customer or agent who copies a marker doesn't keep a reminder from being posted."""
        remote_id = scene.add_ticket("it fails")
        scene.customer_writes(remote_id, f"hello\n\nRef {MARKER}")
        scene.agent_writes(remote_id, f"hello\n\nRef {MARKER}", public=False)
        assert scene.helpdesk.find_note(remote_id, MARKER) == ""

    def test_a_reply_is_public_and_bears_the_assignees_name_where_it_can(self, scene: HelpdeskScene) -> None:
        """The customer hears from the person whom they know."""
        remote_id = scene.add_ticket("it fails")
        ticket = scene.helpdesk.ticket(remote_id)
        posted = scene.helpdesk.add_reply(ticket, "It is fixed in 4.2.", MARKER)
        message = scene.helpdesk.messages(remote_id)[-1]
        as_assignee = scene.helpdesk.replies_as_assignee and ticket.assignee is not None
        author = ticket.assignee.remote_id if as_assignee and ticket.assignee else message.author.remote_id
        kind = message.author.kind if as_assignee else AuthorKind.SELF
        assert (posted.ticket_id, posted.message_id) == (remote_id, message.remote_id)
        assert (message.public, message.body.partition("\n")[0]) == (True, "It is fixed in 4.2.")
        assert (message.author.remote_id, message.author.kind) == (author, kind)

    def test_a_reply_is_found_by_its_marker(self, scene: HelpdeskScene) -> None:
        """Whether it went out can be seen where no answer came."""
        remote_id = scene.add_ticket("it fails")
        posted = scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed.", MARKER)
        assert scene.helpdesk.find_note(remote_id, MARKER) == posted.message_id

    def test_a_tag_is_set_and_taken_off_and_others_stay(self, scene: HelpdeskScene) -> None:
        """Tickets of which an agent was reminded can be listed in a view; doing it twice is harmless."""
        helpdesk = scene.helpdesk
        remote_id = scene.add_ticket("it fails")
        if not helpdesk.takes_tags:
            assert helpdesk.ticket(remote_id).tags == ()
            return
        scene.set_tag(remote_id, "vip")
        seen = []
        for on in (True, True, False, False):
            helpdesk.set_tag(helpdesk.ticket(remote_id), "bugbridge_due", on=on)
            seen.append(sorted(helpdesk.ticket(remote_id).tags))
        assert seen == [["bugbridge_due", "vip"]] * 2 + [["vip"]] * 2

    def test_recorded_links_are_texts_that_name_issues(self, scene: HelpdeskScene) -> None:
        """Where a helpdesk keeps no such lists there are none; asking for them is no error."""
        scene.add_ticket("it fails")
        assert all(link.ticket_id and link.text for link in scene.helpdesk.recorded_links())

    def test_a_note_doesnt_reopen_a_solved_ticket(self, scene: HelpdeskScene) -> None:
        """A reminder alone changes no status."""
        remote_id = scene.add_ticket("it fails")
        scene.solve(remote_id)
        scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due by Thursday", MARKER)
        assert scene.helpdesk.ticket(remote_id).status == TicketStatus.SOLVED

    def test_a_conflict_leaves_nothing_behind(self, scene: HelpdeskScene) -> None:
        """A ticket that changed since it was read gets no note: what it says may not be true any more."""
        remote_id = scene.add_ticket("it fails")
        stale = scene.helpdesk.ticket(remote_id)
        scene.customer_writes(remote_id, "it works now")
        with pytest.raises(ConflictError):
            scene.helpdesk.add_note(stale, "Due by Thursday", MARKER)
        assert scene.helpdesk.find_note(remote_id, MARKER) == ""

    def test_a_deleted_ticket_is_gone(self, scene: HelpdeskScene) -> None:
        """It can't be read as if it were there, and no list shows it as being there."""
        remote_id = scene.add_ticket("it fails")
        scene.delete(remote_id)
        scene.settle()
        try:
            gone = scene.helpdesk.ticket(remote_id).gone
        except NotFoundError:
            gone = True
        listed = [ticket.gone for ticket in changed(scene, "")[0] if ticket.remote_id == remote_id]
        assert (gone, all(listed)) == (True, True)

    def test_an_unknown_ticket_is_one_sentence(self, scene: HelpdeskScene) -> None:
        """Every way to ask for it says that there is none, and names the helpdesk."""
        helpdesk = scene.helpdesk
        for ask in (helpdesk.ticket, helpdesk.messages, lambda number: helpdesk.find_note(number, MARKER)):
            with pytest.raises(NotFoundError) as caught:
                ask(scene.unknown_ticket)
            assert (helpdesk.name in str(caught.value), "\n" in str(caught.value)) == (True, False)

    def test_the_address_for_people_names_the_ticket(self, scene: HelpdeskScene) -> None:
        """It is a whole address."""
        address = scene.helpdesk.web_url("4711")
        assert (address.startswith("http"), "4711" in address) == (True, True)

    def test_all_is_well(self, scene: HelpdeskScene) -> None:
        """With the rights that the documentation asks for, no check complains, and none writes anything."""
        remote_id = scene.add_ticket("it fails")
        assert [check for check in scene.helpdesk.check() if not check.well] == []
        assert len(scene.helpdesk.messages(remote_id)) == 1


class MergingHelpdeskScene(HelpdeskScene, Protocol):
    """A scene whose helpdesk merges tickets."""

    def merge(self, remote_id: str, survivor: str) -> None:
        """Have an agent merge it into another ticket."""
        ...


class MergingHelpdeskContract:
    """Rules for helpdesks that merge tickets; for scenes that can."""

    def test_a_merged_ticket_names_its_survivor(self, scene: MergingHelpdeskScene) -> None:
        """Links follow it there, once it is read: not every helpdesk's list of changes shows it."""
        loser, survivor = scene.add_ticket("one"), scene.add_ticket("two")
        scene.merge(loser, survivor)
        scene.settle()
        listed = [ticket.merged_into for ticket in changed(scene, "")[0] if ticket.remote_id == loser]
        assert (scene.helpdesk.ticket(loser).merged_into, set(listed) <= {survivor}) == (survivor, True)


class LockingHelpdeskScene(HelpdeskScene, Protocol):
    """A scene whose helpdesk locks closed tickets for good."""

    def lock(self, remote_id: str) -> None:
        """Close it, so that it takes no more messages."""
        ...


class LockingHelpdeskContract:
    """Rules for helpdesks that lock closed tickets; for scenes that can."""

    def test_a_locked_ticket_takes_no_note(self, scene: LockingHelpdeskScene) -> None:
        """The sentence says so, and asking again doesn't help."""
        remote_id = scene.add_ticket("it fails")
        scene.lock(remote_id)
        with pytest.raises(LockedError, match=f"{scene.helpdesk.name}:{remote_id} is closed") as caught:
            scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due", MARKER)
        assert caught.value.permanent is True

    def test_a_reply_to_a_locked_ticket_is_a_followup(self, scene: LockingHelpdeskScene) -> None:
        """The customer is answered all the same, on a ticket that names the one that it follows."""
        remote_id = scene.add_ticket("it fails")
        scene.lock(remote_id)
        locked = scene.helpdesk.ticket(remote_id)
        posted = scene.helpdesk.add_reply(locked, "It is fixed in 4.2.", MARKER)
        followup = scene.helpdesk.ticket(posted.ticket_id)
        (message,) = scene.helpdesk.messages(posted.ticket_id)
        assert (followup.followup_of, followup.requester.remote_id) == (remote_id, locked.requester.remote_id)
        assert (posted.ticket_id != remote_id, message.public, message.remote_id) == (True, True, posted.message_id)
        assert message.body.partition("\n")[0] == "It is fixed in 4.2."


class SuspendingHelpdeskScene(HelpdeskScene, Protocol):
    """A scene whose helpdesk shows which agents are suspended."""

    def suspend_agent(self) -> None:
        """Have an admin suspend the agent to whom new tickets are assigned, before any is read."""
        ...


class SuspendingHelpdeskContract:
    """Rules for helpdesks that show whether an agent is suspended; for scenes that can suspend one."""

    @pytest.mark.parametrize("suspended", [False, True])
    def test_a_ticket_says_whether_its_assignee_is_suspended(
        self,
        scene: SuspendingHelpdeskScene,
        suspended: bool,  # noqa: FBT001 - a case
    ) -> None:
        """What is due then goes to whoever stands in; read alone and in a list it is the same."""
        if suspended:
            scene.suspend_agent()
        remote_id = scene.add_ticket("it fails")
        scene.settle()
        listed = [ticket.assignee for ticket in changed(scene, "")[0] if ticket.remote_id == remote_id]
        shown = [scene.helpdesk.ticket(remote_id).assignee, *listed[-1:]]
        assert [person and person.suspended for person in shown] == [suspended] * 2


class FailingHelpdeskContract(HelpdeskContract):
    """Rules for when the helpdesk fails; for scenes that can make it."""

    def test_a_lost_answer_leaves_the_outcome_unknown_and_the_note_is_found(self, scene: FailingHelpdeskScene) -> None:
        """The client doesn't post again by itself: there is one note, and its marker finds it."""
        remote_id = scene.add_ticket("it fails")
        ticket = scene.helpdesk.ticket(remote_id)
        scene.lose_next_answer()
        with pytest.raises(UnknownOutcomeError):
            scene.helpdesk.add_note(ticket, "Due by Thursday", MARKER)
        own = [message for message in scene.helpdesk.messages(remote_id) if message.author.kind is AuthorKind.SELF]
        assert [message.remote_id for message in own] == [scene.helpdesk.find_note(remote_id, MARKER)]

    def test_a_lost_reply_is_unknown_and_never_sent_again_by_the_client(self, scene: FailingHelpdeskScene) -> None:
        """A customer reads it once at most; a person decides what comes of it."""
        remote_id = scene.add_ticket("it fails")
        ticket = scene.helpdesk.ticket(remote_id)
        scene.lose_next_answer()
        with pytest.raises(UnknownOutcomeError):
            scene.helpdesk.add_reply(ticket, "It is fixed in 4.2.", MARKER)
        public = [message for message in scene.helpdesk.messages(remote_id) if message.public]
        assert [message.remote_id for message in public[1:]] == [scene.helpdesk.find_note(remote_id, MARKER)]

    def test_a_failing_helpdesk_is_one_sentence_each_time(self, scene: FailingHelpdeskScene) -> None:
        """Reading raises RemoteError with the helpdesk's name; checking gives a line instead."""
        remote_id = scene.add_ticket("it fails")
        scene.helpdesk.ticket(remote_id)
        scene.break_down()
        for ask in (lambda: changed(scene, ""), lambda: scene.helpdesk.ticket(remote_id)):
            with pytest.raises(RemoteError) as caught:
                ask()
            assert (scene.helpdesk.name in str(caught.value), caught.value.permanent) == (True, False)
        assert all(check.well for check in scene.helpdesk.check()) is False

    def test_a_helpdesk_that_recovered_is_read_as_if_nothing_had_been(self, scene: FailingHelpdeskScene) -> None:
        """Trouble loses nothing."""
        remote_id = scene.add_ticket("it fails")
        scene.break_down()
        with pytest.raises(RemoteError):
            changed(scene, "")
        scene.recover()
        scene.settle()
        assert remote_id in [ticket.remote_id for ticket in changed(scene, "")[0]]
