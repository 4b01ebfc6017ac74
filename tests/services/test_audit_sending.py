"""The monthly audit: each reader once after a month, whatever fails, stops or starts anew meanwhile."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.audit_model import Audit
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.errors import ConfigError, DataError, RemoteError
from bugbridge.core.monthly import RETRY_DELAYS
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.ports import Notifier
from bugbridge.services.audit_sending import AuditReader, AuditSending, next_audits, send_audits
from bugbridge.services.auditing import run_audit
from bugbridge.services.notifying import NotifyingResult
from tests.services.scene import KilledError
from tests.services.scene import Scene as Team

BERLIN = ZoneInfo("Europe/Berlin")
WEEKEND = frozenset({5, 6})
OFFICE = WorkCalendar(BERLIN, time(8), time(17), WEEKEND)
SENT, NOTHING, FAILED = NotifyingResult(notified=1), NotifyingResult(), NotifyingResult(unsent=1)
DOWN = RemoteError("lead: the notification service refused the message.")
LEAD, OTHER = AuditReader("lead", ALWAYS_OPEN), AuditReader("team", ALWAYS_OPEN)
LOOK = timedelta(minutes=10)


def berlin(text: str) -> datetime:
    """An instant by what clocks in Berlin show."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


class Readers(Team):
    """A team in Berlin whose audit is sent to somebody; the daemon first looks on the tenth of June."""

    def __init__(self, *readers: AuditReader) -> None:
        super().__init__()
        self.readers = readers
        self.notifiers = {reader.name: MemoryNotifier(reader.name) for reader in readers}
        self.find: Callable[[str], Notifier] = self.notifiers.__getitem__
        self.made = 0
        self.at("2026-06-10T12:00").send_audits()

    def at(self, text: str) -> "Readers":
        """Set the clock by what clocks in Berlin show."""
        self.clock.at = berlin(text)
        return self

    def _audit(self) -> Audit:
        self.made += 1
        return run_audit(self.store, self.clock)

    def parts(self) -> AuditSending:
        return AuditSending(
            store=self.store,
            clock=self.clock,
            readers=self.readers,
            zone=BERLIN,
            notifier=self.find,
            audit=self._audit,
            words=lambda audit: ("The audit", f"{audit.n} bugs at {audit.made_at.astimezone(BERLIN):%Y-%m-%d %H:%M}"),
        )

    def send_audits(self, stop: Callable[[], bool] = lambda: False) -> NotifyingResult:
        """Take the step."""
        return send_audits(self.parts(), stop)

    def heard(self, reader: AuditReader) -> list[str]:
        """All that somebody was sent."""
        return [body for _, body in self.notifiers[reader.name].sent]

    def looks_until(self, text: str, every: timedelta = LOOK) -> None:
        """Take the step again and again, as the daemon does."""
        while self.clock.at < berlin(text):
            self.send_audits()
            self.clock.forward(every)


def test_it_comes_once_after_the_months_end() -> None:
    """With the month in which the reader was added; nothing is sent for what lies before that."""
    team = Readers(LEAD)
    assert (team.at("2026-06-30T23:59").send_audits(), team.made) == (NOTHING, 0)
    assert team.at("2026-07-01T00:00").send_audits() == SENT
    assert (team.send_audits(), team.at("2026-07-31T23:59").send_audits()) == (NOTHING, NOTHING)
    assert (team.heard(LEAD), team.made) == (["0 bugs at 2026-07-01 00:00"], 1)


def test_whoever_is_added_hears_of_the_month_under_way_first() -> None:
    """Also where others were sent theirs long before."""
    team = Readers(LEAD)
    team.at("2026-07-03T09:00").send_audits()
    team.readers, team.notifiers["team"] = (LEAD, OTHER), MemoryNotifier("team")
    assert (team.send_audits(), team.at("2026-07-31T12:00").send_audits()) == (NOTHING, NOTHING)
    assert team.at("2026-08-01T09:00").send_audits() == NotifyingResult(notified=2)


