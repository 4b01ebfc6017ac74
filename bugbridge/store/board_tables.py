"""What the board's lists are found by."""

BOARD_INDEXES = (
    """CREATE INDEX update_in_review ON update_item (bug_id, reason, due_at)
        WHERE state = 'planned' AND review = 'waiting'""",
    "CREATE INDEX link_suggested ON link (ticket_id, bug_id) WHERE state = 'suggested' AND NOT erased",
    "CREATE INDEX link_taken_away ON link_event (occurred_at, seq) WHERE kind = 'unlinked'",
    "CREATE INDEX issue_gone ON issue (id) WHERE gone",
)
