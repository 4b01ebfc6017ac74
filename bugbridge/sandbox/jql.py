"""The part of JQL that a sync needs: clauses joined by AND, and an order."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bugbridge.sandbox.seed_issues import STATUS_IDS
from bugbridge.sandbox.world import JiraIssue, World

ACCOUNT_ZONE = ZoneInfo("Europe/Berlin")
"""Jira reads a date without a zone in the account's own zone; epoch milliseconds mean the same everywhere."""

TOKEN = re.compile(r"""\s*("[^"]*"|'[^']*'|>=|<=|!=|[=<>(),~]|[^\s=<>(),~!"']+)""")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
CATEGORIES = {"To Do": "To Do", "In Progress": "In Progress", "Done": "Done"}
ORDERED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


class JqlError(Exception):
    """A query that Jira would refuse, with Jira's sentence."""


@dataclass
class Clause:
    """One condition: a field, an operator in lower case, and its values."""

    field: str
    operator: str
    values: list[str]


@dataclass
class Query:
    """A read query; `order` holds field names and whether each descends."""

    clauses: list[Clause]
    order: list[tuple[str, bool]]


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while text[place:].strip():
        match = TOKEN.match(text, place)
        if match is None:
            raise JqlError(f"Error in the JQL Query: the character {text[place]!r} is a reserved JQL character.")
        found.append(match.group(1))
        place = match.end()
    return found


