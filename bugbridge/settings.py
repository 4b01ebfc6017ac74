"""The configuration: a TOML file with no secrets in it, and the secrets from the environment."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from bugbridge.core.errors import ConfigError
from bugbridge.registry import helpdesk_sections
from bugbridge.settings_base import HelpdeskSection, Section
from bugbridge.settings_parts import (
    AccountsSettings,
    CalendarSettings,
    DaemonSettings,
    LanguageTag,
    NotificationSettings,
    PartName,
    PeopleSettings,
    RetentionSettings,
    SendingSettings,
    TrackerSettings,
    WebSettings,
)

if TYPE_CHECKING:
    AnyHelpdesk = HelpdeskSection
else:
    # What the registry knows, and nothing else: a new kind needs no line here.
    AnyHelpdesk = Annotated[Union[tuple(helpdesk_sections().values())], Field(discriminator="kind")]  # noqa: UP007 - of a tuple

CONFIG_VARIABLE = "BUGBRIDGE_CONFIG"
CONFIG_NAME = "bugbridge.toml"
WEBHOOK_FIELD = "webhook_secret"
SECTIONS = frozenset({"accounts", "calendar", "daemon", "people", "retention", "sending", "web"})
NOTIFICATION_SECRET = "url"  # noqa: S105 - its name
WEB, WEB_SECRET = "web", "token"
WEB_KEY, WEB_CLIENT_SECRET = "key", "client_secret"
LEAST_OF_A_TOKEN, LEAST_OF_A_KEY = 16, 32  # characters
SECRET_KEY = re.compile(r"token|secret|password|passwd|api_?key|private_?key|credential", re.IGNORECASE)


def _one_or_several(value: object) -> object:
    """Take one file for a list of one."""
    listed = [value] if isinstance(value, str | Path) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(name, str | Path) and str(name) for name in listed):
        raise ValueError("must be the name of a file, or a list of such names")
    return tuple(listed)


class Settings(Section):
    """The whole configuration, with paths made absolute. `path` is the file that it was read from."""

    path: Path
    database: Path
    policy: Path
    templates: Path | None = None
    wording: Annotated[tuple[Path, ...], BeforeValidator(_one_or_several)] = ()
    language: LanguageTag = "en"
    calendar: CalendarSettings = CalendarSettings()
    accounts: AccountsSettings = AccountsSettings()
    people: PeopleSettings = PeopleSettings()
    helpdesks: dict[PartName, AnyHelpdesk] = Field(default={})
    trackers: dict[PartName, Annotated[TrackerSettings, Field(discriminator="kind")]] = Field(default={})
    sending: SendingSettings = SendingSettings()
    notifications: dict[PartName, NotificationSettings] = Field(default={})
    daemon: DaemonSettings = DaemonSettings()
    retention: RetentionSettings = RetentionSettings()
    web: WebSettings = WebSettings()

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Settings":
        for name in sorted(self.helpdesks.keys() & self.trackers.keys()):
            raise ValueError(f"the name {name} is used for a helpdesk and for a tracker; references need it to be one")
        return self


def shipped_folder() -> Path:
    """Give the folder of the policy, the templates and the commented configuration that come with BugBridge."""
    packed = Path(__file__).parent / "shipped"
    return packed if packed.is_dir() else Path(__file__).parents[1] / "config"


def find_config(chosen: Path | None, environ: Mapping[str, str]) -> Path:
    """Give the configuration file: as chosen, else of the environment, the current folder, the user's folder.

    Raises ConfigError where there is none.
    """
    named = chosen or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        if named.is_file():
            return named
        raise ConfigError([f"There is no configuration file {named}: `bugbridge init` writes one."])
    usual = _usual_config()
    if usual is None:
        sentence = "There is no bugbridge.toml here: `bugbridge init` writes one, or name yours with --config."
        raise ConfigError([sentence])
    return usual


def is_configured(chosen: Path | None, environ: Mapping[str, str]) -> bool:
    """Whether there is a configuration, or one is named that then has to be there: some commands can do without."""
    return chosen is not None or bool(environ.get(CONFIG_VARIABLE)) or _usual_config() is not None


def _usual_config() -> Path | None:
    from platformdirs import user_config_path

    candidates = (Path(CONFIG_NAME), user_config_path("bugbridge") / CONFIG_NAME)
    return next((path for path in candidates if path.is_file()), None)


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the configuration. Raises ConfigError with every problem of the file, each naming section and key."""
    found = find_config(path, environ).absolute()
    return _checked(_parse(found), found)


