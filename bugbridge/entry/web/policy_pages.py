"""The policy as people read it: who hears what, by which rule, since when; and its earlier versions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from bugbridge.core.errors import UsageError
from bugbridge.core.instants import instant_to_text
from bugbridge.core.listings import PAGE_ROWS, Column, ColumnKind, Linked, Listing, Value
from bugbridge.core.policy_grid import PolicyRow, policy_rows
from bugbridge.core.policy_model import Policy
from bugbridge.core.policy_words import applies_to_sentence, policy_words
from bugbridge.entry.policy_sentences import change_words
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_POLICY_NAME
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import NOT_FOUND
from bugbridge.entry.web.visiting import Lead
from bugbridge.render.policy_headings import POLICY_HEADINGS
from bugbridge.services.policies import Entry, Kept, find_version, history, kept_policies
from bugbridge.services.policy_editing import for_everybody, versions_in_force

SHOWN_VERSIONS = 5
VERSIONS_PATH = "/policy/versions"
ROWS = (
    Column("id", "Rule"),
    Column("when", "When"),
    Column("what", "What"),
    Column("because", "Because"),
)
VERSIONS = (
    Column("start", "From", ColumnKind.MOMENT),
    Column("policy", "Policy"),
    Column("version", "Version"),
    Column("state", "State"),
    Column("by", "By"),
    Column("applied", "Applied", ColumnKind.MOMENT),
    Column("change", "Change"),
)
GO_BACK = Column("back", "Go back")
NO_RULES = "There are no more rules."
NO_VERSION = "No policy was put in force yet: the configured file decides. Edit the policy, and apply it."

router = APIRouter()

Name = Annotated[
    str,
    Query(
        alias="policy",
        max_length=LONGEST_POLICY_NAME,
        description="A policy's name; the one for everybody without.",
    ),
]
Hash = Annotated[str, Query(max_length=64, description="The hash of an earlier version, or its beginning.")]


class PolicyVersionFacts(BaseModel):
    """A version of a policy: what names it, from when on it is in force (UTC), and who put it there."""

    policy: str
    version: str
    start: str
    by: str


class PolicyRowFacts(BaseModel):
    """A rule, or a cell of the grid: when it decides, what then, and the team's reason."""

    id: str
    when: str
    what: str
    because: str


