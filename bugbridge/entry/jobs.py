"""The steps that the daemon repeats and that `sync`, `plan` and `send` take once."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bugbridge.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.erasing import Erased
    from bugbridge.services.notifying import NotifyingResult
    from bugbridge.services.planning import PlanningResult
    from bugbridge.services.sending import SendingResult
    from bugbridge.services.settling import LinkingResult
    from bugbridge.services.syncing import SyncingResult
    from bugbridge.services.tagging import TaggingResult
    from bugbridge.services.writing_back import WritingBackResult

    Result = (
        LinkingResult
        | SyncingResult
        | PlanningResult
        | SendingResult
        | TaggingResult
        | WritingBackResult
        | NotifyingResult
        | Erased
    )

JOB = "job:"
DAILY = 86_400
# The audit is due once a month; this is how soon after the reader's opening it comes.
AUDIT_SECONDS = 600


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Job:
    """One step by name, how many seconds lie between two of its runs, and what it does."""

    name: str
    seconds: int
    run: "Callable[[], Result]"


def reading_jobs(app: "App") -> Iterator[Job]:
    """Give the steps that read: tickets first, so that issues newly named are read right after."""
    intervals = app.settings.daemon
    for name in app.settings.helpdesks:
        yield Job(f"link {name}", intervals.link_seconds, partial(link, app, name))
    for name in app.settings.trackers:
        yield Job(f"sync {name}", intervals.sync_seconds, partial(sync, app, name))


def all_jobs(app: "App", stop: Callable[[], bool] = _never) -> Iterator[Job]:
    """Give every step in the order of one cycle; `stop` as for `send`."""
    yield from reading_jobs(app)
    for name in (*app.settings.helpdesks, *app.settings.trackers):
        yield hints_job(app, name)
    yield plan_job(app)
    yield Job("send", app.settings.daemon.send_seconds, partial(send, app, stop))
    yield from tag_jobs(app, stop)
    for name, part in app.settings.trackers.items():
        if part.write_back:
            yield write_back_job(app, name, stop)
    if app.settings.retention.months:
        yield retention_job(app)
    if app.settings.notifications:
        yield notify_job(app, stop)
    if sends_audits(app):
        yield audit_job(app, stop)


def retention_job(app: "App") -> Job:
    """Give the step that erases tickets that are long over."""
    return Job("retention", DAILY, partial(erase_expired, app))


def hints_job(app: "App", name: str) -> Job:
    """Give the step that follows what webhooks hint at; the daemon takes it for what `serve` left over."""
    intervals = app.settings.daemon
    seconds = intervals.link_seconds if name in app.settings.helpdesks else intervals.sync_seconds
    return Job(f"hints {name}", seconds, partial(follow, app, name))


def plan_job(app: "App") -> Job:
    """Give the step that decides."""
    return Job("plan", app.settings.daemon.plan_seconds, partial(plan, app))


def decide_job(app: "App") -> Job:
    """Give the step that decides, and leaves the configured policy file to the daemon where one was taken before."""
    return Job("plan", app.settings.daemon.plan_seconds, partial(decide, app))


def tag_jobs(app: "App", stop: Callable[[], bool] = _never) -> Iterator[Job]:
    """Give the steps that tag the tickets of which an agent was reminded."""
    for name in app.settings.helpdesks:
        yield Job(f"tag {name}", app.settings.daemon.plan_seconds, partial(tag, app, name, stop))


def write_back_job(app: "App", name: str, stop: Callable[[], bool] = _never) -> Job:
    """Give the step that says on a tracker's issues how many customers wait."""
    return Job(f"write-back {name}", DAILY, partial(write_back, app, name, stop))


def notify_job(app: "App", stop: Callable[[], bool] = _never) -> Job:
    """Give the step that notifies people of what happened. It has a thread of its own, and holds up no other."""
    return Job("notify", app.settings.daemon.send_seconds, partial(notify, app, stop))


def sends_audits(app: "App") -> bool:
    """Whether anybody is sent the audit."""
    return any(part.audit != "none" for part in app.settings.notifications.values())


def audit_job(app: "App", stop: Callable[[], bool] = _never) -> Job:
    """Give the step that sends the audit once a month, in a thread of its own like all others."""
    return Job("audit", AUDIT_SECONDS, partial(send_audits, app, stop))


def run(app: "App", job: Job) -> "Result":
    """Take a step and remember that it went well. Raises what the step raises."""
    began = time.monotonic()
    result = job.run()
    remember(app, job, time.monotonic() - began)
    return result


