"""The command that serves the web: pages and API, and webhooks."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import ConfigError
from bugbridge.entry.door import Door, pass_door
from bugbridge.entry.logs import log_format, logging_to
from bugbridge.entry.web.loopback import is_loopback, is_shown_unsigned
from bugbridge.entry.web.ways_in import ADMINS_TOKEN, who_may_look
from bugbridge.settings import (
    WEB,
    WEB_KEY,
    WEBHOOK_FIELD,
    secret_variable,
    web_client_secret,
    web_key,
    web_token,
    webhook_secret,
)

if TYPE_CHECKING:
    from uvicorn import Server

    from bugbridge.app import App
    from bugbridge.entry.web.worker import HintWorker

LEAST_OF_A_PATH = 16  # characters
# Made before threads use them; what is wrong with them is said now, and not to the first who asks.
SHARED = ("store", "policy", "calendar", "references", "wordings", "renderer", "accounts")

log = logging.getLogger("bugbridge.serve")


@click.command(short_help="Show BugBridge in the browser, answer its API, and take webhooks.")
@pass_door
def serve(door: Door) -> None:
    """Show the pages and answer the API, at http://127.0.0.1:8420 unless [web] says otherwise, until SIGTERM or Ctrl-C.

    As long as nobody can sign in, the pages are shown to browsers on this computer alone; and to nobody once a
    webhook's secret is set, or [web] host or url names another computer. For others, have people sign in: by a token
    (`bugbridge token create ada --role admin --scope write` makes the first), or at your OpenID Connect provider ([web]
    oidc_issuer). From then on nobody sees a page without, also on this computer.

    Webhooks of the trackers and helpdesks whose secret is set are taken, what they name is looked at, and what is due
    is planned at once; `bugbridge hooks` says what to set up. BUGBRIDGE_WEB_TOKEN, where it is set, is one more token,
    an admin's.

    Run the daemon as well: it posts, and finds what no webhook told.

    \b
    Examples:
      bugbridge serve                             then open http://127.0.0.1:8420 here
      BUGBRIDGE_WEB_KEY_FILE=web.key bugbridge serve
                                                  who is signed in stays so after a new start
    """
    app = door.app
    token, key = web_token(app.settings, os.environ), web_key(os.environ)
    client_secret = web_client_secret(app.settings, os.environ)
    secrets = _secrets(app, os.environ)
    can_sign_in = bool(token or client_secret) or app.store.has_tokens()
    _refuse_to_serve_nobody(app, secrets, can_sign_in=can_sign_in)
    make_shared(app)
    logged = logging_to(sys.stderr, log_format(None, os.environ))
    with logged, listening(app.settings.web.host, app.settings.web.port) as listener:
        _say_who_may_look(app, secrets, listener, can_sign_in=can_sign_in, has_key=bool(key))
        serve_until_signal(app, secrets, (token, key, client_secret), listener)


def make_shared(app: "App") -> None:
    """Make what threads share. Raises ConfigError and DataError for what is wrong with it."""
    for part in SHARED:
        getattr(app, part)


def _secrets(app: "App", environ: Mapping[str, str]) -> Mapping[str, str]:
    """Give each one's secret by name, "" where none is set."""
    names = (*app.settings.trackers, *app.settings.helpdesks)
    secrets = {name: webhook_secret(name, environ) for name in names}
    _refuse_short(app, secrets)
    return secrets


def _refuse_to_serve_nobody(app: "App", secrets: Mapping[str, str], *, can_sign_in: bool) -> None:
    """Raise ConfigError where other computers would reach us, and none of them could be told from a stranger's."""
    host = app.settings.web.host
    if can_sign_in or any(secrets.values()) or is_loopback(host):
        return
    sentence = (
        f"[web] host: other computers reach {host}, and nobody can sign in: make a token with `{ADMINS_TOKEN}`, or set "
        "oidc_issuer; or set host to 127.0.0.1, to show the pages on this computer alone; `bugbridge hooks` says how "
        "to take webhooks."
    )
    raise ConfigError([sentence])


def _say_who_may_look(
    app: "App", secrets: Mapping[str, str], listener: socket.socket, *, can_sign_in: bool, has_key: bool
) -> None:
    host, port = listener.getsockname()[:2]
    log.info("showing the pages at http://%s:%s/", host, port)
    is_open = is_shown_unsigned(app.settings.web, secrets)
    level = logging.INFO if can_sign_in or is_open else logging.WARNING
    log.log(level, "%s", who_may_look(app, os.environ, is_shown_unsigned=is_open))
    if can_sign_in and not has_key:
        log.info("whoever signs in is signed out when this ends: set %s to keep them", secret_variable(WEB, WEB_KEY))


def _refuse_short(app: "App", secrets: Mapping[str, str]) -> None:
    """A secret at the end of an address is its only lock, and could be tried out."""
    unsigned = [name for name, part in app.settings.helpdesks.items() if not part.webhook.signature_header]
    for name in unsigned:
        if 0 < len(secrets[name]) < LEAST_OF_A_PATH:
            variable = secret_variable(name, WEBHOOK_FIELD)
            sentence = f"{variable} is too short: make one with `openssl rand -hex 32`, since {name} signs nothing."
            raise ConfigError([sentence])


def listening(host: str, port: int) -> socket.socket:
    """Listen on a TCP port of an address of this computer; 0 takes a free one. Raises ConfigError where it can't be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        sentence = f"[web] {host}:{port} can't be listened on ({error.strerror}): choose another host or port."
        raise ConfigError([sentence]) from None
    if not is_loopback(host):
        log.warning("%s can be reached from other computers, and is served without TLS", host)
    return listener


def serve_until_signal(
    app: "App", secrets: Mapping[str, str], own: tuple[str, str, str], listener: socket.socket
) -> None:
    """Serve until SIGTERM or Ctrl-C; `own` are the web's own secrets: token, key, and the one that its provider
    knows."""
    from bugbridge.entry.web.application import web_application
    from bugbridge.entry.web.connections import web_server
    from bugbridge.entry.web.worker import HintWorker

    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # its lines may quote issues, tickets and addresses
    workers = {name: HintWorker(app, name) for name, secret in secrets.items() if secret}
    application = web_application(app, secrets, lambda name: workers[name].wake(), *own)
    server = web_server(application)
    _listen_to_signals(server)
    _say_hooks(app, list(workers), listener)
    _run(server, listener, list(workers.values()))


def _say_hooks(app: "App", names: "Sequence[str]", listener: socket.socket) -> None:
    from bugbridge.entry.web.addresses import shown_path

    host, port = listener.getsockname()[:2]
    parts = {**app.settings.trackers, **app.settings.helpdesks}
    for name in names:
        log.info("taking webhooks at http://%s:%s%s", host, port, shown_path(name, parts[name]))


def _run(server: "Server", listener: socket.socket, workers: "Sequence[HintWorker]") -> None:
    for worker in workers:
        worker.start()
    try:
        server.run(sockets=[listener])
    finally:
        log.info("stopping once the hints under way were followed")
        for worker in workers:
            worker.stop()


def _listen_to_signals(server: "Server") -> None:
    """Uvicorn takes signals while it runs, and raises them again at its end: then they must not end us half-way."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
