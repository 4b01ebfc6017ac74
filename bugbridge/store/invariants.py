"""What must always be true of what is kept, each as a query that gives what breaks it.

A query's only column, `what`, names the place by our own ids: a report may be shown to anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bugbridge.core.model import DeliveryState, UpdateState


@dataclass(frozen=True, slots=True)
class Invariant:
    """One sentence that holds, by an id that stays the same, and the query for what breaks it."""

    id: str
    sentence: str
    query: str


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_INSTANT = "????-??-??T??:??:??.??????Z".replace("?", "[0-9]")
_UNFINISHED = _texts((DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.UNKNOWN))
_ENDED = _texts((DeliveryState.WITHDRAWN, DeliveryState.DEAD))

_UPDATE_KEYS = """
    SELECT 'update_item ' || id || ': ' || key AS what FROM update_item
    WHERE key IS NOT coalesce(party_id, 0) || ':' || bug_id || ':' || CASE
        WHEN reason = 'promised' THEN 'promise:' || news_seq
        WHEN news_seq IS NOT NULL THEN news_seq
        WHEN ordinal IS NOT NULL THEN 'periodic:' || ordinal
        ELSE 'question:' || reason
    END
"""

_POSTED_ONCE = """
    WITH each (delivery_id, name, said, meant) AS (
        SELECT delivery_id, substr(detail_code || ' ', 1, instr(detail_code || ' ', ' ') - 1), 1, 0
        FROM delivery_event JOIN delivery ON delivery.id = delivery_id AND channel <> 'answer'
        WHERE kind IN ('posted', 'found')
        UNION ALL
        SELECT delivery_id, reason || ':' || update_item.bug_id, 0, 1
        FROM update_item JOIN delivery ON delivery.id = delivery_id AND delivery.state = 'posted'
    )
    SELECT 'delivery ' || delivery_id || ': ' || name || ' was posted ' || sum(said)
        || ' times, it has ' || sum(meant) || ' of these updates' AS what
    FROM each GROUP BY delivery_id, name HAVING sum(said) <> sum(meant)
"""

# What is taken out of a delivery that goes on is an event of its own, which doesn't end it.
_DELIVERY_STATES = """
    WITH last AS (
        SELECT delivery.id, delivery.state, (
            SELECT CASE kind WHEN 'found' THEN 'posted' WHEN 'held' THEN 'claimed' WHEN 'cancelled' THEN 'withdrawn'
                ELSE kind END
            FROM delivery_event
            WHERE delivery_id = delivery.id
                AND (kind NOT IN ([ENDED]) OR delivery.state IN ([ENDED], 'posted'))
            ORDER BY seq DESC LIMIT 1
        ) AS kind
        FROM delivery
    )
    SELECT 'delivery ' || id || ' is ' || state || ', its last event is ' || coalesce(kind, 'none') AS what
    FROM last WHERE kind IS NOT state
""".replace("[ENDED]", _ENDED)

_BEGUN_BY_CLAIM = """
    SELECT 'delivery ' || delivery.id AS what FROM delivery
    WHERE 'claimed' IS NOT (SELECT kind FROM delivery_event WHERE delivery_id = delivery.id ORDER BY seq LIMIT 1)
"""

_ANSWERS_AND_DELIVERIES = """
    SELECT 'answer ' || answer.id || ' is ' || answer.state || ', its delivery is '
        || coalesce(delivery.state, 'none') AS what
    FROM answer LEFT JOIN delivery ON delivery.id = delivery_id
    WHERE CASE answer.state WHEN 'claimed' THEN coalesce(delivery.state, '') NOT IN ([UNFINISHED])
        WHEN 'planned' THEN delivery.id IS NOT NULL
        WHEN 'withdrawn' THEN coalesce(delivery.state, 'withdrawn') <> 'withdrawn'
        ELSE coalesce(delivery.state, '') <> answer.state END
    UNION ALL
    SELECT 'delivery ' || delivery.id || ' answers ' || count(answer.id) || ' times'
    FROM delivery LEFT JOIN answer ON answer.delivery_id = delivery.id
    WHERE channel = 'answer' GROUP BY delivery.id HAVING count(answer.id) <> 1