class PolicyFacts(BaseModel):
    """A policy in sentences and as its text; its rules, of which the first that fits decides; and those beside it."""

    shown: PolicyVersionFacts
    is_in_force: bool
    applies_to: str
    rules: list[PolicyRowFacts]
    sentences: dict[str, list[str]]
    text: str
    in_force: list[PolicyVersionFacts]
    to_come: list[PolicyVersionFacts]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was just put in force, or is to come; `earlier` is the version before it, and `back` leads to that."""

    kept: Kept
    is_ahead: bool
    earlier: Kept | None
    back: str


def policy_path(name: str = "", version: str = "", applied: str = "") -> str:
    """Give the page of a policy, or of an earlier version of it; it says of a version that was `applied` that it is."""
    given = (("policy", name), ("version", version), ("applied", applied))
    asked = {key: value for key, value in given if value}
    return f"/policy?{urlencode(asked)}" if asked else "/policy"


def roll_back_path(version: str, start: str = "") -> str:
    """Give the page on which one goes back to a version, from a local time on where one is given."""
    return f"/policy/roll-back?{urlencode({'version': version, **({'start': start} if start else {})})}"


@router.get("/policy", include_in_schema=False)
def policy_page(
    web: WebHere,
    visitor: Lead,
    request: Request,
    name: Name = "",
    version: Hash = "",
    applied: Hash = "",
    after: After = "",
    as_file: AsFile = "",
) -> Response:
    """Show a policy as a table, with its other sentences below."""
    in_force = versions_in_force(web.app.store, web.app.policy_file, web.app.clock.now())
    shown = chosen_version(web, in_force, name, version)
    parsed = shown.read()
    standing = in_force.get(shown.name)
    facts = {
        "shown": shown,
        "scope": applies_to_sentence(parsed.applies_to),
        "tabs": [(one, policy_path(one)) for one in in_force],
        "is_in_force": standing is not None and standing.hash == shown.hash,
        "applied": _applied(web, shown.name, applied) if applied else None,
        "to_come": to_come(web, shown.name),
        "sections": _sections(parsed.policy),
        "versions": versions_listing(web, shown.name, most=SHOWN_VERSIONS),
    }
    return listing_page(web, visitor, request, after, partial(_rows, parsed.policy), as_file, ("policy.html", facts))


@router.get(VERSIONS_PATH, include_in_schema=False)
def versions_page(
    web: WebHere, visitor: Lead, request: Request, name: Name = "", after: After = "", as_file: AsFile = ""
) -> Response:
    """Show each version of the policies."""
    has_acts = visitor.sees_everything and not as_file
    return listing_page(web, visitor, request, after, partial(versions_listing, web, name, has_acts=has_acts), as_file)


@router.get("/api/v1/policy")
def policy_facts(web: WebHere, _visitor: Lead, name: Name = "", version: Hash = "") -> PolicyFacts:
    """The policy in force, or an earlier version of it."""
    in_force = versions_in_force(web.app.store, web.app.policy_file, web.app.clock.now())
    shown = chosen_version(web, in_force, name, version)
    parsed, standing = shown.read(), in_force.get(shown.name)
    return PolicyFacts(
        shown=_version_facts(shown),
        is_in_force=standing is not None and standing.hash == shown.hash,
        applies_to=applies_to_sentence(parsed.applies_to),
        rules=[row_facts(row) for row in policy_rows(parsed.policy)],
        sentences={heading: list(said) for heading, said in _sections(parsed.policy)},
        text=shown.body,
        in_force=[_version_facts(one) for one in in_force.values()],
        to_come=[_version_facts(one) for one in to_come(web)],
    )


@router.get("/api/v1/policy/versions")
def versions_facts(web: WebHere, _visitor: Lead, name: Name = "", after: After = "") -> ListingFacts:
    """Each version of the policies, the newest first."""
    return listing_facts(versions_listing(web, name, after))


def chosen_version(web: Web, in_force: Mapping[str, Kept], name: str, version: str) -> Kept:
    """Give an earlier version by its hash, or the one in force of a policy. Raises Refused where there is none."""
    if version:
        try:
            return find_version(kept_policies(web.app.store), version, PAGES.versions)
        except UsageError:
            raise Refused(NOT_FOUND, "There is no such version: /policy/versions lists them.") from None
    if name and name not in in_force:
        raise Refused(NOT_FOUND, "No policy of this name is in force: /policy shows those that are.")
    return in_force[name] if name else for_everybody(in_force)


def to_come(web: Web, name: str = "") -> Sequence[Kept]:
    """Give the versions that are to come into force, the next one first."""
    now = web.app.clock.now()
    ahead = [one for one in kept_policies(web.app.store) if one.in_force_from > now and name in ("", one.name)]
    return ahead[:PAGE_ROWS]


def row_facts(row: PolicyRow) -> PolicyRowFacts:
    """Give a rule to a program."""
    return PolicyRowFacts(id=row.id, when=row.when, what=row.what, because=row.because)


def row_values(row: PolicyRow) -> dict[str, Value]:
    """Give a rule as a row."""
    return {"id": row.id, "when": row.when, "what": row.what, "because": row.because}


def _applied(web: Web, name: str, version: str) -> Applied | None:
    """Give what an address says was applied, where it is in force or to come; whatever else stands there says
    nothing."""
    now = web.app.clock.now()
    entries = [one for one in history(kept_policies(web.app.store), now) if one.kept.name == name]
    for index, entry in enumerate(entries):
        kept, is_ahead = entry.kept, entry.kept.in_force_from > now
        if kept.hash == version and (entry.in_force or is_ahead):
            others = (one.kept for one in entries[index + 1 :] if not one.kept.withdrawn and one.kept.hash != version)
            earlier = next(others, None)
            return Applied(kept, is_ahead, earlier, _back(web, kept, earlier, is_ahead=is_ahead) if earlier else "")
    return None


def _back(web: Web, kept: Kept, earlier: Kept, *, is_ahead: bool) -> str:
    """What is to come is taken back from its own beginning on."""
    start = kept.in_force_from.astimezone(ZoneInfo(web.pages.zone)).replace(tzinfo=None)
    return roll_back_path(earlier.hash, start.isoformat() if is_ahead else "")


def _rows(policy: Policy, after: str) -> Listing:
    rows = policy_rows(policy)
    begin = int(after) if after.isdecimal() else 0
    end = begin + PAGE_ROWS
    following = str(end) if end < len(rows) else ""
    title = "Who hears what: the first that fits decides"
    return Listing(title, ROWS, [row_values(row) for row in rows[begin:end]], NO_RULES, following)


def _sections(policy: Policy) -> list[tuple[str, Sequence[str]]]:
    words = policy_words(policy)
    return [(heading, getattr(words, name)) for name, heading in POLICY_HEADINGS.items()]


def versions_listing(
    web: Web, name: str = "", after: str = "", most: int = PAGE_ROWS, *, has_acts: bool = False
) -> Listing:
    """Give the versions of a policy, or of all; `after` counts them from the first one, which stays the first. Where it
    `has_acts`, each earlier version leads to the page on which one goes back to it."""
    now, kept = web.app.clock.now(), kept_policies(web.app.store)
    entries = history(kept, now, name) if not name or any(one.name == name for one in kept) else ()
    left = entries[-int(after) :] if after.isdecimal() and int(after) else entries
    in_force = {one.kept.hash for one in entries if one.in_force}
    rows = [_version_row(one, now, in_force) for one in left[:most]]
    following = str(len(left) - most) if len(left) > most else ""
    columns = (*VERSIONS, GO_BACK) if has_acts else VERSIONS
    return Listing("Versions of the policies", columns, rows, NO_VERSION, following)


def _version_row(entry: Entry, now: datetime, in_force: Collection[str]) -> dict[str, Value]:
    kept = entry.kept
    otherwise = "to come" if kept.in_force_from > now else "earlier"
    is_earlier = kept.in_force_from <= now and not kept.withdrawn and kept.hash not in in_force
    return {
        "start": kept.in_force_from,
        "policy": kept.name,
        "version": "withdrawn" if kept.withdrawn else Linked(kept.hash, policy_path(version=kept.hash)),
        "state": "in force" if entry.in_force else otherwise,
        "by": f"{kept.author.id} ({kept.author.via})",
        "applied": kept.said_at,
        "change": change_words(entry.change),
        "back": Linked(f"Roll back to {kept.hash}", roll_back_path(kept.hash)) if is_earlier else None,
    }


def _version_facts(kept: Kept) -> PolicyVersionFacts:
    return PolicyVersionFacts(
        policy=kept.name,
        version="" if kept.withdrawn else kept.hash,
        start=instant_to_text(kept.in_force_from),
        by=f"{kept.author.id} ({kept.author.via})",
    )
