"""Kinds are names until they are used; then each vendor gets what it asks for."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from bugbridge.core.errors import ConfigError
from bugbridge.registry import HELPDESKS, TRACKERS, Kind, build, helpdesk_sections
from bugbridge.settings_parts import GitHubSettings, JiraSettings


@dataclass(frozen=True)
class Options:
    """What a made-up vendor asks for."""

    name: str
    token: str
    labels: tuple[str, ...] = ("one",)


@dataclass(frozen=True)
class Part:
    """A made-up vendor."""

    options: Options


def refuse() -> str:
    """A secret that is not to be had."""
    raise ConfigError(["A secret is missing."])


def test_a_part_gets_what_it_asks_for_and_nothing_else() -> None:
    """Settings and secrets are handed over by name; what isn't set keeps the vendor's default."""
    kind = Kind(f"{__name__}:Part", f"{__name__}:Options")
    made = build(kind, {"name": "x", "kind": "made-up"}, {"token": lambda: "t"})
    assert (made.options.name, made.options.token, made.options.labels) == ("x", "t", ("one",))


def test_a_secret_that_nobody_asks_for_is_not_read() -> None:
    """A missing secret is no matter to a part that doesn't need it."""
    made = build(Kind(f"{__name__}:Options"), {"name": "x", "token": "t"}, {"client_secret": refuse})
    assert made.token == "t"


def test_a_missing_secret_is_said_when_the_part_is_made() -> None:
    """Its sentence comes from the settings."""
    with pytest.raises(ConfigError, match="A secret is missing"):
        build(Kind(f"{__name__}:Options"), {"name": "x"}, {"token": refuse})


def test_every_kind_in_the_settings_is_registered() -> None:
    """What the configuration allows can be built."""
    kinds = [model.model_fields["kind"].annotation for model in helpdesk_sections().values()]
    assert {str(kind) for kind in kinds} == {f"typing.Literal['{kind}']" for kind in HELPDESKS}
    kinds = [model.model_fields["kind"].annotation for model in (GitHubSettings, JiraSettings)]
    assert {str(kind) for kind in kinds} == {f"typing.Literal['{kind}']" for kind in TRACKERS}


def test_the_registry_imports_no_vendor() -> None:
    """Knowing the names loads none of the clients."""
    look = "import sys, bugbridge.registry; print([m for m in ('github', 'jira', 'requests') if m in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", HELPDESKS)
def test_every_kind_is_built_from_the_least_that_its_section_takes(kind: str) -> None:
    """What a section has by default its adapter gets: no key has its default in two places."""
    least = {"url": "https://desk.example.com", "client_id": "bugbridge"}
    section = helpdesk_sections()[kind]
    required = {key: least[key] for key, field in section.model_fields.items() if field.is_required() and key in least}
    part = section(kind=kind, **({**required, "client_id": "bugbridge"} if kind == "zendesk" else required))
    values = {"name": "desk", "secret_hint": "HINT", **{field: getattr(part, field) for field in section.model_fields}}
    made = build(HELPDESKS[kind], values, {secret: lambda: "1-35-0123abcd" for secret in part.secrets})
    assert (made.name, bool(made.timeout)) == ("desk", True)
