"""What was decided for a link and why, in sentences: the commands say them, and so do the pages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bugbridge.entry.ways import COMMAND_LINE, Ways

if TYPE_CHECKING:
    from bugbridge.services.explaining import Explanation, Reasons, Rules


def undecided(ways: Ways = COMMAND_LINE) -> str:
    """Say that nothing was decided yet, and what decides."""
    return f"Not decided yet: {ways.plan} decides."


def explained_sentences(
    rules: "Rules",
    explanation: "Explanation",
    reasons: "Reasons",
    zone: str,
    *,
    several: bool,
    ways: Ways = COMMAND_LINE,
) -> Iterator[str]:
    """Say the rule, the facts that mattered, what is due when, and what would change it; times are of the zone.

    `several`: the ticket is linked to several bugs, so that the commands must name the issue.
    """
    from bugbridge.entry.reasons import chosen, due_sentence, facts_sentence, what_if_sentence

    if explanation.decided_at is None:
        yield undecided(ways)
        return
    yield rule_sentence(rules, explanation, zone)
    yield facts_sentence(reasons.mattered, reasons)
    yield due_sentence(explanation, reasons, zone, ways)
    yield from said_dates(explanation, zone)
    yield f"Something has changed since: {ways.plan} decides anew." if reasons.outdated else ""
    for one in chosen(reasons.what_ifs):
        yield what_if_sentence(one, zone, explanation.ticket, explanation.issue, several=several, ways=ways)


def rule_sentence(rules: "Rules", explanation: "Explanation", zone: str) -> str:
    """Name the rule with its line of the grid, and where there are several policies the one that it stands in."""
    from bugbridge.entry.reasons import cell_words
    from bugbridge.render.times import stamp

    decided = f", decided {stamp(explanation.decided_at, zone)}" if explanation.decided_at else ""
    version = rules.behind(explanation)
    cell = cell_words(explanation.rule_id, version.policy) if version else ""
    several = f" of the policy {version.policy.name!r}" if version and len(rules.policies.versions) > 1 else ""
    return f"Rule {explanation.rule_id}{several}{f' ({cell})' if cell else ''}{decided}: {explanation.because}"


def said_dates(explanation: "Explanation", zone: str) -> Iterator[str]:
    """Say what agents said of a link's reminders, what was asked, and when it is looked at again."""
    from bugbridge.render.times import stamp

    yield from _said(explanation, zone)
    if explanation.questions:
        yield f"Asked of a person: {', '.join(explanation.questions)}."
    if explanation.looked_at_again_at is not None:
        yield f"Looked at again on {stamp(explanation.looked_at_again_at, zone)} if nothing happens before."


def _said(explanation: "Explanation", zone: str) -> Iterator[str]:
    """Say what agents said of the reminders."""
    from bugbridge.render.times import stamp

    said = explanation.said
    if said.put_off_until is not None:
        yield f"An agent put it off until {stamp(said.put_off_until, zone)}."
    if said.given_to:
        yield f"Given to {said.given_to}."
    if said.not_needed_at is not None:
        yield f"Not needed, said an agent on {stamp(said.not_needed_at, zone)}: {said.not_needed_because}"
