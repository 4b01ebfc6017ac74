"""Request Tracker as a helpdesk, against answers copied from a real one: what the doctor says."""

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bugbridge.core.snapshots import Check
from tests.helpdesks.request_tracker_answers import (
    COMMENT_LINK,
    CORRESPOND_LINK,
    FOUND,
    ROOT,
    TOKEN,
    helpdesk,
    page,
    signs_in,
)


@pytest.fixture
def rt() -> Iterator[responses.RequestsMock]:
    """Every answer given must be asked for."""
    with responses.RequestsMock() as mock:
        yield mock


CHECKS = ["sign_in", "time_zone", "privileged", "tier", "queues", "tickets", "notes", "replies", "tags"]
RIGHTFUL: dict[str, Any] = {
    **FOUND,
    "_hyperlinks": [COMMENT_LINK, CORRESPOND_LINK, {"ref": "customfield", "name": "Tags"}],
}


def test_check_praises_what_is_well(rt: responses.RequestsMock) -> None:
    """Every line of a good set-up is well."""
    signs_in(rt)
    rt.get(f"{ROOT}/queues/all", json=page({"Name": "Support", "id": "3", "type": "queue"}))
    rt.get(f"{ROOT}/tickets", json=page(RIGHTFUL))
    checks = helpdesk(queues=["Support"], tag_field="Tags").check()
    assert {check.id: check.well for check in checks} == dict.fromkeys(CHECKS, True)


def test_check_says_what_to_do_about_each_fault(rt: responses.RequestsMock) -> None:
    """Zone, rank, queue and each right are a line with a remedy."""
    signs_in(rt, Timezone="", Privileged=0, _hyperlinks=[])
    rt.get(f"{ROOT}/queues/all", json=page())
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "_hyperlinks": []}))
    checks = helpdesk(queues=["Support"], tag_field="Tags").check()
    assert [check.sentence.split(" in support")[0] for check in checks if not check.well] == [
        "Set the time zone of the user bugbridge",
        "Let the user bugbridge",
        "Grant SeeCustomField on the users' field Tier",
        "Grant SeeQueue on Support",
        "Grant CommentOnTicket on the queues",
        "Grant ReplyToTicket on the queues",
        "Apply the custom field Tags",
    ]


def test_check_names_the_right_that_is_missing_where_no_ticket_is_to_be_seen(rt: responses.RequestsMock) -> None:
    """Without ShowTicket a search is empty rather than forbidden."""
    signs_in(rt)
    rt.get(f"{ROOT}/queues/all", status=403, json={"message": "Forbidden"})
    rt.get(f"{ROOT}/tickets", json=page())
    sentences = {check.id: check.sentence for check in helpdesk().check() if not check.well}
    assert ("SeeQueue" in sentences["queues"], "ShowTicket" in sentences["tickets"]) == (True, True)


def test_check_wants_queues_where_rt_hides_tickets_page_by_page(rt: responses.RequestsMock) -> None:
    """With UseSQLForACLChecks off a page may be short, or empty, though others follow."""
    signs_in(rt)
    rt.get(f"{ROOT}/queues/all", json=page({"Name": "Support", "id": "3", "type": "queue"}))
    rt.get(f"{ROOT}/tickets", json=page(RIGHTFUL, total=None))
    (fault,) = [check for check in helpdesk().check() if not check.well]
    assert (fault.id, "`queues`" in fault.sentence) == ("tickets", True)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("hello", "BUGBRIDGE_SUPPORT_TOKEN isn't a token of support: they look like 1-35-0123abcd."),
        (TOKEN, "support (rt.example) refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN."),
    ],
)
def test_check_names_the_variable_of_a_wrong_token(token: str, sentence: str) -> None:
    """And never the token."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rt:
        rt.get(f"{ROOT}/user/35", status=401, json={"message": "Unauthorized"})
        assert helpdesk(token=token).check() == (Check("sign_in", well=False, sentence=sentence),)
