"""Jira's answers, as far as the tracker reads them."""

from datetime import UTC, datetime
from typing import Any

from bugbridge.trackers.jira import JiraOptions

SITE = "https://acme.atlassian.net"
API = f"{SITE}/rest/api/3"
TOKEN = "ATATT-very-secret"
REFERENCE = "jira:APP-12"
STATUSES = {"1": "new", "3": "indeterminate", "5": "done"}
OPTIONS = JiraOptions("jira", SITE, ("APP",), TOKEN, "bot@acme.example")


def day(number: int, hour: int = 9) -> datetime:
    return datetime(2026, 6, number, hour, tzinfo=UTC)


def jira_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def status(number: str) -> dict[str, Any]:
    return {"id": number, "name": f"status {number}", "statusCategory": {"key": STATUSES[number]}}


def issue(key: str = "APP-12", at: str = "1", resolution: str = "", **fields: Any) -> dict[str, Any]:
    """An issue in status `at`, without its changelog."""
    shown = {
        "summary": "Export drops the last row",
        "status": status(at),
        "resolution": {"name": resolution} if resolution else None,
        "created": jira_time(day(1)),
        "updated": jira_time(day(20)),
        "labels": [],
        "fixVersions": [],
        "issuelinks": [],
        **fields,
    }
    return {"id": "10012", "key": key, "fields": shown}


def change(number: int, at: datetime, *items: tuple[str, str | None, str | None]) -> dict[str, Any]:
    """A changelog's entry; of a status the ids count, of a resolution the shown names, of a version the ids."""
    named = [
        {"field": field, "fieldId": field, "from": before, "fromString": before, "to": after, "toString": after}
        for field, before, after in items
    ]
    return {"id": str(number), "created": jira_time(at), "items": named}


def with_changes(shown: dict[str, Any], *changes: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    newest_first = list(reversed(changes))
    return {**shown, "changelog": {"histories": newest_first, "total": len(changes) if total is None else total}}
