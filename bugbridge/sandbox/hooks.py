"""Webhooks: what GitHub and Jira tell those who registered, signed as they sign it, sent by a thread of its own."""

import hashlib
import hmac
import json
import threading
import uuid

import requests

from bugbridge.sandbox import github_json, jira_json
from bugbridge.sandbox.wire import Json
from bugbridge.sandbox.world import (
    Delivery,
    GitHubEvent,
    GitHubIssue,
    Hook,
    JiraChange,
    JiraIssue,
    Release,
    UnknownError,
    World,
)

TIMEOUT_SECONDS = 10
SERVERS = ("github", "jira")
GITHUB_ACTIONS = {"closed", "reopened", "labeled", "unlabeled", "assigned", "unassigned", "locked"}


def signature(secret: str, body: bytes) -> str:
    """What both vendors write: `sha256=` and the body's HMAC-SHA256 in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def register(world: World, server: str, url: str, secret: str) -> Hook:
    """Tell `url` of all that happens from now on; GitHub begins with a ping. ValueError for another server."""
    if server not in SERVERS:
        raise ValueError(f"unknown server {server!r}; there are {', '.join(SERVERS)}")
    hook = Hook(world.new_id(), server, url, secret)
    world.hooks.append(hook)
    if server == "github":
        settings = {"content_type": "json", "insecure_ssl": "0", "url": url}
        about = {"type": "Repository", "id": hook.id, "name": "web", "active": True, "events": ["*"]}
        zen = "Keep it logically awesome."
        _queue(world, hook, "ping", {"zen": zen, "hook_id": hook.id, "hook": {**about, "config": settings}})
    return hook


def _queue(world: World, hook: Hook, event: str, payload: Json) -> None:
    body, identifier = json.dumps(payload).encode(), str(uuid.UUID(int=world.new_id() << 64 | 0x4000 << 48))
    headers = {"Content-Type": "application/json"}
    if hook.server == "github":
        headers |= {"User-Agent": "GitHub-Hookshot/sandbox", "X-GitHub-Event": event, "X-GitHub-Delivery": identifier}
        headers |= {"X-GitHub-Hook-ID": str(hook.id)}
    else:
        headers |= {"User-Agent": "Atlassian HttpClient", "X-Atlassian-Webhook-Identifier": identifier}
        headers |= {"X-Atlassian-Webhook-Flow": "Primary"}
    if hook.secret:
        name = "X-Hub-Signature-256" if hook.server == "github" else "X-Hub-Signature"
        headers[name] = signature(hook.secret, body)
    delivery = Delivery(identifier, hook, event, body, headers)
    world.deliveries.append(delivery)
    world.outbox.put(delivery)


def redeliver(world: World, identifier: str) -> Delivery:
    """Send a message again under its old identifier; UnknownError where there was none."""
    for delivery in world.deliveries:
        if delivery.identifier == identifier:
            if delivery.hook.server == "jira":
                delivery.headers["X-Atlassian-Webhook-Retry"] = str(len(delivery.statuses))
            world.outbox.put(delivery)
            return delivery
    raise UnknownError(identifier)


def _listening(world: World, server: str) -> list[Hook]:
    return [hook for hook in world.hooks if hook.server == server]


def _repository(world: World, name: str) -> Json:
    base = world.addresses.get("github", "")
    return github_json.repository(base, name, github_json.number_of(world.first_name(name)), 0)


def _tell_github(world: World, event: str, repository: str, actor: str, payload: Json) -> None:
    base = world.addresses.get("github", "")
    about = {"repository": _repository(world, repository), "sender": github_json.user(base, actor)}
    for hook in _listening(world, "github"):
        _queue(world, hook, event, {**payload, **about})


def tell_issue(world: World, issue: GitHubIssue, action: str, actor: str, further: Json | None = None) -> None:
    """`issues`: something happened to an issue. Pull requests are told of under another name, which nobody needs."""
    if issue.pull_request or not _listening(world, "github"):
        return
    base = world.addresses.get("github", "")
    shown = github_json.issue(base, issue)
    _tell_github(world, "issues", issue.repository, actor, {"action": action, "issue": shown, **(further or {})})


def tell_event(world: World, issue: GitHubIssue, happened: GitHubEvent) -> None:
    """The message for an entry of the timeline, if its kind has one."""
    base = world.addresses.get("github", "")
    if happened.kind in GITHUB_ACTIONS:
        label = {"label": github_json.label(base, issue.repository, happened.label)} if happened.label else {}
        assignee = {"assignee": github_json.user(base, happened.assignee)} if happened.assignee else {}
        tell_issue(world, issue, happened.kind, happened.actor, {**label, **assignee})


def tell_comment(world: World, issue: GitHubIssue, happened: GitHubEvent, action: str) -> None:
    """`issue_comment`: one was `created`, `edited` or `deleted`."""
    base = world.addresses.get("github", "")
    shown = {"issue": github_json.issue(base, issue), "comment": github_json.comment(base, issue, happened)}
    _tell_github(world, "issue_comment", issue.repository, happened.actor, {"action": action, **shown})


def tell_release(world: World, release: Release, action: str, actor: str) -> None:
    """`release`: one was `created` as a draft, or `published`."""
    base = world.addresses.get("github", "")
    payload = {"action": action, "release": github_json.release(base, release)}
    _tell_github(world, "release", release.repository, actor, payload)


def tell_transfer(world: World, issue: GitHubIssue, old: Json, actor: str) -> None:
    """`issues` `transferred`: `old` is the issue as it was shown before."""
    base = world.addresses.get("github", "")
    moved = {"new_issue": github_json.issue(base, issue), "new_repository": _repository(world, issue.repository)}
    former = "/".join(str(old["repository_url"]).split("/")[-2:])
    _tell_github(world, "issues", former, actor, {"action": "transferred", "issue": old, "changes": moved})


def tell_jira(
    world: World, issue: JiraIssue, event: str, changes: list[JiraChange], further: Json | None = None
) -> None:
    """`jira:issue_updated` and its like, with the changed fields."""
    hooks, base = _listening(world, "jira"), world.addresses.get("jira", "")
    if not hooks:
        return
    shown = jira_json.issue(base, world, issue, {"*all"}, "2")
    payload = {"user": jira_json.user(base, "octavia"), "issue": shown, **(further or {})}
    if changes:
        items = [item for change in changes for item in jira_json.history(base, change)["items"]]
        payload["changelog"] = {"id": str(changes[-1].id), "items": items}
    tell_jira_of(world, event, {"issue_event_type_name": "issue_generic", **payload})


def tell_jira_of(world: World, event: str, payload: Json) -> None:
    """Any message of Jira, with its time in epoch milliseconds."""
    moment = int(world.moment().timestamp() * 1000)
    for hook in _listening(world, "jira"):
        _queue(world, hook, event, {"timestamp": moment, "webhookEvent": event, **payload})


class Post:
    """Sends what lies in the world's outbox, in order, without holding the world's lock."""

    def __init__(self, world: World) -> None:
        """Nothing is sent before `start`."""
        self._world = world
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sandbox-post", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """End after the message under way."""
        self._over.set()
        self._world.outbox.put(_LAST)
        if self._thread.is_alive():
            self._thread.join(TIMEOUT_SECONDS)

    def _work(self) -> None:
        while not self._over.is_set():
            delivery = self._world.outbox.get()
            if delivery is not _LAST:
                delivery.statuses.append(_send(delivery))
            self._world.outbox.task_done()


def _send(delivery: Delivery) -> int:
    try:
        answer = requests.post(delivery.hook.url, delivery.body, headers=delivery.headers, timeout=TIMEOUT_SECONDS)
    except requests.RequestException:
        return 0
    return answer.status_code


_LAST = Delivery("", Hook(0, "", "", ""), "", b"", {})
