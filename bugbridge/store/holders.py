"""Who has a ticket, and who the agents are who could."""

import json
from collections.abc import Collection, Mapping

from bugbridge.core.people import Agent, Held
from bugbridge.store.database import SqliteDatabase

_ASSIGNED = """(
        SELECT assigned.value FROM fact_event AS assigned
        WHERE assigned.entity = 'ticket' AND assigned.entity_id = [TICKET] AND assigned.kind = 'assignee'
            AND assigned.seq <= [UPTO]
        ORDER BY assigned.occurred_at DESC, assigned.seq DESC LIMIT 1
    )"""

# What was given to somebody is theirs until it is given or assigned to somebody else.
_GIVEN = """(
        SELECT nullif(given.value, '') FROM link_event AS given
        WHERE given.ticket_id = [TICKET] AND given.kind = 'given' AND given.seq <= [UPTO]
            AND given.occurred_at >= coalesce((
                SELECT max(assigned.occurred_at) FROM fact_event AS assigned
                WHERE assigned.entity = 'ticket' AND assigned.entity_id = [TICKET] AND assigned.kind = 'assignee'
                    AND assigned.seq <= [UPTO]
            ), '')
        ORDER BY given.occurred_at DESC, given.seq DESC LIMIT 1
    )"""

LATEST_SEQ = "9223372036854775807"


def _written(expression: str, ticket: str, upto: str) -> str:
    return expression.replace("[TICKET]", ticket).replace("[UPTO]", upto)


def holder(ticket: str, upto: str = LATEST_SEQ) -> str:
    """Write SQL for the party that has a ticket, as known up to a seq: as text, "" for nobody."""
    return f"coalesce({_written(_GIVEN, ticket, upto)}, {_written(_ASSIGNED, ticket, upto)}, '')"


_HELD = f"""
    SELECT ticket.id, source.name AS helpdesk, {holder("ticket.id")} AS agent, ticket.support_group,
        {_written(_GIVEN, "ticket.id", LATEST_SEQ)} IS NOT NULL AS given
    FROM ticket JOIN source ON source.id = ticket.source_id
    WHERE ticket.id IN (SELECT value FROM json_each(:tickets))
"""  # noqa: S608 - our own text

_AGENTS = """
    SELECT party.id, source.name AS helpdesk, party.remote_id, coalesce(name.value, '') AS name,
        coalesce(address.value, '') AS address, coalesce((
            SELECT value FROM fact_event WHERE entity = 'party' AND entity_id = party.id AND kind = 'suspended'
            ORDER BY occurred_at DESC, seq DESC LIMIT 1
        ), '') AS suspended
    FROM source CROSS JOIN party ON party.source_id = source.id AND party.kind = 'agent'
    LEFT JOIN private_value AS name
        ON name.owner = 'party' AND name.owner_id = party.id AND name.field = 'name'
    LEFT JOIN private_value AS address
        ON address.owner = 'party' AND address.owner_id = party.id AND address.field = 'address'
    WHERE party.remote_id IS NOT NULL
    ORDER BY party.id
"""


class HolderStore(SqliteDatabase):
    """Tickets by who has them, and agents."""

    def held(self, ticket_ids: Collection[int]) -> Mapping[int, Held]:
        """Give who has each of these tickets: the agent it was given to, else its assignee."""
        rows = self._rows(_HELD, {"tickets": json.dumps(sorted(ticket_ids))})
        return {
            row["id"]: Held(
                row["helpdesk"], int(row["agent"]) if row["agent"] else None, row["support_group"], bool(row["given"])
            )
            for row in rows
        }

    def agents(self) -> tuple[Agent, ...]:
        """Give all agents of all helpdesks that wrote or had a ticket, with whether they are suspended there."""
        return tuple(
            Agent(row["id"], row["helpdesk"], row["remote_id"], row["name"], row["address"], row["suspended"] == "yes")
            for row in self._rows(_AGENTS)
        )
