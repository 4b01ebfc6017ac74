"""The scene with working hours and limits: customers with several tickets, and what is due for them."""

from dataclasses import replace
from datetime import datetime
from typing import Self

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.model import UpdateState
from bugbridge.core.noise import held_until
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.planning import PlanningResult, plan
from bugbridge.services.sending import Sender, SendingResult
from tests.services.scene import ANN, CARLA, ISSUE, OTHER_ISSUE, Scene, customer

ONE_NOTE = SendingResult(posted=1, updates=1)
BOTH = SendingResult(posted=1, updates=2)


class Team(Scene):
    """The scene with working hours, where a test gives them."""

    def __init__(self, calendar: WorkCalendar = ALWAYS_OPEN) -> None:
        super().__init__()
        self.calendar = calendar

    def plan(self, ruleset_hash: str = "") -> PlanningResult:
        """Decide by the team's calendar."""
        return plan(self.store, self.policy, self.clock, self.calendar, ruleset_hash)

    def sender(self, owner: str = "worker-1") -> Sender:
        """Send by it."""
        return replace(super().sender(owner), calendar=self.calendar)

    def has_a_workaround(self, reference: str = ISSUE) -> None:
        """An agent records one."""
        add_workaround(self.store, self.clock, self.issue(reference), "Use CSV.", "en", ANN)

    def limits(self, **limits: int) -> Self:
        """Change the policy's limits."""
        self.policy = replace(self.policy, limits=replace(self.policy.limits, **limits))
        return self

    def held(self, ticket: str, reference: str = ISSUE) -> list[datetime | None]:
        """Until when each of a link's planned updates is held."""
        items = self.store.updates_of(self.key(ticket, reference))
        return [held_until(item) for item in items if item.state is UpdateState.PLANNED]

    def bodies(self, *tickets: str) -> list[str]:
        """Our notes on these tickets."""
        return [note.body for ticket in tickets for note in self.helpdesk.notes(ticket)]


def with_two_tickets(**how: WorkCalendar) -> tuple[Team, str, str]:
    """On day 2 a customer is to hear of two releases on two tickets; the second ticket was active last."""
    team = Team(**how)
    first = team.on(1).reported(CARLA)
    second = team.on(1.1).reported(CARLA, OTHER_ISSUE)
    team.on(2).is_released(ISSUE, "4.2")
    team.is_released(OTHER_ISSUE, "5.0")
    team.decide()
    return team, first, second


def released_for(team: Team, number: int) -> list[str]:
    """So many customers on day 1 who on day 2 are to hear of a release."""
    tickets = [team.on(1).reported(customer(f"customer-{each}")) for each in range(number)]
    team.on(2).is_released()
    team.decide()
    return tickets
