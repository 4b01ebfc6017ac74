"""What finds promises among all that is kept."""

# Promises are few among all that is read and said, and are listed by themselves.
PROMISES = (
    "CREATE INDEX finding_of_promise ON finding (ticket_id) WHERE kind = 'promise'",
    "CREATE INDEX promise_made ON link_event (ticket_id) WHERE kind = 'promise_made'",
)
