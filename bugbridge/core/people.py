"""People: who of the team receives what is due on a ticket, also where the agent who has it isn't there.

It is the agent to whom the ticket was given, else its assignee. For one who is away on this day in their own zone, has
left, or is suspended at the helpdesk, it is their deputy (and theirs in turn), else whoever is there of the ticket's
group, else the lead; for a ticket that nobody has, the group or the lead. All of it goes the same way at once, promises
and whatever else is due: nobody guesses whether somebody will be back in time. What a leaver promised is the lead's.

Without a list of people each ticket's agent receives what is due on it, and nobody where nobody has it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from bugbridge.core.access import Role


class ReceiverKind(StrEnum):
    """In which queue something is: an agent's, theirs for another agent, a group's, the lead's, or nobody's."""

    AGENT = "agent"
    DEPUTY = "deputy"
    GROUP = "group"
    LEAD = "lead"
    NOBODY = "nobody"


class Why(StrEnum):
    """Why it is theirs: the ticket is assigned or given to them, or whoever has it isn't there, or nobody has it."""

    ASSIGNED = "assigned"
    GIVEN = "given"
    AWAY = "away"
    LEFT = "left"
    SUSPENDED = "suspended"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the team; `agent` is `HELPDESK:ID` or an e-mail address, `deputy` the `agent` of another.

    They are away from the beginning of `away_from` to the end of `away_to`, days in their zone; without `away_to` they
    have left for good. `channel` is the name of a notification, `group` that of a group of the helpdesk. On the web
    they have this `role`, and see these `brands` as a `Visitor` does.
    """

    agent: str
    name: str
    zone: ZoneInfo
    channel: str = ""
    languages: tuple[str, ...] = ()
    away_from: date | None = None
    away_to: date | None = None
    deputy: str = ""
    group: str = ""
    lead: bool = False
    role: Role = Role.AGENT
    brands: frozenset[str] | None = None

    def is_away(self, now: datetime) -> bool:
        """Whether they are away, or have left, on this day in their zone."""
        today = now.astimezone(self.zone).date()
        return self.away_from is not None and self.away_from <= today <= (self.away_to or date.max)

    def has_left(self, now: datetime) -> bool:
        """Whether they won't be back."""
        return self.away_to is None and self.is_away(now)


@dataclass(frozen=True, slots=True)
class People:
    """The team's own list; each `deputy` is the `agent` of another row."""

    persons: tuple[Person, ...] = ()

    def named_as(self, *references: str) -> Person | None:
        """Give the row of whoever goes by one of these, each a `HELPDESK:ID` or an e-mail address; none for nobody."""
        wanted = {reference.casefold() for reference in references if reference}
        return next((person for person in self.persons if person.agent.casefold() in wanted), None)


