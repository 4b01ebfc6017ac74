"""Which kinds of helpdesk, tracker and notifier there are. A vendor is imported when one of its kind is used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a vendor's part is, as `module:Class`, its options if it takes them as one thing, a helpdesk's settings."""

    part: str
    options: str = ""
    settings: str = ""


def _helpdesk(address: str) -> Kind:
    """Find a helpdesk's adapter, and beside it the class of its section in the configuration."""
    module, _, name = address.partition(":")
    return Kind(f"bugbridge.helpdesks.{address}", settings=f"bugbridge.helpdesks.{module}_settings:{name}Settings")


HELPDESKS: Mapping[str, Kind] = MappingProxyType(
    {
        "zendesk": _helpdesk("zendesk:Zendesk"),
        "request_tracker": _helpdesk("request_tracker:RequestTracker"),
        "freshdesk": _helpdesk("freshdesk:Freshdesk"),
        "help_scout": _helpdesk("help_scout:HelpScout"),
        "zammad": _helpdesk("zammad:Zammad"),
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
NOTIFIERS: Mapping[str, Kind] = MappingProxyType({"apprise": Kind("bugbridge.notifiers.apprise:AppriseNotifier")})


def helpdesk_sections() -> Mapping[str, Any]:
    """Give the class of each kind's section in the configuration, which is a HelpdeskSection; no adapter is loaded."""
    return {name: _load(kind.settings) for name, kind in HELPDESKS.items()}


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
