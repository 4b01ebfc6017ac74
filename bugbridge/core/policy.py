"""From the facts of a link to a ruling. What no policy may change is decided first, then the rules, then the grid."""

from collections.abc import Iterator
from dataclasses import replace

from bugbridge.core.model import TERMINAL_NEWS, TERMINAL_STAGES, Frequency, News, OptOut, Stage, Workaround
from bugbridge.core.policy_model import (
    DAYS_PER_WEEK,
    AnyOf,
    Cell,
    Condition,
    Grid,
    Hears,
    Is,
    LinkFacts,
    Policy,
    PolicyRule,
    Ruling,
    Within,
)

RESERVED_IDS = (
    "ticket-gone",
    "canonical",
    "opted-out",
    "promised",
    "reply-first",
    "done",
    "wrongly-told",
    "clear-no",
    "closed-unknown",
    "no-periodic",
    "stalled",
)

ENTERPRISE = "enterprise"

CELL_WORDS = {
    Hears.EVERY: "they hear each piece of news once",
    Hears.NEWS: "they hear each piece of news once",
    Hears.RELEASE: "they only hear how it ends",
    Hears.NOTHING: "they hear nothing",
}

UNFINISHED_STAGES = frozenset(Stage) - TERMINAL_STAGES
# A later stage makes some news untrue: nobody is told "released" of a bug that has come back. A release's plan and a
# return are old news once it ended; `fixed` gives way to `released`; a workaround helps at any stage.
TRUE_IN = {
    News.IN_PROGRESS: frozenset({Stage.IN_PROGRESS}),
    News.WORKAROUND: frozenset(Stage),
    News.FIXED: frozenset({Stage.FIXED}),
    News.RELEASE_PLANNED: UNFINISHED_STAGES,
    News.RELEASE_MOVED: UNFINISHED_STAGES,
    News.RELEASED: frozenset({Stage.RELEASED}),
    News.DECLINED: frozenset({Stage.DECLINED}),
    News.REOPENED: UNFINISHED_STAGES,
}


def decide(facts: LinkFacts, policy: Policy) -> Ruling:
    """Say what is due for a link. The answer depends on the arguments alone, and there always is one."""
    unchangeable = (
        _ticket_gone,
        _canonical,
        _opted_out,
        _promised,
        _reply_first,
        _done,
        _wrongly_told,
        _clear_no,
        _closed_unknown,
    )
    rulings = (rule(facts, policy) for rule in unchangeable)
    return next((ruling for ruling in rulings if ruling), None) or _by_policy(facts, policy)


def chain(ruling: Ruling | None) -> Iterator[Ruling]:
    """Give the questions to people, then what holds besides them."""
    while ruling is not None:
        yield ruling
        ruling = ruling.also if ruling.person else None


def _ticket_gone(facts: LinkFacts, _policy: Policy) -> Ruling | None:
    if not facts.ticket_gone:
        return None
    return Ruling("ticket-gone", "The ticket was deleted or merged into another, so nothing can be said on it.")


def _canonical(facts: LinkFacts, policy: Policy) -> Ruling | None:
    if not facts.duplicate:
        return None
    ruling = decide(replace(facts, duplicate=False), policy)
    because = f"This bug is a duplicate, so the surviving bug decides. {ruling.because}"
    return replace(ruling, because=because, under=("canonical", *ruling.under))


def _opted_out(facts: LinkFacts, policy: Policy) -> Ruling | None:
    if facts.opt_out is not OptOut.ALL:
        return None
    if (facts.promise_open or facts.promise_due) and "opted-out" not in facts.asked:
        person = "agent: this customer asked to hear nothing more; settle the open promise to them by hand"
        because = (
            "This customer asked to hear nothing more, but a promise to them is open, and a person must release them."
        )
        return _ask(facts, policy, Ruling("opted-out", because, person=person))
    return Ruling("opted-out", "This customer asked to hear nothing more.")


def _promised(facts: LinkFacts, policy: Policy) -> Ruling | None:
    if not facts.promise_due:
        return None
    tell = _still_true(facts)
    return Ruling(
        "promised",
        "A promise to this customer is due, and outranks everything else; it carries all news they haven't heard.",
        tell=tell,
        now=True,
        timeline_allowed=_timeline_allowed(facts),
        also=decide(replace(facts, promise_due=False, untold=facts.untold - tell), policy),
    )


