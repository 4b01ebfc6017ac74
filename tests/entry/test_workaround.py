"""`workaround`: what there is, what is recorded, and what customers mustn't read."""

import json

import pytest

from bugbridge.core.snapshots import WorkaroundComment
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene


def reported(scene: Scene) -> str:
    """A reported bug; gives the ticket's reference."""
    ticket = scene.reported_bug()
    scene.read()
    return ticket


def suggests(scene: Scene, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """Engineers comment on the issue, and that is read."""
    comments = tuple(WorkaroundComment(str(number), text, START) for number, text in enumerate(texts, start=1))
    read = scene.tracker.issues

    def issues(references: list[str]) -> object:
        from dataclasses import replace

        return (replace(answer, workaround_comments=comments) for answer in read(references))

    monkeypatch.setattr(scene.tracker, "issues", issues)
    scene.tracker._log.append(BUG)
    scene.say("sync")


def test_without_a_workaround_it_says_how_to_record_one(scene: Scene) -> None:
    """And for how many customers there is none."""
    reported(scene)
    said = scene.say("workaround", "acme/app#12")
    assert f'{BUG} has no workaround yet: `bugbridge workaround {BUG} "WHAT HELPS"` records one.' in said
    assert "For its customers it is: none 1." in said
    assert scene.facts("workaround", "acme/app#12") == {
        "issue": BUG,
        "workarounds": [],
        "customers": {"none": 1, "known": 0, "told": 0, "confirmed": 0, "failed": 0},
        "suggestions": [],
    }


def test_each_text_is_listed_with_all_that_is_known_of_it(scene: Scene) -> None:
    """Language, author, to whom it applies, since when; and what became of it for how many customers."""
    ticket = reported(scene)
    scene.reported_bug(ANOTHER_CUSTOMER)
    scene.read()
    scene.say("workaround", "acme/app#12", "Export as CSV.", "--applies-to", "macOS only")
    scene.say("workaround", "acme/app#12", "Als CSV exportieren.", "--language", "de")
    scene.say("workaround", ticket, "told")
    facts = scene.facts("workaround", "acme/app#12")
    kept = [(one["language"], one["applies_to"], one["text"]) for one in facts["workarounds"]]
    assert kept == [("en", "macOS only", "Export as CSV."), ("de", "macOS only", "Als CSV exportieren.")]
    assert {state: count for state, count in facts["customers"].items() if count} == {"known": 1, "told": 1}
    assert all(one["author"] and one["at"].startswith("2026-06-15T09:") for one in facts["workarounds"])
    said = scene.say("workaround", "acme/app#12")
    assert "since (UTC)" in said
    assert "macOS only" in said
    assert "For its customers it is: known 1, told 1." in said
    assert scene.facts("workaround", ticket) == facts


def test_what_is_recorded_says_who_hears_of_it(scene: Scene) -> None:
    """A new one is news, a translation and a rewording are none."""
    reported(scene)
    said = [
        scene.say("workaround", "acme/app#12", *further)
        for further in (
            ["Export as CSV."],
            ["Als CSV exportieren.", "--language", "de"],
            ["Choose CSV.", "--rewording"],
            ["Export as XLSX."],
            ["Neu installieren.", "--language", "DE", "--new"],
        )
    ]
    heard = ["customers without one hear of it" in one for one in said]
    assert heard == [True, False, False, True, True]
    assert said[1] == f"Workaround recorded for {BUG} (de): it is the known one, so nobody hears of it.\n"
    assert [one["language"] for one in scene.facts("workaround", "acme/app#12")["workarounds"]] == ["de"]


def test_worked_is_confirmed(scene: Scene) -> None:
    """As people say it."""
    ticket = reported(scene)
    scene.say("workaround", "acme/app#12", "Export as CSV.")
    assert scene.say("workaround", ticket, "Worked") == f"The workaround is confirmed for {ticket}.\n"
    assert scene.run("workaround", "acme/app#12", "worked").exit_code == 2


def test_a_suggestion_is_accepted_by_its_number(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, by the agent; it is listed as accepted then."""
    reported(scene)
    suggests(scene, monkeypatch, "Export as CSV.", "See github.com/acme.")
    listed = scene.say("workaround", "acme/app#12")
    assert "Suggested by engineering, sent to nobody" in listed
    assert f"`bugbridge workaround {BUG} --accept NUMBER` records one as it stands." in listed
    scene.say("workaround", "acme/app#12", "--accept", "1")
    facts = scene.facts("workaround", "acme/app#12")
    assert [one["text"] for one in facts["workarounds"]] == ["Export as CSV."]
    assert [one["accepted"] for one in facts["suggestions"]] == [True, False]
    refused = scene.run("workaround", "acme/app#12", "--accept", "2")
    assert (refused.exit_code, "leave out the address of github" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["acme/app#12", "See acme/app#12"], "leave out the issue of github"),
        (["acme/app#12", "See https://github.com/acme"], "leave out the address of github"),
        (["acme/app#12", "See https://rt.example.com/Ticket/1"], "leave out the address of support"),
        (["acme/app#12", "  "], "A workaround needs words"),
        (["acme/app#12", "x" * 1001], "at most 1000 characters"),
        (["acme/app#12", "Export.", "--applies-to", "see www.example.com"], "leave the address out"),
        (["acme/app#12", "Export.", "--language", "german"], "is no language: write a tag such as en"),
        (["acme/app#12", "Export.", "--accept", "1"], "not both"),
        (["acme/app#12", "--accept", "1"], "has no suggestion 1"),
        (["acme/app#12", "--language", "de"], "--language goes with a workaround's words"),
        (["acme/app#12", "Export.", "--issue", "acme/app#12"], "--issue goes with a ticket"),
        (["{}", "told", "--language", "de"], "--language belongs to a bug"),
        (["{}", "Export as CSV."], "told, worked (confirmed) or failed"),
    ],
)
def test_what_cant_be_recorded_is_refused_in_a_sentence(scene: Scene, arguments: list[str], sentence: str) -> None:
    """Exit code 2, one line, and nothing is kept."""
    ticket = reported(scene)
    result = scene.run("workaround", *(one.format(ticket) for one in arguments))
    assert (result.exit_code, result.stderr.count("\n"), sentence in result.stderr) == (2, 1, True), result.stderr
    assert scene.facts("workaround", "acme/app#12")["workarounds"] == []


@pytest.mark.parametrize("words", ["acme/app#12", "see https://example.com", "two\nlines", "x" * 101])
def test_words_for_a_bug_are_refused_at_the_door(scene: Scene, words: str) -> None:
    """Customers would read them in every draft."""
    reported(scene)
    result = scene.run("show", "acme/app#12", "--words", words)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert scene.facts("show", "acme/app#12")["words"] == ""


def test_hostile_suggestions_reach_no_terminal(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an engineer's comment holds."""
    reported(scene)
    suggests(scene, monkeypatch, "\x1b]0;owned\x07Export {{ 7 * 7 }} <b>=cmd()")
    said = scene.say("workaround", "acme/app#12")
    assert "\x1b" not in said
    assert "Export {{ 7 * 7 }} <b>=cmd()" in said
    assert json.loads(json.dumps(scene.facts("workaround", "acme/app#12")))["suggestions"]
