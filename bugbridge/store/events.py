"""The append-only half: keeping events once, numbering them, and the plain reads of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bugbridge.core.events import DecisionEvent, Event, FactEvent, Finding, Ruleset
from bugbridge.core.model import Actor, AuthorKind, Entity, FactKind
from bugbridge.store.projections import ProjectionStore, Touched
from bugbridge.store.rows import EVENT_TABLE_NAMES, event_columns, event_values, read_events, to_text


def _insert(kind: type[Event], table: str) -> str:
    columns = (*event_columns(kind), "actor", "via")
    text = "INSERT INTO [TABLE] ([COLUMNS]) VALUES (:[VALUES]) ON CONFLICT (source_key) DO NOTHING"
    filled = text.replace("[COLUMNS]", ", ".join(columns)).replace("[VALUES]", ", :".join(columns))
    return filled.replace("[TABLE]", table)


_INSERTS = {kind: _insert(kind, table) for kind, table in EVENT_TABLE_NAMES.items()}
_KNOWN = {
    kind: "SELECT seq FROM [TABLE] WHERE source_key = :source_key".replace("[TABLE]", table)
    for kind, table in EVENT_TABLE_NAMES.items()
}

_LAST_BY = "SELECT (SELECT seq FROM [TABLE] WHERE recorded_at <= :at ORDER BY seq DESC LIMIT 1) AS seq"
_SEQ_AT = " UNION ALL ".join(_LAST_BY.replace("[TABLE]", table) for table in (*EVENT_TABLE_NAMES.values(), "usage_day"))


_REFERENCES = "SELECT * FROM finding WHERE bug_id = :bug AND kind = 'reference' ORDER BY occurred_at, seq"

_REFERENCES_ON_TICKET = """
SELECT * FROM finding INDEXED BY finding_of_ticket
WHERE ticket_id = :ticket AND bug_id = :bug AND kind = 'reference' ORDER BY occurred_at, seq
"""


class SqliteEventStore(ProjectionStore):
    """Events, kept once by their source_key and numbered by one counter."""

    def head(self) -> int:
        """Give the highest `seq` so far, 0 in an empty store."""
        return int(self._value("SELECT seq FROM sequence"))

    def seq_at(self, at: datetime) -> int:
        """Give the highest `seq` recorded by this instant, 0 where there is none."""
        return max(row["seq"] or 0 for row in self._rows(_SEQ_AT, {"at": to_text(at)}))

    def append(self, events: Sequence[Event], *, actor: Actor, recorded_at: datetime) -> tuple[int, ...]:
        """Keep events and give each one's seq, in order; one whose source_key is known keeps its first seq.

        Also keeps the projections: links touched, canonical bugs, live_from, first frequency check due. Raises
        DataError, and keeps none of them, if one would merge bugs in a circle.
        """
        with self.write():
            head = self.head()
            touched = Touched()
            seqs = []
            for event in events:
                seq = self._keep(event, head + 1, actor, recorded_at)
                if seq > head:
                    head = seq
                    self._project(replace(event, seq=seq), touched, recorded_at)
                seqs.append(seq)
            self._run("UPDATE sequence SET seq = :seq", {"seq": head})
            self._touch(touched, head)
        return tuple(seqs)

    def _keep(self, event: Event, seq: int, actor: Actor, recorded_at: datetime) -> int:
        values = event_values(event) | {"seq": seq, "recorded_at": to_text(recorded_at)}
        values |= {"actor": f"{actor.kind}:{actor.id}", "via": actor.via}
        if self._run(_INSERTS[type(event)], values):
            return seq
        return int(self._value(_KNOWN[type(event)], {"source_key": event.source_key}))

    def facts(self, entity: Entity, entity_id: int) -> Mapping[FactKind, FactEvent]:
        """Give the latest fact of each kind, by (occurred_at, seq)."""
        rows = self._rows(
            "SELECT * FROM fact_event WHERE entity = :entity AND entity_id = :id ORDER BY occurred_at, seq",
            {"entity": entity, "id": entity_id},
        )
        return {fact.kind: fact for fact in read_events(FactEvent, rows)}

    def rulesets(self, kind: str) -> tuple[Ruleset, ...]:
        """Give every ruleset of a kind, in the order in which they came into force."""
        rows = self._rows("SELECT * FROM ruleset WHERE kind = :kind ORDER BY in_force_from, seq", {"kind": kind})
        return read_events(Ruleset, rows)

    def ruleset_authors(self, kind: str) -> Mapping[int, Actor]:
        """Give who put each ruleset of a kind in force, by its seq."""
        rows = self._rows("SELECT seq, actor, via FROM ruleset WHERE kind = :kind", {"kind": kind})
        named = ((row["seq"], row["actor"].partition(":"), row["via"]) for row in rows)
        return {seq: Actor(AuthorKind(who), actor_id, via) for seq, (who, _, actor_id), via in named}

    def questions(self) -> tuple[DecisionEvent, ...]:
        """Give the decisions that ask a person, the oldest first."""
        rows = self._rows("SELECT * FROM decision WHERE json_extract(output, '$.person') <> '' ORDER BY seq", {})
        return read_events(DecisionEvent, rows)

    def references_to(self, bug_id: int, ticket_id: int | None = None) -> tuple[Finding, ...]:
        """Give all findings of kind reference that name this bug, on one ticket or on all."""
        query = _REFERENCES if ticket_id is None else _REFERENCES_ON_TICKET
        return read_events(Finding, self._rows(query, {"bug": bug_id, "ticket": ticket_id}))