class _Reader:
    """Reads a query from its tokens, one after the other."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def next(self) -> str:
        if not self._tokens:
            raise JqlError("Error in the JQL Query: Expecting either a value, list or function but got nothing.")
        return self._tokens.pop(0)

    def word(self, *words: str) -> bool:
        """Take these words if they come next."""
        if [token.lower() for token in self._tokens[: len(words)]] != list(words):
            return False
        del self._tokens[: len(words)]
        return True

    def values(self) -> list[str]:
        first = self.next()
        if first != "(":
            return [first.strip("\"'")]
        values = []
        while (part := self.next()) != ")":
            if part != ",":
                values.append(part.strip("\"'"))
        return values

    def clause(self) -> Clause:
        name, sign = self.next().strip('"').lower(), self.next().lower()
        if sign in {"not", "is"}:
            sign += " " + self.next().lower()
        if sign == "is" and self.word("not"):
            sign = "is not"
        return Clause(name, sign, self.values())

    def query(self) -> Query:
        clauses, order = [], []
        while self._tokens and not self.word("order", "by"):
            clauses.append(self.clause())
            if not self.word("and") and self._tokens and self._tokens[0].lower() != "order":
                raise JqlError(f"Error in the JQL Query: Expecting operator but got '{self._tokens[0]}'.")
        while self._tokens:
            name = self.next().lower()
            order.append((name, self.word("desc") or (self.word("asc") and False)))
            self.word(",")
        return Query(clauses, order)


def _versions(world: World, issue: JiraIssue) -> list[str]:
    found = [version for version in world.versions[issue.project] if version.name in issue.fix_versions]
    return [text for version in found for text in (version.name.lower(), str(version.id))]


def _keys(world: World, issue: JiraIssue) -> list[str]:
    """Its key and id, and the keys it had before it was moved."""
    former = [old.lower() for old, present in world.moved.items() if present == issue.key]
    return [issue.key.lower(), str(issue.id), *former]


TEXTS: dict[str, Callable[[World, JiraIssue], list[str]]] = {
    "project": lambda _, issue: [issue.project.lower()],
    "key": _keys,
    "issuetype": lambda _, issue: [issue.issue_type.lower()],
    "status": lambda _, issue: [issue.status.lower(), STATUS_IDS[issue.status]],
    "statuscategory": lambda _, issue: [CATEGORIES[issue.status].lower()],
    "resolution": lambda _, issue: [(issue.resolution or "unresolved").lower()],
    "labels": lambda _, issue: [label.lower() for label in issue.labels],
    "fixversion": _versions,
}
ISSUE_FIELDS = ("key", "issue", "issuekey", "id")
TEXTS |= dict.fromkeys(ISSUE_FIELDS, TEXTS["key"])
MOMENTS: dict[str, Callable[[JiraIssue], datetime | None]] = {
    "updated": lambda issue: issue.updated_at,
    "created": lambda issue: issue.created_at,
    "resolved": lambda issue: issue.resolved_at,
    "resolutiondate": lambda issue: issue.resolved_at,
}


def _instant(text: str, now: datetime) -> datetime:
    """A moment as JQL writes it: epoch milliseconds, a date in the account's zone, or `-14d`."""
    if re.fullmatch(r"\d+", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if relative := re.fullmatch(r"(-?)(\d+)([mhdw])", text):
        step = UNITS[relative.group(3)] * int(relative.group(2))
        return now - step if relative.group(1) else now + step
    try:
        return datetime.fromisoformat(text.replace("/", "-")).replace(tzinfo=ACCOUNT_ZONE).astimezone(UTC)
    except ValueError:
        raise JqlError(f"Date value '{text}' for field 'updated' is invalid.") from None


def _holds(world: World, clause: Clause, issue: JiraIssue) -> bool:
    if clause.field in MOMENTS:
        moment = MOMENTS[clause.field](issue)
        if clause.operator not in ORDERED:
            raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
        return moment is not None and bool(ORDERED[clause.operator](moment, _instant(clause.values[0], world.now())))
    if clause.field == "text":
        return _mentions(clause, issue)
    if clause.field not in TEXTS:
        raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")
    held = TEXTS[clause.field](world, issue)
    wanted = {value.lower() for value in clause.values}
    if clause.operator in {"is", "is not"}:
        return bool(held and held != ["unresolved"]) == (clause.operator == "is not")
    if clause.operator not in {"=", "in", "!=", "not in"}:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    return bool(wanted & set(held)) == (clause.operator in {"=", "in"})


def _mentions(clause: Clause, issue: JiraIssue) -> bool:
    """Whether an issue's summary holds every word; Jira looks into its other texts too."""
    if clause.operator != "~":
        raise JqlError(f"The operator '{clause.operator}' is not supported by the 'text' field.")
    held = set(re.findall(r"\w+", issue.summary.lower()))
    return {word.lower() for word in clause.values[0].split()} <= held


def _check_names(world: World, query: Query) -> None:
    """Jira refuses a whole query that names a project or an issue it doesn't have."""
    for clause in query.clauses:
        for value in clause.values if clause.field == "project" else []:
            if value.upper() not in world.versions:
                raise JqlError(f"The value '{value}' does not exist for the field 'project'.")
        for value in clause.values if clause.field in ISSUE_FIELDS else []:
            key = world.moved.get(value.upper(), value.upper())
            if not value.isdigit() and (key not in world.jira_issues or key in world.gone):
                raise JqlError(f"An issue with key '{value}' does not exist for field '{clause.field}'.")


def _order_key(name: str) -> Callable[[JiraIssue], Any]:
    if name in MOMENTS:
        return lambda issue: MOMENTS[name](issue) or datetime.min.replace(tzinfo=UTC)
    if name in ISSUE_FIELDS:
        return lambda issue: (issue.project, issue.number)
    raise JqlError(f"Not able to sort using field '{name}'.")


def find(world: World, jql: str) -> list[JiraIssue]:
    """The issues that a query finds, in its order (newest first without one); JqlError as Jira would refuse it."""
    query = _Reader(_tokens(jql)).query()
    if not query.clauses:
        raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    _check_names(world, query)
    found = [
        issue
        for issue in world.jira_issues.values()
        if issue.key not in world.gone and all(_holds(world, clause, issue) for clause in query.clauses)
    ]
    for name, descending in reversed(query.order or [("created", True)]):
        found.sort(key=_order_key(name), reverse=descending)
    return found