def _checked(content: Mapping[str, Any], found: Path) -> Settings:
    problems = [*_misplaced_secrets(content), *(["path: unknown key."] if "path" in content else [])]
    without_secrets = _without_secrets(content)
    try:
        settings = Settings.model_validate({**without_secrets, **_paths(without_secrets, found)})
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise _config_error(found, problems + [_sentence(detail) for detail in details]) from None
    problems += [*_template_problems(settings), *_notification_problems(settings)]
    if problems:
        raise _config_error(found, problems)
    return settings


def _template_problems(settings: Settings) -> Iterator[str]:
    if settings.templates is not None and not settings.templates.is_dir():
        yield f"templates: there is no folder {settings.templates}."
        return
    own = [settings.templates] if settings.templates is not None else []
    tags = {settings.language, settings.language.partition("-")[0]}
    if not any((folder / tag).is_dir() for folder in (*own, shipped_folder() / "templates") for tag in tags):
        yield f"language: there are no drafts in {settings.language}; make a folder {settings.language} in `templates`."


def _notification_problems(settings: Settings) -> Iterator[str]:
    known = ", ".join(settings.helpdesks) or "none"
    for name, part in settings.notifications.items():
        place = f"[notifications.{name}]"
        at_desk = [part.agent.partition(":")[0]] if ":" in part.agent else []
        for key, named in (("agent", at_desk), ("helpdesks", part.helpdesks)):
            for unknown in sorted(set(named) - settings.helpdesks.keys()):
                yield f"{place} {key}: there is no helpdesk named {unknown}; there is: {known}."
        if part.when == "daily" and not _in_hours(part, settings.calendar):
            yield f"{place} at: a daily digest at {part.at:%H:%M} is never in their hours; choose a time within them."


def _in_hours(part: NotificationSettings, team: CalendarSettings) -> bool:
    """Whether a daily digest's time lies in its reader's hours; midnight is the end of the day."""
    opens, closes = part.open_at, part.close_at
    if opens is None or closes is None:
        opens, closes = (time(0), time(0)) if team.always_open else (team.open_at, team.close_at)
    return opens <= part.at and (closes == time(0) or part.at <= closes)


def _config_error(found: Path, problems: list[str]) -> ConfigError:
    return ConfigError([f"{found.name}: {problem}" for problem in problems])


def secret(name: str, field: str, environ: Mapping[str, str]) -> str:
    """Give a part's secret from `BUGBRIDGE_NAME_FIELD` or the file that `BUGBRIDGE_NAME_FIELD_FILE` names.

    Raises ConfigError that names the variable where it is missing or empty.
    """
    variable = secret_variable(name, field)
    value = environ.get(variable, "").strip() or _secret_file(variable, environ)
    if not value:
        raise ConfigError([f"{name} needs a secret: set {variable}, or {variable}_FILE to a file that holds it."])
    return value


def webhook_secret(name: str, environ: Mapping[str, str]) -> str:
    """Give the secret that a tracker or helpdesk proves its webhooks with, "" where none is set.

    Raises ConfigError where a file is named that can't be read or is empty.
    """
    found = is_set(secret_variable(name, WEBHOOK_FIELD), environ)
    return secret(name, WEBHOOK_FIELD, environ) if found else ""


