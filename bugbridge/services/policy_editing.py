"""A policy edited by several people: tried on the past, and put in force only in place of what it was made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import RefusedError
from bugbridge.core.model import Actor
from bugbridge.core.policy_file import text_hash
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay_report import Draws, Replay
from bugbridge.ports import Clock, Store
from bugbridge.services.planning import Effect, effect
from bugbridge.services.policies import (
    Kept,
    PolicyFile,
    Proposal,
    keep_proposal,
    kept_policies,
    propose,
    standing,
)
from bugbridge.services.replaying import replay

OUTDATED = "outdated"
IN_FORCE, EDITED = "in force", "edited"
# A try is waited for: deciding these takes some seconds, and replaying them as well.
MOST_LINKS = 2_000


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that is to take the place of a policy's version: `made_from` is the hash of that version.

    `start` is when it begins (aware, UTC), none for now.
    """

    policy: str
    made_from: str
    text: str
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What an edit would do: at once, none where more links would have to be decided than anybody waits for, and over
    the past."""

    proposal: Proposal
    effect: Effect | None
    replay: Replay


def versions_in_force(store: Store, file: PolicyFile, now: datetime) -> Mapping[str, Kept]:
    """Give the version in force of each policy by its name, in the order in which they are asked.

    Raises ConfigError where none can be read.
    """
    return {one.name: one for one in standing(kept_policies(store), file, now)}


def for_everybody(in_force: Mapping[str, Kept]) -> Kept:
    """Give the policy that decides where no narrower one fits; there always is one."""
    return next(one for one in in_force.values() if one.read().applies_to.everybody)


def put_in_force(
    store: Store, clock: Clock, file: PolicyFile, edit: Edit, actor: Actor
) -> tuple[Proposal, Kept | None]:
    """Put an edit in force and have every link decided again; nothing is kept where the same text is in force then.

    Errors as for `propose`, and RefusedError where by now another version is in force than it was made from.
    """
    with store.write():
        proposal = propose_edit(store, clock, file, edit, actor)
        return proposal, None if proposal.stands else keep_proposal(store, clock, proposal)


def propose_edit(store: Store, clock: Clock, file: PolicyFile, edit: Edit, actor: Actor) -> Proposal:
    """Say what putting an edit in force would do, and keep nothing. Errors as for `put_in_force`."""
    _refuse_outdated(versions_in_force(store, file, clock.now()).get(edit.policy), edit)
    return propose(store, clock, file, edit.text, actor, edit.start)


def _refuse_outdated(current: Kept | None, edit: Edit) -> None:
    """Whoever sends the same edit twice finds it in force, and is refused nothing."""
    version = current.hash if current else ""
    if version not in {edit.made_from, text_hash(edit.text)}:
        raise RefusedError(
            OUTDATED,
            f"Another version of the policy {edit.policy!r} is in force by now, {version or 'none'}: "
            "compare it with yours, then decide again.",
        )


def try_edit(
    store: Store,
    clock: Clock,
    calendar: WorkCalendar,
    file: PolicyFile,
    edit: Edit,
    actor: Actor,
    draws: Draws,
    last: int,
) -> Trial:
    """Say what an edit would change at once, and replay it over so many bugs, those reported last; keeps nothing.

    In the replay it decides every link, and so does the version in force, also where they are for some tickets alone.
    Errors as for `propose`.
    """
    proposal = propose(store, clock, file, edit.text, actor, edit.start)
    in_force = versions_in_force(store, file, clock.now())
    current = in_force.get(edit.policy) or for_everybody(in_force)
    policies: Mapping[str, Policy] = {IN_FORCE: current.read().policy, EDITED: proposal.change.read().policy}
    found = replay(store, policies, clock, calendar, draws, last=last, most_links=MOST_LINKS)
    return Trial(proposal, _effect(store, clock, calendar, proposal), found)


def _effect(store: Store, clock: Clock, calendar: WorkCalendar, proposal: Proposal) -> Effect | None:
    if len(store.links()) > MOST_LINKS:
        return None
    return effect(store, proposal.before, proposal.after, proposal.change.hash, clock, calendar)
