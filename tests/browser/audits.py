"""The audits whose pages the browser shows, among them one with as much to draw as a team of some years has."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import exp

from bugbridge.core.audit_model import Audit, CurvePoint, NewsCell
from bugbridge.core.survival import Quantile
from bugbridge.render.audit_page import audit_page
from tests.render.audit_samples import HOSTILE, SAMPLES, rich

STEPS = 240
NEVER_FIXED = 0.11


def seasoned() -> Audit:
    """A hundred bugs, a curve in steps as fine as many bugs make them, and updates of all kinds."""
    audit = rich()
    assert audit.period is not None
    period = replace(audit.period, curve=tuple(map(_point, range(STEPS))), median=Quantile(53.2, 44.0, 66.5))
    return replace(audit, period=period, news_cells=_cells())


def overlong() -> Audit:
    """The same with names that no line has room for, and some that are out to do harm."""
    audit = seasoned()
    bugs = tuple(replace(bug, reference=f"github:acme/{'a' * 90}#{index}") for index, bug in enumerate(audit.slowest))
    nasty = replace(audit.bugs[0], reference=HOSTILE)
    return replace(audit, slowest=bugs, bugs=(nasty, *audit.bugs[1:]))


AUDITS: dict[str, Callable[[], Audit]] = {**SAMPLES, "seasoned": seasoned, "overlong": overlong}


def page(name: str) -> str:
    """The page of one of the audits."""
    return audit_page(AUDITS[name](), "Europe/Berlin")


def _point(step: int) -> CurvePoint:
    """A curve that falls from about half a day on, with limits that widen as fewer bugs are left."""
    days = 0.4 * exp(step * 8.1 / STEPS)
    waiting = NEVER_FIXED + (1 - NEVER_FIXED) / (1 + (days / 43.6) ** 1.25)
    width = 0.02 + 0.09 * step / STEPS
    return CurvePoint(days, waiting, max(waiting - width, 0.0), min(waiting + width, 1.0))


def _cells() -> tuple[NewsCell, ...]:
    """Most bugs have a piece of news or two, and up to three times as many updates."""
    cells = Counter(
        (number * 7 % 5 * (number % 3) // 2, number * 11 % 8 * (1 + number % 2) // 2) for number in range(96)
    )
    return tuple(NewsCell(news, updates, bugs) for (news, updates), bugs in sorted(cells.items()))
