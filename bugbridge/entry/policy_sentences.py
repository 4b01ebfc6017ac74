"""What a change of the policies would do, in sentences: the command line and the pages say the same."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.planning import Effect
    from bugbridge.services.policies import Change, Proposal


def proposal_notes(app: "App", proposal: "Proposal") -> Iterator[str]:
    """Say what is to be known before a policy is put in force, though nothing is wrong with it."""
    from bugbridge.core.policy_scope import overlap_notes

    version = proposal.change.read()
    yield from overlap_notes(version, proposal.after.versions)
    for name in sorted(version.applies_to.helpdesk - app.settings.helpdesks.keys()):
        yield f"note: no helpdesk named {name!r} is configured, so no ticket of it is decided."
    if version.applies_to.tag:
        yield "note: which tickets bear a tag is known of those read from now on; others when they are read again."


def effect_sentences(app: "App", proposal: "Proposal", found: "Effect") -> Iterator[str]:
    """Say from when on it would decide how many links, and how many of them otherwise than now."""
    from bugbridge.render.times import stamp

    change = proposal.change
    begins = stamp(change.in_force_from, app.settings.calendar.zone)
    begins = f"from {begins} on" if change.in_force_from > app.clock.now() else "at once"
    if change.withdrawn:
        yield f"The policy {change.name!r} ends {begins}; others decide its links."
    else:
        links = counted(found.links, "link")
        yield f"The policy {change.name!r}, version {change.hash}, would decide {links} {begins}."
    differ = sum(found.differ.values())
    rules = [f"{before} to {after}: {count}" for (before, after), count in sorted(found.differ.items())]
    changes = f": {', '.join(rules)}" if rules else ""
    yield f"On today's facts it changes the decision of {counted(differ, 'link')}{changes}."


def change_words(change: "Change | None") -> str:
    """Say what a version changes of the one before it, "" for the first one."""
    if change is None:
        return ""
    counts = ((change.added, "added"), (change.removed, "removed"), (change.changed, "changed"))
    said = [f"{counted(len(ids), 'rule')} {what}" for ids, what in counts if ids]
    said += [f"[{table}]" for table in change.tables]
    return ", ".join(said) or "none"
