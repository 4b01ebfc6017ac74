"""The command that takes webhooks."""

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
from bugbridge.settings import WEB, WEB_SECRET, WEBHOOK_FIELD, secret_variable, web_key, web_token, webhook_secret

if TYPE_CHECKING:
    from uvicorn import Server

    from bugbridge.app import App
    from bugbridge.entry.web.worker import HintWorker

LEAST_OF_A_PATH = 16  # characters
STOP_SECONDS = 5  # for requests under way

log = logging.getLogger("bugbridge.serve")


@click.command(short_help="Take webhooks, so that changes are known within seconds, and show the audit.")
@pass_door
def serve(door: Door) -> None:
    """Take webhooks of the trackers and helpdesks whose secret is set, look at what they name, and plan at once. Where
    BUGBRIDGE_WEB_TOKEN is set, show the audit: at /audit with any user name and the token as password, and at
    /api/v1/audit with `Authorization: Bearer TOKEN`; and check the replies that are posted to /api/v1/check-reply with
    it, as `bugbridge check-reply` does.

    Listens as [web] says, on this computer alone by default, until SIGTERM or Ctrl-C. Run the daemon as well: it posts,
    and finds what no webhook told. `bugbridge hooks` says what to set up.
    """
    app = door.app
    token, key = web_token(app.settings, os.environ), web_key(os.environ)
    secrets = _secrets(app, os.environ, needed=not token)
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # its lines may quote issues, tickets and addresses
    for part in ("store", "policy", "calendar", "references"):  # made before threads use them
        getattr(app, part)
    if token:
        _ = app.wordings  # wrong ones are said now, and not to the first who asks
    logged = logging_to(sys.stderr, log_format(None, os.environ))
    with logged, _listening(app.settings.web.host, app.settings.web.port) as listener:
        _serve(app, secrets, token, key, listener)


def _secrets(app: "App", environ: Mapping[str, str], *, needed: bool) -> Mapping[str, str]:
    """Give each one's secret by name. Raises ConfigError where one is `needed` and there is none at all."""
    names = (*app.settings.trackers, *app.settings.helpdesks)
    secrets = {name: webhook_secret(name, environ) for name in names}
    _refuse_short(app, secrets)
    if any(secrets.values()) or not needed:
        return secrets
    variables = (
        " or ".join(secret_variable(name, WEBHOOK_FIELD) for name in names)
        or "a tracker's or helpdesk's webhook secret"
    )
    alone = f"To show the audit alone, set {secret_variable(WEB, WEB_SECRET)}."
    raise ConfigError([f"No webhook could be trusted: set {variables}; `bugbridge hooks` says what to set up. {alone}"])


def _refuse_short(app: "App", secrets: Mapping[str, str]) -> None:
    """A secret at the end of an address is its only lock, and could be tried out."""
    unsigned = [name for name, part in app.settings.helpdesks.items() if not part.webhook.signature_header]
    for name in unsigned:
        if 0 < len(secrets[name]) < LEAST_OF_A_PATH:
            variable = secret_variable(name, WEBHOOK_FIELD)
            sentence = f"{variable} is too short: make one with `openssl rand -hex 32`, since {name} signs nothing."
            raise ConfigError([sentence])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        sentence = f"[web] {host}:{port} can't be listened on ({error.strerror}): choose another host or port."
        raise ConfigError([sentence]) from None
    if not host.startswith("127.") and host not in {"localhost", "::1"}:
        log.warning("%s can be reached from other computers, and is served without TLS", host)
    return listener


def _serve(app: "App", secrets: Mapping[str, str], token: str, key: str, listener: socket.socket) -> None:
    import uvicorn

    from bugbridge.entry.web.application import web_application
    from bugbridge.entry.web.worker import HintWorker

    workers = {name: HintWorker(app, name) for name, secret in secrets.items() if secret}
    application = web_application(app, secrets, lambda name: workers[name].wake(), token, key)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,  # it would show the addresses, and with them secrets
        server_header=False,
        http="h11",  # it bounds the head of a request; a quicker one that may be installed doesn't
        ws="none",  # a library for web sockets may be installed; an offer to upgrade is no reason to refuse a delivery
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    _listen_to_signals(server)
    _say_where(app, list(workers), token, listener)
    _run(server, listener, list(workers.values()))


def _say_where(app: "App", names: "Sequence[str]", token: str, listener: socket.socket) -> None:
    from bugbridge.entry.web.addresses import AUDIT_API, AUDIT_PAGE, CHECK_REPLY_API, no_audit, shown_path

    host, port = listener.getsockname()[:2]
    if token:
        log.info("showing the audit at http://%s:%s%s and %s", host, port, AUDIT_PAGE, AUDIT_API)
        log.info("checking replies at http://%s:%s%s", host, port, CHECK_REPLY_API)
    else:
        log.info("%s", no_audit(app.settings))
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
