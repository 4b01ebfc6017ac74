"""Confirm a link to whoever made it: the workaround, the updates and why, what can be promised, and a first reply."""

from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.facts import LinkState, fold_link, frequency_for, given_answer
from bugbridge.core.first_reply import NOTHING, FirstReply, first_reply
from bugbridge.core.model import News, Workaround
from bugbridge.core.next_update import once_told
from bugbridge.core.policy_model import Intention, Policy, Ruling
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey, Note
from bugbridge.core.telling import agent_replies
from bugbridge.services.bug_words import workaround_among
from bugbridge.services.claiming import Sender, reader_language
from bugbridge.services.drafting import (
    NO_DRAFT,
    Common,
    Draft,
    draft_of,
    for_agents,
    issue_name,
    worded,
)

LINKED = "linked"
# Reasons of rules that no policy may change, for hearing nothing or less; any other rule gives its own.
FIXED_REASONS = {"opted-out": "opted_out", "ticket-gone": "ticket_gone", "done": "done", "grid-1": "enterprise"}
GRID = "grid-"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a new link comes to. `next_at` is when the next update is due, none where only news or nothing calls for
    one; `promise` says what can be promised (`date`, `news`, `nothing`); `draft` is empty where an agent has answered
    since the link, and where the wording belongs with the security team."""

    workaround: str
    workaround_state: Workaround
    next_at: datetime | None
    hears: frozenset[News]
    because: str
    promise: str
    draft: str
    note: Note


def confirmation_text(sender: Sender, key: LinkKey) -> str:
    """Render the note that confirms a link. Raises ValueError if it was never linked."""
    return sender.renderer.text(confirmation(sender, key).note, reader_language(sender, key.ticket_id))


def confirmation(sender: Sender, key: LinkKey) -> Confirmation:
    """Gather what a link comes to, on what is known now. Raises ValueError if it was never linked."""
    history = sender.store.link_history(key, KnownUpTo(sender.store.head()))
    policy, now = sender.policies.of(history).policy, sender.clock.now()
    state = fold_link(history, now, policy, sender.calendar)
    common = Common(sender.store, history.bug)
    first = first_reply(state, now, policy, sender.calendar, common.curves)
    ruling = once_told(state, policy)
    words = workaround_among(common.workarounds, sender.language, sender.language)
    workaround = words.text if words else ""
    draft = _first_draft(sender, common, history, state, first)
    return Confirmation(
        workaround=workaround,
        workaround_state=state.facts.workaround,
        next_at=first.next_at,
        hears=first.hears,
        because=ruling.because,
        promise=NOTHING if common.security else first.promise,
        draft=draft.text,
        note=Note(
            LINKED,
            {
                "issue": issue_name(sender.store, history.bug.primary_reference),
                "workaround": workaround,
                "workaround_state": state.facts.workaround.value,
                "watch_mode": state.live_from is None,
                "due": first.due,
                "version": state.timeline.version or state.timeline.planned_version,
                "next_at": first.next_at,
                "hears": sorted(first.hears),
                "promise": first.promise,
                "security": common.security,
                **_why(history, state, ruling, now, policy),
                **for_agents(sender.store, history, sender.language),
                **draft.flags,
            },
        ),
    )


def _first_draft(sender: Sender, common: Common, history: LinkHistory, state: LinkState, first: FirstReply) -> Draft:
    if any(at > state.linked_at for at in agent_replies(history)):
        return NO_DRAFT
    note = draft_of(common, history, state, Intention(first.draft, state.linked_at))
    promised = {"promise": first.promise, "next_at": first.next_at}
    dated = Note(note.id, {**note.parameters, **promised}) if note else None
    return worded(common, sender.renderer, sender.language, history, dated)


def _why(history: LinkHistory, state: LinkState, ruling: Ruling, now: datetime, policy: Policy) -> dict[str, object]:
    """Say in codes why a customer hears what they hear: how often they meet the bug, by whose word, or what else."""
    frequency, judged_by = frequency_for(history, now, policy)
    grid = ruling.rule_id.startswith(GRID)
    why = "no_periodic" if "no-periodic" in ruling.under else FIXED_REASONS.get(ruling.rule_id, "")
    return {
        "why": why or ("frequency" if grid else "rule"),
        "frequency": frequency.value,
        "judged_by": given_answer(history) if judged_by == "answer" else judged_by,
        "works": grid and not why and state.facts.workaround is Workaround.CONFIRMED,
        "rule": ruling.because,
    }
