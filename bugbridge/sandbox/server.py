"""The stand-ins on loopback ports of one process, in one background thread."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from bugbridge.sandbox.control import control_routes
from bugbridge.sandbox.gate import Gate, Traffic
from bugbridge.sandbox.github import github_routes
from bugbridge.sandbox.hooks import Post
from bugbridge.sandbox.jira import cloud_routes, data_center_routes
from bugbridge.sandbox.seed import build_world
from bugbridge.sandbox.sign_in import GATEWAY
from bugbridge.sandbox.world import World
from bugbridge.sandbox.zendesk import zendesk_routes

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Ports:
    """The TCP port of each server; 0 takes a free one."""

    github: int = 0
    jira: int = 0
    data_center: int = 0
    zendesk: int = 0


@dataclass
class _Stand:
    """One server: its socket, what was asked of it, and uvicorn."""

    port: int
    routes: Callable[[World, Traffic], list[Route]]
    world: World
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        # The protocol is named because asyncio turns Nagle's delay off only then: else each answer takes 40 ms.
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((LOOPBACK, self.port))
        self.socket.listen(128)
        self.url = f"http://{LOOPBACK}:{self.socket.getsockname()[1]}"
        application = Starlette(
            routes=[*control_routes(self.world, self.traffic), *self.routes(self.world, self.traffic)]
        )
        gate = Gate(application, self.world, self.traffic)
        config = uvicorn.Config(
            gate,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)


class Sandbox:
    """GitHub, Jira Cloud, Jira Data Center and Zendesk on 127.0.0.1, over one world.

    Use it as a context manager, or call `start` and `stop`. OSError where a given port is taken."""

    def __init__(self, world: World | None = None, ports: Ports | None = None) -> None:
        """Take the ports at once, so that the addresses are known; nothing is served before `start`."""
        chosen = ports or Ports()
        self.world = world or build_world()
        self._stands = {
            "github": _Stand(chosen.github, github_routes, self.world),
            "jira": _Stand(chosen.jira, lambda world, _: cloud_routes(world), self.world),
            "data_center": _Stand(chosen.data_center, lambda world, _: data_center_routes(world), self.world),
            "zendesk": _Stand(chosen.zendesk, lambda world, _: zendesk_routes(world), self.world),
        }
        self.world.addresses = {name: stand.url for name, stand in self._stands.items()}
        self._post = Post(self.world)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="sandbox", daemon=True)

    @property
    def github_url(self) -> str:
        """Address of the GitHub stand-in, as api.github.com would be."""
        return self._stands["github"].url

    @property
    def jira_url(self) -> str:
        """Address of the Jira stand-in, as SITE.atlassian.net would be."""
        return self._stands["jira"].url

    @property
    def gateway_url(self) -> str:
        """Address of the same Jira through Atlassian's gateway, where scoped tokens work."""
        return self.jira_url + GATEWAY

    @property
    def data_center_url(self) -> str:
        """Address of the Jira Data Center stand-in; it holds the same issues."""
        return self._stands["data_center"].url

    @property
    def zendesk_url(self) -> str:
        """Address of the Zendesk stand-in, as SITE.zendesk.com would be."""
        return self._stands["zendesk"].url

    def traffic(self, server: str) -> Traffic:
        """What `github`, `jira`, `data_center` or `zendesk` was asked, and the faults that wait there."""
        return self._stands[server].traffic

    async def _serve(self) -> None:
        await asyncio.gather(*(stand.server.serve(sockets=[stand.socket]) for stand in self._stands.values()))

    def start(self) -> None:
        """Begin to serve, and let the world's clock run. The sockets listen already: an early request only waits."""
        self.world.start_clock()
        self._thread.start()
        self._post.start()

    def settle(self) -> None:
        """Wait until every hook was told of all that happened so far."""
        self.world.outbox.join()

    def stop(self) -> None:
        """Stop serving; requests under way get a second to end."""
        for stand in self._stands.values():
            stand.server.should_exit = True
        self._post.stop()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        for stand in self._stands.values():
            stand.socket.close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
