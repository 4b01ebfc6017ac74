"""The pages on which leads edit the policy, try it on the team's history, put it in force, and go back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Visitor
from bugbridge.core.errors import ConfigError, RefusedError, UsageError
from bugbridge.core.listings import PAGE_ROWS, Listing
from bugbridge.core.policy_grid import policy_rows
from bugbridge.core.policy_model import Policy
from bugbridge.entry.naming import policy_start
from bugbridge.entry.web.answers import in_turn
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.policy_forms import (
    MOST_CHARACTERS,
    Problem,
    Reading,
    edited_text,
    fields_of,
    problems_of,
    read_text,
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
from bugbridge.entry.web.policy_trials import ShownTrial, name_note, shown_trial, tried
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, OK, SEE_OTHER, UNAVAILABLE
from bugbridge.entry.web.visiting import Form, OwnForm, actor_of
from bugbridge.entry.web.whole_team import WholeTeamLead
from bugbridge.services.policies import Kept, Proposal, find_version, kept_policies
from bugbridge.services.policy_editing import Edit, put_in_force, versions_in_force

COUNTS = (10, 25, 50, 100, 200)
USUAL_COUNT = 50
RETRY_SECONDS = 10
BUSY = "An audit is being made, or a policy tried: try it again in a few seconds."
LONGEST_TYPED = 200  # characters of a day or of a version's hash
APPLIED, ROLLED_BACK = "policy.applied", "policy.rolled_back"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Editing:
    """What stands in the form: the edit, when it is to begin as it was typed, on how many bugs it is tried, and how
    its text was read."""

    edit: Edit
    reading: Reading
    typed_start: str = ""
    last: int = USUAL_COUNT


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


@router.post("/policy/apply", include_in_schema=False)
def apply(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Response:
    """Put the edited policy in force."""
    editing = _editing(form)
    return _answered(web, visitor, editing, lambda edit: _applied(web, visitor, edit, APPLIED))


@router.post("/policy/roll-back", include_in_schema=False)
def roll_back(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Response:
    """Put an earlier version in force again."""
    try:
        earlier = find_version(kept_policies(web.app.store), form.get("version", "")[:LONGEST_TYPED])
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None
    edit = Edit(earlier.name, form.get("base", ""), earlier.body)
    editing = Editing(edit, read_text(edit.text), form.get("start", "").strip()[:LONGEST_TYPED])
    return _answered(web, visitor, editing, lambda edit: _applied(web, visitor, edit, ROLLED_BACK))


def kept_edit(web: Web, visitor: Visitor, edit: Edit, did: str) -> tuple[Proposal, Kept | None]:
    """Put an edit in force as `put_in_force` does, and add it to the trail."""
    app = web.app
    with app.store.write():
        proposal, kept = put_in_force(app.store, app.clock, app.policy_file, edit, actor_of(visitor))
        if kept is not None:
            app.store.add_to_trail(visitor, did, kept.hash, app.clock.now())
    return proposal, kept


def _applied(web: Web, visitor: Visitor, edit: Edit, did: str) -> Response:
    proposal, _ = kept_edit(web, visitor, edit, did)
    return RedirectResponse(policy_path(proposal.change.name), SEE_OTHER)


def _tried(web: Web, visitor: Visitor, editing: Editing) -> Response:
    def trial(edit: Edit) -> Response:
        found = tried(web, edit, actor_of(visitor), editing.last)
        return _page(web, visitor, editing, trial=shown_trial(web, edit, found))

    return _answered(web, visitor, editing, trial)


def _answered(web: Web, visitor: Visitor, editing: Editing, act: Callable[[Edit], Response]) -> Response:
    """Act on a sound edit; another comes back with all that is wrong with it, and nothing is done."""
    if editing.reading.problems:
        return _page(web, visitor, editing, MALFORMED)
    try:
        start = policy_start(web.app, editing.typed_start or None)
        return act(replace(editing.edit, start=start))
    except RefusedError as error:
        return _outdated(web, visitor, editing, str(error))
    except UsageError as error:
        return _page(web, visitor, editing, MALFORMED, said=str(error))
    except ConfigError as error:
        wrong = replace(editing, reading=replace(editing.reading, problems=problems_of(error)))
        return _page(web, visitor, wrong, MALFORMED)


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
        return Editing(edit, read_text(edit.text), typed, count)
    except ConfigError as error:
        return Editing(edit, Reading(None, problems_of(error)), typed, count)
    except UsageError as error:
        return Editing(edit, Reading(None, (Problem(0, str(error)),)), typed, count)


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
        "most_characters": MOST_CHARACTERS,
        "fields": fields_of(version.policy) if version else (),
        "rows": _rows(version.policy) if version else None,
        "renamed": name_note(editing.edit, version.policy.name) if version else (),
        "to_come": to_come(web, editing.edit.policy) if editing.edit.policy else (),
        "trial": trial,
        "said": said,
        "outdated": outdated,
    }
    return web.page(visitor, "policy_edit.html", facts, status)


def _rows(policy: Policy) -> Listing:
    """Give the first rules as the text says them; all of them stand on the policy's own page once it is applied."""
    rows = [row_values(row) for row in policy_rows(policy)[:PAGE_ROWS]]
    return Listing("The text as it is read: the first that fits decides", ROWS, rows, NO_RULES)
