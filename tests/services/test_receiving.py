"""Receiving: who is reminded and told of a ticket whose agent isn't there, and in whose day it counts."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import UsageError
from bugbridge.core.events import LinkEvent
from bugbridge.core.model import AuthorKind, Channel, LinkEventKind
from bugbridge.core.notifications import Audience, Recipient, Timing, When
from bugbridge.core.people import NO_PEOPLE, People, Person, Receiver
from bugbridge.core.snapshots import RemotePerson
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.services.claiming import next_note, still_called_for
from bugbridge.services.drafting import note_text
from bugbridge.services.notifying import Notifying, notify_due
from bugbridge.services.previewing import preview_due
from bugbridge.services.receiving import agent_named, receiver_of
from bugbridge.services.sending import Sender
from tests.services.noise_team import Team, released_for
from tests.services.scene import ANN, HELPDESK, customer, day
from tests.services.test_replies import POLICY as REPLIES

UTC = ZoneInfo("UTC")
ADA_AGENT = RemotePerson("agent-1", AuthorKind.AGENT, "Ada Agent", "ada@acme.example")
BEN_AGENT = RemotePerson("agent-2", AuthorKind.AGENT, "Ben Becker", "ben@acme.example")
CEM_AGENT = RemotePerson("agent-3", AuthorKind.AGENT, "Cem Cetin", "cem@acme.example")
ADA = Person("support:agent-1", "Ada", UTC, channel="ada")
BEN = Person("ben@acme.example", "Ben", UTC, channel="ben", group="EU")
LEA = Person("support:agent-9", "Lea", UTC, lead=True)
# The scene's day 2 is the third of January.
AWAY = replace(ADA, away_from=date(2026, 1, 1), away_to=date(2026, 1, 9), deputy=BEN.agent)


class Staffed(Team):
    """A team of several agents, with a list of people that a test gives."""

    def __init__(self, *persons: Person) -> None:
        super().__init__()
        self.people = People(persons)
        self.on(0.5)
        for agent in (ADA_AGENT, BEN_AGENT, CEM_AGENT):
            self.assigned(agent)

    def sender(self, owner: str = "worker-1") -> Sender:
        return replace(super().sender(owner), people=self.people)

    def assigned(self, agent: RemotePerson | None, name: str = "") -> str:
        """A customer reports a bug on an agent's ticket; gives the ticket."""
        ticket = self.reported(customer(name or f"customer of {agent and agent.name}"))
        self.is_assigned(ticket, agent)
        return ticket

    def is_assigned(self, ticket: str, agent: RemotePerson | None) -> None:
        """The ticket changes hands."""
        self.clock.forward(timedelta(minutes=1))
        shown = self.helpdesk.ticket(ticket)
        self.helpdesk._show(replace(shown, assignee=agent, group="EU", updated_at=self.clock.at))
        self.read()

    def is_given(self, ticket: str, agent: RemotePerson | None) -> None:
        """Somebody gives what is due on a ticket to an agent, or takes that back."""
        self.clock.forward(timedelta(minutes=1))
        key, value = self.key(ticket), str(self.party(agent)) if agent else ""
        event = LinkEvent(
            ticket_id=key.ticket_id,
            bug_id=key.bug_id,
            kind=LinkEventKind.GIVEN,
            value=value,
            occurred_at=self.clock.at,
            source_key=f"given:{self.clock.at}",
        )
        self.store.append([event], actor=ANN, recorded_at=self.clock.at)

    def party(self, agent: RemotePerson) -> int:
        """The id that we keep of an agent."""
        return self.store.party_id(self.row_of_helpdesk, "agent", agent.remote_id)

    @property
    def row_of_helpdesk(self) -> int:
        return next(source.id for source in self.store.sources() if source.name == HELPDESK)

    def receiver(self, ticket: str) -> Receiver:
        """Who receives what is due on a ticket now."""
        return receiver_of(self.store, self.people, self.row(ticket), self.clock.at)

    def is_for(self, ticket: str) -> tuple[str, str, str]:
        """The same in short."""
        receiver = self.receiver(ticket)
        return str(receiver.kind), receiver.name, str(receiver.why)


def test_a_ticket_given_to_somebody_is_theirs_until_it_changes_hands_again() -> None:
    """With or without a list; what was said last counts, there or at the helpdesk."""
    for persons in ((), (ADA, BEN)):
        team = Staffed(*persons)
        ticket = team.assigned(ADA_AGENT, "carla")
        team.is_given(ticket, CEM_AGENT)
        assert team.is_for(ticket) == ("agent", "Cem Cetin", "given")
        team.read()
        assert team.is_for(ticket) == ("agent", "Cem Cetin", "given")
        team.is_given(ticket, None)
        assert team.is_for(ticket)[2] == "assigned"
        team.is_given(ticket, CEM_AGENT)
        team.is_assigned(ticket, BEN_AGENT)
        assert (team.receiver(ticket).party_id, team.is_for(ticket)[2]) == (team.party(BEN_AGENT), "assigned")


