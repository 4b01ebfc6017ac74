"""What a lead is shown before a policy is put in force, and how it is put there."""

from collections.abc import Mapping

from fastapi import Response
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Visitor
from bugbridge.core.listings import PAGE_ROWS, Column, Listing, Value
from bugbridge.core.policy_changes import PolicyChange, policy_changes
from bugbridge.core.policy_scope import PolicyVersion
from bugbridge.entry.policy_sentences import proposal_notes
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.policy_pages import policy_path
from bugbridge.entry.web.statuses import SEE_OTHER
from bugbridge.entry.web.visiting import actor_of
from bugbridge.render.policy_headings import POLICY_HEADINGS
from bugbridge.services.policies import Kept, Proposal
from bugbridge.services.policy_editing import Edit, put_in_force

APPLIED, ROLLED_BACK = "policy.applied", "policy.rolled_back"
CHANGES = (Column("what", "What"), Column("before", "Now"), Column("after", "Then"))
NO_CHANGE = "No rule and no number changes: only comments do."


def kept_edit(web: Web, visitor: Visitor, edit: Edit, did: str) -> tuple[Proposal, Kept | None]:
    """Put an edit in force as `put_in_force` does, and add it to the trail."""
    app = web.app
    with app.store.write():
        proposal, kept = put_in_force(app.store, app.clock, app.policy_file, edit, actor_of(visitor))
        if kept is not None:
            app.store.add_to_trail(visitor, did, kept.hash, app.clock.now())
    return proposal, kept


def applied(web: Web, visitor: Visitor, edit: Edit, did: str) -> Response:
    """Put an edit in force, and lead to its page, which says so; reloading that does nothing again."""
    proposal, _ = kept_edit(web, visitor, edit, did)
    return RedirectResponse(policy_path(proposal.change.name, applied=proposal.change.hash), SEE_OTHER)


def proposal_facts(web: Web, proposal: Proposal) -> Mapping[str, object]:
    """Give what a page says of a change before it is made; `replaced` is the hash of what it takes the place of."""
    change, replaced = proposal.change, _replaced(proposal)
    is_ahead = change.in_force_from > web.app.clock.now()
    return {
        "begins": change.in_force_from if is_ahead else None,
        "replaced": replaced.hash if replaced else "",
        "stands": proposal.stands,
        "notes": list(proposal_notes(web.app, proposal)),
        "changes": _changes(policy_changes(replaced, change.read(), POLICY_HEADINGS)) if replaced else None,
    }


def _replaced(proposal: Proposal) -> PolicyVersion | None:
    found = (one for one in proposal.before.versions if one.policy.name == proposal.change.name)
    return next(found, None)


def _changes(changes: tuple[PolicyChange, ...]) -> Listing:
    rows = [_row(one) for one in changes[:PAGE_ROWS]]
    left = len(changes) - len(rows)
    return Listing("What changes", CHANGES, rows, NO_CHANGE, note=f"{left} more places change." if left else "")


def _row(change: PolicyChange) -> Mapping[str, Value]:
    return {"what": change.what, "before": change.before or "-", "after": change.after or "-"}
