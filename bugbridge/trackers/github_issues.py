"""Reads issues: many by one query, or, where a server has no GraphQL or an issue isn't found so, one by one."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError
from bugbridge.core.model import Gone
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue
from bugbridge.trackers.client import Json, answer_all, as_object
from bugbridge.trackers.github_client import DeletedError, GitHubClient, NoGraphQLError, TransferredError
from bugbridge.trackers.github_graphql import BATCH, Found, read_batch
from bugbridge.trackers.github_pages import pages
from bugbridge.trackers.github_reading import GitHubRules, Reading, is_converted, read_issue, released
from bugbridge.trackers.github_releases import Releases

PAGE = 100
LARGEST_NUMBER = 2**31 - 1  # GraphQL refuses a whole query for a larger one, and anybody may write one in a ticket
FEWER = 10  # how many times fewer issues are asked for where a query failed
Place = tuple[str, int]


class IssueReader:
    """One reading of some issues: what it learned of a repository on the way, it doesn't ask again."""

    def __init__(self, client: GitHubClient, rules: GitHubRules, releases: Releases, *, has_graphql: bool) -> None:
        """Read through this client; `has_graphql` turns false where the server has none."""
        self.has_graphql = has_graphql
        self._client = client
        self._rules = rules
        self._releases = releases
        self._found = Found()
        self._unread: dict[Place, None] = {}
        self._batch = BATCH
        self._lost: dict[str, NotFoundError | None] = {}

    def read(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Answer every reference; errors as for the port."""
        places = (self._place(reference) for reference in references)
        self._unread = {place: None for place in places if place[0] and place[1] <= LARGEST_NUMBER}
        return answer_all(dict.fromkeys(references), self._answer)

    def _place(self, reference: str) -> Place:
        """Give the repository as it is configured, or "", and the number."""
        match = re.fullmatch(rf"{re.escape(self._rules.name)}:([^#\s]+)#([1-9][0-9]{{0,17}})", reference)
        return (self._rules.configured(match[1]), int(match[2])) if match else ("", 0)

    def _answer(self, reference: str) -> IssueSnapshot | MissingIssue:
        project, number = self._place(reference)
        if not project:
            known = ", ".join(self._rules.projects)
            sentence = f"{reference} is in none of the projects of {self._rules.name} ({known})."
            return MissingIssue(reference, sentence)
        while self.has_graphql and (project, number) in self._unread:
            self._read_ahead()
        found = self._found.issues.pop((project, number), None)
        if found is None:
            return self._traced(reference, project, number)
        if found.issue is None:
            return _pull_request(reference)
        landed = self._found.names[project]
        return self._judged(reference, landed, found.issue, found.timeline)

    def _read_ahead(self) -> None:
        """Read the next of the issues asked for by one query, and fewer at once where GitHub can't answer that.

        What it can't answer even alone is left to REST.
        """
        batch = list(islice(self._unread, self._batch))
        try:
            found = read_batch(self._client, batch)
        except NoGraphQLError:
            self.has_graphql = False
            return
        except RemoteError as error:
            if error.permanent or isinstance(error, RateLimitedError):
                raise
            self._batch = max(1, self._batch // FEWER)
            if len(batch) > 1:
                return
            found = Found()
        for place in batch:
            del self._unread[place]
        self._found.issues |= found.issues
        self._found.names |= found.names

    def _traced(self, reference: str, project: str, number: int) -> IssueSnapshot | MissingIssue:
        """Ask for one issue by REST, which tells where it went."""
        if error := self._lost.get(project):
            raise error
        path = f"/repos/{project}/issues/{number}"
        try:
            issue = as_object(self._client.parsed(self._client.get(path)))
        except NotFoundError as error:
            return self._missing(reference, project, error)
        with self._client.understood(reference):
            landed, present = "/".join(str(issue["repository_url"]).split("/")[-2:]), int(issue["number"])
            if "pull_request" in issue:
                return _pull_request(reference)
        if not self._is_ours(project, landed):
            sentence = f"was moved to {landed}#{present}, in none of the projects of {self._rules.name}."
            return MissingIssue(reference, f"{reference} {sentence}")
        return self._landed(reference, landed, present) or self._judged(
            reference, landed, issue, self._timeline(landed, present)
        )

    def _landed(self, reference: str, landed: str, number: int) -> IssueSnapshot | MissingIssue | None:
        """Read a transferred issue by a query where it is now, because REST doesn't tell the pull requests."""
        if not self.has_graphql or self._place(reference) == (self._rules.configured(landed), number):
            return None
        found = read_batch(self._client, [(landed, number)]).issues.get((landed, number))
        return self._judged(reference, landed, found.issue, found.timeline) if found and found.issue else None

    def _missing(self, reference: str, project: str, error: NotFoundError) -> MissingIssue:
        self._ensure_readable(project)
        if isinstance(error, DeletedError):
            return MissingIssue(reference, f"{reference} was deleted.", Gone.DELETED)
        if isinstance(error, TransferredError) and "/discussions/" in error.location:
            return _converted(reference)
        return MissingIssue(reference, f"{reference} doesn't exist, or the token may not see it.", Gone.INVISIBLE)

    def _is_ours(self, project: str, landed: str) -> bool:
        """Tell whether a repository is one of ours, by whatever name."""
        if self._rules.configured(landed):
            return True
        if project not in self._found.names:
            self._found.names[project] = present_name(self._client, project)
        return landed.lower() in {name.lower() for name in self._found.names.values()}

    def _judged(
        self, reference: str, landed: str, issue: Json, timeline: Sequence[Json]
    ) -> IssueSnapshot | MissingIssue:
        """Add to what an issue says of itself what releases say of its fix."""
        with self._client.understood(reference):
            if is_converted(timeline):
                return _converted(reference)
            reading = read_issue(reference, landed, issue, timeline, self._rules)
        if reading.lacks_survivor and "repository_url" not in issue:
            comments = [event for event in self._timeline(landed, issue["number"]) if event.get("event") == "commented"]
            with self._client.understood(reference):
                reading = read_issue(reference, landed, issue, [*timeline, *comments], self._rules)
        return self._released(reading)

    def _released(self, reading: Reading) -> IssueSnapshot:
        if not reading.is_fixed:
            return reading.snapshot
        release = self._releases.first_with(self._client, reading.repository, reading.fixes)
        if release is not None:
            return released(reading.snapshot, release.version, release.published_at)
        return released(reading.snapshot, *reading.labelled) if reading.labelled else reading.snapshot

    def _timeline(self, repository: str, number: int) -> list[Json]:
        response = self._client.get(f"/repos/{repository}/issues/{number}/timeline?per_page={PAGE}")
        what = f"the timeline of {repository}#{number}"
        return [event for page, _ in pages(self._client, response, what) for event in page]

    def _ensure_readable(self, project: str) -> None:
        """Keep a repository that went out of sight from looking like the end of all its issues.

        Raises NotFoundError if its issues can't be read.
        """
        if project not in self._lost:
            try:
                self._client.get(f"/repos/{project}/issues?per_page=1")
                self._lost[project] = None
            except NotFoundError:
                self._lost[project] = unreadable(self._rules.name, project, self._client.secret_hint)
        if error := self._lost[project]:
            raise error


def present_name(client: GitHubClient, project: str) -> str:
    """Give the name that a repository has now. Raises NotFoundError where it can't be seen."""
    response = client.get(f"/repos/{project}")
    with client.understood(f"the repository {project}"):
        return str(as_object(client.parsed(response))["full_name"])


def unreadable(name: str, project: str, variable: str) -> NotFoundError:
    """Say of a repository that its issues can't be read."""
    return NotFoundError(
        f"{name}: the issues of {project} can't be read; check the name under projects, and that "
        f"{variable} may read issues there."
    )


def _pull_request(reference: str) -> MissingIssue:
    return MissingIssue(reference, f"{reference} is a pull request, not an issue.", Gone.NOT_AN_ISSUE)


def _converted(reference: str) -> MissingIssue:
    return MissingIssue(reference, f"{reference} was converted to a discussion.", Gone.CONVERTED)