def web_token(settings: Settings, environ: Mapping[str, str]) -> str:
    """Give the admin's token that the environment holds for `bugbridge serve`, "" where none is set.

    One that signs in at a helpdesk or tracker named web is theirs alone. Raises ConfigError for one that could be tried
    out, and where a file is named that can't be read or is empty.
    """
    variable = secret_variable(WEB, WEB_SECRET)
    if not is_set(variable, environ) or web_token_is_taken(settings):
        return ""
    token = secret(WEB, WEB_SECRET, environ)
    if len(token) < LEAST_OF_A_TOKEN:
        raise ConfigError([f"{variable} is too short: make one with `openssl rand -hex 32`."])
    return token


def web_key(environ: Mapping[str, str]) -> str:
    """Give the secret that signs sessions and the sidebar's addresses, "" where none is set.

    Raises ConfigError for one that could be tried out, and where a file is named that can't be read or is empty.
    """
    variable = secret_variable(WEB, WEB_KEY)
    if not is_set(variable, environ):
        return ""
    key = secret(WEB, WEB_KEY, environ)
    if len(key) < LEAST_OF_A_KEY:
        raise ConfigError([f"{variable} is too short: make one with `openssl rand -hex 32`."])
    return key


def web_client_secret(settings: Settings, environ: Mapping[str, str]) -> str:
    """Give the secret by which the sign-in's provider knows us, "" where there is no provider.

    Raises ConfigError where it is missing, where a file is named that can't be read or is empty, and where a helpdesk
    or tracker named web has that variable for its own.
    """
    if not settings.web.oidc_issuer:
        return ""
    part = settings.helpdesks.get(WEB) or settings.trackers.get(WEB)
    if part is not None and WEB_CLIENT_SECRET in part.secrets:
        raise ConfigError(
            [f"[web] oidc_issuer: {secret_variable(WEB, WEB_CLIENT_SECRET)} is that of {WEB}: give that another name."]
        )
    return secret(WEB, WEB_CLIENT_SECRET, environ)


def web_token_is_taken(settings: Settings) -> bool:
    """Whether a helpdesk or tracker is named web, so that its token has the variable that ours would have."""
    part = settings.helpdesks.get(WEB) or settings.trackers.get(WEB)
    return part is not None and WEB_SECRET in part.secrets


def secret_variable(name: str, field: str) -> str:
    """Give the name of the environment variable that holds a part's secret."""
    return f"BUGBRIDGE_{name}_{field}".upper().replace("-", "_")


def is_set(variable: str, environ: Mapping[str, str]) -> bool:
    """Whether a secret's variable, or the one that names its file, holds anything."""
    return bool(environ.get(variable, "").strip() or environ.get(f"{variable}_FILE"))


def _secret_file(variable: str, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{variable}_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError([f"{variable}_FILE names {path}, which can't be read."]) from None


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path} can't be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path} isn't UTF-8 text."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path.name} isn't valid TOML: {error}."]) from None


def _paths(content: Mapping[str, Any], config: Path) -> dict[str, Any]:
    paths: dict[str, Any] = {"path": config}
    for key in ("database", "policy", "templates"):
        value = content.get(key)
        if isinstance(value, str) and value:
            paths[key] = config.parent / Path(value).expanduser()
        elif value is None and key != "templates":
            paths[key] = _usual_path(key)
    if "wording" in content:
        paths["wording"] = _beside(content["wording"], config)
    return paths


def _beside(value: object, config: Path) -> object:
    """Make the names of files absolute, alone or in a list; anything else is refused as it is."""
    if isinstance(value, list):
        return [_beside(name, config) for name in value]
    return config.parent / Path(value).expanduser() if isinstance(value, str) and value else value


def _usual_path(key: str) -> Path:
    if key == "policy":
        return shipped_folder() / "policy.toml"
    from platformdirs import user_data_path

    return user_data_path("bugbridge") / "bugbridge.sqlite"