def test_a_suspended_assignee_is_seen_as_the_ticket_is_read() -> None:
    """And once they are back, that is seen too."""
    team = Staffed(replace(ADA, deputy=BEN.agent), BEN)
    ticket = team.assigned(ADA_AGENT, "carla")
    team.is_assigned(ticket, replace(ADA_AGENT, suspended=True))
    assert team.is_for(ticket) == ("deputy", "Ben", "suspended")
    team.is_assigned(ticket, ADA_AGENT)
    assert team.is_for(ticket) == ("agent", "Ada", "assigned")


def test_a_ticket_that_nobody_has_is_its_groups() -> None:
    """By the group's name at the helpdesk."""
    team = Staffed(ADA, BEN, LEA)
    ticket = team.assigned(None, "carla")
    assert team.is_for(ticket) == ("group", "EU", "missing")


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        ((), "Due by"),
        ((ADA, BEN), "Due by"),
        ((AWAY, BEN), "For Ben: Ada is away until 9 January."),
    ],
)
def test_a_reminder_says_for_whom_it_is_where_that_isnt_the_assignee(
    persons: tuple[Person, ...], expected: str
) -> None:
    """And why."""
    team = Staffed(*persons)
    ticket = team.on(1).assigned(ADA_AGENT, "carla")
    team.on(2).is_released()
    team.decide()
    items = team.store.updates_of(team.key(ticket))
    judged = still_called_for(team.sender(), items, team.row(ticket).id)
    assert note_text(team.store, team.renderer, "en", judged.called).startswith(expected)


def test_a_given_ticket_is_for_whom_it_was_given_to() -> None:
    """Nobody is away, so there is nothing to explain."""
    team = Staffed()
    ticket = team.on(1).assigned(ADA_AGENT, "carla")
    team.is_given(ticket, BEN_AGENT)
    team.on(2).is_released()
    team.decide()
    judged = still_called_for(team.sender(), team.store.updates_of(team.key(ticket)), team.row(ticket).id)
    assert note_text(team.store, team.renderer, "en", judged.called).startswith("For Ben Becker.")


@pytest.mark.parametrize(("ada", "posted"), [(ADA, 5), (AWAY, 3)])
def test_what_a_deputy_gets_counts_in_the_deputys_day(ada: Person, posted: int) -> None:
    """Two reminders a day, two tickets of Ada's, two of Ben's and one of Cem's: Ben alone has room for two of four."""
    team = Staffed(ada, BEN).limits(reminders_per_agent_day=2)
    for agent in (ADA_AGENT, BEN_AGENT):
        team.on(1).assigned(agent, f"another of {agent.name}")
    team.on(2).is_released()
    team.decide()
    previews = preview_due(team.sender())
    assert (len(previews), team.send().posted) == (posted, posted)


def test_a_given_ticket_counts_in_the_receivers_day_without_a_list() -> None:
    """Two reminders a day, and what Ada gave to Ben would be his third."""
    team = Staffed().limits(reminders_per_agent_day=2)
    given, _ = (team.on(1).assigned(agent, f"another of {agent.name}") for agent in (ADA_AGENT, BEN_AGENT))
    team.is_given(given, BEN_AGENT)
    team.on(2).is_released()
    team.decide()
    assert team.send().posted == 4


def recipient(name: str, audience: Audience = Audience.AGENT, agent: str = "") -> Recipient:
    """Somebody who is told at once, around the clock."""
    return Recipient(name, audience, Timing(When.AT_ONCE, ALWAYS_OPEN), agent)


def told(team: Staffed, agent: RemotePerson | None, *recipients: Recipient) -> list[str]:
    """Name those who are notified of a reminder on an agent's new ticket."""
    notifiers = {one.name: MemoryNotifier(one.name) for one in recipients}
    find, zone = notifiers.__getitem__, lambda _zone: team.renderer
    parts = Notifying(team.store, team.clock, recipients, find, zone, "worker-1", people=team.people)
    ticket = team.on(1).assigned(agent, "new")
    team.on(2).is_released()
    team.decide()
    for other in team.store.open_updates():
        if other.ticket_id != team.row(ticket).id:
            team.store.put_off([(other, day(99))])
    notify_due(parts)
    team.send()
    team.clock.forward(timedelta(minutes=1))
    notify_due(parts)
    assert team.reminders(ticket) == 1
    return sorted(name for name, notifier in notifiers.items() if notifier.sent)


BY_AGENT = (recipient("a", agent="support:agent-1"), recipient("b", agent="ben@acme.example"))
BY_CHANNEL = (recipient("ada"), recipient("ben"))
TO_LEAD = recipient("leads", Audience.LEAD)


