"""The stand-in answers as Zendesk's Support API does, where BugBridge looks."""

from datetime import timedelta

import requests

from bugbridge.sandbox import changes, sign_in
from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import FIELD_ID, GROUP_ID, SEED_NOW, JiraAppLink
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


def test_tags_are_added_and_removed_and_only_a_post_replaces_them(changing: Sandbox) -> None:
    """PUT adds, DELETE takes off what its body names, POST replaces; a safe one is refused after a change."""
    path = f"/api/v2/tickets/{open_ticket(changing)}"

    def tags(method: str, *given: str, **more: str) -> list[str]:
        found: list[str] = zendesk(changing, f"{path}/tags.json", method, json={"tags": given, **more}).json()["tags"]
        return found

    stamp = zendesk(changing, path).json()["ticket"]["updated_at"]
    control(changing, "clock/advance", seconds=60)
    seen = [tags("PUT", "vip", "due"), tags("PUT", "due"), tags("DELETE", "due"), tags("POST", "b", "a")]
    late = {"tags": ["x"], "updated_stamp": stamp, "safe_update": "true"}
    assert seen == [["due", "vip"], ["due", "vip"], ["vip"], ["a", "b"]]
    assert zendesk(changing, f"{path}/tags", "PUT", json=late).status_code == 409
    assert zendesk(changing, f"{path}/tags").json() == {"tags": ["a", "b"]}


def follow_up(sandbox: Sandbox, source: int, **more: object) -> requests.Response:
    """Ask for a ticket that continues another, with a key that makes it happen once."""
    asked = {"via_followup_source_id": source, "comment": {"body": "It is fixed.", "author_id": 101}, **more}
    login = (f"{sign_in.EMAIL}/token", sign_in.ZENDESK_KEY)
    address = f"{sandbox.zendesk_url}/api/v2/tickets.json"
    headers = {"Idempotency-Key": f"key-{source}"}
    return requests.post(address, json={"ticket": asked}, headers=headers, auth=login, timeout=TIMEOUT_SECONDS)


def test_a_closed_ticket_is_continued_once(changing: Sandbox) -> None:
    """The follow-up names its source, has its requester and tags, and isn't made twice with one key."""
    closed = next(ticket for ticket in changing.world.tickets.values() if ticket.status == "closed")
    closed.tags = ["vip"]
    first, again = follow_up(changing, closed.id), follow_up(changing, closed.id)
    made = first.json()["ticket"]
    assert (first.status_code, again.headers["x-idempotency-lookup"]) == (201, "hit")
    assert again.json()["ticket"]["id"] == made["id"] != closed.id
    assert (made["requester_id"], made["tags"]) == (closed.requester_id, ["vip"])
    assert made["via"]["source"] == {
        "from": {"ticket_id": closed.id, "subject": closed.subject},
        "to": {},
        "rel": "follow_up",
    }
    assert first.json()["audit"]["events"][0]["author_id"] == 101


def test_what_cannot_be_continued(changing: Sandbox) -> None:
    """A ticket that isn't closed, and a comment without words, are 422."""
    closed = next(ticket.id for ticket in changing.world.tickets.values() if ticket.status == "closed")
    answers = [follow_up(changing, open_ticket(changing)), follow_up(changing, closed, comment={"body": ""})]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_only_an_admin_writes_in_anothers_name(changing: Sandbox) -> None:
    """The comment bears the author that was named, or nobody's at all."""
    path = f"/api/v2/tickets/{open_ticket(changing)}"
    asked = {"ticket": {"comment": {"body": "It is fixed.", "public": True, "author_id": 102}}}
    done = zendesk(changing, path, "PUT", json=asked)
    changing.world.users[SELF_ID].role = "agent"
    refused = zendesk(changing, path, "PUT", json=asked)
    assert (done.json()["audit"]["events"][0]["author_id"], refused.status_code) == (102, 403)


def test_a_merge_closes_tags_and_tells(changing: Sandbox) -> None:
    """The loser's last comment names the survivor, as nothing else does; both say that a merge wrote it."""
    loser, survivor = [ticket for ticket in changing.world.tickets.values() if ticket.status == "open"][:2]
    changes.merge_tickets(changing.world, loser.id, survivor.id)
    shown = zendesk(changing, f"/api/v2/tickets/{loser.id}").json()["ticket"]
    last = [
        zendesk(changing, f"/api/v2/tickets/{each.id}/comments").json()["comments"][-1] for each in (loser, survivor)
    ]
    assert (shown["status"], shown["tags"]) == ("closed", ["closed_by_merge"])
    assert f"merged into request #{survivor.id} " in last[0]["body"]
    assert [each["via"]["source"]["rel"] for each in last] == ["merge", "merge"]


def test_what_a_search_finds_is_counted(reading: Sandbox) -> None:
    """Tickets updated since a moment, without deleted ones; nothing else is searched here."""
    tickets = reading.world.tickets.values()
    kept = sum(ticket.status != "deleted" for ticket in tickets)
    start = SEED_NOW - timedelta(days=30)
    recent = sum(ticket.status != "deleted" and ticket.updated_at >= start for ticket in tickets)
    since = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    queries = ("type:ticket", f"type:ticket updated>={since}")
    counts = [zendesk(reading, "/api/v2/search/count", params={"query": query}).json()["count"] for query in queries]
    assert counts == [kept, recent]
    assert 0 < recent < kept
    assert zendesk(reading, "/api/v2/search/count", params={"query": "type:user"}).status_code == 422


def test_groups_fields_and_links_to_jira(changing: Sandbox) -> None:
    """One group and one field of the team's own, shown where a ticket has them; links only where the app made some."""
    number = open_ticket(changing)
    ticket = changing.world.ticket(number)
    ticket.group_id, ticket.fields, ticket.problem_id = GROUP_ID, {FIELD_ID: "high"}, 4001
    shown = zendesk(changing, f"/api/v2/tickets/{number}", params={"include": "groups"}).json()
    fields = zendesk(changing, "/api/v2/ticket_fields.json").json()["ticket_fields"]
    groups = zendesk(changing, "/api/v2/groups").json()["groups"]
    before = zendesk(changing, "/api/v2/jira/links").json()["links"]
    changing.world.jira_app_links.append(JiraAppLink(1, number, "SHOP-1", SEED_NOW))
    (link,) = zendesk(changing, "/api/v2/jira/links", params={"page[size]": 1000}).json()["links"]
    assert [each["name"] for each in shown["groups"]] == [each["name"] for each in groups] == ["Support"]
    assert (shown["ticket"]["problem_id"], shown["ticket"]["custom_fields"]) == (
        4001,
        [{"id": FIELD_ID, "value": "high"}],
    )
    assert [each["title"] for each in fields] == ["Severity"]
    assert (before, link["ticket_id"], link["issue_key"]) == ([], str(number), "SHOP-1")


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