def remember(app: "App", job: Job, seconds: float) -> None:
    """Keep that a step went well just now, and how long it took."""
    app.store.record_run(job.name, app.clock.now(), seconds)


def link(app: "App", name: str) -> "LinkingResult":
    """Read a helpdesk's changed tickets; the first time, those of the last days that its settings name."""
    from bugbridge.services.linking import link_tickets

    first_from = app.clock.now() - timedelta(days=app.settings.helpdesks[name].first_days)
    return link_tickets(app.helpdesk(name), app.store, app.clock, app.references, first_from)


def sync(app: "App", name: str) -> "SyncingResult":
    """Read a tracker's changed issues."""
    from bugbridge.services.syncing import sync_tracker

    return sync_tracker(app.tracker(name), app.store, app.clock, app.references)


def follow(app: "App", name: str) -> "LinkingResult | SyncingResult":
    """Read the tickets or issues that a helpdesk's or tracker's webhooks hinted at."""
    from bugbridge.services.hints import follow_hints, follow_ticket_hints

    if name in app.settings.helpdesks:
        return follow_ticket_hints(app.helpdesk(name), app.store, app.clock, app.references)
    return follow_hints(app.tracker(name), app.store, app.clock, app.references)


def plan(app: "App") -> "PlanningResult":
    """Decide what is to be decided under the policies as they are now, the configured file included."""
    keep_policy(app)
    return decide(app)


def decide(app: "App") -> "PlanningResult":
    """Decide what is to be decided under the policies in force."""
    from bugbridge.services import planning
    from bugbridge.services.policies import notice_starts, policies_in_force

    notice_starts(app.store, app.clock)
    policies = policies_in_force(app.store, app.clock.now())
    return planning.plan(app.store, policies, app.clock, app.calendar)


def keep_policy(app: "App") -> None:
    """Put the configured file in force where that is to be done by itself."""
    from bugbridge.services.policies import take_file

    take_file(app.store, app.clock, app.policy_file)


def policy_notice(app: "App") -> str:
    """Say that the configured file isn't what is in force, and what to do; "" where all is as one thinks."""
    from bugbridge.services.policies import file_notice, kept_policies

    try:
        return file_notice(kept_policies(app.store), app.policy_file)
    except ConfigError as error:  # it isn't in force, or nothing could have been planned
        return f"{error} What was applied by hand goes on meanwhile."


def send(app: "App", stop: Callable[[], bool] = _never) -> "SendingResult":
    """Post what is due on helpdesks that went live; `stop` is asked before each note."""
    from bugbridge.services.sending import send_due

    return send_due(app.sender, stop)


def tag(app: "App", name: str, stop: Callable[[], bool] = _never) -> "TaggingResult":
    """Tag a helpdesk's tickets of which an agent was reminded; `stop` is asked before each one."""
    from bugbridge.services.tagging import tag_due

    return tag_due(app.helpdesk(name), app.store, app.clock, app.settings.helpdesks[name].due_tag, stop)


def write_back(app: "App", name: str, stop: Callable[[], bool] = _never) -> "WritingBackResult":
    """Write what is called for on a tracker's issues; `stop` is asked before each bug."""
    from bugbridge.services import writing_back

    return writing_back.tally_of(writing_back.write_back(app.back_writer(name), stop=stop))


def erase_expired(app: "App") -> "Erased":
    """Erase tickets that have been over for as long as they are to be kept.

    Raises DataError if the file can't be written anew after that; what was erased stays so.
    """
    from bugbridge.services import forgetting

    done = forgetting.erase_expired(app.store, app.clock, app.settings.retention.months)
    if not done.scrubbed:
        raise DataError("Tickets were erased, but remnants may lie on in the file: run `bugbridge forget --expired`.")
    return done.erased


def notify(app: "App", stop: Callable[[], bool] = _never) -> "NotifyingResult":
    """Tell everybody whose time has come what is new; `stop` is asked before each."""
    from bugbridge.services.notifying import notify_due

    return notify_due(app.notifying, stop)


def send_audits(app: "App", stop: Callable[[], bool] = _never) -> "NotifyingResult":
    """Send the audit to everybody whose month has ended; `stop` is asked before each."""
    from bugbridge.entry.monthly_audit import audit_sending
    from bugbridge.services import audit_sending as sending

    return sending.send_audits(audit_sending(app), stop)
