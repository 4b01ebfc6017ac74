"""Why, and what would change it, in sentences: facts in plain words, changes with their commands, silences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bugbridge.core.model import TERMINAL_NEWS, News, UpdateState
from bugbridge.core.policy_model import AnyOf, Is
from bugbridge.core.policy_words import (
    BOOLEAN_WORDS,
    DAY_WORDS,
    NEWS_WORDS,
    TEXT_WORDS,
    VALUE_WORDS,
    WHO,
    cell_text,
    condition_words,
    every,
    listed,
    news_words,
)
from bugbridge.core.what_if import ALWAYS_THERE, Hearing, WhatIf
from bugbridge.entry.sentences import next_update
from bugbridge.entry.ways import COMMAND_LINE, Ways

if TYPE_CHECKING:
    from bugbridge.core.policy_model import Policy
    from bugbridge.services.explaining import Explanation, Reasons

SHOWN = 3
GRID_CELLS = {f"grid-{number}": name for number, name in enumerate(WHO, start=1)}
CLAUSES: Mapping[str, tuple[str, str]] = {
    "answered": ("once", "the customer is answered"),
    "promise-kept": ("once", "they are written to, which keeps the promise"),
    "told": ("once", "they know, by a reply that names it or by your word"),
    "workaround-told": ("once", "they are told the workaround"),
    "workaround-confirmed": ("if", "the workaround works for them"),
    "workaround-failed": ("if", "the workaround fails for them"),
    "workaround-found": ("if", "a workaround is found"),
    "another-workaround-found": ("if", "another workaround is found"),
    "meets-daily": ("if", "they say that they meet it daily"),
    "meets-sometimes": ("if", "they say that they meet it only sometimes"),
    "ticket-solved": ("once", "the ticket is solved"),
    "ticket-reopened": ("if", "the ticket is opened again and they have their answer"),
    "promise-made": ("if", "you promise them a message by a day"),
    "opt-out-ended": ("if", "they want to hear everything again"),
    "no-periodic-wanted": ("if", "they ask for no periodic updates"),
    "opted-out": ("if", "they ask to hear nothing"),
    "stage-in_progress": ("when", "work begins"),
    "stage-fixed": ("when", "it is fixed"),
    "stage-released": ("when", "it is released"),
    "stage-declined": ("if", "it is declined"),
    "release-planned": ("when", "a release is planned"),
    "reopened": ("if", "it comes back"),
    "found-frequent": ("if", "it is found to be frequent"),
    "found-infrequent": ("if", "it is found to be infrequent"),
    "found-spiking": ("if", "it is found to be spiking"),
}
LASTING = ("nothing", "release", "news", "every")
"""What lasts, the quietest first."""

COMES_BY_TIME = {
    "workaround": "the workaround will count as working",
    "promise_due": "the promise will be nearly due",
    "frequency": "what was overridden by hand will have ended",
}
TRIGGERS = {
    News.WORKAROUND: "a workaround is found",
    News.IN_PROGRESS: "work begins",
    News.RELEASE_PLANNED: "a release is planned",
    News.RELEASE_MOVED: "a planned release is moved",
}
ITS_TRIGGERS = {
    News.FIXED: "is fixed",
    News.RELEASED: "is released",
    News.DECLINED: "is declined",
    News.REOPENED: "comes back",
}
NEWS_BROUGHT = {
    "workaround-found": News.WORKAROUND,
    "another-workaround-found": News.WORKAROUND,
    "stage-in_progress": News.IN_PROGRESS,
    "stage-fixed": News.FIXED,
    "stage-released": News.RELEASED,
    "stage-declined": News.DECLINED,
    "release-planned": News.RELEASE_PLANNED,
    "reopened": News.REOPENED,
}
"""The news that an event is."""

SILENT_BECAUSE: Mapping[str, Mapping[object, str]] = {
    "frequency": {
        "frequent": "frequent bug",
        "infrequent": "occasional bug",
        "unknown": "nobody knows yet how often the bug is met",
        "spiking": "many customers at once",
    },
    "workaround": {
        "known": "workaround not sent yet",
        "told": "workaround sent",
        "confirmed": "workaround worked",
        "failed": "workaround failed",
    },
    "ticket_status": {"solved": "ticket solved", "closed": "ticket closed"},
    "opt_out": {"no_periodic": "no periodic updates wanted", "all": "this customer asked to hear nothing"},
    "unanswered": {True: "the customer waits for an answer, which comes first"},
    "ticket_gone": {True: "the ticket is gone"},
    "tier": {"enterprise": "enterprise customer"},
}
LAWS_WORDS = {
    "duplicate": ("the bug is no duplicate", "the bug is a duplicate, and its survivor decides"),
    "closed_unknown": ("the issue wasn't closed without a reason", "the issue was closed without a reason"),
    "ticket_gone": ("the ticket is there", "the ticket is gone"),
    "promise_due": ("no promise is nearly due", "a promise is nearly due"),
    "promise_open": ("no promise is open", "a promise is open"),
}
"""Facts that no rule in a file names, where they aren't so and where they are."""

