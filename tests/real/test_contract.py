"""A real Request Tracker keeps the contract of helpdesks, also where its answers are lost on the way."""

import pytest

from bugbridge.helpdesks.request_tracker import RequestTracker
from bugbridge.ports import Helpdesk
from tests.contracts.helpdesk import FailingHelpdeskContract, FailingHelpdeskScene
from tests.real.people import People, next_second
from tests.real.proxy import AnswerLostError, Proxy


def lose_answer() -> None:
    """End the connection after the request was carried out."""
    raise AnswerLostError


class RequestTrackerScene:
    """People write in seconds of their own: Request Tracker's times have no smaller parts."""

    unknown_ticket = "99999999"

    def __init__(self, people: People, proxy: Proxy) -> None:
        """Look at Request Tracker through the proxy."""
        self._people = people
        self._proxy = proxy
        self.helpdesk: Helpdesk = RequestTracker(
            "desk", proxy.url, people.bugbridge_token, tier_field="Tier", secret_hint="BUGBRIDGE_DESK_TOKEN"
        )

    def add_ticket(self, body: str) -> str:
        next_second()
        return self._people.ticket(body)

    def customer_writes(self, remote_id: str, body: str) -> None:
        next_second()
        self._people.customer_writes(remote_id, body)

    def agent_writes(self, remote_id: str, body: str, *, public: bool) -> None:
        next_second()
        write = self._people.agent_replies if public else self._people.agent_notes
        write(remote_id, body)

    def solve(self, remote_id: str) -> None:
        next_second()
        self._people.set_status(remote_id, "resolved")

    def delete(self, remote_id: str) -> None:
        next_second()
        self._people.set_status(remote_id, "deleted")

    def settle(self) -> None:
        """Changes are to be seen at once."""

    def lose_next_answer(self) -> None:
        self._proxy.arm("POST", "/comment$", lose_answer)

    def break_down(self) -> None:
        self._proxy.broken = True

    def recover(self) -> None:
        self._proxy.broken = False


class TestRequestTracker(FailingHelpdeskContract):
    @pytest.fixture
    def scene(self, people: People, proxy: Proxy) -> FailingHelpdeskScene:
        return RequestTrackerScene(people, proxy)
