"""Where parts are chosen and wired. Each is made when it is first asked for, so that local commands stay quick."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar, cast

from bugbridge import registry
from bugbridge.clocks import ShiftedClock, SystemClock
from bugbridge.core.errors import ConfigError, DataError, UsageError
from bugbridge.people import KeptPeople
from bugbridge.ports import Clock, Helpdesk, Notifier, Store, Tracker, TrackerWriter
from bugbridge.processes import process_name
from bugbridge.settings import Settings, secret, secret_variable, shipped_folder
from bugbridge.settings_base import HelpdeskSection
from bugbridge.settings_parts import CalendarSettings, NotificationSettings, TrackerSettings

if TYPE_CHECKING:
    from bugbridge.core.accounts import AccountRules
    from bugbridge.core.calendar import WorkCalendar
    from bugbridge.core.notifications import Recipient
    from bugbridge.core.people import People
    from bugbridge.core.policy_model import Policy
    from bugbridge.core.policy_scope import Policies
    from bugbridge.core.records import TicketRow
    from bugbridge.core.references import ReferenceRules
    from bugbridge.core.wording_model import Wording
    from bugbridge.render.drafts import TemplateRenderer
    from bugbridge.services.notifying import Notifying
    from bugbridge.services.policies import PolicyFile
    from bugbridge.services.sending import Sender
    from bugbridge.services.writing_back import BackWriter

CLOCK_VARIABLE = "BUGBRIDGE_CLOCK"
Part = TypeVar("Part")
SATURDAY_AND_SUNDAY = frozenset({5, 6})


class App:
    """The parts of one configuration; threads may share it once the parts that are properties have been made."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], clock: Clock) -> None:
        """Keep what the parts are made from."""
        self.settings = settings
        self.clock = clock
        self.choose_policy: Callable[[PolicyFile], PolicyFile] = lambda file: file
        self._environ = environ
        self._building = threading.Lock()
        self._helpdesks: dict[str, Helpdesk] = {}
        self._trackers: dict[str, Tracker] = {}
        self._writers: dict[str, TrackerWriter] = {}
        self._notifiers: dict[str, Notifier] = {}
        self._kept_people = KeptPeople()

    @cached_property
    def store(self) -> Store:
        """The database, made or migrated if need be. Raises DataError for one that can't be used."""
        from bugbridge.store.sqlite import open_store

        folder = self.settings.database.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"The database's folder {folder} can't be made: {error.strerror}.") from None
        store = open_store(self.settings.database)
        self._declare_in(store)
        return store

    def with_settings(self, settings: Settings) -> "App":
        """Wire another configuration over the same open database, with secrets read anew.

        Nothing is written before `declare_sources`, so that it can still be refused. Raises ConfigError for one that
        names another database: that is another team's, or needs a new start.
        """
        if settings.database != self.settings.database:
            raise ConfigError([f"{settings.path.name}: database: another one needs a new start of the process."])
        app = App(settings, self._environ, self.clock)
        app.store = self.store
        app._kept_people = self._kept_people
        return app

    def declare_sources(self) -> None:
        """Have the database know the configured helpdesks and trackers, all or none. Raises DataError."""
        self._declare_in(self.store)

    def _declare_in(self, store: Store) -> None:
        known = {source.name for source in store.sources()}
        configured = [(name, str(part.kind), "helpdesk") for name, part in self.settings.helpdesks.items()]
        configured += [(name, part.kind, "tracker") for name, part in self.settings.trackers.items()]
        unknown = [one for one in configured if one[0] not in known]
        if unknown:
            with store.write():
                for name, kind, role in unknown:
                    store.declare_source(name, kind, role)

    @property
    def policies(self) -> "Policies":
        """The policies in force, once the configured file was taken; read afresh each time, so that no process has to
        be started again. Raises ConfigError with the file's problems."""
        from bugbridge.services.policies import kept_policies, with_file

        kept = kept_policies(self.store) if self.settings.database.exists() else ()
        return with_file(kept, self.policy_file, self.clock.now())

    @property
    def policy(self) -> "Policy":
        """The policy for everybody, which narrower ones stand before for some tickets. Raises ConfigError."""
        return self.policies.everybody.policy

    @property
    def policy_file(self) -> "PolicyFile":
        """The configured file as it stands, unless `choose_policy` prefers another; reading its text raises
        ConfigError."""
        return self.choose_policy(self._policy_on_disk())

    def _policy_on_disk(self) -> "PolicyFile":
        from bugbridge.services.policies import PolicyFile

        path = self.settings.policy
        try:
            return PolicyFile(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError):
            problem = f"The policy {path} can't be read: correct `policy` in {self.settings.path}."
            return PolicyFile("", str(path), problem)

    @cached_property
    def calendar(self) -> "WorkCalendar":
        """The team's working hours. Raises ConfigError for an unknown country or subdivision."""
        return calendar_of(self.settings.calendar)

    @property
    def references(self) -> "ReferenceRules":
        """What can be named in a note or on the command line; nobody by the list of people while that is wrong, since
        tickets and issues are read all the same."""
        try:
            return replace(self._references, people=self.people)
        except ConfigError:
            return self._references

    @cached_property
    def _references(self) -> "ReferenceRules":
        from bugbridge.core.promise_finding import finder
        from bugbridge.core.promise_rules import PromiseRules
        from bugbridge.core.references import HelpdeskPattern, ReferenceRules, TrackerPattern

        return ReferenceRules(
            trackers=tuple(
                TrackerPattern(name, part.kind, part.url, frozenset(part.projects))
                for name, part in self.settings.trackers.items()
            ),
            helpdesks=tuple(
                HelpdeskPattern(name, part.web_url, part.ticket_path) for name, part in self.settings.helpdesks.items()
            ),
            language=self.settings.language,
            promises=PromiseRules(find=finder(lambda: self.wordings), calendar=lambda: self.calendar),
        )

    @cached_property
    def renderer(self) -> "TemplateRenderer":
        """Notes and drafts, from the team's templates where it has some."""
        return self._renderer_in(self.settings.calendar.zone)

    def _renderer_in(self, zone: str) -> "TemplateRenderer":
        from bugbridge.render.drafts import TemplateRenderer

        own = [self.settings.templates] if self.settings.templates else []
        return TemplateRenderer([*own, shipped_folder() / "templates"], zone, self.clock, self.settings.language)

    @property
    def sender(self) -> "Sender":
        """All that sending needs, under the policies as they are now."""
        from bugbridge.services.sending import Sender

        return Sender(
            store=self.store,
            helpdesk=self.helpdesk,
            policies=self.policies,
            clock=self.clock,
            calendar=self.calendar,
            renderer=self.renderer,
            references=self.references,
            owner=process_name(),
            language=self.settings.language,
            fresh_for=timedelta(minutes=self.settings.sending.fresh_minutes),
            replying=frozenset(name for name, part in self.settings.helpdesks.items() if part.allow_replies),
            confirm={name: part.confirm for name, part in self.settings.helpdesks.items()},
            people=self.people,
        )

    @property
    def notifying(self) -> "Notifying":
        """All that notifying needs. Raises ConfigError as the calendar does."""
        from bugbridge.services.notifying import Notifying

        return Notifying(
            store=self.store,
            clock=self.clock,
            recipients=self.recipients,
            notifier=self.notifier,
            renderer=self._renderer_in,
            owner=process_name(),
            language=self.settings.language,
            people=self.people,
            overdue=self._overdue,
        )

    @property
    def recipients(self) -> "tuple[Recipient, ...]":
        """Whoever is notified. Raises ConfigError as the calendar does."""
        return tuple(self._recipient(name) for name in self.settings.notifications)

    def _overdue(self) -> int:
        from bugbridge.services.overdue import overdue_updates

        return len(overdue_updates(self.store, self.clock.now(), self.policy, self.calendar))

    def _recipient(self, name: str) -> "Recipient":
        """Say who is told; what isn't said of their hours is the team's."""
        from zoneinfo import ZoneInfo

        from bugbridge.core.notifications import Audience, Recipient, Timing, When

        part, team = self.settings.notifications[name], self.calendar
        calendar = replace(
            team,
            zone=ZoneInfo(part.zone or self.settings.calendar.zone),
            open_at=team.open_at if part.open_at is None else part.open_at,
            close_at=team.close_at if part.close_at is None else part.close_at,
        )
        timing = Timing(When(part.when), calendar, part.at)
        helpdesks, brands = frozenset(part.helpdesks), frozenset(part.brands)
        return Recipient(name, Audience(part.to), timing, part.agent, helpdesks, brands)

    def notifier(self, name: str) -> Notifier:
        """Give what notifies somebody by name. Raises UsageError for an unknown one, ConfigError where the URL is
        missing or none that Apprise knows."""
        part = _configured(self.settings.notifications, name, "notification")
        with self._building:
            if name not in self._notifiers:
                self._notifiers[name] = cast("Notifier", self._build(registry.NOTIFIERS["apprise"], name, part))
        return self._notifiers[name]

    def helpdesk(self, name: str) -> Helpdesk:
        """Give a helpdesk by name. Raises UsageError for an unknown one, ConfigError where a secret is missing."""
        part = _configured(self.settings.helpdesks, name, "helpdesk")
        with self._building:
            if name not in self._helpdesks:
                self._helpdesks[name] = self._ruled_helpdesk(name, part)
        return self._helpdesks[name]

    def _ruled_helpdesk(self, name: str, part: HelpdeskSection) -> Helpdesk:
        from bugbridge.core.link_patterns import LinkPattern
        from bugbridge.helpdesks.ruled import RuledHelpdesk

        patterns = [LinkPattern(one.field, one.pattern, one.issue) for one in part.link_from]
        helpdesk = cast("Helpdesk", self._build(registry.HELPDESKS[part.kind], name, part))
        return RuledHelpdesk(helpdesk, self.accounts, patterns)

    @cached_property
    def accounts(self) -> "AccountRules":
        """Where customers' accounts and tiers come from. Raises ConfigError with every problem of the team's list."""
        from bugbridge.accounts import read_accounts
        from bugbridge.core.accounts import AccountList, AccountRules, AccountSource

        chosen = self.settings.accounts
        path = self.settings.path.parent / chosen.file
        is_asked_for = chosen.file != type(chosen).model_fields["file"].default
        listed = read_accounts(path) if chosen.file and (is_asked_for or path.exists()) else AccountList()
        return AccountRules(tuple(AccountSource(one) for one in chosen.order), listed, chosen.tags)

    @cached_property
    def wordings(self) -> "Mapping[str, Wording]":
        """The rules for how replies are worded, by language: those that come with BugBridge and the team's own. Raises
        ConfigError with every problem of all files."""
        from bugbridge.wordings import read_wordings

        return read_wordings(shipped_folder(), self.settings.wording)

    @property
    def people(self) -> "People":
        """The team's list of people, read afresh each time, since it changes with every holiday. One that is wrong
        changes nothing for a process that has read a good one. Raises ConfigError with every problem of the list."""
        return self._kept_people.read(self._people_on_disk)

    def _people_on_disk(self) -> "People":
        from bugbridge.core.people import NO_PEOPLE
        from bugbridge.people import Surroundings, read_people

        settings = self.settings
        path = settings.path.parent / settings.people.file
        is_asked_for = settings.people.file != type(settings.people).model_fields["file"].default
        if not settings.people.file or not (is_asked_for or path.exists()):
            return NO_PEOPLE
        named = Surroundings(tuple(settings.helpdesks), tuple(settings.notifications), settings.calendar.zone)
        return read_people(path, named)

    def tracker(self, name: str) -> Tracker:
        """Give a tracker by name; errors as for a helpdesk."""
        part = _configured(self.settings.trackers, name, "tracker")
        with self._building:
            if name not in self._trackers:
                self._trackers[name] = cast("Tracker", self._build(registry.TRACKERS[part.kind], name, part))
        return self._trackers[name]

    def tracker_writer(self, name: str) -> TrackerWriter:
        """Give what writes to a tracker's issues; errors as for a helpdesk."""
        part = _configured(self.settings.trackers, name, "tracker")
        with self._building:
            if name not in self._writers:
                self._writers[name] = cast(
                    "TrackerWriter", self._build(registry.TRACKER_WRITERS[part.kind], name, part)
                )
        return self._writers[name]

    def back_writer(self, name: str) -> "BackWriter":
        """All that writing back to a tracker needs; errors as for a helpdesk."""
        from bugbridge.core.write_back import WriteBackRules
        from bugbridge.services.writing_back import BackWriter

        part = _configured(self.settings.trackers, name, "tracker")
        return BackWriter(
            store=self.store,
            writer=self.tracker_writer(name),
            clock=self.clock,
            policy=self.policy,
            calendar=self.calendar,
            rules=WriteBackRules(part.public == "allow", part.label, part.label_from),
            ticket_url=self._ticket_url,
            owner=process_name(),
            wrote_to=getattr(self.tracker(name), "wrote_to", lambda _: None),
        )

    def _ticket_url(self, ticket: "TicketRow") -> str:
        """Give a ticket's address, "" where its helpdesk is configured no more."""
        if ticket.source_name not in self.settings.helpdesks:
            return ""
        return self.helpdesk(ticket.source_name).web_url(ticket.remote_id)

    def _build(
        self, kind: registry.Kind, name: str, part: HelpdeskSection | TrackerSettings | NotificationSettings
    ) -> object:
        hint = secret_variable(name, part.secrets[0])
        # A tracker's options have defaults of their own; a helpdesk's settings are the only place where its have.
        fields = type(part).model_fields if isinstance(part, HelpdeskSection) else part.model_fields_set
        values = {"name": name, "secret_hint": hint, **{field: getattr(part, field) for field in fields}}
        secrets = {field: partial(secret, name, field, self._environ) for field in part.secrets}
        return registry.build(kind, values, secrets)


