"""How the tests ask the three servers, signed in unless they say otherwise."""

from typing import Any

import requests

from bugbridge.sandbox import sign_in
from bugbridge.sandbox.server import Sandbox

TIMEOUT_SECONDS = 10
GITHUB = {"Authorization": f"Bearer {sign_in.GITHUB_KEY}"}


def github(sandbox: Sandbox, path: str, method: str = "GET", **further: Any) -> requests.Response:
    """Ask GitHub."""
    headers = {**GITHUB, **further.pop("headers", {})}
    return requests.request(method, sandbox.github_url + path, headers=headers, timeout=TIMEOUT_SECONDS, **further)


def jira(sandbox: Sandbox, path: str, method: str = "GET", **further: Any) -> requests.Response:
    """Ask Jira, below /rest/api."""
    further.setdefault("auth", (sign_in.EMAIL, sign_in.JIRA_KEY))
    return requests.request(method, f"{sandbox.jira_url}/rest/api{path}", timeout=TIMEOUT_SECONDS, **further)


def zendesk(sandbox: Sandbox, path: str, method: str = "GET", **further: Any) -> requests.Response:
    """Ask Zendesk, by address and key unless other headers are given."""
    if "headers" not in further:
        further.setdefault("auth", (f"{sign_in.EMAIL}/token", sign_in.ZENDESK_KEY))
    return requests.request(method, sandbox.zendesk_url + path, timeout=TIMEOUT_SECONDS, **further)


def control(sandbox: Sandbox, name: str, **asked: Any) -> Any:
    """Make something happen, through the control endpoints of the Zendesk port."""
    response = requests.post(f"{sandbox.zendesk_url}/_sandbox/{name}", json=asked, timeout=TIMEOUT_SECONDS)
    response.raise_for_status()
    return response.json()
