"""How Jira Cloud is searched: by tokens instead of numbers, and with changelogs cut short."""

from collections.abc import Collection, Iterator, Sequence

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.jira_client import ForbiddenError, JiraClient, QueryRefusedError

PAGE = 100
BULK = 1000  # changelogs asked for in one request
TRUNCATED_FROM = 40  # a search holds about so many of the latest changes, and may not say that there are more


class JiraCloud:
    """Reads of /search/jql, whose old form answers 410, and of changelogs."""

    def __init__(self, client: JiraClient, fields: Sequence[str]) -> None:
        """Ask through this client, for these fields of issues that are read whole."""
        self._client = client
        self._fields = list(fields)

    def newest(self, condition: str) -> list[Json]:
        """Give the issue changed last, if there is any."""
        asked = {"jql": f"{condition} ORDER BY updated DESC", "fields": ["updated"], "maxResults": 1}
        return self._page(self._client.ask("search/jql", asked))

    def found(self, jql: str, limit: int) -> list[Json]:
        """Give at most so many issues that a query finds, with their summaries."""
        return self._page(self._client.ask("search/jql", {"jql": jql, "fields": ["summary"], "maxResults": limit}))

    def changed(self, condition: str, since: int, written: Collection[str]) -> Iterator[list[Json]]:
        """Give pages of issues changed since (epoch milliseconds), oldest change first.

        `written` are the ids of issues that we wrote to: the index may not have them yet, and is told to look.
        """
        asked: Json = {
            "jql": f"{condition} AND updated >= {since} ORDER BY updated ASC",
            "fields": ["updated"],
            "maxResults": PAGE,
        }
        return self._pages(
            "search/jql", asked | ({"reconcileIssues": [int(id_) for id_ in written]} if written else {})
        )

    def by_key(self, keys: Sequence[str]) -> list[Json]:
        """Give those of up to fifty issues that a search shows. Raises QueryRefusedError for a key that is unknown."""
        asked = {
            "jql": f"key in ({', '.join(keys)})",
            "fields": self._fields,
            "expand": "changelog",
            "maxResults": PAGE,
        }
        return [issue for page in self._pages("search/jql", asked) for issue in page]

    def changelogs(self, issues: Sequence[Json]) -> dict[str, list[Json]]:
        """Give the whole changelog of each issue by its id; what comes with a search leaves out the oldest changes."""
        with self._client.understood("changelogs"):
            shown = {str(issue["id"]): embedded_changelog(issue) for issue in issues}
        cut = [id_ for id_, (log, total) in shown.items() if len(log) < total or len(log) >= TRUNCATED_FROM]
        fetched: dict[str, list[Json]] = {}
        for start in range(0, len(cut), BULK):
            fetched |= self._in_bulk(cut[start : start + BULK])
        for id_ in cut:
            log, total = shown[id_]
            if len(fetched.get(id_, ())) < max(total, len(log)):
                fetched[id_] = self._one_by_one(id_)
        return {id_: fetched.get(id_, log) for id_, (log, _) in shown.items()}

    def _in_bulk(self, ids: Sequence[str]) -> dict[str, list[Json]]:
        """Give what one bulk request has, nothing where it is refused: then each issue is asked for alone."""
        found: dict[str, dict[str, Json]] = {}
        try:
            for page in self._answers("changelog/bulkfetch", {"issueIdsOrKeys": list(ids), "maxResults": 10 * BULK}):
                with self._client.understood("changelogs"):
                    for log in as_objects(page["issueChangeLogs"]):
                        entries = {str(entry["id"]): entry for entry in as_objects(log["changeHistories"])}
                        found.setdefault(str(log["issueId"]), {}).update(entries)
        except (NotFoundError, ForbiddenError, QueryRefusedError):
            return {}
        return {id_: list(entries.values()) for id_, entries in found.items()}

    def _one_by_one(self, id_: str) -> list[Json]:
        changes: list[Json] = []
        while True:
            answer = self._client.read(f"issue/{id_}/changelog", {"startAt": len(changes), "maxResults": PAGE})
            with self._client.understood("a changelog"):
                page = as_objects(answer["values"])
                changes += page
                if not page or answer.get("isLast") or len(changes) >= int(answer["total"]):
                    return changes

    def _page(self, answer: Json) -> list[Json]:
        with self._client.understood("a page of issues"):
            return as_objects(answer["issues"])

    def _pages(self, path: str, asked: Json) -> Iterator[list[Json]]:
        for answer in self._answers(path, asked):
            yield self._page(answer)

    def _answers(self, path: str, asked: Json) -> Iterator[Json]:
        """Give an answer's pages. Jira has repeated a page's token, which would go on for ever."""
        tokens: set[str] = set()
        further: Json = {}
        while True:
            answer = self._client.ask(path, {**asked, **further})
            yield answer
            token = str(answer.get("nextPageToken") or "")
            if not token or answer.get("isLast"):
                return
            if token in tokens:
                raise RemoteError(f"{self._client.name} leads in a circle while listing issues: try again later")
            tokens.add(token)
            further = {"nextPageToken": token}


def embedded_changelog(issue: Json) -> tuple[list[Json], int]:
    """Give the changelog that came with an issue, and how many changes there are by its own word."""
    embedded = as_object(issue.get("changelog") or {})
    return as_objects(embedded.get("histories") or []), int(embedded.get("total") or 0)