def test_month_by_month_each_reader_hears_once() -> None:
    """Over a year of looks at odd hours, across both changes of the clock and the year's end, each in their hours."""
    closed = WorkCalendar(BERLIN, time(9), time(12), WEEKEND, {date(2026, 10, 1), date(2027, 1, 1)})
    reader = AuditReader("lead", closed)
    team = Readers(reader, OTHER)
    team.looks_until("2027-06-20T00:00", timedelta(minutes=47))
    days = [body.removeprefix("0 bugs at ").partition(" ") for body in team.heard(reader)]
    assert [day for day, _, _ in days] == [
        *("2026-07-01", "2026-08-03", "2026-09-01", "2026-10-02", "2026-11-02", "2026-12-01"),
        *("2027-01-04", "2027-02-01", "2027-03-01", "2027-04-01", "2027-05-03", "2027-06-01"),
    ]
    assert all("09:00" <= hour <= "12:00" for _, _, hour in days)
    assert [body[10:17] for body in team.heard(OTHER)] == [
        *(f"2026-{month:02}" for month in range(7, 13)),
        *(f"2027-{month:02}" for month in range(1, 7)),
    ]


def test_out_of_their_hours_nobody_is_sent_it() -> None:
    """It comes when they open, and the audit isn't made before."""
    office = AuditReader("lead", OFFICE)
    team = Readers(office)
    assert next_audits(team.parts()) == {"lead": berlin("2026-07-01T08:00")}
    assert (team.at("2026-08-01T10:00").send_audits(), team.made) == (NOTHING, 0)  # a Saturday
    assert next_audits(team.parts()) == {"lead": berlin("2026-08-03T08:00")}
    assert team.at("2026-08-03T08:00").send_audits() == SENT


def test_after_a_long_outage_one_is_sent() -> None:
    """That of now; the months between are no news any more."""
    team = Readers(LEAD)
    assert team.at("2026-12-05T09:00").send_audits() == SENT
    assert (team.send_audits(), team.heard(LEAD)) == (NOTHING, ["0 bugs at 2026-12-05 09:00"])
    assert team.at("2027-01-01T09:00").send_audits() == SENT


def test_it_is_made_once_for_all_readers() -> None:
    """It may take minutes."""
    team = Readers(LEAD, OTHER)
    assert (team.at("2026-07-01T09:00").send_audits(), team.made) == (NotifyingResult(notified=2), 1)


def test_what_failed_is_sent_later_and_keeps_nobody_else_waiting() -> None:
    """The other reader is sent it in the same step; the failure is said, and tried again after a delay."""
    team = Readers(LEAD, OTHER)
    team.notifiers["lead"].fail(DOWN)
    result = team.at("2026-07-01T09:00").send_audits()
    assert (result, result.problems) == (NotifyingResult(notified=1, unsent=1), (str(DOWN),))
    team.notifiers["lead"].fail(None)
    assert (team.send_audits(), team.heard(LEAD)) == (NOTHING, [])
    team.clock.forward(RETRY_DELAYS[0])
    assert (team.send_audits(), len(team.heard(LEAD)), len(team.heard(OTHER))) == (SENT, 1, 1)


def test_a_service_that_is_down_is_asked_ever_less_often() -> None:
    """A look every ten minutes for ten days makes few tries."""
    team = Readers(LEAD)
    tries = []

    def refuse(_title: str, _body: str) -> None:
        tries.append(team.clock.at)
        raise DOWN

    team.notifiers["lead"].send = refuse  # type: ignore[method-assign]  # it fails each time
    team.at("2026-07-01T00:00").looks_until("2026-07-11T00:00")
    assert 5 < len(tries) < 15
    assert all(later - earlier >= LOOK for earlier, later in pairwise(tries))


def test_a_service_that_fails_over_a_months_end_sends_one() -> None:
    """What could not be sent in July is August's by then."""
    team = Readers(LEAD)
    team.notifiers["lead"].fail(DOWN)
    team.at("2026-07-01T00:00").looks_until("2026-08-02T00:00", timedelta(hours=3))
    team.notifiers["lead"].fail(None)
    team.looks_until("2026-08-31T00:00", timedelta(hours=3))
    assert len(team.heard(LEAD)) == 1


def test_a_missing_url_is_a_failure_of_that_reader_alone() -> None:
    """It is said, and the audit is sent once the URL is there."""
    team = Readers(LEAD, OTHER)

    def without_a_url(name: str) -> Notifier:
        if name == LEAD.name:
            raise ConfigError(["lead needs a secret."])
        return team.notifiers[name]

    team.find = without_a_url
    assert team.at("2026-07-01T09:00").send_audits().problems == ("lead needs a secret.",)
    team.find = team.notifiers.__getitem__
    team.clock.forward(RETRY_DELAYS[0])
    assert (team.send_audits(), len(team.heard(OTHER))) == (SENT, 1)


