"""Drafts and reminders say what they should, and nothing that a customer or an issue wrote is more than data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bugbridge.core.errors import DataError
from bugbridge.core.model import News
from bugbridge.core.records import Note
from bugbridge.render.drafts import TemplateRenderer
from bugbridge.settings import shipped_folder

DRAFTS = [*(news.value for news in News), "periodic", "promised", "question"]


class FixedClock:
    """A clock that stands."""

    def now(self) -> datetime:
        """Give the same instant."""
        return datetime(2026, 6, 4, tzinfo=UTC)


def on(month: int, day: int, hour: int = 12) -> datetime:
    """Give an instant of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def shipped() -> TemplateRenderer:
    """Render with the templates that come with BugBridge."""
    return TemplateRenderer([shipped_folder() / "templates"], "Europe/Berlin", FixedClock())


def test_a_released_bug_is_fixed_now_in_a_version() -> None:
    """It *is* fixed and available *now*, in a version by name, and the customer knows what to do otherwise."""
    note = Note("released", {"words": "export problem", "wrote_at": on(3, 3), "version": "4.2"})
    assert shipped().text(note, "en") == (
        "The export problem you wrote about on 3 March is fixed in version 4.2, which is available now. "
        "If you still see it in 4.2, reply here."
    )


def test_no_news_names_the_next_date_and_promises_nothing_else() -> None:
    """A periodic update says since when there is no news, what helps, and when the next one comes."""
    parameters = {
        "words": "the export problem",
        "since": on(5, 4),
        "next_at": on(7, 17),
        "workaround": "Exporting as CSV",
        "workaround_state": "told",
    }
    assert shipped().text(Note("periodic", parameters), "en") == (
        "There is no news on the export problem since 4 May, and we don't have a timeline. "
        "Exporting as CSV still works. I'll write again by 17 July, with or without news."
    )


def test_a_correction_owns_the_error() -> None:
    """A customer who was told of a release that didn't hold reads who was wrong, and about what."""
    note = Note("reopened", {"told_at": on(6, 2), "told_version": "4.2", "workaround": "exporting as CSV"})
    assert shipped().text(note, "en") == (
        "On 2 June I told you this was fixed in 4.2. It isn't, and I'm sorry I told you so. "
        "Exporting as CSV works meanwhile."
    )


def test_a_no_is_a_clear_no() -> None:
    """A declined bug gives no false hope."""
    assert shipped().text(Note("declined"), "en") == (
        "About the problem you wrote about: we have decided not to fix it. I'm sorry that the answer is no. "
        "If you have a question about this, reply here."
    )


@pytest.mark.parametrize("name", DRAFTS)
def test_every_reason_has_a_draft_that_can_do_without_any_detail(name: str) -> None:
    """A draft is there for each reason, also where nothing is known but the reason."""
    assert shipped().text(Note(name), "en").rstrip(")").endswith(".")


@pytest.mark.parametrize("name", DRAFTS)
@pytest.mark.parametrize("word", ["should", "hopefully", "soon", "easy", "simply", "inconvenience", "!"])
def test_no_draft_hedges_or_promises(name: str, word: str) -> None:
    """Drafts are certain, call nothing easy, apologise for the thing itself, and name no time that we don't know."""
    assert word not in shipped().text(Note(name, {"words": "export problem"}), "en").lower()


def test_without_customers_words_the_draft_says_the_problem() -> None:
    """The issue's title is internal and never stands in."""
    assert shipped().text(Note("fixed"), "en").startswith("The problem you wrote about is fixed, but")


def test_a_reminder_names_the_date_the_bug_and_the_way_to_close_it() -> None:
    """An agent reads until when, what, and what closes the reminder; the draft stands below."""
    parameters = {
        "issue": "github:acme/app#12",
        "reason": "released",
        "version": "4.2",
        "due_at": on(6, 4, 14),
        "draft": "First line.\n\nSecond line.",
    }
    assert shipped().text(Note("reminder", parameters), "en") == (
        "Due by Thursday 4 June 16:00: github:acme/app#12 is released in 4.2 and this customer hasn't been told.\n\n"
        "Send the draft in your own words, naming 4.2, and this closes itself, or write `bug: told`, `bug: later 1w` "
        "or `bug: give to NAME`.\n\n"
        "Draft:\n\nFirst line.\n\nSecond line."
    )


@pytest.mark.parametrize("reason", [*(news.value for news in News), "periodic", "promised", "clear-no", "wrongly-told"])
def test_every_reason_has_its_own_reminder(reason: str) -> None:
    """No reminder falls back to a bare word."""
    parameters = {"issue": "X-1", "reason": reason, "due_at": on(6, 4), "silent_since": on(5, 1), "draft": "-"}
    assert f"about X-1: {reason}" not in shipped().text(Note("reminder", parameters), "en")


def test_a_rules_own_question_is_put_as_it_stands() -> None:
    """What the policy asks of the agent is in the reminder."""
    parameters = {"issue": "X-1", "reason": "my-rule", "due_at": on(6, 4), "draft": "-", "question": "call them"}
    assert "about X-1: call them." in shipped().text(Note("reminder", parameters), "en")