TOLD_BY = {
    "override": "overridden by hand",
    "answer": "as the customer said",
    "own-usage": "by the customer's own usage",
}


def fact_words(name: str, value: Any) -> str:  # noqa: ANN401 - a fact as JSON holds it
    """Say a fact that a decision was made on."""
    if name == "untold":
        news = [words for each, words in NEWS_WORDS.items() if each in value]
        return f"the customer wasn't told yet that {listed(news, 'and')}" if news else "the customer knows all its news"
    if name in VALUE_WORDS:
        return condition_words(AnyOf(name, frozenset({value})))
    if name in BOOLEAN_WORDS:
        return condition_words(Is(name, value))
    if name in LAWS_WORDS:
        return LAWS_WORDS[name][bool(value)]
    if name in DAY_WORDS:
        return f"{DAY_WORDS[name]} {round(value):,} days"
    if name == "labels":
        return f"the issue's labels are {', '.join(value)}" if value else "the issue has no labels"
    return f'{TEXT_WORDS[name]} is "{value}"' if value else f"{TEXT_WORDS[name]} isn't known"


def facts_sentence(facts: Mapping[str, Any], reasons: "Reasons | None" = None) -> str:
    """Say the facts that mattered, and by what it was judged how often the bug is met; "" where there are none."""
    said = [
        fact_words(name, value) + (_judged_by(reasons) if name == "frequency" else "") for name, value in facts.items()
    ]
    return f"Decided on: {'; '.join(said)}." if said else ""


def _judged_by(reasons: "Reasons | None") -> str:
    if reasons is None or reasons.outdated:
        return ""
    by = TOLD_BY.get(reasons.frequency_by, reasons.evidence)
    return f" ({by})" if by else ""


def cell_words(rule_id: str, policy: "Policy") -> str:
    """Give the line of the policy file's grid behind a decision, "" for other rules."""
    if rule_id not in GRID_CELLS:
        return ""
    name = GRID_CELLS[rule_id]
    return f'"{name.replace("_", ", ")}" = "{cell_text(getattr(policy.grid, name))}"'


def chosen(found: Sequence[WhatIf]) -> list[WhatIf]:
    """Choose what people are shown: at most three, each outcome once, and last of them what comes by itself first.

    What is always possible gives way to the rest.
    """
    by_itself = [one for one in found if one.at is not None][:1]
    deeds = sorted((one for one in found if one.at is None), key=lambda one: one.ids[0] in ALWAYS_THERE)
    firsts = {one.after: one for one in reversed(deeds)}
    shown = [one for one in deeds if firsts[one.after] is one]
    return [*shown[: SHOWN - len(by_itself)], *by_itself]


def what_if_sentence(
    one: WhatIf, zone: str, ticket: str = "TICKET", issue: str = "ISSUE", *, several: bool, ways: Ways = COMMAND_LINE
) -> str:
    """Say a change with what would hold then, and what takes it down; the rest is seen in the helpdesk and the tracker.

    `several`: the ticket is linked to several bugs, so that the commands must name the issue.
    """
    option = f" --issue {issue}" if several else ""
    commands = [
        ways.taken_down[each].format(ticket=ticket, issue=issue, issue_option=option)
        for each in one.ids
        if each in ways.taken_down
    ]
    sentence = f"{_clause(one, zone)} {listed(list(_consequences(one)), 'and')}"
    return f"{sentence}: {listed(commands, 'and')}" if commands else f"{sentence}."


def _clause(one: WhatIf, zone: str) -> str:
    if one.at is not None:
        return _by_time(one, one.at, zone)
    if one.ids == ("tier",):
        plan = one.changes[0].after
        return f'If their plan becomes "{plan}",' if plan else f'If their plan is "{one.changes[0].before}" no more,'
    if one.ids == ("workaround-confirmed",) and one.changes[0].before == "known":
        return "If they are told the workaround and it works for them,"
    conjunction = "if" if len(one.ids) > 1 else CLAUSES[one.ids[0]][0]
    return f"{conjunction.capitalize()} {listed([CLAUSES[each][1] for each in one.ids], 'and')},"


