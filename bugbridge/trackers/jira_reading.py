"""Reads Jira's JSON of an issue and its changelog into a history; asks nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from bugbridge.core.bug_words import suggested_workaround
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import ClosedAs
from bugbridge.core.snapshots import IssueSnapshot, TrackerChange, TrackerState, WorkaroundComment
from bugbridge.trackers.client import Json
from bugbridge.trackers.jira_texts import comment_text, is_our_own

DONE, UNDER_WAY = "done", "indeterminate"  # keys of Jira's status categories, the same in every language
FIELDS = ("summary", "status", "resolution", "created", "updated", "labels", "fixVersions", "issuelinks", "comment")
FIXED_RESOLUTIONS = ("Done", "Fixed")
DECLINED_RESOLUTIONS = (
    "Won't Do", "Won't Fix", "WontFix", "Cannot Reproduce", "Can't Reproduce", "Not Reproducible", "Invalid",
    "Declined", "Incomplete", "Not a Bug", "Works as Designed", "Known Error", "Rejected", "Abandoned", "Obsolete",
)  # fmt: skip
USUAL_RESOLUTIONS = {
    ClosedAs.FIXED: FIXED_RESOLUTIONS,
    ClosedAs.DECLINED: DECLINED_RESOLUTIONS,
    ClosedAs.DUPLICATE: ("Duplicate", "Duplicated"),
}
NOON = timedelta(hours=12)
SECONDS_END = 100_000_000_000  # a number below is seconds since 1970, one above milliseconds; the document shows both

Resolutions = Sequence[str] | Mapping[str, Sequence[str]]


def resolution_map(resolutions: Resolutions) -> dict[str, ClosedAs]:
    """Give what each resolution means, by its name in lower case.

    A list names those that mean fixed. A table names `fixed`, `declined` and `duplicate` ones; what it leaves out
    keeps its usual names, except for those that the table names elsewhere.
    """
    table = resolutions if isinstance(resolutions, Mapping) else {ClosedAs.FIXED: resolutions}
    usual = {meaning: names for meaning, names in USUAL_RESOLUTIONS.items() if meaning not in table}
    return {
        name.lower(): ClosedAs(meaning) for part in (usual, table) for meaning, names in part.items() for name in names
    }


@dataclass(frozen=True, slots=True)
class JiraRules:
    """What of the configuration the reading depends on; resolutions and labels are lower case."""

    name: str
    resolutions: Mapping[str, ClosedAs]
    in_progress_labels: frozenset[str]
    dates_may_be_told: bool = False
    mirror_field: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields of an issue are read."""
        return (*FIELDS, self.mirror_field) if self.mirror_field else FIELDS

    def closed_as(self, resolution: str) -> ClosedAs:
        """Judge a resolution; one that nobody listed, or none at all, is unknown and never counts as fixed."""
        return self.resolutions.get(resolution.lower(), ClosedAs.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What an issue showed from an instant on; versions by id."""

    at: datetime
    status: str
    resolution: str
    labels: frozenset[str]
    versions: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Release:
    at: datetime
    version: str


@dataclass(frozen=True, slots=True)
class IssueJson:
    """An issue with its whole changelog; `categories` gives the category's key for each status id.

    What it gives raises KeyError, TypeError, ValueError or AttributeError where the JSON isn't Jira's.
    """

    issue: Json
    changes: Sequence[Json]
    categories: Mapping[str, str]

    def versions_taken_away(self, rules: JiraRules) -> frozenset[str]:
        """Give the ids of versions that the issue held while it was fixed and holds no more: it shows only the others.

        Customers may have been told of one that was released meanwhile.
        """
        shown, known = self._shown(), self._known()
        while_fixed = [now.versions for now in shown if _state(now, known, rules).closed_as is ClosedAs.FIXED]
        return frozenset().union(*while_fixed) - shown[-1].versions

    def snapshot(self, reference: str, rules: JiraRules, taken_away: Sequence[Json] = ()) -> IssueSnapshot:
        """Give the issue as the port has it; `taken_away` are the versions of that name, as Jira shows them."""
        fields = self.issue["fields"]
        updated = instant_from_text(fields["updated"])
        releases = _releases([*(fields.get("fixVersions") or ()), *taken_away], updated)
        history = _history(self._shown(), self._known(), releases, rules)
        is_duplicate = bool(history) and history[-1].state.closed_as is ClosedAs.DUPLICATE
        called = f"{rules.name}:{self.issue['key']}"
        planned_version, planned_on = _planned(fields) if rules.dates_may_be_told else ("", None)
        mirrored = fields.get(rules.mirror_field)
        comments = (fields.get("comment") or {}).get("comments") or ()
        return IssueSnapshot(
            reference=reference,
            remote_id=str(self.issue["id"]),
            created_at=instant_from_text(fields["created"]),
            updated_at=updated,
            title=str(fields.get("summary") or ""),
            labels=tuple(str(label) for label in fields.get("labels") or ()),
            duplicate_of=_survivor(fields, rules.name) if is_duplicate else "",
            history=history,
            now_called="" if called == reference else called,
            planned_version=planned_version,
            planned_on=planned_on,
            mirror_texts=(mirrored,) if isinstance(mirrored, str) else (),
            workaround_comments=tuple(_suggestions(comments)),
            comments_whole=len(comments) >= int((fields.get("comment") or {"total": 1})["total"]),
        )

    def _shown(self) -> list[_Shown]:
        return list(_shown(self.issue["fields"], self.changes))

    def _known(self) -> dict[str, str]:
        present = self.issue["fields"]["status"]
        return {**self.categories, str(present["id"]): str(present["statusCategory"]["key"])}


def _shown(fields: Json, changes: Sequence[Json]) -> Iterator[_Shown]:
    """Give what the issue showed, oldest first.

    Walks back from the present, so that the last state is the present one even where the changelog has holes.
    """
    created = instant_from_text(fields["created"])
    now = _Shown(
        at=created,
        status=str(fields["status"]["id"]),
        resolution=str((fields.get("resolution") or {}).get("name") or ""),
        labels=frozenset(str(label).lower() for label in fields.get("labels") or ()),
        versions=frozenset(str(version["id"]) for version in fields.get("fixVersions") or ()),
    )
    backwards = []
    for change in sorted(changes, key=lambda change: (_changed_at(change), int(change["id"])), reverse=True):
        backwards.append(replace(now, at=max(_changed_at(change), created)))
        for item in reversed(change["items"]):
            now = _before(now, item)
    yield now
    yield from reversed(backwards)


def _changed_at(change: Json) -> datetime:
    """Read when it was: text beside an issue, a number where changelogs are fetched in bulk."""
    created = change["created"]
    if isinstance(created, int):
        return datetime.fromtimestamp(created if created < SECONDS_END else created / 1000, UTC)
    return instant_from_text(created)


def _before(shown: _Shown, item: Json) -> _Shown:
    """Take one change back."""
    name = item.get("fieldId") or item["field"]
    if name == "status":
        return replace(shown, status=str(item["from"]))
    if name == "resolution":
        return replace(shown, resolution=str(item.get("fromString") or ""))
    if name == "labels":
        return replace(shown, labels=frozenset((item.get("fromString") or "").lower().split()))
    if name in ("fixVersions", "Fix Version"):
        added, removed = ({str(item[end])} if item.get(end) else set() for end in ("to", "from"))
        return replace(shown, versions=(shown.versions - added) | removed)
    return shown


def _releases(versions: Sequence[Json], updated: datetime) -> dict[str, _Release]:
    """Give the released versions by id, each from the start of its release date in UTC.

    Jira knows a release's day only, and that day is optional: without it the issue's latest change stands in.
    """
    found = {}
    for version in versions:
        if version.get("released"):
            day = version.get("releaseDate")
            at = _start_of(day) if day else updated
            found[str(version["id"])] = _Release(at, str(version["name"]))
    return found


def _planned(fields: Json) -> tuple[str, datetime | None]:
    """Give the first unreleased version with a date, and noon of that day in UTC: the same day almost everywhere."""
    versions = [version for version in fields.get("fixVersions") or () if not version.get("released")]
    dated = [
        (_start_of(day) + NOON, str(version["name"])) for version in versions if (day := version.get("releaseDate"))
    ]
    on, name = min(dated, default=(None, ""))
    return name, on


def _start_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)


def _history(
    shown: Sequence[_Shown], categories: Mapping[str, str], releases: Mapping[str, _Release], rules: JiraRules
) -> tuple[TrackerChange, ...]:
    changes: list[TrackerChange] = []
    ends = [*(following.at for following in shown[1:]), None]
    for now, end in zip(shown, ends, strict=True):
        for change in _changes(now, end, _state(now, categories, rules), releases):
            if changes and changes[-1].at == change.at:
                changes.pop()
            if not changes or changes[-1].state != change.state:
                changes.append(change)
    return tuple(changes)


def _state(shown: _Shown, categories: Mapping[str, str], rules: JiraRules) -> TrackerState:
    """Judge by the status's category; a status that was deleted since has none, and then its resolution tells."""
    category = categories.get(shown.status, DONE if shown.resolution else "")
    if category == DONE:
        return TrackerState(closed_as=rules.closed_as(shown.resolution))
    return TrackerState(in_progress=category == UNDER_WAY or not shown.labels.isdisjoint(rules.in_progress_labels))


def _changes(
    shown: _Shown, end: datetime | None, state: TrackerState, releases: Mapping[str, _Release]
) -> Iterator[TrackerChange]:
    """Give a fixed issue's state before and after the first of its versions was released; others' as it is."""
    held = [releases[version] for version in shown.versions if version in releases]
    if state.closed_as is not ClosedAs.FIXED or not held:
        yield TrackerChange(shown.at, state)
        return
    release = min(held, key=lambda found: (found.at, found.version))
    released = replace(state, released_in=release.version)
    if release.at <= shown.at:
        yield TrackerChange(shown.at, released)
        return
    yield TrackerChange(shown.at, state)
    if end is None or release.at < end:
        yield TrackerChange(release.at, released)


def _suggestions(comments: Sequence[Json]) -> Iterator[WorkaroundComment]:
    """Give the comments that suggest a workaround; those of our own are read for nothing."""
    for comment in comments:
        body = comment_text(comment.get("body") or "")
        text = suggested_workaround(body)
        if text and not is_our_own(body):
            yield WorkaroundComment(str(int(comment["id"])), text, instant_from_text(comment["created"]))


def _survivor(fields: Json, name: str) -> str:
    """Give the issue that this one "duplicates", by the latest such link, or ""."""
    links = [
        link
        for link in fields.get("issuelinks") or ()
        if link.get("outwardIssue") and str(link["type"].get("outward", "")).lower() == "duplicates"
    ]
    return f"{name}:{max(links, key=lambda link: int(link['id']))['outwardIssue']['key']}" if links else ""
