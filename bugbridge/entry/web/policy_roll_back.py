"""The page on which a lead goes back to an earlier version of a policy, once it has said what changes."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Visitor
from bugbridge.core.errors import ConfigError, RefusedError, UsageError
from bugbridge.entry.naming import policy_start
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_TYPED
from bugbridge.entry.web.policy_applying import ROLLED_BACK, applied, proposal_facts
from bugbridge.entry.web.policy_forms import problems_of
from bugbridge.entry.web.policy_pages import VERSIONS_PATH, Hash, to_come
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, OK, SEE_OTHER
from bugbridge.entry.web.visiting import OwnForm, actor_of
from bugbridge.entry.web.whole_team import WholeTeamLead
from bugbridge.services.policies import Kept, find_version, kept_policies
from bugbridge.services.policy_editing import Edit, propose_edit, versions_in_force

router = APIRouter()
Start = Annotated[str, Query(max_length=LONGEST_TYPED)]


@router.get("/policy/roll-back", include_in_schema=False)
def roll_back_page(web: WebHere, visitor: WholeTeamLead, version: Hash = "", start: Start = "") -> Response:
    """Say what would change, and ask."""
    if not version:
        return RedirectResponse(VERSIONS_PATH, SEE_OTHER)
    return _page(web, visitor, _version(web, version), start)


@router.post("/policy/roll-back", include_in_schema=False)
def roll_back(web: WebHere, visitor: WholeTeamLead, form: OwnForm) -> Response:
    """Put an earlier version in force again."""
    earlier = _version(web, form.get("version", "")[:LONGEST_TYPED])
    typed = form.get("start", "").strip()[:LONGEST_TYPED]
    try:
        edit = Edit(earlier.name, form.get("base", ""), earlier.body, policy_start(web.app, typed or None))
        return applied(web, visitor, edit, ROLLED_BACK)
    except RefusedError as error:
        return _page(web, visitor, earlier, typed, CONFLICT, [str(error)])
    except UsageError as error:
        return _page(web, visitor, earlier, typed, MALFORMED, [str(error)])
    except ConfigError as error:
        return _page(web, visitor, earlier, typed, MALFORMED, _sentences(error))


def _version(web: Web, typed: str) -> Kept:
    try:
        return find_version(kept_policies(web.app.store), typed, PAGES.versions)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None


def _page(
    web: Web, visitor: Visitor, earlier: Kept, typed: str, status: int = OK, said: list[str] | None = None
) -> Response:
    current = versions_in_force(web.app.store, web.app.policy_file, web.app.clock.now()).get(earlier.name)
    base = current.hash if current else ""
    facts: Mapping[str, object] = {}
    if said is None or status == CONFLICT:
        facts, wrong = _proposed(web, visitor, Edit(earlier.name, base, earlier.body), typed)
        status, said = (MALFORMED if wrong else status), [*(said or []), *wrong]
    shown = {"earlier": earlier, "base": base, "start": typed, "said": said, "to_come": to_come(web, earlier.name)}
    return web.page(visitor, "policy_roll_back.html", {**shown, "proposed": facts}, status)


def _proposed(web: Web, visitor: Visitor, edit: Edit, typed: str) -> tuple[Mapping[str, object], list[str]]:
    """Give what would change, or why it can't be done."""
    app = web.app
    try:
        ready = Edit(edit.policy, edit.made_from, edit.text, policy_start(app, typed or None))
        return proposal_facts(web, propose_edit(app.store, app.clock, app.policy_file, ready, actor_of(visitor))), []
    except UsageError as error:
        return {}, [str(error)]
    except ConfigError as error:
        return {}, _sentences(error)


def _sentences(error: ConfigError) -> list[str]:
    return [f"Line {one.line}: {one.sentence}" if one.line else one.sentence for one in problems_of(error)]
