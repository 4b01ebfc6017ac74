"""The seeded issues: GitHub's and Jira's entries for the planned bugs, and others that no customer met."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.seed_bugs import HISTORY_START, PROJECTS, REPOSITORIES, Bug, midnight, next_version, release_days
from bugbridge.sandbox.seed_words import ENGINEERS, FAULTS, PARTS
from bugbridge.sandbox.world import (
    SEED_NOW,
    GitHubEvent,
    GitHubIssue,
    JiraChange,
    JiraIssue,
    JiraVersion,
    Release,
    ReleaseMark,
    World,
)

OTHER_ISSUES = {"acme/app": 60, "acme/api": 40, "acme/mobile": 12, "SHOP": 30, "PAY": 18}
"""Issues without tickets in each repository and project; one in five on GitHub is a pull request."""

PLANNED_DAY = date(2026, 6, 24)
"""When the next version of SHOP is planned; the next one of PAY has no day."""

Entry = TypeVar("Entry", GitHubIssue, JiraIssue)
STATUS_IDS = {"To Do": "10000", "In Progress": "10001", "Done": "10002"}
RESOLUTION_IDS = {"Fixed": "10100", "Won't Do": "10101", "Duplicate": "10102"}


def _event(world: World, kind: str, at: datetime, actor: str) -> GitHubEvent:
    return GitHubEvent(world.new_id(), kind, at, actor)


def _start_of_work(chance: Chance, bug: Bug) -> datetime | None:
    """When an engineer took it up, or None where nobody has."""
    if bug.outcome in {"released", "closed again"} and bug.closed_at:
        return (
            chance.instant(bug.filed_at, max(bug.closed_at, bug.filed_at + timedelta(hours=1)))
            if chance.happens(0.6)
            else None
        )
    if bug.outcome == "in progress":
        return chance.instant(max(bug.filed_at, SEED_NOW - timedelta(days=40)), SEED_NOW - timedelta(days=3))
    return None


def _work(world: World, chance: Chance, bug: Bug, engineer: str) -> list[GitHubEvent]:
    started = _start_of_work(chance, bug)
    if started is None:
        return []
    if chance.happens(0.5):
        return [replace(_event(world, "labeled", started, engineer), label="in progress")]
    return [replace(_event(world, "assigned", started, engineer), assignee=engineer)]


def _ending(world: World, bug: Bug, engineer: str) -> list[GitHubEvent]:
    reasons = {"declined": "not_planned", "duplicate": "duplicate"}
    events = []
    if bug.closed_at:
        reason = reasons.get(bug.outcome, "completed")
        events.append(replace(_event(world, "closed", bug.closed_at, engineer), state_reason=reason))
    if bug.reopened_at:
        events.append(_event(world, "reopened", bug.reopened_at, engineer))
    if bug.closed_again_at:
        events.append(replace(_event(world, "closed", bug.closed_again_at, engineer), state_reason="completed"))
    return events


def _talk(world: World, chance: Chance, bug: Bug) -> list[GitHubEvent]:
    """A comment or two of engineers, which are no news to customers."""
    last = bug.closed_at or SEED_NOW - timedelta(days=2)
    times = [
        chance.instant(bug.filed_at, max(last, bug.filed_at + timedelta(hours=1))) for _ in range(chance.integer(0, 2))
    ]
    words = ("I can reproduce this on main.", "Bisected, the cause is in the session layer.", "Needs a decision.")
    return [replace(_event(world, "commented", at, chance.pick(ENGINEERS)), body=chance.pick(words)) for at in times]


def _github_bug(world: World, chance: Chance, bug: Bug) -> GitHubIssue:
    engineer = chance.pick(ENGINEERS)
    title = f"{bug.part} {bug.fault}"
    issue = GitHubIssue(
        world.new_id(), bug.home, 0, title, f"Reported by support: {title}.", engineer, bug.filed_at, ("bug",)
    )
    events = [*_talk(world, chance, bug), *_work(world, chance, bug, engineer), *_ending(world, bug, engineer)]
    issue.events = sorted(events, key=lambda event: event.at)
    return issue


def _github_other(world: World, chance: Chance, repository: str) -> GitHubIssue:
    created = chance.instant(HISTORY_START, SEED_NOW - timedelta(days=1))
    title = (
        f"Refactor: {chance.pick(PARTS)}"
        if chance.happens(0.5)
        else f"{chance.pick(PARTS)} {chance.pick(FAULTS)} (seen in a test)"
    )
    author = chance.pick(ENGINEERS)
    pull_request = chance.happens(0.2)
    issue = GitHubIssue(world.new_id(), repository, 0, title, "", author, created, ("chore",), pull_request)
    closed = created + timedelta(days=min(chance.lognormal(2.0, 1.5), 400.0))
    if closed < SEED_NOW - timedelta(hours=1):
        reason = None if pull_request else chance.pick(("completed", "completed", "not_planned"))
        issue.events.append(
            replace(_event(world, "closed", closed.replace(microsecond=0), author), state_reason=reason)
        )
    return issue


def _mark_duplicate(world: World, bug: Bug, issue: GitHubIssue) -> None:
    """What GitHub's people do: write "Duplicate of #12", which GitHub marks, and close with that reason."""
    if bug.survivor is None or bug.closed_at is None:
        return
    number = bug.survivor.reference.partition("#")[2]
    before = bug.closed_at - timedelta(seconds=2)
    comment = replace(_event(world, "commented", before, issue.author), body=f"Duplicate of #{number}")
    mark = replace(_event(world, "marked_as_duplicate", before, issue.author), other=bug.survivor.reference)
    issue.events = sorted([*issue.events, comment, mark], key=lambda event: event.at)


