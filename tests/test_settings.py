"""The configuration's rules: all mistakes at once, no secrets in the file, every key explained."""

import re
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bugbridge
from bugbridge.core.errors import ConfigError
from bugbridge.registry import HELPDESKS, helpdesk_sections
from bugbridge.settings import Settings, _checked, find_config, load_settings, secret, shipped_folder, web_token
from bugbridge.settings_base import HelpdeskSection, LinkFrom
from bugbridge.settings_parts import (
    AccountsSettings,
    CalendarSettings,
    DaemonSettings,
    GitHubSettings,
    JiraSettings,
    NotificationSettings,
    PeopleSettings,
    WebSettings,
)

FIVE_MISTAKES = """
languge = "en"

[calendar]
zone = "Berlin"

[helpdesks.support]
kind = "zendesk"
url = "example.zendesk.com"
client_id = "bugbridge"
token = "s3cr3t-value"

[trackers.github]
kind = "gitlab"
"""


def written(folder: Path, text: str) -> Path:
    """Write a configuration file."""
    path = folder / "bugbridge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(path: Path) -> tuple[str, ...]:
    """Read a file that is wrong."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    return caught.value.problems


def test_all_problems_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    """A config with five mistakes gives five sentences, each with its section and key."""
    assert sorted(problems_of(written(tmp_path, FIVE_MISTAKES))) == sorted(
        [
            "bugbridge.toml: languge: unknown key; did you mean language?",
            "bugbridge.toml: [calendar] zone: must be a time zone's IANA name, such as Europe/Berlin.",
            "bugbridge.toml: [helpdesks.support] url: must be an address that begins with https:// or http://.",
            (
                "bugbridge.toml: [helpdesks.support] token: secrets don't belong in this file; remove it and set "
                "BUGBRIDGE_SUPPORT_TOKEN in the environment."
            ),
            "bugbridge.toml: [trackers.github] kind: unknown; it is one of github, jira.",
        ]
    )


def test_a_secret_in_the_file_is_never_repeated(tmp_path: Path) -> None:
    """The error about a secret in the file names its key, not its value."""
    assert "s3cr3t-value" not in "\n".join(problems_of(written(tmp_path, FIVE_MISTAKES)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[trackers.github]\nkind = 'github'", "[trackers.github] projects: missing."),
        ("[trackers.x]\nprojects = ['a/b']", "[trackers.x] kind: missing; it is one of github, jira."),
        ("[daemon]\nsync_second = 5", "[daemon] sync_second: unknown key; did you mean sync_seconds?"),
        ("[daemon]\nsync_seconds = 0", "[daemon] sync_seconds: input should be greater than or equal to 1."),
        ("[calendar]\nopen_at = 20:00:00\nclose_at = 08:00:00", "[calendar]: open_at must be before close_at."),
        ("path = 'x'", "path: unknown key."),
        ("[helpdesks.Support]\nkind = 'request_tracker'\nurl = 'https://rt'", "a name is lower-case"),
        ("[helpdesks.a]\nkind = 'zendesk'\nurl = 'https://u:p@host'\nemail = 'a'", "must not hold a user name or"),
        ("[helpdesks.a]\nkind = 'zendesk'\nurl = 'https://host'", "needs either client_id (OAuth) or email"),
        ("[helpdesks.a]\nkind = 'zendesk'\nurl = 'https://host'\nqueue = 1\nemail = 'a'", "queue: unknown key."),
        ("[trackers.a]\nkind = 'github'\nprojects = ['app']", "projects.0: a project on GitHub is OWNER/REPOSITORY."),
        ("[trackers.a]\nkind = 'jira'\nurl = 'https://j'\nemail = 'a'\nprojects = ['app']", "a project on Jira is"),
        (
            "[trackers.a]\nkind = 'jira'\nurl = 'https://j'\nprojects = ['APP']\nmirror_field = 'Mirror'",
            "a field of Jira is",
        ),
        ("[notifications.a]", "[notifications.a] to: missing."),
        ("[notifications.a]\nto = 'all'", "[notifications.a] to: input should be 'agent', 'team' or 'lead'."),
        ("[notifications.a]\nto = 'lead'\nwen = 'daily'", "[notifications.a] wen: unknown key; did you mean when?"),
        ("[notifications.a]\nto = 'lead'\nagent = 'desk:7'", '[notifications.a]: agent goes with to = "agent".'),
        ("[notifications.a]\nto = 'agent'\nagent = 'Ada'", "agent: an agent is HELPDESK:ID or an e-mail address."),
        (
            "[notifications.a]\nto = 'agent'\nagent = 'desk:7'",
            "agent: there is no helpdesk named desk; there is: none.",
        ),
        (
            "[notifications.a]\nto = 'team'\nhelpdesks = ['x']",
            "helpdesks: there is no helpdesk named x; there is: none.",
        ),
        ("[notifications.a]\nto = 'lead'\nbrands = ['x']", 'helpdesks and brands go with to = "team".'),
        ("[notifications.a]\nto = 'lead'\nat = 09:00:00", 'at goes with when = "daily".'),
        ("[notifications.a]\nto = 'lead'\nopen_at = 09:00:00", "open_at and close_at belong together."),
        (
            "[notifications.a]\nto = 'lead'\nopen_at = 09:00:00\nclose_at = 09:00:00",
            "[notifications.a]: open_at must be before close_at.",
        ),
        (
            "[notifications.a]\nto = 'lead'\nwhen = 'daily'\nat = 07:00:00",
            "[notifications.a] at: a daily digest at 07:00 is never in their hours; choose a time within them.",
        ),
        (
            "[notifications.a]\nto = 'lead'\nwhen = 'daily'\nat = 13:00:00\nopen_at = 08:00:00\nclose_at = 12:00:00",
            "[notifications.a] at: a daily digest at 13:00 is never in their hours; choose a time within them.",
        ),
        (
            "[notifications.a]\nto = 'lead'\naudit = 'weekly'",
            "[notifications.a] audit: input should be 'none' or 'monthly'.",
        ),
        (
            "[notifications.a]\nto = 'lead'\naudit = true",
            "[notifications.a] audit: input should be 'none' or 'monthly'.",
        ),
        (
            "[notifications.a]\nto = 'agent'\naudit = 'monthly'",
            '[notifications.a]: audit goes with to = "team" or to = "lead".',
        ),
        ("[web]\nurl = 'bugbridge.acme.example'", "[web] url: must be an address that begins with https://"),
        ("[web]\ntoken = 'abc'", "remove it and set BUGBRIDGE_WEB_TOKEN in the environment."),
        ("[notifications.a]\nto = 'lead'\nzone = 'Berlin'", "[notifications.a] zone: must be a time zone's IANA name"),
        (
            "[notifications.my-team]\nto = 'lead'\nurl = 'slack://a/b/c'",
            "remove it and set BUGBRIDGE_MY_TEAM_URL in the environment.",
        ),
        ("language = 'English'", "language: must be a language, such as en or pt-BR."),
        ("[trackers.a]\nkind = 'github'\nprojects = []", "[trackers.a] projects: must name at least one."),
        ("helpdesks = 3", "helpdesks: input should be a valid dictionary."),
        ("[trackers]\ngithub = 3", "[trackers.github]: input should be"),
        ("calendar = 3", "[calendar]: input should be"),
        ("= 3", "isn't valid TOML"),
    ],
)
def test_each_problem_names_its_place(tmp_path: Path, text: str, problem: str) -> None:
    """A mistake is told in one sentence with its section and key."""
    problems = problems_of(written(tmp_path, text))
    assert (len(problems), problem in problems[0]) == (1, True), problems


@given(
    st.dictionaries(
        st.sampled_from(
            ["helpdesks", "trackers", "notifications", "calendar", "daemon", "policy", "wording", "token", "other"]
        ),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3) | st.sampled_from(["zendesk", "github", "https://a"]),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from(["a", "A!", "kind", "url", "projects", "zone", "token"]), inner)
            ),
            max_leaves=8,
        ),
    )
)
def test_whatever_stands_in_a_file_is_read_or_refused_in_sentences(content: dict[str, object]) -> None:
    """No content ends in anything but settings, or sentences that name the file."""
    problems: tuple[str, ...] = ()
    try:
        _checked(content, Path("/somewhere/bugbridge.toml"))
    except ConfigError as error:
        problems = error.problems
    assert [problem for problem in problems if not problem.startswith("bugbridge.toml: ")] == []


@pytest.mark.parametrize(
    "text",
    [
        "[notifications.a]\nto = 'lead'\nwhen = 'daily'\nat = 07:00:00\nopen_at = 06:00:00\nclose_at = 12:00:00",
        "[notifications.a]\nto = 'lead'\nwhen = 'daily'\nat = 23:00:00\nopen_at = 20:00:00\nclose_at = 00:00:00",
        "[calendar]\nalways_open = true\n[notifications.a]\nto = 'lead'\nwhen = 'daily'\nat = 03:00:00",
        "[notifications.a]\nto = 'agent'\nagent = 'ada@acme.example'",
        "[notifications.a]\nto = 'agent'",
    ],
)
def test_hours_of_ones_own_and_agents_by_address_are_well(tmp_path: Path, text: str) -> None:
    """A digest's time is compared with their own hours where they have some; an address names no helpdesk."""
    assert list(load_settings(written(tmp_path, text), {}).notifications) == ["a"]


