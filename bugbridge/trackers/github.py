"""GitHub issues, for github.com and GitHub Enterprise Server: by GraphQL where there is one, else by REST."""

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from bugbridge.core.errors import ConfigError
from bugbridge.core.snapshots import Check, FoundIssue, IssuePage, IssueSnapshot, MissingIssue
from bugbridge.ports import KeptIssues
from bugbridge.trackers.github_changes import ChangeReader
from bugbridge.trackers.github_checks import checks
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_costs import Costs
from bugbridge.trackers.github_issues import IssueReader
from bugbridge.trackers.github_reading import GitHubRules
from bugbridge.trackers.github_releases import Releases
from bugbridge.trackers.github_search import search
from bugbridge.trackers.github_sign_in import Credentials


@dataclass(frozen=True, slots=True)
class GitHubOptions:
    """How to reach GitHub: with a token, or with an App's id, its installation's, and its private key (PEM).

    `projects` are OWNER/REPO; labels match in any case. `released_label` is a regular expression with a group
    `version`, for teams that say by a label what a fix was released in. `reserve_percent` of each of GitHub's limits
    is left to people.
    """

    name: str
    projects: tuple[str, ...]
    token: str = field(default="", repr=False)
    url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    in_progress_labels: tuple[str, ...] = ("in progress",)
    app_id: int = 0
    installation_id: int = 0
    private_key: str = field(default="", repr=False)
    prereleases: bool = False
    released_label: str = ""
    reserve_percent: int = 20

    def rules(self) -> GitHubRules:
        """Give what readings depend on. Raises ConfigError for a released_label that isn't one."""
        labels = frozenset(label.lower() for label in self.in_progress_labels)
        return GitHubRules(self.name, self.url.rstrip("/"), self.projects, labels, self._released_label())

    def credentials(self) -> Credentials:
        """Give how to sign in."""
        return Credentials(self.name, self.token, self.app_id, self.installation_id, self.private_key)

    def _released_label(self) -> re.Pattern[str] | None:
        if not self.released_label:
            return None
        try:
            pattern = re.compile(self.released_label, re.IGNORECASE)
        except re.error:
            raise ConfigError([f"{self.name}: released_label isn't a regular expression."]) from None
        if "version" not in pattern.groupindex:
            example = r"released in (?P<version>\S+)"
            raise ConfigError([f"{self.name}: released_label needs a group named version, as in '{example}'."])
        return pattern


class GitHub:
    """Reads issues with their timelines, and what releases say of their fixes."""

    def __init__(self, options: GitHubOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is asked yet. `sleep` waits some seconds between attempts at a read."""
        self.name = options.name
        self._rules = options.rules()
        self._client = GitHubClient(options.credentials(), options.api_url.rstrip("/"), sleep, options.reserve_percent)
        self._releases = Releases(options.name, prereleases=options.prereleases)
        self._has_graphql = True

    def changed_since(self, cursor: str, kept: KeptIssues | None = None) -> Iterator[IssuePage]:
        """Give references of issues changed since, oldest change first; the short lists of all repositories together.

        A repository that is new to the cursor begins at its newest issue. Of one where listing the changes would cost
        more, all that is kept is given. One that can't be read is raised after the others were. Raises DataError for a
        cursor that isn't ours.
        """
        return ChangeReader(self._client.sparing(), self._rules, self._costs(kept)).read(cursor)

    def projects_released(self, projects: Collection[str], cursor: str) -> tuple[frozenset[str], str]:
        """Say which projects may have had a release: one conditional request each."""
        return self._releases.changed(self._client.sparing(), projects, cursor)

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Read issues with their whole timelines, fifty by one query; a single one may use the reserve."""
        client = self._client.sparing() if len(references) > 1 else self._client
        reader = IssueReader(client, self._rules, self._releases, has_graphql=self._has_graphql)
        try:
            yield from reader.read(references)
        finally:
            self._has_graphql = reader.has_graphql

    def search(self, text: str, limit: int) -> tuple[FoundIssue, ...]:
        """Find issues by words of their titles and texts; an agent waits, so the reserve may be used."""
        return search(self._client, self._rules, text, limit)

    def web_url(self, reference: str) -> str:
        """Give the issue's page."""
        repository, _, number = reference.removeprefix(f"{self.name}:").partition("#")
        return f"{self._rules.web_url}/{repository}/issues/{number}"

    def check(self, kept: KeptIssues | None = None) -> tuple[Check, ...]:
        """Try the sign-in, the requests left, and each permission in each repository; the reserve may be used."""
        return checks(self._client, self._rules, self._costs(kept))

    def _costs(self, kept: KeptIssues | None) -> Costs:
        return Costs(kept, has_graphql=self._has_graphql)