def _reply_first(facts: LinkFacts, policy: Policy) -> Ruling | None:
    if not facts.unanswered:
        return None
    because = "The customer wrote last and waits for an answer, which the helpdesk already shows; that comes first."
    return Ruling("reply-first", because, hold=True, also=decide(replace(facts, unanswered=False), policy))


def _done(facts: LinkFacts, _policy: Policy) -> Ruling | None:
    if facts.stage not in TERMINAL_STAGES or facts.untold:
        return None
    return Ruling("done", f"The bug is {facts.stage}, and there is nothing left to tell this customer.")


def _wrongly_told(facts: LinkFacts, policy: Policy) -> Ruling | None:
    if not facts.reopened_after_told or "wrongly-told" in facts.asked or facts.stage is Stage.RELEASED:
        return None  # released again, what they were told is true again: the news itself says so
    return _ask(
        facts,
        policy,
        Ruling(
            "wrongly-told",
            "This customer was told that the bug is released, and it has come back; a person owns the error.",
            tell=_still_true(facts),
            person="agent: we told this customer that the bug is released, and it isn't; own the error",
        ),
    )


def _clear_no(facts: LinkFacts, policy: Policy) -> Ruling | None:
    tell = _still_true(facts)
    if News.DECLINED not in tell or "clear-no" in facts.asked:
        return None
    return _ask(
        facts,
        policy,
        Ruling(
            "clear-no",
            "The bug is declined and this customer doesn't know; a clear no comes from a person.",
            tell=tell,
            person="agent: the bug is declined; tell this customer a clear no, and the workaround if there is one",
        ),
    )


def _closed_unknown(facts: LinkFacts, policy: Policy) -> Ruling | None:
    if not facts.closed_unknown or "closed-unknown" in facts.asked:
        return None
    because = "The issue was closed and its tracker doesn't say why, which never counts as fixed; a person finds out."
    person = "lead: the issue was closed without a reason; have it closed as fixed or as declined"
    return _ask(facts, policy, Ruling("closed-unknown", because, person=person, once_per="bug"))


def _ask(facts: LinkFacts, policy: Policy, question: Ruling) -> Ruling:
    """Put a question to a person, once; matching goes on without it and without the news that the person will tell."""
    rest = replace(facts, asked=facts.asked | {question.rule_id}, untold=facts.untold - question.tell)
    return replace(question, timeline_allowed=_timeline_allowed(facts), also=decide(rest, policy))


def _still_true(facts: LinkFacts) -> frozenset[News]:
    return frozenset(news for news in facts.untold if facts.stage in TRUE_IN[news])


def _timeline_allowed(facts: LinkFacts) -> bool:
    return facts.stage is Stage.FIXED and facts.release_planned


def _by_policy(facts: LinkFacts, policy: Policy) -> Ruling:
    for rule in policy.rules:
        if all(_meets(facts, condition) for condition in rule.when):
            if rule.person and rule.id not in facts.asked:
                return _ask(facts, policy, _question(rule))
            if not rule.asks_only:
                return _apply(rule, facts, policy)
    grid = _apply(_grid_rule(facts, policy), facts, policy)
    return _stalled(facts, policy, grid) or grid


def _meets(facts: LinkFacts, condition: Condition) -> bool:
    fact = getattr(facts, condition.fact)
    match condition:
        case AnyOf(values=values):
            return bool(values & fact) if isinstance(fact, frozenset) else fact in values
        case Within(least=least, most=most):
            return bool(least <= fact <= most)
        case Is(value=value):
            return bool(fact is value)


def _question(rule: PolicyRule) -> Ruling:
    return Ruling(
        rule.id,
        _because(rule),
        person=rule.person,
        once_per=rule.once_per,
        within_business_days=rule.within_business_days,
        deliver=rule.deliver,
    )


def _because(rule: PolicyRule) -> str:
    return rule.because or f"The policy's rule {rule.id} fits this customer, ticket and bug."


