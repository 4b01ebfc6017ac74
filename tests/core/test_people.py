"""Who receives what is due on a ticket: its agent, and if they aren't there whoever stands in for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.people import (
    NO_PEOPLE,
    Agent,
    Held,
    People,
    Person,
    Receiver,
    ReceiverKind,
    Team,
    Why,
    absence_sentence,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
TODAY = date(2026, 6, 10)
ADA, BEN, CEM, LEA = (
    Person(f"support:{number}", name, BERLIN) for number, name in enumerate(["Ada", "Ben", "Cem", "Lea"], 1)
)
LEAD = replace(LEA, lead=True)
AGENTS = tuple(Agent(number, "support", str(number), f"name of {number}") for number in range(1, 6))
ADAS = Held("support", agent_id=1, group="EU")
NOBODYS = Held("support", group="EU")


def away(person: Person, until: date | None = date(2026, 6, 12)) -> Person:
    """The same person, away today."""
    return replace(person, away_from=date(2026, 6, 1), away_to=until)


def received(
    held: Held, *persons: Person, promised: bool = False, agents: Sequence[Agent] = AGENTS, now: datetime = NOW
) -> Receiver:
    """Who receives what is due on a ticket that is held so."""
    return Team(People(persons), agents).receiver(held, now, promised=promised)


def seen(receiver: Receiver) -> tuple[str, int | None, str, str]:
    """What matters of a receiver."""
    return str(receiver.kind), receiver.party_id, receiver.name, str(receiver.why)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (ADAS, ("agent", 1, "name of 1", "assigned")),
        (replace(ADAS, given=True), ("agent", 1, "name of 1", "given")),
        (NOBODYS, ("nobody", None, "", "missing")),
    ],
)
def test_without_a_list_it_is_whoever_has_the_ticket(held: Held, expected: tuple[str, int | None, str, str]) -> None:
    """Suspended or not: nobody else is known."""
    suspended = [replace(agent, suspended=True) for agent in AGENTS]
    for agents in (AGENTS, suspended):
        assert seen(Team(NO_PEOPLE, agents).receiver(held, NOW)) == expected


def test_an_agent_who_is_there_receives_what_is_due_on_their_tickets() -> None:
    """Also one who is in no row of the list, by the name that the helpdesk shows."""
    assert seen(received(ADAS, ADA, LEAD)) == ("agent", 1, "Ada", "assigned")
    assert seen(received(replace(ADAS, agent_id=5), ADA, LEAD)) == ("agent", 5, "name of 5", "assigned")


def test_the_deputy_receives_what_is_due_while_somebody_is_away() -> None:
    """Promises too, at once."""
    row = replace(away(ADA), deputy=BEN.agent)
    for promised in (False, True):
        receiver = received(ADAS, row, BEN, LEAD, promised=promised)
        assert seen(receiver) == ("deputy", 2, "Ben", "away")
        assert absence_sentence(receiver) == "Ada is away until 12 June."


@pytest.mark.parametrize(
    ("now", "is_away"),
    [
        (datetime(2026, 5, 31, 21, 59, tzinfo=UTC), False),
        (datetime(2026, 5, 31, 22, tzinfo=UTC), True),
        (datetime(2026, 6, 12, 21, 59, tzinfo=UTC), True),
        (datetime(2026, 6, 12, 22, tzinfo=UTC), False),
    ],
)
def test_both_days_count_in_the_persons_own_zone(now: datetime, is_away: bool) -> None:  # noqa: FBT001 - a case
    """In Berlin summer days begin at 22:00 UTC."""
    assert away(ADA).is_away(now) is is_away


def test_a_suspended_agent_has_their_deputy() -> None:
    """The helpdesk says so, whatever the list says of days."""
    suspended = [replace(AGENTS[0], suspended=True), *AGENTS[1:]]
    receiver = received(ADAS, replace(ADA, deputy=BEN.agent), BEN, agents=suspended)
    assert (seen(receiver), absence_sentence(receiver)) == (
        ("deputy", 2, "Ben", "suspended"),
        "Ada is suspended at the helpdesk.",
    )


def test_a_deputy_who_isnt_there_is_skipped_for_their_own() -> None:
    """As far as it takes, and a loop ends in the group."""
    ada, ben = replace(away(ADA), deputy=BEN.agent), replace(away(BEN), deputy=CEM.agent)
    assert seen(received(ADAS, ada, ben, CEM)) == ("deputy", 3, "Cem", "away")
    loop = replace(away(CEM), deputy=ADA.agent)
    assert seen(received(ADAS, ada, ben, loop, replace(LEAD, group="eu"))) == ("group", None, "EU", "away")


def test_what_nobody_has_is_the_groups_then_the_leads() -> None:
    """Those of the group who are there, whatever its capitals."""
    group = received(NOBODYS, replace(ADA, group="eu"), replace(away(BEN), group="EU"), LEAD)
    assert (seen(group), [person.name for person in group.people]) == (("group", None, "EU", "missing"), ["Ada"])
    assert absence_sentence(group) == "Nobody has this ticket."
    assert seen(received(NOBODYS, replace(away(ADA), group="EU"), LEAD)) == ("lead", 4, "Lea", "missing")
    assert seen(received(replace(NOBODYS, group=""), ADA, LEAD)) == ("lead", 4, "Lea", "missing")


def test_a_leavers_promises_are_the_leads_and_the_rest_the_deputys() -> None:
    """What somebody promised who won't be back is for the lead to keep or to take back."""
    ada = replace(away(ADA, until=None), deputy=BEN.agent, group="EU")
    ben = replace(BEN, group="EU")
    assert seen(received(ADAS, ada, ben, LEAD, promised=True)) == ("lead", 4, "Lea", "left")
    other = received(ADAS, ada, ben, LEAD)
    assert (seen(other), absence_sentence(other)) == (("deputy", 2, "Ben", "left"), "Ada has left.")


