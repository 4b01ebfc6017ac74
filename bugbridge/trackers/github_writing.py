"""Writes to GitHub's issues: one comment of ours, found again by its marker, and a label."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlsplit

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.instants import instant_from_text
from bugbridge.core.write_back import OwnComment, SeenIssue, TicketLink
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.github import GitHubOptions
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_reading import OUR_MARK

PAGE = 100
MOST_PAGES = 100  # GitHub takes 2,500 comments an issue; a longer list is no list


class GitHubWriter:
    """Writes with the tracker's own account. An App's own comments are those of a bot with our marker."""

    takes_ticket_links = False

    def __init__(self, options: GitHubOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is asked yet. `sleep` waits some seconds between attempts at a read."""
        self.name = options.name
        self._projects = {project.lower() for project in options.projects}
        address = options.api_url.rstrip("/")
        self._client = GitHubClient(options.credentials(), address, sleep, options.reserve_percent).sparing()

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._client.longest_call

    def is_public(self, reference: str) -> bool:
        """Take a repository for public unless GitHub says that it is private; an internal one is."""
        repository, _ = self._parts(reference)
        shown = self._read(f"/repos/{repository}")
        return shown.get("private") is not True

    def look(self, reference: str) -> SeenIssue:
        """Read an issue where it is now. Raises NotFoundError for one that moved out of the configured projects."""
        repository, number = self._parts(reference)
        shown = self._read(f"/repos/{repository}/issues/{number}")
        with self._client.understood(reference):
            landed = "/".join(urlsplit(str(shown["repository_url"])).path.split("/")[-2:])
            now_called = f"{self.name}:{landed}#{int(shown['number'])}"
            labels = tuple(str(as_object(label)["name"]) for label in shown["labels"])
        if landed.lower() not in self._projects:
            raise NotFoundError(f"{reference} was moved to {landed}, in none of the projects of {self.name}.")
        return SeenIssue(now_called, labels)

    def find_comment(self, reference: str, marker: str) -> OwnComment | None:
        """Look through all comments; somebody else's that quotes our marker isn't ours."""
        repository, number = self._parts(reference)
        tail = _tail(marker)
        for comment in self._comments(f"/repos/{repository}/issues/{number}/comments?per_page={PAGE}"):
            with self._client.understood(f"the comments of {reference}"):
                body = str(comment.get("body") or "")
                if tail.strip() in body and self._is_ours(as_object(comment["user"] or {})):
                    written_at = instant_from_text(str(comment["updated_at"]))
                    text = body.replace("\r\n", "\n").removesuffix(tail)
                    return OwnComment(str(int(comment["id"])), text, written_at)
        return None

    def add_comment(self, reference: str, text: str, marker: str) -> str:
        """Post the text with the marker in an HTML comment, which GitHub doesn't show."""
        repository, number = self._parts(reference)
        path = f"/repos/{repository}/issues/{number}/comments"
        document, _ = self._client.write_json("POST", path, {"body": text + _tail(marker)})
        with self._client.understood(f"the comment on {reference}"):
            return str(int(as_object(document)["id"]))

    def edit_comment(self, reference: str, comment_id: str, text: str, marker: str) -> None:
        """Replace the text, and keep the marker."""
        repository, _ = self._parts(reference)
        path = f"/repos/{repository}/issues/comments/{int(comment_id)}"
        self._client.write_json("PATCH", path, {"body": text + _tail(marker)})

    def add_label(self, reference: str, label: str) -> None:
        """Add a label; GitHub makes one that the repository doesn't have yet."""
        repository, number = self._parts(reference)
        self._client.write_json("POST", f"/repos/{repository}/issues/{number}/labels", {"labels": [label]})

    def link_ticket(self, reference: str, link: TicketLink) -> None:
        """Refuse: a link would lie open in the issue's text."""
        raise RemoteError(f"{reference} takes no link to {link.title}: GitHub has none.", permanent=True)

    def unlink_ticket(self, reference: str, global_id: str) -> None:
        """Do nothing: there are no links."""

    def _parts(self, reference: str) -> tuple[str, int]:
        repository, _, number = reference.removeprefix(f"{self.name}:").partition("#")
        if repository.lower() not in self._projects or not number.isdecimal():
            raise NotFoundError(f"{reference} is in none of the projects of {self.name}.")
        return repository, int(number)

    def _read(self, path: str) -> Json:
        response = self._client.get(path)
        with self._client.understood(path):
            return as_object(self._client.parsed(response))

    def _comments(self, path: str) -> Iterator[Json]:
        for _ in range(MOST_PAGES):
            response = self._client.get(path)
            with self._client.understood("comments"):
                page = as_objects(self._client.parsed(response))
            yield from page
            path = response.links.get("next", {}).get("url", "")
            if not path:
                return
        raise RemoteError(f"{self.name} lists comments without an end: try again later")

    def _is_ours(self, author: Json) -> bool:
        return author.get("id") == self._own_id if self._own_id else author.get("type") == "Bot"

    @cached_property
    def _own_id(self) -> int:
        """Give the account's id, or 0 for an App's installation, which may not ask for it."""
        try:
            return int(self._read("/user")["id"])
        except NotFoundError:
            return 0


def _tail(marker: str) -> str:
    return f"\n\n{OUR_MARK}{marker} -->"