def _apply(rule: PolicyRule, facts: LinkFacts, policy: Policy) -> Ruling:
    listens_to = _listens_to(rule, policy)
    tell = _still_true(facts) & listens_to
    ruling = Ruling(
        rule.id,
        _because(rule),
        tell=tell,
        listens_to=listens_to,
        wait_days=policy.tell.merge_days if News.FIXED in tell else 0,
        every_days=rule.every_days if facts.stage in UNFINISHED_STAGES else None,
        backoff=policy.cadence.backoff if rule.backoff is None else rule.backoff,
        deliver=rule.deliver,
        recheck_days=rule.recheck_days,
        timeline_allowed=_timeline_allowed(facts),
    )
    return _no_periodic(facts, ruling)


def _listens_to(rule: PolicyRule, policy: Policy) -> frozenset[News]:
    if rule.tell is not None:
        return rule.tell
    return policy.tell.news | TERMINAL_NEWS if rule.every_days else TERMINAL_NEWS


def _no_periodic(facts: LinkFacts, ruling: Ruling) -> Ruling:
    if facts.opt_out is not OptOut.NO_PERIODIC or ruling.every_days is None:
        return ruling
    because = (
        "This customer asked for no periodic updates, so they hear each piece of news once and nothing in between."
    )
    return replace(ruling, because=because, every_days=None, under=("no-periodic", *ruling.under))


def _stalled(facts: LinkFacts, policy: Policy, grid: Ruling) -> Ruling | None:
    quiet = facts.stage in {Stage.OPEN, Stage.IN_PROGRESS} and facts.silent_days >= policy.facts.stalled_after_days
    if not quiet or grid.every_days is None or "stalled" in facts.asked:
        return None
    because = (
        f"Nothing has happened to this bug for {policy.facts.stalled_after_days} days or more, "
        "yet its customers are written to again and again; the lead decides."
    )
    person = "lead: nothing moves here; fix it, decline it, or stop the updates"
    return _ask(facts, policy, Ruling("stalled", because, person=person, once_per="bug"))


def _grid_rule(facts: LinkFacts, policy: Policy) -> PolicyRule:
    """Expand the grid, in its order, as far as the cell that these facts fall into."""
    rule_id, who, cell = _grid_cell(facts, policy.grid)
    rule = PolicyRule(
        rule_id,
        tell=_cell_news(cell, policy),
        every_days=cell.every_days,
        because=f"{who}, so {_cell_words(cell, facts)}.",
    )
    looked_at_again = facts.frequency is Frequency.UNKNOWN and rule_id in {"grid-4", "grid-5"}
    return replace(rule, recheck_days=policy.facts.recheck_unknown_days) if looked_at_again else rule


def _grid_cell(facts: LinkFacts, grid: Grid) -> tuple[str, str, Cell]:
    works = facts.workaround is Workaround.CONFIRMED
    but = "but the workaround works for this customer"
    if facts.tier == ENTERPRISE:
        return "grid-1", "This is an enterprise customer", grid.enterprise
    if facts.frequency in {Frequency.FREQUENT, Frequency.SPIKING}:
        if works:
            return "grid-2", f"This bug is met often, {but}", grid.frequent_workaround
        return "grid-3", "This bug is met often", grid.frequent
    rarely = "This bug is met rarely"
    if facts.frequency is Frequency.UNKNOWN:
        rarely = "It isn't known yet how often this bug is met"
    if works:
        return "grid-4", f"{rarely}, {but}", grid.infrequent_workaround
    return "grid-5", rarely, grid.infrequent


def _cell_news(cell: Cell, policy: Policy) -> frozenset[News]:
    if cell.hears is Hears.NOTHING:
        return frozenset()
    return TERMINAL_NEWS if cell.hears is Hears.RELEASE else policy.tell.news | TERMINAL_NEWS


def _cell_words(cell: Cell, facts: LinkFacts) -> str:
    if cell.every_days and facts.stage in UNFINISHED_STAGES:
        least, most = (days // DAYS_PER_WEEK for days in cell.every_days)
        return f"they hear its news at once and get an update every {least} to {most} weeks"
    return CELL_WORDS[cell.hears]
