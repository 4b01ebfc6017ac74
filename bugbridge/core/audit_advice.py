"""What the figures of an audit speak against in the team's policy: one key at a time, and what it might say instead.

A figure says that something is amiss, not that a change would mend it: whatever a replay can follow is weighed on the
team's own history before anybody reads of it. `[cadence] backoff` is never advised on: it counts only while there are
too few fixes to learn from, and then there is no advice either.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from math import ceil, floor

from bugbridge.core.audit_model import Audit, By, FollowUps, Group, Saving, Trust
from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import Frequency, News
from bugbridge.core.policy import ENTERPRISE
from bugbridge.core.policy_file import TABLES
from bugbridge.core.policy_model import DAYS_PER_WEEK, Cell, Hears, Policy
from bugbridge.core.policy_words import cell_text
from bugbridge.core.records import Note
from bugbridge.core.spread import percentile
from bugbridge.core.survival import LEAST_FOR_CONFIDENCE

# Fewer updates, pieces of news or customers than these say nothing, as with bugs.
LEAST_COUNTED = LEAST_FOR_CONFIDENCE
# The shipped `chance_of_news`: where fewer updates than one in four carry news, most of them are nobody's gain. A team
# that wants a better chance before it writes is held to its own.
LEAST_WITH_NEWS = 0.25
# As likely as not: who waits for more than that before writing means "news", and should say so in the grid.
EVEN_CHANCE = 0.5
# A quarter and half a year. Updates that are further apart are forgotten in between.
LONGEST_LEAST_WEEKS, LONGEST_MOST_WEEKS = 13, 26
# The shipped `long_haul_days`: "months".
MONTHS_DAYS = 60
# One in four is more than an oversight.
TOO_MANY = 0.25
# Where most fixes have no known release, waiting for the release is no plan.
MOSTLY = 0.5
# Three in four fixes are to be told with their release, but nobody waits for that over four weeks.
MERGED_SHARE, LONGEST_MERGE_DAYS = 0.75, 28
# Two business days, and a weekend between.
LATE_DAYS = 4
# Reminders that one agent can still meet: one for each half hour of a day.
MOST_REMINDERS = 16
# What the shipped policy says, where a team has it off.
ROUND_FROM_TICKETS, REPEAT_AFTER_BUSINESS_DAYS = 3, 3
# Four weeks: a holiday is not a standstill.
SHORTEST_STALL_DAYS = 28

OFTEN, RARELY, ANYBODY = "frequent", "infrequent", "all"
FREQUENCIES = {OFTEN: (Frequency.FREQUENT, Frequency.SPIKING), RARELY: (Frequency.INFREQUENT, Frequency.UNKNOWN)}
CELLS = {
    "enterprise": ENTERPRISE,
    "frequent": OFTEN,
    "frequent, workaround": OFTEN,
    "infrequent": RARELY,
    "infrequent, workaround": RARELY,
}
"""The cells of the grid by their keys, and whose bugs they are about."""
NEXT_TO_HEAR = {Hears.NOTHING: Hears.RELEASE, Hears.RELEASE: Hears.NEWS}


class Reason(StrEnum):
    """Which figure speaks against a key; the edge has the words."""

    WITHOUT_NEWS = "updates-without-news"
    WITHOUT_NEWS_IN_LONG_HAUL = "updates-without-news-in-the-long-haul"
    CHANCE_NOT_MET = "chance-of-news-not-met"
    LONG_HAUL_NOT_COUNTED = "long-haul-not-counted"
    ASKED_AND_MISSED = "asked-for-and-missed"
    FIXED_WITHOUT_RELEASE = "fixed-without-release"
    RELEASED_AFTER_MERGING = "released-after-merging"
    RELEASE_TOLD_LATE = "release-told-late"
    UPDATES_BEHIND = "updates-behind"
    REMINDERS_BEHIND = "reminders-behind"
    STALLED_TOO_LATE = "stalled-too-late"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change of one key: where it stands, and its values as the policy file has them.

    `policy` is the whole policy with that change; none, and no `instead`, where no other value would help. A replay
    follows what customers hear, so it sees neither limits nor questions to the lead: those aren't `replayable`.
    """

    key: str
    now: str
    instead: str
    because: Note
    policy: Policy | None = None
    replayable: bool = True


