"""At which moment a daemon is killed, and what it held then."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bugbridge.core.instants import instant_to_text
from bugbridge.sandbox.chance import Chance
from scripts.crash.evidence import opened

NOTHING = "none"
ANY_MOMENT_SHARE = 0.25
_HELD = """
    SELECT state FROM delivery
    WHERE state IN ('claimed', 'posting', 'unknown') AND owner LIKE ? AND lease_until > ?
"""


def held_by(database: Path, process: int, now: datetime) -> str:
    """Say in which state a process has the delivery that it works on, by its clock; "none" where it has none."""
    try:
        with closing(opened(database)) as connection:
            row = connection.execute(_HELD, (f"%:{process}/%", instant_to_text(now))).fetchone()
    except sqlite3.OperationalError:  # its disk is full, or it is just being made
        return NOTHING
    return str(row["state"]) if row else NOTHING


def let_live(held: Callable[[], str], chance: Chance, longest_seconds: float, work_seconds: float) -> None:
    """Wait for the moment of a death: any in a quarter of all lives, else one in its work from its first claim on."""
    if chance.happens(ANY_MOMENT_SHARE):
        time.sleep(chance.between(0, longest_seconds))
        return
    end = time.monotonic() + longest_seconds
    while time.monotonic() < end and held() == NOTHING:
        time.sleep(0.005)
    time.sleep(chance.between(0, work_seconds))
