"""What people say of a bug on the web: customers' words, what helps meanwhile, that a fix is out."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from bugbridge.core.access import Visitor
from bugbridge.core.bug_words import problem_of_words
from bugbridge.core.errors import RefusedError
from bugbridge.entry.naming import instant, is_today, release_version
from bugbridge.entry.said_workaround import said_workaround
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.bug_facts import KnownBug, known_bug
from bugbridge.entry.web.bug_list import refusing
from bugbridge.entry.web.bug_page import page_again
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_TYPED
from bugbridge.entry.web.paths import bug_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import CONFLICT, MALFORMED, SEE_OTHER
from bugbridge.entry.web.visiting import Agent, Form, Lead, OwnCall, OwnForm, actor_of
from bugbridge.services.bug_words import keep_words, record_workaround
from bugbridge.services.intake import bug_timeline, mark_release

router = APIRouter()
NOT_FIXED = "A bug can be released only once it is fixed: close its issue as fixed, or give a day since which it was."
KNOWN_ALREADY = "That changes nothing of what is known of this bug's release, so nothing was kept."
IS_NEW = {"": None, "new": True, "rewording": False}
NUMBER = re.compile(r"[0-9]{0,9}")
Text = Annotated[str, StringConstraints(max_length=20_000)]


class Words(BaseModel):
    """What customers call a bug, such as `export problem`; "" takes the words back."""

    model_config = ConfigDict(extra="forbid")
    words: Text


class NewWorkaround(BaseModel):
    """What helps meanwhile. Without a language it is the team's; `kind` says whether it is another workaround than the
    known one, which "" leaves to the language. `accept` is the number of a suggestion, in place of a text."""

    model_config = ConfigDict(extra="forbid")
    text: Text = ""
    language: Annotated[str, StringConstraints(max_length=LONGEST_TYPED)] = ""
    applies_to: Text = ""
    kind: Literal["", "new", "rewording"] = ""
    accept: int | None = None


class Release(BaseModel):
    """That a fix is out in a version; on a day or at an instant, "" for now. One that lies ahead is planned."""

    model_config = ConfigDict(extra="forbid")
    version: Annotated[str, StringConstraints(max_length=LONGEST_TYPED)]
    on: Annotated[str, StringConstraints(max_length=LONGEST_TYPED)] = ""


class Kept(BaseModel):
    """Which bug it was said of."""

    bug: str


@router.post("/bugs/{reference:path}/words", include_in_schema=False)
def words_form(web: WebHere, visitor: Agent, form: OwnForm, reference: str) -> Response:
    """Keep customers' words."""
    return _done(
        web, visitor, reference, "words", form, lambda: _keep_words(web, visitor, reference, form.get("words", ""))
    )


@router.post("/api/v1/bugs/{reference:path}/words")
def words_said(web: WebHere, visitor: Agent, _own: OwnCall, reference: str, said: Words) -> Kept:
    """Keep customers' words for a bug; drafts use them."""
    return Kept(bug=_keep_words(web, visitor, reference, said.words).reference)


def _keep_words(web: Web, visitor: Visitor, reference: str, words: str) -> KnownBug:
    bug = known_bug(web, visitor, reference)
    if problem := problem_of_words(words.strip(), web.app.references):
        raise Refused(MALFORMED, problem)
    with web.app.store.write():
        keep_words(web.app.store, bug.issue, words.strip())
        _trail(web, visitor, "words.kept", bug)
    return bug


@router.post("/bugs/{reference:path}/workarounds", include_in_schema=False)
def workaround_form(web: WebHere, visitor: Agent, form: OwnForm, reference: str) -> Response:
    """Record a workaround."""

    def record() -> KnownBug:
        return _record(web, visitor, reference, _workaround_of(form))

    return _done(web, visitor, reference, "workarounds", form, record)


def _workaround_of(form: Form) -> NewWorkaround:
    kind, accept = form.get("kind", ""), form.get("accept", "")
    if kind not in IS_NEW or not (accept == "" or (accept.isascii() and accept.isdecimal() and len(accept) < 10)):
        raise Refused(MALFORMED, "The form can't be read: reload the page and try again.")
    return NewWorkaround.model_construct(
        text=form.get("text", "").replace("\r\n", "\n"),
        language=form.get("language", "")[:LONGEST_TYPED],
        applies_to=form.get("applies_to", ""),
        kind=kind,
        accept=int(accept) if accept else None,
    )


@router.post("/api/v1/bugs/{reference:path}/workarounds")
def workaround_said(web: WebHere, visitor: Agent, _own: OwnCall, reference: str, said: NewWorkaround) -> Kept:
    """Record what helps meanwhile; customers without a workaround that works hear of a new one."""
    return Kept(bug=_record(web, visitor, reference, said).reference)


def _record(web: Web, visitor: Visitor, reference: str, said: NewWorkaround) -> KnownBug:
    bug, app = known_bug(web, visitor, reference), web.app
    words = said.text if said.accept is None or said.text else None
    is_new = IS_NEW[said.kind]
    with refusing(), app.store.write():
        new = said_workaround(
            app, bug.issue, words, said.language, said.applies_to, said.accept, is_new=is_new, ways=PAGES
        )
        record_workaround(app.store, app.clock, bug.issue, new, actor_of(visitor))
        _trail(web, visitor, "workaround.recorded", bug)
    return bug


@router.post("/bugs/{reference:path}/release", include_in_schema=False)
def release_form(web: WebHere, visitor: Lead, form: OwnForm, reference: str) -> Response:
    """Say that a fix is out."""
    version, on = (form.get(name, "")[:LONGEST_TYPED] for name in ("version", "on"))
    return _done(web, visitor, reference, "release", form, lambda: _release(web, visitor, reference, version, on))


@router.post("/api/v1/bugs/{reference:path}/release")
def release_said(web: WebHere, visitor: Lead, _own: OwnCall, reference: str, said: Release) -> Kept:
    """Say that a fixed bug is released in a version, or will be on a day that lies ahead."""
    return Kept(bug=_release(web, visitor, reference, said.version, said.on).reference)


def _release(web: Web, visitor: Visitor, reference: str, version: str, on: str) -> KnownBug:
    bug, app = known_bug(web, visitor, reference), web.app
    with refusing():
        named = release_version(version)
        day = None if not on or is_today(app, on) else instant(app, on)
    with app.store.write():
        before = bug_timeline(app.store, bug.issue)
        try:
            after = mark_release(app.store, app.clock, bug.issue, named, day, actor_of(visitor))
        except RefusedError:
            raise Refused(CONFLICT, NOT_FIXED) from None
        if after == before:
            raise Refused(CONFLICT, KNOWN_ALREADY)
        _trail(web, visitor, "release.marked", bug)
    return bug


def _trail(web: Web, visitor: Visitor, did: str, bug: KnownBug) -> None:
    web.app.store.add_to_trail(visitor, did, bug.reference, web.app.clock.now())


def _done(web: Web, visitor: Visitor, reference: str, name: str, form: Form, act: Callable[[], KnownBug]) -> Response:
    """Do it and go back to the bug's page; what can't be done stays in its form, to be mended there."""
    try:
        bug = act()
    except Refused as error:
        typed = {field: value if field == "text" else value[:LONGEST_TYPED] for field, value in form.items()}
        return page_again(web, visitor, known_bug(web, visitor, reference), name, typed, error)
    return RedirectResponse(f"{bug_path(bug.reference)}?kept={name}", SEE_OTHER)
