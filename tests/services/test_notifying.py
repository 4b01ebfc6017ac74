"""Notifying: who hears of what, once; what fails is told later, and holds up no note."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.errors import ConfigError, NotFoundError, RemoteError
from bugbridge.core.model import AuthorKind, ClosedAs, Entity
from bugbridge.core.notifications import FAILURES_BEFORE_COUNTING, Audience, Recipient, Timing, When
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.snapshots import RemotePerson
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.ports import Notifier
from bugbridge.services.notifying import Message, Notifying, NotifyingResult, notify_due, preview_notifications
from bugbridge.services.overdue import overdue_updates
from tests.services.scene import ANN, CARLA, EVE, HELPDESK, ISSUE, OTHER_ISSUE, KilledError, Scene, customer
from tests.services.test_replies import POLICY as REPLIES

TOLD, NOTHING, FAILED = NotifyingResult(notified=1), NotifyingResult(), NotifyingResult(unsent=1)
DOWN = RemoteError("somebody: the notification service refused the message.")
MALLORY = RemotePerson(
    "mallory",
    AuthorKind.CUSTOMER,
    name="Mallory <script>",
    address="mallory@evil.example",
    account=customer("m").account,
)
SECRETS = ("mallory", "Mallory", "script", "evil", "broken", "internal words")
ADA, NOBODY = "support:agent-1", "support:agent-2"


def recipient(audience: Audience, when: When = When.AT_ONCE, agent: str = "", **more: Any) -> Recipient:
    """Somebody of this kind, named after it, at work around the clock."""
    return Recipient(more.pop("name", str(audience)), audience, Timing(when, ALWAYS_OPEN), agent, **more)


TEAM, LEAD, AGENT = recipient(Audience.TEAM), recipient(Audience.LEAD), recipient(Audience.AGENT, agent=ADA)


class Team(Scene):
    """A team of which somebody is notified since day 1."""

    def __init__(self, *recipients: Recipient) -> None:
        super().__init__()
        self.recipients = recipients
        self.notifiers = {one.name: MemoryNotifier(one.name) for one in recipients}
        self.find: Callable[[str], Notifier] = self.notifiers.__getitem__
        self.on(1).notify()

    def parts(self, owner: str = "worker-1") -> Notifying:
        return Notifying(
            self.store,
            self.clock,
            self.recipients,
            self.find,
            lambda _zone: self.renderer,
            owner,
            overdue=lambda: len(overdue_updates(self.store, self.clock.now(), self.policy, ALWAYS_OPEN)),
        )

    def notify(self, owner: str = "worker-1") -> NotifyingResult:
        """Take the step."""
        return notify_due(self.parts(owner))

    def heard(self, one: Recipient) -> list[tuple[str, str]]:
        """All that somebody was told."""
        return self.notifiers[one.name].sent

    def reminds(self, who: RemotePerson = CARLA, reference: str = ISSUE) -> str:
        """A bug is reported and released, and its agent reminded, all within a day; gives the ticket."""
        ticket = self.reported(who, reference)
        self.clock.forward(timedelta(hours=12))
        self.is_released(reference)
        self.decide()
        self.send()
        assert self.reminders(ticket) == 1
        return ticket


def gives_up(team: Team) -> str:
    """An update that can't be brought to its ticket; gives the ticket."""
    ticket = team.reported()
    team.on(2).is_released()
    team.decide()
    team.helpdesk.fail(NotFoundError("support: there is no such ticket."))
    team.send()
    return ticket


def test_the_agent_of_a_ticket_is_told_of_a_reminder_once() -> None:
    """With the numbers of ticket and issue; the second step has nothing to say."""
    team = Team(AGENT)
    ticket = team.reminds()
    assert (team.notify(), team.notify()) == (TOLD, NOTHING)
    assert team.heard(AGENT) == [
        ("BugBridge: 1 reminder", f"- support:{ticket}: a reminder about {ISSUE} (released)"),
    ]


def test_an_agent_hears_nothing_of_others_tickets() -> None:
    """Nor does a lead hear of a reminder."""
    stranger = recipient(Audience.AGENT, agent=NOBODY, name="stranger")
    team = Team(stranger, LEAD)
    team.reminds()
    assert (team.notify(), team.heard(stranger), team.heard(LEAD)) == (NOTHING, [], [])


def test_an_agent_is_known_by_an_address_too() -> None:
    """Whatever its capitals."""
    by_address = recipient(Audience.AGENT, agent="Ada@acme.example")
    team = Team(by_address)
    team.store.keep_private(
        None, Entity.PARTY, team.store.party_id(1, "agent", "agent-1"), "address", "ada@ACME.example"
    )
    team.reminds()
    assert team.notify() == TOLD


