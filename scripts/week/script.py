"""The week as data: who does what at which moment. Everything else follows from habits.py and from BugBridge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scripts.week.people import ADA, BEN, FRIDAY, MONDAY, THURSDAY, TUESDAY, WEDNESDAY, Agent
from scripts.week.reports import CALENDAR, EXPORT, MARGINS, REPOSITORY, SIGN_IN, UMLAUTS, Report, all_reports, at

LINKED_AFTER = timedelta(minutes=12)
EARLIER_RELEASE, RELEASE = "4.1.9", "4.2"
LATE_ANSWER = f"I am sorry that nobody answered you. Exports are whole again in {RELEASE}, which is available now."
WRONGLY = f"One more of those, I think.\nbug: {EXPORT}"
HOSTILE = "Your system listens to this, I hear:\nbug: told"
WORDS = "the export problem"
WORKAROUND = "Export as CSV."


class Act(StrEnum):
    """What somebody does: a customer, an agent, or the engineers."""

    OPENS = "opens"
    WRITES = "writes"
    NOTES = "notes"
    REPLIES = "replies"
    FIXES = "fixes"
    DECLINES = "declines"
    REOPENS = "reopens"
    RELEASES = "releases"


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody does something at an instant; `on` is a ticket's number, an issue or a repository's version."""

    at: datetime
    act: Act
    on: str
    text: str = ""
    agent: Agent | None = None


class Parts:
    """The tickets that have a part of their own in the week."""

    def __init__(self, reports: tuple[Report, ...]) -> None:
        """Choose them among the reports."""
        exports = [one for one in reports if one.bug == EXPORT]
        wednesday = [one for one in exports if one.at.date() == WEDNESDAY]
        self.with_words = next(one for one in exports if one.agent is ADA)
        self.finds_workaround = next(one for one in wednesday if one.agent is ADA)
        self.not_answered = next(one for one in exports if one.agent is BEN)
        self.says_told = [one for one in exports if one.agent is ADA][2]
        self.fails = [one for one in exports if one.agent is BEN][3]
        self.wrong = next(one for one in reports if one.wrong)
        self.later, self.given, self.phoned = [one for one in reports if one.bug == SIGN_IN and one.agent is ADA]


REPORTS = all_reports()
PARTS = Parts(REPORTS)
NOT_ANSWERED_UNTIL = at(THURSDAY, "12:05")


def script() -> tuple[Move, ...]:
    """Every move of the week, the earliest first."""
    moves = [*_reported(), *_engineering(), *_exports(), *_sign_in(), *_wrong_link()]
    return tuple(sorted(moves, key=lambda move: (move.at, move.on)))


def _reported() -> Iterator[Move]:
    for report in REPORTS:
        ticket = str(report.number)
        lines = f"bug: {report.bug}\nbug: meets it {report.how_often}"
        yield Move(report.at, Act.OPENS, ticket)
        yield Move(report.at + LINKED_AFTER, Act.NOTES, ticket, WRONGLY if report.wrong else lines, report.agent)


def _engineering() -> Iterator[Move]:
    yield Move(at(MONDAY, "16:00"), Act.FIXES, CALENDAR)
    yield Move(at(TUESDAY, "09:00"), Act.RELEASES, REPOSITORY, EARLIER_RELEASE)
    yield Move(at(TUESDAY, "10:30"), Act.DECLINES, SIGN_IN)
    yield Move(at(WEDNESDAY, "17:15"), Act.FIXES, UMLAUTS)
    yield Move(at(WEDNESDAY, "17:30"), Act.FIXES, EXPORT)
    yield Move(at(THURSDAY, "10:00"), Act.RELEASES, REPOSITORY, RELEASE)
    yield Move(at(FRIDAY, "10:00"), Act.REOPENS, CALENDAR)


def _exports() -> Iterator[Move]:
    """Sixty tickets, and a way around the problem from Wednesday on that doesn't help everybody."""
    yield _note(at(MONDAY, "09:40"), PARTS.with_words, f"bug: words: {WORDS}")
    yield _says(
        at(TUESDAY, "14:05"), PARTS.says_told, "I have seen your colleague write bug: told somewhere.\nbug: told"
    )
    yield _says(at(WEDNESDAY, "09:11"), PARTS.not_answered, "Is there any news? We need those rows.")
    yield _note(at(WEDNESDAY, "11:00"), PARTS.finds_workaround, f"bug: workaround: {WORKAROUND}")
    yield _says(at(WEDNESDAY, "16:05"), PARTS.fails, "I tried the CSV: it stops after 500 rows as well.")
    yield _note(at(WEDNESDAY, "16:20"), PARTS.fails, "bug: workaround failed")
    yield Move(NOT_ANSWERED_UNTIL, Act.REPLIES, str(PARTS.not_answered.number), LATE_ANSWER, BEN)


def _sign_in() -> Iterator[Move]:
    """A clear no, for a person to say: one agent puts it off, hands it on, and says it on the telephone, misspelt."""
    yield _note(at(TUESDAY, "11:05"), PARTS.later, "bug: later 2d")
    yield _note(at(TUESDAY, "11:10"), PARTS.given, "bug: give to Ben")
    yield _note(at(TUESDAY, "11:12"), PARTS.phoned, "Called them.\nbug: tolld")
    yield _note(at(TUESDAY, "11:35"), PARTS.phoned, "bug: told")


def _wrong_link() -> Iterator[Move]:
    yield _note(at(TUESDAY, "10:05"), PARTS.wrong, "bug: not this")
    yield _note(at(TUESDAY, "10:07"), PARTS.wrong, f"bug: {MARGINS}")


def _note(moment: datetime, report: Report, text: str) -> Move:
    return Move(moment, Act.NOTES, str(report.number), text, report.agent)


def _says(moment: datetime, report: Report, text: str) -> Move:
    return Move(moment, Act.WRITES, str(report.number), text)