def _by_time(one: WhatIf, at: datetime, zone: str) -> str:
    from bugbridge.render.times import stamp

    changed = {change.fact for change in one.changes}
    reason = next((f", {words}:" for fact, words in COMES_BY_TIME.items() if fact in changed), ",")
    return f"On {stamp(at, zone)}, if nothing happens before{reason}"


def _consequences(one: WhatIf) -> Iterator[str]:
    before, after = one.before, one.after
    said = [*_at_once(before, after)]
    yield from said
    if after.id in LASTING and (_lasting(before) != _lasting(after)) and not (said and after.id == "nothing"):
        yield _drop_or_rise(before, after)
    elif not said:
        yield _what_remains(before, after)


def _what_remains(before: Hearing, after: Hearing) -> str:
    if after.id in LASTING[1:]:
        return f"they go on to hear {_noun(after)}"
    return "nothing is left to tell" if before.tell else "nobody is asked any more"


def _at_once(before: Hearing, after: Hearing) -> Iterator[str]:
    for question in after.asks:
        if question not in before.asks:
            whom, _, words = question.partition(":")
            yield f'the {whom} is asked "{words.strip()}"'
    if after.id == "hold" != before.id:
        yield "nothing is said until the customer is answered"
    if after.id == "promise" != before.id:
        yield "they are written to in time, whatever else holds"
    news = [words for each, words in NEWS_WORDS.items() if each in after.tell - before.tell]
    if news:
        yield f"they are told that {listed(news, 'and')}"


def _lasting(hears: Hearing) -> tuple[object, ...]:
    return hears.id, hears.every_days, hears.listens_to


def _drop_or_rise(before: Hearing, after: Hearing) -> str:
    quieter = before.id in LASTING and _loudness(after) < _loudness(before)
    return f"{'this drops to' if quieter else 'they would hear'} {_noun(after)}"


def _loudness(hears: Hearing) -> tuple[int, ...]:
    least, most = hears.every_days or (0, 0)
    return LASTING.index(hears.id), -least, -most, len(hears.listens_to)


def _noun(hears: Hearing) -> str:
    if hears.every_days:
        return every(hears.every_days)
    if hears.listens_to == TERMINAL_NEWS:
        return "how it ends"
    if len(hears.listens_to) > SHOWN:
        return "each piece of news once"
    return f"when {news_words(hears.listens_to)}" if hears.listens_to else "nothing"


def due_sentence(explanation: "Explanation", reasons: "Reasons | None", zone: str, ways: Ways = COMMAND_LINE) -> str:
    """Say when the next update is due; or that none is, why, and what alone would change that."""
    settled = {UpdateState.DEAD, UpdateState.POSTED} & {item.state for item in explanation.updates}
    if reasons is None or reasons.outdated or settled or explanation.next_at is not None or explanation.watch_mode:
        return next_update(explanation, zone, ways)
    return f"No update is due: {_why_silent(explanation, reasons)}. {_reminded_if(reasons)}"


def _why_silent(explanation: "Explanation", reasons: "Reasons") -> str:
    if explanation.rule_id == "done":
        return f"it is {explanation.facts['stage']}, and there is nothing left to tell"
    said = [SILENT_BECAUSE.get(name, {}).get(_plain(value)) for name, value in reasons.mattered.items()]
    words = ", ".join(each for each in said if each)
    return words or explanation.because.rstrip(".") or "nothing calls for one"


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool) else None


def _reminded_if(reasons: "Reasons") -> str:
    """Name the news that leads to a reminder: what they would be told, and what the agent would be asked about."""
    if reasons.hears.id == "hold":
        return "You'll be reminded once there is something to tell after that."
    awaited = set(reasons.hears.listens_to)
    awaited |= {NEWS_BROUGHT[one.ids[0]] for one in reasons.what_ifs if one.ids[0] in NEWS_BROUGHT and _reminds(one)}
    if News.RELEASED in awaited:
        awaited.add(News.REOPENED)  # that a release was told and is taken back is always the agent's to set right
    clauses = [words for news, words in TRIGGERS.items() if news in awaited]
    its = [words for news, words in ITS_TRIGGERS.items() if news in awaited]
    clauses += [f"it {_compressed(its)}"] if its else []
    return f"You'll be reminded only if {listed(clauses, 'or')}." if clauses else "Nothing will remind you."


def _reminds(one: WhatIf) -> bool:
    return bool(one.after.tell - one.before.tell) or len(one.after.asks) > len(one.before.asks)


def _compressed(predicates: Sequence[str]) -> str:
    """Say "is released, declined or comes back": the verb once where it is the same."""
    said = [words.removeprefix("is ") if index else words for index, words in enumerate(predicates)]
    return listed(said, "or")
