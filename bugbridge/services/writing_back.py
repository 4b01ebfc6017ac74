"""Write back to a tracker's issues how many customers wait: decide, look, write once, record. Never who they are."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import RateLimitedError, RemoteError, UnknownOutcomeError
from bugbridge.core.events import BugEvent
from bugbridge.core.facts import fold_link
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import TERMINAL_STAGES, BugEventKind, Workaround
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import BugHistory, BugRow, IssueRow, KnownUpTo, Lease, LinkKey, Source, TicketRow
from bugbridge.core.references import project_of
from bugbridge.core.write_back import (
    Counts,
    Kept,
    OwnComment,
    SeenIssue,
    Step,
    TicketLink,
    WriteBackRules,
    comment_due,
    comment_text,
    count_customers,
    digest_of,
    global_id_of,
    is_security,
    kept_of,
    label_due,
    marker_of,
    may_edit,
    step_value,
    ticket_steps,
)
from bugbridge.ports import Clock, Store, TrackerWriter
from bugbridge.services.drafting import issues_of, labelled_security
from bugbridge.services.settling import DAEMON
from bugbridge.services.sources import refuse_while_paused, source_named

# The longest that one pass holds a tracker; taken anew before each bug.
LEASE_TIME = timedelta(minutes=15)
DEFAULT_PAUSE = timedelta(minutes=5)
# What a write may take on the tracker's side after we stopped waiting for it.
SLACK = timedelta(minutes=1)
ROLES = frozenset({BugEventKind.PART_ADDED, BugEventKind.MIRROR_ADDED})


class Action(StrEnum):
    """What is written on an issue."""

    COMMENT = "comment"
    EDIT = "edit"
    LABEL = "label"
    TICKET_LINK = "ticket_link"
    ANYTHING = "anything"


class Outcome(StrEnum):
    """What became of it; `unknown` is looked up by the next pass, never repeated blindly."""

    WOULD_WRITE = "would_write"
    WRITTEN = "written"
    FOUND = "found"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Written:
    """One thing that was, or would be, written on an issue; `sentence` says why where it wasn't."""

    issue: str
    action: Action
    outcome: Outcome
    text: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class WritingBackResult:
    """How many things one pass wrote, found written already, refused, left unknown, and failed at."""

    written: int = 0
    found: int = 0
    refused: int = 0
    unknown: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class BackWriter:
    """What writing back to one tracker needs.

    `ticket_url` gives a ticket's address, or "" where its helpdesk is configured no more; `wrote_to` is told the
    remote id of each issue written to; `owner` names this process in its lease.
    """

    store: Store
    writer: TrackerWriter
    clock: Clock
    policy: Policy
    calendar: WorkCalendar
    rules: WriteBackRules
    ticket_url: Callable[[TicketRow], str]
    owner: str
    wrote_to: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class _Target:
    """An issue of a linked bug, with what is to be said there and what was done there before."""

    issue: IssueRow
    bug_id: int
    counts: Counts
    ended: bool
    security: bool
    kept: Kept
    tickets: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Due:
    comment: bool
    label: bool
    tickets: tuple[tuple[int, Step], ...]


@dataclass(slots=True)
class _Run:
    """One pass, which asks once for each project whether it is public."""

    parts: BackWriter
    dry_run: bool
    stop: Callable[[], bool]
    public: dict[str, bool] = field(default_factory=dict)

    def is_public(self, reference: str) -> bool:
        project = project_of(reference)
        if project not in self.public:
            self.public[project] = self.parts.writer.is_public(reference)
        return self.public[project]

    def refusal(self, reference: str, *, security: bool) -> str:
        """Say why nothing may be written on an issue, or ""."""
        if security:
            return f"{reference} is labelled security: nothing is written there."
        if self.parts.rules.public_allowed or not self.is_public(reference):
            return ""
        name = self.parts.writer.name
        return f'{reference} is public: nothing is written there unless [trackers.{name}] has public = "allow".'


def write_back(
    parts: BackWriter, *, dry_run: bool = False, stop: Callable[[], bool] = lambda: False
) -> tuple[Written, ...]:
    """Write what is called for on every issue of a linked bug; with `dry_run` only say it, and read alone.

    `stop` is asked before each bug.

    Raises RateLimitedError while the tracker is paused, and RemoteError while another process writes back there. What
    goes wrong with one issue is told and stops no other.
    """
    source = source_named(parts.store, parts.writer.name)
    refuse_while_paused(source, parts.clock.now())
    run = _Run(parts, dry_run, stop)
    if dry_run:
        return tuple(_pass(run, source))
    with _alone(parts):
        return tuple(_pass(run, source))


def tally_of(lines: tuple[Written, ...]) -> WritingBackResult:
    """Count a pass's outcomes."""
    counts = Counter(line.outcome for line in lines)
    return WritingBackResult(**{outcome: counts[Outcome(outcome)] for outcome in WritingBackResult.__slots__})


