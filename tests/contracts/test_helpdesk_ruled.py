"""A helpdesk seen through the team's rules keeps the contract, and shows what the rules say."""

from typing import Any

import pytest

from bugbridge.core.accounts import AccountList, AccountRules, Belonging
from bugbridge.core.link_patterns import LinkPattern
from bugbridge.helpdesks.ruled import RuledHelpdesk
from tests.contracts.helpdesk import FailingHelpdeskContract, LockingHelpdeskContract, MergingHelpdeskContract, changed
from tests.contracts.test_helpdesk_memory import MemoryScene


class RuledScene:
    """People work in the memory helpdesk, and we look at it through rules."""

    def __init__(self) -> None:
        self._people = MemoryScene()
        listed = AccountList(organizations={"acme": Belonging("Acme Group", "")})
        patterns = [LinkPattern("tags", r"bug_(\d+)", r"acme/app#\1")]
        self.helpdesk = RuledHelpdesk(self._people.helpdesk, AccountRules(listed=listed), patterns)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._people, name)


class TestRuled(FailingHelpdeskContract, MergingHelpdeskContract, LockingHelpdeskContract):
    @pytest.fixture
    def scene(self) -> RuledScene:
        return RuledScene()

    def test_tickets_are_shown_by_the_rules_whichever_way_they_come(self) -> None:
        """Listed or read one by one."""
        scene = RuledScene()
        remote_id = scene.add_ticket("it fails")
        scene.set_tag(remote_id, "bug_12")
        (listed,) = changed(scene, "")[0][-1:]
        for ticket in (listed, scene.helpdesk.ticket(remote_id)):
            account = ticket.requester.account
            assert account is not None
            assert (account.name, account.tier, ticket.reference_fields) == (
                "Acme Group",
                "enterprise",
                ("acme/app#12",),
            )
