"""The pages on which leads edit the policy, try it on the team's history, and put it in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from bugbridge.core.access import Visitor
from bugbridge.core.errors import ConfigError, RefusedError, UsageError
from bugbridge.core.listings import PAGE_ROWS, Listing
from bugbridge.core.policy_grid import policy_rows
from bugbridge.core.policy_model import Policy
from bugbridge.entry.naming import policy_start
from bugbridge.entry.web.answers import in_turn
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_POLICY, LONGEST_TYPED
from bugbridge.entry.web.policy_applying import APPLIED, applied, proposal_facts
from bugbridge.entry.web.policy_forms import (
    Field,
    Problem,
    Reading,
    edited_text,
    fields_of,
    problems_of,
    read_text,
    untaken_fields,
)
from bugbridge.entry.web.policy_pages import (
    NO_RULES,
    ROWS,
    Hash,
    Name,
    chosen_version,
    policy_path,
    row_values,
    to_come,
)
from bugbridge.entry.web.policy_trials import ShownTrial, TriedLoad, load_of, name_note, shown_trial, tried
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, OK, UNAVAILABLE
from bugbridge.entry.web.visiting import Form, OwnForm, actor_of
from bugbridge.entry.web.whole_team import WholeTeamLead
from bugbridge.services.policies import start_of
from bugbridge.services.policy_editing import Edit, propose_edit, versions_in_force

COUNTS = (10, 25, 50, 100, 200)
USUAL_COUNT = 50
RETRY_SECONDS = 10
BUSY = "An audit is being made, or a policy tried: try it again in a few seconds."

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Editing:
    """What stands in the form: the edit, when it is to begin as it was typed, on how many bugs it is tried, how its
    text was read, what came of the last trial of this text, and changed fields that the text couldn't take."""

    edit: Edit
    reading: Reading
    typed_start: str = ""
    last: int = USUAL_COUNT
    load: TriedLoad | None = None
    untaken: Sequence[Field] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A trial that somebody asked for, and the page that says to come back."""

    work: Callable[[], Response]
    busy: Response


@router.get("/policy/edit", include_in_schema=False)
def edit_page(web: WebHere, visitor: WholeTeamLead, name: Name = "", version: Hash = "") -> Response:
    """Give the text of the version in force, or of an earlier one, to edit it."""
    in_force = versions_in_force(web.app.store, web.app.policy_file, web.app.clock.now())
    chosen = chosen_version(web, in_force, name, version)
    standing = in_force.get(chosen.name)
    edit = Edit(chosen.name, standing.hash if standing else "", chosen.body)
    return _page(web, visitor, Editing(edit, read_text(edit.text)))


@router.post("/policy/edit", include_in_schema=False)
def check(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Response:
    """Read the text, with what was changed in the fields, and say all that is wrong with it."""
    editing = _editing(form)
    return _page(web, visitor, editing, _status(editing))


def _asked(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Asked:
    editing = _editing(form)
    busy = _page(web, visitor, editing, UNAVAILABLE, said=BUSY)
    busy.headers["Retry-After"] = str(RETRY_SECONDS)
    return Asked(partial(_tried, web, visitor, editing), busy)


@router.post("/policy/try", include_in_schema=False)
async def try_it(web: WebHere, asked: Annotated[Asked, Depends(_asked)]) -> Response:
    """Replay the edited policy on the team's own history, beside the one in force; nothing is kept."""
    return await in_turn(web.turn, asked.work, asked.busy)