""".replace("[UNFINISHED]", _UNFINISHED)

_UPDATES_AND_DELIVERIES = """
    SELECT 'update_item ' || update_item.id || ' is ' || update_item.state || ', its delivery is '
        || coalesce(delivery.state, 'none') AS what
    FROM update_item LEFT JOIN delivery ON delivery.id = delivery_id
    WHERE (update_item.state = 'claimed' AND coalesce(delivery.state, '') NOT IN ([UNFINISHED]))
        OR (update_item.state = 'posted' AND coalesce(delivery.state, '') <> 'posted')
        OR (update_item.state = 'planned' AND delivery.id IS NOT NULL)
    UNION ALL
    SELECT 'delivery ' || delivery.id || ' is ' || state || ' without an update' FROM delivery
    WHERE state IN ([UNFINISHED], 'posted')
        AND NOT EXISTS (SELECT 1 FROM update_item WHERE delivery_id = delivery.id)
        AND NOT EXISTS (SELECT 1 FROM answer WHERE delivery_id = delivery.id)
""".replace("[UNFINISHED]", _UNFINISHED)

# That a try failed is an event of the state in which it leaves the delivery.
_ATTEMPTS = """
    SELECT 'delivery ' || delivery.id || ': ' || count(*) || ' attempts under fence ' || fence AS what
    FROM delivery LEFT JOIN delivery_event ON delivery_id = delivery.id AND kind = 'posting' AND detail_code <> 'failed'
    GROUP BY delivery.id HAVING fence < 1 OR count(delivery_event.seq) > fence
"""

_LIVE = """
    SELECT 'delivery ' || step.delivery_id || ' on ticket ' || step.ticket_id AS what
    FROM delivery_event AS step JOIN ticket ON ticket.id = step.ticket_id
    WHERE step.kind = 'posting' AND coalesce((
        SELECT value = '' OR julianday(value) > julianday(step.occurred_at) FROM fact_event
        WHERE entity = 'source' AND entity_id = ticket.source_id AND kind = 'live_from' AND seq < step.seq
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    ), TRUE)
    AND NOT EXISTS (
        SELECT 1 FROM fact_event AS start
        WHERE start.entity = 'source' AND start.entity_id = ticket.source_id AND start.kind = 'live_group'
            AND start.seq < step.seq AND substr(start.value, 1, 27) <= step.occurred_at
            AND substr(start.value, 29) IN (
                SELECT own.value FROM fact_event AS own
                WHERE own.entity = 'ticket' AND own.entity_id = ticket.id AND own.kind IN ('group', 'brand')
                    AND own.seq < step.seq
            )
    )
"""

_PILOTS = """
    SELECT 'live_group ' || name || ' of source ' || source_id || ' is live from ' || live_from AS what FROM live_group
    WHERE live_from IS NOT (
        SELECT substr(value, 1, 27) FROM fact_event
        WHERE entity = 'source' AND entity_id = source_id AND kind = 'live_group' AND substr(value, 29) = name
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    )
"""

# Only while the update still stands on the ticket where its delivery told it: news may move to another afterwards.
_CALLED_FOR = """
    WITH posted AS (
        SELECT update_item.id, update_item.key, update_item.ticket_id, (
            SELECT min(seq) FROM delivery_event WHERE delivery_id = delivery.id AND kind = 'claimed'
        ) AS claim
        FROM update_item JOIN delivery ON delivery.id = delivery_id AND delivery.state = 'posted'
        WHERE EXISTS (
            SELECT 1 FROM delivery_event AS step
            WHERE step.delivery_id = delivery.id AND step.ticket_id = update_item.ticket_id
                AND step.kind IN ('posted', 'found')
                AND ' ' || step.detail_code || ' ' LIKE '% ' || reason || ':' || update_item.bug_id || ' %'
        )
    )
    SELECT 'update_item ' || id || ' on ticket ' || ticket_id AS what FROM posted
    WHERE NOT EXISTS (
        SELECT 1 FROM link
        WHERE link.ticket_id = posted.ticket_id AND 'unlinked' IS NOT (
            SELECT kind FROM link_event
            WHERE ticket_id = link.ticket_id AND bug_id = link.bug_id AND kind IN ('linked', 'unlinked') AND seq < claim
            ORDER BY occurred_at DESC, seq DESC LIMIT 1
        ) AND EXISTS (
            SELECT 1 FROM json_each((
                SELECT json_extract(output, '$.updates') FROM decision
                WHERE ticket_id = link.ticket_id AND bug_id = link.bug_id AND seq < claim ORDER BY seq DESC LIMIT 1
            )) AS called WHERE json_extract(called.value, '$.key') = posted.key
        )
    )