def test_a_name_is_used_once(tmp_path: Path) -> None:
    """The name of a helpdesk and of a tracker can't be the same: references would be ambiguous."""
    text = (
        "[helpdesks.acme]\nkind = 'request_tracker'\nurl = 'https://rt'\n"
        "[trackers.acme]\nkind = 'github'\nprojects = ['a/b']"
    )
    assert "the name acme is used" in problems_of(written(tmp_path, text))[0]


def test_a_relative_database_lies_beside_its_configuration(tmp_path: Path) -> None:
    """Relative paths start at the configuration's folder, wherever the command is run."""
    settings = load_settings(written(tmp_path, "database = 'here.sqlite'\npolicy = 'mine.toml'"), {})
    assert (settings.database, settings.policy) == (tmp_path / "here.sqlite", tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("value", "names"), [("'own.toml'", ["own.toml"]), ("['own.toml', 'fr.toml']", ["own.toml", "fr.toml"])]
)
def test_wording_names_one_file_or_several_beside_the_configuration(
    tmp_path: Path, value: str, names: list[str]
) -> None:
    """A file holds one language, so that a team may have several."""
    assert load_settings(written(tmp_path, f"wording = {value}"), {}).wording == tuple(
        tmp_path / name for name in names
    )


@pytest.mark.parametrize("value", ["3", "''", "['own.toml', 3]", "[['own.toml']]", "true", "{ a = 1 }"])
def test_wording_that_names_no_file_is_one_sentence(tmp_path: Path, value: str) -> None:
    """It says what it must be."""
    problems = problems_of(written(tmp_path, f"wording = {value}"))
    assert problems == ("bugbridge.toml: wording: must be the name of a file, or a list of such names.",)


