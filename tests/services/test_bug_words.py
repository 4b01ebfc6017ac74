"""A bug's own words: texts by language, suggestions of engineers, and who has the workaround once they were told."""

import json
from datetime import timedelta

import pytest

from bugbridge.core.answers import AnswerKind
from bugbridge.core.bug_words import Words
from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import UsageError
from bugbridge.core.events import BugEvent
from bugbridge.core.facts import fold_link
from bugbridge.core.model import BugEventKind, Entity, News, Workaround
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import LinkFacts
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import KnownUpTo
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.snapshots import WorkaroundComment
from bugbridge.helpdesks.memory import AGENT
from bugbridge.services import bug_words
from bugbridge.services.bug_words import NewWorkaround, kept_workarounds
from bugbridge.services.checking import check
from bugbridge.services.intake import say_told, set_workaround
from bugbridge.settings import shipped_folder
from tests.services.scene import ANN, CARLA, EVE, HELPDESK, ISSUE, OTHER_ISSUE, POLICY, Scene, customer, day

DORA = customer("dora")
CSV, XLSX = "Export as CSV.", "Export as XLSX."
REPLIES = """
[[rule]]
id = "tell-of-workarounds-ourselves"
when = { stage = ["open"] }
tell = "all"
deliver = "reply"
"""


def reported() -> tuple[Scene, str]:
    """A linked bug on day 1."""
    scene = Scene().on(1)
    ticket = scene.reported()
    return scene, ticket


def records(scene: Scene, text: str, language: str = "en", applies_to: str = "", *, new: bool | None = None) -> bool:
    """Ann records a workaround; whether it is news."""
    said = NewWorkaround(Words(text, language, applies_to), new)
    return bug_words.record_workaround(scene.store, scene.clock, scene.issue(), said, ANN)


def texts(scene: Scene) -> dict[str, str]:
    """The texts in force, by language."""
    kept = bug_words.kept_workarounds(scene.store, scene.issue().bug_id)
    return {one.words.language: one.words.text for one in kept}


def news(scene: Scene) -> int:
    """How many times customers were to hear of a workaround."""
    return sum(event.news is News.WORKAROUND for event in facts_and_news(scene)[1])


def facts_and_news(scene: Scene, ticket: str = "1") -> tuple[LinkFacts, tuple[object, ...]]:
    state = fold_link(scene.history(scene.key(ticket)), scene.clock.now(), POLICY, ALWAYS_OPEN)
    return state.facts, state.timeline.news


def suggests(scene: Scene, *comments: tuple[str, str], whole: bool = True, reference: str = ISSUE) -> None:
    """The issue's comments are these from now on, and are read."""
    shown = tuple(WorkaroundComment(number, text, day(1)) for number, text in comments)
    scene.tracker.show(reference, workaround_comments=shown, comments_whole=whole)
    scene.sync()


def test_a_text_lies_apart_from_its_event() -> None:
    """The event tells who recorded it and in which language; the text can be deleted."""
    scene, _ = reported()
    assert records(scene, CSV, "en", "macOS only")
    history = scene.store.bug_history(scene.issue().bug_id, KnownUpTo(scene.store.head()))
    event = next(event for event in history.bug_events if event.kind is BugEventKind.WORKAROUND)
    assert json.loads(event.value) == {"author": "ann", "language": "en"}
    (kept,) = bug_words.kept_workarounds(scene.store, scene.issue().bug_id)
    assert (kept.words, kept.author, kept.at) == (Words(CSV, "en", "macOS only"), "ann", day(1))


def test_a_translation_stands_beside_the_text_and_is_no_news() -> None:
    """Customers don't hear of the same workaround twice."""
    scene, _ = reported()
    said = (records(scene, CSV), records(scene.on(2), "Als CSV exportieren.", "de"))
    assert (said, texts(scene), news(scene)) == ((True, False), {"en": CSV, "de": "Als CSV exportieren."}, 1)


