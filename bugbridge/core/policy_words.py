"""A policy as sentences that a team can read aloud; pure, so that the command line and the pages say the same."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isinf

from bugbridge.core.model import TERMINAL_NEWS, Frequency, News, OptOut, Stage, TicketStatus, Workaround
from bugbridge.core.policy_model import (
    DAYS_PER_WEEK,
    REPLY,
    AnyOf,
    Cell,
    Condition,
    Hears,
    Is,
    Policy,
    PolicyRule,
    Within,
)
from bugbridge.core.policy_reach import Narrowed, NoneOf, Part, Span, Spans
from bugbridge.core.policy_scope import AppliesTo

MOST_NAMED = 3

WHO = {
    "enterprise": "Enterprise customers",
    "frequent_workaround": "Customers who meet the bug often, and for whom a workaround works,",
    "frequent": "Customers who meet the bug often",
    "infrequent_workaround": "Customers who meet the bug rarely, and for whom a workaround works,",
    "infrequent": "Customers who meet the bug rarely, or nobody knows yet how often,",
}
"""Whom a cell of the grid is about, in the order in which the cells are looked at."""

PLAIN_CELLS = {
    Hears.NEWS: "hear each piece of news once",
    Hears.RELEASE: "hear only how it ends: released or declined",
    Hears.NOTHING: "hear nothing",
}
NEWS_WORDS = {
    News.IN_PROGRESS: "work has begun",
    News.WORKAROUND: "there is a workaround",
    News.FIXED: "it is fixed",
    News.RELEASE_PLANNED: "a release is planned",
    News.RELEASE_MOVED: "the release is moved",
    News.RELEASED: "it is released",
    News.DECLINED: "it is declined",
    News.REOPENED: "it has come back",
}
VALUE_WORDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "stage": ("the bug is", {stage: stage.replace("_", " ") for stage in Stage}),
    "frequency": ("the bug is", {**{word: str(word) for word in Frequency}, Frequency.UNKNOWN: "of unknown frequency"}),
    "workaround": (
        "",
        {
            Workaround.NONE: "there is no workaround",
            Workaround.KNOWN: "the customer wasn't told of the workaround",
            Workaround.TOLD: "the customer was told of the workaround",
            Workaround.CONFIRMED: "the workaround works for the customer",
            Workaround.FAILED: "the workaround failed for the customer",
        },
    ),
    "opt_out": (
        "the customer",
        {
            OptOut.NONE: "has opted out of nothing",
            OptOut.NO_PERIODIC: "asked for no periodic updates",
            OptOut.ALL: "asked to hear nothing",
        },
    ),
    "ticket_status": ("the ticket is", {status: str(status) for status in TicketStatus}),
}
"""Facts with a closed list of values: how a condition on them begins, and each value's words."""

TEXT_WORDS = {
    "tier": "the customer's plan",
    "brand": "the brand",
    "language": "the customer's language",
    "helpdesk": "the helpdesk",
    "tracker": "the tracker",
}
BOOLEAN_WORDS = {
    "unanswered": ("the customer isn't waiting for an answer", "the customer is waiting for an answer"),
    "release_planned": ("no release is planned", "a release is planned"),
    "reopened_after_told": (
        "no release that the customer was told of has been taken back",
        "the bug has come back after the customer was told that it is released",
    ),
}
DAY_WORDS = {
    "silent_days": "the bug's silence has lasted",
    "age_days": "the bug's age is",
    "days_since_update": "the time since the last update is",
}


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule as a sentence, and the team's reason for it, "" where the file gives none."""

    id: str
    sentence: str
    because: str


@dataclass(frozen=True, slots=True)
class PolicyWords:
    """A whole policy: each list in the order in which it is to be read."""

    grid: tuple[str, ...]
    rules: tuple[RuleWords, ...]
    tell: tuple[str, ...]
    cadence: tuple[str, ...]
    limits: tuple[str, ...]
    facts: tuple[str, ...]
    frequency: tuple[str, ...]


