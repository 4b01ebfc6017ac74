"""How long Jira asks to be left alone, read from an answer's headers; asks nothing."""

import math
from datetime import UTC, datetime, timedelta

import requests

from bugbridge.core.instants import instant_from_text
from bugbridge.http import LONGEST_RETRY_AFTER, retry_after

RESERVE = 0.2  # the share of a limit that is left to people
SHORTEST = timedelta(seconds=1)
BURST = timedelta(seconds=5)  # burst limits are counted by the second, and hold for one endpoint and method
USUAL = timedelta(minutes=1)  # where Jira doesn't say when more is allowed
QUOTA = timedelta(hours=1)  # quotas are counted by the hour


def pause_asked(response: requests.Response) -> timedelta:
    """Give how long to wait after a 429: as it says, else until the limit's reset, else by the limit's kind.

    Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/.
    """
    reason = response.headers.get("RateLimit-Reason", "").lower()
    unsaid = BURST if "burst" in reason or "per-issue" in reason else QUOTA if "quota" in reason else USUAL
    said = retry_after(response)
    return max(SHORTEST, unsaid if (wait := _until_reset(response) if said is None else said) is None else wait)


def pause_for_people(response: requests.Response) -> timedelta | None:
    """Give how long to wait because less than the reserve is left, or None where enough is."""
    left, limit = _number(response, "X-RateLimit-Remaining"), _number(response, "X-RateLimit-Limit")
    short = left is not None and limit is not None and left < RESERVE * limit
    if not short and response.headers.get("X-RateLimit-NearLimit", "").strip().lower() != "true":
        return None
    return max(SHORTEST, _until_reset(response) or _until_filled(response) or USUAL)


def _until_reset(response: requests.Response) -> timedelta | None:
    """Cloud names an instant, to the minute."""
    try:
        wait = instant_from_text(response.headers.get("X-RateLimit-Reset", "")) - datetime.now(UTC)
    except ValueError:
        return None
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


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
