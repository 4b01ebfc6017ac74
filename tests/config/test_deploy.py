"""The deploy files say what the product does: every command, option, variable, port and path in them exists."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from bugbridge.entry.cli import cli
from bugbridge.entry.health import PATHS
from bugbridge.entry.logs import FORMAT_VARIABLE
from bugbridge.registry import helpdesk_sections
from bugbridge.settings import WEBHOOK_FIELD, load_settings, secret_variable, shipped_folder
from bugbridge.settings_parts import DaemonSettings, GitHubSettings, WebSettings

FOLDER = shipped_folder() / "deploy"
UNITS = ("bugbridge.service", "bugbridge-serve.service")
TEXTS = (*UNITS, "Containerfile", "Caddyfile", "README.md", "SECURITY.md")
HEALTH_PORT = 8421


def text_of(name: str) -> str:
    """Read one of the files."""
    return (FOLDER / name).read_text(encoding="utf-8")


def unit(name: str) -> dict[str, list[str]]:
    """Read a unit file: each key's values, comments left out."""
    found: dict[str, list[str]] = {}
    for line in text_of(name).splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def command_named(words: list[str]) -> click.Command:
    """Give the command that words after `bugbridge` call; each option in them has to be one of its own or ours."""
    options = {option for parameter in cli.params for option in parameter.opts}
    while words and words[0].startswith("-"):
        assert words[0] in options
        words = words[2:]
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None, words[0]
    if isinstance(command, click.Group) and words[1:]:
        words = words[1:]
        command = command.get_command(click.Context(command), words[0])
        assert command is not None, words[0]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words[1:] if word.startswith("--")} <= known
    return command


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_command_of_ours_and_systemd_takes_it(name: str, tmp_path: Path) -> None:
    """Where systemd is at hand it verifies the file, with another program in the place that isn't installed here."""
    found = unit(name)
    program, *words = found["ExecStart"][0].split()
    assert program == "/opt/bugbridge/bin/bugbridge"
    command_named(words)
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        configparser.RawConfigParser(strict=False).read_string(text_of(name))
        return
    (tmp_path / name).write_text(text_of(name).replace(program, "/bin/true"), encoding="utf-8")
    done = subprocess.run([verifier, "verify", str(tmp_path / name)], capture_output=True, text=True, check=False)
    assert (done.returncode, name in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_every_secret_of_a_unit_has_its_variable_and_its_file(name: str) -> None:
    """The variables are those that a Zendesk named support and a GitHub named github ask for."""
    found = unit(name)
    kept = dict(value.split(":") for value in found["LoadCredential"])
    files = dict(value.split("=", 1) for value in found["Environment"])
    fields = {"support": helpdesk_sections()["zendesk"].model_construct(kind="zendesk", client_id="x").secrets}
    fields |= {"github": GitHubSettings(kind="github", projects=("acme/app",)).secrets}
    known = {secret_variable(part, field) for part, names in fields.items() for field in (*names, WEBHOOK_FIELD)}
    assert {variable.removesuffix("_FILE") for variable in files} <= known
    assert {path.removeprefix("%d/") for path in files.values()} == kept.keys()
    assert all(path == f"/etc/bugbridge/secrets/{credential}" for credential, path in kept.items())


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_a_sandbox(name: str) -> None:
    """Nothing is writable but the database's folder, and nothing can be gained."""
    found = unit(name)
    assert (found["ProtectSystem"], found["NoNewPrivileges"], found["CapabilityBoundingSet"]) == (
        ["strict"],
        ["yes"],
        [""],
    )
    assert (found["StateDirectory"], found["User"], "ReadWritePaths" in found) == (["bugbridge"], ["bugbridge"], False)


def test_only_the_daemon_is_watched_since_only_it_tells_systemd() -> None:
    """A watchdog over what sends nothing would kill it for ever."""
    daemon, serve = (unit(name) for name in UNITS)
    assert (daemon["Type"], int(daemon["WatchdogSec"][0]) >= 60) == (["notify"], True)
    assert (serve["Type"], "WatchdogSec" in serve) == (["exec"], False)


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_exists(name: str) -> None:
    """`bugbridge WORD` in any file is a command, with the options that stand beside it."""
    for quoted in re.findall(r"`bugbridge ([a-z][^`]*)`", text_of(name)):
        command_named(quoted.split())


@pytest.mark.parametrize("name", TEXTS)
def test_ports_variables_and_keys_are_those_of_the_product(name: str) -> None:
    """A wrong one would be found by whoever needs it most."""
    text = text_of(name)
    assert set(re.findall(r"(?:127\.0\.0\.1:|health_port = )(\d+)", text)) <= {
        str(WebSettings().port),
        str(HEALTH_PORT),
    }
    variables = set(re.findall(r"\bBUGBRIDGE_\w+", text))
    assert all(variable == FORMAT_VARIABLE or variable.endswith("_FILE") for variable in variables)
    assert "health_port" in DaemonSettings.model_fields


def test_the_configuration_that_the_pages_ask_for_is_read(tmp_path: Path) -> None:
    """The keys of the container's section, as written there."""
    path = tmp_path / "bugbridge.toml"
    path.write_text(
        'database = "/var/lib/bugbridge/bugbridge.sqlite"\n[daemon]\nhealth_port = 8421\n[web]\nhost = "0.0.0.0"\n',
        encoding="utf-8",
    )
    settings = load_settings(path, {})
    assert (settings.daemon.health_port, settings.web.host) == (HEALTH_PORT, "0.0.0.0")  # noqa: S104 - as written
    readme = text_of("README.md")
    assert all(words in readme for words in ("health_port = 8421", '[web] host = "0.0.0.0"', *PATHS))


def test_the_proxy_passes_webhooks_and_no_health() -> None:
    """Only /hooks/ goes on to the port of `serve`; all else is 404, and nothing is logged."""
    text = text_of("Caddyfile")
    directives = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert [line for line in directives if line.startswith("@hooks")] == ["@hooks path /hooks/*"]
    assert [line for line in directives if "reverse_proxy" in line] == [f"reverse_proxy 127.0.0.1:{WebSettings().port}"]
    assert ("respond 404" in directives, any(line.startswith("log") for line in directives)) == (True, False)


def test_the_container_runs_the_daemon_as_nobody_special() -> None:
    """Not as root, with a command of ours, its database on a volume and its health asked at the documented port."""
    lines = text_of("Containerfile").splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001"]
    assert "VOLUME /var/lib/bugbridge" in lines
    words = [re.findall(r'"([^"]*)"', line) for line in lines if line.startswith(("ENTRYPOINT", "CMD ["))]
    program, *rest = [word for line in words for word in line]
    assert program == "bugbridge"
    command_named(rest)


@pytest.mark.parametrize("name", ["README.md", "SECURITY.md"])
def test_links_and_files_that_a_page_names_are_there(name: str) -> None:
    """Beside it, or in the checkout."""
    text = text_of(name)
    linked = re.findall(r"\]\(([^)#]+)\)", text)
    named = [word for word in re.findall(r"config/deploy/[\w.-]+", text) if not word.endswith("/")]
    assert all((FOLDER / path).exists() for path in linked)
    assert all((FOLDER / Path(path.rstrip(".")).name).exists() for path in named)
