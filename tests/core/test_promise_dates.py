"""Dates that agents write in replies: which instant each means, for whom and when. Expected ones are literals."""

from datetime import datetime

import pytest

from bugbridge.core.errors import ConfigError
from bugbridge.core.promise_dates import said_dates
from tests.core.date_scene import CALENDARS, due_of, in_utc, nine_to_five

WEDNESDAY = "2026-06-10T10:00+02:00"


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("today", "2026-06-10T17:00+02:00"),
        ("later today", "2026-06-10T17:00+02:00"),
        ("by the end of the day", "2026-06-10T17:00+02:00"),
        ("by EOD", "2026-06-10T17:00+02:00"),
        ("by COB tomorrow", "2026-06-11T17:00+02:00"),
        ("by close of business Friday", "2026-06-12T17:00+02:00"),
        ("tonight", "2026-06-11T00:00+02:00"),
        ("this afternoon", "2026-06-10T17:00+02:00"),
        ("tomorrow", "2026-06-11T17:00+02:00"),
        ("tomorrow morning", "2026-06-11T12:00+02:00"),
        ("first thing tomorrow", "2026-06-11T12:00+02:00"),
        ("the day after tomorrow", "2026-06-12T17:00+02:00"),
        ("by Friday", "2026-06-12T17:00+02:00"),
        ("BY FRIDAY", "2026-06-12T17:00+02:00"),
        ("by\nFriday", "2026-06-12T17:00+02:00"),
        ("Friday afternoon", "2026-06-12T17:00+02:00"),
        ("by Fri", "2026-06-12T17:00+02:00"),
        ("this Friday", "2026-06-12T17:00+02:00"),
        ("next Friday", "2026-06-19T17:00+02:00"),
        ("next Friday, 12 June", "2026-06-12T17:00+02:00"),
        ("by Wednesday", "2026-06-10T17:00+02:00"),
        ("this coming Wednesday", "2026-06-17T17:00+02:00"),
        ("before Friday", "2026-06-11T17:00+02:00"),
        ("on or before Friday", "2026-06-12T17:00+02:00"),
        ("on Monday next week", "2026-06-15T17:00+02:00"),
        ("next week Monday", "2026-06-15T17:00+02:00"),
        ("by Friday 12 June", "2026-06-12T17:00+02:00"),
        ("on Friday, June 12th", "2026-06-12T17:00+02:00"),
        ("Friday, 12 June 2026, at 4.30 p.m.", "2026-06-12T16:30+02:00"),
        ("by Friday the 12th", "2026-06-12T17:00+02:00"),
        ("by 12 June", "2026-06-12T17:00+02:00"),
        ("12-Jun-2026", "2026-06-12T17:00+02:00"),
        ("by the 15th of June", "2026-06-15T17:00+02:00"),
        ("by the 15th.", "2026-06-15T17:00+02:00"),
        ("by the 9th, I promise", "2026-07-09T17:00+02:00"),
        ("by 12.06.", "2026-06-12T17:00+02:00"),
        ("12.06.2026", "2026-06-12T17:00+02:00"),
        ("2026-06-12", "2026-06-12T17:00+02:00"),
        ("by 6/15", "2026-06-15T17:00+02:00"),
        ("by 15/6/2026", "2026-06-15T17:00+02:00"),
        ("by 7/7", "2026-07-07T17:00+02:00"),
        ("by 1 April", "2027-04-01T17:00+02:00"),
        ("this week", "2026-06-12T17:00+02:00"),
        ("by the end of the week", "2026-06-12T17:00+02:00"),
        ("within the week", "2026-06-12T17:00+02:00"),
        ("next week", "2026-06-19T17:00+02:00"),
        ("early next week", "2026-06-16T17:00+02:00"),
        ("mid next week", "2026-06-17T17:00+02:00"),
        ("by the end of next week", "2026-06-19T17:00+02:00"),
        ("before next week", "2026-06-12T17:00+02:00"),
        ("the week after next", "2026-06-26T17:00+02:00"),
        ("over the weekend", "2026-06-12T17:00+02:00"),
        ("before the weekend", "2026-06-12T17:00+02:00"),
        ("after the weekend", "2026-06-15T17:00+02:00"),
        ("in two days", "2026-06-12T17:00+02:00"),
        ("in a day or two", "2026-06-12T17:00+02:00"),
        ("within 48 hours", "2026-06-12T10:00+02:00"),
        ("within 24-48 hours", "2026-06-12T10:00+02:00"),
        ("in the next 24 hours", "2026-06-11T10:00+02:00"),
        ("in half an hour", "2026-06-10T10:30+02:00"),
        ("within the hour", "2026-06-10T11:00+02:00"),
        ("within 2 business days", "2026-06-12T10:00+02:00"),
        ("in one to three working days", "2026-06-15T10:00+02:00"),
        ("in a week", "2026-06-17T17:00+02:00"),
        ("two weeks from now", "2026-06-24T17:00+02:00"),
        ("in a fortnight", "2026-06-24T17:00+02:00"),
        ("in two weeks, on Friday", "2026-06-26T17:00+02:00"),
        ("in a month", "2026-07-10T17:00+02:00"),
        ("end of the month", "2026-06-30T17:00+02:00"),
        ("by the end of June", "2026-06-30T17:00+02:00"),
        ("mid-June", "2026-06-15T17:00+02:00"),
        ("early July", "2026-07-10T17:00+02:00"),
        ("in July", "2026-07-31T17:00+02:00"),
        ("by July", "2026-06-30T17:00+02:00"),
        ("by the end of the year", "2026-12-31T17:00+01:00"),
        ("at 5 pm tomorrow", "2026-06-11T17:00+02:00"),
        ("tomorrow at 9, promised", "2026-06-11T09:00+02:00"),
        ("tomorrow at 05:00", "2026-06-11T05:00+02:00"),
        ("by 5 tomorrow", "2026-06-11T17:00+02:00"),
        ("tomorrow afternoon at 4:15", "2026-06-11T16:15+02:00"),
        ("by 3pm", "2026-06-10T15:00+02:00"),
        ("by 9am", "2026-06-11T09:00+02:00"),
        ("by 4-5 pm", "2026-06-10T17:00+02:00"),
        ("15-16 June", "2026-06-16T17:00+02:00"),
        ("by Jun. 15", "2026-06-15T17:00+02:00"),
        ("by mid-next week", "2026-06-17T17:00+02:00"),
        ("by noon", "2026-06-10T12:00+02:00"),
        ("by midnight", "2026-06-11T00:00+02:00"),
        ("by Friday at 15:00", "2026-06-12T15:00+02:00"),
        ("by 5 pm EST on Friday", "2026-06-12T23:00+02:00"),
        ("by 15:00 UTC", "2026-06-10T17:00+02:00"),
        ("Thursday or Friday", "2026-06-12T17:00+02:00"),
        ("today or tomorrow", "2026-06-11T17:00+02:00"),
    ],
)
def test_what_english_words_mean_on_a_wednesday_morning_in_berlin(text: str, due: str) -> None:
    """Whole days are due when the agent closes, at 17:00; the text around a date changes nothing."""
    assert due_of(text, WEDNESDAY, "Berlin", "en") == [in_utc(due)]
    assert due_of(f"Thanks! I'll write to you again {text}.", WEDNESDAY, "Berlin", "en-GB") == [in_utc(due)]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("heute", "2026-06-10T17:00+02:00"),
        ("bis Feierabend", "2026-06-10T17:00+02:00"),
        ("im Laufe des Tages", "2026-06-10T17:00+02:00"),
        ("heute Nachmittag", "2026-06-10T17:00+02:00"),
        ("heute Abend", "2026-06-11T00:00+02:00"),
        ("morgen", "2026-06-11T17:00+02:00"),
        ("bis morgen Mittag", "2026-06-11T12:00+02:00"),
        ("morgen früh", "2026-06-11T12:00+02:00"),
        ("übermorgen", "2026-06-12T17:00+02:00"),
        ("uebermorgen", "2026-06-12T17:00+02:00"),
        ("bis Freitag, den 12. Juni", "2026-06-12T17:00+02:00"),
        ("am Freitag, dem 12.6., um 15 Uhr", "2026-06-12T15:00+02:00"),
        ("spätestens am 12.6.", "2026-06-12T17:00+02:00"),
        ("bis Fr, 12.06.2026", "2026-06-12T17:00+02:00"),
        ("Fr., 12.6., 15 Uhr", "2026-06-12T15:00+02:00"),
        ("bis zum 15.", "2026-06-15T17:00+02:00"),
        ("am Montag", "2026-06-15T17:00+02:00"),
        ("kommenden Dienstag", "2026-06-16T17:00+02:00"),
        ("nächsten Freitag", "2026-06-12T17:00+02:00"),
        ("nächsten Mittwoch", "2026-06-17T17:00+02:00"),
        ("vor Freitag", "2026-06-11T17:00+02:00"),
        ("Montagmorgen", "2026-06-15T12:00+02:00"),
        ("Montag nächster Woche", "2026-06-15T17:00+02:00"),
        ("bis Ende der Woche", "2026-06-12T17:00+02:00"),
        ("noch diese Woche", "2026-06-12T17:00+02:00"),
        ("nächste Woche", "2026-06-19T17:00+02:00"),
        ("naechste Woche", "2026-06-19T17:00+02:00"),
        ("Anfang nächster Woche", "2026-06-16T17:00+02:00"),
        ("Mitte nächster Woche", "2026-06-17T17:00+02:00"),
        ("bis Ende der nächsten Woche", "2026-06-19T17:00+02:00"),
        ("übernächste Woche", "2026-06-26T17:00+02:00"),
        ("am Wochenende", "2026-06-12T17:00+02:00"),
        ("nach dem Wochenende", "2026-06-15T17:00+02:00"),
        ("innerhalb von 48 Stunden", "2026-06-12T10:00+02:00"),
        ("in der nächsten Stunde", "2026-06-10T11:00+02:00"),
        ("in zwei Tagen", "2026-06-12T17:00+02:00"),
        ("in ein bis zwei Tagen", "2026-06-12T17:00+02:00"),
        ("innerhalb von 2 Werktagen", "2026-06-12T10:00+02:00"),
        ("in einer Woche", "2026-06-17T17:00+02:00"),
        ("bis Monatsende", "2026-06-30T17:00+02:00"),
        ("Ende Juni", "2026-06-30T17:00+02:00"),
        ("bis Juli", "2026-06-30T17:00+02:00"),
        ("bis 15 Uhr", "2026-06-10T15:00+02:00"),
        ("bis Freitag 15:30 Uhr", "2026-06-12T15:30+02:00"),
        ("bis 15.06", "2026-06-15T17:00+02:00"),
        ("am Fr. um 10 Uhr", "2026-06-12T10:00+02:00"),
        ("morgen um 9", "2026-06-11T09:00+02:00"),
        ("im Laufe des Freitags", "2026-06-12T17:00+02:00"),
        ("heute oder morgen", "2026-06-11T17:00+02:00"),
    ],
)
def test_what_german_words_mean_on_a_wednesday_morning_in_berlin(text: str, due: str) -> None:
    """They mean what their English peers mean, but for "nächsten Freitag", which is the first one there is."""
    assert due_of(text, WEDNESDAY, "Berlin", "de") == [in_utc(due)]
    assert due_of(f"Danke! Ich melde mich {text}, versprochen.", WEDNESDAY, "Berlin", "de_AT") == [in_utc(due)]


