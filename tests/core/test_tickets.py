"""A ticket as its helpdesk shows it, compared with what is known."""

from dataclasses import replace

from bugbridge.core.events import FactEvent
from bugbridge.core.model import AuthorKind, FactKind, TicketStatus
from bugbridge.core.snapshots import RemotePerson, RemoteTicket
from bugbridge.core.tickets import TicketParties, account_facts, agent_facts, person_facts, ticket_facts
from tests.core.builders import day

PERSON = RemotePerson("9", AuthorKind.CUSTOMER, locale="de", zone="Europe/Berlin")
SEEN = RemoteTicket("4711", day(0), day(5), TicketStatus.OPEN, PERSON, brand="acme")
PARTIES = TicketParties(requester_id=40, account_id=50, assignee_id=None)


def known(*facts: FactEvent) -> dict[FactKind, FactEvent]:
    """The latest fact of each kind."""
    return {fact.kind: fact for fact in facts}


def shown(*facts: FactEvent) -> list[tuple[FactKind, str]]:
    """Kinds and values."""
    return [(fact.kind, fact.value) for fact in facts]


FIRST = ticket_facts(1, SEEN, PARTIES, {})


def test_at_first_sight_facts_date_back_to_the_tickets_beginning_and_say_that_this_is_assumed() -> None:
    """An import can't know since when; the past is better read with an assumption than with a hole."""
    assert shown(*FIRST) == [(FactKind.STATUS, "open"), (FactKind.REQUESTER, "40"), (FactKind.BRAND, "acme")]
    assert {(fact.occurred_at, fact.assumed) for fact in FIRST} == {(day(0), True)}


def test_what_has_not_changed_is_not_written_again() -> None:
    """The same ticket seen twice gives nothing the second time."""
    assert ticket_facts(1, SEEN, PARTIES, known(*FIRST)) == ()


def test_a_change_is_dated_when_the_ticket_changed() -> None:
    """It happened by then, and nothing about it is assumed."""
    solved = replace(SEEN, status=TicketStatus.SOLVED, updated_at=day(8))
    changed = ticket_facts(1, solved, PARTIES, known(*FIRST))
    assert [(fact.value, fact.occurred_at, fact.assumed) for fact in changed] == [("solved", day(8), False)]


def test_what_a_known_ticket_gains_later_is_not_dated_back() -> None:
    """Assigned, merged or gone now is not assigned, merged or gone from the beginning."""
    later = replace(SEEN, updated_at=day(9), merged_into="4712", gone=True)
    gained = ticket_facts(1, later, replace(PARTIES, assignee_id=60), known(*FIRST))
    kinds = {FactKind.ASSIGNEE, FactKind.MERGED, FactKind.GONE}
    assert {(fact.kind, fact.occurred_at, fact.assumed) for fact in gained} == {(kind, day(9), False) for kind in kinds}


def test_what_is_lost_is_written_as_empty() -> None:
    """A ticket may lose its assignee again."""
    assigned = ticket_facts(1, SEEN, replace(PARTIES, assignee_id=60), {})
    assert shown(*ticket_facts(1, SEEN, PARTIES, known(*assigned))) == [(FactKind.ASSIGNEE, "")]


def test_a_customer_seen_through_an_older_ticket_still_changes() -> None:
    """What is read now is newer than what is known, even where this ticket changed long before."""
    first = person_facts(40, PERSON, 50, SEEN, {})
    through_recent = replace(SEEN, updated_at=day(20))
    french = person_facts(40, replace(PERSON, locale="fr"), 50, through_recent, known(*first))
    german = person_facts(40, PERSON, 50, replace(SEEN, updated_at=day(10)), known(*first, *french))
    assert [(fact.value, fact.occurred_at) for fact in german] == [("de", day(20))]


def test_a_customers_facts_are_account_locale_and_zone() -> None:
    """Names and addresses are no facts: they live where they can be erased."""
    named = replace(PERSON, name="Ann", address="ann@example.com")
    assert shown(*person_facts(40, named, 50, SEEN, {})) == [
        (FactKind.ACCOUNT, "50"),
        (FactKind.LOCALE, "de"),
        (FactKind.ZONE, "Europe/Berlin"),
    ]


def test_an_account_changes_its_tier() -> None:
    """The plan counts from when it was seen to change."""
    first = account_facts(50, "team", SEEN, {})
    grown = account_facts(50, "enterprise", replace(SEEN, updated_at=day(30)), known(*first))
    assert [(fact.value, fact.occurred_at, fact.entity_id) for fact in grown] == [("enterprise", day(30), 50)]


def test_an_agent_is_suspended_and_back_when_that_was_seen() -> None:
    """Nothing is written of one who never was."""
    ada = RemotePerson("7", AuthorKind.AGENT)
    suspended = replace(ada, suspended=True)
    assert agent_facts(60, ada, SEEN, {}) == ()
    first = agent_facts(60, suspended, SEEN, {})
    back = agent_facts(60, ada, replace(SEEN, updated_at=day(8)), known(*first))
    assert [(fact.kind, fact.value) for fact in (*first, *back)] == [
        (FactKind.SUSPENDED, "yes"),
        (FactKind.SUSPENDED, ""),
    ]
    assert (back[0].occurred_at, agent_facts(60, suspended, SEEN, known(*first))) == (day(8), ())


def test_the_same_sight_gives_the_same_source_keys() -> None:
    """So that what is read twice is kept once."""
    assert ticket_facts(1, SEEN, PARTIES, {}) == FIRST