@router.post("/policy/confirm", include_in_schema=False)
def confirm(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Response:
    """Say what putting the edited policy in force would change, and ask; nothing is kept."""
    editing = _editing(form)
    return _answered(web, visitor, editing, lambda edit: _confirmed(web, visitor, editing, edit))


@router.post("/policy/apply", include_in_schema=False)
def apply(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Response:
    """Put the edited policy in force."""
    editing = _editing(form)
    return _answered(web, visitor, editing, lambda edit: applied(web, visitor, edit, APPLIED))


def _tried(web: Web, visitor: Visitor, editing: Editing) -> Response:
    def trial(edit: Edit) -> Response:
        found = shown_trial(web, edit, tried(web, edit, actor_of(visitor), editing.last))
        return _page(web, visitor, replace(editing, load=found.load), trial=found)

    return _answered(web, visitor, editing, trial)


def _confirmed(web: Web, visitor: Visitor, editing: Editing, edit: Edit) -> Response:
    app = web.app
    proposal = propose_edit(app.store, app.clock, app.policy_file, edit, actor_of(visitor))
    name = proposal.change.name
    facts = {
        "name": name,
        "edit": edit,
        "start": editing.typed_start,
        "last": editing.last,
        "load": editing.load,
        "renamed": name_note(edit, name),
        "proposed": proposal_facts(web, proposal),
        "to_come": to_come(web, name),
    }
    return web.page(visitor, "policy_confirm.html", facts)


def _answered(web: Web, visitor: Visitor, editing: Editing, act: Callable[[Edit], Response]) -> Response:
    """Act on a sound edit; another comes back with all that is wrong with it, its text and its day, and nothing is
    done."""
    start, wrong_day = _start(web, editing)
    if editing.reading.problems or wrong_day:
        return _wrong(web, visitor, editing, (*editing.reading.problems, *wrong_day))
    try:
        return act(replace(editing.edit, start=start))
    except RefusedError as error:
        return _outdated(web, visitor, editing, str(error))
    except UsageError as error:
        return _page(web, visitor, editing, MALFORMED, said=str(error))
    except ConfigError as error:
        return _wrong(web, visitor, editing, problems_of(error))


def _start(web: Web, editing: Editing) -> tuple[datetime | None, tuple[Problem, ...]]:
    """Read from when on an edit is to be in force, none for now, or say what is wrong with it."""
    try:
        start = policy_start(web.app, editing.typed_start or None)
        start_of(web.app.clock.now(), start)
    except UsageError as error:
        return None, (Problem(0, f"Apply from: {error}"),)
    return start, ()


def _wrong(web: Web, visitor: Visitor, editing: Editing, problems: tuple[Problem, ...]) -> Response:
    return _page(web, visitor, replace(editing, reading=replace(editing.reading, problems=problems)), MALFORMED)


def _outdated(web: Web, visitor: Visitor, editing: Editing, said: str) -> Response:
    """Keep what somebody wrote; whoever has compared it with the version in force may apply it in its place."""
    in_force = versions_in_force(web.app.store, web.app.policy_file, web.app.clock.now())
    current = in_force.get(editing.edit.policy)
    edit = replace(editing.edit, made_from=current.hash if current else "")
    path = policy_path(edit.policy) if current else "/policy/versions"
    return _page(web, visitor, replace(editing, edit=edit), CONFLICT, said=said, outdated=path)


def _editing(form: Form) -> Editing:
    edit = Edit(form.get("policy", ""), form.get("base", ""), form.get("text", "").replace("\r\n", "\n"))
    typed, last = form.get("start", "").strip()[:LONGEST_TYPED], form.get("last", "")
    count = int(last) if last in map(str, COUNTS) else USUAL_COUNT
    try:
        edit = replace(edit, text=edited_text(form))
        return Editing(edit, read_text(edit.text), typed, count, load_of(form, edit.text))
    except ConfigError as error:
        problems = problems_of(error)
    except UsageError as error:
        problems = (Problem(0, str(error)),)
    return Editing(edit, Reading(None, problems), typed, count, untaken=untaken_fields(form))


def _status(editing: Editing) -> int:
    return MALFORMED if editing.reading.problems else OK


def _page(
    web: Web,
    visitor: Visitor,
    editing: Editing,
    status: int = OK,
    *,
    trial: ShownTrial | None = None,
    said: str = "",
    outdated: str = "",
) -> Response:
    version = editing.reading.version
    facts = {
        "edit": editing.edit,
        "reading": editing.reading,
        "start": editing.typed_start,
        "last": editing.last,
        "counts": COUNTS,
        "most_characters": LONGEST_POLICY,
        "fields": fields_of(version.policy) if version else (),
        "rows": _rows(version.policy) if version else None,
        "renamed": name_note(editing.edit, version.policy.name) if version else (),
        "to_come": to_come(web, editing.edit.policy) if editing.edit.policy else (),
        "trial": trial,
        "load": editing.load,
        "untaken": editing.untaken,
        "said": said,
        "outdated": outdated,
    }
    return web.page(visitor, "policy_edit.html", facts, status)


def _rows(policy: Policy) -> Listing:
    """Give the first rules as the text says them; all of them stand on the policy's own page once it is applied."""
    rows = [row_values(row) for row in policy_rows(policy)[:PAGE_ROWS]]
    return Listing("The text as it is read: the first that fits decides", ROWS, rows, NO_RULES)
