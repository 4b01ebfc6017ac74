"""Lists of GitHub, page by page."""

from collections.abc import Iterator

import requests

from bugbridge.core.errors import RemoteError
from bugbridge.trackers.client import Json, as_objects
from bugbridge.trackers.github_client import GitHubClient


def pages(client: GitHubClient, response: requests.Response, what: str) -> Iterator[tuple[list[Json], bool]]:
    """Follow the Link header from a first answer; `page=` ends with 422 from 10,000 issues on.

    Says of each page if it is the last. Raises RemoteError for pages that lead in a circle.
    """
    asked: set[str] = set()
    while True:
        with client.understood(what):
            page = as_objects(client.parsed(response))
        following = response.links.get("next", {}).get("url", "")
        yield page, not following
        if not following:
            return
        if following in asked:
            raise RemoteError(f"{client.name} leads in a circle while listing {what}: try again later")
        asked.add(following)
        response = client.get(following)