@contextmanager
def _alone(parts: BackWriter) -> Iterator[None]:
    lease = _take_lease(parts)
    try:
        yield
    finally:
        parts.store.give_back_lease(lease)


def _take_lease(parts: BackWriter) -> Lease:
    now = parts.clock.now()
    lease = parts.store.take_lease(f"write-back:{parts.writer.name}", parts.owner, now=now, until=now + LEASE_TIME)
    if lease is None:
        raise RemoteError(f"Another process writes back to {parts.writer.name} just now: try again later.")
    return lease


def _pass(run: _Run, source: Source) -> Iterator[Written]:
    for row in run.parts.store.bugs():
        if run.stop():
            return
        if not run.dry_run:
            _take_lease(run.parts)
        for target in _targets(run.parts, row):
            try:
                yield from _tried(target, Action.ANYTHING, _write_on(run, target))
            except RateLimitedError as error:
                until = run.parts.clock.now() + (error.retry_after or DEFAULT_PAUSE)
                run.parts.store.pause(source.id, until)
                yield Written(target.issue.reference, Action.ANYTHING, Outcome.FAILED, sentence=str(error))
                return


def _tried(target: _Target, action: Action, steps: Iterator[Written]) -> Iterator[Written]:
    """Turn what goes wrong into a line, but for a limit, which ends the pass."""
    try:
        yield from steps
    except RateLimitedError:
        raise
    except UnknownOutcomeError as error:
        yield Written(target.issue.reference, action, Outcome.UNKNOWN, sentence=str(error))
    except RemoteError as error:
        yield Written(target.issue.reference, action, Outcome.FAILED, sentence=str(error))


def _targets(parts: BackWriter, row: BugRow) -> Iterator[_Target]:
    """Give the bug's primary issue, parts and mirrors in this tracker; a duplicate's readers are told by its own."""
    moment = KnownUpTo(parts.store.head())
    history = parts.store.bug_history(row.id, moment)
    chosen = [issue for issue in issues_of(parts.store, history) if _is_target(issue, history, parts.writer.name)]
    if not chosen:
        return
    accounts = {report.ticket_id: report.account_id for report in parts.store.reports(row.id, moment)}
    counts = _counts(parts, history, accounts, moment)
    for issue in chosen:
        yield _Target(
            issue=issue,
            bug_id=history.bug_id,
            counts=counts,
            ended=row.stage in TERMINAL_STAGES,
            security=labelled_security(parts.store, history),
            kept=kept_of(history.bug_events, issue.id),
            tickets=frozenset(accounts),
        )


def _is_target(issue: IssueRow, history: BugHistory, name: str) -> bool:
    others = {int(event.value) for event in history.bug_events if event.kind in ROLES}
    is_own = issue.reference == history.primary_reference or issue.id in others
    return is_own and issue.source_name == name and not issue.gone


def _counts(parts: BackWriter, history: BugHistory, accounts: Mapping[int, int], moment: KnownUpTo) -> Counts:
    links = [key for key in history.links if key.ticket_id in accounts]
    return count_customers((accounts[key.ticket_id], _workaround(parts, key, moment)) for key in links)


def _workaround(parts: BackWriter, key: LinkKey, moment: KnownUpTo) -> Workaround:
    history = parts.store.link_history(key, moment)
    return fold_link(history, parts.clock.now(), parts.policy, parts.calendar).facts.workaround


def _due(run: _Run, target: _Target) -> _Due:
    """Decide on what is kept, so that an issue on which nothing changed costs no request."""
    writer, kept = run.parts.writer, target.kept
    settles_in = 2 * writer.timeout + SLACK
    steps = ticket_steps(kept, target.tickets, ended=target.ended) if writer.takes_ticket_links else ()
    return _Due(
        comment=not target.ended and comment_due(kept, target.counts, run.parts.clock.now(), settles_in),
        label=not target.ended and label_due(kept, target.counts, run.parts.rules),
        tickets=tuple(steps),
    )


def _write_on(run: _Run, target: _Target) -> Iterator[Written]:
    """Write what is due on one issue, unless it is public or a matter of security, by what it is just now."""
    due, reference = _due(run, target), target.issue.reference
    if not (due.comment or due.label or due.tickets):
        return
    refusal = run.refusal(reference, security=target.security)
    if not refusal:
        seen = run.parts.writer.look(reference)
        refusal = run.refusal(seen.reference, security=is_security(seen.labels))
    if refusal:
        yield Written(reference, Action.ANYTHING, Outcome.REFUSED, sentence=refusal)
        return
    public = run.is_public(seen.reference)
    if due.comment:
        yield from _tried(target, Action.COMMENT, _comment(run, target, seen, public=public))
    if due.label:
        yield from _tried(target, Action.LABEL, _label(run, target, seen))
    for ticket_id, step in () if public else due.tickets:
        yield from _tried(target, Action.TICKET_LINK, _link(run, target, seen, ticket_id, step))
    if not run.dry_run:
        run.parts.wrote_to(seen.remote_id)


