"""How often a bug is met and why, as facts and in sentences: the command says them, and so does the bug's page."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bugbridge.core.model import Frequency
from bugbridge.core.records import IssueRow, KnownUpTo

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.frequencies import Override


def frequency_facts(app: "App", issue: IssueRow) -> dict[str, Any]:
    """Give how often a bug is met, by what that was judged, and the override that holds, if one does."""
    import json

    from bugbridge.core.facts import last_check
    from bugbridge.core.usage import flows_of
    from bugbridge.services.frequencies import CHECK_INTERVAL, read_override

    bug_id = app.store.canonical_bug(issue.bug_id)
    history = app.store.bug_course(bug_id, KnownUpTo(app.store.head()))
    check, standing = last_check(history), read_override(app.store, bug_id, app.clock.now())
    value = json.loads(check.value) if check else {}
    judged = Frequency(value.get("frequency", Frequency.UNKNOWN))
    return {
        "issue": history.primary_reference or issue.reference,
        "frequency": standing.frequency if standing else judged,
        "by": "override" if standing else value.get("by"),
        "judged": judged,
        "sentence": value.get("sentence", ""),
        "judged_at": check.occurred_at if check else None,
        "judged_every_days": CHECK_INTERVAL.days,
        "flows": flows_of(history),
        "override": asdict(standing) if standing else None,
        "evidence": value,
    }


def frequency_sentences(app: "App", facts: Mapping[str, Any]) -> Iterator[str]:
    """Say how often a bug is met, and by what evidence; an override first. `facts` are of `frequency_facts`."""
    from bugbridge.services.frequencies import Override

    if facts["override"]:
        yield _overridden(app, facts["issue"], Override(**facts["override"]))
    if facts["judged_at"] is None:
        yield f"{facts['issue']} isn't judged yet: `bugbridge plan` judges it."
        return
    would_be = "By itself it would be" if facts["override"] else f"{facts['issue']} is"
    yield f"{would_be} {_adjective(facts['judged'])}: {facts['sentence']}."


def _overridden(app: "App", issue: str, standing: "Override") -> str:
    from bugbridge.render.times import stamp

    until = stamp(standing.until, app.settings.calendar.zone)
    return f"{issue} counts as {standing.frequency} until {until}, says {standing.author}: {standing.reason}"


def _adjective(judged: str) -> str:
    return "of unknown frequency" if judged == Frequency.UNKNOWN else judged