def _jira_changes(world: World, chance: Chance, bug: Bug) -> list[JiraChange]:
    """The changelog, oldest first: taken up, resolved, reopened."""
    author, status, changes = chance.pick(ENGINEERS), "To Do", []

    def change(
        field: str, at: datetime, after: str | None, identity: dict[str, str], before: str | None = None
    ) -> None:
        pair = ((identity.get(before) if before else None, before), (identity.get(after) if after else None, after))
        changes.append(JiraChange(world.new_id(), at, author, field, *pair))

    started = _start_of_work(chance, bug)
    if started:
        change("status", started, "In Progress", STATUS_IDS, status)
        status = "In Progress"
    resolution = {"declined": "Won't Do", "duplicate": "Duplicate"}.get(bug.outcome, "Fixed")
    versions = {version.name: str(version.id) for version in world.versions[bug.home]}
    target = next_version(bug.home) if bug.outcome == "fixed" else bug.version
    if bug.closed_at:
        change("status", bug.closed_at, "Done", STATUS_IDS, status)
        change("resolution", bug.closed_at, resolution, RESOLUTION_IDS)
        if target:
            change("Fix Version", bug.closed_at, target, versions)
    if bug.reopened_at:
        change("status", bug.reopened_at, "To Do", STATUS_IDS, "Done")
        change("resolution", bug.reopened_at, None, RESOLUTION_IDS, resolution)
        change("Fix Version", bug.reopened_at, None, versions, target)
    return changes


def _jira_bug(world: World, chance: Chance, bug: Bug) -> JiraIssue:
    issue = JiraIssue(
        world.new_id(), bug.home, 0, f"{bug.part} {bug.fault}", chance.pick(ENGINEERS), bug.filed_at, bug.filed_at
    )
    issue.changes = _jira_changes(world, chance, bug)
    for change in issue.changes:
        if change.field == "status":
            issue.status = str(change.after[1])
            issue.assignee = change.author
        elif change.field == "resolution":
            issue.resolution = change.after[1]
            issue.resolved_at = change.at if change.after[1] else None
        else:
            issue.fix_versions = [change.after[1]] if change.after[1] else []
    issue.updated_at = max([issue.created_at, *(change.at for change in issue.changes)])
    return issue


def _jira_other(world: World, chance: Chance, project: str) -> JiraIssue:
    created = chance.instant(HISTORY_START, SEED_NOW - timedelta(days=1))
    kind = chance.pick(("Task", "Story", "Bug"))
    issue = JiraIssue(
        world.new_id(), project, 0, f"Clean up {chance.pick(PARTS)}", chance.pick(ENGINEERS), created, created
    )
    issue.issue_type, issue.labels = kind, ()
    return issue


def _number(entries: list[tuple[Entry, Bug | None]], moment: Callable[[Entry], datetime]) -> None:
    for number, (entry, _) in enumerate(sorted(entries, key=lambda pair: moment(pair[0])), start=1):
        entry.number = number


def _add_repository(world: World, chance: Chance, repository: str, bugs: list[Bug]) -> None:
    entries: list[tuple[GitHubIssue, Bug | None]] = [(_github_bug(world, chance, bug), bug) for bug in bugs]
    entries += [(_github_other(world, chance, repository), None) for _ in range(OTHER_ISSUES[repository])]
    _number(entries, lambda issue: issue.created_at)
    for issue, bug in entries:
        if bug:
            bug.reference = issue.reference
    for issue, bug in entries:
        if bug:
            _mark_duplicate(world, bug, issue)
    world.issues[repository] = {issue.number: issue for issue, _ in sorted(entries, key=lambda pair: pair[0].number)}
    world.releases[repository] = [
        Release(world.new_id(), repository, version, day) for version, day in release_days(repository)
    ]


def _add_versions(world: World, project: str) -> None:
    released = [
        JiraVersion(world.new_id(), project, name, released=True, release_date=day)
        for name, day in release_days(project)
    ]
    planned = PLANNED_DAY if project == "SHOP" else None
    world.versions[project] = [
        *released,
        JiraVersion(world.new_id(), project, next_version(project), released=False, release_date=planned),
    ]


def _add_project(world: World, chance: Chance, project: str, bugs: list[Bug]) -> None:
    _add_versions(world, project)
    entries: list[tuple[JiraIssue, Bug | None]] = [(_jira_bug(world, chance, bug), bug) for bug in bugs]
    entries += [(_jira_other(world, chance, project), None) for _ in range(OTHER_ISSUES[project])]
    _number(entries, lambda issue: issue.created_at)
    for issue, bug in entries:
        if bug:
            bug.reference = issue.key
    for issue, bug in entries:
        if bug and bug.survivor:
            issue.duplicate_of = bug.survivor.reference
    world.jira_issues |= {issue.key: issue for issue, _ in sorted(entries, key=lambda pair: pair[0].number)}


def add_issues(world: World, chance: Chance, bugs: list[Bug]) -> None:
    """Put every issue, release and version into the world and give each bug its reference."""
    for repository in REPOSITORIES:
        _add_repository(world, chance, repository, [bug for bug in bugs if bug.home == repository])
    for project in PROJECTS:
        _add_project(world, chance, project, [bug for bug in bugs if bug.home == project])
    world.release_marks = [
        ReleaseMark(bug.reference, bug.version, bug.released_on)
        for bug in sorted(bugs, key=lambda bug: bug.reference)
        if bug.home in REPOSITORIES and bug.version and bug.released_on
    ]


def published_at(day: date) -> datetime:
    """Releases of this company come out at noon UTC."""
    return midnight(day) + timedelta(hours=time(12).hour)
