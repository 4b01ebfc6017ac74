"""`policy replay` shows what other policies would have sent, and changes nothing."""

import io
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import Result

from bugbridge.entry.cli import cli
from bugbridge.entry.commands_replay import progress_bar, replay
from bugbridge.entry.random_draws import draws
from bugbridge.settings import shipped_folder
from tests.core.replay_scene import EVERY_14_DAYS, PLAIN, rule
from tests.entry.scene import ANOTHER_CUSTOMER, START, Scene


@pytest.fixture
def past(scene: Scene) -> Scene:
    """A bug reported by two customers nine days ago, fixed and released since, with the command in its group."""
    group = cli.get_command(click.Context(cli), "policy")
    assert isinstance(group, click.Group)
    group.add_command(replay)
    scene.reported_bug()
    scene.reported_bug(ANOTHER_CUSTOMER)
    return scene


def ended(scene: Scene) -> Scene:
    """The same, read up to its release."""
    scene.read()
    scene.tracker.close("github:acme/app#12", START - timedelta(days=3))
    scene.read()
    scene.say("release", "acme/app#12", "4.2")
    scene.read()
    return scene


def written(scene: Scene, name: str, *rules: str) -> Path:
    """A policy file beside the configuration."""
    path = scene.config.parent / name
    path.write_text("\n".join([PLAIN, *rules]), encoding="utf-8")
    return path


def asked(scene: Scene, *arguments: str) -> Result:
    """Run the command."""
    return scene.run("policy", "replay", *arguments)


def test_columns_are_the_policy_in_force_and_each_new_one(past: Scene) -> None:
    """With their measures, their differences, the links and what can't be known."""
    scene = ended(past)
    written(scene, "quiet.toml", rule("all", 'tell = "nothing"'))
    written(scene, "news.toml", rule("all", 'tell = "all"'))
    said = asked(scene, "quiet.toml", "news.toml").stdout
    assert "Replayed over 1 bug with 2 links, each from its link on." in said
    rows = [line.split() for line in said.splitlines()]
    assert ["measure", "in", "force", "quiet", "news"] in rows
    assert ["updates", "2", "0", "4"] in rows
    assert ["updates", "-2.0", "+2.0"] in rows
    assert "Links that quiet changes most" in said
    assert "github:acme/app#12" in said
    assert "What a replay can't know:" in said


def test_facts_come_as_json(past: Scene) -> None:
    """All of them, also bug by bug."""
    scene = ended(past)
    written(scene, "quiet.toml", rule("all", 'tell = "nothing"'))
    facts = scene.facts("policy", "replay", "quiet.toml")
    assert [policy["name"] for policy in facts["policies"]] == ["in force", "quiet"]
    assert [policy["metrics"]["sent"] for policy in facts["policies"]] == [2, 0]
    assert facts["bugs"][0]["metrics"]["quiet"]["missed"] == 4
    [comparison] = facts["comparisons"]
    assert comparison["differences"]["sent"] == {"n": 1, "mean": -2, "low": None, "high": None}
    assert [(len(link["in_force"]), link["instead"]) for link in comparison["links"]] == [(1, []), (1, [])]
    assert len(facts["cannot_know"]) > 3


def test_the_same_history_gives_the_same_answer(past: Scene) -> None:
    """Chance included."""
    scene = ended(past)
    written(scene, "often.toml", rule("all", EVERY_14_DAYS))
    first, second = (scene.facts("policy", "replay", "often.toml")["comparisons"] for _ in range(2))
    assert first == second
    assert list(draws(5)) == list(draws(5))
    assert {number for draw in draws(3) for number in draw} == {0, 1, 2}
    assert len(list(draws(3))) == 2_000


def test_nothing_is_changed(past: Scene) -> None:
    """Neither the policy in force nor a decision."""
    scene = ended(past)
    written(scene, "often.toml", rule("all", EVERY_14_DAYS))
    asked(scene, "often.toml")
    assert scene.facts("plan") == {"decided": 0, "changed": 0, "checked": 0}


def test_a_page_is_written(past: Scene) -> None:
    """Beside what is said."""
    scene = ended(past)
    written(scene, "quiet.toml", rule("all", 'tell = "nothing"'))
    said = asked(scene, "quiet.toml", "--html", "page.html").stdout
    assert "Wrote page.html." in said
    assert "<h1>" in scene.config.with_name("page.html").read_text(encoding="utf-8")


def test_a_page_that_cant_be_written_is_said(past: Scene) -> None:
    """In one sentence, with the exit code of files."""
    scene = ended(past)
    written(scene, "quiet.toml", rule("all", 'tell = "nothing"'))
    result = asked(scene, "quiet.toml", "--html", "missing/page.html")
    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)


def test_bugs_are_chosen_by_number_or_by_date(past: Scene) -> None:
    """Not by both."""
    scene = ended(past)
    written(scene, "quiet.toml", rule("all", 'tell = "nothing"'))
    assert len(scene.facts("policy", "replay", "quiet.toml", "--last", "1")["bugs"]) == 1
    assert len(scene.facts("policy", "replay", "quiet.toml", "--since", "2026-06-01")["bugs"]) == 1
    assert scene.facts("policy", "replay", "quiet.toml", "--since", "2026-06-14")["bugs"] == []
    both = asked(scene, "quiet.toml", "--last", "1", "--since", "2026-06-01")
    assert (both.exit_code, both.stderr.count("\n")) == (2, 1)


def test_with_nothing_to_replay_it_says_what_to_do(past: Scene) -> None:
    """Before anything was read."""
    written(past, "quiet.toml", rule("all", 'tell = "nothing"'))
    result = asked(past, "quiet.toml")
    assert (result.exit_code, "bugbridge sync" in result.stdout) == (0, True)


def test_all_files_problems_are_reported_at_once(past: Scene) -> None:
    """Each with its file and line; nothing is replayed."""
    wrong = written(past, "wrong.toml", rule("all", 'tell = "everything"'))
    wrong.with_name("worse.toml").write_text("version = 2\n", encoding="utf-8")
    result = asked(past, "wrong.toml", "worse.toml", "absent.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    for part in ("wrong.toml:", "worse.toml:1: The policy must say version = 1.", "The policy absent.toml can't be"):
        assert part in result.stderr


def test_a_file_is_given_once(past: Scene) -> None:
    """The same column twice would say nothing; two files of one name are called as they were typed."""
    written(past, "quiet.toml", rule("all", 'tell = "nothing"'))
    assert asked(past, "quiet.toml", "quiet.toml").exit_code == 2
    (past.config.parent / "next").mkdir()
    written(past, "next/quiet.toml", rule("all", 'tell = "all"'))
    facts = past.facts("policy", "replay", "quiet.toml", "next/quiet.toml")
    assert [policy["name"] for policy in facts["policies"]] == ["in force", "quiet.toml", "next/quiet.toml"]


def test_the_shipped_policy_against_itself_differs_nowhere(past: Scene) -> None:
    """As one that is in force already."""
    scene = ended(past)
    text = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    scene.config.with_name("same.toml").write_text(text, encoding="utf-8")
    assert "same: every customer hears on the same days as now." in asked(scene, "same.toml").stdout


class _Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_progress_is_shown_where_somebody_watches() -> None:
    """And nowhere else."""
    watched, unwatched = _Terminal(), io.StringIO()
    for stream in (watched, unwatched):
        with progress_bar(stream) as progress:
            progress(1, 2)
            progress(2, 2)
    assert "Replaying" in watched.getvalue()
    assert "100%" in watched.getvalue()
    assert unwatched.getvalue() == ""