NO_PEOPLE = People()


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of a helpdesk as we keep them, by the id of their party."""

    id: int
    helpdesk: str
    remote_id: str
    name: str = ""
    address: str = ""
    suspended: bool = False

    @property
    def reference(self) -> str:
        """`HELPDESK:ID`, as people write it."""
        return f"{self.helpdesk}:{self.remote_id}"


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a ticket, by their party, none where nobody has it; whether it was `given` to them, and its group."""

    helpdesk: str
    agent_id: int | None = None
    group: str = ""
    given: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who can be named: a person of the list with the agents they are, or an agent who is in no row of it."""

    agents: tuple[Agent, ...]
    person: Person | None = None

    @property
    def key(self) -> str:
        """What tells them from everybody else."""
        return self.person.agent if self.person else str(self.agents[0].id)

    @property
    def name(self) -> str:
        """What people call them."""
        if self.person:
            return self.person.name
        return " ".join(self.agents[0].name.split()) or self.agents[0].reference

    @property
    def references(self) -> frozenset[str]:
        """Their `HELPDESK:ID`s and e-mail addresses, in lower case."""
        own = {self.person.agent} if self.person else set()
        texts = own | {text for agent in self.agents for text in (agent.reference, agent.address)}
        return frozenset(text.casefold() for text in texts if text)

    def at(self, helpdesk: str) -> Agent | None:
        """Give the agent that they are at a helpdesk."""
        return next((agent for agent in self.agents if agent.helpdesk == helpdesk), None)

    def works_at(self, helpdesk: str) -> bool:
        """Whether they are an agent there, also one on none of whose tickets we have met them yet."""
        listed = self.person.agent.partition(":")[0] if self.person else ""
        return listed == helpdesk or self.at(helpdesk) is not None

    def absence(self, helpdesk: str, now: datetime) -> Why | None:
        """Say why they receive nothing now at a helpdesk, none where they do."""
        if self.person and self.person.is_away(now):
            return Why.LEFT if self.person.has_left(now) else Why.AWAY
        agent = self.at(helpdesk)
        return Why.SUSPENDED if agent and agent.suspended else None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who receives what is due on a ticket, and why: it is theirs, or `absent` isn't there, away until `until`.

    `party_id` is none for a group, for nobody, and for whom no helpdesk has shown yet; `name` is a group's for a group.
    `people` are the rows of the list that it is.
    """

    kind: ReceiverKind
    party_id: int | None
    name: str
    why: Why
    people: tuple[Person, ...] = ()
    absent: str = ""
    until: date | None = None

    @property
    def key(self) -> str:
        """What tells one receiver from another: what each gets in a day is counted by it."""
        if self.kind is ReceiverKind.GROUP:
            return f"group {self.name.casefold()}"
        if self.people:
            return self.people[0].agent
        return self.kind.value if self.kind is ReceiverKind.LEAD else str(self.party_id or "")

    @property
    def stands_in(self) -> bool:
        """Whether it is another than the agent who has the ticket."""
        return self.kind not in (ReceiverKind.AGENT, ReceiverKind.NOBODY)


