"""What helps meanwhile, in which words, to whom, and whether it did."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Workaround
from bugbridge.core.records import IssueRow, TicketRow
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import known_issue, known_ticket, names_issue
from bugbridge.entry.said_workaround import OTHER_WORDS, said_workaround

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.bug_words import KeptWorkaround, NewWorkaround, Suggestion


@click.command(short_help="What helps meanwhile, and whether it did.")
@click.argument("reference")
@click.argument("words", required=False)
@click.option("--issue", help="Which bug, where the ticket is linked to several.")
@click.option("--language", help="The language of the workaround's text; the team's own if not given.")
@click.option("--applies-to", default="", help="To whom it applies, in words for agents, such as 'macOS only'.")
@click.option("--new/--rewording", "is_new", default=None, help="Whether it's another workaround than the known one.")
@click.option("--accept", type=click.IntRange(min=1), help="Record this suggestion of engineering as it stands.")
@json_option
@pass_door
def workaround(
    door: Door,
    reference: str,
    words: str | None,
    issue: str | None,
    language: str | None,
    applies_to: str,
    accept: int | None,
    *,
    is_new: bool | None,
    as_json: bool,
) -> None:
    """Record a bug's workaround, or what became of it for one customer: told, confirmed (worked) or failed.

    Without words it lists a bug's workarounds, and what engineers suggest as one.

    A new workaround is news for customers without one that works, and takes the place of the one before. Other words
    in the same language are a new workaround, unless you say --rewording; words in another language are a translation
    of the known one, unless you say --new. Nobody hears of a rewording or a translation.

    \b
    Examples:
      bugbridge workaround acme/app#12
      bugbridge workaround acme/app#12 "Export as CSV instead."
      bugbridge workaround acme/app#12 "Exportieren Sie als CSV." --language de
      bugbridge workaround acme/app#12 "Restart the app." --applies-to "macOS only"
      bugbridge workaround acme/app#12 --accept 1
      bugbridge workaround support:4711 told
      bugbridge workaround support:4711 worked --issue acme/app#12
    """
    recording = {"--language": language, "--applies-to": applies_to, "--new": is_new, "--accept": accept}
    given = [name for name, value in recording.items() if value not in (None, "")]
    if not names_issue(door.app, reference):
        _refuse(given, "belongs to a bug: name the issue, not the ticket.")
        _on_ticket(door, reference, words, issue, as_json=as_json)
        return
    row = known_issue(door.app, reference)
    _refuse(["--issue"] if issue else [], "goes with a ticket that is linked to several bugs: leave it out.")
    if words is None and accept is None:
        _refuse(given, "goes with a workaround's words: add them.")
        _list(door.app, row, as_json=as_json)
        return
    facts = _record(door, row, said_workaround(door.app, row, words, language, applies_to, accept, is_new=is_new))
    say(facts, as_json=as_json, show=lambda: tell(_recorded(facts)))


def _refuse(given: list[str], sentence: str) -> None:
    if given:
        raise UsageError(f"{given[0]} {sentence}")


def _record(door: Door, issue: IssueRow, said: "NewWorkaround") -> dict[str, Any]:
    from bugbridge.services.bug_words import record_workaround

    is_news = record_workaround(door.app.store, door.app.clock, issue, said, door.actor)
    words = said.words
    return {"issue": issue.reference, "language": words.language, "applies_to": words.applies_to, "is_news": is_news}


def _recorded(facts: Mapping[str, Any]) -> str:
    news = "customers without one hear of it" if facts["is_news"] else "it is the known one, so nobody hears of it"
    return f"Workaround recorded for {facts['issue']} ({facts['language']}): {news}."


def _on_ticket(door: Door, reference: str, words: str | None, issue: str | None, *, as_json: bool) -> None:
    """Keep what became of it for the ticket's customer; without words, list what there is for the ticket's bug."""
    from bugbridge.services.intake import set_workaround, the_link

    app, ticket = door.app, known_ticket(door.app, reference)
    key = the_link(app.store, ticket, known_issue(app, issue) if issue else None)
    if words is None:
        _list(app, _primary(app, key.bug_id), as_json=as_json)
        return
    state = _state(words)
    set_workaround(app.store, app.clock, key, state, door.actor)
    _say_state(ticket, state, as_json=as_json)


def _say_state(ticket: TicketRow, state: Workaround, *, as_json: bool) -> None:
    facts = {"ticket": ticket.reference, "workaround": state}
    say(facts, as_json=as_json, show=lambda: tell(f"The workaround is {state} for {ticket.reference}."))


def _primary(app: "App", bug_id: int) -> IssueRow:
    from bugbridge.core.records import KnownUpTo

    return known_issue(app, app.store.bug_course(bug_id, KnownUpTo(app.store.head())).primary_reference)


def _state(words: str) -> Workaround:
    word = words.strip().lower()
    try:
        return OTHER_WORDS.get(word) or Workaround(word)
    except ValueError:
        raise UsageError(
            f"A customer's workaround is told, worked (confirmed) or failed, not {words!r}; "
            "its text belongs to the issue."
        ) from None


def _list(app: "App", issue: IssueRow, *, as_json: bool) -> None:
    from bugbridge.services.bug_words import customers_by_state, kept_workarounds, suggestions

    facts = {
        "issue": issue.reference,
        "workarounds": [_text_facts(one) for one in kept_workarounds(app.store, issue.bug_id)],
        "customers": customers_by_state(app.store, app.policies, app.clock, app.calendar, issue.bug_id),
        "suggestions": [_suggestion_facts(one) for one in suggestions(app.store, issue.bug_id)],
    }
    say(facts, as_json=as_json, show=lambda: _tell(app, facts))


def _text_facts(one: "KeptWorkaround") -> dict[str, Any]:
    words = {"text": one.words.text, "language": one.words.language, "applies_to": one.words.applies_to}
    return {**words, "author": one.author, "at": one.at}


def _suggestion_facts(one: "Suggestion") -> dict[str, Any]:
    return {"number": one.number, "text": one.text, "at": one.at, "accepted": one.accepted}


def _tell(app: "App", facts: Mapping[str, Any]) -> None:
    from bugbridge.render.tables import print_table

    issue, zone = facts["issue"], app.settings.calendar.zone
    if facts["workarounds"]:
        rows = [_text_row(one, zone) for one in facts["workarounds"]]
        print_table(f"Workarounds of {issue}", ("language", "applies to", "author", f"since ({zone})", "text"), rows)
    else:
        tell(f'{issue} has no workaround yet: `bugbridge workaround {issue} "WHAT HELPS"` records one.')
    counted = ", ".join(f"{state} {count}" for state, count in facts["customers"].items() if count)
    tell(f"For its customers it is: {counted}." if counted else f"No customer is linked to {issue}.")
    if facts["suggestions"]:
        rows = [_suggestion_row(one, zone) for one in facts["suggestions"]]
        print_table("Suggested by engineering, sent to nobody", ("number", f"at ({zone})", "accepted", "text"), rows)
        tell(f"`bugbridge workaround {issue} --accept NUMBER` records one as it stands.")


def _text_row(one: Mapping[str, Any], zone: str) -> tuple[str, ...]:
    from bugbridge.render.times import wall

    return one["language"], one["applies_to"] or "everybody", one["author"], wall(one["at"], zone), one["text"]


def _suggestion_row(one: Mapping[str, Any], zone: str) -> tuple[str, ...]:
    from bugbridge.render.times import wall

    return str(one["number"]), wall(one["at"], zone), "yes" if one["accepted"] else "no", one["text"]
