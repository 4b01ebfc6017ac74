"""A replay as one page that stands by itself: no script, nothing fetched, readable on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from bugbridge.core.replay_report import LinkDifference, Replay
from bugbridge.render.plain import clean_line
from bugbridge.render.replay_rows import days, difference_rows, headline, left_out, measure_rows
from bugbridge.render.times import stamp

TEMPLATE = "replay_page.html"
# The strip that shows a link's updates, in units of its own drawing.
STRIP_WIDTH = 1000


@dataclass(frozen=True, slots=True)
class _Strip:
    """A link as the page draws it: where each policy's updates lie between its beginning and its end."""

    ticket: str
    bug: str
    lived: str
    in_force: str
    instead: str
    in_force_at: tuple[int, ...]
    instead_at: tuple[int, ...]


def replay_page(replay: Replay, zone: str) -> str:
    """Write the page; `zone` is the reader's. Whatever stands in names is text, never markup."""
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["line"] = clean_line
    return environment.get_template(TEMPLATE).render(
        headline=headline(replay),
        until=stamp(replay.until, zone),
        zone=zone,
        names=[policy.name for policy in replay.policies],
        measures=measure_rows(replay),
        differences=difference_rows(replay),
        comparisons=[(one.name, [_strip(link, zone) for link in one.links]) for one in replay.comparisons],
        left_out=left_out(replay),
        cannot_know=replay.cannot_know,
        width=STRIP_WIDTH,
    )


def _strip(link: LinkDifference, zone: str) -> _Strip:
    return _Strip(
        ticket=link.ticket,
        bug=link.bug,
        lived=f"{days([link.begins], zone)} to {days([link.ends], zone)}",
        in_force=days(link.in_force, zone),
        instead=days(link.instead, zone),
        in_force_at=_places(link, link.in_force),
        instead_at=_places(link, link.instead),
    )


def _places(link: LinkDifference, instants: Sequence[datetime]) -> tuple[int, ...]:
    """Give how far along the strip each update lies; one after the end, on a closed day's morrow, lies at the end."""
    life = link.ends - link.begins
    if not life:
        return (0,) * len(instants)
    return tuple(min(STRIP_WIDTH, round(STRIP_WIDTH * ((at - link.begins) / life))) for at in instants)
