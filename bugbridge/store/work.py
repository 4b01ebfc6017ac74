"""Links to decide and the updates that their decisions call for."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bugbridge.core.records import LinkKey, LinkRow, UpdateItem
from bugbridge.store.identities import IdentityStore
from bugbridge.store.rows import from_text, optional_text, read_link, read_update, to_text

# Those of an erased ticket stand for the audit alone.
_LINKS_OF = "SELECT * FROM link WHERE ticket_id = :ticket AND NOT erased ORDER BY bug_id"

_TOUCHED_LINKS = """
    SELECT ticket_id, bug_id FROM link
    WHERE state = 'linked' AND touched_seq > decided_seq AND NOT erased
    ORDER BY touched_seq LIMIT :limit
"""

_EXPIRED_LINKS = """
    SELECT ticket_id, bug_id FROM link INDEXED BY link_expiring
    WHERE state = 'linked' AND valid_until IS NOT NULL AND valid_until <= :now AND touched_seq <= decided_seq
        AND NOT erased
    ORDER BY valid_until LIMIT :limit
"""

# One of which an agent was reminded before, and that a change of policy had withdrawn, isn't reminded of again.
_AS_POSTED_OR_PLANNED = """state = CASE
            WHEN delivery_id IN (SELECT id FROM delivery WHERE state = 'posted') THEN 'posted' ELSE 'planned'
        END,
        delivery_id = (SELECT id FROM delivery WHERE id = delivery_id AND state = 'posted')"""

# Only these two states may be planned again, and a planned update of another link is that link's.
_SAVE_UPDATE = f"""
    INSERT INTO update_item (
        party_id, bug_id, ticket_id, link_bug_id, news_seq, ordinal, reason, due_at, wall_time, zone,
        state, state_reason, decision_seq, review, key
    )
    VALUES (
        :party, :bug, :ticket, :link_bug, :news_seq, :ordinal, :reason, :due_at, :wall_time, :zone,
        'planned', '', :decision_seq, :review, :key
    )
    ON CONFLICT (key) DO UPDATE SET
        party_id = excluded.party_id, bug_id = excluded.bug_id, ticket_id = excluded.ticket_id,
        link_bug_id = excluded.link_bug_id, news_seq = excluded.news_seq, ordinal = excluded.ordinal,
        reason = excluded.reason, due_at = excluded.due_at, wall_time = excluded.wall_time, zone = excluded.zone,
        state_reason = '', decision_seq = excluded.decision_seq, review = excluded.review,
        {_AS_POSTED_OR_PLANNED}
    WHERE state = 'withdrawn'
        OR (state = 'planned' AND ticket_id = excluded.ticket_id AND link_bug_id = excluded.link_bug_id)
"""  # noqa: S608 - our own text

_WITHDRAW_PLANNED = """
    UPDATE update_item SET state = 'withdrawn', state_reason = :why
    WHERE ticket_id = :ticket AND link_bug_id = :link_bug AND state = 'planned'
        AND key NOT IN (SELECT value FROM json_each(:keys))
"""

# Since when a ticket is live: its group's or brand's own start, else the whole helpdesk's.
LIVE_FROM = """coalesce((
        SELECT min(live_group.live_from) FROM live_group
        WHERE live_group.source_id = source.id AND live_group.name IN (ticket.support_group, ticket.brand)
    ), source.live_from)"""

MAY_BE_WRITTEN_TO = f"""
    {LIVE_FROM} <= :by AND (source.paused_until IS NULL OR source.paused_until <= :by)
"""

_DUE_UPDATES = f"""
    SELECT update_item.* FROM update_item INDEXED BY update_due
    CROSS JOIN ticket ON ticket.id = update_item.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE update_item.state = 'planned' AND update_item.due_at <= :by
        AND update_item.review NOT IN ('waiting', 'dropped')
        AND {MAY_BE_WRITTEN_TO}
    ORDER BY update_item.due_at, update_item.id LIMIT :limit
"""  # noqa: S608 - our own text

_TICKET_MAY_BE_WRITTEN_TO = f"""
    SELECT 1 FROM ticket JOIN source ON source.id = ticket.source_id
    WHERE ticket.id = :ticket AND {MAY_BE_WRITTEN_TO}
"""  # noqa: S608 - our own text

_IN_REVIEW = """
    SELECT * FROM update_item WHERE state = 'planned' AND review = 'waiting' ORDER BY due_at, id
"""

_OPEN_UPDATES = """
    SELECT * FROM update_item WHERE state IN ('planned', 'claimed', 'posted', 'dead') ORDER BY due_at, id
"""


_REOPEN = f"""
    UPDATE update_item SET state_reason = '',
        {_AS_POSTED_OR_PLANNED}
    WHERE state IN ('told', 'withdrawn') AND key IN (SELECT value FROM json_each(:keys))
