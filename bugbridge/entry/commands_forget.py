"""Forget people who ask for it, and tickets that are long over."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.erasing import ErasedKind, Person
from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import Source
    from bugbridge.services.forgetting import Forgotten

STAYS = (
    "Numbers stay, without a name: when a ticket began, what was decided and told. The helpdesk itself keeps what it "
    "has, backups made before hold all of it, and so do files and logs elsewhere."
)
UNSCRUBBED = (
    "but the database's file couldn't be written anew, since others use it or the disk is full: remnants may lie on in "
    "it. Stop the daemon, or make room, and say the same once more."
)


@click.command(short_help="Erase a customer, or tickets that are long over.")
@click.argument("ticket", required=False)
@click.option("--customer", help="An address, or the customer's id at a helpdesk, such as support:815.")
@click.option("--expired", is_flag=True, help="Erase what is older than `months` in [retention].")
@click.option("--dry-run", is_flag=True, help="Say what would be erased; erase nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@pass_door
def forget(
    door: Door, ticket: str | None, customer: str | None, *, expired: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Erase the customer who wrote TICKET, or whom --customer names, with all their tickets; it can't be undone.

    Names, addresses and subjects go, and what the customer, their tickets and messages are called at the helpdesk; what
    was planned for them is withdrawn. The audit still counts them. A hash keeps them from coming back with the next
    reading or import: also tickets that they write from now on are left out. The database's file is written anew, so
    that nothing of them is left in it; whoever else writes waits meanwhile, and the disk needs as much room again.

    --expired erases tickets that were over long ago, as [retention] in the configuration says, and customers of whom no
    ticket stays. Those may come back: a ticket that is opened again is read again.

    \b
    Examples:
      bugbridge forget support:4711 --dry-run
      bugbridge forget --customer carla@example.com
      bugbridge forget --customer support:815 --yes --json
      bugbridge forget --expired --dry-run
    """
    if sum((bool(ticket), bool(customer), expired)) != 1:
        raise UsageError("Say whom to forget: a ticket of theirs, or --customer; or --expired.")
    if as_json and not (yes or dry_run):
        raise UsageError("With --json nothing is asked: say --yes, or see with --dry-run what would be erased.")
    people = () if expired else _people(door.app, ticket, customer)
    if not people and not expired:
        scrubbed = not dry_run and door.app.store.scrub()  # which may have failed when they were forgotten
        facts = {"people": [], "dry_run": dry_run, "erased": None, "scrubbed": scrubbed}
        say(facts, as_json=as_json, show=lambda: tell(_nobody(ticket or customer or "")))
        return
    planned = _erase(door, people, expired=expired, dry_run=True)
    if not as_json:
        _show_plan(people, planned)
    if not dry_run and not yes:
        click.confirm("Erase it?", abort=True)
    done = planned if dry_run else _erase(door, people, expired=expired, dry_run=False)
    facts = {"people": [_name(person) for person in people], "dry_run": dry_run, "erased": asdict(done.erased)}
    facts["scrubbed"] = done.scrubbed and not dry_run
    say(facts, as_json=as_json, show=lambda: _show_end(done, dry_run=dry_run))


def _erase(door: Door, people: Sequence[Person], *, expired: bool, dry_run: bool) -> "Forgotten":
    from bugbridge.services import forgetting

    app = door.app
    if not expired:
        return forgetting.forget(app.store, app.clock, people, door.actor, dry_run=dry_run)
    months = app.settings.retention.months
    if months == 0:
        raise UsageError("Tickets are kept for ever: set `months` in [retention] of the configuration first.")
    done = forgetting.erase_expired(app.store, app.clock, months, dry_run=dry_run)
    left_over = not dry_run and not done.erased.tickets  # what the daemon erased it may not have scrubbed
    return replace(done, scrubbed=app.store.scrub()) if left_over else done


def _people(app: "App", ticket: str | None, customer: str | None) -> Sequence[Person]:
    """Give who is meant; nobody where they were forgotten already. Raises UsageError for what can't be anybody."""
    if customer is None:
        return _customer_of(app, ticket or "")
    name, _, remote_id = customer.partition(":")
    source = _helpdesk(app, name)
    if source is None:
        return app.store.customers_at(customer)
    found = app.store.customer(source.id, remote_id)
    return () if found is None else (found,)


def _customer_of(app: "App", typed: str) -> Sequence[Person]:
    from bugbridge.core.references import parse_ticket_reference
    from bugbridge.entry.naming import known_ticket

    name, _, remote_id = typed.strip().partition(":")
    if _helpdesk(app, name) is None or not remote_id:
        name, _, remote_id = parse_ticket_reference(typed, app.references).partition(":")
    source = _helpdesk(app, name)
    if source is not None and app.store.denied(source.id, ErasedKind.TICKET, [remote_id]):
        return ()
    row = known_ticket(app, typed)
    found = app.store.customer_of(row.id)
    if found is None:
        raise UsageError(f"Nobody knows whose ticket {row.reference} is: name the customer with --customer.")
    return (found,)


def _helpdesk(app: "App", name: str) -> "Source | None":
    helpdesks = (source for source in app.store.sources() if source.role == "helpdesk")
    return next((source for source in helpdesks if source.name == name), None)


def _nobody(typed: str) -> str:
    return f"Nothing is kept of {typed}: forgotten already, or never known here."


def _name(person: Person) -> str:
    return f"{person.source_name}:{person.remote_id}"


def _show_plan(people: Sequence[Person], planned: "Forgotten") -> None:
    for person in people:
        known = ", ".join(one for one in (person.name, person.address) if one)
        tell(f"{_name(person)}{f' ({known})' if known else ''}")
    tell(_counts(asdict(planned.erased)))
    if any(asdict(planned.erased).values()):
        tell(STAYS)


def _counts(erased: dict[str, Any]) -> str:
    if not any(erased.values()):
        return "Nothing is to be erased."
    return "To be erased: " + ", ".join(
        counted(erased[field], *words)
        for field, words in {
            "people": ("customer",),
            "organisations": ("organisation that was theirs alone", "organisations that were theirs alone"),
            "tickets": ("ticket",),
            "messages": ("message's id", "messages' ids"),
            "private_values": ("name, address or subject", "names, addresses and subjects"),
            "updates": ("update under way, withdrawn", "updates under way, withdrawn"),
        }.items()
        if erased[field]
    )


def _show_end(done: "Forgotten", *, dry_run: bool) -> None:
    if dry_run:
        tell("Nothing was erased: leave --dry-run out to do so.")
    elif not done.scrubbed:
        tell(f"Erased, {UNSCRUBBED}")
    elif any(asdict(done.erased).values()):
        tell("Erased.")
