"""The one place where parts are chosen: each when it is asked for, each mistake in one sentence."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bugbridge.app import App, build_app
from bugbridge.core.calendar import ALWAYS_OPEN, is_open
from bugbridge.core.errors import ConfigError, DataError, UsageError
from bugbridge.core.people import NO_PEOPLE
from bugbridge.core.records import Note
from bugbridge.settings import load_settings

PARTS = """
database = "db/bugbridge.sqlite"

[helpdesks.desk]
kind = "request_tracker"
url = "https://rt.example.com"

[trackers.github]
kind = "github"
projects = ["acme/app"]

[trackers.jira]
kind = "jira"
url = "https://acme.atlassian.net"
email = "me@example.com"
projects = ["APP"]
"""
MONDAY = datetime(2026, 6, 15, 9, tzinfo=UTC)


def app_of(folder: Path, text: str, environ: dict[str, str] | None = None) -> App:
    """Wire a configuration."""
    path = folder / "bugbridge.toml"
    path.write_text(text, encoding="utf-8")
    variables = environ or {}
    return build_app(load_settings(path, variables), variables)


def test_the_database_is_made_on_first_use_with_its_sources(tmp_path: Path) -> None:
    """Every configured helpdesk and tracker is known to the store from the start, in watch mode."""
    app = app_of(tmp_path, PARTS)
    assert not (tmp_path / "db").exists()
    assert [(source.name, source.role, source.live_from) for source in app.store.sources()] == [
        ("desk", "helpdesk", None),
        ("github", "tracker", None),
        ("jira", "tracker", None),
    ]


def test_opening_again_declares_nothing_twice(tmp_path: Path) -> None:
    """A second run finds its sources."""
    first = app_of(tmp_path, PARTS).store.sources()
    assert app_of(tmp_path, PARTS).store.sources() == first


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    """What isn't ours is refused, and left as it is."""
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "bugbridge.sqlite").write_text("not a database at all, but a text", encoding="utf-8")
    with pytest.raises(DataError, match=r"bugbridge\.sqlite"):
        _ = app_of(tmp_path, PARTS).store


def test_a_missing_secret_matters_when_its_part_is_used(tmp_path: Path) -> None:
    """Local commands need no secret; the part that does names its variable."""
    app = app_of(tmp_path, PARTS)
    with pytest.raises(ConfigError, match="BUGBRIDGE_DESK_TOKEN"):
        app.helpdesk("desk")
    with pytest.raises(ConfigError, match="BUGBRIDGE_JIRA_TOKEN"):
        app.tracker("jira")


def test_parts_are_made_once(tmp_path: Path) -> None:
    """Everybody shares one client of a helpdesk or tracker."""
    secrets = {"BUGBRIDGE_DESK_TOKEN": "1-2-abc", "BUGBRIDGE_GITHUB_TOKEN": "t", "BUGBRIDGE_JIRA_TOKEN": "t"}
    app = app_of(tmp_path, PARTS, secrets)
    assert (app.helpdesk("desk").name, app.tracker("github").name, app.tracker("jira").name) == (
        "desk",
        "github",
        "jira",
    )
    assert app.tracker("github") is app.tracker("github")


def test_an_unknown_part_is_named_with_those_there_are(tmp_path: Path) -> None:
    """A misspelt name is one sentence."""
    with pytest.raises(UsageError, match=r"no tracker named 'gitlab'.*it has: github, jira"):
        app_of(tmp_path, PARTS).tracker("gitlab")


def test_references_come_from_the_configuration(tmp_path: Path) -> None:
    """What can be named in a note is what is configured."""
    rules = app_of(tmp_path, PARTS).references
    assert [(one.name, one.web_url, set(one.projects)) for one in rules.trackers] == [
        ("github", "https://github.com", {"acme/app"}),
        ("jira", "https://acme.atlassian.net", {"APP"}),
    ]
    assert [one.name for one in rules.helpdesks] == ["desk"]


def test_working_hours_without_a_country_know_weekends(tmp_path: Path) -> None:
    """No country means no public holidays, but Saturday and Sunday are closed."""
    calendar = app_of(tmp_path, "[calendar]\nzone = 'Europe/Berlin'").calendar
    assert [is_open(MONDAY + timedelta(days=days), calendar) for days in (0, 5, 6)] == [True, False, False]


def test_a_country_has_its_holidays(tmp_path: Path) -> None:
    """8 March is a holiday in Berlin."""
    text = "[calendar]\nzone = 'Europe/Berlin'\ncountry = 'DE'\nsubdivision = 'BE'"
    assert not is_open(datetime(2027, 3, 8, 11, tzinfo=UTC), app_of(tmp_path, text).calendar)


def test_an_unknown_country_is_one_sentence(tmp_path: Path) -> None:
    """The calendar says which key is wrong."""
    with pytest.raises(ConfigError, match="country 'Narnia'"):
        _ = app_of(tmp_path, "[calendar]\ncountry = 'Narnia'").calendar


def test_always_open_is_always_open(tmp_path: Path) -> None:
    """For trying things out at night and on Sundays."""
    assert app_of(tmp_path, "[calendar]\nalways_open = true").calendar is ALWAYS_OPEN


def test_a_policy_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """It names the file and where it is configured."""
    with pytest.raises(ConfigError, match=r"none\.toml can't be read: correct `policy`"):
        _ = app_of(tmp_path, "policy = 'none.toml'").policy