def test_a_translation_applies_to_the_same_people() -> None:
    """Unless it says otherwise; another workaround applies to everybody again."""
    scene, _ = reported()
    records(scene, CSV, "en", "macOS only")
    records(scene.on(2), "Als CSV exportieren.", "de")
    records(scene.on(3), "Exporter en CSV.", "fr", "macOS 15")
    found = [one.words.applies_to for one in bug_words.kept_workarounds(scene.store, scene.issue().bug_id)]
    assert found == ["macOS only", "macOS only", "macOS 15"]


def test_other_words_in_the_same_language_are_another_workaround() -> None:
    """It takes the place of every text before: what didn't help isn't told in any language."""
    scene, _ = reported()
    records(scene, CSV, "en", "macOS only")
    records(scene.on(2), "Als CSV exportieren.", "de")
    assert records(scene.on(3), XLSX)
    assert (texts(scene), news(scene)) == ({"en": XLSX}, 2)
    private = [scene.store.private(Entity.BUG, scene.issue().bug_id, f"workaround:{one}") for one in ("de", "en")]
    assert private == ["", XLSX]
    assert bug_words.kept_workarounds(scene.store, scene.issue().bug_id)[0].words.applies_to == ""


def test_an_older_line_that_is_read_later_takes_nothing_back() -> None:
    """Tickets are read in whatever order: what was found last stays in force, and the agent is told."""
    team = Scene().on(1)
    first, second = team.reported(), team.reported(customer("second"))
    team.on(5).notes(first, "bug: workaround: Export as PDF.")
    team.read()
    team.helpdesk.write(second, AGENT, "bug: workaround: Export as CSV.", day(4.5), public=False)
    team.helpdesk.change(second, team.clock.at)
    team.on(5.1).read()
    assert [one.words.text for one in kept_workarounds(team.store, team.issue().bug_id)] == ["Export as PDF."]
    team.send()
    assert "a workaround that was found later" in team.helpdesk.notes(second)[-1].body


def test_what_is_recorded_now_comes_after_what_another_clock_dated_ahead() -> None:
    """The helpdesk's clock runs an hour ahead of ours."""
    team = Scene().on(1)
    ticket = team.reported()
    team.on(2).notes(ticket, "bug: workaround: Export as CSV.")
    team.read()
    team.clock.forward(-timedelta(hours=1))
    team_says = Words("Export as PDF.", "en")
    assert bug_words.record_workaround(team.store, team.clock, team.issue(), NewWorkaround(team_says), ANN)
    (kept,) = kept_workarounds(team.store, team.issue().bug_id)
    assert (kept.words, kept.author) == (team_says, ANN.id)


def test_a_person_says_otherwise() -> None:
    """A rewording in the same language, another workaround in another."""
    scene, _ = reported()
    records(scene, CSV)
    assert not records(scene.on(2), "Choose CSV when exporting.", new=False)
    assert texts(scene) == {"en": "Choose CSV when exporting."}
    assert records(scene.on(3), "Neu installieren.", "de", new=True)
    assert (texts(scene), news(scene)) == ({"de": "Neu installieren."}, 2)


def test_the_text_in_force_changes_nothing_and_a_full_stop_little() -> None:
    """Whoever records twice, or mends a word's case, has nobody told again."""
    scene, _ = reported()
    records(scene, CSV)
    head = scene.store.head()
    assert not records(scene.on(2), CSV)
    assert scene.store.head() == head
    assert not records(scene.on(3), "export as CSV")
    assert not records(scene.on(4), "export as CSV", applies_to="macOS only")
    assert not records(scene.on(5), "export as CSV")
    assert (texts(scene), news(scene)) == ({"en": "export as CSV"}, 1)


