"""Why something is due, or why nothing is: the rule, the facts, what would change it, the next date."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.records import KnownUpTo
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.explained import explained_sentences, rule_sentence, said_dates, undecided
from bugbridge.entry.naming import instant, is_today, known_issue, known_ticket, names_issue
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import LinkKey
    from bugbridge.services.explaining import Explanation, Group, Kept, Reasons, Rules

UNDECIDED_THEN = "Nothing had been decided at that time."
TICKETS_NAMED = 5


@click.command(short_help="What is due for a ticket or a bug, and why.")
@click.argument("reference")
@click.argument("issue", required=False)
@click.option(
    "--at",
    "at_date",
    help="What was known and decided at an earlier moment, and what changed since; a date means its end; today, now.",
)
@click.option("--facts", "all_facts", is_flag=True, help="Show all facts, not only those that decided.")
@click.option("--history", is_flag=True, help="List all decisions, those that others have superseded too.")
@json_option
@pass_door
def explain(
    door: Door,
    reference: str,
    issue: str | None,
    at_date: str | None,
    *,
    all_facts: bool,
    history: bool,
    as_json: bool,
) -> None:
    """Name the rule that decided, the facts that mattered, what would change it, and the next date.

    For a ticket this is said of each of its bugs; for an issue of all its tickets, grouped by decision.

    \b
    Examples:
      bugbridge explain support:4711
      bugbridge explain acme/app#12
      bugbridge explain support:4711 acme/app#12 --at 2026-05-01
      bugbridge explain support:4711 --history
    """
    app = door.app
    at = _moment(app, at_date) if at_date is not None else None
    keys = _keys(app, reference, issue, at)
    if history:
        _explain_history(app, keys, at, as_json=as_json)
    elif at is not None:
        _explain_then(app, keys, at, all_facts=all_facts, as_json=as_json)
    elif issue is None and names_issue(app, reference):
        _explain_bug(app, keys, as_json=as_json)
    else:
        _explain_now(app, keys, all_facts=all_facts, as_json=as_json)


def _moment(app: "App", typed: str) -> datetime:
    """Read an earlier moment; today's end is yet to come, so today means now. Raises UsageError for a later one."""
    now = app.clock.now()
    at = now if is_today(app, typed) else instant(app, typed, at_time=time(23, 59, 59))
    if at > now:
        raise UsageError(f"{typed!r} lies ahead: what is known then can't be said yet.")
    return at


def _keys(app: "App", reference: str, issue: str | None, at: datetime | None) -> "list[LinkKey]":
    if issue is None and names_issue(app, reference):
        return _links_of_bug(app, reference, at)
    return _links_of_ticket(app, reference, issue)


def _links_of_bug(app: "App", typed: str, at: datetime | None) -> "list[LinkKey]":
    row = known_issue(app, typed)
    upto = app.store.head() if at is None else app.store.seq_at(at)
    keys = list(app.store.bug_history(row.bug_id, KnownUpTo(upto)).links)
    if not keys:
        raise UsageError(f"No ticket is linked to {row.reference}: `bugbridge link TICKET {row.reference}` links one.")
    return keys


def _links_of_ticket(app: "App", typed: str, issue: str | None) -> "list[LinkKey]":
    row = known_ticket(app, typed)
    if issue is not None:
        from bugbridge.services.intake import the_link

        return [the_link(app.store, row, known_issue(app, issue))]
    links = app.store.links_of(row.id)
    keys = [link.key for link in links if link.state == "linked"]
    if keys:
        return keys
    if any(link.state == "suggested" for link in links):
        raise UsageError(
            f"{row.reference} isn't linked to any bug, only suggested: `bugbridge show {row.reference}` shows which, "
            f"and `bugbridge link {row.reference} ISSUE` links it."
        )
    raise UsageError(f"{row.reference} isn't linked to any bug: `bugbridge link {row.reference} ISSUE` links it.")


def _rules(app: "App") -> "Rules":
    from bugbridge.services.explaining import Rules

    return Rules(app.policies, app.calendar, app.clock.now())


def _explain_now(app: "App", keys: "list[LinkKey]", *, all_facts: bool, as_json: bool) -> None:
    from bugbridge.render.json import jsonable
    from bugbridge.services.explaining import explain_with_reasons

    rules = _rules(app)
    explained = [explain_with_reasons(app.store, key, rules) for key in keys]

    def show() -> None:
        for explanation, reasons in explained:
            _show_now(rules, explanation, reasons, app.settings.calendar.zone, several=len(keys) > 1)
            if all_facts and explanation.decided_at is not None:
                _show_facts(explanation)

    facts: list[Any] = [{**_mapping(jsonable(one)), "reasons": reasons} for one, reasons in explained]
    say({"explanations": facts}, as_json=as_json, show=show)


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _show_now(rules: "Rules", explanation: "Explanation", reasons: "Reasons", zone: str, *, several: bool) -> None:
    tell(f"{explanation.ticket}, {explanation.issue}", bold=True)
    _tell_all(explained_sentences(rules, explanation, reasons, zone, several=several))