def test_an_empty_file_has_the_defaults(tmp_path: Path) -> None:
    """Without any key the shipped policy is used and the daemon has its intervals."""
    settings = load_settings(written(tmp_path, ""), {})
    assert settings.policy == shipped_folder() / "policy.toml"
    assert (settings.daemon, settings.calendar) == (DaemonSettings(), CalendarSettings())
    assert settings.calendar.open_at == time(8)


def test_the_chosen_file_comes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config wins over BUGBRIDGE_CONFIG, which wins over the current folder."""
    (tmp_path / "other").mkdir()
    here, other = written(tmp_path, ""), written(tmp_path / "other", "")
    monkeypatch.chdir(tmp_path)
    variables = {"BUGBRIDGE_CONFIG": str(other)}
    assert find_config(here, variables) == here
    assert find_config(None, variables) == other
    assert find_config(None, {}) == Path("bugbridge.toml")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """A file that isn't there is one sentence with the command that writes it."""
    with pytest.raises(ConfigError, match="bugbridge init"):
        load_settings(tmp_path / "none.toml", {})


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """BUGBRIDGE_NAME_TOKEN holds a secret, BUGBRIDGE_NAME_TOKEN_FILE names a file that does."""
    kept = tmp_path / "token"
    kept.write_text("from-file\n", encoding="utf-8")
    assert secret("my-desk", "token", {"BUGBRIDGE_MY_DESK_TOKEN": "direct"}) == "direct"
    assert secret("my-desk", "token", {"BUGBRIDGE_MY_DESK_TOKEN_FILE": str(kept)}) == "from-file"


def test_the_audits_token_is_one_that_nobody_tries_out(tmp_path: Path) -> None:
    """Without one there is none; it comes from the environment or a file, and is no helpdesk's."""
    settings = load_settings(written(tmp_path, ""), {})
    long, kept = "0123456789abcdef", tmp_path / "token"
    kept.write_text(f"{long}\n", encoding="utf-8")
    assert web_token(settings, {}) == web_token(settings, {"BUGBRIDGE_WEB_TOKEN": " "}) == ""
    assert web_token(settings, {"BUGBRIDGE_WEB_TOKEN": long}) == long
    assert web_token(settings, {"BUGBRIDGE_WEB_TOKEN_FILE": str(kept)}) == long
    for wrong, said in (
        ({"BUGBRIDGE_WEB_TOKEN": long[1:]}, "BUGBRIDGE_WEB_TOKEN is too short"),
        ({"BUGBRIDGE_WEB_TOKEN_FILE": str(tmp_path / "none")}, "can't be read"),
    ):
        with pytest.raises(ConfigError, match=said):
            web_token(settings, wrong)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("[trackers.web]\nkind = 'github'\nprojects = ['a/b']", ""),
        ("[trackers.web]\nkind = 'github'\nprojects = ['a/b']\napp_id = 1\ninstallation_id = 2", "0123456789abcdef"),
        ("[helpdesks.web]\nkind = 'request_tracker'\nurl = 'https://rt'", ""),
    ],
)
def test_the_token_of_a_part_named_web_is_that_parts_alone(tmp_path: Path, section: str, expected: str) -> None:
    """Where that one signs in with another kind of secret, the variable is free."""
    settings = load_settings(written(tmp_path, section), {})
    assert web_token(settings, {"BUGBRIDGE_WEB_TOKEN": "0123456789abcdef"}) == expected


