"""Agents are handed sentences that promise something: a draft that is sent as it is gets kept."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.first_reply import IF_NEWS
from bugbridge.core.promise_finding import find_promises
from bugbridge.core.promises import PromiseEvent
from bugbridge.core.records import Note
from tests.render.test_drafts import FixedClock, shipped
from tests.render.test_wording_of_drafts import LANGUAGES, USED_AT, Case, cases, wordings


def promised(text: str, language: str) -> set[object]:
    """The days, and the events, of a draft's promises when it is sent at once."""
    found = find_promises(text, FixedClock().now(), ALWAYS_OPEN, language, wordings())
    return {said.due_at.astimezone(ZoneInfo("UTC")) if said.due_at else said.event for said in found}


def meant(case: Case) -> set[object]:
    """What a draft is given to promise: the end of a day, or any news."""
    next_at = case.details.get("next_at")
    if isinstance(next_at, datetime):
        return {next_at.replace(day=next_at.day + 1, hour=0)}
    return {PromiseEvent.NEWS} if case.details["promise"] == IF_NEWS else set()


def drafts(name: str, language: str) -> Iterator[tuple[Case, str]]:
    """Each draft of a name with its text."""
    renderer = shipped()
    for case in cases(name, language):
        yield case, renderer.text(Note(name, case.details), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(USED_AT))
def test_what_a_shipped_draft_promises_is_found(name: str, language: str) -> None:
    """The next date where it names one, any news where it says so, and nothing else."""
    ended = {"released", "declined"}
    for case, text in drafts(name, language):
        assert promised(text, language) == (set() if name in ended else meant(case)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_confirmation_offers_to_promise_is_found(language: str) -> None:
    """The sentence in it that the agent may send."""
    renderer, next_at = shipped(), datetime(2026, 6, 12, 9, tzinfo=ZoneInfo("UTC"))
    details = {"issue": "acme/app#12", "next_at": next_at, "why": "rule"}
    for promise, expected in (("date", next_at.replace(day=13, hour=0)), ("news", PromiseEvent.NEWS)):
        text = renderer.text(Note("linked", {**details, "promise": promise}), language)
        offered = text.partition("You can promise: '" if language == "en" else "„")[2].strip("'")
        assert promised(offered, language) == {expected}, text
