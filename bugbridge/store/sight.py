"""Which tickets and bugs somebody may see, as SQL: every query of the web narrows by it, so pages and counts agree.

A bug of which no ticket is in sight isn't there: what customers call it and what helps them is another brand's.
"""

import json
from collections.abc import Mapping

from bugbridge.core.access import BRAND_SEPARATOR, Visitor

# Over `ticket` and the `source` that it belongs to.
IN_SIGHT = f"""
    (:every_brand OR source.name IN (SELECT value FROM json_each(:brands))
        OR source.name || '{BRAND_SEPARATOR}' || ticket.brand IN (SELECT value FROM json_each(:brands)))
    AND (:only_ticket = '' OR source.name || ':' || ticket.remote_id = :only_ticket)
"""  # noqa: S608 - our own text

# Whether a bug is: some ticket in sight is, was or may be linked to it. Who sees everything sees bugs without a ticket.
BUG_IN_SIGHT = f"""(:every_bug OR EXISTS (
        SELECT 1 FROM bug AS member
        CROSS JOIN link ON link.bug_id = member.id
        CROSS JOIN ticket ON ticket.id = link.ticket_id
        CROSS JOIN source ON source.id = ticket.source_id
        WHERE member.canonical_id = [BUG] AND {IN_SIGHT}
    ))"""  # noqa: S608 - the same
# How many tickets in sight report a bug.
TICKETS_ON = f"""(
        SELECT count(DISTINCT ticket.id) FROM bug AS member
        CROSS JOIN link ON link.bug_id = member.id
        CROSS JOIN ticket ON ticket.id = link.ticket_id
        CROSS JOIN source ON source.id = ticket.source_id
        WHERE member.canonical_id = [BUG] AND link.state = 'linked' AND NOT link.erased AND {IN_SIGHT}
    )"""  # noqa: S608 - the same
# The subjects of tickets in sight that report a bug: from `subject`, a private value, to the bug that is `member`.
SUBJECTS_OF_BUGS = f"""
        FROM private_value AS subject
        CROSS JOIN link ON link.ticket_id = subject.owner_id
        CROSS JOIN ticket ON ticket.id = link.ticket_id
        CROSS JOIN source ON source.id = ticket.source_id
        CROSS JOIN bug AS member ON member.id = link.bug_id
        WHERE subject.owner = 'ticket' AND subject.field = 'subject'
            AND link.state = 'linked' AND NOT link.erased AND {IN_SIGHT}"""


def sight_of(visitor: Visitor) -> Mapping[str, object]:
    """Give the parameters of IN_SIGHT and BUG_IN_SIGHT."""
    return {
        "every_bug": visitor.sees_everything,
        "every_brand": visitor.brands is None,
        "brands": json.dumps(sorted(visitor.brands or ())),
        "only_ticket": visitor.ticket,
    }
