"""Policies put in force at the command line: asked first, kept with their author, and known to running processes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bugbridge.app import App, build_app
from bugbridge.core.records import KnownUpTo
from bugbridge.entry import jobs
from bugbridge.settings import load_settings, shipped_folder
from tests.entry.scene import ANOTHER_CUSTOMER, Scene

SHIPPED = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
CALMER = SHIPPED.replace('"infrequent"              = "news"', '"infrequent"              = "nothing"')
ACME = CALMER.replace('name = "default"', 'name = "acme"\n[applies_to]\nhelpdesk = ["support"]\nbrand = ["acme"]')


@pytest.fixture(autouse=True)
def files(scene: Scene) -> None:
    """Begin with a policy file of one's own, and two others beside it."""
    scene.config.write_text(f'policy = "policy.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    for name, text in (("policy.toml", SHIPPED), ("calmer.toml", CALMER), ("acme.toml", ACME)):
        Path(name).write_text(text, encoding="utf-8")


def running(scene: Scene) -> App:
    """A process that runs on, such as the daemon or `serve`."""
    return build_app(load_settings(scene.config, {}), {})


def versions(scene: Scene) -> list[tuple[str, str, bool]]:
    """The history: each version's policy, through which door it came, and whether it is in force."""
    return [(one["name"], one["by"]["via"], one["in_force"]) for one in scene.facts("policy", "history")["versions"]]


def decided_by(scene: Scene, ticket: str) -> str:
    """The hash of the policy that decided a link last."""
    app = running(scene)
    row = app.store.find_ticket(*ticket.split(":"))
    assert row is not None
    (link,) = app.store.links_of(row.id)
    return app.store.link_history(link.key, KnownUpTo(app.store.head())).decisions[-1].ruleset_hash


def test_what_a_policy_would_change_is_said_before_it_is_asked(scene: Scene) -> None:
    """Whoever says no has changed nothing."""
    scene.reported_bug()
    scene.reported_bug(ANOTHER_CUSTOMER)
    scene.read()
    result = scene.run("policy", "apply", "calmer.toml", typed="n\n")
    assert (result.exit_code, "version" in result.stdout, versions(scene)) == (1, True, [("default", "file", True)])
    assert "would decide 2 links at once." in result.stdout
    assert "On today's facts it changes the decision of 2 links: grid-5 to grid-5: 2." in result.stdout


def test_a_policy_is_put_in_force_by_whoever_says_yes(scene: Scene) -> None:
    """It decides from then on, and is kept with who applied it."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("policy", "apply", "calmer.toml", typed="y\n")
    applied = scene.facts("policy", "history")["versions"][0]
    scene.say("plan")
    assert (result.exit_code, applied["by"]["kind"], applied["by"]["id"] != "") == (0, "agent", True)
    assert (decided_by(scene, ticket), applied["change"]["tables"]) == (applied["version"], ["grid"])


def test_a_policy_can_be_applied_by_a_program(scene: Scene) -> None:
    """It says yes beforehand, and gets the facts."""
    facts = scene.facts("policy", "apply", "acme.toml", "--yes")
    assert (facts["applied"], facts["name"], facts["links"], facts["changes"]) == (True, "acme", 0, [])
    assert versions(scene) == [("acme", "apply", True), ("default", "file", True)]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["calmer.toml", "--json"], "say --yes"),
        (["calmer.toml", "--version", "abc"], "give one of them"),
        ([], "Name the policy"),
        (["--version", "abc", "--yes"], "no version that is kept"),
        (["calmer.toml", "--from", "2026-06-01", "--yes"], "now or later"),
        (["none.toml", "--yes"], "none.toml can't be read"),
    ],
)
def test_what_cannot_be_applied_is_one_sentence(scene: Scene, arguments: list[str], problem: str) -> None:
    """And nothing is kept."""
    result = scene.run("policy", "apply", *arguments)
    assert (result.exit_code, problem in result.stderr, versions(scene)) == (2, True, [])


def test_a_wrong_file_is_refused_with_all_its_problems(scene: Scene) -> None:
    """Each with its line, as `policy check` says them."""
    Path("calmer.toml").write_text(CALMER.replace("[tell]", "[tel]").replace("version = 1", "version = 3"))
    result = scene.run("policy", "apply", "calmer.toml", "--yes")
    assert (result.exit_code, len(result.stderr.splitlines()), versions(scene)) == (2, 2, [])


def test_applying_what_is_in_force_changes_nothing(scene: Scene) -> None:
    """The history stays as it is."""
    scene.say("plan")
    said = scene.say("policy", "apply", "policy.toml", "--yes")
    assert ("nothing was done" in said, versions(scene)) == (True, [("default", "file", True)])


def test_one_goes_back_by_a_versions_hash(scene: Scene) -> None:
    """Its beginning is enough, and `policy show` says first what stands in it."""
    scene.say("plan")
    scene.say("policy", "apply", "calmer.toml", "--yes")
    first = scene.facts("policy", "history")["versions"][-1]["version"]
    cells = scene.facts("policy", "show", "--version", first)["policy"]["grid"]["infrequent"]
    scene.say("policy", "apply", "--version", first[:8], "--yes")
    newest = scene.facts("policy", "history")["versions"][0]
    assert (cells["hears"], newest["version"], newest["in_force"]) == ("news", first, True)


def test_today_is_now(scene: Scene) -> None:
    """The beginning of today has passed, but whoever says today means at once."""
    scene.say("plan")
    scene.say("policy", "apply", "calmer.toml", "--from", "2026-06-15", "--yes")
    assert versions(scene)[0] == ("default", "apply", True)


def test_a_policy_to_come_is_listed_as_such(scene: Scene) -> None:
    """With its day, in the team's zone."""
    scene.say("plan")
    scene.say("policy", "apply", "calmer.toml", "--from", "2026-07-01", "--yes")
    said = scene.say("policy", "history")
    line = next(line for line in said.splitlines() if "to come" in line)
    assert ("2026-07-01 00:00 UTC" in line, "[grid]" in line, versions(scene)[1][2]) == (True, True, True)


def test_a_file_that_is_not_taken_any_more_is_named(scene: Scene) -> None:
    """Whoever edits it would wait for its effect in vain: `doctor` says so, and what to do."""
    scene.say("plan")
    before = scene.run("doctor").stdout
    applied = scene.say("policy", "apply", "calmer.toml", "--yes")
    after = scene.run("doctor").stdout
    assert ["isn't taken by itself" in said for said in (before, applied, after)] == [False, True, True]
    scene.say("policy", "apply", "policy.toml", "--yes")
    assert "isn't taken by itself" not in scene.run("doctor").stdout


def test_a_withdrawn_policy_leaves_its_links_to_others(scene: Scene) -> None:
    """It is asked first, and its history stays."""
    scene.say("policy", "apply", "acme.toml", "--yes")
    refused = scene.run("policy", "withdraw", "acme", typed="n\n")
    scene.say("policy", "withdraw", "acme", "--yes")
    said = scene.say("policy", "history", "acme")
    assert (refused.exit_code, "withdrawn" in said) == (1, True)
    assert versions(scene) == [("acme", "apply", False), ("acme", "apply", False), ("default", "file", True)]


def test_the_last_policy_for_everybody_cannot_be_withdrawn(scene: Scene) -> None:
    """Somebody has to decide."""
    scene.say("plan")
    result = scene.run("policy", "withdraw", "default", "--yes")
    assert (result.exit_code, "No policy would be for everybody" in result.stderr) == (2, True)


def test_a_running_process_knows_a_new_policy(scene: Scene) -> None:
    """Neither the daemon nor `serve` has to be started again, whoever put it in force: a person, or the file."""
    ticket, app = scene.reported_bug(), running(scene)
    scene.say("sync")
    jobs.plan(app)
    seen = [decided_by(scene, ticket)]
    scene.say("policy", "apply", "acme.toml", "--yes")
    jobs.plan(app)
    seen.append(decided_by(scene, ticket))
    Path("policy.toml").write_text(CALMER, encoding="utf-8")
    jobs.plan(app)
    seen.append(decided_by(scene, ticket))
    scene.say("policy", "apply", "policy.toml", "--yes")
    assert (len(set(seen)), seen[0] == seen[1], app.sender.policies.everybody.policy.grid.infrequent.hears) == (
        2,
        True,
        "nothing",
    )


def test_a_pass_under_way_while_a_policy_is_applied_makes_no_difference(scene: Scene) -> None:
    """It knows of no date ahead, so what it decides has no end; the first pass after that date decides it again."""
    ticket, app = scene.reported_bug(), running(scene)
    scene.read()
    scene.say("policy", "apply", "calmer.toml", "--from", "2026-06-17", "--yes")
    jobs.plan(app)
    row = app.store.find_ticket(*ticket.split(":"))
    assert row is not None
    (link,) = app.store.links_of(row.id)
    app.store.mark_decided(link.key, app.store.head(), None)
    scene.clock.at += timedelta(days=2)
    assert [jobs.plan(app).decided, jobs.plan(app).decided] == [1, 0]


def test_only_the_daemon_takes_the_file_once_one_was_taken(scene: Scene) -> None:
    """Two processes that see two files would put theirs in force in turn; `serve` plans by what is in force."""
    scene.say("plan")
    Path("policy.toml").write_text(CALMER, encoding="utf-8")
    app = running(scene)
    jobs.run(app, jobs.decide_job(app))
    before = versions(scene)
    jobs.run(app, jobs.plan_job(app))
    assert (len(before), len(versions(scene))) == (1, 2)


def test_an_overlap_with_a_policy_in_force_is_noted(scene: Scene) -> None:
    """Before it is applied, when it is, and by `policy check`."""
    scene.say("policy", "apply", "acme.toml", "--yes")
    Path("twin.toml").write_text(ACME.replace('name = "acme"', 'name = "twin"'), encoding="utf-8")
    checked = scene.facts("policy", "check", "twin.toml")["notes"]
    applied = scene.facts("policy", "apply", "twin.toml", "--yes")["notes"]
    assert [sum("'acme' decides there" in note for note in notes) for notes in (checked, applied)] == [1, 1]


def test_a_policy_for_a_helpdesk_that_is_not_there_is_noted(scene: Scene) -> None:
    """A slip of the pen would make it a policy for nobody."""
    Path("acme.toml").write_text(ACME.replace('"support"', '"suport"'), encoding="utf-8")
    assert "no helpdesk named 'suport' is configured" in scene.say("policy", "apply", "acme.toml", "--yes")


def test_whom_a_policy_is_for_is_shown(scene: Scene) -> None:
    """In a sentence to read aloud, and as facts."""
    facts = scene.facts("policy", "show", "acme.toml")
    assert 'of the helpdesk "support", and of the brand "acme".' in scene.say("policy", "show", "acme.toml")
    assert facts["applies_to"] == {"helpdesk": ["support"], "brand": ["acme"], "tag": []}


def test_before_the_first_policy_the_history_says_what_to_do(scene: Scene) -> None:
    """An empty table would help nobody."""
    assert "`bugbridge plan` takes the configured one" in scene.say("policy", "history")


def test_a_policys_name_cannot_steer_the_terminal(scene: Scene) -> None:
    """It may come from somebody else."""
    Path("acme.toml").write_text(ACME.replace('name = "acme"', 'name = "\\u001b[31mred"'), encoding="utf-8")
    said = scene.say("policy", "apply", "acme.toml", "--yes") + scene.say("policy", "history")
    assert ("red" in said, "\x1b" in said) == (True, False)


def test_facts_of_the_history_are_complete(scene: Scene) -> None:
    """A program gets start, author and change of each version."""
    scene.say("plan")
    (one,) = json.loads(scene.say("policy", "history", "default", "--json"))["versions"]
    assert sorted(one) == ["by", "change", "from", "in_force", "name", "version", "withdrawn"]
    assert (one["by"], one["change"]) == ({"kind": "self", "id": "bugbridge", "via": "file"}, None)


def test_a_broken_file_that_isnt_in_force_stops_nothing(scene: Scene) -> None:
    """What a person applied goes on, and can be rolled back, while the file is being edited."""
    scene.released()
    Path("mine.toml").write_text(f"{SHIPPED}\n# mine\n", encoding="utf-8")
    scene.say("policy", "apply", "mine.toml", "--yes")
    Path("policy.toml").write_text("garbage = [", encoding="utf-8")
    assert "goes on meanwhile" in scene.say("plan")
    for command in (("explain", "1"), ("due",), ("send", "--dry-run"), ("policy", "history")):
        assert scene.run(*command).exit_code == 0, command
    assert scene.run("doctor").exit_code != 0
    scene.say("policy", "apply", "calmer.toml", "--yes")


def test_a_broken_file_that_is_in_force_is_said(scene: Scene) -> None:
    """Nobody plans by a policy that nobody can read."""
    scene.released()
    Path("policy.toml").write_text("garbage = [", encoding="utf-8")
    assert scene.run("plan").exit_code == 2


def test_withdrawing_a_policy_cancels_its_versions_to_come(scene: Scene) -> None:
    """Or it would come back by itself."""
    scene.released()
    scene.say("policy", "apply", "acme.toml", "--from", "2027-01-01", "--yes")
    scene.say("policy", "withdraw", "acme", "--yes")
    scene.clock.at = datetime(2027, 1, 2, tzinfo=UTC)
    assert [one.policy.name for one in running(scene).policies.versions] == ["default"]