def calendar_of(chosen: CalendarSettings) -> "WorkCalendar":
    """Give the working hours of a configuration. Raises ConfigError for an unknown country or subdivision."""
    from zoneinfo import ZoneInfo

    from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar

    if chosen.always_open:
        return ALWAYS_OPEN
    if not chosen.country:
        zone, closures = ZoneInfo(chosen.zone), frozenset(chosen.closures)
        return WorkCalendar(zone, chosen.open_at, chosen.close_at, SATURDAY_AND_SUNDAY, closures)
    from bugbridge.calendars import working_calendar

    subdivision = chosen.subdivision or None
    return working_calendar(chosen.zone, chosen.country, subdivision, chosen.open_at, chosen.close_at, chosen.closures)


def build_app(settings: Settings, environ: Mapping[str, str], clock: Clock | None = None) -> App:
    """Wire a configuration; the clock is the machine's, or one that starts at the instant in BUGBRIDGE_CLOCK.

    Raises ConfigError if that isn't an instant.
    """
    return App(settings, environ, clock or _clock(environ))


def _clock(environ: Mapping[str, str]) -> Clock:
    start = environ.get(CLOCK_VARIABLE, "")
    if not start:
        return SystemClock()
    from bugbridge.core.instants import instant_from_text

    try:
        return ShiftedClock(instant_from_text(start))
    except ValueError:
        problem = f"{CLOCK_VARIABLE} must be an instant with its zone, such as 2026-06-15T09:00:00Z."
        raise ConfigError([problem]) from None


def _configured(parts: Mapping[str, Part], name: str, what: str) -> Part:
    if name in parts:
        return parts[name]
    known = ", ".join(parts) or "none"
    raise UsageError(f"There is no {what} named {name!r} in the configuration; it has: {known}.")