@pytest.mark.parametrize(
    ("text", "language", "said_at", "place", "due"),
    [
        # clocks change
        ("tomorrow at 2:30 am", "en", "2026-03-07T12:00-05:00", "New York", "2026-03-08T03:30-04:00"),
        ("tomorrow at 1:30 am", "en", "2026-10-31T12:00-04:00", "New York", "2026-11-01T01:30-04:00"),
        ("within 24 hours", "en", "2026-03-07T12:00-05:00", "New York", "2026-03-08T13:00-04:00"),
        ("innerhalb von 48 Stunden", "de", "2026-03-27T16:00+01:00", "Berlin", "2026-03-29T17:00+02:00"),
        ("on Monday", "en", "2026-03-27T16:00+01:00", "Berlin", "2026-03-30T17:00+02:00"),
        ("in 2 weeks", "en", "2026-10-20T09:00+02:00", "Berlin", "2026-11-03T17:00+01:00"),
        ("within 2 business days", "en", "2026-03-27T16:00+01:00", "Berlin", "2026-03-31T16:00+02:00"),
        ("tonight", "en", "2026-04-23T10:00+02:00", "Cairo", "2026-04-24T01:00+03:00"),
        ("tomorrow at 1:45 am", "en", "2026-04-04T12:00+11:00", "Lord Howe", "2026-04-05T01:45+11:00"),
        ("within 24 hours", "en", "2026-04-04T12:00+11:00", "Lord Howe", "2026-04-05T11:30+10:30"),
        ("tomorrow", "en", "2011-12-29T10:00-10:00", "Apia", "2011-12-29T17:00-10:00"),
        ("within 24 hours", "en", "2011-12-29T20:00-10:00", "Apia", "2011-12-31T20:00+14:00"),
        # closed days
        ("by Friday", "en", "2026-03-30T10:00+02:00", "Berlin", "2026-04-02T17:00+02:00"),
        ("bis Freitag", "de", "2026-03-30T10:00+02:00", "Berlin", "2026-04-02T17:00+02:00"),
        ("in 2 weeks", "en", "2026-03-20T09:00+01:00", "Berlin", "2026-04-02T17:00+02:00"),
        ("by Monday", "en", "2026-04-02T16:00+02:00", "Berlin", "2026-04-02T17:00+02:00"),
        ("by Monday", "en", "2026-04-02T18:00+02:00", "Berlin", "2026-04-06T17:00+02:00"),
        ("by noon on Monday", "en", "2026-04-02T18:00+02:00", "Berlin", "2026-04-06T12:00+02:00"),
        ("after the weekend", "en", "2026-04-02T10:00+02:00", "Berlin", "2026-04-07T17:00+02:00"),
        ("nach dem Wochenende", "de", "2026-04-02T10:00+02:00", "Berlin", "2026-04-07T17:00+02:00"),
        ("in 3 Werktagen", "de", "2026-04-02T16:00+02:00", "Berlin", "2026-04-09T16:00+02:00"),
        ("by Friday", "en", "2026-06-29T10:00-04:00", "New York", "2026-07-02T17:00-04:00"),
        ("tomorrow", "en", "2026-06-12T16:00+02:00", "Berlin", "2026-06-12T17:00+02:00"),
        ("tomorrow", "en", "2026-06-12T18:00+02:00", "Berlin", "2026-06-13T17:00+02:00"),
        ("Saturday at 11:00", "en", WEDNESDAY, "Berlin", "2026-06-12T17:00+02:00"),
        ("on Sunday", "en", "2026-06-14T10:00+02:00", "Berlin", "2026-06-14T17:00+02:00"),
        ("within 2 business days", "en", "2026-06-13T11:00+02:00", "Berlin", "2026-06-17T09:00+02:00"),
        ("by 25 December", "en", "2026-12-20T10:00+01:00", "Berlin", "2026-12-24T17:00+01:00"),
        # said after closing
        ("today", "en", "2026-06-10T18:00+02:00", "Berlin", "2026-06-11T00:00+02:00"),
        ("by EOD", "en", "2026-06-10T18:00+02:00", "Berlin", "2026-06-11T00:00+02:00"),
        ("by 10 June", "en", "2026-06-10T18:00+02:00", "Berlin", "2026-06-11T00:00+02:00"),
        ("by Wednesday", "en", "2026-06-10T18:00+02:00", "Berlin", "2026-06-17T17:00+02:00"),
        ("by Wednesday at 20:00", "en", "2026-06-10T18:00+02:00", "Berlin", "2026-06-10T20:00+02:00"),
        ("this week", "en", "2026-06-12T18:00+02:00", "Berlin", "2026-06-14T17:00+02:00"),
        ("by 3pm", "en", "2026-06-10T16:00+02:00", "Berlin", "2026-06-11T15:00+02:00"),
        ("bis 15 Uhr", "de", "2026-06-10T16:00+02:00", "Berlin", "2026-06-11T15:00+02:00"),
        # other hours
        ("today", "en", "2026-06-10T23:00+02:00", "Berlin, open until midnight", "2026-06-11T00:00+02:00"),
        ("by Sunday", "en", WEDNESDAY, "Berlin, open until midnight", "2026-06-13T00:00+02:00"),
        ("by Sunday", "en", WEDNESDAY, "Berlin, around the clock", "2026-06-13T00:00+02:00"),
        ("this afternoon", "en", WEDNESDAY, "Berlin, mornings", "2026-06-10T18:00+02:00"),
        ("Thursday afternoon", "en", WEDNESDAY, "Berlin, all days until 20:00", "2026-06-11T18:00+02:00"),
        ("by the end of the week", "en", WEDNESDAY, "Berlin, all days until 20:00", "2026-06-14T20:00+02:00"),
        ("before the weekend", "en", WEDNESDAY, "Berlin, all days until 20:00", "2026-06-12T20:00+02:00"),
        ("tomorrow at 5:00", "en", "2026-06-10T10:00+00:00", "always open", "2026-06-11T05:00+00:00"),
        ("today", "en", "2026-06-10T10:00+00:00", "always open", "2026-06-11T00:00+00:00"),
        # other zones and weekends
        ("tomorrow", "en", "2026-06-10T23:30+09:00", "Tokyo", "2026-06-11T18:00+09:00"),
        ("today", "en", "2026-06-10T16:00+00:00", "Tokyo", "2026-06-11T18:00+09:00"),
        ("by 5 pm CET tomorrow", "en", "2026-06-10T10:00+09:00", "Tokyo", "2026-06-12T00:00+09:00"),
        ("by the end of the week", "en", "2026-06-09T10:00+03:00", "Cairo", "2026-06-11T17:00+03:00"),
        ("next week", "en", "2026-06-09T10:00+03:00", "Cairo", "2026-06-18T17:00+03:00"),
        ("early next week", "en", "2026-06-09T10:00+03:00", "Cairo", "2026-06-15T17:00+03:00"),
        ("on Friday", "en", "2026-06-09T10:00+03:00", "Cairo", "2026-06-11T17:00+03:00"),
        ("by Sunday", "en", "2026-06-09T10:00+03:00", "Cairo", "2026-06-14T17:00+03:00"),
        ("after the weekend", "en", "2026-06-09T10:00+03:00", "Cairo", "2026-06-14T17:00+03:00"),
        # ends of months and years, leap days
        ("tomorrow", "en", "2026-12-31T10:00+01:00", "Berlin", "2026-12-31T17:00+01:00"),
        ("next week", "en", "2026-12-31T10:00+01:00", "Berlin", "2027-01-08T17:00+01:00"),
        ("by 4 January", "en", "2026-12-31T10:00+01:00", "Berlin", "2027-01-04T17:00+01:00"),
        ("in January", "en", "2026-12-31T10:00+01:00", "Berlin", "2027-01-29T17:00+01:00"),
        ("bis Jahresende", "de", "2026-12-01T10:00+01:00", "Berlin", "2026-12-31T17:00+01:00"),
        ("in a month", "en", "2027-01-31T10:00+01:00", "Berlin", "2027-02-26T17:00+01:00"),
        ("by the end of February", "en", "2028-02-10T10:00+01:00", "Berlin", "2028-02-29T17:00+01:00"),
        ("am 29.2.", "de", "2028-02-10T10:00+01:00", "Berlin", "2028-02-29T17:00+01:00"),
        ("by 29 February 2028", "en", WEDNESDAY, "Berlin", "2028-02-29T17:00+01:00"),
        ("tomorrow", "en", "2028-02-28T10:00+01:00", "Berlin", "2028-02-29T17:00+01:00"),
        # a weekday that contradicts its date
        ("by Friday 13 June", "en", WEDNESDAY, "Berlin", "2026-06-12T17:00+02:00"),
        ("Friday 11 June", "en", WEDNESDAY, "Berlin", "2026-06-11T17:00+02:00"),
        ("Friday 11 June 2026", "en", "2026-06-12T10:00+02:00", "Berlin", "2026-06-12T17:00+02:00"),
        ("Freitag, den 18.6.2026", "de", WEDNESDAY, "Berlin", "2026-06-18T17:00+02:00"),
    ],
)
def test_what_is_due_where_clocks_and_calendars_differ(
    text: str, language: str, said_at: str, place: str, due: str
) -> None:
    """The agent's clock and closed days decide; a closed day is due on the open one before, if that is still ahead."""
    assert due_of(f"-- {text} --", said_at, place, language) == [in_utc(due)]


