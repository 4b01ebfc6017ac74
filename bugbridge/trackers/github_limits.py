"""GitHub's limits: how to tell one from a missing right, how long to wait, and what to leave to people."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests

from bugbridge.core.errors import RateLimitedError
from bugbridge.http import LONGEST_RETRY_AFTER, retry_after

SECONDARY_WAIT = timedelta(seconds=60)  # GitHub's advice where a limit comes without a time
SHORTEST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Budget:
    """What one answer said of a limit: how many of how many are left, and until when, in seconds of our own clock."""

    limit: int
    remaining: int
    renewed_at: float


class Budgets:
    """What is left of each of GitHub's limits (`core`, `graphql`), as the last answers told."""

    def __init__(self, label: str, reserve_percent: int, ticks: Callable[[], float] = time.monotonic) -> None:
        """Keep `reserve_percent` of each limit for people; `ticks` counts seconds from anywhere."""
        self._label = label
        self._reserve = reserve_percent
        self._ticks = ticks
        self._known: dict[str, _Budget] = {}

    def note(self, response: requests.Response) -> None:
        """Keep what an answer says is left; without such headers nothing is limited."""
        headers = response.headers
        numbers = [headers.get(f"X-RateLimit-{word}", "") for word in ("Limit", "Remaining", "Reset")]
        if not all(number.isascii() and number.isdigit() for number in numbers):
            return
        limit, remaining, reset = (int(number[:12]) for number in numbers)
        renewed_at = self._ticks() + reset - _server_time(response).timestamp()
        self._known[headers.get("X-RateLimit-Resource", "core")] = _Budget(limit, remaining, renewed_at)

    def spare(self, resource: str) -> None:
        """Raise RateLimitedError where only the reserve is left.

        It is said once: whoever asks again after that makes one request, which tells what is left by then.
        """
        budget = self._known.get(resource)
        if budget is None or 100 * budget.remaining >= self._reserve * budget.limit:
            return
        self._known.pop(resource, None)
        wait = timedelta(seconds=min(budget.renewed_at - self._ticks() + 1, LONGEST_RETRY_AFTER.total_seconds()))
        if wait <= SHORTEST_WAIT:
            return
        raise RateLimitedError(
            f"{self._label} has {budget.remaining} of {budget.limit} requests left, which are kept for people: it goes "
            f"on by itself in {minutes(wait)}",
            wait,
        )


def is_limit(response: requests.Response) -> bool:
    """Tell a limit from a missing right: GitHub answers 403 or 429 for the one, and 403 for the other."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if response.status_code != HTTPStatus.FORBIDDEN:
        return False
    named = "Retry-After" in response.headers or response.headers.get("X-RateLimit-Remaining") == "0"
    return named or b"rate limit" in response.content[:2000].lower()


def limit_reached(label: str, response: requests.Response) -> RateLimitedError:
    """Say of an answer that is a limit how long to leave GitHub alone."""
    wait = max(_limit_wait(response), SHORTEST_WAIT)
    return RateLimitedError(f"{label} allows no more requests for {minutes(wait)}: it goes on by itself then", wait)


def minutes(wait: timedelta) -> str:
    """Put a wait into words, rounded up."""
    whole = -(-wait // timedelta(minutes=1))
    return "a minute" if whole <= 1 else f"{whole} minutes"


def _limit_wait(response: requests.Response) -> timedelta:
    """Give how long to wait, reckoned by the server's own clock where it shows one."""
    told = retry_after(response)
    if told is not None:
        return _by_server_clock(response) or told
    reset = response.headers.get("X-RateLimit-Reset", "")
    if response.headers.get("X-RateLimit-Remaining") != "0" or not (reset.isascii() and reset.isdigit()):
        return SECONDARY_WAIT
    seconds = int(reset[:12]) - _server_time(response).timestamp() + 1
    return max(SHORTEST_WAIT, timedelta(seconds=min(seconds, LONGEST_RETRY_AFTER.total_seconds())))


def _by_server_clock(response: requests.Response) -> timedelta | None:
    """Give what a Retry-After that is a date comes to by the answer's own Date, or None."""
    try:
        until, now = (parsedate_to_datetime(response.headers.get(name, "")) for name in ("Retry-After", "Date"))
        return min(until - now, LONGEST_RETRY_AFTER)
    except (ValueError, TypeError, OverflowError):
        return None


def _server_time(response: requests.Response) -> datetime:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)
