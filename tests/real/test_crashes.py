"""The daemon killed again and again on a real Request Tracker, which writes unconditionally: look-ups alone help."""

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bugbridge.entry.demonstration import UNLIMITED
from bugbridge.sandbox import changes, sign_in
from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.server import Sandbox
from bugbridge.settings import shipped_folder
from scripts.crash.checks import damages
from scripts.crash.evidence import Evidence, Note, deliveries_of
from scripts.crash.killing import held_by, let_live
from scripts.crash.verdict import judge, told
from tests.real.conftest import CONFIG
from tests.real.engineers import REPOSITORY, Engineers
from tests.real.people import People
from tests.real.program import Program, now
from tests.real.stories import reported
from tests.real.test_once import long_enough

KILLS = 20
TICKETS = 14
SEED = 6
LONGEST_LIFE_SECONDS = 4.0
LONGEST_WORK_SECONDS = 3.5  # about one note
RELEASE = "7.7"


@pytest.fixture
def unlimited(tmp_path: Path, people: People, engineers: Engineers) -> Program:
    """BugBridge right before Request Tracker, under a policy by which each update has a note of its own."""
    policy = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    for limit, none in UNLIMITED.items():
        policy = policy.replace(limit, none)
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    secrets = {"BUGBRIDGE_DESK_TOKEN": people.bugbridge_token, "BUGBRIDGE_GITHUB_TOKEN": sign_in.GITHUB_KEY}
    config = 'policy = "policy.toml"\n' + CONFIG.format(desk=people.url, github=engineers.url)
    return Program(tmp_path, config, secrets)


def releases_due(people: People, engineers: Engineers, sandbox: Sandbox, program: Program) -> dict[str, str]:
    """Have bugs reported, one on a ticket each, then fixed and released at once; give tickets by their issues."""
    begun = now()
    issues = [engineers.open_issue() for _ in range(TICKETS)]
    tickets = {issue: reported(people, issue) for issue in issues}
    program.facts("sync")
    program.go_live(begun)
    with sandbox.world.lock:
        for issue in issues:
            changes.fix_issue(sandbox.world, issue, "commit")
        changes.release_repository(sandbox.world, REPOSITORY, RELEASE)
    return tickets


def notes_on(people: People, tickets: list[str]) -> tuple[Note, ...]:
    """Read from Request Tracker's own history what BugBridge wrote, each with the marker in its last line."""
    return tuple(
        Note(ticket, str(place), posted.text.split()[-1])
        for ticket in tickets
        for place, posted in enumerate(people.posted_by_bugbridge(ticket))
    )


def test_twenty_kills_lose_and_repeat_nothing(
    people: People, engineers: Engineers, sandbox: Sandbox, unlimited: Program, tmp_path: Path
) -> None:
    """By Request Tracker's own record each of these tickets holds its one reminder, and some died while they posted."""
    tickets = releases_due(people, engineers, sandbox, unlimited)
    database, chance, died = tmp_path / "bugbridge.sqlite", Chance(SEED), Counter[str]()
    at = now()
    for _ in range(KILLS):
        with unlimited.daemon(start=at) as daemon:
            held = partial(held_by, database, daemon.pid, at)
            let_live(held, chance, LONGEST_LIFE_SECONDS, LONGEST_WORK_SECONDS)
            daemon.kill()
            daemon.wait()
        died[held()] += 1
        at += long_enough(people)
    with unlimited.daemon(start=at):
        unlimited.until(lambda: {each.state for each in deliveries_of(database)} == {"posted"})
        unlimited.until(lambda: len(deliveries_of(database)) == TICKETS)
    evidence = Evidence(notes_on(people, list(tickets.values())), tuple(deliveries_of(database)))
    where = [(meaning.bug, meaning.reason, ticket) for meaning, ticket in told(evidence).elements()]
    assert sorted(where) == sorted((f"github:{issue}", "released", ticket) for issue, ticket in tickets.items())
    assert judge(told(evidence), evidence, lambda _: False).problems == ()
    assert damages(database) == []
    assert died.total() == KILLS
    assert died["posting"] + died["claimed"] > 0, died