@pytest.mark.parametrize(
    "text",
    [
        "soon, shortly, in a bit, in the coming days, in a few days, in a couple of weeks, one day",
        "by 5/6, on 12/06/2026",
        "by 30 February, 31 June or the 32nd, 2026-13-01",
        "by 20 May, on 1 June, in May, on 2026-06-09",
        "29 February",
        "by 12 June 2036, Monday 9999-12-31, Monday 2099-12-31",
        "last Friday, since Monday, after Tuesday, every Thursday, not before Friday, from Monday",
        "on Friday last week, Monday at the earliest",
        "Friday's release, the Friday-only build, https://example.com/friday, friday@example.com",
        "it sat there, you may 12 times, march 3 steps, the sun",
        "Version 12.6.2 and 12.6 and 12.6.26, 24/7, 3/4 of it, 2026-06-12T10:00:00Z",
        "on the 2nd attempt, by the 3rd party",
        "within two days of the release, in 1.5 hours, for over two weeks, for 3 days, in 0 hours",
        "in 100 business days, in 999 days, in 200 weeks",
        "Good morning! Have a nice weekend. In the week of work. Monday-Friday 9am-5pm",
        "by 3am today, this morning before 9, by 13 pm",
        "Friday week, three weeks ago, yesterday, two days later",
    ],
)
def test_what_is_vague_past_or_no_date_gives_nothing(text: str) -> None:
    """Nothing is due by what nobody could hold anybody to."""
    at_eleven = "2026-06-10T13:00+02:00"
    assert due_of(text, at_eleven, "Berlin", "en") == []


