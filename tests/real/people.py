"""The people of a real Request Tracker: what they write over REST 2.0, and what its own history says afterwards."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

SECONDS = 30
MESSAGES = ("Create", "Correspond", "Comment")
TAGS = "Tags"  # the custom field that scripts/request-tracker makes


@dataclass(frozen=True, slots=True)
class Posted:
    """One thing that BugBridge's user wrote on a ticket: Request Tracker's name of its kind, and the text."""

    kind: str
    text: str


class People:
    """Customers, an agent, a robot, and someone who reads the history with the agent's eyes."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Keep the server's address and who is who, as scripts/request-tracker prints them."""
        self.url = str(facts["url"])
        self.bugbridge_token = str(facts["bugbridge"]["token"])
        self._facts = facts
        self._tickets: list[str] = []

    def ticket(self, body: str, address: str = "") -> str:
        """Have the customer write in, or whoever writes from an address; give the ticket's number."""
        asked = {
            "Queue": self._facts["queue"]["name"],
            "Subject": "Export fails",
            "Requestor": address or self._facts["customer"]["name"],
            "Content": body,
            "ContentType": "text/plain",
        }
        self._tickets.append(str(self._ask("customer", "POST", "ticket", asked)["id"]))
        return self._tickets[-1]

    def take(self, number: str) -> None:
        """Have the agent be the ticket's owner."""
        self._ask("agent", "PUT", f"ticket/{number}", {"Owner": self._facts["agent"]["name"]})

    def delete_their_tickets(self) -> None:
        """Take all of them out of every search."""
        for number in self._tickets:
            self.set_status(number, "deleted")

    def customer_writes(self, number: str, body: str) -> None:
        """Have the customer answer."""
        self._write("customer", number, "correspond", body)

    def agent_replies(self, number: str, body: str) -> None:
        """Have the agent write to the customer."""
        self._write("agent", number, "correspond", body)

    def agent_notes(self, number: str, body: str) -> None:
        """Have the agent write an internal comment."""
        self._write("agent", number, "comment", body)

    def robot_notes(self, number: str, body: str) -> None:
        """Have a program write an internal comment."""
        self._write("robot", number, "comment", body)

    def change_requester(self, number: str) -> None:
        """Have the agent say that it was another customer who asked."""
        self._ask("agent", "PUT", f"ticket/{number}", {"Requestor": self._facts["other_customer"]["name"]})

    def merge(self, number: str, survivor: str) -> None:
        """Have the agent merge a ticket into another one."""
        self._ask("agent", "PUT", f"ticket/{number}", {"MergeInto": survivor})

    def add_tag(self, number: str, tag: str) -> None:
        """Have the agent add a value to the field that stands for tags."""
        self._ask("agent", "PUT", f"ticket/{number}", {"CustomFields": {TAGS: [*self.tags(number), tag]}})

    def tags(self, number: str) -> list[str]:
        """Read the values of that field."""
        fields = self._ask("agent", "GET", f"ticket/{number}")["CustomFields"]
        return [value for field in fields if field["name"] == TAGS for value in field["values"]]

    def link(self, number: str, relation: str, address: str) -> None:
        """Have the agent link a ticket to a page, `relation` being RT's word, such as RefersTo."""
        self._ask("agent", "PUT", f"ticket/{number}", {f"Add{relation}": address})

    def status(self, number: str) -> str:
        """Read a ticket's status in Request Tracker's own words."""
        return str(self._ask("agent", "GET", f"ticket/{number}")["Status"])

    def set_status(self, number: str, status: str) -> None:
        """Have the agent resolve or delete a ticket."""
        self._ask("agent", "PUT", f"ticket/{number}", {"Status": status})

    def posted_by_bugbridge(self, number: str) -> list[Posted]:
        """Read from Request Tracker's own history what BugBridge's user wrote on a ticket, oldest first."""
        history = self._ask("agent", "GET", f"ticket/{number}/history?per_page=100&fields=Type,Creator")["items"]
        name = self._facts["bugbridge"]["name"]
        texts = self._texts("agent", number)
        written = [row for row in history if row["Creator"]["id"] == name and row["Type"] in MESSAGES]
        return [Posted(row["Type"], texts.get(row["id"], "")) for row in written]

    def texts_seen_by_customer(self, number: str) -> list[str]:
        """Read a ticket with the customer's eyes."""
        return list(self._texts("customer", number).values())

    def _texts(self, who: str, number: str) -> dict[str, str]:
        path = f"ticket/{number}/attachments?per_page=100&fields=TransactionId,Content"
        return {row["TransactionId"]: row["Content"] for row in self._ask(who, "GET", path)["items"]}

    def _write(self, who: str, number: str, how: str, body: str) -> None:
        self._ask(who, "POST", f"ticket/{number}/{how}", {"Content": body, "ContentType": "text/plain"})

    def _ask(self, who: str, method: str, path: str, payload: object = None) -> Any:
        headers = {"Authorization": f"token {self._facts[who]['token']}"}
        address = f"{self.url}/REST/2.0/{path}"
        answer = requests.request(method, address, json=payload, headers=headers, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()


def next_second() -> None:
    """Wait until the next second begins: Request Tracker's times have no parts of a second."""
    time.sleep(1 - time.time() % 1)
