"""However many bugs were resolved, an audit of all of them holds a few numbers of each, and one bug at a time."""

import subprocess
import sys
from pathlib import Path

from scripts.made_up_bugs import Bugs, fill

FEW, MANY = 1_500, 6_000  # more than are listed one by one
MOST_BYTES_A_BUG = 400  # a gathered bug with all that its customers heard takes some 2,000

MEASURE = """
import sys, tracemalloc
from bugbridge.core.audit_model import Question
from bugbridge.services.auditing import run_audit
from bugbridge.store.sqlite import open_store
from scripts.made_up_bugs import NOW

class Clock:
    def now(self):
        return NOW

store = open_store(sys.argv[1])
run_audit(store, Clock(), Question(10))
tracemalloc.start()
audit = run_audit(store, Clock(), Question(None))
print(audit.n, tracemalloc.get_traced_memory()[1])
"""


def peak_of_auditing(path: Path, resolved: int) -> int:
    """Audit so many bugs in a process of its own, and give the most bytes that were in use at once.

    What is loaded once is there before measuring: some bugs are audited first.
    """
    fill(path, Bugs(resolved, resolved // 20, resolved // 20))
    command = [sys.executable, "-c", MEASURE, str(path)]
    seen = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd())
    measured, peak = map(int, seen.stdout.split())
    assert measured == resolved
    return peak


def test_four_times_the_bugs_take_a_few_numbers_more_each(tmp_path: Path) -> None:
    """Over the real file store."""
    few, many = (peak_of_auditing(tmp_path / f"{resolved}.sqlite", resolved) for resolved in (FEW, MANY))
    a_bug = (many - few) / (MANY - FEW)
    assert a_bug < MOST_BYTES_A_BUG, f"{few:,} bytes at {FEW:,} bugs, {many:,} at {MANY:,}"