def policy_words(policy: Policy) -> PolicyWords:
    """Say a policy in sentences."""
    return PolicyWords(
        grid=tuple(f"{who} {cell_words(getattr(policy.grid, name))}." for name, who in WHO.items()),
        rules=tuple(RuleWords(rule.id, rule_sentence(rule), rule.because) for rule in policy.rules),
        tell=_tell_sentences(policy),
        cadence=_cadence_sentences(policy),
        limits=_limit_sentences(policy),
        facts=_fact_sentences(policy),
        frequency=_frequency_sentences(policy),
    )


def applies_to_sentence(applies_to: AppliesTo) -> str:
    """Say for which tickets a policy is."""
    named = (("of the helpdesk", applies_to.helpdesk), ("of the brand", applies_to.brand), ("tagged", applies_to.tag))
    kinds = [f"{kind} {listed([_named(word) for word in sorted(words)], 'or')}" for kind, words in named if words]
    if not kinds:
        return "It is for every ticket that no narrower policy is for."
    return f"It is for tickets {', and '.join(kinds)}."


def cell_words(cell: Cell) -> str:
    """Say what a cell of the grid lets a customer do: `hear …`."""
    if cell.every_days:
        return f"hear each piece of news, and an update {every(cell.every_days)}"
    return PLAIN_CELLS[cell.hears]


