"""English and German are whole: the same templates, nothing of the one in the other, nothing promised in either."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import meta

from bugbridge.core.errors import DataError
from bugbridge.core.model import News, Workaround
from bugbridge.core.notifications import sample_message
from bugbridge.core.records import Note
from bugbridge.render.drafts import TemplateRenderer
from bugbridge.render.times import WORDS as DAYS
from bugbridge.settings import shipped_folder
from tests.render.test_drafts import FixedClock, on, shipped

TEMPLATES = shipped_folder() / "templates"
TRANSLATIONS = sorted(folder.name for folder in TEMPLATES.iterdir() if folder.name != "en")
DRAFTS = [*(news.value for news in News), "periodic", "promised", "first_reply"]
ENGLISH = frozenset(
    re.findall(
        r"\S+",
        "the a and or is are were has have hasn't it this that you your we our i'm i'll to of on by for with not no "
        "there about fixed released due write reply works customer",
    )
)
PROMISES = re.compile(
    r"\b(will be (fixed|solved|released)|soon|shortly|hopefully|should"
    r"|wird (behoben|gelöst|veröffentlicht)|werden (es|das) (beheben|lösen)|bald|demnächst|in Kürze|hoffentlich"
    r"|sollte)\b",
    re.IGNORECASE,
)
MONTH = "|".join(month for words in DAYS.values() for month in words.months)
DATE = re.compile(rf"\b\d{{1,2}}\.? (?:{MONTH})\b|\d{{4}}-\d\d-\d\d")
WORDS = {"en": "export problem", "de": "Export-Fehler"}
WORKAROUND = {"en": "Export as CSV.", "de": "Exportieren Sie die Daten als CSV."}


def parameters_of(path: Path) -> frozenset[str]:
    """Name what a template asks for; its macros are its own business."""
    return frozenset(meta.find_undeclared_variables(shipped()._environment.parse(path.read_text("utf-8"))))


def draft(language: str, name: str, state: str, **more: object) -> str:
    """A shipped draft with the details that most updates have."""
    details = {"words": WORDS[language], "wrote_at": on(3, 3), "version": "4.2", "since": on(5, 4), **more}
    workaround = "" if state == "none" else WORKAROUND[language]
    return shipped().text(Note(name, {**details, "workaround": workaround, "workaround_state": state}), language)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_english_template_has_its_twin(language: str) -> None:
    """None is missing, and each asks for the same parameters."""
    english = {path.name: parameters_of(path) for path in (TEMPLATES / "en").iterdir()}
    assert {path.name: parameters_of(path) for path in (TEMPLATES / language).iterdir()} == english


@pytest.mark.parametrize("language", ["en", *TRANSLATIONS])
@pytest.mark.parametrize("state", Workaround)
@pytest.mark.parametrize("name", DRAFTS)
def test_no_draft_promises_a_solution_or_a_date(name: str, state: Workaround, language: str) -> None:
    """Without a date that may be told a draft names none but those of the past."""
    text = draft(language, name, state)
    assert PROMISES.search(text) is None
    assert {date.split()[-1] for date in DATE.findall(text)} <= {"March", "May", "März", "Mai"}


@pytest.mark.parametrize("state", Workaround)
@pytest.mark.parametrize("name", DRAFTS)
def test_no_german_draft_holds_english_words(name: str, state: Workaround) -> None:
    """With everything that it can say."""
    dates = {"next_at": on(7, 17), "told_at": on(6, 2), "release_at": on(7, 1), "due_at": on(6, 5)}
    for promise in ("date", "news", "nothing"):
        assert not english_words(draft("de", name, state, promise=promise, told_version="4.2", **dates))


@pytest.mark.parametrize(
    "reason", [*(news.value for news in News), "periodic", "promised", "clear-no", "wrongly-told", "own-rule"]
)
@pytest.mark.parametrize("security", [True, False])
def test_no_german_reminder_holds_english_words(reason: str, *, security: bool) -> None:
    """Commands and a rule's own name are no words."""
    parameters = {
        "issue": "acme/app#12",
        "reason": reason,
        "question": "bitte anrufen",
        "version": "4.2",
        "due_at": on(6, 4),
        "silent_since": on(5, 1),
        "draft": "-",
        "security": security,
        "receiver": "Ben",
        "absence": "away",
        "absent": "Anna",
        "absent_until": datetime(2026, 6, 12, 12, tzinfo=UTC),
        "again": True,
        "suggestion": "CSV",
        "customer_language": "fr",
        "draft_language": "de",
        "workaround_language": "en",
    }
    text = shipped().text(Note("reminder", parameters), "de")
    assert not english_words(text)
    assert text.startswith("Für Ben: Anna ist bis 12. Juni nicht da.\n\nNoch einmal erinnert: fällig bis Donnerstag, ")