"""

_DECISIONS = "SELECT 'decision ' || seq || ' was made up to ' || upto_seq AS what FROM decision WHERE upto_seq >= seq"

_FINDINGS = """
    SELECT 'finding ' || finding.seq AS what FROM finding JOIN message ON message.seq = finding.message_id
    WHERE message.ticket_id <> finding.ticket_id
"""

_NAMED_ISSUES = """
    SELECT 'issue ' || id AS what FROM issue
    WHERE NOT EXISTS (SELECT 1 FROM alias WHERE entity = 'issue' AND entity_id = issue.id)
        OR CAST(id AS TEXT) NOT IN (
            SELECT value FROM bug_event WHERE kind IN ('issue_added', 'part_added', 'mirror_added')
        )
"""

_WORDS = """
    SELECT 'update_item ' || id || ' is ' || state AS what FROM update_item WHERE state NOT IN ([UPDATE])
    UNION ALL
    SELECT 'delivery ' || id || ' is ' || state FROM delivery WHERE state NOT IN ([DELIVERY])
""".replace("[UPDATE]", _texts(UpdateState)).replace("[DELIVERY]", _texts(DeliveryState))

_PRIVATE = """
    SELECT 'private_value of ' || owner || ' ' || owner_id || ', ' || field AS what FROM private_value
    WHERE party_id IN (SELECT id FROM party WHERE erased_key IS NOT NULL)
        OR (owner = 'party' AND owner_id IN (SELECT id FROM party WHERE erased_key IS NOT NULL))
        OR (owner = 'ticket' AND owner_id IN (SELECT id FROM ticket WHERE erased_key IS NOT NULL))
"""

_NAMELESS = """
    SELECT 'party ' || id AS what FROM party WHERE (remote_id IS NULL) <> (erased_key IS NOT NULL)
    UNION ALL
    SELECT 'ticket ' || id FROM ticket WHERE (remote_id IS NULL) <> (erased_key IS NOT NULL)
    UNION ALL
    SELECT 'link of ticket ' || ticket_id FROM link JOIN ticket ON ticket.id = ticket_id
    WHERE link.erased <> (erased_key IS NOT NULL)
    UNION ALL
    SELECT 'message ' || seq FROM message
    WHERE (message.remote_id IS NOT NULL OR source_key <> 'erased:' || seq) AND (
        ticket_id IN (SELECT id FROM ticket WHERE erased_key IS NOT NULL)
        OR author_id IN (SELECT id FROM party WHERE erased_key IS NOT NULL)
    )
    UNION ALL
    SELECT 'delivery_event ' || seq FROM delivery_event JOIN ticket ON ticket.id = ticket_id
    WHERE erased_key IS NOT NULL AND delivery_event.remote_id IS NOT NULL
"""

_ERASED_ENDED = """
    SELECT 'update_item ' || update_item.id || ' is ' || state AS what
    FROM update_item JOIN ticket ON ticket.id = ticket_id
    WHERE erased_key IS NOT NULL AND state IN ('planned', 'claimed', 'posted', 'dead')
    UNION ALL
    SELECT 'delivery ' || delivery.id || ' is ' || state FROM delivery JOIN ticket ON ticket.id = ticket_id
    WHERE erased_key IS NOT NULL AND state IN ([UNFINISHED])
