"""Find issues and tickets that people name, in messages and on the command line.

The text is hostile: every pattern runs in linear time, and nothing here raises on any message.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from bugbridge.core.errors import UsageError
from bugbridge.core.people import NO_PEOPLE, People
from bugbridge.core.promise_rules import PromiseRules
from bugbridge.core.prose import without_code, without_quotes

NUMBER = r"[1-9][0-9]{0,17}"
# A name goes on over these, so "12" in "12a", "12-rc" or "12.5" is not the number 12, but in "12." or "12)" it is.
ENDS = r"(?![\w@/]|[-.]\w)"
# A name that follows one of these is part of something longer: a path, an address, another name.
BEGINS = r"(?<![\w./\\@#&=%+~-])"
URL = r"[A-Za-z][A-Za-z0-9+.-]{0,15}://(?:(?![,;]https?://)[^\s<>\"\[\]])*"


MOST_WORDS, MOST_OF_A_WORD = 8, 40

GITHUB_PATH = re.compile(
    rf"/(?P<project>[A-Za-z0-9_.-]{{1,100}}/[A-Za-z0-9_.-]{{1,100}})/(?:issues|pulls?)/(?P<number>{NUMBER})(?!\w|[-.]\w)"
)
JIRA_PATH = re.compile(
    rf"(?:/browse/|/issues/|[?&]selectedIssue=)(?P<project>[A-Za-z][A-Za-z0-9_]{{0,254}})-(?P<number>{NUMBER})(?!\w|[-.]\w)"
)


@dataclass(frozen=True, slots=True)
class TrackerPattern:
    """A configured tracker: `projects` are its `OWNER/REPO`s or Jira keys, `web_url` is where people see its issues."""

    name: str
    kind: Literal["github", "jira"]
    web_url: str
    projects: frozenset[str]


@dataclass(frozen=True, slots=True)
class HelpdeskPattern:
    """A configured helpdesk; `web_url` is where agents see its tickets.

    `ticket_path` is a pattern of how a ticket's address goes on after that, with a group `number`.
    """

    name: str
    web_url: str
    ticket_path: str


@dataclass(frozen=True, slots=True)
class ReferenceRules:
    """What can be named at all: issues, tickets and people; in which language agents write, and how they promise."""

    trackers: tuple[TrackerPattern, ...]
    helpdesks: tuple[HelpdeskPattern, ...]
    language: str = "en"
    people: People = NO_PEOPLE
    promises: PromiseRules = field(default_factory=PromiseRules)


def project_of(reference: str) -> str:
    """The `OWNER/REPO` or Jira key of a canonical reference."""
    issue = reference.partition(":")[2]
    return issue.partition("#")[0] if "#" in issue else issue.rpartition("-")[0]


def search_words(text: str) -> tuple[str, ...]:
    """Give the words of what somebody looks for, in lower case, so that no vendor takes one for its query language."""
    return tuple(word[:MOST_OF_A_WORD] for word in re.findall(r"\w+", text.lower())[:MOST_WORDS])


def find_issue_references(text: str, rules: ReferenceRules) -> tuple[str, ...]:
    """The issues that the author of a message names, as `NAME:OWNER/REPO#12` or `NAME:KEY-12`, in order, each once.

    Code and quoted text are not theirs. A full URL of a configured host, or a reference that begins with a tracker's
    name, names an issue of any project; the short forms only those of configured projects, and only of one tracker.
    """
    words = without_code(without_quotes(text))
    found = (_issue_of(match, rules) for match in _pattern(rules).finditer(words))
    return tuple(dict.fromkeys(reference for reference in found if reference is not None))


def parse_issue_reference(text: str, rules: ReferenceRules) -> str:
    """The issue that a person means on the command line, as a canonical reference.

    Raises UsageError if it is none, or if it could be of several trackers.
    """
    typed = text.strip().strip("<>")
    match = _pattern(rules, re.IGNORECASE).fullmatch(typed)
    candidates = _issues_of(match, rules) if match else []
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise UsageError(f"{_shown(typed)} could be {' or '.join(candidates)}: write one of them.")
    raise UsageError(f"{_shown(typed)} names no issue that can be reached: {_known_trackers(rules)}.")


def parse_ticket_reference(text: str, rules: ReferenceRules) -> str:
    """The ticket that a person means on the command line, as `NAME:ID`.

    Raises UsageError if it is none, or a bare number where several helpdesks are configured.
    """
    typed = text.strip().strip("<>")
    bare = re.fullmatch(rf"#?({NUMBER})", typed)
    if bare and len(rules.helpdesks) > 1:
        choices = " or ".join(f"{helpdesk.name}:{bare[1]}" for helpdesk in rules.helpdesks)
        raise UsageError(f"{_shown(typed)} could be a ticket of several helpdesks: write {choices}.")
    for helpdesk in rules.helpdesks:
        number = bare[1] if bare else _ticket_number(typed, helpdesk)
        if number:
            return f"{helpdesk.name}:{number}"
    raise UsageError(f"{_shown(typed)} names no ticket that can be reached: {_known_helpdesks(rules)}.")


def _ticket_number(typed: str, helpdesk: HelpdeskPattern) -> str | None:
    named = re.fullmatch(rf"{re.escape(helpdesk.name)}:#?({NUMBER})", typed, re.IGNORECASE)
    if named:
        return named[1]
    path = _path_on(typed, helpdesk.web_url)
    match = re.match(helpdesk.ticket_path, path) if path is not None else None
    return match["number"] if match else None


def _shown(typed: str) -> str:
    short = typed if len(typed) <= 80 else typed[:79] + "…"
    return repr(short)


def _known_trackers(rules: ReferenceRules) -> str:
    known = [f"{tracker.name} ({tracker.web_url})" for tracker in rules.trackers]
    examples = [_example(tracker) for tracker in rules.trackers]
    if not known:
        return "no tracker is configured; add one to the configuration"
    return f"write for example {' or '.join(examples)}, or paste a URL of {' or '.join(known)}"


def _example(tracker: TrackerPattern) -> str:
    any_project = "OWNER/REPO" if tracker.kind == "github" else "KEY"
    project = min(tracker.projects, default=any_project)
    return _canonical(tracker, project, "12")


def _known_helpdesks(rules: ReferenceRules) -> str:
    known = [f"{helpdesk.name} ({helpdesk.web_url})" for helpdesk in rules.helpdesks]
    if not known:
        return "no helpdesk is configured; add one to the configuration"
    return f"write for example {rules.helpdesks[0].name}:4711, or paste a URL of {' or '.join(known)}"


@lru_cache(maxsize=32)
def _pattern(rules: ReferenceRules, flags: re.RegexFlag = re.RegexFlag.NOFLAG) -> re.Pattern[str]:
    """One pass over a text: a URL is taken whole, so that nothing inside another host's URL counts as a short form."""
    names = sorted((re.escape(tracker.name) for tracker in rules.trackers), key=len, reverse=True)
    tracker = rf"(?:(?P<tracker>(?i:{'|'.join(names)})):)?" if names else "(?P<tracker>(?!))?"
    github = rf"(?P<repository>[A-Za-z0-9_.-]{{1,100}}/[A-Za-z0-9_.-]{{1,100}})#(?P<github_number>{NUMBER})"
    jira = rf"(?P<key>[A-Z][A-Z0-9_]{{1,254}})-(?P<jira_number>{NUMBER})"
    return re.compile(rf"(?P<url>{URL})|{BEGINS}{tracker}(?:{github}|{jira}){ENDS}", flags)


