"""How agents reach the sidebar from their helpdesk: an app for Zendesk, an address for frames, a bookmarklet."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import click

from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell

if TYPE_CHECKING:
    from bugbridge.app import App

ZENDESK = "zendesk"
NO_URL = "[web] url is missing: it says where people reach `bugbridge serve`, such as https://bugs.example.com."
LOOPBACK = ("127.0.0.1", "localhost")
ONLY_HERE = "It works on this computer alone, since [web] url is missing: set it for others."
NO_TLS = "[web] url must begin with https://: Zendesk opens no app without TLS."
NO_KEY = (
    "BUGBRIDGE_WEB_KEY is missing: without it a pass ends with the process that made it. Set it here and for serve."
)
MOST_HOURS = 12


@click.group("app", short_help="Reach the sidebar from the helpdesk.")
def app_group() -> None:
    """Bring the sidebar to where agents work: an app for Zendesk, an address for the frames of other helpdesks, and a
    bookmarklet for any of them. `bugbridge serve` has to be reached at [web] url.

    \b
    Examples:
      bugbridge app zendesk -o zendesk-app
      bugbridge app frame support 4711
      bugbridge app bookmarklet
    """


@app_group.command("zendesk", short_help="Write the app for Zendesk.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("zendesk-app"))
@click.option("--helpdesk", default="", help="Which Zendesk, where several are configured.")
@json_option
@pass_door
def app_zendesk(door: Door, output: Path, helpdesk: str, *, as_json: bool) -> None:
    """Write the folder of a private app that shows the sidebar beside a ticket. Pack and upload it with
    `zcli apps:create`, or as a ZIP file in Admin Center; then put the app's public key into BUGBRIDGE_NAME_APP_KEY
    for `bugbridge serve`, NAME being the helpdesk's, so that it knows who opened it.

    \b
    Example:
      bugbridge app zendesk -o zendesk-app
    """
    from bugbridge.entry.app_folder import write_app
    from bugbridge.entry.web.zendesk_tokens import APP_KEY
    from bugbridge.settings import secret_variable

    name, base = _zendesk(door.app, helpdesk), door.app.settings.web.url
    if not base:
        raise ConfigError([NO_URL])
    if not base.startswith("https://"):
        raise ConfigError([NO_TLS])
    entry, variable = f"{base}/sidebar/{name}", secret_variable(name, APP_KEY)
    write_app(output, entry)
    sentence = f"Wrote {output}. Upload it, then set {variable} to the app's public key and start `bugbridge serve`."
    facts = {"folder": str(output), "helpdesk": name, "address": entry, "public_key": variable}
    say(facts, as_json=as_json, show=lambda: tell(sentence))


@app_group.command("frame", short_help="Give the address of a ticket's sidebar for a frame.")
@click.argument("helpdesk")
@click.argument("ticket")
@click.option("--agent", default="", help="Whose words are recorded; whoever runs this if not given.")
@click.option("--hours", type=click.IntRange(1, MOST_HOURS), default=MOST_HOURS, show_default=True)
@json_option
@pass_door
def app_frame(door: Door, helpdesk: str, ticket: str, *, agent: str, hours: int, as_json: bool) -> None:
    """Print an address that shows one ticket's sidebar without sign-in, for a frame in the helpdesk. Whoever has the
    address may use it until it runs out: it belongs into that frame, and nowhere else.

    \b
    Example:
      bugbridge app frame support 4711 --agent ada@acme.example
    """
    from bugbridge.entry.web.passes import PASS_FIELD, Passes
    from bugbridge.entry.web.paths import sidebar_path
    from bugbridge.entry.web.signing import Signer
    from bugbridge.render.times import stamp
    from bugbridge.settings import web_key

    app, key = door.app, web_key(os.environ)
    if helpdesk not in app.settings.helpdesks:
        raise UsageError(f"{helpdesk!r} is no helpdesk that is configured.")
    base = _base(app)
    if not key:
        raise ConfigError([NO_KEY])
    _refuse_out_of_sight(app, agent or door.actor.id, helpdesk, ticket)
    reference, lasting, now = f"{helpdesk}:{ticket}", timedelta(hours=hours), app.clock.now()
    given = Passes(Signer(key), lambda: now).for_ticket(reference, agent or door.actor.id, lasting)
    address = f"{base}{sidebar_path(reference)}?{urlencode({PASS_FIELD: given})}"
    until = stamp(now + lasting, app.settings.calendar.zone)

    def show() -> None:
        tell(address)
        tell(f"It runs out on {until}.")
        _tell_if_local(app)

    say({"ticket": reference, "address": address, "until": now + lasting}, as_json=as_json, show=show)


@app_group.command("bookmarklet", short_help="Print a bookmarklet that opens the sidebar.")
@json_option
@pass_door
def app_bookmarklet(door: Door, *, as_json: bool) -> None:
    """Print the address of a bookmark that opens the sidebar of the ticket that one looks at, in a small window, for
    whoever is signed in.

    \b
    Example:
      bugbridge app bookmarklet
    """
    address = bookmarklet(door.app)

    def show() -> None:
        tell(address)
        _tell_if_local(door.app)

    say({"bookmarklet": address}, as_json=as_json, show=show)


def bookmarklet(app: "App") -> str:
    """Give a `javascript:` address that knows each helpdesk's tickets by their addresses. Raises ConfigError where
    nobody knows where people reach the pages."""
    known = [[name, part.web_url, _script_pattern(part.ticket_path)] for name, part in app.settings.helpdesks.items()]
    script = (
        f"(()=>{{const here=location.href;for(const[name,at,path]of {json.dumps(known)}){{"
        "const found=here.startsWith(at)&&here.slice(at.length).match(new RegExp('^'+path));"
        f"if(found){{open({json.dumps(_base(app))}+'/sidebar/'+name+'/'+found.groups.number,"
        "'bugbridge','width=400,height=800');return}}alert('This is no ticket that BugBridge knows.')})()"
    )
    return f"javascript:{quote(script, safe='')}"


def _refuse_out_of_sight(app: "App", agent: str, helpdesk: str, ticket: str) -> None:
    """Raise UsageError for an agent who isn't in the team's list where there is one, who has left, or of whose brands
    the ticket isn't; a ticket that isn't known yet is read for that. Raises RemoteError where it can't be."""
    from bugbridge.core.access import Visitor
    from bugbridge.core.people import Team
    from bugbridge.entry.web.payloads import TICKET_ID
    from bugbridge.services.sidebar import kept_or_read

    known = Team(app.people, app.store.agents()).going_by(agent)
    person = known.person if known else None
    if person is None:
        if app.people.persons:
            raise UsageError(f"{agent} isn't in {app.settings.people.file}: name somebody who is, with --agent.")
        return
    if person.has_left(app.clock.now()):
        raise UsageError(f"{agent} has left, as {app.settings.people.file} says: name somebody who is there.")
    if person.brands is None or helpdesk in person.brands:
        return
    row = kept_or_read(app.sender, helpdesk, ticket) if TICKET_ID.fullmatch(ticket) else None
    seen_as = Visitor(person.agent, person.name, person.role, person.brands)
    if row is None or not seen_as.sees(helpdesk, row.brand):
        brands = ", ".join(sorted(person.brands))
        raise UsageError(f"{agent} sees {brands} alone, and {helpdesk}:{ticket} is no ticket of these.")


def _script_pattern(pattern: str) -> str:
    """Write a pattern as scripts have it, which differs in how a group is named."""
    return pattern.replace("(?P<", "(?<").replace(r"\#", "#")


def _base(app: "App") -> str:
    """Give the address where people reach the pages: without [web] url that of this computer, for itself alone."""
    web = app.settings.web
    if not web.url and web.host not in LOOPBACK:
        raise ConfigError([NO_URL])
    return web.url or f"http://{web.host}:{web.port}"


def _tell_if_local(app: "App") -> None:
    if not app.settings.web.url:
        tell(ONLY_HERE)


def _zendesk(app: "App", helpdesk: str) -> str:
    names = [name for name, part in app.settings.helpdesks.items() if part.kind == ZENDESK]
    if helpdesk and helpdesk not in names:
        raise UsageError(f"{helpdesk!r} is no Zendesk that is configured.")
    if not helpdesk and len(names) != 1:
        several = f"Name one with --helpdesk: {', '.join(names)}."
        raise UsageError(several if names else "No Zendesk is configured: add one to the configuration first.")
    return helpdesk or names[0]
