"""Asks for pages as a browser on this very computer would, and sends their forms back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.entry.scene import Scene
from tests.entry.web.asking import Web, answer

HERE = {"Host": "127.0.0.1:8420"}
FORM = "application/x-www-form-urlencoded"
CSRF = re.compile(r'<meta name="csrf" content="(\w+)">')


@dataclass(frozen=True)
class Page:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def facts(self) -> Any:
        """What it says as JSON."""
        return json.loads(self.text)


class Browser(Web):
    """A team's web, and somebody who looks at it."""

    def __init__(self, scene: Scene, headers: Mapping[str, str] = HERE) -> None:
        super().__init__(scene, {})
        self.headers = dict(headers)

    def get(self, path: str, query: str = "", **headers: str) -> Page:
        """Ask for a page."""
        return self._ask("GET", path, b"", {**self.headers, **headers}, query)

    def post(self, path: str, fields: Mapping[str, str], page: str = "/due", **headers: str) -> Page:
        """Send a form with what the page that it stands on carries."""
        found = CSRF.search(self.get(page).text)
        own = {"csrf": found[1]} if found else {}
        body = urlencode({**own, **fields}).encode()
        return self._ask("POST", path, body, {**self.headers, "Content-Type": FORM, **headers}, "")

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], query: str) -> Page:
        sent = answer(self.application, path, [body], headers, method, query)
        told = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        text = b"".join(part.get("body", b"") for part in sent[1:]).decode()
        return Page(int(sent[0]["status"]), told, text)
