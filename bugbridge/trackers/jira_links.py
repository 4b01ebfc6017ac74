"""Where an issue's remote links lead. Jira lists them for one issue at a time."""

from datetime import datetime

from bugbridge.core.errors import NotFoundError
from bugbridge.trackers.client import as_objects
from bugbridge.trackers.jira_client import ForbiddenError, JiraClient


class RemoteLinks:
    """Reads each issue's links once for each of its changes."""

    def __init__(self, client: JiraClient) -> None:
        """Ask through this client."""
        self._client = client
        self._read: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def addresses(self, id_: str, updated_at: datetime) -> tuple[str, ...]:
        """Give the addresses that an issue, last changed then, links to; none where a site has links switched off."""
        read = self._read.get(id_)
        if read is None or read[0] != updated_at:
            read = self._read[id_] = (updated_at, self._addresses(id_))
        return read[1]

    def _addresses(self, id_: str) -> tuple[str, ...]:
        try:
            response = self._client.get(self._client.path(f"issue/{id_}/remotelink"))
        except (NotFoundError, ForbiddenError):
            return ()
        with self._client.understood("remote links"):
            links = as_objects(self._client.parsed(response))
            return tuple(str(link["object"].get("url", "")) for link in links)
