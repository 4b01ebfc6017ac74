"""The demonstration, against a second opinion that imports nothing of BugBridge."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bugbridge.entry.commands_demo import ended_by_sigterm
from bugbridge.sandbox.export import seed_document
from bugbridge.sandbox.seed import build_world

ORACLE = Path(__file__).parents[1] / "oracle" / "demo_oracle.py"
# The oracle reads none itself: it is told that the demonstration does.
PROMISES = ("--promises-read",)


def _printed(*command: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-B", *command], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_one_cycle_finds_what_an_independent_oracle_computes(tmp_path: Path) -> None:
    """Links, bugs, frequencies, updates and the audit are those of the seed, and sending again sends nothing."""
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(seed_document(build_world())), encoding="utf-8")
    expected = _printed(str(ORACLE), str(seed), *PROMISES)
    found = _printed("-m", "bugbridge", "demo", "--once", "--json")
    audit = found.pop("audit")
    assert found.pop("second_send") == 0
    assert {"n": audit["n"], "median_days": audit["median_days"]} == expected.pop("audit")
    assert found == expected
    assert all(value > 0 for value in found.values())


def test_a_demonstration_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    """SIGTERM ends it as a shell expects, and its folder with its database is removed."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "bugbridge", "demo", "--once", "--json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(tmp_path.glob("bugbridge-demo-*/bugbridge.sqlite")):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


class _AtItsEnd:
    """An object that is freed just when SIGTERM comes."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_sigterm_is_not_lost_where_python_drops_what_is_raised() -> None:
    """A signal that comes while an object is freed raises nothing there; it still ends the demonstration."""
    with pytest.raises(SystemExit) as ended, ended_by_sigterm():
        _AtItsEnd()
    assert ended.value.code == 128 + signal.SIGTERM
