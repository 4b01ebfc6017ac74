"""A real Request Tracker keeps the contract of helpdesks, also where its answers are lost on the way."""

from datetime import timedelta

import pytest

from bugbridge.core.errors import ConflictError
from bugbridge.helpdesks.request_tracker import RequestTracker
from bugbridge.ports import Helpdesk
from tests.contracts.helpdesk import (
    MARKER,
    FailingHelpdeskContract,
    FailingHelpdeskScene,
    MergingHelpdeskContract,
    changed,
)
from tests.real.people import TAGS, People, next_second
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
            "desk",
            proxy.url,
            people.bugbridge_token,
            tier_field="Tier",
            tag_field=TAGS,
            bots=["robot"],
            secret_hint="BUGBRIDGE_DESK_TOKEN",
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

    def robot_writes(self, remote_id: str, body: str) -> None:
        next_second()
        self._people.robot_notes(remote_id, body)

    def change_requester(self, remote_id: str) -> None:
        next_second()
        self._people.change_requester(remote_id)

    def merge(self, remote_id: str, survivor: str) -> None:
        next_second()
        self._people.merge(remote_id, survivor)

    def set_tag(self, remote_id: str, tag: str) -> None:
        next_second()
        self._people.add_tag(remote_id, tag)

    def solve(self, remote_id: str) -> None:
        next_second()
        self._people.set_status(remote_id, "resolved")

    def delete(self, remote_id: str) -> None:
        next_second()
        self._people.set_status(remote_id, "deleted")

    def settle(self) -> None:
        """Changes are to be seen at once."""

    def lose_next_answer(self) -> None:
        self._proxy.arm("POST", "/(comment|correspond)$", lose_answer)

    def break_down(self) -> None:
        self._proxy.broken = True

    def recover(self) -> None:
        self._proxy.broken = False


class TestRequestTracker(FailingHelpdeskContract, MergingHelpdeskContract):
    @pytest.fixture
    def scene(self, people: People, proxy: Proxy) -> FailingHelpdeskScene:
        return RequestTrackerScene(people, proxy)

    def test_deletions_and_merges_are_among_the_changes(self, scene: FailingHelpdeskScene) -> None:
        """Request Tracker shows neither in a search by LastUpdated, so nobody would see them before posting."""
        deleted, loser, survivor = (scene.add_ticket(body) for body in ("spam", "one", "two"))
        whole = scene.helpdesk.ticket(deleted)
        _, cursor = changed(scene, "")
        scene.delete(deleted)
        scene.merge(loser, survivor)
        listed = {ticket.remote_id: ticket for ticket in changed(scene, cursor)[0]}
        gone = listed[deleted]
        assert (gone.gone, gone.requester, gone.brand, gone.fields) == (
            True,
            whole.requester,
            whole.brand,
            whole.fields,
        )
        assert (listed[loser].merged_into, listed[survivor].merged_into) == (survivor, "")

    def test_deletions_are_given_no_more_once_they_settled(self, scene: FailingHelpdeskScene) -> None:
        """A quiet helpdesk isn't asked for the same deleted tickets again and again."""
        remote_id = scene.add_ticket("spam")
        _, cursor = changed(scene, "")
        scene.delete(remote_id)
        before = scene.helpdesk.ticket(remote_id).updated_at
        later = f"{before + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ} 0"
        listed = [[ticket.remote_id for ticket in changed(scene, place)[0]] for place in (cursor, later)]
        assert [remote_id in numbers for numbers in listed] == [True, False]

    @pytest.mark.parametrize("status", ["new", "open", "stalled", "resolved", "rejected"])
    def test_nothing_that_is_written_changes_a_status(
        self, scene: FailingHelpdeskScene, people: People, status: str
    ) -> None:
        """Neither a note, nor a tag, nor a reply, with the scrip's condition set as the documentation says."""
        remote_id = scene.add_ticket("it fails")
        if status != "new":
            people.set_status(remote_id, status)
        helpdesk = scene.helpdesk
        helpdesk.add_note(helpdesk.ticket(remote_id), "Due by Thursday", MARKER)
        helpdesk.set_tag(helpdesk.ticket(remote_id), "bugbridge_due", on=True)
        helpdesk.add_reply(helpdesk.ticket(remote_id), "It is fixed in 4.2.", MARKER)
        assert people.status(remote_id) == status

    def test_pages_that_a_ticket_points_at_are_references_and_stay(
        self, scene: FailingHelpdeskScene, people: People
    ) -> None:
        """Agents link issues on the ticket itself; whatever is written leaves those links alone (trap 18)."""
        remote_id = scene.add_ticket("it fails")
        addresses = [f"https://github.com/acme/app/issues/{number}" for number in range(90_001, 90_005)]
        for relation, address in zip(("DependsOn", "MemberOf", "RefersTo", "ReferredToBy"), addresses, strict=True):
            people.link(remote_id, relation, address)
        helpdesk = scene.helpdesk
        helpdesk.set_tag(helpdesk.ticket(remote_id), "bugbridge_due", on=True)
        helpdesk.add_note(helpdesk.ticket(remote_id), "Due by Thursday", MARKER)
        assert helpdesk.ticket(remote_id).reference_fields == tuple(addresses[:3])

    def test_a_tag_is_not_set_over_a_change_that_came_in_between(
        self, scene: FailingHelpdeskScene, people: People, proxy: Proxy
    ) -> None:
        """Request Tracker replaces all values of a field: a tag that an agent adds at that moment must not be lost."""
        remote_id = scene.add_ticket("it fails")
        ticket = scene.helpdesk.ticket(remote_id)
        proxy.arm("GET", f"/ticket/{remote_id}(\\?|$)", lambda: people.add_tag(remote_id, "vip"))
        with pytest.raises(ConflictError):
            scene.helpdesk.set_tag(ticket, "bugbridge_due", on=True)
        assert scene.helpdesk.ticket(remote_id).tags == ("vip",)
