"""What replies promise: which message by which instant, or once what has happened; and what is no promise of ours."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.promise_finding import find_promises, finder
from bugbridge.core.promise_rules import promised_day
from bugbridge.core.promises import SaidPromise
from bugbridge.core.wording import first_match, matcher_of, read_sentences
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_matching import Matcher
from bugbridge.core.wording_model import patterns_of
from tests.core.counting import work
from tests.core.date_scene import CALENDARS, in_utc
from tests.core.promise_sentences import ENGLISH, GERMAN, NOT_IN_ENGLISH, NOT_IN_GERMAN
from tests.core.test_wording_linear import MOST_RATIO, SIZE, TIMES, filled, near_matches

FOLDER = Path(__file__).parents[2] / "config"
FILES = [FOLDER / "wording.toml", FOLDER / "wording.de.toml"]
SHIPPED = parse_wordings([WordingFile(path.read_text("utf-8"), path.name) for path in FILES])
BERLIN, WEDNESDAY = ZoneInfo("Europe/Berlin"), datetime(2026, 6, 10, 8, tzinfo=UTC)
SENTENCES: Mapping[str, Sequence[str]] = {"en": [*ENGLISH, *NOT_IN_ENGLISH], "de": [*GERMAN, *NOT_IN_GERMAN]}
LANGUAGES = sorted(SENTENCES)
PROMISE = "I'll write by Friday."


def found(
    text: str, said_at: datetime = WEDNESDAY, place: str = "Berlin", language: str = "en"
) -> tuple[SaidPromise, ...]:
    """The promises of a text by the shipped rules."""
    return find_promises(text, said_at, CALENDARS[place], language, SHIPPED)


def shown(promises: Sequence[SaidPromise]) -> tuple[str, ...]:
    """Promises by their dates, on Berlin's clocks, or by what they wait for."""
    return tuple(
        f"{said.due_at.astimezone(BERLIN):%d %B %H:%M}".lstrip("0") if said.due_at else str(said.event)
        for said in promises
    )


@pytest.mark.parametrize(("text", "expected"), ENGLISH.items())
def test_english_promises(text: str, expected: tuple[str, ...]) -> None:
    """Dated ones with their instants, conditional ones with what they wait for."""
    assert shown(found(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("By 5 p.m. on Friday I'll write to you.", ("12 June 17:00",)),
        ("At 5 p.m. CEST on Friday I'll write to you.", ("12 June 17:00",)),
        ("They meet on Friday at 5 p.m. I'll let you know.", ()),
    ],
)
def test_the_half_of_a_day_ends_no_sentence(text: str, expected: tuple[str, ...]) -> None:
    """Unless a capital follows."""
    assert shown(found(text)) == expected


@pytest.mark.parametrize(("text", "expected"), GERMAN.items())
def test_german_promises(text: str, expected: tuple[str, ...]) -> None:
    """As in English, also where umlauts are written out."""
    plain = text.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}))
    assert shown(found(text, language="de-AT")) == shown(found(plain, language="de")) == expected


@pytest.mark.parametrize("text", NOT_IN_ENGLISH)
def test_what_is_no_promise_in_english(text: str) -> None:
    """Negated, asked, past, without a date, of others, or with a date of something else."""
    assert found(text) == ()


@pytest.mark.parametrize("text", NOT_IN_GERMAN)
def test_what_is_no_promise_in_german(text: str) -> None:
    """As in English."""
    assert found(text, language="de") == ()


@pytest.mark.parametrize(
    ("text", "said_at", "place", "due"),
    [
        (PROMISE, "2026-06-10T10:00-04:00", "New York", "2026-06-12T17:00-04:00"),
        (PROMISE, "2026-07-01T10:00-04:00", "New York", "2026-07-02T17:00-04:00"),
        (PROMISE, "2026-06-10T10:00+09:00", "Tokyo", "2026-06-12T18:00+09:00"),
        (PROMISE, "2026-06-12T09:00+10:30", "Lord Howe", "2026-06-12T17:00+10:30"),
        (PROMISE, "2026-06-10T10:00+02:00", "Berlin, mornings", "2026-06-12T11:30+02:00"),
        (PROMISE, "2026-06-10T10:00+02:00", "Berlin, open until midnight", "2026-06-13T00:00+02:00"),
        (PROMISE, "2026-06-10T10:00+00:00", "always open", "2026-06-13T00:00+00:00"),
        ("You'll hear from me by the end of the week.", "2026-06-10T10:00+03:00", "Cairo", "2026-06-11T17:00+03:00"),
        ("I'll get back to you by Monday.", "2026-04-02T10:00+02:00", "Berlin", "2026-04-02T17:00+02:00"),
        ("I'll write by 1 January.", "2026-12-28T10:00+01:00", "Berlin", "2026-12-31T17:00+01:00"),
        ("I'll write within two business days.", "2026-06-12T15:00+02:00", "Berlin", "2026-06-16T15:00+02:00"),
        ("I'll let you know today.", "2026-06-10T18:00+02:00", "Berlin", "2026-06-11T00:00+02:00"),
        (
            "We'll update you on Sunday, 25 October.",
            "2026-10-20T10:00+02:00",
            "Berlin, all days until 20:00",
            "2026-10-25T20:00+01:00",
        ),
        (
            "We'll update you on Sunday, 29 March.",
            "2026-03-24T10:00+01:00",
            "Berlin, all days until 20:00",
            "2026-03-29T20:00+02:00",
        ),
        ("I'll call you in 24 hours.", "2026-03-28T12:00+01:00", "Berlin", "2026-03-29T13:00+02:00"),
        ("I'll write to you at 3 pm UTC tomorrow.", "2026-06-10T10:00-04:00", "New York", "2026-06-11T15:00+00:00"),
    ],
)
def test_dates_are_meant_in_their_authors_hours(text: str, said_at: str, place: str, due: str) -> None:
    """In the calendar and the zone of whoever said it, over holidays and changes of the clock."""
    promises = found(text, datetime.fromisoformat(said_at), place)
    assert [f"{said.due_at:%Y-%m-%dT%H:%M}" for said in promises] == [in_utc(due)]