def keeps_only_text(scene: Scene, text: str, language: str) -> None:
    """A workaround is kept as it was before texts had languages."""
    value = json.dumps({"author": "ann", "language": language}, sort_keys=True)
    bug_id = scene.issue().bug_id
    event = BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.WORKAROUND,
        value=value,
        occurred_at=scene.clock.at,
        source_key=f"bug:{bug_id}:workaround:{scene.clock.at}",
    )
    scene.store.append([event], actor=ANN, recorded_at=scene.clock.at)
    scene.store.keep_private(None, Entity.BUG, bug_id, "workaround", text)


def test_a_text_from_before_goes_on_working() -> None:
    """Its language is the latest event's; a translation joins it, another workaround replaces it."""
    scene, _ = reported()
    keeps_only_text(scene, "Alter Text.", "de")
    assert texts(scene) == {"de": "Alter Text."}
    assert not records(scene.on(2), CSV, "en")
    assert texts(scene) == {"de": "Alter Text.", "en": CSV}
    assert records(scene.on(3), XLSX, "en")
    assert texts(scene) == {"en": XLSX}
    assert scene.store.private(Entity.BUG, scene.issue().bug_id, "workaround") == ""


def test_the_old_text_gives_way_at_once() -> None:
    """Also where nobody translated it before."""
    scene, _ = reported()
    keeps_only_text(scene, CSV, "en")
    assert records(scene.on(2), XLSX, "en")
    assert (texts(scene), scene.store.private(Entity.BUG, scene.issue().bug_id, "workaround")) == ({"en": XLSX}, "")


@pytest.mark.parametrize(
    ("language", "team", "expected"),
    [
        ("de", "en", "de"),
        ("de-AT", "en", "de"),
        ("pt", "en", "pt-BR"),
        ("fr", "en", "en"),
        ("fr", "de", "de"),
        ("fr", "es", "pt-BR"),
        ("", "en", "en"),
    ],
)
def test_a_customer_has_the_text_in_their_language_else_in_the_teams_else_in_any(
    language: str, team: str, expected: str
) -> None:
    """Whoever uses it sees in which language it is, and flags it."""
    scene, _ = reported()
    for number, one in enumerate(("en", "de", "pt-BR")):
        records(scene.on(1 + number), f"Text {one}.", one)
    found = bug_words.workaround_for(scene.store, scene.issue().bug_id, language, team)
    assert found == Words(f"Text {expected}.", expected)


def test_without_a_workaround_there_is_none() -> None:
    """No text is made up."""
    scene, _ = reported()
    assert bug_words.workaround_for(scene.store, scene.issue().bug_id, "en") is None


def test_a_duplicates_workaround_is_its_survivors() -> None:
    """The later one is in force, whichever of the two bugs it was recorded for."""
    scene = Scene().on(1)
    scene.reported()
    scene.reported(EVE, OTHER_ISSUE)
    bug_words.add_workaround(scene.store, scene.clock, scene.issue(OTHER_ISSUE), CSV, "en", ANN)
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(2))
    scene.on(2).sync()
    assert texts(scene) == {"en": CSV}
    assert not records(scene.on(3), "Choose CSV when exporting.", new=False)
    assert texts(scene) == {"en": "Choose CSV when exporting."}
    assert scene.store.private(Entity.BUG, scene.issue(OTHER_ISSUE).bug_id, "workaround:en") == ""


def test_a_new_workaround_calls_for_updates_to_those_without_one_alone() -> None:
    """One customer was told the first, for one it failed, one never heard of it."""
    scene = Scene().on(1)
    told, failed, unaware = (scene.reported(who) for who in (CARLA, EVE, DORA))
    records(scene.on(2), CSV)
    set_workaround(scene.store, scene.clock, scene.key(told), Workaround.TOLD, ANN)
    set_workaround(scene.store, scene.clock, scene.key(failed), Workaround.FAILED, ANN)
    records(scene.on(3), XLSX)
    scene.decide()
    due = {ticket: [reason for reason, _ in scene.updates(ticket)] for ticket in (told, failed, unaware)}
    assert due == {told: [], failed: ["workaround"], unaware: ["workaround"]}
    said = bug_words.customers_by_state(
        scene.store, Policies.single(POLICY), scene.clock, ALWAYS_OPEN, scene.issue().bug_id
    )
    assert {state: count for state, count in said.items() if count} == {Workaround.TOLD: 1, Workaround.KNOWN: 2}