""".replace("[UNFINISHED]", _UNFINISHED)

INVARIANTS = (
    Invariant("update-key", "An update's key says its customer, bug, and news or turn.", _UPDATE_KEYS),
    Invariant("posted-once", "Each posted update is in one delivery, and one event there says so.", _POSTED_ONCE),
    Invariant("delivery-state", "A delivery is where its events left it.", _DELIVERY_STATES),
    Invariant("claimed-first", "A delivery begins by being claimed, whatever becomes of it.", _BEGUN_BY_CLAIM),
    Invariant("update-delivery", "An update and its delivery are equally far.", _UPDATES_AND_DELIVERIES),
    Invariant("answer-delivery", "An answer and its delivery are equally far.", _ANSWERS_AND_DELIVERIES),
    Invariant("attempts-within-fence", "A delivery is tried once by each who holds it.", _ATTEMPTS),
    Invariant("live-before-posting", "Nothing is posted on a helpdesk that isn't live.", _LIVE),
    Invariant("pilot-start", "A group's start is the one last said.", _PILOTS),
    Invariant("called-for", "What is posted was called for, and not withdrawn, when it was claimed.", _CALLED_FOR),
    Invariant("decided-on-the-known", "A decision rests on what was known before it.", _DECISIONS),
    Invariant("finding-on-its-ticket", "What was found in a message is about its ticket.", _FINDINGS),
    Invariant("issue-named", "Each issue has a name and a bug that it was added to.", _NAMED_ISSUES),
    Invariant("known-words", "Each state is one that BugBridge knows.", _WORDS),
    Invariant("private-of-the-kept", "Personal data belongs to people and tickets that weren't erased.", _PRIVATE),
    Invariant("erased-nameless", "Nothing erased has an id at its helpdesk any more.", _NAMELESS),
    Invariant("erased-ended", "Nothing is under way for tickets that were erased.", _ERASED_ENDED),
)


def instants(columns: Iterable[tuple[str, str]]) -> str:
    """Give the query for instants, in these tables' columns, that aren't of the one form."""
    one = "SELECT '[TABLE]: [COLUMN] is ' || [COLUMN] AS what FROM [TABLE] WHERE [COLUMN] NOT GLOB '[FORM]'"
    texts = (one.replace("[TABLE]", table).replace("[COLUMN]", column) for table, column in columns)
    return " UNION ALL ".join(text.replace("[FORM]", _INSTANT) for text in texts)


def counted(tables: Iterable[str]) -> str:
    """Give the query for events of these tables that aren't numbered from 1 up to the counter, each once."""
    events = " UNION ALL ".join("SELECT seq FROM [TABLE]".replace("[TABLE]", table) for table in tables)
    return _COUNTED.replace("[EVENTS]", events)


_COUNTED = """
    WITH event (seq) AS ([EVENTS])
    SELECT 'seq ' || seq || ' stands ' || count(*) || ' times' AS what FROM event GROUP BY seq HAVING count(*) > 1
    UNION ALL
    SELECT 'seq ' || seq || ', while the counter stands at ' || (SELECT seq FROM sequence) FROM event
    WHERE seq NOT BETWEEN 1 AND (SELECT seq FROM sequence)
    UNION ALL
    SELECT kept || ' events are numbered, while the counter stands at ' || head
    FROM (SELECT count(DISTINCT seq) AS kept, (SELECT seq FROM sequence) AS head FROM event) WHERE kept <> head
"""


def within_counter(columns: Iterable[tuple[str, str]]) -> str:
    """Give the query for columns that name an event which isn't there yet."""
    one = "SELECT '[TABLE]: [COLUMN] is ' || [COLUMN] AS what FROM [TABLE] WHERE [COLUMN] > (SELECT seq FROM sequence)"
    return " UNION ALL ".join(one.replace("[TABLE]", table).replace("[COLUMN]", column) for table, column in columns)
