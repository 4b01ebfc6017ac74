"""GitHub's answers, as far as the tracker reads them."""

from datetime import UTC, datetime
from typing import Any

API = "https://api.github.com:443"
TOKEN = "ghp_very-secret"
REFERENCE = "github:acme/app#12"
ISSUE_URL = f"{API}/repos/acme/app/issues/12"
LIST_URL = f"{API}/repos/acme/app/issues"


def day(number: int) -> datetime:
    return datetime(2026, 6, number, 9, tzinfo=UTC)


def zulu(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def issue(number: int = 12, **changes: Any) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "number": number,
        "title": "Export drops the last row",
        "state": "open",
        "state_reason": None,
        "labels": [],
        "assignees": [],
        "created_at": zulu(day(1)),
        "updated_at": zulu(day(20)),
        "closed_at": None,
        "repository_url": "https://api.github.com/repos/acme/app",
        **changes,
    }


def closed(at: datetime, reason: str | None, **changes: Any) -> dict[str, Any]:
    return issue(state="closed", state_reason=reason, closed_at=zulu(at), **changes)


def event(kind: str, at: datetime, **details: Any) -> dict[str, Any]:
    return {"event": kind, "created_at": zulu(at), **details}