class Team:
    """The people of the list, and the agents that they are at the helpdesks."""

    def __init__(self, people: People, agents: Sequence[Agent]) -> None:
        """Take all agents of all helpdesks."""
        self._people = people
        self._agents = agents

    @cached_property
    def known(self) -> tuple[Known, ...]:
        """Everybody who can be named: who is listed first, in their order."""
        listed: dict[str, list[Agent]] = {person.agent.casefold(): [] for person in self._people.persons}
        others = []
        for agent in self._agents:
            rows = (listed.get(text.casefold()) for text in (agent.reference, agent.address))
            own = next((row for row in rows if row is not None), None)
            if own is None:
                others.append(Known((agent,)))
            else:
                own.append(agent)
        persons = (Known(tuple(listed[person.agent.casefold()]), person) for person in self._people.persons)
        return (*persons, *others)

    @cached_property
    def _by_id(self) -> dict[int, Known]:
        return {agent.id: one for one in self.known for agent in one.agents}

    @cached_property
    def _by_key(self) -> dict[str, Known]:
        return {one.key: one for one in self.known}

    def named(self, typed: str, helpdesk: str = "") -> tuple[Known, ...]:
        """Give those who go by a `HELPDESK:ID`, an e-mail address or a name, or the first word of one; at a helpdesk
        those who work there, else at any. Capitals don't matter."""
        wanted = " ".join(typed.split()).casefold()
        candidates = [one for one in self.known if not helpdesk or one.works_at(helpdesk)]
        for goes_by in (_reference_is, _name_is, _first_name_is):
            found = tuple(one for one in candidates if goes_by(one, wanted))
            if found:
                return found
        return ()

    def going_by(self, reference: str) -> Known | None:
        """Give whoever has exactly this `HELPDESK:ID` or e-mail address; capitals don't matter."""
        wanted = reference.casefold()
        return next((one for one in self.known if wanted in one.references), None)

    def at_address(self, address: str) -> tuple[Person, ...]:
        """Give the rows whose `agent` is this e-mail address, else those of agents who have it at a helpdesk."""
        listed = self._people.named_as(address)
        if listed is not None:
            return (listed,)
        wanted = address.casefold()
        return tuple(one.person for one in self.known if one.person and wanted and wanted in one.references)

    def receiver(self, held: Held, now: datetime, *, promised: bool = False) -> Receiver:
        """Say who receives what is due on a ticket that is held so; `promised` is what the agent promised."""
        holder = self._by_id.get(held.agent_id or 0)
        why = self._absence(held, holder, now)
        if why is None:
            why = Why.GIVEN if held.given else Why.ASSIGNED
            return Receiver(ReceiverKind.AGENT, held.agent_id, holder.name if holder else "", why, _rows([holder]))
        if not self._people.persons:
            return Receiver(ReceiverKind.NOBODY, None, "", why)
        return self._stand_in(held, holder, why, now, promised=promised)

    def parties(self, receiver: Receiver) -> frozenset[int]:
        """Give the agents, at any helpdesk, that a receiver is."""
        own = {receiver.party_id} if receiver.party_id is not None else set()
        return frozenset(own | {agent.id for row in receiver.people for agent in self._by_key[row.agent].agents})

    def _absence(self, held: Held, holder: Known | None, now: datetime) -> Why | None:
        if held.agent_id is None:
            return Why.MISSING
        return holder.absence(held.helpdesk, now) if holder and self._people.persons else None

    def _stand_in(self, held: Held, holder: Known | None, why: Why, now: datetime, *, promised: bool) -> Receiver:
        leads_own = promised and why is Why.LEFT
        deputy = self._deputy(holder, held.helpdesk, now) if holder and not leads_own else None
        if deputy is not None:
            return _receiver(ReceiverKind.DEPUTY, deputy, held, holder, why)
        members = [] if leads_own else self._members(held, now)
        if members:
            absent, until = _absent(holder)
            return Receiver(ReceiverKind.GROUP, None, held.group, why, _rows(members), absent, until)
        return _receiver(ReceiverKind.LEAD, self._lead(held.helpdesk, now), held, holder, why)

    def _deputy(self, one: Known, helpdesk: str, now: datetime) -> Known | None:
        """Follow deputies to the first who is there, each once at most."""
        asked = {one.key}
        while one.person and one.person.deputy and one.person.deputy not in asked:
            one = self._by_key[one.person.deputy]
            asked.add(one.key)
            if one.absence(helpdesk, now) is None:
                return one
        return None

    def _members(self, held: Held, now: datetime) -> list[Known]:
        return [
            one
            for one in self.known
            if one.person
            and held.group
            and one.person.group.casefold() == held.group.casefold()
            and one.absence(held.helpdesk, now) is None
        ]

    def _lead(self, helpdesk: str, now: datetime) -> Known | None:
        """Give the first lead who is there, else one's deputy; with nobody left a lead all the same."""
        leads = [one for one in self.known if one.person and one.person.lead]
        there = (one for one in leads if one.absence(helpdesk, now) is None)
        deputies = (self._deputy(one, helpdesk, now) for one in leads)
        return next((one for one in (*there, *deputies, *leads) if one is not None), None)


def _receiver(kind: ReceiverKind, one: Known | None, held: Held, holder: Known | None, why: Why) -> Receiver:
    """Put somebody into the absent one's place; a lead may be in no row."""
    absent, until = _absent(holder)
    if one is None:
        return Receiver(kind, None, "", why, (), absent, until)
    agent = one.at(held.helpdesk) or next(iter(one.agents), None)
    return Receiver(kind, agent.id if agent else None, one.name, why, _rows([one]), absent, until)


def _absent(holder: Known | None) -> tuple[str, date | None]:
    """Give the name of whoever has the ticket, and their last day away."""
    if holder is None:
        return "", None
    return holder.name, holder.person.away_to if holder.person else None


def _rows(several: Iterable[Known | None]) -> tuple[Person, ...]:
    return tuple(one.person for one in several if one is not None and one.person is not None)


def _reference_is(one: Known, wanted: str) -> bool:
    return wanted in one.references


def _name_is(one: Known, wanted: str) -> bool:
    return one.name.casefold() == wanted


def _first_name_is(one: Known, wanted: str) -> bool:
    return one.name.casefold().partition(" ")[0] == wanted
