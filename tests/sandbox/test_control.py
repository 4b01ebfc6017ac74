"""Faults on demand, counts, the seed document, and the sandbox as a program of its own."""

import json
import signal
import socket
import subprocess
import sys

import pytest
import requests

from bugbridge.sandbox import sign_in
from bugbridge.sandbox.export import seed_document
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.seed import build_world
from bugbridge.sandbox.server import Ports, Sandbox
from tests.sandbox.asking import TIMEOUT_SECONDS, control, github, zendesk

REPOSITORY = "/repos/acme/app"


def test_a_fault_strikes_as_often_as_told_and_only_where_it_should(changing: Sandbox) -> None:
    """Two failures on one path, none on another, then all is well."""
    changing.traffic("github").faults.append(Fault("/issues", "status", times=2, status=502))
    statuses = [github(changing, REPOSITORY + path).status_code for path in ("/issues", "", "/issues", "/issues")]
    assert statuses == [502, 200, 502, 200]


def test_a_fault_may_let_some_requests_through_first(changing: Sandbox) -> None:
    """The third request that matches fails, and no other; requests elsewhere aren't counted."""
    control(changing, "faults", path="/users/me", kind="status", status=503, after=2)
    paths = ("/users/me", "/groups", "/users/me", "/users/me", "/users/me")
    assert [zendesk(changing, f"/api/v2{path}").status_code for path in paths] == [200, 200, 200, 503, 200]
    shown = requests.get(f"{changing.zendesk_url}/_sandbox/faults", timeout=TIMEOUT_SECONDS).json()["faults"]
    assert [(fault["kind"], fault["after"], fault["times"]) for fault in shown] == [("status", 0, 0)]


def test_latency_lies_on_both_sides_of_a_write(changing: Sandbox) -> None:
    """A client that gives up finds its write done, carried out before or after; latency is one server's."""
    number = next(ticket.id for ticket in changing.world.tickets.values() if ticket.status == "open")
    control(changing, "latency", path="/tickets/", method="PUT", milliseconds=2000)
    asked = {"ticket": {"comment": {"body": "Slow", "public": False}}}
    url, auth = f"{changing.zendesk_url}/api/v2/tickets/{number}", (f"{sign_in.EMAIL}/token", sign_in.ZENDESK_KEY)
    for seconds in (1.5, 0.1):
        with pytest.raises(requests.ReadTimeout):
            requests.put(url, json=asked, auth=auth, timeout=seconds)
    shown = requests.get(f"{changing.zendesk_url}/_sandbox/under-way", timeout=TIMEOUT_SECONDS).json()
    assert shown["requests"] >= 1  # though nobody waits for it
    zendesk(changing, f"/api/v2/tickets/{number}", "PUT", json=asked)  # comes after both
    assert [comment.body for comment in changing.world.ticket(number).comments].count("Slow") == 3
    assert changing.traffic("github").latency("PUT", "/tickets/") == 0
    assert control(changing, "latency/clear") == {"latencies": []}
    assert zendesk(changing, f"/api/v2/tickets/{number}", "PUT", json=asked).status_code == 200


def test_what_a_paused_client_has_half_said_is_not_under_way(changing: Sandbox) -> None:
    """Nobody waits for its end; it is carried out once the rest comes."""
    host, port = changing.zendesk_url.removeprefix("http://").split(":")
    head = f"PUT /api/v2/tickets/1 HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_SECONDS) as paused:
        paused.sendall(head.encode())
        for _ in range(3):  # what is asked later is answered after the head was read
            shown = requests.get(f"{changing.zendesk_url}/_sandbox/under-way", timeout=TIMEOUT_SECONDS).json()
            assert shown == {"requests": 0}
        assert changing.traffic("zendesk").requests == []
        paused.sendall(b"{}")
        assert paused.recv(12) == b"HTTP/1.1 401"
    assert changing.traffic("zendesk").requests == [("PUT", "/api/v2/tickets/1", 401)]


@pytest.mark.parametrize(
    ("fault", "status", "kind", "body"),
    [
        (Fault("", "html", status=500), 500, "text/html", "<html>"),
        (Fault("", "empty", status=200), 200, "application/json", ""),
        (Fault("", "limited", status=403, retry_after="7"), 403, "application/json", "{"),
        (Fault("", "hang", seconds=0.01), 504, "text/html", "<html>"),
    ],
)
def test_each_kind_of_fault(changing: Sandbox, fault: Fault, status: int, kind: str, body: str) -> None:
    """Status, type and beginning of the body are those of a broken server."""
    changing.traffic("github").faults.append(fault)
    answer = github(changing, REPOSITORY)
    assert (answer.status_code, answer.headers["Content-Type"], answer.text[: len(body)]) == (status, kind, body)
    assert answer.headers.get("Retry-After") == ("7" if fault.kind == "limited" else None)


def test_a_truncated_answer_is_no_json(changing: Sandbox) -> None:
    """Half of the true answer, with a status that promises all of it."""
    changing.traffic("github").faults.append(Fault("", "truncated"))
    answer = github(changing, REPOSITORY)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_write_may_be_done_and_yet_answered_504(changing: Sandbox) -> None:
    """The note is there once, although the client was told otherwise."""
    number = next(ticket.id for ticket in changing.world.tickets.values() if ticket.status == "open")
    control(changing, "faults", path="/tickets/", kind="committed", method="PUT")
    asked = {"ticket": {"comment": {"body": "Only once", "public": False}}}
    assert zendesk(changing, f"/api/v2/tickets/{number}", "PUT", json=asked).status_code == 504
    assert [comment.body for comment in changing.world.ticket(number).comments].count("Only once") == 1