@pytest.mark.parametrize(
    "text",
    [
        f"> {PROMISE}\n\nThank you for your message.",
        f"<blockquote>{PROMISE}</blockquote> Thank you.",
        f"On 3 June 2026, Ann wrote:\n> {PROMISE}",
        f"From: Ann\nSent: 3 June 2026\nTo: Ben\nSubject: Export\n\n{PROMISE}",
        f'As Ann put it: "{PROMISE}"',
        f"Try this:\n```\n{PROMISE}\n```",
        f"Write `{PROMISE}` into the field.",
        f"Thank you.\n\n-- \n{PROMISE}",
        f"Thank you.\n\nKind regards,\nAnn Agent\n{PROMISE[:-1].title()}",
    ],
)
def test_only_the_authors_own_words_promise(text: str) -> None:
    """Not quotes, not code, no signature."""
    assert found(text) == ()


def test_a_place_is_that_of_the_reply_as_it_was_given() -> None:
    """From the first to the last word of what is promised, whatever stands before."""
    text = f"Hello Carla,\n\n> by Monday?\n\nThank you. <b>{PROMISE}</b> Once it's released I'll tell you."
    dated, conditional = found(text)
    assert text[dated.start : dated.end] == "I'll write by Friday"
    assert text[conditional.start : conditional.end] == "Once it's released I'll tell you"


def test_each_date_and_each_event_is_promised_once() -> None:
    """However often a reply says so."""
    text = (
        f"{PROMISE} You'll hear from me on Friday. I'll tell you once it's fixed. When it's fixed, I'll let you know."
    )
    assert shown(found(text)) == ("12 June 17:00", "fixed")


def test_a_language_without_rules_promises_nothing() -> None:
    """Nobody could tell what it says."""
    assert found("Je vous écris demain.", language="fr") == ()


