"""The crash test as a program: a few kills, and a story that the seed alone decides."""

import json
import subprocess
import sys
from itertools import islice

from scripts.crash.story import Phase, Story

PHASES = 8
SECONDS = 120


def begun(seed: int) -> list[Phase]:
    """Give the first phases of a seed's story."""
    return list(islice(Story(seed).phases(), PHASES))


def test_the_story_follows_from_the_seed() -> None:
    """Two tellings of one seed are equal, those of two seeds differ."""
    assert begun(7) == begun(7)
    assert begun(7) != begun(8)


def test_a_few_kills_lose_and_repeat_nothing() -> None:
    """As many as were asked for, with updates posted; the whole test runs in `.ci/run`."""
    command = [sys.executable, "-m", "scripts.crash", "--kills", "3", "--seed", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (facts,) = json.loads(done.stdout)
    assert (facts["kills"], facts["lost"], facts["repeated"], facts["problems"]) == (3, 0, 0, [])
    assert facts["updates"] > 0
