"""How much may be asked: GitHub's hour of requests or points, and the limits that a test sets until an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bugbridge.sandbox.wire import Json, http_date, zulu
from bugbridge.sandbox.world import SEED_NOW

LIMIT_PER_HOUR = 5000
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
KINDS = ("primary", "graphql", "secondary", "jira")


@dataclass
class Quota:
    """What is left of an hour's requests, or of its points in GraphQL; answers of 304 cost nothing.

    It is only shown, unless `restrict` says otherwise; then `status` is what is answered once nothing is left."""

    resource: str = "core"
    hour: datetime = SEED_NOW
    used: int = 0
    status: int | None = None

    def spend(self, now: datetime, cost: int) -> None:
        """Count one answer, in the hour that `now` lies in; with a new hour a restriction ends."""
        while now >= self.hour + timedelta(hours=1):
            self.hour, self.used, self.status = self.hour + timedelta(hours=1), 0, None
        self.used = min(self.used + cost, LIMIT_PER_HOUR)

    def restrict(self, remaining: int, until: datetime, status: int) -> None:
        """Leave only so many until an instant (UTC)."""
        self.hour, self.used, self.status = until - timedelta(hours=1), LIMIT_PER_HOUR - remaining, status

    def is_out(self, now: datetime) -> bool:
        """Whether the next request is refused."""
        self.spend(now, 0)
        return self.status is not None and self.used >= LIMIT_PER_HOUR

    def shown(self) -> dict[str, int]:
        """Limit, remaining, used, and the end of the hour in epoch seconds."""
        end = int((self.hour + timedelta(hours=1)).timestamp())
        left = LIMIT_PER_HOUR - self.used
        return {"limit": LIMIT_PER_HOUR, "remaining": left, "reset": end, "used": self.used}


@dataclass
class Limit:
    """All requests are refused until an instant (UTC).

    `kind` is `secondary` (GitHub) or `jira`; `form` is `seconds`, `date` or `none`, for how Retry-After says it;
    `reason` is Jira's RateLimit-Reason."""

    kind: str
    until: datetime
    status: int = 429
    form: str = "seconds"
    reason: str = "jira-burst-based"

    def headers(self, now: datetime) -> dict[str, str]:
        """What the refusal says of when to come back."""
        seconds = str(max(1, round((self.until - now).total_seconds())))
        told = {"seconds": {"retry-after": seconds}, "date": {"retry-after": http_date(self.until)}}.get(self.form, {})
        if self.kind != "jira":
            return told
        return {**told, "ratelimit-reason": self.reason, "x-ratelimit-reset": str(zulu(self.until))}

    def body(self) -> Json:
        """The vendor's words."""
        if self.kind == "jira":
            return {"errorMessages": ["Rate limit exceeded."], "errors": {}}
        return {"message": SECONDARY, "documentation_url": "https://docs.github.com/rest", "status": str(self.status)}
