"""How Jira Data Center is searched: by numbered pages of version 2, with whole changelogs."""

from collections.abc import Collection, Iterator, Sequence

from bugbridge.core.instants import instant_from_text
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.jira_client import JiraClient

PAGE = 100


class JiraDataCenter:
    """Reads of /search. A number without quotes is epoch milliseconds in its JQL too.

    Source: https://confluence.atlassian.com/spaces/JIRA052/pages/314448708/__JQL+Date+Time+Formats.
    """

    def __init__(self, client: JiraClient, fields: Sequence[str]) -> None:
        """Ask through this client, for these fields of issues that are read whole."""
        self._client = client
        self._fields = list(fields)

    def newest(self, condition: str) -> list[Json]:
        """Give the issue changed last, if there is any."""
        asked = {"jql": f"{condition} ORDER BY updated DESC", "fields": ["updated"], "maxResults": 1, "startAt": 0}
        return self._page(asked)[0]

    def found(self, jql: str, limit: int) -> list[Json]:
        """Give at most so many issues that a query finds, with their summaries."""
        return self._page({"jql": jql, "fields": ["summary"], "maxResults": limit, "startAt": 0})[0]

    def changed(self, condition: str, since: int, written: Collection[str]) -> Iterator[list[Json]]:
        """Give pages of issues changed since (epoch milliseconds), oldest change first; some come twice.

        An issue that changes meanwhile moves to the end, and every later one a place up: a page asked for by its
        number would skip one. So each is asked for by the last change of the one before, and by number only while
        more changes fall on one instant than a page holds. `written` needs no care: the index follows at once.
        """
        del written
        start = 0
        while True:
            jql = f"{condition} AND updated >= {since} ORDER BY updated ASC"
            page, total = self._page({"jql": jql, "fields": ["updated"], "maxResults": PAGE, "startAt": start})
            yield page
            if not page or start + len(page) >= total:
                return
            latest = self._latest(page)
            since, start = (latest, 0) if latest > since else (since, start + len(page))

    def by_key(self, keys: Sequence[str]) -> list[Json]:
        """Give those of up to fifty issues that a search shows. Raises QueryRefusedError for a key that is unknown."""
        jql = f"key in ({', '.join(keys)}) ORDER BY key"
        asked: Json = {"jql": jql, "fields": self._fields, "expand": ["changelog"], "maxResults": PAGE}
        found: list[Json] = []
        while True:
            page, total = self._page({**asked, "startAt": len(found)})
            found += page
            if not page or len(found) >= total:
                return found

    def changelogs(self, issues: Sequence[Json]) -> dict[str, list[Json]]:
        """Give the changelog of each issue by its id: Data Center hands out whole ones with the issues."""
        with self._client.understood("changelogs"):
            return {
                str(issue["id"]): as_objects(as_object(issue.get("changelog") or {}).get("histories") or [])
                for issue in issues
            }

    def _page(self, asked: Json) -> tuple[list[Json], int]:
        answer = self._client.ask("search", asked)
        with self._client.understood("a page of issues"):
            return as_objects(answer["issues"]), int(answer["total"])

    def _latest(self, page: Sequence[Json]) -> int:
        with self._client.understood("changed issues"):
            return max(int(instant_from_text(issue["fields"]["updated"]).timestamp() * 1000) for issue in page)
