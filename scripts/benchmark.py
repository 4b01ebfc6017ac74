"""What benchmarks share: a clock that stands still, the machine's name, and lines that come at once."""

import platform
import sqlite3
import sys
from dataclasses import dataclass
from datetime import datetime
from os import cpu_count
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StandingClock:
    """The same instant throughout, at which made-up histories end: only the work takes time."""

    at: datetime

    def now(self) -> datetime:
        """Give that instant."""
        return self.at


def machine() -> str:
    """Say on what the times were taken."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    python, sqlite = platform.python_version(), sqlite3.sqlite_version
    return f"{model}, {cpu_count()} cores, {platform.system()}; Python {python}, SQLite {sqlite}"


def say(sentence: str) -> None:
    """Put a line out at once, since the larger sizes take minutes."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()
