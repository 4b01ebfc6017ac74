"""The sources' health: when each helpdesk and tracker was last read well, which jobs fail, and whether a daemon works.

All of it stands in the database: nothing remote is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.job_runs import JobRun
from bugbridge.core.leases import Timing, is_held
from bugbridge.core.listings import PAGE_ROWS, Column, ColumnKind, Listing, Value
from bugbridge.core.places import Place, place_text
from bugbridge.core.records import FILE_KIND, Source
from bugbridge.entry.health import look
from bugbridge.entry.sentences import counted
from bugbridge.entry.web.asked import is_in_sight, place_asked
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.visiting import Agent
from bugbridge.render.times import stamp
from bugbridge.services.operating import DAEMON_LEASE, HELPDESK, Operation
from bugbridge.services.sources import in_watch_mode

if TYPE_CHECKING:
    from bugbridge.app import App

router = APIRouter()
FIRST: Place = (0,)
COLUMNS = (
    Column("name", "Name"),
    Column("kind", "What it is"),
    Column("state", "State"),
    Column("ok_at", "Last well", ColumnKind.MOMENT),
    Column("paused_until", "Paused until", ColumnKind.MOMENT),
    Column("live_from", "Live since", ColumnKind.MOMENT),
    Column("groups", "Groups live by themselves"),
)
NOTHING = "No helpdesk and no tracker is configured: add one to the configuration."
NOTE = "As the database has it; an admin's `bugbridge doctor` signs in everywhere and looks."
WATCHES = "watch mode: nothing is posted before an admin's `bugbridge go-live`"
LATE = {"never": "wasn't read well yet", "late": "wasn't read well for too long: the daemon's log says why"}


@dataclass(frozen=True, slots=True)
class Health:
    """How one part is, in words; `well` says whether somebody should look."""

    name: str
    kind: str
    state: str
    well: bool
    ok_at: datetime | None = None
    paused_until: datetime | None = None
    live_from: datetime | None = None
    groups: str = ""


@router.get("/sources", include_in_schema=False)
def sources(web: WebHere, visitor: Agent, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show how the sources are."""
    return listing_page(web, visitor, request, after, partial(_sources, web, visitor), as_file)


@router.get("/api/v1/sources")
def source_facts(web: WebHere, visitor: Agent, after: After = "") -> ListingFacts:
    """Helpdesks and trackers, the daemon and its jobs: when each was last well, and what is wrong."""
    return listing_facts(_sources(web, visitor, after))


def sources_unwell(app: "App", visitor: Visitor) -> int:
    """Count what somebody should look at: helpdesks and trackers in sight, and the daemon where none works."""
    return sum(not one.well for one in (*_of_sources(app, visitor, look(app)), _daemon(app)))


def _sources(web: Web, visitor: Visitor, after: str) -> Listing:
    (begin,) = place_asked(after, FIRST)
    found = list(_all(web.app, visitor))
    shown = found[max(0, int(begin)) :][:PAGE_ROWS]
    end = int(begin) + PAGE_ROWS
    following = place_text(end) if len(found) > end else ""
    return Listing("Sources", COLUMNS, [_row(one) for one in shown], NOTHING, following, note=NOTE)


def _all(app: "App", visitor: Visitor) -> Iterator[Health]:
    operation = look(app)
    yield from _of_sources(app, visitor, operation)
    yield _daemon(app)
    hidden = {name for name in app.settings.helpdesks if not is_in_sight(visitor, name)}
    for run in operation.jobs:
        if run.name.partition(" ")[2] not in hidden:
            yield _job(run, app.settings.calendar.zone)


def _of_sources(app: "App", visitor: Visitor, operation: Operation) -> Sequence[Health]:
    late = {one.what.partition(" ")[2]: one.why for one in operation.unready if one.what.startswith("source ")}
    read_at = {one.name: one.read_at for one in operation.sources}
    return [
        _source(app, visitor, one, read_at.get(one.name, one.last_ok_at), late.get(one.name, ""))
        for one in app.store.sources()
        if one.role != HELPDESK or is_in_sight(visitor, one.name)
    ]


def _source(app: "App", visitor: Visitor, one: Source, read_at: datetime | None, late: str) -> Health:
    now = app.clock.now()
    paused = one.paused_until if one.paused_until is not None and one.paused_until > now else None
    return Health(
        name=one.name,
        kind=one.role,
        state=_state(app, one, late, is_paused=paused is not None),
        well=not late and paused is None,
        ok_at=read_at,
        paused_until=paused,
        live_from=one.live_from,
        groups=_groups(app, visitor, one) if one.role == HELPDESK else "",
    )


def _state(app: "App", one: Source, late: str, *, is_paused: bool) -> str:
    if one.kind == FILE_KIND:
        return "imported from files"
    if one.name not in {**app.settings.helpdesks, **app.settings.trackers}:
        return "not configured any more: its tickets and issues stay as they were"
    if is_paused:
        return "nothing is posted meanwhile" if one.role == HELPDESK else "asked for patience: it is left alone"
    watches = one.role == HELPDESK and in_watch_mode(app.store, one)
    said = (LATE.get(late, "well"), "a backfill is unfinished" if one.backfill_from else "", WATCHES if watches else "")
    return "; ".join(filter(None, said))


def _groups(app: "App", visitor: Visitor, one: Source) -> str:
    """Name the groups or brands with a start of their own, as far as their tickets are in sight."""
    zone, live = app.settings.calendar.zone, app.store.live_groups(one.id)
    return ", ".join(
        f"{name} since {stamp(at, zone)}" for name, at in sorted(live.items()) if visitor.sees(one.name, name)
    )


def _daemon(app: "App") -> Health:
    lease = next((one for one in app.store.leases() if one.name == DAEMON_LEASE), None)
    if lease is None or not is_held(lease, app.clock.now()):
        state = "none works now: an admin starts bugbridge daemon, which does all of this by itself"
        return Health("daemon", "daemon", state, well=False)
    return Health("daemon", "daemon", "works", well=True, ok_at=lease.until - Timing().lease)


def _job(run: JobRun, zone: str) -> Health:
    if not run.failures or run.last_failed_at is None or run.retry_at is None:
        return Health(run.name, "job", "well" if run.last_ok_at else "hasn't run yet", well=True, ok_at=run.last_ok_at)
    failed = f"failed {counted(run.failures, 'time')} in a row, last {stamp(run.last_failed_at, zone)} ({run.problem})"
    state = f"{failed}; it is tried again from {stamp(run.retry_at, zone)} on"
    return Health(run.name, "job", state, well=False, ok_at=run.last_ok_at)


def _row(one: Health) -> dict[str, Value]:
    return {
        "name": one.name,
        "kind": one.kind,
        "state": one.state,
        "ok_at": one.ok_at,
        "paused_until": one.paused_until,
        "live_from": one.live_from,
        "groups": one.groups,
    }
