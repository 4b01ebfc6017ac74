"""The week's ninety tickets: who reports which bug, when, how often they meet it, and which agent has the ticket."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from scripts.week.people import (
    ADA,
    AGENTS,
    BEN,
    CHLOE,
    ENGLISH,
    GERMAN,
    MONDAY,
    TEAM_ZONE,
    TUESDAY,
    WEDNESDAY,
    Agent,
    Customer,
)

REPOSITORY = "acme/app"
EXPORT, MARGINS, SIGN_IN, CALENDAR, UMLAUTS = (f"{REPOSITORY}#{number}" for number in (12, 21, 33, 40, 51))
ISSUES = {
    EXPORT: "ExportJob drops the rows after the first 500",
    MARGINS: "Invoice renderer ignores the page margins",
    SIGN_IN: "Session cookie outlives the browser window",
    CALENDAR: "iCal feed shifted by the zone's offset",
    UMLAUTS: "PDF writer embeds no font subset beyond Latin-1",
}
FIRST_TICKET = 1001
SAYS = {
    (EXPORT, ENGLISH): "Since this morning our export stops after 500 rows. Can you help?",
    (EXPORT, GERMAN): "Seit heute früh bricht unser Export nach 500 Zeilen ab. Können Sie helfen?",
    (MARGINS, ENGLISH): "A small thing: printed invoices have no margins. Not urgent for us.",
    (SIGN_IN, ENGLISH): "I stay signed in after I close the browser. Can that be switched off?",
    (CALENDAR, ENGLISH): "All our appointments are an hour late in the calendar since the update.",
    (UMLAUTS, ENGLISH): "In printed letters every name with an umlaut lacks that letter.",
}
# How many tickets on the export problem each agent gets on each day; Chloé is away from Wednesday on.
EXPORTS = (
    (MONDAY, (ADA,) * 7 + (BEN,) * 7 + (CHLOE,) * 10),
    (TUESDAY, (ADA,) * 7 + (BEN,) * 7 + (CHLOE,) * 10),
    (WEDNESDAY, (ADA,) * 6 + (BEN,) * 6),
)
OTHERS = (
    (MONDAY, (CALENDAR,) * 10 + (SIGN_IN,) * 8 + (MARGINS,) * 6),
    (TUESDAY, (MARGINS,) * 3 + (UMLAUTS,) * 2),
)
HOW_OFTEN = ("daily", "daily", "sometimes", "daily", "once")
HOW_OFTEN_OTHERS = {MARGINS: "once", SIGN_IN: "sometimes", CALENDAR: "daily", UMLAUTS: "sometimes"}
EVERY_FIFTH = 5
ENTERPRISE = (4, 31)
TWICE = (2, 27)  # the later of these two tickets on the export problem has the earlier one's customer


@dataclass(frozen=True, slots=True)
class Report:
    """One ticket: its customer writes at an instant (UTC) and means a bug, which the agent knows by its issue."""

    at: datetime
    bug: str
    agent: Agent
    customer: Customer
    how_often: str
    number: int = 0
    wrong: bool = False

    @property
    def says(self) -> str:
        """The customer's own words."""
        return SAYS[self.bug, self.customer.locale]


def at(day: date, wall: str) -> datetime:
    """An instant by the team's clock, such as 09:30."""
    return datetime.combine(day, time.fromisoformat(wall), TEAM_ZONE)


def all_reports() -> tuple[Report, ...]:
    """Every ticket of the week, numbered as they come in."""
    customers = (Customer(place) for place in range(1000))
    found = [*_exports(), *_others(), _wrong()]
    with_customers = [replace(one, customer=_met(one, next(customers))) for one in found]
    with_customers[TWICE[1]] = replace(with_customers[TWICE[1]], customer=with_customers[TWICE[0]].customer)
    ordered = sorted(with_customers, key=lambda one: one.at)
    return tuple(replace(one, number=FIRST_TICKET + place) for place, one in enumerate(ordered))


def _met(report: Report, customer: Customer) -> Customer:
    """The customer of a report, with the locale and plan that it was given."""
    return replace(report.customer, place=customer.place)


def _exports() -> Iterator[Report]:
    place = 0
    for day, agents in EXPORTS:
        for minutes, agent in enumerate(_taking_turns(agents)):
            locale = GERMAN if place % EVERY_FIFTH == EVERY_FIFTH - 1 else ENGLISH
            customer = Customer(0, locale, "enterprise" if place in ENTERPRISE else "free")
            begins = at(day, "09:05") + timedelta(minutes=15 * minutes)
            yield Report(begins, EXPORT, agent, customer, HOW_OFTEN[place % len(HOW_OFTEN)])
            place += 1


def _taking_turns(agents: tuple[Agent, ...]) -> list[Agent]:
    """The same agents, one after another as long as each has some left."""
    turns = [(agents[:place].count(agent), agent.id, agent) for place, agent in enumerate(agents)]
    return [agent for _, _, agent in sorted(turns, key=lambda turn: turn[:2])]


def _others() -> Iterator[Report]:
    for day, bugs in OTHERS:
        for place, bug in enumerate(bugs):
            agent = AGENTS[bugs[:place].count(bug) % len(AGENTS)]
            begins = at(day, "09:12") + timedelta(minutes=12 * place)
            yield Report(begins, bug, agent, Customer(0), HOW_OFTEN_OTHERS[bug])


def _wrong() -> Report:
    """The one whose agent errs: it is about invoices, but linked to the export problem at first."""
    return Report(at(MONDAY, "15:32"), MARGINS, ADA, Customer(0), "once", wrong=True)
