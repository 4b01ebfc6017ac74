"""The stand-in answers as Zendesk's Support API does, where BugBridge looks."""

from datetime import timedelta

import requests

from bugbridge.sandbox import sign_in
from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW
from tests.sandbox.asking import TIMEOUT_SECONDS, control, zendesk

EXPORT = "/api/v2/incremental/tickets/cursor"
TOKENS = {
    "grant_type": "client_credentials",
    "client_id": sign_in.ZENDESK_CLIENT,
    "client_secret": sign_in.ZENDESK_CLIENT_KEY,
}


def open_ticket(sandbox: Sandbox) -> int:
    """The number of a ticket that is open and assigned."""
    return next(
        ticket.id for ticket in sandbox.world.tickets.values() if ticket.status == "open" and ticket.assignee_id
    )


def access(sandbox: Sandbox, **asked: object) -> requests.Response:
    """Ask for an access token."""
    return requests.post(f"{sandbox.zendesk_url}/oauth/tokens", json={**TOKENS, **asked}, timeout=TIMEOUT_SECONDS)


def exported(sandbox: Sandbox, start: int = 0) -> list[int]:
    """Numbers of the tickets in one page of the export since an epoch second."""
    return [ticket["id"] for ticket in zendesk(sandbox, EXPORT, params={"start_time": start}).json()["tickets"]]


def test_the_export_leads_to_the_end_of_the_stream(reading: Sandbox) -> None:
    """By its cursor every ticket is met once, by its last update, the deleted ones too."""
    body = zendesk(reading, EXPORT + ".json", params={"start_time": 0, "per_page": 250}).json()
    found = body["tickets"]
    while not body["end_of_stream"]:
        body = zendesk(reading, EXPORT, params={"cursor": body["after_cursor"], "per_page": 250}).json()
        found += body["tickets"]
    updated = [ticket["updated_at"] for ticket in found]
    assert sorted(ticket["id"] for ticket in found) == sorted(reading.world.tickets)
    assert updated == sorted(updated)
    assert sum(ticket["status"] == "deleted" for ticket in found) == 2


def test_the_export_leaves_out_the_last_minute(changing: Sandbox) -> None:
    """What just changed comes a minute later, by the servers' clock."""
    number, since = open_ticket(changing), int((SEED_NOW - timedelta(minutes=5)).timestamp())
    control(changing, "zendesk/customer-comment", ticket=number, body="Any news?")
    before = exported(changing, since)
    control(changing, "clock/advance", seconds=61)
    assert (before, exported(changing, since)) == ([], [number])


def test_a_start_in_the_last_minute_is_refused(reading: Sandbox) -> None:
    """422, since the answer could not be complete; a missing start is 400."""
    now = int(reading.world.now().timestamp())
    assert zendesk(reading, EXPORT, params={"start_time": now}).status_code == 422
    assert zendesk(reading, EXPORT).status_code == 400


def test_the_export_brings_users_and_organizations_along(reading: Sandbox) -> None:
    """Sideloaded: each requester, with locale and zone, and each organisation, with its tier."""
    body = zendesk(reading, EXPORT, params={"start_time": 0, "include": "users,organizations"}).json()
    users = {user["id"] for user in body["users"]}
    tiers = {each["organization_fields"]["tier"] for each in body["organizations"]}
    assert {ticket["requester_id"] for ticket in body["tickets"]} <= users
    assert tiers == {"enterprise", "business", "free", None}
    assert "Berlin" in {user["time_zone"] for user in body["users"]}


def test_a_client_s_credentials_bring_a_token(reading: Sandbox) -> None:
    """The token opens what its scope says: reading alone does not write."""
    issued = access(reading, scope="read").json()
    headers = {"Authorization": f"Bearer {issued['access_token']}"}
    assert zendesk(reading, "/api/v2/users/me.json", headers=headers).json()["user"]["id"] == SELF_ID
    refused = zendesk(reading, f"/api/v2/tickets/{open_ticket(reading)}", "PUT", headers=headers, json={"ticket": {}})
    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")


def test_a_token_ends(changing: Sandbox) -> None:
    """After `expires_in` by the servers' clock it is invalid, and a new one works."""
    headers = {"Authorization": f"Bearer {access(changing, expires_in=300).json()['access_token']}"}
    before = zendesk(changing, "/api/v2/users/me", headers=headers).status_code
    control(changing, "clock/advance", seconds=301)
    after = zendesk(changing, "/api/v2/users/me", headers=headers)
    assert (before, after.status_code, after.json()["error"]) == (200, 401, "invalid_token")


def test_wrong_credentials_are_refused(reading: Sandbox) -> None:
    """A wrong client, a wrong token and nobody at all: 401 in Zendesk's words."""
    wrong = zendesk(reading, "/api/v2/users/me", auth=("bugbridge@acme.example/token", "wrong"))
    assert access(reading, client_secret="wrong").json()["error"] == "invalid_client"
    assert (wrong.status_code, wrong.json()) == (401, {"error": "Couldn't authenticate you"})


