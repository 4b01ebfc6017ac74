"""Which tickets somebody may see, as SQL: every query of the web narrows by it, so that counts and pages agree."""

import json
from collections.abc import Mapping

from bugbridge.core.access import BRAND_SEPARATOR, Visitor

# Over `ticket` and the `source` that it belongs to.
IN_SIGHT = f"""
    (:every_brand OR source.name IN (SELECT value FROM json_each(:brands))
        OR source.name || '{BRAND_SEPARATOR}' || ticket.brand IN (SELECT value FROM json_each(:brands)))
    AND (:only_ticket = '' OR source.name || ':' || ticket.remote_id = :only_ticket)
"""  # noqa: S608 - our own text


def sight_of(visitor: Visitor) -> Mapping[str, object]:
    """Give the parameters of IN_SIGHT."""
    return {
        "every_brand": visitor.brands is None,
        "brands": json.dumps(sorted(visitor.brands or ())),
        "only_ticket": visitor.ticket,
    }
