"""How often customers meet a bug: what was judged and how, a customer's own answer, and overrides by hand."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Frequency
from bugbridge.core.records import IssueRow
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.frequency_facts import frequency_facts, frequency_sentences
from bugbridge.entry.naming import instant, known_issue, known_ticket
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.frequency import FrequencyRules


@click.command(short_help="How often this customer meets the bug.")
@click.argument("ticket")
@click.argument("answer")
@click.option("--issue", help="Which bug, where the ticket is linked to several.")
@json_option
@pass_door
def meets(door: Door, ticket: str, answer: str, issue: str | None, *, as_json: bool) -> None:
    """Take down what a customer said: they meet the bug daily, sometimes or once. For them it outranks all counts.

    \b
    Examples:
      bugbridge meets support:4711 daily
      bugbridge meets support:4711 once --issue acme/app#12
    """
    from bugbridge.services.frequencies import record_answer
    from bugbridge.services.intake import the_link

    app = door.app
    ticket_row = known_ticket(app, ticket)
    key = the_link(app.store, ticket_row, known_issue(app, issue) if issue else None)
    said = answer.strip().lower()
    kept = record_answer(app.store, app.clock, key, said, door.actor)
    facts = {"ticket": ticket_row.reference, "meets_it": said, "changed": kept}
    already = "" if kept else " already; nothing was done"
    say(facts, as_json=as_json, show=lambda: tell(f"The customer of {ticket_row.reference} meets it {said}{already}."))


@click.command(short_help="How often customers meet a bug.")
@click.argument("issue")
@click.argument("wanted", required=False, metavar="[frequent|infrequent]")
@click.option("--because", help="Why the evidence doesn't count; needed to override it.")
@click.option("--until", help="The last day of the override; the policy's override_days if not given.")
@click.option("--clear", is_flag=True, help="Take the override back.")
@click.option("--detail", is_flag=True, help="Show how it was decided.")
@json_option
@pass_door
def frequency(
    door: Door,
    issue: str,
    wanted: str | None,
    because: str | None,
    until: str | None,
    *,
    clear: bool,
    detail: bool,
    as_json: bool,
) -> None:
    """Show how often customers meet a bug, or override what the evidence says, with a reason and for a time.

    \b
    Examples:
      bugbridge frequency acme/app#12
      bugbridge frequency acme/app#12 --detail
      bugbridge frequency acme/app#12 frequent --because "The largest customers meet it daily." --until 2026-09-30
      bugbridge frequency acme/app#12 --clear
    """
    issue_row = known_issue(door.app, issue)
    if wanted is None and (because is not None or until is not None):
        raise UsageError("--because and --until belong to an override: say frequent or infrequent as well.")
    if wanted is not None and clear:
        raise UsageError("Either override the frequency or --clear the override, not both.")
    changed = _override(door, issue_row, wanted, because, until) if wanted else clear and _clear(door, issue_row)
    facts = frequency_facts(door.app, issue_row) | {"changed": changed}
    nothing_done = (wanted is not None or clear) and not changed
    say(facts, as_json=as_json, show=lambda: _show(door.app, facts, detail=detail, nothing_done=nothing_done))


def _override(door: Door, issue: IssueRow, wanted: str, because: str | None, until: str | None) -> bool:
    from bugbridge.services.frequencies import Override, override

    app = door.app
    value = Override(_overridden_to(wanted), (because or "").strip(), _until(app, until))
    return override(app.store, app.clock, issue, value, door.actor, keep_date=until is None)[1]


def _overridden_to(typed: str) -> Frequency:
    try:
        return Frequency(typed.strip().lower())
    except ValueError:
        raise UsageError(f"A bug is overridden to frequent or infrequent, not {typed!r}.") from None


def _until(app: "App", typed: str | None) -> datetime:
    if typed is not None:
        return instant(app, typed, at_time=time(23, 59, 59))
    return app.clock.now() + timedelta(days=app.policy.facts.override_days)


def _clear(door: Door, issue: IssueRow) -> bool:
    from bugbridge.services.frequencies import clear_override

    return clear_override(door.app.store, door.app.clock, issue, door.actor)


def _show(app: "App", facts: Mapping[str, Any], *, detail: bool, nothing_done: bool) -> None:
    from bugbridge.render.times import stamp

    if nothing_done:
        tell("It is so already; nothing was done.")
    for sentence in frequency_sentences(app, facts):
        tell(sentence)
    if detail and facts["judged_at"] is not None:
        tell(f"Judged {stamp(facts['judged_at'], app.settings.calendar.zone)}, and every week.")
        for line in _how(facts, app.policy.frequency):
            tell(line)


def _how(facts: Mapping[str, Any], rules: "FrequencyRules") -> Iterator[str]:
    evidence = facts["evidence"]
    if evidence.get("by") == "usage":
        yield from _how_by_usage(evidence, rules)
    elif "rate" in evidence:
        yield from _how_by_tickets(evidence, rules)
        yield from _why_not_by_usage(evidence, rules)
    own = evidence.get("own_days", {})
    if own:
        yield f"For {counted(len(own), 'reporting account')} their own usage decides instead of these counts."


def _how_by_usage(evidence: Mapping[str, Any], rules: "FrequencyRules") -> Iterator[str]:
    (enter, stay), (enter_days, stay_days) = rules.usage_breadth, rules.usage_days_per_week
    yield (
        f"We are 95 % sure that {evidence['lower']:.1%} to {evidence['upper']:.1%} of the active accounts use "
        f"{', '.join(evidence['flows'])}."
    )
    yield (
        f"Decided by usage in the 28 days before: frequent begins where that is surely {enter:.0%} or more, and half "
        f"of those who use it do so on {enter_days:g} days a week or more."
    )
    if evidence["frequency"] == Frequency.FREQUENT:
        yield f"It stays frequent while that may still be {stay:.0%}, on {stay_days:g} days a week."


def _how_by_tickets(evidence: Mapping[str, Any], rules: "FrequencyRules") -> Iterator[str]:
    from bugbridge.core.frequency import certainty

    threshold = evidence["threshold"]
    yield certainty(evidence["lower"], evidence["upper"], Frequency(evidence["frequency"]))
    yield (
        f"Decided by tickets: {evidence['rate']:g} new customers a week over {evidence['watched_weeks']:g} weeks, "
        f"which means {evidence['lower']:g} or more and {evidence['upper']:g} or fewer. Frequent begins where the "
        f"first of these is {threshold:g}, from {counted(rules.minimum_accounts, 'customer')} in "
        f"{counted(rules.minimum_weeks, 'week')} with reports."
    )
    if evidence["frequency"] == Frequency.FREQUENT:
        yield (
            f"It stays frequent until {rules.leave_after_low_checks} weekly checks in a row find {threshold / 2:g} a "
            f"week or less; so far {evidence['low_checks']} did."
        )
    yield "90 % is for each check: since it is repeated every week, now and then one is wrong."


def _why_not_by_usage(evidence: Mapping[str, Any], rules: "FrequencyRules") -> Iterator[str]:
    active = evidence["active_accounts"]
    if not evidence["flows"]:
        yield "No flow is named for this bug, so usage doesn't tell of it: `bugbridge flow ISSUE FLOW` names one."
    elif active is None or active < rules.usage_minimum_accounts:
        yield f"Usage decides only where {rules.usage_minimum_accounts} accounts are active; {active or 0} are."
    else:
        yield f"Nobody used {', '.join(evidence['flows'])} in the 28 days before, so usage doesn't tell of it."
