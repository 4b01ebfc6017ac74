"""Which links promises were made on."""

from bugbridge.core.records import LinkKey
from bugbridge.store.database import SqliteDatabase

# What is promised on a follow-up or a merged ticket may be owed on the ticket that it goes on from.
CONCERNED = """
    WITH RECURSIVE concerned (id) AS (
        SELECT ticket_id FROM finding WHERE kind = 'promise'
        UNION
        SELECT ticket_id FROM link_event WHERE kind = 'promise_made'
        UNION
        SELECT other.id
        FROM concerned
        CROSS JOIN ticket ON ticket.id = concerned.id
        CROSS JOIN fact_event AS fact ON fact.entity = 'ticket' AND fact.entity_id = concerned.id
            AND fact.kind IN ('followup_of', 'merged')
        CROSS JOIN ticket AS other ON other.source_id = ticket.source_id AND other.remote_id = fact.value
    )
"""
_PROMISED_LINKS = f"""
    {CONCERNED}
    SELECT link.ticket_id, link.bug_id FROM concerned CROSS JOIN link ON link.ticket_id = concerned.id
    WHERE link.state = 'linked' AND NOT link.erased
"""  # noqa: S608 - our own text


class PromiseStore(SqliteDatabase):
    """Promises, found without a look at every link."""

    def promised_links(self) -> tuple[LinkKey, ...]:
        """Give the links that stand on tickets on which anything was ever promised; erased tickets have none."""
        return tuple(sorted(LinkKey(row["ticket_id"], row["bug_id"]) for row in self._rows(_PROMISED_LINKS)))
