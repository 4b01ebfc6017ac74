"""Who takes part: three agents with their days, their lead, and the customers."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bugbridge.sandbox.seed_words import FAMILY_NAMES, GIVEN_NAMES

TEAM_ZONE = ZoneInfo("Europe/Berlin")
OPENS, CLOSES = time(8), time(18)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = WEEK = tuple(date(2026, 6, day) for day in range(8, 13))
FIRST_CUSTOMER = 20_000
GERMAN, ENGLISH = "de", "en-GB"


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody at the helpdesk, whose days are `zone`'s. Whoever is away has a deputy, by name."""

    id: int
    login: str
    name: str
    zone: str
    languages: str
    away: tuple[date, ...] = ()
    deputy: str = ""

    @property
    def short(self) -> str:
        """The first name, as colleagues use it."""
        return self.name.partition(" ")[0]

    @property
    def email(self) -> str:
        """Where the helpdesk writes to them."""
        return f"{self.login}@acme.example"

    def wall(self, at: datetime) -> datetime:
        """An instant as their own clock shows it."""
        return at.astimezone(ZoneInfo(self.zone))

    def is_away(self, at: datetime) -> bool:
        """Whether this is one of the days that they are away."""
        return self.wall(at).date() in self.away


ADA = Agent(101, "ada", "Ada Novak", "Europe/Berlin", "en de")
BEN = Agent(102, "ben", "Ben Okafor", "Europe/London", "en")
CHLOE = Agent(103, "chloe", "Chloé Martin", "Europe/Paris", "en de", (WEDNESDAY, THURSDAY, FRIDAY), deputy="Ada")
AGENTS = (ADA, BEN, CHLOE)
LEAD = Agent(104, "lea", "Lea Brandt", "Europe/Berlin", "en de")
STAFF = (*AGENTS, LEAD)


def stand_in(agent: Agent, at: datetime) -> Agent:
    """Who does an agent's work on that day: they or their deputy."""
    if not agent.is_away(at):
        return agent
    return next(other for other in AGENTS if other.short == agent.deputy)


def people_file() -> str:
    """The team's own list of its agents, as people.csv."""
    rows = ["agent,name,channel,zone,languages,away_from,away_to,deputy,group,lead"]
    for one in STAFF:
        away = (str(one.away[0]), str(one.away[-1])) if one.away else ("", "")
        deputy = next((other.email for other in AGENTS if other.short == one.deputy), "")
        lead = "yes" if one is LEAD else "no"
        rows.append(",".join((one.email, one.name, one.login, one.zone, one.languages, *away, deputy, "", lead)))
    return "\n".join(rows) + "\n"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes to us, each from a company of their own."""

    place: int
    locale: str = ENGLISH
    tier: str = "free"

    @property
    def id(self) -> int:
        """Their number at the helpdesk."""
        return FIRST_CUSTOMER + self.place

    @property
    def name(self) -> str:
        """A name that no other customer of this week has."""
        given, family = self.place % len(GIVEN_NAMES), self.place // len(GIVEN_NAMES) + self.place
        return f"{GIVEN_NAMES[given]} {FAMILY_NAMES[family % len(FAMILY_NAMES)]}"