def _issue_of(match: re.Match[str], rules: ReferenceRules) -> str | None:
    candidates = _issues_of(match, rules)
    return candidates[0] if len(candidates) == 1 else None


def _issues_of(match: re.Match[str], rules: ReferenceRules) -> list[str]:
    if match["url"]:
        return _issues_of_url(match["url"], rules)[:1]
    kind = "github" if match["repository"] else "jira"
    project, number = match["repository"] or match["key"], match["github_number"] or match["jira_number"]
    trackers = [tracker for tracker in rules.trackers if tracker.kind == kind]
    if match["tracker"]:
        named = [tracker for tracker in trackers if tracker.name.lower() == match["tracker"].lower()]
        return [_canonical(tracker, project, number) for tracker in named]
    return [_canonical(tracker, project, number) for tracker in trackers if _configured(tracker, project)]


def _issues_of_url(url: str, rules: ReferenceRules) -> list[str]:
    """The issue by each tracker on the URL's host, those that have its project in the configuration first."""
    found = [(tracker, _match_of_url(url, tracker)) for tracker in rules.trackers]
    hits = [(tracker, match["project"], match["number"]) for tracker, match in found if match]
    hits.sort(key=lambda hit: _configured(hit[0], hit[1]) is None)
    return [_canonical(*hit) for hit in hits]


def _match_of_url(url: str, tracker: TrackerPattern) -> re.Match[str] | None:
    path = _path_on(url, tracker.web_url)
    if path is None:
        return None
    return GITHUB_PATH.match(path) if tracker.kind == "github" else JIRA_PATH.search(path)


def _path_on(url: str, web_url: str) -> str | None:
    """What follows a configured address in a URL, or None if it is on another host or outside the address's path."""
    address, base = (_without_scheme(part) for part in (url, web_url.rstrip("/")))
    if "://" not in url or address[: len(base)].lower() != base.lower() or address[len(base) : len(base) + 1] != "/":
        return None
    return address[len(base) :]


def _without_scheme(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE)


def _configured(tracker: TrackerPattern, project: str) -> str | None:
    """The project as the configuration spells it; GitHub takes any case, and so do people who type a Jira key."""
    return next((known for known in sorted(tracker.projects) if known.lower() == project.lower()), None)


def _canonical(tracker: TrackerPattern, project: str, number: str) -> str:
    if tracker.kind == "github":
        return f"{tracker.name}:{_configured(tracker, project) or project.lower()}#{number}"
    return f"{tracker.name}:{_configured(tracker, project) or project.upper()}-{number}"