def test_hours_that_never_come_are_said_and_keep_nobody_else_waiting() -> None:
    """In a sentence; there is no moment to name for them."""
    never = AuditReader("lead", WorkCalendar(BERLIN, time(8), time(17), frozenset(range(7))))
    team = Readers(never, OTHER)
    result = team.at("2026-07-01T09:00").send_audits()
    assert (result.notified, result.unsent, "no open day" in result.problems[0]) == (1, 1, True)
    assert list(next_audits(team.parts())) == ["team"]


def test_an_audit_that_cannot_be_made_is_nobodys_failure() -> None:
    """The step fails as a whole, nobody's try is counted, and the next step sends it."""
    team = Readers(LEAD)
    parts = team.at("2026-07-01T09:00").parts()

    def broken() -> Audit:
        raise DataError("The database can't be used.")

    with pytest.raises(DataError):
        send_audits(replace(parts, audit=broken))
    assert team.send_audits() == SENT


def test_a_restart_changes_nothing() -> None:
    """What was sent is in the database, and so is what was tried."""
    team = Readers(LEAD)
    team.at("2026-07-01T09:00").send_audits()
    again = Readers()
    again.store, again.clock, again.readers, again.notifiers = team.store, team.clock, (LEAD,), team.notifiers
    again.find = team.notifiers.__getitem__
    assert again.send_audits() == NOTHING
    team.notifiers["lead"].fail(DOWN)
    assert (team.at("2026-08-01T09:00").send_audits(), again.send_audits()) == (FAILED, NOTHING)


def dies_after(send: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """The message goes out, and the process dies before that is kept."""

    def send_and_die(title: str, body: str) -> None:
        send(title, body)
        raise KilledError

    return send_and_die


def test_a_death_between_sending_and_keeping_it_sends_it_again_but_not_at_once() -> None:
    """However often the process is started and dies again, nobody is flooded."""
    team = Readers(LEAD)
    send = team.notifiers["lead"].send
    team.notifiers["lead"].send = dies_after(send)  # type: ignore[method-assign]  # each time
    team.at("2026-07-01T09:00")
    for _ in range(60):
        with suppress(KilledError):
            team.send_audits()
        team.clock.forward(timedelta(minutes=1))
    assert len(team.heard(LEAD)) == 2
    team.notifiers["lead"].send = send  # type: ignore[method-assign]  # as it was
    team.clock.forward(RETRY_DELAYS[1])
    assert (team.send_audits(), team.send_audits()) == (SENT, NOTHING)


def test_what_could_not_be_kept_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk mustn't send it with every look."""
    team = Readers(LEAD)

    def full(*_: object, **__: object) -> None:
        raise DataError("The disk is full.")

    monkeypatch.setattr(team.store, "record_failure", full)
    for _ in range(3):
        with pytest.raises(DataError):
            team.at("2026-07-01T09:00").send_audits()
    assert team.heard(LEAD) == []


def test_told_to_stop_it_sends_to_nobody_else() -> None:
    """Whoever is left is sent it by the next process."""
    team = Readers(LEAD, OTHER)
    team.at("2026-07-01T09:00")
    assert (team.send_audits(lambda: True), team.made) == (NOTHING, 0)
    assert team.send_audits(lambda: bool(team.heard(LEAD))) == SENT
    assert (len(team.heard(LEAD)), len(team.heard(OTHER))) == (1, 0)
    assert (team.send_audits(), len(team.heard(OTHER))) == (SENT, 1)


def test_a_clock_that_was_ahead_silences_nobody() -> None:
    """The reader begins anew with the month that is under way once the clock is right again."""
    team = Readers(LEAD)
    team.at("2031-01-15T09:00").send_audits()
    assert team.at("2026-06-11T09:00").send_audits() == NOTHING
    assert team.at("2026-07-01T09:00").send_audits() == SENT


def test_the_month_is_the_teams_and_the_hours_are_the_readers() -> None:
    """A reader in New York hears as soon as Berlin's month has ended, if they are at work."""
    york = AuditReader("lead", WorkCalendar(ZoneInfo("America/New_York"), time(9), time(23), frozenset()))
    team = Readers(york)
    assert team.at("2026-06-30T23:59").send_audits() == NOTHING
    assert team.at("2026-07-01T00:00").send_audits() == SENT


def test_where_nobody_asks_nothing_is_made_or_kept() -> None:
    """Months go by."""
    team = Readers()
    assert team.at("2026-09-01T09:00").send_audits() == NOTHING
    assert (team.made, next_audits(team.parts()), team.store.job_runs()) == (0, {}, ())