def _comment(run: _Run, target: _Target, seen: SeenIssue, *, public: bool) -> Iterator[Written]:
    text, kept = comment_text(target.counts, public=public), target.kept
    if kept.comment_id and kept.begun_at is None:
        if kept.digest != digest_of(text):
            yield _edit(run, target, seen, kept.comment_id, text)
        return
    found = run.parts.writer.find_comment(seen.reference, marker_of(target.issue.reference))
    if found is not None:
        yield _adopt(run, target, seen, found, text)
    elif kept.comment_id:
        sentence = f"Our comment on {target.issue.reference} was taken away; it isn't posted again."
        yield Written(target.issue.reference, Action.COMMENT, Outcome.REFUSED, sentence=sentence)
    elif target.counts.customers:
        yield _create(run, target, seen, text)


def _adopt(run: _Run, target: _Target, seen: SeenIssue, found: OwnComment, text: str) -> Written:
    """Take up a comment that we didn't know of: our answer was lost, or its bug was merged into another."""
    now = run.parts.clock.now()
    if digest_of(found.text) != digest_of(text) and may_edit(found.written_at, now):
        return _edit(run, target, seen, found.id, text)
    if not run.dry_run:
        _keep_comment(run, target, found.id, found.text, min(found.written_at, now))
    return Written(target.issue.reference, Action.COMMENT, Outcome.FOUND, found.text)


def _create(run: _Run, target: _Target, seen: SeenIssue, text: str) -> Written:
    reference = target.issue.reference
    if run.dry_run:
        return Written(reference, Action.COMMENT, Outcome.WOULD_WRITE, text)
    _keep(run, target, Step.BEGUN)
    comment_id = run.parts.writer.add_comment(seen.reference, text, marker_of(reference))
    _keep_comment(run, target, comment_id, text, run.parts.clock.now())
    return Written(reference, Action.COMMENT, Outcome.WRITTEN, text)


def _edit(run: _Run, target: _Target, seen: SeenIssue, comment_id: str, text: str) -> Written:
    reference = target.issue.reference
    if run.dry_run:
        return Written(reference, Action.EDIT, Outcome.WOULD_WRITE, text)
    _keep(run, target, Step.BEGUN)
    run.parts.writer.edit_comment(seen.reference, comment_id, text, marker_of(reference))
    _keep_comment(run, target, comment_id, text, run.parts.clock.now())
    return Written(reference, Action.EDIT, Outcome.WRITTEN, text)


def _label(run: _Run, target: _Target, seen: SeenIssue) -> Iterator[Written]:
    label, reference = run.parts.rules.label, target.issue.reference
    if label.casefold() in {known.casefold() for known in seen.labels}:
        outcome = Outcome.FOUND
    elif run.dry_run:
        outcome = Outcome.WOULD_WRITE
    else:
        run.parts.writer.add_label(seen.reference, label)
        outcome = Outcome.WRITTEN
    if not run.dry_run:
        _keep(run, target, Step.LABELLED, customers=target.counts.customers)
    yield Written(reference, Action.LABEL, outcome, label)


def _link(run: _Run, target: _Target, seen: SeenIssue, ticket_id: int, step: Step) -> Iterator[Written]:
    """Link, strike through or unlink one ticket; sent again after an unknown outcome it is the same link."""
    ticket = run.parts.store.ticket(ticket_id)
    url, global_id = run.parts.ticket_url(ticket), global_id_of(ticket.reference)
    if not url and step is not Step.UNLINKED:
        return
    if not run.dry_run:
        if step is Step.UNLINKED:
            run.parts.writer.unlink_ticket(seen.reference, global_id)
        else:
            link = TicketLink(global_id, url, ticket.reference, resolved=step is Step.RESOLVED)
            run.parts.writer.link_ticket(seen.reference, link)
        _keep(run, target, step, ticket=ticket_id)
    outcome = Outcome.WOULD_WRITE if run.dry_run else Outcome.WRITTEN
    yield Written(target.issue.reference, Action.TICKET_LINK, outcome, f"{ticket.reference} {step}")


def _keep_comment(run: _Run, target: _Target, comment_id: str, text: str, at: datetime) -> None:
    details = {"customers": target.counts.customers, "without_workaround": target.counts.without_workaround}
    _keep(run, target, Step.WRITTEN, at, comment=comment_id, digest=digest_of(text), **details)


def _keep(run: _Run, target: _Target, step: Step, at: datetime | None = None, **details: str | int) -> None:
    now = run.parts.clock.now()
    suffix = f":{details['ticket']}" if "ticket" in details else ""
    event = BugEvent(
        bug_id=target.bug_id,
        kind=BugEventKind.WRITTEN_BACK,
        value=step_value(target.issue.id, step, **details),
        occurred_at=at or now,
        source_key=f"bug:{target.bug_id}:written-back:{target.issue.id}:{step}{suffix}:{instant_to_text(now)}",
    )
    run.parts.store.append([event], actor=DAEMON, recorded_at=now)
