"""The demonstration, against a second opinion that imports nothing of BugBridge."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bugbridge.entry.cli import cli
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


def test_its_pages_are_shown_until_ctrl_c_and_nothing_is_left(tmp_path: Path) -> None:
    """Whoever is new sees them filled, without sign-in, on this computer alone; every address that it names opens.

    A terminal sends Ctrl-C to the daemon beside it as well.
    """
    environment = {**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-B", "-m", "bugbridge", "demo", "--web"]
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while not said.endswith("/policy\n"):
            said += process.stdout.readline()
            assert process.poll() is None, said
        named = dict(re.findall(r"^  (\S.+?)  +http://127\.0\.0\.1:\d+(/.+)$", said, re.MULTILINE))
        address = re.search(r"http://(127\.0\.0\.1:\d+)/ ", said)
        assert address
        answers = [_asked(address[1], path) for path in ("/", *named.values())]
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    assert [status for status, _ in answers] == [303, *[200] * 6]
    assert "/rounds/github" in dict(zip(named.values(), [text for _, text in answers[1:]], strict=True))["/rounds"]
    assert (process.returncode, list(tmp_path.iterdir())) == (0, [])


def _asked(address: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", path, headers={"Accept": "text/html"})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize("other", ["--once", "--json"])
def test_its_pages_are_no_count_of_one_cycle(other: str) -> None:
    """What can't be done together is refused before anything is."""
    refused = CliRunner().invoke(cli, ["demo", "--web", other])
    assert (refused.exit_code, refused.stderr) == (2, "--web goes with neither --once nor --json.\n")


class _AtItsEnd:
    """An object that is freed just when SIGTERM comes."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_sigterm_is_not_lost_where_python_drops_what_is_raised() -> None:
    """A signal that comes while an object is freed raises nothing there; it still ends the demonstration."""
    with pytest.raises(SystemExit) as ended, ended_by_sigterm():
        _AtItsEnd()
    assert ended.value.code == 128 + signal.SIGTERM
