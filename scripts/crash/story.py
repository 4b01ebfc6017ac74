"""What happens to the made-up team, phase by phase: all of it follows from the seed.

A phase is a few simulated days long. Its changes come at its beginning, and a bug has either news in it or something
said on its tickets, never both: so what is due does not depend on the moment at which BugBridge reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.world import SEED_NOW
from scripts.crash.desk import BUGS, FIRST_TICKET, REPOSITORY, is_racing, reports

# No multiple of it is near a whole number of weeks, after which periodic updates fall due.
LENGTH = timedelta(hours=74.4)
BUGS_WITH_NEWS = 4
BUGS_WITH_TALK = 4
NEWS = {
    "open": ("in progress", "fixed", "fixed", "workaround", "declined"),
    "in progress": ("fixed", "fixed", "workaround"),
    "fixed": ("released", "released", "released", "reopened"),
    "released": ("reopened", "workaround"),
    "declined": ("reopened",),
}
STATES = {"workaround": None, "reopened": "open"}
TALK = ("answers", "answers", "told", "question", "unlink", "solve", "opt-out")
PAUSED_SHARE = 0.1

Change = tuple[str, str, dict[str, object]]
"""A control endpoint of the sandbox: server, name, what is asked."""


@dataclass
class Phase:
    """What changes at the beginning of a phase, by the world and by `bugbridge` commands, and what agents do to racing
    customers at any moment of it. A `paused` one begins with a pause, in which its changes are read."""

    number: int
    changes: list[Change] = field(default_factory=list)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    races: list[Change] = field(default_factory=list)
    paused: bool = False

    @property
    def start(self) -> datetime:
        """Its first instant (UTC)."""
        return SEED_NOW + self.number * LENGTH


def phase_of(at: datetime) -> int:
    """The number of the phase in which an instant lies; 0 is before the first."""
    return (at - SEED_NOW) // LENGTH


class Story:
    """The phases of one seed, one after another; each follows from those before."""

    def __init__(self, seed: int) -> None:
        """Begin with every bug open."""
        self._chance = Chance(seed)
        self._states = dict.fromkeys(range(1, BUGS + 1), "open")
        self._tickets: dict[int, list[int]] = {bug: [] for bug in self._states}
        self._in_peace: set[int] = set()
        self._racing: dict[int, list[int]] = {bug: [] for bug in self._states}
        for place, (bug, person) in enumerate(reports()):
            (self._racing if is_racing(person) else self._tickets)[bug].append(FIRST_TICKET + place)

    def phases(self) -> Iterator[Phase]:
        """Give them without end, the first being number 1."""
        for number in count(1):
            phase = Phase(number, paused=self._chance.happens(PAUSED_SHARE))
            bugs = self._chance.shuffled(list(self._states))
            for bug in bugs[:BUGS_WITH_NEWS]:
                self._news(phase, bug)
            for bug in bugs[BUGS_WITH_NEWS : BUGS_WITH_NEWS + BUGS_WITH_TALK]:
                self._talk(phase, bug)
            yield phase

    def _news(self, phase: Phase, bug: int) -> None:
        reference = f"{REPOSITORY}#{bug}"
        news = self._chance.pick(NEWS[self._states[bug]])
        changes: dict[str, list[Change]] = {
            "in progress": [("github", "github/assign", {"reference": reference, "login": "octavia"})],
            "fixed": [("github", "github/close", {"reference": reference})],
            "declined": [("github", "github/close", {"reference": reference, "state_reason": "not_planned"})],
            "reopened": [("github", "github/reopen", {"reference": reference})],
        }
        commands = {
            "workaround": [("workaround", f"github:{reference}", f"Export as CSV, {phase.number}.")],
            "released": [("release", f"github:{reference}", f"4.{phase.number}")],
        }
        phase.changes += changes.get(news, [])
        phase.commands += commands.get(news, [])
        if news == "reopened":  # an assigned one would be in progress again at once
            phase.changes.append(
                ("github", "github/assign", {"reference": reference, "login": "octavia", "add": False})
            )
        self._states[bug] = STATES.get(news, news) or self._states[bug]
        phase.races += [_answer(ticket) for ticket in self._racing[bug]]

    def _talk(self, phase: Phase, bug: int) -> None:
        how = self._chance.pick(TALK)
        tickets = self._chance.shuffled(self._tickets[bug])
        few = tickets[: max(1, len(tickets) // 3)]
        if how == "answers":
            phase.changes += [_answer(ticket) for ticket in tickets]
        elif how == "told":
            phase.commands += [("told", f"support:{ticket}") for ticket in tickets]
        elif how == "question":
            asked = "Is there any news?"
            phase.changes += [("zendesk", "zendesk/customer-comment", {"ticket": each, "body": asked}) for each in few]
        elif how == "opt-out":
            phase.commands.append(("opt-out", f"support:{tickets[0]}", *self._undoing(tickets[0])))
        elif how == "solve":
            phase.changes += [_answer(ticket, status="solved") for ticket in few]
        else:
            phase.commands.append(("unlink", f"support:{tickets[0]}", f"github:{REPOSITORY}#{bug}"))
            self._tickets[bug].remove(tickets[0])

    def _undoing(self, ticket: int) -> tuple[str, ...]:
        """Whoever wanted to hear nothing wants to hear again the next time."""
        self._in_peace ^= {ticket}
        return () if ticket in self._in_peace else ("--undo",)


def _answer(ticket: int, **further: str) -> Change:
    return ("zendesk", "zendesk/agent-comment", {"ticket": ticket, "body": "We are still at it.", **further})