def test_a_lead_who_is_away_has_another_lead_or_a_deputy() -> None:
    """With nobody left it is the lead's all the same, known to the list or not."""
    lea, cem = replace(away(LEAD), deputy=CEM.agent), replace(CEM, lead=True)
    assert received(NOBODYS, lea, cem).name == "Cem"
    assert seen(received(NOBODYS, lea, CEM)) == ("lead", 3, "Cem", "missing")
    assert seen(received(NOBODYS, lea, away(CEM))) == ("lead", 4, "Lea", "missing")
    assert seen(received(NOBODYS, away(ADA))) == ("lead", None, "", "missing")


def test_receivers_are_told_apart_by_person_and_not_by_why() -> None:
    """Ben's own tickets and Ada's count in one day of Ben's."""
    ada = replace(away(ADA), deputy=BEN.agent)
    for_ada, own = received(ADAS, ada, BEN), received(replace(ADAS, agent_id=2), ada, BEN)
    unlisted = received(replace(ADAS, agent_id=5), ada, BEN)
    assert (for_ada.key, own.key, unlisted.key) == ("support:2", "support:2", "5")
    assert received(NOBODYS, replace(BEN, group="EU")).key == "group eu"


def test_a_person_is_the_same_at_every_helpdesk_where_their_address_is_known() -> None:
    """Whatever its capitals; a deputy whom no helpdesk has shown has no party yet."""
    agents = [Agent(1, "support", "1", address="ADA@acme.example"), Agent(9, "desk", "ada", address="ada@acme.example")]
    ada = Person("Ada@acme.example", "Ada", BERLIN)
    team = Team(People((ada, replace(BEN, deputy=ada.agent))), agents)
    assert [team.receiver(Held(desk, number), NOW).name for desk, number in (("support", 1), ("desk", 9))] == [
        "Ada"
    ] * 2
    assert team.parties(team.receiver(ADAS, NOW)) == {1, 9}
    stranger = received(ADAS, replace(away(ADA), deputy="ben@acme.example"), Person("ben@acme.example", "Ben", BERLIN))
    assert (stranger.party_id, stranger.name, stranger.key) == (None, "Ben", "ben@acme.example")


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("ben", ["support:2"]),
        (" SUPPORT:2 ", ["support:2"]),
        ("bea", ["5"]),
        ("Bea  Becker", ["5"]),
        ("bea@ACME.example", ["5"]),
        ("desk", []),
        ("", []),
        ("Dan", ["support:8", "support:9"]),
    ],
)
def test_people_go_by_name_first_name_address_and_number(typed: str, keys: list[str]) -> None:
    """A whole name counts before a first name."""
    agents = (*AGENTS[:4], Agent(5, "support", "5", "Bea\nBecker", "bea@acme.example"), Agent(6, "desk", "6", "Ben"))
    dans = (Person(f"support:{number}", f"Dan {number}", BERLIN) for number in (8, 9))
    team = Team(People((BEN, *dans)), agents)
    assert [one.key for one in team.named(typed, "support")] == keys


names = st.sampled_from(["support:1", "support:2", "support:3", "support:4", "support:5"])
persons = st.builds(
    Person,
    names,
    st.just("somebody"),
    st.just(BERLIN),
    away_from=st.sampled_from([None, TODAY]),
    away_to=st.sampled_from([None, TODAY]),
    deputy=names | st.just(""),
    group=st.sampled_from(["", "EU"]),
    lead=st.booleans(),
)


@given(
    st.lists(persons, min_size=1, unique_by=lambda one: one.agent),
    st.sampled_from([None, 1, 2, 3, 4, 5]),
    st.sets(st.integers(1, 5)),
    st.booleans(),
)
def test_whoever_stands_in_is_there_unless_nobody_is_left(
    rows: list[Person],
    holder: int | None,
    suspended: set[int],
    promised: bool,  # noqa: FBT001 - a case
) -> None:
    """Chains of deputies end, whatever they are; only the lead, as the last, may be away."""
    listed = {row.agent for row in rows}
    rows = [replace(row, deputy=row.deputy if row.deputy in listed else "") for row in rows]
    agents = [replace(agent, suspended=agent.id in suspended) for agent in AGENTS]
    receiver = received(replace(NOBODYS, agent_id=holder), *rows, promised=promised, agents=agents)
    there = {row.agent for row in rows if not row.is_away(NOW) and int(row.agent[-1]) not in suspended}
    if any(row.agent not in there for row in receiver.people):
        assert receiver.kind is ReceiverKind.LEAD
        assert not any(row.agent in there and row.lead for row in rows)
    if receiver.kind in (ReceiverKind.AGENT, ReceiverKind.DEPUTY, ReceiverKind.GROUP):
        assert not (receiver.why is Why.LEFT and promised)