def test_the_shipped_policy_is_the_default(tmp_path: Path) -> None:
    """Without a policy of one's own there is one."""
    assert app_of(tmp_path, "").policy.name == "default"


def test_the_renderer_prefers_the_teams_templates(tmp_path: Path) -> None:
    """`templates` names a folder whose files come first."""
    (tmp_path / "own" / "en").mkdir(parents=True)
    (tmp_path / "own" / "en" / "fixed.txt").write_text("Mended.", encoding="utf-8")
    assert app_of(tmp_path, "templates = 'own'").renderer.text(Note("fixed"), "en") == "Mended."


def test_a_demonstration_can_begin_at_another_time(tmp_path: Path) -> None:
    """BUGBRIDGE_CLOCK sets the clock, which then ticks on."""
    clock = app_of(tmp_path, "", {"BUGBRIDGE_CLOCK": "2026-06-15T09:00:00Z"}).clock
    first = clock.now()
    assert MONDAY <= first < MONDAY + timedelta(minutes=5)
    assert clock.now() >= first


def test_a_wrong_clock_is_one_sentence(tmp_path: Path) -> None:
    """It shows what an instant looks like."""
    with pytest.raises(ConfigError, match="BUGBRIDGE_CLOCK must be an instant with its zone"):
        app_of(tmp_path, "", {"BUGBRIDGE_CLOCK": "yesterday"})


def test_wiring_imports_no_vendor() -> None:
    """An app alone loads no client and no database library."""
    look = (
        "import sys, bugbridge.app; heavy = ('github', 'jira', 'requests', 'sqlite_utils', 'holidays', 'jinja2'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("calendar", "own", "now", "is_well"),
    [
        ("", "", "2026-06-15T08:00", True),
        ("", "", "2026-06-15T07:59", False),
        ("zone = 'Asia/Tokyo'", "", "2026-06-14T23:00", True),  # Monday, 08:00 there
        ("", "zone = 'Asia/Tokyo'", "2026-06-14T23:00", True),
        ("", "open_at = 06:00:00\nclose_at = 07:00:00", "2026-06-15T06:30", True),
        ("", "open_at = 06:00:00\nclose_at = 07:00:00", "2026-06-15T08:30", False),
        ("closures = [2026-06-15]", "open_at = 06:00:00\nclose_at = 07:00:00", "2026-06-15T06:30", False),
        ("always_open = true", "", "2026-06-14T03:00", True),
        ("always_open = true", "open_at = 06:00:00\nclose_at = 07:00:00", "2026-06-14T03:00", False),
    ],
)
def test_people_are_notified_in_their_own_hours_on_the_teams_days(
    tmp_path: Path, calendar: str, own: str, now: str, *, is_well: bool
) -> None:
    """What isn't said of their zone and hours is the team's, and so are closed days."""
    app = app_of(tmp_path, f"{PARTS}\n[calendar]\n{calendar}\n[notifications.lead]\nto = 'lead'\n{own}")
    (recipient,) = app.notifying.recipients
    assert is_open(datetime.fromisoformat(f"{now}Z"), recipient.timing.calendar) is is_well


def test_each_notifier_is_made_once_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    """Of the URL in the environment."""
    variables = {"BUGBRIDGE_LEAD_URL": "json://127.0.0.1/"}
    app = app_of(tmp_path, f"{PARTS}\n[notifications.lead]\nto = 'lead'", variables)
    assert app.notifier("lead") is app.notifier("lead")
    with pytest.raises(UsageError, match="no notification named 'ada' in the configuration; it has: lead"):
        app.notifier("ada")


def test_the_list_of_people_is_read_afresh_each_time(tmp_path: Path) -> None:
    """Nobody starts a daemon again for every holiday; without the file nobody is listed."""
    app = app_of(tmp_path, PARTS)
    assert app.people == NO_PEOPLE
    (tmp_path / "people.csv").write_text("agent,name\ndesk:7,Ada\n", encoding="utf-8")
    assert [person.name for person in app.people.persons] == ["Ada"]
    assert (app.sender.people, app.notifying.people) == (app.people, app.people)


def test_a_list_of_people_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    """And none is read where none is wanted."""
    with pytest.raises(ConfigError, match=r"\[people\] file: .*staff\.csv can't be read"):
        _ = app_of(tmp_path, f"{PARTS}\n[people]\nfile = 'staff.csv'").people
    assert app_of(tmp_path, f"{PARTS}\n[people]\nfile = ''").people == NO_PEOPLE


def test_a_list_of_people_that_breaks_while_we_run_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The good one goes on, and the trouble is said once; reading tickets never needs the list."""
    config = tmp_path / "bugbridge.toml"
    config.write_text('[helpdesks.support]\nkind = "request_tracker"\nurl = "https://rt.example.com"\n')
    people = tmp_path / "people.csv"
    people.write_text("agent,name\nsupport:7,Ada\n")
    app = build_app(load_settings(config, {}), {})
    assert [person.name for person in app.people.persons] == ["Ada"]
    people.write_text("agent,name,away_from\nsupport:7,Ada,10.06.2026\n")
    for _ in range(3):
        assert [person.name for person in app.people.persons] == ["Ada"]
    assert len(caplog.records) == 1
    fresh = build_app(load_settings(config, {}), {})
    assert fresh.references.people.persons == ()
    with pytest.raises(ConfigError):
        _ = fresh.people
