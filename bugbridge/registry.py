"""Which kinds of helpdesk and tracker there are. A vendor is imported when one of its kind is used, and not before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a vendor's part is, as `module:Class`, and its options if it takes them as one thing."""

    part: str
    options: str = ""


HELPDESKS: Mapping[str, Kind] = MappingProxyType(
    {
        "zendesk": Kind("bugbridge.helpdesks.zendesk:Zendesk"),
        "request_tracker": Kind("bugbridge.helpdesks.request_tracker:RequestTracker"),
    }
)
TRACKERS: Mapping[str, Kind] = MappingProxyType(
    {
        "github": Kind("bugbridge.trackers.github:GitHub", "bugbridge.trackers.github:GitHubOptions"),
        "jira": Kind("bugbridge.trackers.jira:Jira", "bugbridge.trackers.jira:JiraOptions"),
    }
)
TRACKER_WRITERS: Mapping[str, Kind] = MappingProxyType(
    {
        "github": Kind("bugbridge.trackers.github_writing:GitHubWriter", "bugbridge.trackers.github:GitHubOptions"),
        "jira": Kind("bugbridge.trackers.jira_writing:JiraWriter", "bugbridge.trackers.jira:JiraOptions"),
    }
)


def build(kind: Kind, values: Mapping[str, object], secrets: Mapping[str, Callable[[], str]]) -> Any:  # noqa: ANN401 - the caller names the port
    """Make a part from what it asks for: of `values` by name, else of `secrets`, else its own defaults.

    Raises ConfigError where a secret is missing.
    """
    part = _load(kind.part)
    if kind.options:
        return part(_made(_load(kind.options), values, secrets))
    return _made(part, values, secrets)


def _made(maker: Callable[..., Any], values: Mapping[str, object], secrets: Mapping[str, Callable[[], str]]) -> Any:  # noqa: ANN401 - as above
    wanted = signature(maker).parameters
    given = {name: value for name, value in values.items() if name in wanted}
    hidden = {name: secrets[name]() for name in wanted if name in secrets}
    return maker(**given, **hidden)


def _load(address: str) -> Any:  # noqa: ANN401 - a class that only its address knows
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)