@dataclass(frozen=True, slots=True)
class _Heard:
    """The updates of some bugs, and how many of them carried no news."""

    whose: str
    updates: int
    wasted: int

    @property
    def with_news(self) -> float:
        """The share that carried news."""
        return (self.updates - self.wasted) / self.updates if self.updates else 0.0

    @property
    def figures(self) -> dict[str, object]:
        """What a sentence says of them."""
        return {"whose": self.whose, "updates": self.updates, "wasted": self.wasted}


def candidates(audit: Audit, policy: Policy) -> tuple[Candidate, ...]:
    """Give what the figures speak against, each key once; nothing where too few bugs were measured to rest on."""
    if audit.n < LEAST_FOR_CONFIDENCE:
        return ()
    return tuple(chain.from_iterable(look(audit, policy) for look in LOOKS))


def worth(saving: Saving, policy: Policy) -> float:
    """Give what a change saves in updates, set against the news that it would have customers miss or hear.

    A piece of news counts for as many updates as the team writes for one with news: four at a `chance_of_news` of one
    in four. A change of no worth is none to advise.
    """
    news_told = saving.news_missed_now - saving.news_missed_instead
    return saving.updates_now - saving.updates_instead + news_told / policy.cadence.chance_of_news


def _intervals(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where an `every` has few updates with news, have them further apart; rare bugs in the long haul need none."""
    typical = _typical_days(audit)
    in_long_haul = typical is not None and typical >= policy.cadence.long_haul_days
    for key, whose in CELLS.items():
        cell, heard = _cell(policy, key), _heard(audit, whose)
        if cell.every_days is None or not _has_too_little_news(audit, heard, policy):
            continue
        if in_long_haul and whose == RARELY:
            because = Note(Reason.WITHOUT_NEWS_IN_LONG_HAUL, {**heard.figures, "typical_days": typical})
            yield _changed(policy, "grid", key, str(Hears.NEWS), because)
        elif (longer := _longer(cell.every_days)) != cell_text(cell):
            yield _changed(policy, "grid", key, longer, Note(Reason.WITHOUT_NEWS, heard.figures))


def _longer(every_days: tuple[int, int]) -> str:
    least, most = (days // DAYS_PER_WEEK for days in every_days)
    longer_least = max(least, min(2 * least, LONGEST_LEAST_WEEKS))
    return f"every {longer_least}-{max(most, longer_least, min(2 * most, LONGEST_MOST_WEEKS))} weeks"


def _chance_of_news(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where updates carry news less often than the team wants, have it wait for a better chance."""
    chance, heard = policy.cadence.chance_of_news, _heard(audit, ANYBODY)
    wanted = min(2 * chance, EVEN_CHANCE)
    if wanted > chance > heard.with_news and _has_too_little_news(audit, heard, policy):
        because = Note(Reason.CHANCE_NOT_MET, {**heard.figures, "chance": chance})
        yield _changed(policy, "cadence", "chance_of_news", wanted, because)


def _long_haul(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where bugs surely take months, count that as a long haul; there, one update in a bug's typical life can do."""
    typical, rules, heard = _typical_days(audit), policy.cadence, _heard(audit, ANYBODY)
    if typical is None or not _has_too_little_news(audit, heard, policy):
        return
    figures = {**heard.figures, "typical_days": typical}
    if MONTHS_DAYS <= typical < rules.long_haul_days:
        because = Note(Reason.LONG_HAUL_NOT_COUNTED, {**figures, "long_haul_days": rules.long_haul_days})
        yield _changed(policy, "cadence", "long_haul_days", MONTHS_DAYS, because)
    elif typical >= rules.long_haul_days:
        apart = min(2 * rules.long_haul_min_days, floor(typical))
        if apart > rules.long_haul_min_days:
            because = Note(Reason.WITHOUT_NEWS_IN_LONG_HAUL, figures)
            yield _changed(policy, "cadence", "long_haul_min_days", apart, because)


def _silent_cells(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where customers ask more than they are told, and news passes them by, have them hear more."""
    found = audit.replies
    asks = found.replies >= LEAST_COUNTED and found.asked_for > found.proactive
    misses = found.news >= LEAST_COUNTED and found.news_missed >= TOO_MANY * found.news
    if not (asks and misses):
        return
    figures = ("replies", "asked_for", "news", "news_missed")
    because = Note(Reason.ASKED_AND_MISSED, {name: getattr(found, name) for name in figures})
    for key in CELLS:
        hears = _cell(policy, key).hears
        if hears in NEXT_TO_HEAR:
            yield _changed(policy, "grid", key, str(NEXT_TO_HEAR[hears]), because)


def _untold_fixes(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where most fixes have no known release, customers who wait for it never hear that it is fixed."""
    listens = any(_cell(policy, key).hears in {Hears.EVERY, Hears.NEWS} for key in CELLS)
    if listens and News.FIXED not in policy.tell.news and audit.unreleased >= MOSTLY * audit.n:
        because = Note(Reason.FIXED_WITHOUT_RELEASE, {"bugs": audit.n, "unreleased": audit.unreleased})
        yield _changed(policy, "tell", "news", _listed({*policy.tell.news, News.FIXED}), because)


def _merging(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where fixes are told and most releases come just too late to be told with them, wait that long."""
    tells_fixes = any(News.FIXED in told for told in (policy.tell.news, *(rule.tell or () for rule in policy.rules)))
    apart = sorted(elapsed_days(bug.fixed_at, bug.released_at) for bug in audit.bugs if bug.released_at is not None)
    if not tells_fixes or len(apart) < LEAST_COUNTED:
        return
    days, merge_days = percentile(apart, MERGED_SHARE), policy.tell.merge_days
    if merge_days < days <= LONGEST_MERGE_DAYS:
        because = Note(Reason.RELEASED_AFTER_MERGING, {"bugs": len(apart), "days": days, "merge_days": merge_days})
        yield _changed(policy, "tell", "merge_days", _whole_weeks(days), because)


def _telling_releases(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where releases are told late or not at all, rounds help. Whether BugBridge itself may reply, no figure says."""
    found = audit.replies
    links, days = found.told_certain + found.told_probable + found.not_told, found.told_after.median
    late_days = days if days is not None and days > LATE_DAYS else None
    if links < LEAST_COUNTED or (late_days is None and found.not_told < TOO_MANY * links):
        return
    figures = {"links": links, "not_told": found.not_told, "days": late_days}
    because, tickets = Note(Reason.RELEASE_TOLD_LATE, figures), policy.limits.round_from_tickets
    if tickets:
        yield Candidate("[limits] round_from_tickets", _written(tickets), "", because, replayable=False)
    else:
        yield _changed(policy, "limits", "round_from_tickets", ROUND_FROM_TICKETS, because, replayable=False)


def _reminding(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where agents fall behind though they are reminded, repeat it; where few reminders went out, allow for more."""
    found, rules = audit.replies, policy.limits
    behind = found.late + found.missed
    if not found.reminders or found.required < LEAST_COUNTED or behind < TOO_MANY * found.required:
        return
    figures = {"required": found.required, "late": found.late, "missed": found.missed, "reminders": found.reminders}
    more = min(2 * rules.reminders_per_agent_day, MOST_REMINDERS)
    if 2 * found.reminders < found.required and more > rules.reminders_per_agent_day:
        because = Note(Reason.REMINDERS_BEHIND, figures)
        yield _changed(policy, "limits", "reminders_per_agent_day", more, because, replayable=False)
    if not rules.repeat_after_business_days:
        because, days = Note(Reason.UPDATES_BEHIND, figures), REPEAT_AFTER_BUSINESS_DAYS
        yield _changed(policy, "limits", "repeat_after_business_days", days, because, replayable=False)


def _stalling(audit: Audit, policy: Policy) -> Iterator[Candidate]:
    """Where a silence lasts twice as long as nine in ten bugs take as a whole, ask the lead sooner.

    Only where the bugs fixed last speak for all: otherwise the slow ones are those that are still open.
    """
    slow, stalled = audit.days_to_fix.p90, policy.facts.stalled_after_days
    if slow is None or audit.trust is not Trust.BOTH:
        return
    sooner = max(_whole_weeks(slow), SHORTEST_STALL_DAYS)
    if 2 * sooner <= stalled:
        because = Note(Reason.STALLED_TOO_LATE, {"slow_days": slow, "stalled_after_days": stalled})
        yield _changed(policy, "facts", "stalled_after_days", sooner, because, replayable=False)


LOOKS: tuple[Callable[[Audit, Policy], Iterable[Candidate]], ...] = (
    _intervals,
    _chance_of_news,
    _long_haul,
    _silent_cells,
    _untold_fixes,
    _merging,
    _telling_releases,
    _reminding,
    _stalling,
)
"""What is looked at, and in which order advice comes that no replay can weigh."""


def _typical_days(audit: Audit) -> float | None:
    """Give how long the typical bug takes at least, as surely as the policy's long haul wants to know it."""
    period = audit.period
    return None if period is None or audit.trust is Trust.NEITHER else period.median.lower


def _has_too_little_news(audit: Audit, heard: _Heard, policy: Policy) -> bool:
    if audit.follow_ups in {FollowUps.UNKNOWN, FollowUps.TOO_FEW} or heard.updates < LEAST_COUNTED:
        return False
    return heard.with_news < max(policy.cadence.chance_of_news, LEAST_WITH_NEWS)


def _heard(audit: Audit, whose: str) -> _Heard:
    """Give the updates of those bugs that cells are about, or of all where they weren't asked for by that."""
    by = By.TIER if whose == ENTERPRISE else By.FREQUENCY
    if whose == ANYBODY or by not in audit.question.by:
        return _Heard(ANYBODY, audit.replies.updates, audit.replies.wasted)
    names = FREQUENCIES.get(whose, (whose,))
    groups: list[Group] = [group for group in audit.groups if group.by is by and group.name in names]
    return _Heard(whose, sum(group.updates for group in groups), sum(group.wasted for group in groups))


def _cell(policy: Policy, key: str) -> Cell:
    cell: Cell = getattr(policy.grid, _field(key))
    return cell


def _field(key: str) -> str:
    return key.replace(", ", "_")


def _changed(
    policy: Policy, table: str, key: str, value: object, because: Note, *, replayable: bool = True
) -> Candidate:
    """Change one key to a value of the policy file, read as the file is read."""
    rules, found = getattr(policy, table), TABLES[table][key].read(value)
    named = json.dumps(key) if table == "grid" else key
    return Candidate(
        key=f"[{table}] {named}",
        now=_written(getattr(rules, _field(key))),
        instead=_written(found),
        because=because,
        policy=replace(policy, **{table: replace(rules, **{_field(key): found})}),
        replayable=replayable,
    )


def _written(value: object) -> str:
    """Write a value as the policy file has it."""
    match value:
        case Cell():
            return json.dumps(cell_text(value))
        case frozenset():
            return json.dumps(_listed(value))
        case _:
            return json.dumps(value)


def _listed(news: Iterable[str]) -> list[str]:
    among = frozenset(news)
    return [str(piece) for piece in News if piece in among]


def _whole_weeks(days: float) -> int:
    return ceil(days / DAYS_PER_WEEK) * DAYS_PER_WEEK
