"""What to set up at each tracker and helpdesk so that its webhooks reach `bugbridge serve`."""

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.web.addresses import has_secret_path, shown_path
from bugbridge.settings import WEBHOOK_FIELD, secret_variable, webhook_secret
from bugbridge.settings_base import HelpdeskSection
from bugbridge.settings_parts import GitHubSettings, TrackerSettings

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
HELPDESK_TEST = "Write an internal note on a ticket: within seconds `bugbridge serve` logs that it read 1 ticket."
UNREACHABLE = "{host} is reached from this computer alone: name the address that vendors reach with --base-url."


@click.command(short_help="See what to set up at each tracker and helpdesk for webhooks.")
@click.option(
    "--base-url", default="", help="Where vendors reach `bugbridge serve`, such as https://hooks.example.com."
)
@json_option
@pass_door
def hooks(door: Door, base_url: str, *, as_json: bool) -> None:
    """Show for each tracker and helpdesk where its webhooks are set up, with which address, events and secret, and how
    to test it.

    Only the secret's variable is shown, never the secret; where a helpdesk signs nothing, the secret is the address's
    last part. Webhooks are optional: without them the daemon finds the same changes one cycle later.

    \b
    Example:
      bugbridge hooks --base-url https://hooks.example.com
    """
    app = door.app
    base = _base(app, base_url)
    facts = [_tracker_hook(name, part, base) for name, part in app.settings.trackers.items()]
    facts += [_helpdesk_hook(name, part, base) for name, part in app.settings.helpdesks.items()]
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


def _tracker_hook(name: str, part: TrackerSettings, base: str) -> Mapping[str, Any]:
    from_github = isinstance(part, GitHubSettings)
    return {
        **_common(name, part, base),
        "role": "tracker",
        "set_up_at": list(_places(part)),
        "events": list(GITHUB_EVENTS if from_github else JIRA_EVENTS),
        "body": "",
        "vendor_makes_secret": False,
        "test": GITHUB_TEST if from_github else JIRA_TEST,
    }


def _helpdesk_hook(name: str, part: HelpdeskSection, base: str) -> Mapping[str, Any]:
    webhook = part.webhook
    return {
        **_common(name, part, base),
        "role": "helpdesk",
        "set_up_at": [webhook.set_up_at],
        "events": list(webhook.events),
        "body": webhook.body,
        "vendor_makes_secret": webhook.makes_secret,
        "test": HELPDESK_TEST,
    }


def _common(name: str, part: TrackerSettings | HelpdeskSection, base: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "url": base + shown_path(name, part),
        "content_type": "application/json",
        "signed": not has_secret_path(part),
        "secret_variable": secret_variable(name, WEBHOOK_FIELD),
        "secret_is_set": bool(webhook_secret(name, os.environ)),
    }


def _places(part: TrackerSettings) -> Iterator[str]:
    if isinstance(part, GitHubSettings):
        for project in part.projects:
            yield f"{part.url}/{project}/settings/hooks/new"
    else:
        yield f"{part.url}/plugins/servlet/webhooks"


def _show(facts: list[Mapping[str, Any]], warning: str) -> None:
    if not facts:
        tell("No tracker or helpdesk is configured: add one to the configuration.")
    for hook in facts:
        tell(str(hook["name"]), bold=True)
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
    if hook["body"]:
        yield "body", hook["body"]
    yield "secret", _secret(hook)
    yield "test", hook["test"]


def _secret(hook: Mapping[str, Any]) -> str:
    """Say in words what the secret is, and where it comes from while it isn't set."""
    origin = (
        "copy the one that is shown there" if hook["vendor_makes_secret"] else "make one with `openssl rand -hex 32`"
    )
    state = "it is set" if hook["secret_is_set"] else f"not set: {origin}"
    value = f"the value of {hook['secret_variable']} ({state})"
    return value if hook["signed"] else f"{value}, as the address's last part: whoever knows the address knows it"