def test_unknown_and_deleted_tickets_are_not_there(reading: Sandbox) -> None:
    """404 RecordNotFound for both; what is no number is 400."""
    deleted = next(ticket.id for ticket in reading.world.tickets.values() if ticket.status == "deleted")
    answers = [zendesk(reading, f"/api/v2/tickets/{number}") for number in (1, deleted, "abc")]
    assert [answer.status_code for answer in answers] == [404, 404, 400]
    assert answers[0].json() == {"error": "RecordNotFound", "description": "Not found"}


def test_comments_come_with_their_authors(reading: Sandbox) -> None:
    """Public or not, by whom, through which channel, with the users beside them, page by page."""
    number = open_ticket(reading)
    body = zendesk(
        reading, f"/api/v2/tickets/{number}/comments.json", params={"include": "users", "page[size]": 1}
    ).json()
    comments = list(body["comments"])
    assert body["comments"][0]["public"] is True
    assert body["users"][0]["role"] == "end-user"
    while body["meta"]["has_more"]:
        body = zendesk(reading, body["links"]["next"].removeprefix(reading.zendesk_url)).json()
        comments += body["comments"]
    assert [each["id"] for each in comments] == [comment.id for comment in reading.world.ticket(number).comments]


def test_a_note_keeps_its_metadata(changing: Sandbox) -> None:
    """An internal note changes `updated_at`; its audit gives the custom metadata back, also on a later look."""
    number = open_ticket(changing)
    asked = {"comment": {"body": "Due today", "public": False}, "metadata": {"bugbridge": "BB-7K3F9Q"}}
    put = zendesk(changing, f"/api/v2/tickets/{number}.json", "PUT", json={"ticket": asked}).json()
    last = zendesk(changing, f"/api/v2/tickets/{number}/audits.json").json()["audits"][-1]
    assert put["audit"]["metadata"]["custom"] == {"bugbridge": "BB-7K3F9Q"}
    assert (last["metadata"]["custom"], last["author_id"]) == ({"bugbridge": "BB-7K3F9Q"}, SELF_ID)
    assert (last["events"][0]["body"], last["events"][0]["public"]) == ("Due today", False)
    assert put["ticket"]["updated_at"] >= "2026-06-15T09:00:00Z"


def test_a_safe_update_of_a_changed_ticket_is_refused(changing: Sandbox) -> None:
    """409 where someone wrote since, and nothing is added; with the fresh stamp it works."""
    number = open_ticket(changing)
    stamp = zendesk(changing, f"/api/v2/tickets/{number}").json()["ticket"]["updated_at"]
    control(changing, "zendesk/agent-comment", ticket=number, body="I'm on it", public=True, status="pending")
    asked = {"comment": {"body": "Due", "public": False}, "safe_update": True}
    path, count = f"/api/v2/tickets/{number}", len(changing.world.ticket(number).comments)
    refused = zendesk(changing, path, "PUT", json={"ticket": {**asked, "updated_stamp": stamp}})
    assert (refused.status_code, refused.json()["error"]) == (409, "UpdateConflict")
    assert len(changing.world.ticket(number).comments) == count
    fresh = zendesk(changing, path).json()["ticket"]
    assert fresh["status"] == "pending"
    assert (
        zendesk(changing, path, "PUT", json={"ticket": {**asked, "updated_stamp": fresh["updated_at"]}}).status_code
        == 200
    )


def test_what_zendesk_would_not_accept(changing: Sandbox) -> None:
    """A closed ticket, an empty comment and an unknown status are 422 RecordInvalid."""
    closed = next(ticket.id for ticket in changing.world.tickets.values() if ticket.status == "closed")
    number = open_ticket(changing)
    tries = [(closed, {"comment": {"body": "x"}}), (number, {"comment": {"body": ""}}), (number, {"status": "odd"})]
    answers = [zendesk(changing, f"/api/v2/tickets/{each}", "PUT", json={"ticket": asked}) for each, asked in tries]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(422, "RecordInvalid")] * 3


def test_many_users_and_organizations_at_once(reading: Sandbox) -> None:
    """show_many gives those of the asked that exist; one alone is found by number."""
    assert [user["id"] for user in zendesk(reading, "/api/v2/users/show_many.json?ids=101,102,7").json()["users"]] == [
        101,
        102,
    ]
    found = zendesk(reading, "/api/v2/organizations/show_many?ids=7000,7001").json()["organizations"]
    assert [each["id"] for each in found] == [7000, 7001]
    assert zendesk(reading, "/api/v2/organizations/7000.json").json()["organization"]["organization_fields"] == {
        "tier": "enterprise"
    }
    assert zendesk(reading, "/api/v2/users/101").json()["user"]["role"] == "agent"
