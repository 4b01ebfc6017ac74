"""What the helpdesk holds and what the database says of it, read by neither's own code."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from bugbridge.core.instants import instant_from_text
from scripts.crash.story import phase_of

NEWS_TABLES = ("bug_event", "link_event", "fact_event", "finding", "message", "alias")
FINISHED_WELL = "posted"


class Meaning(NamedTuple):
    """What an update tells whom, in words that two runs share; `occasion` is the news' phase or a periodic's number."""

    customer: str
    bug: str
    reason: str
    occasion: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.reason} of {self.bug} ({self.occasion}) for customer {self.customer}"


class Note(NamedTuple):
    """One note on the helpdesk: its ticket, its own number there, and the marker that it was posted with."""

    ticket: str
    number: str
    marker: str


@dataclass(frozen=True)
class Delivery:
    """One delivery of the database. `unwanted` are those of its updates that nobody called for when it was claimed
    or when it was last posted; `answer` is the key of the answer that it brings, "" for none."""

    marker: str
    ticket: str
    state: str
    meanings: tuple[Meaning, ...]
    unwanted: tuple[Meaning, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Evidence:
    """One run's outcome: the helpdesk's own notes, and the database's deliveries."""

    notes: tuple[Note, ...]
    deliveries: tuple[Delivery, ...]


def notes_of(document: Any) -> Iterator[Note]:  # noqa: ANN401 - the sandbox's seed document
    """Give the notes with a marker of ours in their audit's metadata, from all that the sandbox holds."""
    for ticket in document["tickets"]:
        for comment in ticket["comments"]:
            if marker := comment["custom"].get("bugbridge_marker"):
                yield Note(str(ticket["id"]), str(comment["id"]), marker)


def deliveries_of(database: Path) -> list[Delivery]:
    """Read every delivery with what it tells."""
    with closing(opened(database)) as connection:
        return list(_Ledger(connection).deliveries())


def opened(database: Path) -> sqlite3.Connection:
    """Open the database to read."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", timeout=30, uri=True)
    connection.row_factory = sqlite3.Row
    return connection


class _Ledger:
    """What the tables say, by plain questions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._ask = connection.execute
        self._references = {
            row["bug_id"]: row["reference"] for row in self._ask("SELECT * FROM issue ORDER BY id DESC")
        }
        self._calls = list(self._called_for())
        unlinked = "SELECT * FROM link_event WHERE kind IN ('linked', 'unlinked') ORDER BY seq"
        self._links = [((row["ticket_id"], row["bug_id"]), row["seq"], row["kind"]) for row in self._ask(unlinked)]

    def deliveries(self) -> Iterator[Delivery]:
        tickets = "FROM delivery JOIN ticket ON ticket.id = ticket_id"
        for row in self._ask(f"SELECT delivery.*, ticket.remote_id {tickets} ORDER BY delivery.id").fetchall():
            items = self._ask("SELECT * FROM update_item WHERE delivery_id = ? ORDER BY id", (row["id"],)).fetchall()
            unwanted = [item for item in items if row["state"] == FINISHED_WELL and not self._wanted(row["id"], item)]
            yield Delivery(
                row["marker"],
                row["remote_id"],
                row["state"],
                tuple(self._meaning(item) for item in items),
                tuple(self._meaning(item) for item in unwanted),
                self._answer(row["id"]),
            )

    def _answer(self, delivery: int) -> str:
        row = self._ask("SELECT key FROM answer WHERE delivery_id = ?", (delivery,)).fetchone()
        return str(row["key"]) if row else ""

    def _meaning(self, item: sqlite3.Row) -> Meaning:
        party = self._ask("SELECT remote_id FROM party WHERE id = ?", (item["party_id"],)).fetchone()
        occasion = f"number {item['ordinal']}"
        if item["news_seq"] is not None:
            occasion = f"phase {phase_of(self._happened_at(item['news_seq']))}"
        customer = party["remote_id"] if party else f"of ticket {item['ticket_id']}"
        return Meaning(customer, self._references[item["bug_id"]], item["reason"], occasion)

    def _happened_at(self, seq: int) -> datetime:
        for table in NEWS_TABLES:
            row = self._ask(f"SELECT occurred_at FROM {table} WHERE seq = ?", (seq,)).fetchone()  # noqa: S608 - ours
            if row:
                return instant_from_text(row["occurred_at"])
        raise LookupError(f"There is no event {seq}.")

    def _called_for(self) -> Iterator[tuple[int, tuple[int, int], frozenset[str]]]:
        """Give each decision's place, its link, and the keys that it calls for."""
        for row in self._ask("SELECT seq, ticket_id, bug_id, output FROM decision ORDER BY seq"):
            keys = frozenset(update["key"] for update in json.loads(row["output"])["updates"])
            yield row["seq"], (row["ticket_id"], row["bug_id"]), keys

    def _wanted(self, delivery: int, item: sqlite3.Row) -> bool:
        """Whether an update was called for, on any ticket, as decided last before its claim and before its posting."""
        events = "SELECT kind, seq FROM delivery_event WHERE delivery_id = ? AND kind IN ('claimed', 'posting')"
        places = {row["kind"]: row["seq"] for row in self._ask(f"{events} ORDER BY seq", (delivery,))}
        return set(places) == {"claimed", "posting"} and all(
            any(item["key"] in keys for keys in self._in_force(place)) for place in places.values()
        )

    def _in_force(self, place: int) -> Iterable[frozenset[str]]:
        """Give what each link's last decision before an event calls for; nothing of what was unlinked."""
        last = {link: keys for seq, link, keys in self._calls if seq < place}
        states = {link: kind for link, seq, kind in self._links if seq < place}
        return [keys for link, keys in last.items() if states.get(link) != "unlinked"]
