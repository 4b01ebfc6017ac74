"""What an edited policy would do: said in sentences and tables, and as facts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bugbridge.core.listings import Column, Linked, Listing, Value
from bugbridge.core.model import Actor
from bugbridge.core.policy_file import text_hash
from bugbridge.core.replay_report import Comparison, LinkDifference, Replay
from bugbridge.entry.policy_sentences import effect_sentences, proposal_notes
from bugbridge.entry.random_draws import draws
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.paths import bug_path, ticket_value
from bugbridge.render.json import jsonable
from bugbridge.render.replay_rows import days, difference_rows, headline, left_out, measure_rows
from bugbridge.services.policy_editing import EDITED, IN_FORCE, MOST_LINKS, Edit, Trial, try_edit

TOO_MANY = (
    f"More than {MOST_LINKS:,} links would have to be decided again to say what changes at once: "
    "`bugbridge policy apply` says it before it asks."
)
NOTHING = "There is nothing to replay: no linked bug was reported yet. Link tickets to their bugs, and try it again."
NARROW = "note: this is for some tickets alone; in the replay it decides every link, and so does its version in force."
STANDS = "This very text is in force then already: applying it changes nothing."
MEASURES = (Column("measure", "Measure"), Column("in_force", "In force"), Column("edited", "Edited"))
DIFFERENCES = (Column("measure", "Measure"), Column("edited", "Edited minus in force"))
LINKS = (
    Column("ticket", "Ticket"),
    Column("bug", "Bug"),
    Column("in_force", "In force, written on"),
    Column("edited", "Edited, written on"),
)
SHOWN_DAYS = 12
NOT_COUNTED = "-"
LOAD = re.compile(r"-|[0-9]{1,6}\.[0-9]")
SAME = "None: every customer hears on the same days as now."


@dataclass(frozen=True, slots=True)
class TriedLoad:
    """Reminders per agent and week as a trial found them, "-" where there was none, and the version that was tried."""

    version: str
    now: str
    then: str

    @property
    def is_counted(self) -> bool:
        """Whether there was any agent to count for."""
        return (self.now, self.then) != (NOT_COUNTED, NOT_COUNTED)

    @property
    def sentence(self) -> str:
        """Say what it asks of agents."""
        if not self.is_counted:
            return "Tried on your history: no agent had a reminder to count."
        return f"Reminders per agent and week: {self.now} now, {self.then} with the edited policy."


def load_of(form: Mapping[str, str], text: str) -> TriedLoad | None:
    """Give what a form carries of the last trial, where this very text was tried."""
    now, then = form.get("load_now", ""), form.get("load_then", "")
    if form.get("tried") != text_hash(text) or not (LOAD.fullmatch(now) and LOAD.fullmatch(then)):
        return None
    return TriedLoad(form["tried"], now, then)


@dataclass(frozen=True, slots=True)
class ShownTrial:
    """A trial as a page shows it."""

    sentences: Sequence[str]
    load: TriedLoad
    tables: Sequence[Listing]
    cannot_know: Sequence[str]


class ChangeFacts(BaseModel):
    """So many links that one rule decides now, and another one then."""

    before: str
    after: str
    links: int


class LoadFacts(BaseModel):
    """Messages per agent and week under the policy in force and under the edited one; null where no ticket has one."""

    in_force: float | None
    edited: float | None


class TrialFacts(BaseModel):
    """What an edited policy would do. `links` and `changes`, on the facts of this moment, are null where more than
    2,000 links would have to be decided; `replay` is what `bugbridge policy replay --json` puts out."""

    policy: str
    version: str
    changes_nothing: bool
    notes: list[str]
    links: int | None
    changes: list[ChangeFacts] | None
    messages_per_agent_week: LoadFacts
    replay: dict[str, Any]


def tried(web: Web, edit: Edit, actor: Actor, last: int) -> Trial:
    """Try an edit on the bugs reported last; errors as for `try_edit`."""
    app = web.app
    return try_edit(app.store, app.clock, app.calendar, app.policy_file, edit, actor, draws, last)


def shown_trial(web: Web, edit: Edit, trial: Trial) -> ShownTrial:
    """Say what came of it."""
    found, zone = trial.replay, web.pages.zone
    sentences = [*_at_once(web, edit, trial), *([headline(found), *left_out(found)] if found.bugs else [NOTHING])]
    tables = [_measures(found), _differences(found), *(_links(one, zone) for one in found.comparisons)]
    return ShownTrial(
        sentences, _load(found, trial.proposal.change.hash), tables if found.bugs else [], _cannot_know(trial)
    )


def trial_facts(web: Web, edit: Edit, trial: Trial) -> TrialFacts:
    """Give a trial to a program."""
    change, effect = trial.proposal.change, trial.effect
    replay: Any = jsonable(trial.replay)
    loads = {policy.name: policy.load.messages_per_agent_week for policy in trial.replay.policies}
    return TrialFacts(
        policy=change.name,
        version=change.hash,
        changes_nothing=trial.proposal.stands,
        notes=[*trial_notes(web, edit, trial)],
        links=None if effect is None else effect.links,
        changes=None if effect is None else change_facts(effect.differ),
        messages_per_agent_week=LoadFacts(in_force=loads[IN_FORCE], edited=loads[EDITED]),
        replay=replay,
    )


def change_facts(differ: Mapping[tuple[str, str], int]) -> list[ChangeFacts]:
    """Give the decisions that differ to a program."""
    return [ChangeFacts(before=one, after=other, links=links) for (one, other), links in sorted(differ.items())]


def trial_notes(web: Web, edit: Edit, trial: Trial) -> Sequence[str]:
    """Say what is to be known before it is applied."""
    narrow = [NARROW] if _is_narrow(trial) else []
    return [*name_note(edit, trial.proposal.change.name), *proposal_notes(web.app, trial.proposal), *narrow]


def _is_narrow(trial: Trial) -> bool:
    return not trial.proposal.change.read().applies_to.everybody


def _cannot_know(trial: Trial) -> Sequence[str]:
    """Leave out that narrow policies decide nothing where a narrow one does."""
    everybody, *others = trial.replay.cannot_know
    return others if _is_narrow(trial) else [everybody, *others]


def name_note(edit: Edit, name: str) -> Sequence[str]:
    """Say that a text of another name is another policy."""
    if name == edit.policy:
        return ()
    return (f"note: the text's name is {name!r}, so that it would stand beside the policy {edit.policy!r}.",)


def _at_once(web: Web, edit: Edit, trial: Trial) -> Sequence[str]:
    if trial.proposal.stands:
        return [STANDS]
    said = [TOO_MANY] if trial.effect is None else effect_sentences(web.app, trial.proposal, trial.effect)
    return [*trial_notes(web, edit, trial), *said]


def _load(found: Replay, version: str) -> TriedLoad:
    loads = [policy.load.messages_per_agent_week for policy in found.policies]
    now, then = (NOT_COUNTED if load is None or not found.bugs else f"{load:.1f}" for load in loads)
    return TriedLoad(version, now, then)


def _measures(found: Replay) -> Listing:
    rows: list[dict[str, Value]] = [
        {"measure": label, "in_force": now, "edited": then} for label, now, then in measure_rows(found)
    ]
    return Listing("What each policy would have sent", MEASURES, rows, NOTHING)


def _differences(found: Replay) -> Listing:
    rows: list[dict[str, Value]] = [{"measure": label, "edited": then} for label, then in difference_rows(found)]
    title = "Difference per bug: the mean, and its 95 % interval"
    return Listing(title, DIFFERENCES, rows, NOTHING)


def _links(comparison: Comparison, zone: str) -> Listing:
    rows = [_link_row(link, zone) for link in comparison.links]
    return Listing(f"Links that it changes most; days of {zone}", LINKS, rows, SAME)


def _link_row(link: LinkDifference, zone: str) -> dict[str, Value]:
    return {
        "ticket": ticket_value(link.ticket),
        "bug": Linked(link.bug, bug_path(link.bug)),
        "in_force": _shortened(link.in_force, zone),
        "edited": _shortened(link.instead, zone),
    }


def _shortened(instants: Sequence[datetime], zone: str) -> str:
    shown = days(instants[:SHOWN_DAYS], zone)
    more = len(instants) - SHOWN_DAYS
    return f"{shown} and {more} more" if more > 0 else shown