def test_a_missing_secret_names_its_variable() -> None:
    """One sentence names the variable to set."""
    with pytest.raises(ConfigError, match="set BUGBRIDGE_SUPPORT_TOKEN, or BUGBRIDGE_SUPPORT_TOKEN_FILE"):
        secret("support", "token", {})


def test_the_shipped_file_is_valid_as_it_is_and_with_every_key_uncommented(tmp_path: Path) -> None:
    """What `init` writes can be used at once, and each commented key is one that BugBridge knows."""
    text = (shipped_folder() / "bugbridge.toml").read_text(encoding="utf-8")
    assert load_settings(written(tmp_path, text), {}).helpdesks == {}
    (tmp_path / "templates").mkdir()
    everything = load_settings(written(tmp_path, re.sub(r"(?m)^#(?=[a-z\[])", "", text)), {})
    assert sorted(everything.helpdesks) == ["desk", "support"]
    assert sorted(everything.trackers) == ["github", "jira"]
    assert sorted(everything.notifications) == ["ada", "lead", "team"]


@pytest.mark.parametrize(
    "section",
    [
        Settings,
        CalendarSettings,
        DaemonSettings,
        WebSettings,
        AccountsSettings,
        PeopleSettings,
        HelpdeskSection,
        LinkFrom,
        GitHubSettings,
        JiraSettings,
        NotificationSettings,
    ],
)
def test_the_shipped_file_explains_every_key(section: type[Settings]) -> None:
    """No key can be set that config/bugbridge.toml doesn't show."""
    text = (shipped_folder() / "bugbridge.toml").read_text(encoding="utf-8")
    keys = set(section.model_fields) - {"path"}
    assert {key for key in keys if not re.search(rf"(?m)^\W*(helpdesks\.\w+\.)?{key}\b", text)} == set()


@pytest.mark.parametrize("kind", HELPDESKS)
def test_every_kind_of_helpdesk_is_documented_with_every_key(kind: str) -> None:
    """A team finds its vendor's own keys, and nothing undocumented, in that vendor's section."""
    text = (Path(bugbridge.__file__).parent / "helpdesks" / "README.md").read_text(encoding="utf-8")
    sections = re.split(r"(?m)^## ", text)
    (section,) = [one for one in sections if f'`kind = "{kind}"`' in one.partition("\n")[0]]
    own = helpdesk_sections()[kind].model_fields.keys() - HelpdeskSection.model_fields.keys()
    assert {key for key in own if not re.search(rf"(?m)^\W*{key} = ", section)} == set()


def test_the_shipped_file_shows_the_defaults(tmp_path: Path) -> None:
    """The values shown for the calendar and the daemon are what holds without them."""
    text = (shipped_folder() / "bugbridge.toml").read_text(encoding="utf-8")
    (tmp_path / "templates").mkdir()
    everything = load_settings(written(tmp_path, re.sub(r"(?m)^#(?=[a-z\[])", "", text)), {})
    assert (everything.calendar, everything.daemon) == (CalendarSettings(), DaemonSettings())
    assert everything.web == WebSettings()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("templates = 'none'", "templates: there is no folder"),
        ("language = 'fr'", "language: there are no drafts in fr; make a folder fr in `templates`."),
    ],
)
def test_drafts_that_arent_there_are_a_mistake(tmp_path: Path, text: str, problem: str) -> None:
    """A folder or a language without templates is said at once, not when the first note is due."""
    assert [problem in line for line in problems_of(written(tmp_path, text))] == [True]


def test_a_language_of_ones_own_needs_a_folder_of_templates(tmp_path: Path) -> None:
    """One template in it is enough: English stands in for the others."""
    (tmp_path / "mine" / "fr").mkdir(parents=True)
    assert load_settings(written(tmp_path, "templates = 'mine'\nlanguage = 'fr'"), {}).language == "fr"


@pytest.mark.parametrize("language", ["en", "de", "de-AT"])
def test_english_and_german_are_there(tmp_path: Path, language: str) -> None:
    """A region without templates has its language's."""
    assert load_settings(written(tmp_path, f"language = '{language}'"), {}).language == language