@pytest.mark.parametrize(
    "hostile", ["{{ 7 * 7 }}", "{% for x in range(9) %}x{% endfor %}", "{# gone #}", "<b>&lt;</b>"]
)
def test_parameters_are_data(hostile: str) -> None:
    """Template syntax or markup in customers' words is shown as it is, and never evaluated."""
    assert hostile in shipped().text(Note("fixed", {"words": hostile}), "en")


def test_parameters_cant_steer_a_terminal_or_add_lines() -> None:
    """Escapes and control characters are dropped, and words stay on their line."""
    text = shipped().text(Note("fixed", {"words": "export\x1b[31m\n\nSigned:\u202e the boss"}), "en")
    assert text.startswith("The export Signed: the boss you wrote about is fixed")


def test_a_language_without_a_template_has_english() -> None:
    """A customer's language that nobody wrote a draft for is no reason to fail."""
    assert shipped().text(Note("fixed"), "pt-BR") == shipped().text(Note("fixed"), "en")


def test_a_teams_own_template_comes_first(tmp_path: Path) -> None:
    """One template can be replaced; the others stay BugBridge's."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "fixed.txt").write_text("Mended: {{ words }}.", encoding="utf-8")
    renderer = TemplateRenderer([tmp_path, shipped_folder() / "templates"], "UTC", FixedClock())
    assert renderer.text(Note("fixed", {"words": "export"}), "en") == "Mended: export."
    assert renderer.text(Note("declined"), "en") == shipped().text(Note("declined"), "en")


@pytest.mark.parametrize(
    "template", ["{{ unknown }}", "{% if %}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ 1 / 0 }}"]
)
def test_a_wrong_template_is_one_sentence(tmp_path: Path, template: str) -> None:
    """A misspelt name, broken syntax or a way out of the sandbox is an error that names the template."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "fixed.txt").write_text(template, encoding="utf-8")
    with pytest.raises(DataError, match="The template for 'fixed' can't be used"):
        TemplateRenderer([tmp_path], "UTC", FixedClock()).text(Note("fixed"), "en")


@pytest.mark.parametrize("name", ["../../secrets", "unheard-of", ""])
def test_an_unknown_note_is_an_error(name: str) -> None:
    """A note's id never reaches another file."""
    with pytest.raises(DataError):
        shipped().text(Note(name), "en")


def test_the_shipped_templates_can_all_be_used() -> None:
    """With every detail and with none, and the reminder around each."""
    shipped().try_all()


@pytest.mark.parametrize("text", ["{{ wrods }}", "{% if version %}{{ version.nothing() }}{% endif %}", "{% if %}"])
@pytest.mark.parametrize("name", ["released", "reminder"])
def test_a_wrong_template_is_found_before_it_is_needed(tmp_path: Path, name: str, text: str) -> None:
    """Also one that is wrong only where a detail is there."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / f"{name}.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"The template for '{name}' can't be used"):
        TemplateRenderer([tmp_path, shipped_folder() / "templates"], "UTC", FixedClock()).try_all()


REMINDER = {"issue": "acme/app#12", "reason": "fixed", "due_at": on(6, 4, 14), "draft": "The draft."}


def test_a_reminder_to_somebody_else_says_why() -> None:
    """Whom it is for stands first; a repeated one says so."""
    note = Note(
        "reminder",
        {
            **REMINDER,
            "receiver": "Ben",
            "absence": "away",
            "absent": "Ann",
            "absent_until": on(6, 12, 12),
            "again": True,
        },
    )
    assert (
        shipped()
        .text(note, "en")
        .startswith(
            "For Ben: Ann is away until 12 June.\n\nReminder again: due by Thursday 4 June 16:00: acme/app#12 is fixed"
        )
    )


def test_a_suggested_workaround_is_for_the_agent_alone() -> None:
    """It stands above the draft, with the line that records it."""
    text = shipped().text(Note("reminder", {**REMINDER, "suggestion": "Use CSV."}), "en")
    above, _, draft = text.partition("Draft:")
    assert "Engineering suggests a workaround: Use CSV." in above
    assert "to record it write `bug: workaround: TEXT`" in above
    assert draft.strip() == "The draft."


def test_a_reminder_flags_what_isnt_in_the_customers_language() -> None:
    """Both the draft and the workaround in it; a language that has no name here is named by its tag."""
    flags = {"customer_language": "fr", "draft_language": "en", "workaround_language": "tlh"}
    text = shipped().text(Note("reminder", {**REMINDER, **flags}), "en")
    assert "(The customer reads French; this draft is in English: there is none in French.)\n" in text
    assert "(The workaround's text is in tlh.)\n\nThe draft." in text


@pytest.mark.parametrize("reason", ["declined", "clear-no", "released"])
def test_what_no_reply_can_show_is_closed_by_a_word(reason: str) -> None:
    """A no names no version, and neither does a release without one."""
    text = shipped().text(Note("reminder", {**REMINDER, "reason": reason}), "en")
    assert "Send the draft in your own words, then write `bug: told`; or write `bug: later 1w`" in text