def _misplaced_secrets(content: Mapping[str, Any], section: tuple[str, ...] = ()) -> Iterator[str]:
    for key, value in content.items():
        if _is_part_or_section(section, value):
            yield from _misplaced_secrets(value, (*section, key))
        elif _is_secret(section, key):
            name = section[1] if len(section) > 1 else WEB if section == (WEB,) else "NAME"
            named = (
                known
                for known in (WEBHOOK_FIELD, "client_secret", "private_key")
                if known.partition("_")[0] in key.lower()
            )
            field = NOTIFICATION_SECRET if section[:1] == ("notifications",) else next(named, "token")
            yield (
                f"{_place((*section, key))}: secrets don't belong in this file; "
                f"remove it and set {secret_variable(name, field)} in the environment."
            )


def _is_secret(section: tuple[str, ...], key: str) -> bool:
    """Whoever knows the URL of a notification can write there; that of a helpdesk or tracker is no secret."""
    return bool(SECRET_KEY.search(key)) or (section[:1] == ("notifications",) and key == NOTIFICATION_SECRET)


def _is_part_or_section(section: tuple[str, ...], value: object) -> bool:
    return isinstance(value, dict) and len(section) < 2


def _without_secrets(content: Mapping[str, Any], section: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        key: _without_secrets(value, (*section, key)) if _is_part_or_section(section, value) else value
        for key, value in content.items()
        if _is_part_or_section(section, value) or not _is_secret(section, key)
    }


def _sentence(detail: Mapping[str, Any]) -> str:
    location = tuple(str(part) for part in detail["loc"])
    place = _without_kind(location)
    if detail["type"] == "extra_forbidden":
        return f"{_place(place)}: unknown key{_suggestion(place[-1], _known_keys(location))}"
    if detail["type"] == "union_tag_not_found":
        return f"{_place((*place, 'kind'))}: missing; it is one of {_kinds(place[0])}."
    if detail["type"] == "union_tag_invalid":
        return f"{_place((*place, 'kind'))}: unknown; it is one of {_kinds(place[0])}."
    if detail["type"] == "missing":
        return f"{_place(place)}: missing."
    if place[-1:] == ("[key]",):
        return f"{_place(place[:-1])}: {_reason(detail)}."
    return f"{_place(place)}: {_reason(detail)}."


def _without_kind(location: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the kind that pydantic puts after a part's name; the file has no such level."""
    if len(location) > 2 and location[0] in {"helpdesks", "trackers"} and location[2] in _models(location[0]):
        return location[:2] + location[3:]
    return location


def _models(section: str) -> Mapping[str, type[Section]]:
    if section == "helpdesks":
        return helpdesk_sections()
    return {get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(TrackerSettings)}


def _kinds(section: str) -> str:
    return ", ".join(_models(section))


def _known_keys(location: tuple[str, ...]) -> list[str]:
    if len(location) == 1:
        return [key for key in Settings.model_fields if key != "path"]
    if location[0] == "notifications":
        return list(NotificationSettings.model_fields)
    if location[0] in {"helpdesks", "trackers"}:
        return list(_models(location[0])[location[2]].model_fields)
    annotation = Settings.model_fields[location[0]].annotation
    return list(annotation.model_fields) if isinstance(annotation, type) and issubclass(annotation, Section) else []


def _suggestion(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else "."


def _place(location: tuple[str, ...]) -> str:
    if not location:
        return "the file"
    if len(location) == 1:
        return f"[{location[0]}]" if location[0] in SECTIONS else location[0]
    depth = 2 if location[0] in {"helpdesks", "trackers", "notifications"} else 1
    section, key = ".".join(location[:depth]), ".".join(location[depth:])
    return f"[{section}] {key}".strip()


def _reason(detail: Mapping[str, Any]) -> str:
    text = str(detail["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