def test_whoever_had_the_ticket_then_is_told_whoever_has_it_now() -> None:
    """So that each reminder is told to one agent, also where a digest comes after the ticket changed hands."""
    other = recipient(Audience.AGENT, agent=NOBODY, name="other")
    team = Team(AGENT, other)
    ticket = team.reminds()
    team.clock.forward(timedelta(hours=1))
    team.helpdesk.change(ticket, team.clock.at, assignee=RemotePerson("agent-2", AuthorKind.AGENT))
    team.read()
    assert (team.notify(), len(team.heard(AGENT)), len(team.heard(other))) == (TOLD, 1, 0)


def test_the_team_hears_of_tickets_that_nobody_has() -> None:
    """And the message says so."""
    team = Team(TEAM, AGENT)
    ticket = team.reported()
    team.clock.forward(timedelta(hours=1))
    team.helpdesk._show(replace(team.helpdesk.ticket(ticket), assignee=None, updated_at=team.clock.at))
    team.clock.forward(timedelta(hours=1))
    team.is_released()
    team.decide()
    team.send()
    assert (team.notify(), team.heard(AGENT)) == (TOLD, [])
    assert team.heard(TEAM)[0][1].endswith("nobody has this ticket\n\n1 is on tickets that nobody has.")


OVERDUE = "1 update is overdue: reminding brought it to no customer. `bugbridge due --overdue` shows it."


def test_what_just_fell_due_is_not_overdue_to_the_lead() -> None:
    """Agents have their time: only what reminding didn't bring about is the lead's."""
    team = Team(LEAD)
    team.reminds()
    team.on(3).tracker.close(OTHER_ISSUE, team.clock.at, closed_as=ClosedAs.UNKNOWN)
    team.reported(EVE, OTHER_ISSUE)
    team.decide()
    team.notify()
    assert all("overdue" not in body for _, body in team.heard(LEAD))


def test_what_could_not_be_posted_is_told_to_agent_team_and_lead() -> None:
    """With why, and for the lead how much is overdue."""
    team = Team(AGENT, TEAM, LEAD)
    ticket = gives_up(team)
    assert team.notify() == NotifyingResult(notified=3)
    line = f"- support:{ticket}: what is due about {ISSUE} (released) couldn't be posted: the ticket is gone"
    assert team.heard(AGENT) == team.heard(TEAM) == [("BugBridge: 1 update not posted", line)]
    assert team.heard(LEAD)[0][1] == f"{line}\n\n{OVERDUE}"


def test_the_lead_is_asked_once_for_a_bug() -> None:
    """However many tickets raise the question, and however often they are decided."""
    team = Team(LEAD)
    first = team.reported(CARLA)
    team.on(2).tracker.close(ISSUE, team.clock.at, closed_as=ClosedAs.UNKNOWN)
    team.decide()
    assert team.notify() == TOLD
    second = team.on(3).reported(EVE)
    team.decide()
    (asked,) = [event for event in team.decisions(first) if "lead:" in event.output]
    again = replace(asked, ticket_id=team.row(second).id, occurred_at=team.clock.at, source_key="again")
    team.store.append([again], actor=ANN, recorded_at=team.clock.at)
    assert team.notify() == NOTHING
    ((title, body),) = team.heard(LEAD)
    assert title == "BugBridge: 1 question to you"
    assert body.startswith(f"- {ISSUE}: the issue was closed without a reason;")
    assert f"(for example support:{first})" in body


def test_nothing_that_a_customer_wrote_or_is_called_leaves_the_house() -> None:
    """Nor an issue's title: a notification names numbers and reasons."""
    team = Team(AGENT, TEAM, LEAD)
    team.reminds(MALLORY)
    team.on(5)
    gives_up(team)
    team.notify()
    said = str([notifier.sent for notifier in team.notifiers.values()])
    assert "support:" in said
    assert [secret for secret in SECRETS if secret in said] == []


def test_old_news_is_told_to_nobody() -> None:
    """Whoever is added to the configuration hears of what happens from then on; so does who was taken out and came
    back."""
    team = Team()
    team.reminds()
    team.recipients, team.notifiers["team"] = (TEAM,), MemoryNotifier("team")
    assert (team.notify(), team.notify()) == (NOTHING, NOTHING)
    team.recipients = ()
    team.notify()
    team.on(20).reminds(EVE, "github:acme/app#34")
    team.recipients = (TEAM,)
    assert (team.notify(), team.notify(), team.heard(TEAM)) == (NOTHING, NOTHING, [])


