"""What `doctor` says of posting: where it happens, what holds it back, and whether rules and settings agree."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from bugbridge.core.policy_model import REPLY
from bugbridge.core.records import FILE_KIND, Source
from bugbridge.core.snapshots import Check

if TYPE_CHECKING:
    from bugbridge.app import App


def posting(app: "App") -> Iterator[Check]:
    """Say of each helpdesk whether anything is posted there, of each tracker whether what rests on it is held back."""
    configured = {*app.settings.helpdesks, *app.settings.trackers}
    for source in app.store.sources():
        if source.kind == FILE_KIND or source.name not in configured:
            continue
        sentence = _of_helpdesk(app, source) if source.role == "helpdesk" else _of_tracker(app, source)
        if sentence:
            yield Check(f"{source.name}.posting", well=True, sentence=sentence)
    yield from _replies(app)
    months = app.settings.retention.months
    if months:
        yield Check("retention", well=True, sentence=f"tickets are erased {months} months after they were over.")


def _of_helpdesk(app: "App", source: Source) -> str:
    from bugbridge.render.times import stamp

    zone, now = app.settings.calendar.zone, app.clock.now()
    starts = {"": source.live_from} | dict(app.store.live_groups(source.id))
    live = [f"{group or 'all'} since {stamp(at, zone)}" for group, at in starts.items() if at is not None]
    if not live:
        return "watch mode: nothing is posted before `bugbridge go-live`."
    if source.paused_until is not None and source.paused_until > now:
        return "paused: nothing is posted before `bugbridge resume`."
    return f"live, with news of {', '.join(live)}."


def _of_tracker(app: "App", source: Source) -> str:
    """A tracker that isn't read holds back what rests on it; one never read has other lines."""
    from bugbridge.render.times import stamp

    age = timedelta(minutes=app.settings.sending.fresh_minutes)
    if source.last_ok_at is None or app.clock.now() - source.last_ok_at <= age:
        return ""
    last = stamp(source.last_ok_at, app.settings.calendar.zone)
    return f"last read {last}; what rests on it is held back until `bugbridge sync` or the daemon reads it."


def _replies(app: "App") -> Iterator[Check]:
    """A rule that says reply does nothing where no helpdesk allows it, and the other way round."""
    rules = [rule.id for version in app.policies.versions for rule in version.policy.rules if rule.deliver == REPLY]
    allowing = [name for name, part in app.settings.helpdesks.items() if part.allow_replies]
    if rules and not allowing:
        named = ", ".join(sorted(set(rules)))
        sentence = f"{named} says reply, but no helpdesk has allow_replies: the agents are reminded instead."
        yield Check("replies", well=True, sentence=sentence)
    if allowing and not rules:
        sentence = f'{", ".join(allowing)} allows replies, but no rule of the policy says deliver = "reply".'
        yield Check("replies", well=True, sentence=sentence)
