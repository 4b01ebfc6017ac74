"""What the daemon checks before it begins, each finding with a stable id and a hint; errors end it, warnings don't.

No helpdesk or tracker is asked: one that is down when the computer starts must not keep the daemon from starting.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bugbridge.app import CLOCK_VARIABLE
from bugbridge.core.errors import BugBridgeError, ConfigError, DataError
from bugbridge.core.snapshots import Check
from bugbridge.entry.good_policy import keep_good_policy
from bugbridge.entry.well import Found, database, once, tried, worst, written
from bugbridge.render.plain import clean
from bugbridge.services.sources import in_watch_mode

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import Source

HINTS = {
    "config": "config/bugbridge.toml explains every key.",
    "policy": "`bugbridge policy check` shows it with its line.",
    "policy.in-force": "`bugbridge policy history` shows what is in force.",
    "calendar": "correct [calendar] in the configuration.",
    "templates": "`bugbridge doctor` tries every template.",
    "wording": "`bugbridge wording check` shows it with its line.",
    "accounts": "correct the file, or [accounts] in the configuration.",
    "people": "correct the file, or [people] in the configuration.",
    "database": "`bugbridge doctor` looks at it again.",
    "secret": "a secret comes from the environment, or from a file that the environment names.",
}

log = logging.getLogger("bugbridge.daemon")


@dataclass(frozen=True, slots=True)
class Finding:
    """What isn't as it should be. `exit_code` is 0 for a warning."""

    id: str
    sentence: str
    hint: str
    exit_code: int = 0

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{self.id}: {self.sentence} Hint: {self.hint}"


def look_over(app: "App", environ: Mapping[str, str] = os.environ) -> tuple[Finding, ...]:
    """Give all that was found, errors first."""
    errors = [_error(check, code) for check, code in once(_checks(app)) if not check.well]
    notices = [] if errors else list(_warnings(app, environ))
    return (*errors, *notices)


def refuse(findings: tuple[Finding, ...]) -> None:
    """Raise what the errors among the findings call for, all of them in one: ConfigError or DataError."""
    errors = [finding for finding in findings if finding.exit_code]
    if not errors:
        return
    sentences = [str(finding) for finding in errors]
    if worst({finding.exit_code for finding in errors}) == DataError.exit_code:
        raise DataError("\n".join(sentences))
    raise ConfigError(sentences)


def _checks(app: "App") -> Iterator[Found]:
    yield from written(app)
    for name in app.settings.helpdesks:
        yield from tried(f"secret.{name}", partial(_made, app, name))
    for name in app.settings.trackers:
        yield from tried(f"secret.{name}", partial(_made, app, name))
    opened = list(database(app))
    yield from opened
    if all(check.well for check, _ in opened):
        yield from tried("policy", partial(_deciding, app))


def _deciding(app: "App") -> tuple[Check, ...]:
    """A broken file that isn't in force, since a person applied another, stops nothing."""
    _ = app.policies
    return ()


def _made(app: "App", name: str) -> tuple[Check, ...]:
    """Making a part asks for its secret, and for nothing over the network."""
    _ = app.helpdesk(name) if name in app.settings.helpdesks else app.tracker(name)
    return ()


def _error(check: Check, code: int) -> Finding:
    return Finding(f"daemon.{check.id}", check.sentence, HINTS[check.id.partition(".")[0]], code)


def _warnings(app: "App", environ: Mapping[str, str]) -> Iterator[Finding]:
    for check, _ in database(app):
        if check.id == "policy.in-force":
            yield Finding(f"daemon.{check.id}", check.sentence, HINTS[check.id])
    yield from _missing_parts(app)
    sources = {source.name: source for source in app.store.sources() if source.role == "helpdesk"}
    yield from _held_back(app, sources)
    yield from _left_out(app, sources)
    if environ.get(CLOCK_VARIABLE):
        sentence = f"{CLOCK_VARIABLE} is set: the daemon lives at another time than its customers."
        yield Finding("daemon.clock", sentence, "that is for demonstrations alone; unset it.")


def _missing_parts(app: "App") -> Iterator[Finding]:
    for role, parts in (("helpdesk", app.settings.helpdesks), ("tracker", app.settings.trackers)):
        if not parts:
            hint = f"add [{role}s.NAME] to {app.settings.path}; config/bugbridge.toml shows how."
            yield Finding(f"daemon.no-{role}", f"No {role} is configured, so there is nothing to link.", hint)


def _held_back(app: "App", sources: "Mapping[str, Source]") -> Iterator[Finding]:
    for name in app.settings.helpdesks:
        source = sources.get(name)  # none yet where a reload adds it
        if source is None or in_watch_mode(app.store, source):
            sentence = f"{name} is in watch mode: nothing is posted there."
            yield Finding(f"daemon.watch-mode.{name}", sentence, "`bugbridge go-live` begins it.")
        elif _is_paused(app, source):
            sentence = f"{name} is paused: nothing is posted there."
            yield Finding(f"daemon.paused.{name}", sentence, "`bugbridge resume` ends it.")


def _left_out(app: "App", sources: "Mapping[str, Source]") -> Iterator[Finding]:
    """Name the helpdesks whose updates fall due though nobody can post them; pausing them says that this is meant."""
    for name, source in sources.items():
        if name in app.settings.helpdesks or in_watch_mode(app.store, source) or _is_paused(app, source):
            continue
        sentence = f"{name} is live, but the configuration doesn't have it any more: its updates can't be posted."
        hint = f"put [helpdesks.{name}] back into {app.settings.path}, or run `bugbridge pause {name}`."
        yield Finding(f"daemon.left-out.{name}", sentence, hint)


def _is_paused(app: "App", source: "Source") -> bool:
    return source.paused_until is not None and source.paused_until > app.clock.now()


def warn(findings: tuple[Finding, ...]) -> None:
    """Log each one."""
    for finding in findings:
        log.log(logging.ERROR if finding.exit_code else logging.WARNING, "%s", clean(str(finding)))


def reloaded(app: "App", environ: Mapping[str, str] = os.environ) -> "App | None":
    """Wire the configuration as it is now, to go by its policy file while that is well.

    None where it isn't well, or the database can't be used just now: then every problem is logged and nothing written.
    """
    from bugbridge.settings import load_settings

    try:
        fresh = app.with_settings(load_settings(app.settings.path, environ))
        findings = look_over(fresh, environ)
        if not _has_errors(findings):
            keep_good_policy(fresh)
            fresh.declare_sources()
    except BugBridgeError as error:
        findings = _findings(error)
    warn(findings)
    if _has_errors(findings):
        log.error("the new configuration isn't taken on: the daemon goes on with the old one")
        return None
    log.info("the configuration was read again")
    return fresh


def _has_errors(findings: tuple[Finding, ...]) -> bool:
    return any(finding.exit_code for finding in findings)


def _findings(error: BugBridgeError) -> tuple[Finding, ...]:
    what = "database" if isinstance(error, DataError) else "config"
    return tuple(Finding(f"daemon.{what}", line, HINTS[what], error.exit_code) for line in str(error).splitlines())