def test_a_digest_waits_for_its_time_and_tells_all_at_once() -> None:
    """One message for what happened meanwhile, none where nothing did."""
    hourly = recipient(Audience.TEAM, When.HOURLY)
    team = Team(hourly)
    assert preview_notifications(team.parts()) == (Message("team", team.clock.at + timedelta(hours=1)),)
    team.clock.forward(timedelta(minutes=1))
    team.reminds(CARLA)  # half a day later
    assert (team.notify(), len(team.heard(hourly))) == (TOLD, 1)
    team.reported(EVE, "github:acme/app#34")
    team.clock.forward(timedelta(minutes=10))
    team.is_released("github:acme/app#34")
    team.decide()
    team.send()
    assert team.notify() == NOTHING
    team.clock.forward(timedelta(hours=1))
    assert (team.notify(), len(team.heard(hourly))) == (TOLD, 2)
    team.clock.forward(timedelta(hours=5))
    assert (team.notify(), len(team.heard(hourly))) == (NOTHING, 2)


def test_news_after_an_empty_digest_waits_for_the_next_one() -> None:
    """Its time has passed, though nothing was sent then."""
    hourly = recipient(Audience.TEAM, When.HOURLY)
    team = Team(hourly)
    ticket = team.reported()
    for _ in range(2):  # the second time nothing at all has happened
        team.clock.forward(timedelta(hours=12, minutes=1))
        assert team.notify() == NOTHING
    team.is_released()
    team.decide()
    team.send()
    team.clock.forward(timedelta(minutes=1))
    assert (team.reminders(ticket), team.notify()) == (1, NOTHING)
    team.clock.forward(timedelta(hours=1))
    assert team.notify() == TOLD


def test_what_concerns_somebody_else_is_read_once() -> None:
    """A place moves on past it, so that a year of it isn't read every ten seconds."""
    team = Team(LEAD)
    team.reminds()
    team.notify()
    assert team.store.notification_states()["lead"].upto_seq == team.store.head()


def test_outside_their_hours_nobody_is_told() -> None:
    """It comes when they open, in one message."""
    office = WorkCalendar(ZoneInfo("Europe/Berlin"), time(8), time(17), frozenset({5, 6}))
    worker = Recipient("worker", Audience.TEAM, Timing(When.AT_ONCE, office))
    team = Team(worker)
    team.reminds()  # Friday 21:00 UTC
    assert team.notify() == NOTHING
    ((shown),) = preview_notifications(team.parts())
    assert (shown.notices, shown.at) == (1, datetime(2026, 1, 5, 7, tzinfo=UTC))
    team.clock.at = shown.at
    assert team.notify() == TOLD


def test_what_failed_is_told_later_and_keeps_nobody_else_waiting() -> None:
    """The other recipient is told in the same step; the failure is counted, said, and tried again after a delay."""
    team = Team(AGENT, TEAM)
    team.reminds()
    team.notifiers[AGENT.name].fail(DOWN)
    result = team.notify()
    assert (result, result.problems) == (NotifyingResult(notified=1, unsent=1), (str(DOWN),))
    team.notifiers[AGENT.name].fail(None)
    assert (team.notify(), team.heard(AGENT)) == (NOTHING, [])
    team.clock.forward(timedelta(minutes=1))
    assert (team.notify(), len(team.heard(AGENT)), len(team.heard(TEAM))) == (TOLD, 1, 1)


def test_after_many_failures_the_old_is_only_counted() -> None:
    """A message after an outage lists what is fresh."""
    team = Team(TEAM)
    team.reminds()
    team.notifiers["team"].fail(DOWN)
    for _ in range(FAILURES_BEFORE_COUNTING):
        team.clock.forward(timedelta(hours=1))
        assert team.notify() == FAILED
    team.notifiers["team"].fail(None)
    team.clock.forward(timedelta(hours=1))
    assert team.notify() == TOLD
    assert team.heard(TEAM) == [("BugBridge: 1 reminder", "1 since you were last told: `bugbridge due`")]