"""  # noqa: S608 - our own text


class LinkWork(IdentityStore):
    """Links, and when each is to be decided."""

    def links_of(self, ticket_id: int) -> tuple[LinkRow, ...]:
        """Give a ticket's links, suggestions and tombstones."""
        rows = self._rows(_LINKS_OF, {"ticket": ticket_id})
        return tuple(read_link(row) for row in rows)

    def links(self) -> tuple[LinkRow, ...]:
        """Give all links that are linked, but for those of erased tickets, for which nothing is ever done."""
        rows = self._rows("SELECT * FROM link WHERE state = 'linked' AND NOT erased ORDER BY ticket_id, bug_id")
        return tuple(read_link(row) for row in rows)

    def links_to_decide(self, now: datetime, limit: int) -> tuple[LinkKey, ...]:
        """Give links touched since their decision, then those whose decision has expired, the longest waiting first;
        suggestions and tombstones never."""
        with self._snapshot():
            rows = self._rows(_TOUCHED_LINKS, {"limit": limit})
            rows += self._rows(_EXPIRED_LINKS, {"now": to_text(now), "limit": limit - len(rows)})
        return tuple(LinkKey(row["ticket_id"], row["bug_id"]) for row in rows)

    def mark_decided(self, key: LinkKey, upto_seq: int, valid_until: datetime | None) -> None:
        """Keep up to where a link was decided; what touched it later has it decided again."""
        values = {**_link(key), "upto": upto_seq, "until": optional_text(valid_until)}
        with self.write():
            self._run(
                "UPDATE link SET decided_seq = :upto, valid_until = :until"
                " WHERE ticket_id = :ticket AND bug_id = :link_bug",
                values,
            )

    def touch_all(self) -> None:
        """Have every link decided again, because the policy changed."""
        with self.write():
            self._run("UPDATE link SET decided_seq = 0 WHERE state = 'linked'")


class UpdateWork(LinkWork):
    """Updates: planned, withdrawn, told."""

    def save_updates(self, key: LinkKey, items: Sequence[UpdateItem], reason: str) -> None:
        """Insert or re-plan these by their key, unless already claimed, posted or told; withdraw the link's other
        planned ones, for this reason. An update of another link of the same party and bug with the same key stands."""
        with self.write():
            for item in items:
                self._run(_SAVE_UPDATE, {**_update_values(item), **_link(key)})
            self._run(_WITHDRAW_PLANNED, {**_link(key), "why": reason, "keys": json.dumps([i.key for i in items])})

    def settle_updates(self, keys: Collection[str]) -> None:
        """Mark updates told that were posted, or that no reminder could be posted for."""
        with self.write():
            self._run(
                "UPDATE update_item SET state = 'told'"
                " WHERE state IN ('posted', 'dead') AND key IN (SELECT value FROM json_each(:keys))",
                {"keys": json.dumps(list(keys))},
            )

    def retire_updates(self, keys: Collection[str], reason: str) -> None:
        """Withdraw updates that were posted, or couldn't be, and that nobody told: they are called for no more."""
        with self.write():
            self._run(
                "UPDATE update_item SET state = 'withdrawn', state_reason = :why"
                " WHERE state IN ('posted', 'dead') AND key IN (SELECT value FROM json_each(:keys))",
                {"keys": json.dumps(list(keys)), "why": reason},
            )

    def reopen_updates(self, keys: Collection[str]) -> None:
        """Have updates that were told or withdrawn stand as they did before: posted, where a reminder was."""
        with self.write():
            self._run(_REOPEN, {"keys": json.dumps(list(keys))})

    def updates_of(self, key: LinkKey) -> tuple[UpdateItem, ...]:
        """Give every update of a link, in order of due_at."""
        rows = self._rows(
            "SELECT * FROM update_item WHERE ticket_id = :ticket AND link_bug_id = :link_bug ORDER BY due_at, id",
            _link(key),
        )
        return tuple(read_update(row) for row in rows)

    def due_updates(self, by: datetime, limit: int) -> tuple[UpdateItem, ...]:
        """Give planned updates due by then on sources that are live and not paused, in order of due_at."""
        return tuple(read_update(row) for row in self._rows(_DUE_UPDATES, {"by": to_text(by), "limit": limit}))

    def live_groups(self, source_id: int) -> Mapping[str, datetime]:
        """Give the groups of a helpdesk that went live by themselves, with their starts."""
        rows = self._rows("SELECT name, live_from FROM live_group WHERE source_id = :source", {"source": source_id})
        return {row["name"]: from_text(row["live_from"]) for row in rows}

    def may_be_written_to(self, ticket_id: int, now: datetime) -> bool:
        """Say whether a ticket is live, by its group or its whole helpdesk, and the helpdesk not paused."""
        return self._row(_TICKET_MAY_BE_WRITTEN_TO, {"ticket": ticket_id, "by": to_text(now)}) is not None

    def revive_updates(self, keys: Collection[str], at: datetime) -> None:
        """Have updates that couldn't be posted fall due again."""
        with self.write():
            self._run(
                "UPDATE update_item SET state = 'planned', state_reason = '', delivery_id = NULL, due_at = :at"
                " WHERE state = 'dead' AND key IN (SELECT value FROM json_each(:keys))",
                {"keys": json.dumps(list(keys)), "at": to_text(at)},
            )

    def updates_in_review(self) -> tuple[UpdateItem, ...]:
        """Give planned updates that wait for a person's word, in order of due_at."""
        return tuple(read_update(row) for row in self._rows(_IN_REVIEW))

    def open_updates(self) -> tuple[UpdateItem, ...]:
        """Give updates planned, claimed, posted (not yet told) or dead, in order of due_at."""
        return tuple(read_update(row) for row in self._rows(_OPEN_UPDATES))


def _link(key: LinkKey) -> dict[str, object]:
    return {"ticket": key.ticket_id, "link_bug": key.bug_id}


def _update_values(item: UpdateItem) -> dict[str, object]:
    return {
        "party": item.party_id or None,
        "bug": item.bug_id,
        "news_seq": item.news_seq,
        "ordinal": item.ordinal,
        "reason": item.reason,
        "due_at": to_text(item.due_at),
        "wall_time": item.wall_time,
        "zone": item.zone,
        "decision_seq": item.decision_seq,
        "review": item.review,
        "key": item.key,
    }