def cell_text(cell: Cell) -> str:
    """Write a cell as the policy file has it."""
    if not cell.every_days:
        return str(cell.hears)
    least, most = (days // DAYS_PER_WEEK for days in cell.every_days)
    return f"every {least}-{most} weeks"


def every(days: tuple[int, int]) -> str:
    """Say a least and a most number of days, in weeks where both are whole ones."""
    divisor, unit = (DAYS_PER_WEEK, "week") if not any(each % DAYS_PER_WEEK for each in days) else (1, "day")
    least, most = (each // divisor for each in days)
    if least != most:
        return f"every {least} to {most} {unit}s"
    return f"every {unit}" if most == 1 else f"every {most} {unit}s"


def rule_sentence(rule: PolicyRule) -> str:
    """Say when a rule applies and what it does."""
    where = f"Where {listed([condition_words(each) for each in rule.when], 'and')}" if rule.when else "Always"
    return f"{where}: {'; '.join(rule_actions(rule))}."


def rule_actions(rule: PolicyRule) -> Iterable[str]:
    """Say each thing that a rule does."""
    if rule.person:
        yield _asked(rule)
    if rule.asks_only:
        yield "what the customer hears is decided by what comes after this rule"
        return
    yield f"the customer {_hears(rule)}"
    if rule.every_days and rule.backoff is not None:
        yield f"each wait for an update is {rule.backoff:g} times the one before"
    if rule.recheck_days is not None:
        yield f"after {counted(rule.recheck_days, 'day')} it is looked at again"
    if rule.deliver == REPLY:
        yield "it goes out as a reply to the customer"


def _asked(rule: PolicyRule) -> str:
    whom, _, question = rule.person.partition(":")
    within = rule.within_business_days
    when = "" if within is None else f", to be answered within {counted(within, 'business day')}"
    by = " as a reply" if rule.deliver == REPLY and rule.asks_only else ""
    return f'the {whom} is asked{by}, once for the {rule.once_per}{when}: "{question.strip()}"'


def _hears(rule: PolicyRule) -> str:
    if rule.tell is None:
        heard = "hears the news that counts" if rule.every_days else "hears only how it ends"
    elif not rule.tell:
        heard = "hears no news" if rule.every_days else "hears nothing"
    elif rule.tell == TERMINAL_NEWS:
        heard = "hears only how it ends"
    else:
        heard = "hears all news" if rule.tell == frozenset(News) else f"hears when {news_words(rule.tell)}"
    return f"{heard}, and gets an update {every(rule.every_days)}" if rule.every_days else heard


def news_words(news: Collection[str]) -> str:
    """Name news, in the order in which they come about."""
    return listed([words for each, words in NEWS_WORDS.items() if each in news], "or")


def condition_words(condition: Condition | NoneOf | Spans) -> str:
    """Say a condition."""
    match condition:
        case Is(fact=fact, value=value):
            return BOOLEAN_WORDS[fact][value]
        case Within(fact=fact, least=least, most=most):
            return f"{DAY_WORDS[fact]} {_span(Span(least, most))}"
        case Spans(fact=fact, spans=spans):
            return f"{DAY_WORDS[fact]} {listed([_span(span) for span in spans], 'or')}"
        case NoneOf(fact=fact, values=values):
            return _none_of(fact, values)
        case AnyOf(fact=fact, values=values):
            return _any_of(fact, values)


def _any_of(fact: str, values: Collection[str]) -> str:
    if fact in VALUE_WORDS:
        begins, words = VALUE_WORDS[fact]
        return f"{begins} {listed([words[word] for word in words if word in values], 'or')}".strip()
    if fact == "untold":
        return f"the customer wasn't told yet that {news_words(values)}"
    named = listed([f'"{value}"' for value in sorted(values)], "or")
    return f"a label of the issue is {named}" if fact == "labels" else f"{TEXT_WORDS[fact]} is {named}"


def _none_of(fact: str, values: Collection[str]) -> str:
    if fact == "untold":
        if frozenset(values) == frozenset(News):
            return "the customer was told everything"
        return f"the customer needn't be told that {news_words(values)}"
    named = listed([f'"{value}"' for value in sorted(values)], "or")
    return f"no label of the issue is {named}" if fact == "labels" else f"{TEXT_WORDS[fact]} isn't {named}"


def _span(span: Span) -> str:
    if span.least == span.most:
        return f"exactly {_days(span.least)}"
    least = f"at least {span.least:g}" if span.with_least else f"over {span.least:g}"
    most = f"at most {_days(span.most)}" if span.with_most else f"under {_days(span.most)}"
    if isinf(span.most):
        return f"{least} {'day' if span.least == 1 else 'days'}"
    return most if span.least == 0 and span.with_least else f"{least} and {most}"


def _days(days: float) -> str:
    return f"{days:g} {'day' if days == 1 else 'days'}"


def part_words(part: Part) -> str:
    """Say what a part of a rule's facts has beside the rule's own conditions."""
    return listed([condition_words(condition) for condition in part], "and")


def unreachable_sentence(rule_id: str, takers: Sequence[str], laws: Sequence[str]) -> str:
    """Say why no facts reach a rule, and what to do: rules before it take them all, or the laws alone do."""
    name = _named(rule_id)
    if not takers:
        return f"rule {name} is impossible: {listed(laws, 'and')}; remove it, or change its conditions."
    above = listed([_named(taker) for taker in takers], "and")
    given = f" ({listed(laws, 'and')})" if laws else ""
    if len(takers) == 1:
        took, remedy = f"rule {above} above takes all of it", f"move it above {above}, or narrow {above}"
    else:
        took, remedy = f"rules {above} above together take all of it", "move it above them, or narrow one of them"
    return f"rule {name} is unreachable: {took}{given}; {remedy}."


def narrowed_sentence(found: Narrowed, rules: Sequence[PolicyRule]) -> str:
    """Say where a rule still applies of which rules before it take a part."""
    above = [_named(rules[taker].id) for taker in found.taken_by]
    shown = above if len(above) <= MOST_NAMED else [*above[:MOST_NAMED], f"{len(above) - MOST_NAMED} more"]
    rule = "rule" if len(above) == 1 else "rules"
    still = listed([part_words(part) for part in found.parts], "or where")
    where = f"where {still}" if found.complete else f"in several cases, for example where {still}"
    return (
        f"note: rule {_named(rules[found.index].id)} still applies {where}; {rule} {listed(shown, 'and')} above "
        f"{'takes' if len(above) == 1 else 'take'} the rest."
    )


def _named(rule_id: str) -> str:
    return json.dumps(rule_id, ensure_ascii=False)


def listed(words: Iterable[str], last: str) -> str:
    """Join words by commas, and the last one by `last`."""
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end


def counted(count: int, noun: str) -> str:
    """Say a number of things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def percent(share: float) -> str:
    """Say a share in percent."""
    return f"{100 * share:g} %"


def _tell_sentences(policy: Policy) -> tuple[str, ...]:
    rules = policy.tell
    counts = [words for news, words in NEWS_WORDS.items() if news in rules.news | TERMINAL_NEWS]
    return (
        f"The news that counts: {listed(counts, 'and')}.",
        f"A fix, where it is told, waits {counted(rules.merge_days, 'day')} for its release, and is told with it.",
    )


CURVES = {"all": "all bugs together", "tracker": "the bugs of the same tracker", "frequency": "bugs met as often"}


def _cadence_sentences(policy: Policy) -> tuple[str, ...]:
    rules = policy.cadence
    return (
        (
            f"The next update falls due when the chance of news since the last has come to "
            f"{percent(rules.chance_of_news)}, rounded up to a multiple of {counted(rules.round_to_days, 'day')}."
        ),
        f"That chance is learned from {CURVES[rules.curve_by]}.",
        f"Until there are enough fixes to learn from, each wait is {rules.backoff:g} times the one before.",
        (
            f"Where the typical bug surely takes {counted(rules.long_haul_days, 'day')} or more from report to fix, "
            f"nobody gets an update more often than every {counted(rules.long_haul_min_days, 'day')}."
        ),
    )


def _limit_sentences(policy: Policy) -> tuple[str, ...]:
    rules = policy.limits
    days, together = counted(rules.per_contact_days, "day"), counted(rules.batch_business_days, "business day")
    enterprise = f"an enterprise customer {rules.per_enterprise_contact}"
    alone, free = "Each update goes out by itself.", "A customer may see any number of unasked messages."
    no_round = "Nothing is reviewed as a round: each agent is reminded of each ticket."
    tickets, repeated = counted(rules.round_from_tickets, "ticket"), rules.repeat_after_business_days
    return (
        f"A customer sees at most 1 unasked message in {days}, {enterprise}." if rules.per_contact_days else free,
        f"What falls due for a customer within {together} goes out together." if rules.batch_business_days else alone,
        f"An agent gets at most {counted(rules.reminders_per_agent_day, 'reminder')} a day.",
        f"News for {tickets} or more is a round, reviewed first." if rules.round_from_tickets else no_round,
        f"A reminder is repeated once, after {counted(repeated, 'business day')}." if repeated else "None is repeated.",
    )


def _fact_sentences(policy: Policy) -> tuple[str, ...]:
    rules = policy.facts
    return (
        (
            "A workaround works once the customer was told of it and hasn't complained for "
            f"{counted(rules.workaround_assumed_after_days, 'day')}."
        ),
        (
            "Where updates run and nothing has happened to an unfixed bug for "
            f"{counted(rules.stalled_after_days, 'day')}, the lead is asked once for the bug: fix it, decline it, or "
            "stop the updates."
        ),
        f"A bug of unknown frequency is looked at again after {counted(rules.recheck_unknown_days, 'day')}.",
        f"A promise is called for {counted(rules.promise_ahead_business_days, 'business day')} before it is due.",
        f"What is overridden by hand holds for {counted(rules.override_days, 'day')}.",
    )


def _frequency_sentences(policy: Policy) -> tuple[str, ...]:
    rules = policy.frequency
    (enter_breadth, stay_breadth), (enter_days, stay_days) = rules.usage_breadth, rules.usage_days_per_week
    return (
        (
            f"A bug is frequent when at least {counted(rules.minimum_accounts, 'account')} reported it within "
            f"{counted(rules.window_days, 'day')}, in at least {counted(rules.minimum_weeks, 'week')}, and new ones "
            f"surely come at {rules.rate_per_week:g} a week or more; in fewer weeks it is spiking."
        ),
        f"Of a large customer base it takes {percent(rules.share_of_active_accounts)} of the active accounts a week.",
        f"It is frequent no more after {counted(rules.leave_after_low_checks, 'quiet weekly check')} in a row.",
        (
            f"Where at least {counted(rules.usage_minimum_accounts, 'account')} are active, usage decides instead: "
            f"frequent from {percent(enter_breadth)} of them, on {_days(enter_days)} a week, and as long as it is "
            f"{percent(stay_breadth)}, on {_days(stay_days)}."
        ),
    )