@pytest.mark.parametrize(
    ("persons", "agent", "expected"),
    [
        ((), ADA_AGENT, ["a"]),
        ((ADA, BEN), ADA_AGENT, ["a", "ada"]),
        ((AWAY, BEN), ADA_AGENT, ["b", "ben"]),
        ((AWAY, BEN), None, ["b", "ben"]),
        ((replace(AWAY, deputy=""), LEA), ADA_AGENT, ["leads"]),
        ((replace(AWAY, deputy=""), replace(LEA, channel="ben")), ADA_AGENT, ["ben", "leads"]),
        ((ADA, LEA), None, ["leads"]),
        ((), None, []),
    ],
)
def test_whoever_receives_it_is_notified(
    persons: tuple[Person, ...], agent: RemotePerson | None, expected: list[str]
) -> None:
    """By their own notification or by their channel: the agent, the deputy, everybody of the group, or the lead."""
    assert told(Staffed(*persons), agent, *BY_AGENT, *BY_CHANNEL, TO_LEAD) == expected


@pytest.mark.parametrize(
    ("typed", "agent"),
    [
        ("ben", BEN_AGENT),
        ("BEN BECKER", None),
        ("cem cetin", CEM_AGENT),
        ("Cem", CEM_AGENT),
        ("cem@ACME.example", CEM_AGENT),
        ("support:agent-3", CEM_AGENT),
        ("ada", ADA_AGENT),
    ],
)
def test_agents_are_named_as_people_name_them(typed: str, agent: RemotePerson | None) -> None:
    """By the list's names, else by the helpdesk's; who is in the list goes by the name there."""
    team = Staffed(ADA, BEN)
    if agent is None:
        with pytest.raises(UsageError):
            agent_named(team.store, team.people, HELPDESK, typed)
    else:
        assert agent_named(team.store, team.people, HELPDESK, typed) == team.party(agent)


def test_a_listed_agent_who_never_had_a_ticket_can_be_given_one() -> None:
    """The list says that there is such an agent."""
    team = Staffed(ADA, LEA)
    assert agent_named(team.store, team.people, HELPDESK, "lea") == team.store.party_id(
        team.row_of_helpdesk, "agent", "agent-9"
    )


def test_a_name_that_nobody_or_several_have_is_one_sentence() -> None:
    """With those who could be meant; what was typed is hostile, and cut."""
    team = Staffed()
    with pytest.raises(UsageError) as caught:
        agent_named(team.store, NO_PEOPLE, HELPDESK, "x\n" * 100)
    assert str(caught.value) == (
        f"{('x ' * 100)[:60]!r} is no agent of support; known are: Ada Agent, Ben Becker, Cem Cetin."
    )
    with pytest.raises(UsageError) as caught:
        agent_named(team.store, People((replace(BEN, name="Cem"), replace(ADA, name="Cem"))), HELPDESK, "cem")
    assert str(caught.value) == (
        "'cem' is the name of several agents of support: write one of support:agent-2 (Cem), support:agent-1 (Cem)."
    )


def test_without_a_list_the_cap_asks_for_nothing_more() -> None:
    """Agents are read only where a list has to be compared with them."""
    team = Staffed()
    released_for(team, 2)
    asked: list[str] = []
    team.store.agents = lambda: asked.append("agents") or ()  # type: ignore[method-assign]
    for item in team.store.due_updates(team.clock.at, 99):
        next_note(team.sender(), item, team.clock.at)
    assert asked == []


@pytest.mark.parametrize(("ada", "channel"), [(ADA, Channel.REPLY), (AWAY, Channel.NOTE)])
def test_no_reply_goes_out_under_the_name_of_somebody_who_isnt_there(ada: Person, channel: Channel) -> None:
    """Their deputy is reminded instead."""
    team = Staffed(ada, BEN)
    team.policy, team.replying = REPLIES, frozenset({HELPDESK})
    ticket = team.on(1).assigned(ADA_AGENT, "carla")
    team.on(2).is_released()
    team.decide()
    assert {one.channel for one in preview_due(team.sender()) if one.ticket == f"{HELPDESK}:{ticket}"} == {channel}


def test_notes_are_in_the_language_of_who_reads_them() -> None:
    """The deputy's, while the draft stays the customer's; without templates in it, the team's."""
    for languages, begins in ((("de", "en"), "Für Ben: Ada ist bis 9. Januar nicht da."), (("fr",), "For Ben: Ada is")):
        team = Staffed(AWAY, replace(BEN, languages=languages))
        ticket = team.on(1).assigned(ADA_AGENT, "carla")
        team.on(2).is_released()
        team.decide()
        team.send()
        (note,) = team.helpdesk.notes(ticket)
        assert note.body.startswith(begins)
        assert "is fixed in version 4.2, which is available now." in note.body