def test_a_replys_own_words_outrank_the_language_that_is_likely() -> None:
    """Agents answer customers in other languages than theirs; where the words tell nothing, the likely one counts."""
    find = finder(lambda: SHIPPED)
    said = [
        shown(find(text, WEDNESDAY, CALENDARS["Berlin"], likely))
        for text, likely in [
            (PROMISE, "de-DE"),
            ("Ich melde mich bis Freitag bei Ihnen.", "en"),
            ("Update tomorrow.", "en"),
            ("Je vous écris demain, et je vous remercie de votre patience.", "en"),
        ]
    ]
    assert said == [("12 June 17:00",), ("12 June 17:00",), (), ()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_frame_of_promises_is_for_something(language: str) -> None:
    """Each is in a sentence of these tests, so that one can see what it is for."""
    matchers = list(_matchers(language))
    unused = [
        frame.texts
        for frame in SHIPPED[language].promises.frames
        if not any(first_match([frame], matcher) for matcher in matchers)
    ]
    assert unused == []


def _matchers(language: str) -> Iterator[Matcher]:
    wording = SHIPPED[language]
    for text in SENTENCES[language]:
        yield from (matcher_of(sentence, wording) for sentence in read_sentences(text, wording))


PARTS = st.sampled_from([*ENGLISH, *NOT_IN_ENGLISH, *GERMAN, "\n\n", "> ", "`", '"', " by Friday ", " once it's out, "])
TEXTS = st.text(max_size=200) | st.lists(PARTS, max_size=8).map(" ".join)
INSTANTS = st.datetimes(datetime(2011, 12, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds it


@given(TEXTS, INSTANTS, st.sampled_from(sorted(CALENDARS)), st.sampled_from([*LANGUAGES, "", "xx"]))
def test_no_text_breaks_it(text: str, said_at: datetime, place: str, language: str) -> None:
    """Promises stand in the text in order, each dated, ahead and in UTC, or conditional."""
    promises = found(text, said_at, place, language)
    assert [(said.start, said.end) for said in promises] == sorted((said.start, said.end) for said in promises)
    assert len({(said.due_at, said.event) for said in promises}) == len(promises)
    for said in promises:
        assert 0 <= said.start < said.end <= len(text)
        assert (said.due_at is None) is not (said.event is None)
        assert said.due_at is None or (said.due_at > said_at and said.due_at.tzinfo is UTC)


@given(TEXTS, st.sampled_from(sorted(ENGLISH)))
def test_quotes_add_no_promise(text: str, quoted: str) -> None:
    """A reply promises the same with somebody else's promises quoted under it."""
    bare = text.replace("`", "").replace("<", "")
    below = f"{bare}\n\n> {quoted}\n"
    assert shown(found(below)) == shown(found(f"{bare}\n\n"))


@pytest.mark.parametrize(
    ("text", "language", "words", "due"),
    [
        ("<p>Thanks!&nbsp;I&#39;ll write by Friday.</p>", "en", "I&#39;ll write by Friday", "12 June 17:00"),
        ("Hi &amp; thanks. You&rsquo;ll hear from me by 12&nbsp;June!", "en", None, "12 June 17:00"),
        ("F&uuml;r Sie melde ich mich sp&auml;testens &uuml;bermorgen.", "de", None, "12 June 17:00"),
    ],
)
def test_a_promise_in_html_is_read_as_people_see_it(text: str, language: str, words: str | None, due: str) -> None:
    """Its place is that in the text as it came."""
    (promise,) = found(text, language=language)
    assert shown([promise]) == (due,)
    assert words is None or text[promise.start : promise.end] == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_ten_times_the_text_is_ten_times_the_work(language: str) -> None:
    """100 kB of sentences that nearly promise something, and of promises, run on and apart."""
    wording = SHIPPED[language]
    parts = near_matches(patterns_of(wording.promises.frames), wording.macros)
    for texts in (parts, [text.rstrip(".?") for text in SENTENCES[language]]):
        tenth, whole = (_work(filled(texts, size), language) for size in (SIZE // TIMES, SIZE))
        assert whole <= MOST_RATIO * tenth


def _work(text: str, language: str) -> int:
    return work(lambda: found(text, language=language))


@pytest.mark.parametrize(
    ("typed", "language", "due"),
    [
        ("2026-06-12", "en", "12 June 17:00"),
        ("2026-06-12.", "fr", "12 June 17:00"),
        ("12 June", "en", "12 June 17:00"),
        ("Friday", "en", "12 June 17:00"),
        ("the 15th", "en", "15 June 17:00"),
        ("the end of the week!", "en", "12 June 17:00"),
        ("3 pm tomorrow", "en", "11 June 15:00"),
        ("by Friday.", "de", "12 June 17:00"),
        ("12.6.", "de", "12 June 17:00"),
        ("Freitag, 12. Juni", "de-AT", "12 June 17:00"),
        ("Freitag, 12. Juni", "de_AT", "12 June 17:00"),
        ("übermorgen", "de", "12 June 17:00"),
    ],
)
def test_a_date_by_hand_can_be_in_words(typed: str, language: str, due: str) -> None:
    """In the team's language or in English, as it would be read in a reply."""
    due_at = promised_day(typed, WEDNESDAY, CALENDARS["Berlin"], language)
    assert due_at is not None
    assert shown([SaidPromise(0, 1, due_at)]) == (due,)


@pytest.mark.parametrize(
    ("figures", "words", "place"),
    [
        ("2026-06-12", "12 June", "Berlin"),
        ("2026-06-13", "13 June", "Berlin"),
        ("2026-06-14", "Sunday", "Berlin, around the clock"),
        ("2026-06-12", "Friday", "Berlin, open until midnight"),
        ("2026-06-10", "today", "Tokyo"),
        ("2026-06-13", "13 June", "always open"),
    ],
)
def test_a_date_in_figures_means_what_it_does_in_words(figures: str, words: str, place: str) -> None:
    """Closed days, days that end at midnight and a day whose hours are over included; each ends within itself."""
    by_figures = promised_day(figures, WEDNESDAY, CALENDARS[place], "en")
    assert by_figures == promised_day(words, WEDNESDAY, CALENDARS[place], "en")
    assert by_figures is not None
    assert by_figures.astimezone(CALENDARS[place].zone).date().isoformat() <= figures


@pytest.mark.parametrize(
    "typed", ["", "soon", "Friday or so", "12 June, if Ben is back", "Monday, Tuesday", "2026-13-01"]
)
def test_what_is_no_date_by_itself_is_none(typed: str) -> None:
    """Nobody guesses."""
    assert promised_day(typed, WEDNESDAY, CALENDARS["Berlin"], "en") is None
