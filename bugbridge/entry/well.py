"""Whether a part of the configuration is well, in a line each: what `doctor` shows and the daemon begins with."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bugbridge.core.errors import BugBridgeError, ConfigError, DataError, RemoteError
from bugbridge.core.snapshots import Check
from bugbridge.entry.jobs import policy_notice
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App

# A line, and the exit code that it calls for if it isn't well.
Found = tuple[Check, int]
WORST_FIRST = (RemoteError.exit_code, DataError.exit_code, ConfigError.exit_code)


def worst(codes: set[int]) -> int:
    """Give the exit code that several call for: the remote side's, else the database's, else the configuration's."""
    return next((code for code in WORST_FIRST if code in codes), 0)


def tried(check_id: str, check: Callable[[], tuple[Check, ...]]) -> Iterator[Found]:
    """Give the lines of a check, with the exit code of one that isn't well; what a remote side says is remote."""
    try:
        yield from ((line, RemoteError.exit_code) for line in check())
    except BugBridgeError as error:
        for sentence in str(error).splitlines():
            yield Check(check_id, well=False, sentence=sentence), error.exit_code


def once(checks: Iterator[Found]) -> Iterator[Found]:
    """What is wrong with a list that every helpdesk needs is said once."""
    said: set[str] = set()
    for check, code in checks:
        if check.well or check.sentence not in said:
            said.add(check.sentence)
            yield check, code


def policy_file(app: "App") -> Iterator[Found]:
    """Check the configured policy, in force or not."""
    yield from tried("policy", lambda: (_policy(app),))


def written(app: "App") -> Iterator[Found]:
    """Check what else people wrote: calendar, templates, wording, and the lists of accounts and of people."""
    yield from tried("calendar", lambda: (_calendar(app),))
    yield from tried("templates", lambda: (_templates(app),))
    yield from tried("wording", lambda: (_wording(app),))
    yield from tried("accounts", lambda: (_accounts(app),))
    yield from tried("people", lambda: (_people(app),))


def database(app: "App") -> Iterator[Found]:
    """Open the database, and say whether the configured policy is what decides.

    One that is locked makes each question wait for 30 seconds, so a first one that fails is the last.
    """
    opened = list(tried("database", lambda: (_database(app),)))
    yield from opened
    if all(check.well for check, _ in opened):
        yield from tried("policy", lambda: tuple(_policies(app)))


def _policy(app: "App") -> Check:
    name = app.policy_file.read().policy.name
    return Check("policy", well=True, sentence=f"{app.settings.policy} is well: {name!r}.")


def _policies(app: "App") -> Iterator[Check]:
    """Say whether the configured file is what decides; what is wrong with it, or the database, has its own line."""
    try:
        notice = policy_notice(app)
    except (ConfigError, DataError):
        return
    if notice:
        yield Check("policy.in-force", well=True, sentence=notice)


def _calendar(app: "App") -> Check:
    hours = app.settings.calendar
    if hours.always_open:
        return Check("calendar", well=True, sentence="Always open.")
    holidays = f"holidays of {hours.country} {hours.subdivision}".strip() if hours.country else "no public holidays"
    zone = app.calendar.zone.key
    return Check(
        "calendar", well=True, sentence=f"{hours.open_at:%H:%M} to {hours.close_at:%H:%M} in {zone}, {holidays}."
    )


def _templates(app: "App") -> Check:
    app.renderer.try_all()
    own = f"yours in {app.settings.templates}, and " if app.settings.templates else ""
    sentence = f"{own}those that come with BugBridge are well."
    return Check("templates", well=True, sentence=sentence[:1].upper() + sentence[1:])


def _wording(app: "App") -> Check:
    languages = ", ".join(f"{counted(len(one.rules), 'rule')} for {name}" for name, one in app.wordings.items())
    own = f", with yours of {', '.join(path.name for path in app.settings.wording)}" if app.settings.wording else ""
    return Check("wording", well=True, sentence=f"Replies are checked by {languages}{own}.")


def _accounts(app: "App") -> Check:
    rules = app.accounts
    listed = sum(len(rows) for rows in (rules.listed.addresses, rules.listed.domains, rules.listed.organizations))
    told = {
        "file": f"your list ({counted(listed, 'row')})" if listed else "",
        "field": "the helpdesk's fields",
        "tags": f"tags ({counted(len(rules.tags), 'pattern')})" if rules.tags else "",
    }
    sources = ", then ".join(told[source] for source in rules.order if told[source])
    return Check("accounts", well=True, sentence=f"Accounts and tiers come from {sources or 'nowhere'}.")


def _people(app: "App") -> Check:
    persons, now = app.people.persons, app.clock.now()
    if not persons:
        return Check("people", well=True, sentence="Nobody is listed: what is due is each ticket's assignee's.")
    away = sum(person.is_away(now) for person in persons)
    leads = ", ".join(person.name for person in persons if person.lead) or "none"
    listed = counted(len(persons), "person", "people")
    return Check("people", well=True, sentence=f"Your list has {listed}, {away} of them away today; the lead: {leads}.")


def _database(app: "App") -> Check:
    head = app.store.head()
    return Check("database", well=True, sentence=f"{app.settings.database} is well, with {head} events.")
