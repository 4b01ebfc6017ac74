"""Writes to Jira's issues: one comment of ours, found again by its last line, a label, and links to tickets."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from urllib.parse import quote

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.instants import instant_from_text
from bugbridge.core.references import project_of
from bugbridge.core.write_back import OwnComment, SeenIssue, TicketLink
from bugbridge.http import RemoteClient
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.jira import JiraOptions
from bugbridge.trackers.jira_client import Flavour, JiraClient
from bugbridge.trackers.jira_texts import last_line

PAGE = 100
# Without it a comment on a service project's request would be sent to whoever made the request.
INTERNAL = ({"key": "sd.public.comment", "value": {"internal": True}},)
APPLICATION = {"type": "bugbridge", "name": "BugBridge"}


class JiraWriter:
    """Writes with the tracker's own account."""

    takes_ticket_links = True

    def __init__(self, options: JiraOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is asked yet. `sleep` waits some seconds between attempts at a read."""
        self.name = options.name
        self._projects = options.projects
        address = (options.api_url or options.url).rstrip("/")
        self._client = JiraClient(options.name, address, options.email, options.token, options.flavour, sleep)
        self._anybody = RemoteClient(options.name, options.url, sleep=sleep)

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._client.longest_call

    def is_public(self, reference: str) -> bool:
        """Ask for the project without signing in: whatever isn't refused is public."""
        project = project_of(self._reference(self._key(reference)))
        try:
            self._anybody.get(f"rest/api/2/project/{project}")
        except RemoteError as error:
            if error.permanent:
                return False
            raise
        return True

    def look(self, reference: str) -> SeenIssue:
        """Read an issue where it is now. Raises NotFoundError for one that moved out of the configured projects."""
        shown = self._client.read(f"issue/{self._key(reference)}", {"fields": "labels"})
        with self._client.understood(reference):
            now_called = self._reference(str(shown["key"]))
            labels = tuple(str(label) for label in as_object(shown["fields"]).get("labels") or [])
            remote_id = str(shown["id"])
        self._key(now_called)
        return SeenIssue(now_called, labels, remote_id)

    def find_comment(self, reference: str, marker: str) -> OwnComment | None:
        """Look through all comments; somebody else's that quotes our last line isn't ours."""
        for comment in self._comments(f"issue/{self._key(reference)}/comment"):
            with self._client.understood(f"the comments of {reference}"):
                body = _plain(comment["body"]).replace("\r\n", "\n")
                if body.endswith(last_line(marker)) and self._is_ours(as_object(comment.get("author") or {})):
                    written_at = instant_from_text(str(comment["updated"]))
                    text = body.removesuffix(last_line(marker)).rstrip()
                    return OwnComment(str(comment["id"]), text, written_at)
        return None

    def add_comment(self, reference: str, text: str, marker: str) -> str:
        """Post the text and, as its last line, the marker."""
        path = self._client.path(f"issue/{self._key(reference)}/comment")
        payload = {"body": self._body(text, marker), "properties": list(INTERNAL)}
        document, _ = self._client.write_json("POST", path, payload)
        with self._client.understood(f"the comment on {reference}"):
            return str(as_object(document)["id"])

    def edit_comment(self, reference: str, comment_id: str, text: str, marker: str) -> None:
        """Replace the text, and keep the last line."""
        path = self._client.path(f"issue/{self._key(reference)}/comment/{quote(comment_id, safe='')}")
        payload = {"body": self._body(text, marker), "properties": list(INTERNAL)}
        self._client.write_json("PUT", path, payload)

    def add_label(self, reference: str, label: str) -> None:
        """Add a label beside those that are there."""
        path = self._client.path(f"issue/{self._key(reference)}")
        self._client.write_json("PUT", path, {"update": {"labels": [{"add": label}]}})

    def link_ticket(self, reference: str, link: TicketLink) -> None:
        """Send every field each time: Jira empties those that are left out."""
        shown = {"url": link.url, "title": link.title, "summary": "", "icon": {}}
        payload = {
            "globalId": link.global_id,
            "application": APPLICATION,
            "relationship": "reported in",
            "object": {**shown, "status": {"resolved": link.resolved, "icon": {}}},
        }
        self._client.write_json("POST", self._client.path(f"issue/{self._key(reference)}/remotelink"), payload)

    def unlink_ticket(self, reference: str, global_id: str) -> None:
        """Take a link of ours away."""
        path = f"issue/{self._key(reference)}/remotelink?globalId={quote(global_id, safe='')}"
        with suppress(NotFoundError):
            self._client.write_json("DELETE", self._client.path(path), None)

    def _reference(self, key: str) -> str:
        return f"{self.name}:{key}"

    def _key(self, reference: str) -> str:
        key = reference.removeprefix(f"{self.name}:")
        project, _, number = key.rpartition("-")
        if project not in self._projects or not number.isdecimal():
            raise NotFoundError(f"{reference} is in none of the projects of {self.name}.")
        return key

    def _comments(self, path: str) -> Iterator[Json]:
        start = 0
        while True:
            answer = self._client.read(path, {"startAt": start, "maxResults": PAGE})
            with self._client.understood("comments"):
                page, total = as_objects(answer["comments"]), int(answer["total"])
            yield from page
            start += len(page)
            if not page or start >= total:
                return

    def _is_ours(self, author: Json) -> bool:
        return self._own_id != "" and _person(author) == self._own_id

    @cached_property
    def _own_id(self) -> str:
        return _person(self._client.read("myself"))

    def _body(self, text: str, marker: str) -> object:
        """Write a comment as the flavour wants it: Cloud's version 3 takes documents, Data Center's 2 plain text."""
        parts = (text, last_line(marker))
        if self._client.flavour is Flavour.DATA_CENTER:
            return "\n\n".join(parts)
        paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": part}]} for part in parts]
        return {"type": "doc", "version": 1, "content": paragraphs}


def _person(shown: Json) -> str:
    """Name an account: Cloud by its id, Data Center by its key."""
    return str(shown.get("accountId") or shown.get("key") or "")


def _plain(body: object) -> str:
    """Give the text of a comment, of a document its paragraphs' own."""
    if isinstance(body, str):
        return body
    return "\n\n".join(
        "".join(str(node.get("text", "")) for node in as_objects(block.get("content") or []))
        for block in as_objects(as_object(body)["content"])
    )