def test_the_word_told_tells_of_the_workaround_too() -> None:
    """Whoever knows what there is to know has it; said once, and by nobody of whom it was known before."""
    scene, ticket = reported()
    records(scene.on(2), CSV)
    say_told(scene.store, scene.on(3).clock, scene.key(ticket), ANN)
    assert facts_and_news(scene, ticket)[0].workaround is Workaround.TOLD
    set_workaround(scene.store, scene.on(4).clock, scene.key(ticket), Workaround.FAILED, ANN)
    say_told(scene.store, scene.on(5).clock, scene.key(ticket), ANN)
    assert facts_and_news(scene, ticket)[0].workaround is Workaround.FAILED


def test_the_line_told_tells_of_the_workaround_that_there_was() -> None:
    """As of when it was written, however late it is read: of what was found since, the customer still hears."""
    scene, ticket = reported()
    records(scene.on(2), CSV)
    scene.on(3).notes(ticket, "bug: told")
    scene.link()
    assert facts_and_news(scene, ticket)[0].workaround is Workaround.TOLD
    scene, ticket = reported()
    scene.on(2).notes(ticket, "bug: told")
    records(scene.on(3), CSV)
    scene.link()
    facts = facts_and_news(scene, ticket)[0]
    assert (facts.workaround, News.WORKAROUND in facts.untold) == (Workaround.KNOWN, True)


@pytest.mark.parametrize("line", ["words: see acme/app#34", "workaround: see https://github.com/acme/app"])
def test_a_line_in_a_note_is_judged_as_at_every_door(line: str) -> None:
    """Nothing is kept of what customers mustn't read, and the agent is answered once."""
    scene, ticket = reported()
    scene.on(2).notes(ticket, f"bug: {line}")
    scene.link()
    assert (texts(scene), scene.store.private(Entity.BUG, scene.issue().bug_id, "words")) == ({}, "")
    found = scene.store.answers_to(scene.row(ticket).id)
    assert [answer.subject["code"] for answer in found if answer.kind is AnswerKind.LINE] == ["refused"]


def test_the_word_told_tells_of_no_workaround_where_there_is_none() -> None:
    """Only news."""
    scene, ticket = reported()
    say_told(scene.store, scene.on(2).clock, scene.key(ticket), ANN)
    assert facts_and_news(scene, ticket)[0].workaround is Workaround.NONE


def test_our_own_reply_about_the_workaround_tells_of_it() -> None:
    """The customer read it in our words: fourteen quiet days later it works for them."""
    scene, ticket = reported()
    scene.policy = parse_policy((shipped_folder() / "policy.toml").read_text(encoding="utf-8") + REPLIES)
    scene.replying = frozenset({HELPDESK})
    records(scene.on(2), CSV)
    scene.decide()
    scene.send()
    scene.clock.forward(REPLY_HOLD)
    scene.send()
    assert any(CSV in one.body for one in scene.helpdesk.messages(ticket) if one.public)
    assert facts_and_news(scene, ticket)[0].workaround is Workaround.TOLD
    scene.clock.forward(timedelta(days=14))
    assert facts_and_news(scene, ticket)[0].workaround is Workaround.CONFIRMED


