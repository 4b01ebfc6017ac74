"""What `bugbridge check-reply` takes for granted where nobody said it, it says: the language, the stage, the hours."""

import json
from pathlib import Path

import pytest

from tests.entry.test_check_reply import FRENCH, HARMLESS, lines_of, nothing_here, run

__all__ = ["nothing_here"]


@pytest.mark.usefixtures("nothing_here")
def test_a_language_that_the_words_dont_tell_is_said_to_be_assumed() -> None:
    """Where nobody named it; words that several languages have tell nothing either."""
    for text in ("Fix kommt morgen.", "Export in 4.2."):
        result = run(typed=text)
        assert result.stdout.endswith("Taken as English (en): its words don't tell; say --language.\n")
        facts = json.loads(run("--json", typed=text).stdout)
        assert (facts["language"], facts["language_assumed"], facts["checked"]) == ("en", True, True)
    assert json.loads(run("--json", "--language", "en", typed="Fix kommt morgen.").stdout)["language_assumed"] is False
    assert json.loads(run("--json", typed=HARMLESS).stdout)["language_assumed"] is False


@pytest.mark.usefixtures("nothing_here")
def test_a_language_that_the_words_clearly_contradict_is_warned_of() -> None:
    """Whoever named it is believed all the same; in a stream the line is named."""
    warning = "Taken as English (en), as was said; its words look like French (fr).\n"
    result = run("--language", "en", typed=FRENCH)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Nothing to change.\n", warning)
    lines = lines_of({"text": HARMLESS, "language": "en"}, {"text": FRENCH, "language": "en"})
    assert run("--jsonl", typed=lines).stderr == f"Standard input, line 2: {warning}"
    for text in ("Fix kommt.", HARMLESS):
        assert run("--language", "en", typed=text).stderr == ""


@pytest.mark.usefixtures("nothing_here")
def test_by_which_stage_it_was_judged_is_told_where_that_counts() -> None:
    """A timeline hurts at one stage and is fine at another; where the stage was said, nobody has to be told it."""
    told = "Judged for a bug that is open; --stage, --release-planned or --ticket say otherwise.\n"
    text = "We have a fix, and it will be out on Tuesday."
    assert run(typed=text).stdout.endswith(f"1 error.\n{told}")
    assert run("--stage", "open", typed=text).stdout.endswith("1 error.\n")
    assert told not in run(typed="We'll look into it.").stdout


@pytest.mark.usefixtures("nothing_here")
def test_without_a_configuration_dates_are_meant_as_with_one_that_names_no_hours() -> None:
    """So that a date doesn't change with the first configuration."""
    text = "I'll write to you by Saturday with what we know."
    alone = json.loads(run("--json", typed=text).stdout)["promises"]
    Path("bugbridge.toml").write_text("database = 'bugbridge.sqlite'", encoding="utf-8")
    (promise,) = json.loads(run("--json", typed=text).stdout)["promises"]
    assert alone == [promise]
    assert promise["due_at"].endswith("T20:00:00.000000Z")
