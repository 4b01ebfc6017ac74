"""What a reply is about comes from what is known of its ticket's bug and customer."""

from dataclasses import replace

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import Stage
from bugbridge.core.snapshots import RemotePerson
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Level, Situation
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.reply_checking import About, ReplyChecker, about_link
from tests.services.scene import ANN, CARLA, EVE, Scene

RULES = """
version = 1
language = "{language}"
common_words = ["{word}"]
[[rule]]
id = "soon"
level = "error"
level_in = {{ open = "warning" }}
match = ["soon"]
message = "A time that nobody has planned."
suggest = "We have no timeline."
"""


def checker(scene: Scene, *languages: str) -> ReplyChecker:
    """Rules for languages that are told by one word each, which is the language's tag twice."""
    files = [WordingFile(RULES.format(language=one, word=one * 2), one) for one in languages]
    return ReplyChecker(parse_wordings(files), ALWAYS_OPEN, scene.clock)


def about(scene: Scene, ticket: str) -> About:
    """What the next reply on a ticket is about."""
    return about_link(scene.sender(), scene.key(ticket))


def unanswered(scene: Scene, who: RemotePerson = CARLA) -> str:
    """A ticket that an agent linked, and nobody has answered yet."""
    ticket = scene.writes_in(who)
    scene.notes(ticket, "This is github:acme/app#12")
    scene.read()
    return ticket


def test_the_first_reply_is_the_one_before_which_no_agent_wrote_publicly() -> None:
    """Notes are none, and neither is what the customer writes."""
    scene = Scene().on(1)
    ticket = unanswered(scene)
    scene.writes_again(ticket)
    scene.read()
    assert about(scene, ticket).situation.first_reply is True
    scene.replies(ticket)
    scene.read()
    assert about(scene, ticket).situation.first_reply is False


def test_a_known_workaround_counts_as_unsent_until_this_customer_was_told() -> None:
    """One that no way around is needed for, since the fix is released, is missed by nobody."""
    scene = Scene().on(1)
    ticket = scene.reported()
    assert about(scene, ticket).situation.workaround_unsent is False
    add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV.", "en", ANN)
    assert about(scene, ticket).situation.workaround_unsent is True
    scene.notes(ticket, "bug: workaround sent")
    scene.on(2).is_released()
    scene.read()
    assert about(scene, ticket).situation.workaround_unsent is False


def test_the_stage_is_the_bugs() -> None:
    """As it was read last."""
    scene = Scene().on(1)
    ticket = scene.reported()
    assert about(scene, ticket).situation.stage is Stage.OPEN
    scene.on(2).is_released()
    scene.read()
    assert about(scene, ticket).situation.stage is Stage.RELEASED


def test_a_next_date_is_due_where_the_policy_plans_an_update_by_the_calendar() -> None:
    """For an enterprise customer it does, for another it doesn't; in watch mode nobody would keep it."""
    scene = Scene().on(1)
    enterprise, other = scene.reported(EVE), scene.reported(CARLA)
    assert about(scene, enterprise).situation.next_date_due is True
    assert about(scene, other).situation.next_date_due is False
    watching = Scene(live=False).on(1)
    assert about(watching, watching.reported(EVE)).situation.next_date_due is False


def test_a_reply_is_in_the_language_of_its_words_else_in_the_customers() -> None:
    """An agent may answer in another language than the customer reads."""
    scene = Scene().on(1)
    ticket = scene.reported(replace(CARLA, locale="de-AT"))
    known, checks = about(scene, ticket), checker(scene, "en", "de")
    assert known.likely_language == "de-AT"
    assert checks.check("enen soon", known).language == "en"
    assert checks.check("soon", known).language == "de"
    assert checks.check("soon", known).findings[0].level is Level.WARNING


def test_a_language_that_somebody_names_counts() -> None:
    """Whatever the words look like."""
    checks = checker(Scene(), "en", "de")
    assert checks.check("enen soon", About(language="de")).language == "de"


def test_a_word_or_two_are_taken_for_the_teams_language() -> None:
    """Where no customer's is known; more words than that would have told."""
    checks = replace(checker(Scene(), "en", "de"), team_language="de-CH")
    assert checks.check("Soon!", About()).language == "de"
    assert checks.check("xyz " * 20 + "soon", About()).checked is False


@pytest.mark.parametrize(("text", "language", "named"), [("Soon.", "fr-CA", "fr"), ("xyz " * 20, "", "")])
def test_without_rules_nothing_is_checked(text: str, language: str, named: str) -> None:
    """And nothing is said to be well."""
    found = checker(Scene(), "en").check(text, About(language=language))
    assert (found.checked, found.language, found.findings, found.has_errors) == (False, named, (), False)


def test_only_errors_make_a_reply_unready() -> None:
    """A warning is for the agent to weigh."""
    checks = checker(Scene(), "en")
    assert checks.check("enen soon", About()).has_errors is False
    assert checks.check("enen soon", About(Situation(Stage.DECLINED))).has_errors is True