def test_a_comment_is_a_suggestion_and_no_more() -> None:
    """It decides nothing, tells nobody, and its text lies apart from its event."""
    scene, ticket = reported()
    scene.plan()
    before = (scene.decisions(ticket), facts_and_news(scene, ticket))
    suggests(scene.on(2), ("7", CSV))
    assert scene.plan().decided == 0
    assert (scene.decisions(ticket), facts_and_news(scene, ticket)[1]) == (before[0], before[1][1])
    history = scene.history(scene.key(ticket))
    assert ("CSV" in repr(history), texts(scene)) == (False, {})
    (one,) = bug_words.suggestions(scene.store, scene.issue().bug_id)
    assert (one.number, one.text, one.at, one.accepted) == (1, CSV, day(1), False)
    assert bug_words.open_suggestion(scene.store, scene.issue().bug_id) == CSV
    found = check(scene.store)
    assert (found.violations, found.misfolds) == ((), ())


def test_a_suggestion_follows_its_comment() -> None:
    """Edited, it reads as it does now; deleted, it is gone, and the numbers of the others stay."""
    scene, _ = reported()
    suggests(scene.on(2), ("7", CSV), ("8", XLSX))
    suggests(scene.on(3), ("8", "Export as ODS."))
    bug_id = scene.issue().bug_id
    assert [(one.number, one.text) for one in bug_words.suggestions(scene.store, bug_id)] == [(2, "Export as ODS.")]
    suggests(scene.on(4))
    assert (bug_words.suggestions(scene.store, bug_id), bug_words.open_suggestion(scene.store, bug_id)) == ((), "")


def test_what_may_stand_unread_isnt_taken_for_deleted() -> None:
    """Only some of the comments were read."""
    scene, _ = reported()
    suggests(scene.on(2), ("7", CSV))
    suggests(scene.on(3), ("8", XLSX), whole=False)
    assert [one.text for one in bug_words.suggestions(scene.store, scene.issue().bug_id)] == [CSV, XLSX]


def test_reading_twice_suggests_once() -> None:
    """Each comment is one suggestion, however often it is read."""
    scene, _ = reported()
    suggests(scene.on(2), ("7", CSV))
    head = scene.store.head()
    scene.tracker.show(ISSUE, workaround_comments=(WorkaroundComment("7", CSV, day(1)),))
    scene.sync()
    assert scene.store.head() == head


def test_an_accepted_suggestion_is_a_workaround_of_the_agents() -> None:
    """It isn't open any more; one whose words are in force already never was."""
    scene, _ = reported()
    suggests(scene.on(2), ("7", XLSX), ("8", CSV))
    bug_id = scene.issue().bug_id
    first, _ = bug_words.suggestions(scene.store, bug_id)
    said = NewWorkaround(Words(first.text, "en"), suggestion=first.seq)
    assert bug_words.record_workaround(scene.store, scene.clock, scene.issue(), said, ANN)
    assert [one.accepted for one in bug_words.suggestions(scene.store, bug_id)] == [True, False]
    assert bug_words.open_suggestion(scene.store, bug_id) == CSV
    records(scene.on(3), "export as csv")
    assert bug_words.open_suggestion(scene.store, bug_id) == ""
    assert bug_words.kept_workarounds(scene.store, bug_id)[0].author == "ann"


def test_a_duplicates_suggestions_are_its_survivors() -> None:
    """Two issues may have comments of the same number, in two trackers even."""
    scene = Scene().on(1)
    scene.reported()
    scene.reported(EVE, OTHER_ISSUE)
    suggests(scene, ("7", CSV))
    suggests(scene, ("7", XLSX), reference=OTHER_ISSUE)
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(2))
    scene.on(2).sync()
    assert [one.text for one in bug_words.suggestions(scene.store, scene.issue().bug_id)] == [CSV, XLSX]


def test_an_unknown_suggestion_is_a_mistake_said_so() -> None:
    """In one sentence, with what lists them."""
    scene, _ = reported()
    with pytest.raises(UsageError, match=r"no suggestion 3: the list lists them\."):
        bug_words.numbered_suggestion(scene.store, scene.issue(), 3, "the list")
