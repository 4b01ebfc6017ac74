"""What a repository costs: page by page as it changed, or all that is kept of it by GraphQL; asks nothing of GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

from bugbridge.core.records import IssueRow
from bugbridge.ports import KeptIssues
from bugbridge.trackers.github_graphql import BATCH

LIST_PAGE = 100
ONE_BY_ONE = 2  # requests for an issue where there is no GraphQL: itself and its timeline
NEWEST = 1  # one request for the newest change


@dataclass(frozen=True, slots=True)
class Costs:
    """Compares the two ways to learn what changed. Without `kept` only one of them is known."""

    kept: KeptIssues | None = None
    has_graphql: bool = True

    def cheaper(self, project: str, pages_left: int) -> Sequence[IssueRow] | None:
        """Give all that is kept of a repository where reading it costs less than listing the pages left, else None."""
        if self.kept is None or pages_left <= NEWEST:
            return None
        kept = self.kept(project)
        return kept if NEWEST + self._reading(kept) < pages_left else None

    def sentence(self, project: str) -> str:
        """Say for people what the choice goes by."""
        if self.kept is None:
            return ""
        kept = self.kept(project)
        requests_needed = self._reading(kept)
        return (
            f" {_counted(len(kept), 'issue is', 'issues are')} kept; reading all of them costs"
            f" {_counted(requests_needed, 'request', 'requests')}, {LIST_PAGE} changed issues one."
            f" All are read where more than {_counted(NEWEST + requests_needed, 'page', 'pages')} of changes are left."
        )

    def _reading(self, kept: Sequence[IssueRow]) -> int:
        """Count requests. What is gone is asked for by itself too, because only REST tells where it went."""
        if not self.has_graphql:
            return ONE_BY_ONE * len(kept)
        return -(-len(kept) // BATCH) + sum(issue.gone for issue in kept)


def pages_left(first: requests.Response, read: int) -> int:
    """Tell how many pages follow those read, by the first answer's Link header.

    It may not name the last one, as with cursors (apis.md, trap 21): then as many are expected as were read, so that
    a wrong guess at most doubles the cost.
    """
    last = parse_qs(urlsplit(first.links.get("last", {}).get("url", "")).query).get("page", [""])[0]
    return int(last) - read if last.isdecimal() else read


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
