"""What agents are handed to send is worded as they should word it: each shipped draft, wherever it can be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import pytest

from bugbridge.core.first_reply import DATE, FIRST_REPLY, IF_NEWS, NOTHING
from bugbridge.core.model import Stage, Workaround
from bugbridge.core.records import Note
from bugbridge.core.wording import judge
from bugbridge.core.wording_model import Level, Situation, Wording
from bugbridge.render.drafts import NOT_DRAFTS
from bugbridge.settings import shipped_folder
from bugbridge.wordings import read_wordings
from tests.render.test_drafts import on, shipped

TEMPLATES = shipped_folder() / "templates"
LANGUAGES = sorted(folder.name for folder in TEMPLATES.iterdir())
FOR_AGENTS = NOT_DRAFTS | {"question"}
OPEN, BEGUN, FIXED = Situation(), Situation(Stage.IN_PROGRESS), Situation(Stage.FIXED)
PLANNED, RELEASED = Situation(Stage.FIXED, release_planned=True), Situation(Stage.RELEASED)
DECLINED = Situation(Stage.DECLINED)
USED_AT: Mapping[str, tuple[Situation, ...]] = {
    FIRST_REPLY: (OPEN, BEGUN, FIXED),
    "in_progress": (BEGUN,),
    "fixed": (FIXED,),
    "release_planned": (PLANNED,),
    "release_moved": (PLANNED, FIXED),
    "released": (RELEASED,),
    "declined": (DECLINED,),
    "reopened": (OPEN, BEGUN),
    "workaround": (OPEN, BEGUN, FIXED, PLANNED, DECLINED),
    "periodic": (OPEN, BEGUN, FIXED, PLANNED),
    "promised": (OPEN, BEGUN, FIXED, PLANNED, RELEASED, DECLINED),
}
"""The stages at which each draft can be what is to be told."""
ENDED = frozenset({Stage.RELEASED, Stage.DECLINED})
WORDS = {"en": ("", "export problem"), "de": ("", "Export-Fehler")}
# A deed, as an agent notes it, and a whole sentence: drafts speak of the one and quote the other.
WORKAROUNDS = {
    "en": ("Exporting as CSV", "Export the list as CSV and open it in a spreadsheet."),
    "de": ("Exportieren als CSV", "Exportieren Sie die Liste als CSV."),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A draft with its details, and what its reply is about."""

    name: str
    details: Mapping[str, object]
    situation: Situation


@cache
def wordings() -> Mapping[str, Wording]:
    """All rules that come with BugBridge."""
    return read_wordings(shipped_folder())


def cases(name: str, language: str) -> Iterator[Case]:
    """Give a draft at each of its stages, in each state of the workaround, as a first reply or a later one."""
    for situation, state, first in product(USED_AT[name], Workaround, (True, False)):
        unsent = state is Workaround.KNOWN and situation.stage is not Stage.RELEASED
        about = replace(situation, workaround_unsent=unsent, first_reply=first)
        for details in _details(language, state):
            due = details.get("next_at") is not None and situation.stage not in ENDED
            dated = details if due else {**details, "next_at": None}
            for promise in _promises(name, due=due):
                yield Case(name, {**dated, "promise": promise}, replace(about, next_date_due=due))


def _promises(name: str, *, due: bool) -> tuple[str, ...]:
    """Only the first reply says what comes next where no date does."""
    if name != FIRST_REPLY:
        return ("",)
    return (DATE,) if due else (IF_NEWS, NOTHING)


def _details(language: str, state: Workaround) -> Iterator[dict[str, object]]:
    """Give all that may be known, and next to nothing; a workaround that is known of is in words."""
    everything = {
        "wrote_at": on(3, 3),
        "version": "4.2",
        "since": on(5, 4),
        "next_at": on(7, 17),
        "release_at": on(7, 1),
        "due_at": on(6, 5),
        "told_at": on(6, 2),
        "told_version": "4.2",
    }
    for words, workaround in product(WORDS[language], ("",) if state is Workaround.NONE else WORKAROUNDS[language]):
        bare = {"words": words, "workaround": workaround, "workaround_state": state.value}
        yield bare
        yield {**everything, **bare}


def test_every_shipped_draft_is_looked_at() -> None:
    """A new template has to say at which stages it is used."""
    states = {f"_{state.value}" for state in Workaround}
    for language in LANGUAGES:
        names = {path.stem for path in (TEMPLATES / language).glob("[!_]*.txt")}
        of_a_state = {name for name in names for state in states if name.endswith(state)}
        assert names - of_a_state - FOR_AGENTS == USED_AT.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_that_has_drafts_has_rules(language: str) -> None:
    """Otherwise nobody could tell how they are worded."""
    assert wordings()[language].rules


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", USED_AT)
def test_no_shipped_draft_holds_what_an_agent_would_be_warned_of(name: str, language: str) -> None:
    """At any stage at which it can be used; a hint for the agent, such as to thank, is none."""
    renderer = shipped()
    found = {}
    for case in cases(name, language):
        text = renderer.text(Note(name, case.details), language)
        verdict = judge(text, wordings(), case.situation, language)
        assert verdict.checked
        for finding in verdict.findings:
            if finding.level is not Level.INFO:
                found[finding.rule, finding.text] = (text, case.situation)
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", USED_AT)
def test_a_shipped_draft_is_told_to_be_in_its_language(name: str, language: str) -> None:
    """By its words alone, so that an agent who pastes it needn't say so."""
    renderer = shipped()
    texts = {renderer.text(Note(name, case.details), language) for case in cases(name, language)}
    assert {judge(text, wordings(), Situation()).language for text in texts} == {language}