def test_a_missing_url_is_a_failure_of_that_recipient_alone() -> None:
    """It is said each time, and what happened is told once the URL is there."""
    team = Team(AGENT, TEAM)
    team.reminds()

    def without_a_url(name: str) -> Notifier:
        if name == AGENT.name:
            raise ConfigError(["agent needs a secret."])
        return team.notifiers[name]

    team.find = without_a_url
    result = team.notify()
    assert (result, result.problems) == (NotifyingResult(notified=1, unsent=1), ("agent needs a secret.",))
    team.find = team.notifiers.__getitem__
    team.clock.forward(timedelta(minutes=1))
    assert (team.notify(), len(team.heard(AGENT))) == (TOLD, 1)


@pytest.mark.parametrize("fault", [DOWN, KilledError()])
def test_a_failed_notification_changes_no_update_and_no_delivery(fault: Exception) -> None:
    """Notes go on being posted, each once, whatever becomes of notifications."""
    team = Team(TEAM)
    team.notifiers["team"].fail(fault)  # type: ignore[arg-type]  # death is no error of ours
    first = team.reminds(CARLA)
    before = (team.updates(first), team.store.deliveries(None), team.store.head())
    with contextlib.suppress(KilledError):
        team.notify()
    assert (team.updates(first), team.store.deliveries(None), team.store.head()) == before
    team.on(20)
    second = team.reminds(EVE, "github:acme/app#34")
    assert (team.reminders(first), team.reminders(second)) == (1, 1)


def test_a_death_between_sending_and_keeping_it_tells_it_again() -> None:
    """A ping that comes twice is harmless, one that never comes isn't."""
    team = Team(TEAM)
    team.reminds()
    send = team.notifiers["team"].send

    def send_and_die(title: str, body: str) -> None:
        send(title, body)
        raise KilledError

    team.notifiers["team"].send = send_and_die  # type: ignore[method-assign]  # once
    with pytest.raises(KilledError):
        team.notify()
    team.notifiers["team"].send = send  # type: ignore[method-assign]  # as it was
    assert (team.notify(), team.notify(), len(team.heard(TEAM))) == (TOLD, NOTHING, 2)


def test_two_processes_tell_it_once() -> None:
    """While one notifies, another finds nothing to do."""
    team = Team(TEAM)
    team.reminds()
    meanwhile: list[NotifyingResult] = []
    send = team.notifiers["team"].send

    def look_meanwhile(title: str, body: str) -> None:
        meanwhile.append(team.notify("worker-2"))
        send(title, body)

    team.notifiers["team"].send = look_meanwhile  # type: ignore[method-assign]  # for this test
    assert (team.notify(), meanwhile, len(team.heard(TEAM))) == (TOLD, [NOTHING], 1)


def test_what_another_process_told_in_between_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that read its place before the other sent, and may send only after it, finds that it was told."""
    team = Team(TEAM)
    team.reminds()
    take = team.store.take_lease
    others: list[NotifyingResult] = []

    def after_another(*names: str, **when: datetime) -> Any:
        monkeypatch.setattr(team.store, "take_lease", take)
        others.append(team.notify("worker-2"))
        return take(*names, **when)

    monkeypatch.setattr(team.store, "take_lease", after_another)
    assert (team.notify(), others, len(team.heard(TEAM))) == (NOTHING, [TOLD], 1)


def test_it_stops_between_two_recipients() -> None:
    """Told to stop, it finishes the one under way; the other is told by the next run."""
    team = Team(AGENT, TEAM)
    team.reminds()
    stopped = notify_due(team.parts(), lambda: bool(team.heard(AGENT)))
    assert (stopped, len(team.heard(TEAM))) == (TOLD, 0)
    assert (team.notify(), len(team.heard(AGENT)), len(team.heard(TEAM))) == (TOLD, 1, 1)


def test_a_preview_shows_the_message_and_changes_nothing() -> None:
    """What it shows is what is sent."""
    team = Team(TEAM)
    team.reminds()
    (shown,), (again,) = preview_notifications(team.parts()), preview_notifications(team.parts())
    assert shown == again
    assert team.notify() == TOLD
    assert team.heard(TEAM) == [(shown.title, shown.body)]


def test_an_agent_hears_of_a_reply_that_is_held_and_that_it_went_out() -> None:
    """In time to cancel it, and then that there is nothing left to do."""
    team = Team(AGENT)
    team.policy, team.replying = REPLIES, frozenset({HELPDESK})
    team.reported()
    team.on(2).is_released()
    team.decide()
    team.send()
    team.notify()
    team.clock.forward(REPLY_HOLD)
    team.send()
    team.notify()
    (held, _), (sent, body) = team.heard(AGENT)
    assert (held, sent) == ("BugBridge: 1 reply held", "BugBridge: 1 reply sent")
    assert "a reply about github:acme/app#12 (released) went out" in body