def test_no_german_notification_holds_english_words() -> None:
    """Each kind of notice in it; a question to the lead is the policy's own."""
    text = shipped().text(sample_message(datetime(2026, 6, 4, tzinfo=UTC)), "de")
    assert not english_words("\n".join(line for line in text.splitlines() if "(zum Beispiel " not in line))


def english_words(text: str) -> set[str]:
    """Find English words, in what isn't a command."""
    plain = re.sub(r"`[^`]*`", "", text)
    return set(re.findall(r"[a-zäöüß']+", plain.lower())) & ENGLISH


def test_a_german_draft_reads_as_one_writes_to_a_customer() -> None:
    """Formal, with the customers' words as a quotation, since nobody knows their gender."""
    assert draft("de", "periodic", "told", next_at=on(7, 17)) == (
        "Zu dem von Ihnen gemeldeten Problem („Export-Fehler“) gibt es seit dem 4. Mai nichts Neues, und einen "
        "Zeitplan haben wir nicht. Folgendes funktioniert weiterhin: Exportieren Sie die Daten als CSV. Ich melde mich "
        "bis zum 17. Juli wieder bei Ihnen, auch wenn es nichts Neues gibt."
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("none", ""),
        ("known", " Until then, this works: Export as CSV."),
        ("told", " This still works: Export as CSV."),
        ("confirmed", " This still works: Export as CSV."),
        ("failed", " I know that the workaround didn't work for you."),
    ],
)
def test_a_draft_speaks_of_the_workaround_as_the_customer_knows_it(state: str, said: str) -> None:
    """Not yet sent, sent, or of no use to them."""
    assert draft("en", "fixed", state).partition("date for its release.")[2] == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exporting as CSV", "Exporting as CSV still works."),
        ("Exporting as CSV. Then rename it", "This still works: Exporting as CSV. Then rename it."),
        ("Bring your own", "This still works: Bring your own."),
    ],
)
def test_a_workaround_that_names_a_deed_is_spoken_of(text: str, said: str) -> None:
    """Any other is quoted."""
    note = Note("fixed", {"workaround": text, "workaround_state": "told"})
    assert shipped().text(note, "en").endswith(said)


def test_a_team_can_word_one_state_alone(tmp_path: Path) -> None:
    """`REASON_STATE.txt` comes before `REASON.txt` in the same language, and not before the customer's language."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "fixed_failed.txt").write_text("Mended, at last.", encoding="utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES], "UTC", FixedClock())
    failed, told = (Note("fixed", {"workaround_state": state}) for state in ("failed", "told"))
    assert renderer.text(failed, "en") == "Mended, at last."
    assert renderer.text(told, "en") == shipped().text(told, "en")
    assert renderer.text(failed, "de") == shipped().text(failed, "de")


@pytest.mark.parametrize(
    ("customer", "team", "read"),
    [("de-AT", "en", "de"), ("fr", "de", "de"), ("fr", "pt", "en"), ("../../en", "de", "de")],
)
def test_a_language_without_the_template_has_the_teams_else_english(customer: str, team: str, read: str) -> None:
    """Which of them it is can be asked, so that nobody takes it for the customer's."""
    renderer = TemplateRenderer([TEMPLATES], "Europe/Berlin", FixedClock(), team)
    assert renderer.language_of(Note("fixed"), customer) == read
    assert renderer.text(Note("fixed"), customer) == shipped().text(Note("fixed"), read)


def test_dates_are_in_the_templates_language(tmp_path: Path) -> None:
    """In one that BugBridge has no words for they are numbers."""
    for language in ("fr", "de-AT"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "fixed.txt").write_text("{{ since | day }}, {{ since | moment }}", encoding="utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES], "Europe/Berlin", FixedClock())
    note = Note("fixed", {"since": on(3, 3)})
    assert renderer.text(note, "fr") == "2026-03-03, 2026-03-03 13:00"
    assert renderer.text(note, "de-AT") == "3. März, Dienstag, 3. März, 13:00 Uhr"


def test_a_wrong_template_is_found_in_any_language(tmp_path: Path) -> None:
    """Also in one that isn't the team's, and for one state alone."""
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "fixed_told.txt").write_text("{{ wrods }}", encoding="utf-8")
    with pytest.raises(DataError, match="'wrods' is undefined"):
        TemplateRenderer([tmp_path, TEMPLATES], "UTC", FixedClock()).try_all()