@pytest.mark.parametrize(
    "text",
    [
        "bald, demnächst, in Kürze, in den nächsten Tagen, in ein paar Tagen, zeitnah",
        "Guten Morgen Frau Müller, schönes Wochenende, Guten Abend",
        "seit Montag, letzten Freitag, nach Dienstag, jeden Mittwoch, ab Freitag, frühestens Montag",
        "am 31. Juni, am 30.2., am 12.13.",
        "innerhalb von zwei Tagen nach der Freigabe, vor zwei Tagen, in Version 12.6.",
        "montags, so bald wie möglich, Di Caprio, do it",
    ],
)
def test_german_words_that_are_vague_past_or_no_date_give_nothing(text: str) -> None:
    """As in English."""
    assert due_of(text, WEDNESDAY, "Berlin", "de") == []


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Please restart; I'll write by Friday, 12 June, 4 pm.", ["by Friday, 12 June, 4 pm"]),
        (
            "Call me today, or I'll write on Monday and by the end of next week.",
            ["today", "on Monday", "by the end of next week"],
        ),
        ("We meet on Thursday; I'll write to you on Friday with the decision.", ["on Thursday", "on Friday"]),
        ("Sure:\r\nby Monday\r\nor Tuesday, no later than noon", ["by Monday\r\nor Tuesday, no later than noon"]),
        ("within 24 hours, on Friday", ["within 24 hours", "on Friday"]),
        ("İ… by Friday", ["by Friday"]),
    ],
)
def test_a_date_is_found_where_it_stands(text: str, spans: list[str]) -> None:
    """The caller marks it in the reply; its preposition belongs to it."""
    found = said_dates(text, datetime.fromisoformat(WEDNESDAY), CALENDARS["Berlin"])
    assert [text[said.start : said.end] for said in found] == spans


