"""What the week must hold, each by a sentence where it doesn't."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from bugbridge.sandbox.world import World
from scripts.week.people import AGENTS, CLOSES, FRIDAY, OPENS, TEAM_ZONE, THURSDAY, TUESDAY, WEEK
from scripts.week.record import answers, notes, pings, reminders, told
from scripts.week.reports import CALENDAR, EXPORT, SIGN_IN, at
from scripts.week.script import EARLIER_RELEASE, PARTS, RELEASE, REPORTS

Check = Callable[[World], Iterator[str]]
MOST_REMINDERS = 8
ANSWERED_WITHIN = timedelta(minutes=20)
TAKEN_BACK = at(TUESDAY, "10:30")
DECLINED, RELEASED, REOPENED = at(TUESDAY, "10:30"), at(THURSDAY, "10:00"), at(FRIDAY, "10:00")

SENTENCES = {
    "linked": r"Linked to \S*acme/app#\d+\. Workaround: .+ Wrong bug\? Write `bug: not this`",
    "silence": r"No update is due: .+ You'll be reminded only if ",
    "reminder": r"Due by .+ closes itself, or write `bug: told`, `bug: later 1w` or `bug: give to \w+`",
    "round": r"4\.2 is out\. \d+ tickets report this bug: \d+ drafts? (is|are) ready, .+ Nothing goes out until ",
    "draft, released": r"The export problem you wrote about on \d+ June is fixed in version 4\.2, which is available",
    "draft, correction": r"On 9 June I told you .+ was fixed in 4\.1\.9\. It isn't, and I'm sorry I told you so\.",
}


def problems_of(world: World) -> list[str]:
    """Say everything about the week that is not as it must be."""
    return [problem for check in CHECKS for problem in check(world)]


def few_reminders(world: World) -> Iterator[str]:
    """An agent gets at most eight a day."""
    for (agent, day), count in sorted(reminders(world).items(), key=lambda one: (one[0][1], one[0][0].id)):
        if count > MOST_REMINDERS:
            yield f"{agent.short} got {count} reminders on {day}, more than {MOST_REMINDERS}."


def no_note_outside_hours(world: World) -> Iterator[str]:
    """Nothing is posted when the team is not at work."""
    for ticket, note in notes(world):
        local = note.created_at.astimezone(TEAM_ZONE)
        if local.date() not in WEEK or not OPENS <= local.time() <= CLOSES:
            yield f"#{ticket.id} got a note at {local:%A %H:%M}, when nobody works."


def nothing_told_twice(world: World) -> Iterator[str]:
    """No customer hears of the same release again, from whichever of their tickets; a correction names it too."""
    counts = {EARLIER_RELEASE: told(world, CALENDAR, EARLIER_RELEASE, REOPENED), RELEASE: told(world, EXPORT, RELEASE)}
    for version, customers in counts.items():
        for customer, times in customers.items():
            if times > 1:
                yield f"The customer of {customer} was told of {version} {times} times."


def earlier_release_told(world: World) -> Iterator[str]:
    """Everybody who waited for Tuesday's release hears of it."""
    return _forgotten(world, CALENDAR, EARLIER_RELEASE)


def release_told(world: World) -> Iterator[str]:
    """Everybody who waited for Thursday's release hears of it: whoever wrote `bug: told`, or has two tickets, too."""
    return _forgotten(world, EXPORT, RELEASE)


def _forgotten(world: World, bug: str, version: str) -> Iterator[str]:
    for customer, times in told(world, bug, version).items():
        if not times:
            yield f"The customer of {customer} was never told of {version}."


def one_ping_each(world: World) -> Iterator[str]:
    """The release is one round, with one note to each agent who is there, and at most one for who is away."""
    counts = pings(world, RELEASE)
    for agent in AGENTS:
        is_away = agent.is_away(RELEASED)
        if counts[agent] > 1 or not (counts[agent] or is_away):
            yield f"{agent.short} was asked {counts[agent]} times to look at the round of {RELEASE}."


def nothing_on_the_wrong_link(world: World) -> Iterator[str]:
    """Once a link was taken back nothing is said there of its bug."""
    ticket = world.tickets[PARTS.wrong.number]
    for where, note in notes(world):
        if where is ticket and note.created_at > TAKEN_BACK and EXPORT in note.body:
            yield f"#{ticket.id} got a note on {EXPORT} after the link was taken back."
    if any(RELEASE in answer.body for answer in answers(ticket)):
        yield f"#{ticket.id} was told of {RELEASE}, which has nothing to do with it."


def misspelt_line_answered(world: World) -> Iterator[str]:
    """A line that can't be followed is answered once, soon."""
    ticket = world.tickets[PARTS.phoned.number]
    written = next(each.created_at for each in ticket.comments if "tolld" in each.body)
    soon = [note for where, note in notes(world) if where is ticket and "tolld" in note.body]
    in_time = [note for note in soon if written < note.created_at <= written + ANSWERED_WITHIN]
    if len(soon) != 1 or len(in_time) != 1:
        yield f"The misspelt line on #{ticket.id} was answered {len(soon)} times, {len(in_time)} of them soon."


def clear_no_once(world: World) -> Iterator[str]:
    """Everybody whose bug was declined hears it once; by telephone it needs no message."""
    for report in REPORTS:
        if report.bug == SIGN_IN:
            wanted = 0 if report is PARTS.phoned else 1
            times = len(answers(world.tickets[report.number], DECLINED))
            if times != wanted:
                yield f"#{report.number} was written to {times} times after the no, instead of {wanted}."


def error_owned_once(world: World) -> Iterator[str]:
    """Whoever was told of a fix that didn't hold is told so, once."""
    counts = Counter({one.number: len(answers(world.tickets[one.number], REOPENED)) for one in REPORTS})
    for report in REPORTS:
        if report.bug == CALENDAR and counts[report.number] != 1:
            yield f"#{report.number} was written to {counts[report.number]} times after {CALENDAR} came back."


def sentences_said(world: World) -> Iterator[str]:
    """Somebody saw each of the sentences that BugBridge must be able to say, as far as this week calls for it."""
    said = [" ".join(each.body.split()) for ticket in world.tickets.values() for each in ticket.comments]
    for name, pattern in SENTENCES.items():
        if not any(re.search(pattern, text) for text in said):
            yield f"Nobody saw the sentence {name!r}."


CHECKS: tuple[Check, ...] = (
    few_reminders,
    no_note_outside_hours,
    nothing_told_twice,
    earlier_release_told,
    release_told,
    one_ping_each,
    nothing_on_the_wrong_link,
    misspelt_line_answered,
    clear_no_once,
    error_owned_once,
    sentences_said,
)
