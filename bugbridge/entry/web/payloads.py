"""What a webhook is about, read from a payload that nobody believes: names to look up, and nothing else."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from bugbridge.services.hints import releases_of

Payload = Mapping[str, Any]

GITHUB_ISSUE_EVENTS = frozenset({"issues", "issue_comment"})
JIRA_ISSUE_EVENTS = frozenset(
    {
        "jira:issue_created",
        "jira:issue_updated",
        "jira:issue_deleted",
        "comment_created",
        "comment_updated",
        "comment_deleted",
    }
)
JIRA_RELEASE_EVENTS = frozenset({"jira:version_released", "jira:version_unreleased"})

REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
JIRA_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,254}-[1-9][0-9]{0,17}")
TICKET_ID = re.compile(r"[1-9][0-9]{0,17}")
LARGEST_NUMBER = 10**18


def read_payload(body: bytes) -> Payload:
    """Read a JSON object. Raises ValueError for anything else, also for one nested too deep."""
    try:
        payload = json.loads(body)
    except RecursionError:
        raise ValueError("The JSON is nested too deep.") from None
    if not isinstance(payload, dict):
        raise ValueError("The JSON is no object.")  # noqa: TRY004 - to the caller it is one more malformed payload
    return payload


def github_subjects(name: str, projects: Collection[str], event: str, payload: Payload) -> tuple[str, ...]:
    """Give what an event of GitHub's is about, for `receive_hint`; nothing where we have no use for it."""
    repository = _text(_part(payload, "repository"), "full_name")
    if not REPOSITORY.fullmatch(repository):
        return ()
    configured = next((known for known in sorted(projects) if known.lower() == repository.lower()), None)
    if event == "release":
        return (releases_of(name, configured),) if configured else ()
    number = _part(payload, "issue").get("number")
    if event not in GITHUB_ISSUE_EVENTS or type(number) is not int or not 0 < number < LARGEST_NUMBER:
        return ()
    # A renamed repository is kept under its new name as GitHub writes it; one only pasted, in lower case.
    spellings = [configured] if configured else [repository, repository.lower()]
    return tuple(f"{name}:{spelling}#{number}" for spelling in spellings)


def jira_subjects(name: str, payload: Payload) -> tuple[str, ...]:
    """Give what an event of Jira's is about, as for GitHub's.

    One about a version names its project by a number that we don't keep, so it may concern any project.
    """
    event = _text(payload, "webhookEvent")
    if event in JIRA_RELEASE_EVENTS:
        return (releases_of(name),)
    keys = _jira_keys(payload) if event in JIRA_ISSUE_EVENTS else ()
    return tuple(f"{name}:{key}" for key in keys if JIRA_KEY.fullmatch(key))


def named_ticket(paths: Sequence[str], payload: Payload) -> str:
    """Give the id at the first of these places that holds a number, also as text; "" where none does.

    A place is keys joined by dots, each of an object in the one before.
    """
    found = (_ticket_id(_at(payload, path.split("."))) for path in paths)
    return next(filter(None, found), "")


def _at(payload: Payload, keys: Sequence[str]) -> object:
    for key in keys[:-1]:
        payload = _part(payload, key)
    return payload.get(keys[-1])


def _ticket_id(value: object) -> str:
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and TICKET_ID.fullmatch(text) else ""


def _jira_keys(payload: Payload) -> Iterator[str]:
    """An issue that was moved comes under its new key; tickets know the one before."""
    yield _text(_part(payload, "issue"), "key")
    items = _part(payload, "changelog").get("items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("field") == "Key":
            yield _text(item, "fromString")


def _part(payload: Payload, key: str) -> Payload:
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def _text(payload: Payload, key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else ""