def _tell_all(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        if sentence:
            tell(sentence)


def _show_facts(explanation: "Explanation") -> None:
    from bugbridge.render.tables import print_table

    rows = [(name.replace("_", " "), _fact(value)) for name, value in explanation.facts.items()]
    print_table("Facts", ("fact", "value"), rows)


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "-"
    return str(value) if value not in ("", None) else "-"


def _explain_then(app: "App", keys: "list[LinkKey]", at: datetime, *, all_facts: bool, as_json: bool) -> None:
    from bugbridge.render.json import jsonable
    from bugbridge.render.times import stamp
    from bugbridge.services.explaining import changed_since
    from bugbridge.services.explaining import explain as explained

    rules = _rules(app)
    both = [(explained(app.store, key, at), explained(app.store, key)) for key in keys]

    def show() -> None:
        tell(f"On what was known at {stamp(at, app.settings.calendar.zone)}:")
        for then, now in both:
            _show_then(rules, then, now, app.settings.calendar.zone)
            if all_facts and then.decided_at is not None:
                _show_facts(then)

    facts: list[Any] = [
        {**_mapping(jsonable(then)), "changed_since": changed_since(then, now), "now": now} for then, now in both
    ]
    say({"explanations": facts}, as_json=as_json, show=show)


def _show_then(rules: "Rules", then: "Explanation", now: "Explanation", zone: str) -> None:
    from bugbridge.entry.reasons import due_sentence, facts_sentence
    from bugbridge.services.explaining import mattered

    tell(f"{then.ticket}, {then.issue}", bold=True)
    if then.decided_at is None:
        tell(UNDECIDED_THEN)
    else:
        _tell_all([rule_sentence(rules, then, zone), facts_sentence(mattered(then, rules))])
        _tell_all([due_sentence(then, None, zone), *said_dates(then, zone)])
    if now.decided_at != then.decided_at:
        _tell_all([_since(then, now), f"Now: {rule_sentence(rules, now, zone)}"])
    else:
        tell("Nothing else was decided since.")


def _since(then: "Explanation", now: "Explanation") -> str:
    from bugbridge.entry.reasons import fact_words
    from bugbridge.services.explaining import changed_since

    changes = changed_since(then, now)
    return f"Since then: {'; '.join(fact_words(one.fact, one.after) for one in changes)}." if changes else ""


def _explain_bug(app: "App", keys: "list[LinkKey]", *, as_json: bool) -> None:
    from bugbridge.services.explaining import explain_with_reasons, grouped

    rules = _rules(app)
    explained = [explain_with_reasons(app.store, key, rules) for key in keys]
    groups, issue = grouped(explained), explained[0][0].issue
    facts = {"issue": issue, "links": len(keys), "groups": groups}
    say(facts, as_json=as_json, show=lambda: _show_bug(app, issue, groups))


def _show_bug(app: "App", issue: str, groups: "Sequence[Group]") -> None:
    decisions = counted(len(groups), "decision")
    tell(f"{issue}: {counted(sum(group.links for group in groups), 'link')}, {decisions}", bold=True)
    for group in groups:
        tell("")
        _show_group(app, issue, group)


def _show_group(app: "App", issue: str, group: "Group") -> None:
    from bugbridge.entry.reasons import chosen, facts_sentence, what_if_sentence
    from bugbridge.render.times import stamp

    zone = app.settings.calendar.zone
    tell(f"{counted(group.links, 'link')}: {_named(group.tickets)}", bold=True)
    if not group.rule_id:
        tell(undecided())
        return
    _tell_all([f"Rule {group.rule_id}: {group.because}", facts_sentence(group.mattered)])
    first = f"The first update of these: {stamp(group.next_at, zone)}." if group.next_at else "No update is due."
    _tell_all([first, *(what_if_sentence(one, zone, issue=issue, several=True) for one in chosen(group.what_ifs))])


def _named(tickets: Sequence[str]) -> str:
    more = len(tickets) - TICKETS_NAMED
    return ", ".join(tickets[:TICKETS_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _explain_history(app: "App", keys: "list[LinkKey]", at: datetime | None, *, as_json: bool) -> None:
    from bugbridge.services.explaining import decisions_kept

    kept = [one for key in keys for one in decisions_kept(app.store, key, at)]
    say({"decisions": kept}, as_json=as_json, show=lambda: _show_history(app, kept))


def _show_history(app: "App", kept: "Sequence[Kept]") -> None:
    from bugbridge.render.tables import print_table
    from bugbridge.render.times import wall

    if not kept:
        tell(undecided())
        return
    zone = app.settings.calendar.zone
    rows = [(wall(one.decided_at, zone), one.ticket, one.issue, _kept_rule(one), _difference(one)) for one in kept]
    print_table(f"Decisions ({zone})", ("decided", "ticket", "issue", "rule", "what changed"), rows)


def _kept_rule(one: "Kept") -> str:
    asked = f" (asks the {one.person})" if one.person else ""
    return f"{one.rule_id}{asked}{', in force' if one.in_force else ''}"


def _difference(one: "Kept") -> str:
    from bugbridge.entry.reasons import fact_words

    said = ["another policy"] if one.policy_changed else []
    said += [fact_words(change.fact, change.after) for change in one.changes]
    if said or one.first:
        return "; ".join(said) or "the first decision"
    return "what is called for" if one.outcome_changed else "nothing"