@pytest.mark.parametrize("said_at", ["2026-06-10T10:00+02:00", "2027-01-10T10:00+01:00"])
def test_a_leap_day_more_than_a_year_ahead_is_a_slip(said_at: str) -> None:
    """Whoever writes it without a year means the coming February, which has no such day."""
    assert due_of("by 29 February", said_at, "Berlin", "en") == []


def test_a_blank_paragraph_parts_dates() -> None:
    """What stands in another paragraph says something else."""
    assert due_of("on Friday\n\n12 June", WEDNESDAY, "Berlin", "en") == ["2026-06-12T15:00", "2026-06-12T15:00"]


def test_a_language_without_words_has_no_dates() -> None:
    """Not even those that could be guessed."""
    assert due_of("by Friday", WEDNESDAY, "Berlin", "fr") == []


def test_an_instant_needs_a_zone() -> None:
    """Otherwise the machine's own would be taken."""
    with pytest.raises(ValueError, match="no time zone"):
        said_dates("", datetime(2026, 6, 10), CALENDARS["Berlin"])  # noqa: DTZ001  # that is the point


def test_a_calendar_that_is_never_open_is_the_teams_mistake() -> None:
    """Nothing can be due in it."""
    never = nine_to_five("Europe/Berlin", frozenset(range(7)))
    with pytest.raises(ConfigError):
        said_dates("by Friday", datetime.fromisoformat(WEDNESDAY), never)
