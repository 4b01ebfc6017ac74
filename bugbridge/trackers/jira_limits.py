"""How long Jira asks to be left alone, read from an answer's headers; asks nothing."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from bugbridge.core.instants import instant_from_text
from bugbridge.http import LONGEST_RETRY_AFTER, retry_after

RESERVE = 0.2  # the share of a limit that is left to people
SHORTEST = timedelta(seconds=1)
USUAL = timedelta(minutes=1)  # where Jira says neither when more is allowed nor which limit it is
UNSAID = {"burst": timedelta(seconds=5), "per-issue": timedelta(seconds=5), "quota": timedelta(hours=1)}
"""By a part of RateLimit-Reason: bursts are counted by the second, quotas by the hour."""


def pause_asked(response: requests.Response) -> timedelta:
    """Give how long to wait after a 429: as it says, else until the limit's reset, else by the limit's kind.

    Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/.
    """
    said = _retry_after(response)
    if said is None:
        said = _until_reset(response)
    if said is None:
        reason = response.headers.get("RateLimit-Reason", "").lower()
        said = next((wait for word, wait in UNSAID.items() if word in reason), USUAL)
    return max(SHORTEST, said)


def pause_for_people(response: requests.Response) -> timedelta | None:
    """Give how long to wait because less than the reserve is left, or None where enough is."""
    left, limit = _number(response, "X-RateLimit-Remaining"), _number(response, "X-RateLimit-Limit")
    short = left is not None and limit is not None and left < RESERVE * limit
    if not short and response.headers.get("X-RateLimit-NearLimit", "").strip().lower() != "true":
        return None
    return max(SHORTEST, _until_reset(response) or _until_filled(response) or USUAL)


def _retry_after(response: requests.Response) -> timedelta | None:
    """Read it as `retry_after` does, but a date by the server's own clock, which may not be ours."""
    try:
        return _wait(response, parsedate_to_datetime(response.headers.get("Retry-After", "")))
    except (ValueError, OverflowError):
        return retry_after(response)


def _until_reset(response: requests.Response) -> timedelta | None:
    """Cloud names an instant, to the minute."""
    try:
        return _wait(response, instant_from_text(response.headers.get("X-RateLimit-Reset", "")))
    except ValueError:
        return None


def _wait(response: requests.Response, until: datetime) -> timedelta:
    """Give how long until an instant of the server's."""
    try:
        now = parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        now = datetime.now(UTC)
    return min(max(until.astimezone(UTC) - now, timedelta()), LONGEST_RETRY_AFTER)


def _until_filled(response: requests.Response) -> timedelta | None:
    """Data Center allows so many requests more in each interval."""
    left, limit = _number(response, "X-RateLimit-Remaining"), _number(response, "X-RateLimit-Limit")
    interval, more = _number(response, "X-RateLimit-Interval-Seconds"), _number(response, "X-RateLimit-FillRate")
    if left is None or limit is None or not interval or not more:
        return None
    wait = timedelta(seconds=math.ceil((RESERVE * limit - left) / more) * interval)
    return min(wait, LONGEST_RETRY_AFTER)


def _number(response: requests.Response, header: str) -> int | None:
    text = response.headers.get(header, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
