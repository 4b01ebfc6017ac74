"""What is logged, and how: text for people on a terminal, one JSON object a line for programs.

Every line that a step of the daemon has logged while it ran names its job and its cycle, an id of that one run. What
libraries log may quote tickets, issues and addresses, and so may the text of a mistake of ours: of both, only the kind
and place are put out.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from bugbridge.core.errors import BugBridgeError, ConfigError
from bugbridge.render.plain import clean, clean_line

FORMAT_VARIABLE = "BUGBRIDGE_LOG"
FORMATS = ("text", "json")
OURS = "bugbridge"


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of one job; the id is random."""

    job: str
    id: str


_cycle: ContextVar[Cycle | None] = ContextVar("cycle", default=None)


@contextmanager
def in_cycle(cycle: Cycle) -> Iterator[None]:
    """Have every line that is logged inside, by this thread, name the cycle."""
    token = _cycle.set(cycle)
    try:
        yield
    finally:
        _cycle.reset(token)


@contextmanager
def logging_to(stream: TextIO, chosen: str) -> Iterator[None]:
    """Log from INFO on to a stream, as "text" or "json"; nothing is left of it afterwards."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if chosen == "json" else PlainLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def log_format(chosen: str | None, environ: Mapping[str, str], stream: TextIO | None = None) -> str:
    """Give "text" or "json": as chosen, else as the environment says, else text where a person reads along.

    Raises ConfigError for any other word in the environment.
    """
    named = chosen or environ.get(FORMAT_VARIABLE, "")
    if named and named not in FORMATS:
        raise ConfigError([f"{FORMAT_VARIABLE} must be text or json, not {clean_line(named)}."])
    return named or ("text" if (stream or sys.stderr).isatty() else "json")


class PlainLines(logging.Formatter):
    """`2026-06-15 11:00:00+02:00 INFO [3f9a2c1b] send: 1 reminder posted`, in local time."""

    def format(self, record: logging.LogRecord) -> str:
        """Put it on one line, with nothing in it that could steer a terminal."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(" ", "seconds")
        cycle = _cycle.get()
        mark = f"[{cycle.id}] " if cycle else ""
        return f"{at} {record.levelname} {mark}{clean(_told(record))}"


class JsonLines(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, and job and cycle where a step said it."""

    def format(self, record: logging.LogRecord) -> str:
        """Put it as JSON."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = {"time": at.replace("+00:00", "Z"), "level": record.levelname, "logger": record.name}
        facts |= {"message": clean(_told(record))}
        cycle = _cycle.get()
        if cycle:
            facts |= {"job": cycle.job, "cycle": cycle.id}
        return json.dumps(facts, ensure_ascii=False)


def complain(error: BugBridgeError) -> None:
    """Log what ends the process, a line for each problem."""
    for line in str(error).splitlines():
        logging.getLogger("bugbridge.daemon").error("%s", line)


def where(error: BaseException) -> str:
    """Name the kind and place of a mistake of ours; its text may quote a ticket."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__}{line}"


def _told(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    if record.name.partition(".")[0] == OURS:
        return f"{record.getMessage()} ({where(error)})" if error else record.getMessage()
    place = where(error) if error else f"{os.path.basename(record.pathname)}:{record.lineno}"  # noqa: PTH119 - text
    return f"{record.name} said something at {place}; it is left out, since it may quote a ticket."
