"""What to set up at each tracker so that its webhooks reach `bugbridge serve`."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.settings import WEBHOOK_FIELD, secret_variable, webhook_secret
from bugbridge.settings_parts import GitHubSettings, JiraSettings

if TYPE_CHECKING:
    from bugbridge.app import App

GITHUB_EVENTS = ("Issues", "Issue comments", "Releases")
JIRA_EVENTS = (
    "Issue: created, updated, deleted",
    "Comment: created, updated, deleted",
    "Version: released, unreleased",
)
GITHUB_TEST = "GitHub sends a ping at once: Recent Deliveries shows it with the response 202."
JIRA_TEST = "Change an issue that a ticket is linked to: within seconds `bugbridge serve` logs that it read 1 issue."
UNREACHABLE = "{host} is reached from this computer alone: name the address that trackers reach with --base-url."


@click.command(short_help="See what to set up at each tracker for webhooks.")
@click.option(
    "--base-url", default="", help="Where trackers reach `bugbridge serve`, such as https://hooks.example.com."
)
@json_option
@pass_door
def hooks(door: Door, base_url: str, *, as_json: bool) -> None:
    """Show for each tracker where its webhooks are set up, with which address, events and secret, and how to test it.

    Only the secret's variable is shown, never the secret. Webhooks are optional: without them the daemon finds the
    same changes one cycle later.

    \b
    Example:
      bugbridge hooks --base-url https://hooks.example.com
    """
    app = door.app
    base = _base(app, base_url)
    facts = [_hook(name, part, base) for name, part in app.settings.trackers.items()]
    warning = "" if base_url else UNREACHABLE.format(host=base)
    say({"hooks": facts, "warning": warning}, as_json=as_json, show=lambda: _show(facts, warning))


def _base(app: "App", base_url: str) -> str:
    if not base_url:
        host = app.settings.web.host
        return f"http://{f'[{host}]' if ':' in host else host}:{app.settings.web.port}"
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{base_url!r} is no address: write it as https://hooks.example.com.")
    return base_url.rstrip("/")


def _hook(name: str, part: GitHubSettings | JiraSettings, base: str) -> Mapping[str, Any]:
    from_github = isinstance(part, GitHubSettings)
    return {
        "tracker": name,
        "set_up_at": list(_places(part)),
        "url": f"{base}/hooks/{part.kind}/{name}",
        "content_type": "application/json",
        "events": list(GITHUB_EVENTS if from_github else JIRA_EVENTS),
        "secret_variable": secret_variable(name, WEBHOOK_FIELD),
        "secret_is_set": bool(webhook_secret(name, os.environ)),
        "test": GITHUB_TEST if from_github else JIRA_TEST,
    }


def _places(part: GitHubSettings | JiraSettings) -> Iterator[str]:
    if isinstance(part, GitHubSettings):
        for project in part.projects:
            yield f"{part.url}/{project}/settings/hooks/new"
    else:
        yield f"{part.url}/plugins/servlet/webhooks"


def _show(facts: list[Mapping[str, Any]], warning: str) -> None:
    if not facts:
        tell("No tracker is configured: add one to the configuration.")
    for hook in facts:
        tell(str(hook["tracker"]), bold=True)
        for label, value in _lines(hook):
            tell(f"  {label:<13} {value}")
    if facts and warning:
        tell(warning)


def _lines(hook: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for place in hook["set_up_at"]:
        yield "set up at", place
    yield "address", hook["url"]
    yield "content type", hook["content_type"]
    yield "events", "; ".join(hook["events"])
    is_set = "it is set" if hook["secret_is_set"] else "not set: make one with `openssl rand -hex 32`"
    yield "secret", f"the value of {hook['secret_variable']} ({is_set})"
    yield "test", hook["test"]