def test_a_hanging_server_is_silent_and_does_nothing(changing: Sandbox) -> None:
    """A client with a shorter timeout gives up; nothing was written."""
    number = next(ticket.id for ticket in changing.world.tickets.values() if ticket.status == "open")
    before = len(changing.world.ticket(number).comments)
    changing.traffic("zendesk").faults.append(Fault("/tickets/", "hang", seconds=0.5))
    asked = {"ticket": {"comment": {"body": "x"}}}
    with pytest.raises(requests.ReadTimeout):
        requests.put(f"{changing.zendesk_url}/api/v2/tickets/{number}", json=asked, timeout=0.1)
    assert len(changing.world.ticket(number).comments) == before


def test_faults_are_cleared_and_unknown_kinds_refused(changing: Sandbox) -> None:
    """A waiting fault can be called off; a kind that there is not is 400."""
    control(changing, "faults", path="", kind="status", times=9)
    assert control(changing, "faults/clear") == {"faults": []}
    assert zendesk(changing, "/api/v2/users/me").status_code == 200
    refused = requests.post(
        f"{changing.zendesk_url}/_sandbox/faults", json={"path": "", "kind": "odd"}, timeout=TIMEOUT_SECONDS
    )
    assert refused.status_code == 400


def test_requests_are_counted_without_those_that_changed_nothing(changing: Sandbox) -> None:
    """304 costs nothing; control requests are not counted; each server counts its own."""
    tag = github(changing, REPOSITORY).headers["ETag"]
    github(changing, REPOSITORY, headers={"If-None-Match": tag})
    zendesk(changing, "/api/v2/users/me")
    counted = requests.get(f"{changing.github_url}/_sandbox/requests", timeout=TIMEOUT_SECONDS).json()
    assert (counted["counted"], [status for _, _, status in counted["requests"]]) == (1, [200, 304])
    assert changing.traffic("zendesk").counted == 1
    assert counted["kinds"] == {"free": 1, "refused": 0, "graphql": 0, "rest": 1}
    assert control(changing, "requests/forget")["requests"] == []


def test_news_about_what_there_is_not(reading: Sandbox) -> None:
    """An unknown issue is 404, a missing argument 400: a demonstration that mistypes learns it."""
    asked = [{"reference": "acme/app#9999"}, {"reference": "nonsense"}, {}]
    url = f"{reading.github_url}/_sandbox/github/close"
    assert [requests.post(url, json=each, timeout=TIMEOUT_SECONDS).status_code for each in asked] == [404, 404, 400]


def test_the_customer_s_word_opens_a_ticket_again(changing: Sandbox) -> None:
    """A solved ticket becomes open; the comment is public and the customer's."""
    ticket = next(each for each in changing.world.tickets.values() if each.status == "solved")
    control(changing, "zendesk/customer-comment", ticket=ticket.id, body="It is back")
    shown = zendesk(changing, f"/api/v2/tickets/{ticket.id}").json()["ticket"]
    last = zendesk(changing, f"/api/v2/tickets/{ticket.id}/comments").json()["comments"][-1]
    assert shown["status"] == "open"
    assert (last["body"], last["public"], last["author_id"]) == ("It is back", True, ticket.requester_id)


def test_the_seed_document_is_served_whole(reading: Sandbox) -> None:
    """What an outsider reads over HTTP is the history that was built."""
    served = requests.get(f"{reading.github_url}/_sandbox/seed", timeout=TIMEOUT_SECONDS).json()
    assert served == json.loads(json.dumps(seed_document(build_world())))


def test_the_clock_starts_at_the_end_of_the_history(changing: Sandbox) -> None:
    """Advancing it moves all three servers."""
    control(changing, "clock/advance", seconds=86_400)
    urls = (changing.github_url, changing.jira_url, changing.zendesk_url)
    days = [requests.get(f"{url}/_sandbox/clock", timeout=TIMEOUT_SECONDS).json()["now"][:13] for url in urls]
    assert days == ["2026-06-16T09"] * 3


def test_a_taken_port_is_said_at_once(reading: Sandbox) -> None:
    """OSError when the sandbox is made, and not a thread that died unseen."""
    port = int(reading.github_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Sandbox(build_world(), Ports(github=port))


def test_as_a_program_it_serves_until_it_is_told_to_stop() -> None:
    """One line of JSON with the addresses; SIGTERM ends it with 0."""
    program = subprocess.Popen([sys.executable, "-m", "bugbridge.sandbox"], stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        addresses = json.loads(program.stdout.readline())
        clock = requests.get(f"{addresses['jira']}/_sandbox/clock", timeout=TIMEOUT_SECONDS).json()
        program.send_signal(signal.SIGTERM)
        assert program.wait(TIMEOUT_SECONDS) == 0
    finally:
        program.kill()
        program.communicate()
    assert clock["now"].startswith("2026-06-15T09:00")
