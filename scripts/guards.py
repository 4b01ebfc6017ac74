"""The guards that sending rests on, each as the text that holds it and what stands there without it."""

from dataclasses import dataclass

SENDING = ("tests/services/test_sending.py",)
OUTBOX = ("tests/store/test_outbox.py", *SENDING)
ROUNDS = ("tests/services/test_round_news.py",)
REPLIES = ("tests/services/test_replies.py",)
DOUBTS = ("tests/services/test_doubtful_replies.py",)
ANSWERING = ("tests/services/test_answering.py",)
FRESHNESS = ("tests/services/test_freshness.py",)
UNFINISHED = "state IN ('claimed', 'posting', 'unknown')"
PILOTS = ("tests/services/test_pilots.py",)


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: where it stands, what is taken away, what is left, and the tests that have to notice."""

    name: str
    path: str
    text: str
    without: str
    tests: tuple[str, ...]


GUARDS = (
    Guard(
        "claim: an update is taken once",
        "bugbridge/store/outbox.py",
        "WHERE key = :key AND state = 'planned' AND due_at = :due_at AND ticket_id = :ticket",
        "WHERE key = :key AND :due_at <> '' AND :ticket > 0",
        OUTBOX,
    ),
    Guard(
        "claim: a delivery is taken over once",
        "bugbridge/store/outbox.py",
        f"WHERE id = :delivery AND fence = :fence AND {UNFINISHED}\n        AND lease_until",
        f"WHERE id = :delivery AND :fence > 0 AND {UNFINISHED}\n        AND lease_until",
        OUTBOX,
    ),
    Guard(
        "fence: a stale worker records nothing",
        "bugbridge/store/outbox.py",
        f'WHERE id = :delivery AND fence = :fence AND {UNFINISHED}\n"""\n\n_FINISH',
        f'WHERE id = :delivery AND :fence > 0 AND {UNFINISHED}\n"""\n\n_FINISH',
        OUTBOX,
    ),
    Guard(
        "fence: a stale worker drops nothing",
        "bugbridge/store/outbox.py",
        "SELECT id FROM delivery WHERE id = :delivery AND fence = :fence AND",
        "SELECT id FROM delivery WHERE id = :delivery AND :fence > 0 AND",
        OUTBOX,
    ),
    Guard(
        "claim: an answer is taken by one",
        "bugbridge/store/answers.py",
        "WHERE key = :key AND state = 'planned'",
        "WHERE key = :key",
        ANSWERING,
    ),
    Guard(
        "look-up: an answer that stands there isn't posted again",
        "bugbridge/services/answering.py",
        "remote_id = attempt.helpdesk.find_note(attempt.ticket.remote_id, attempt.delivery.marker)",
        'remote_id = ""',
        ANSWERING,
    ),
    Guard(
        "line: one that was followed isn't followed again",
        "bugbridge/services/note_lines.py",
        "recorded_at=note.clock.now())[0] > before",
        "recorded_at=note.clock.now())[0] > 0",
        ("tests/services/test_note_lines.py",),
    ),
    Guard(
        "look-up: what stands there isn't posted again",
        "bugbridge/services/delivering.py",
        "remote_id = attempt.helpdesk.find_note(attempt.ticket.remote_id, attempt.delivery.marker)",
        'remote_id = ""',
        SENDING,
    ),
    Guard(
        "look-up: not before the request can have ended",
        "bugbridge/services/sending.py",
        "if too_early or not",
        "if not",
        SENDING,
    ),
    Guard(
        "look-up: a reply in doubt is a person's",
        "bugbridge/services/delivering.py",
        "return give_up_reply(sender, attempt) if attempt.is_reply else deliver(sender, attempt)",
        "return deliver(sender, attempt)",
        REPLIES,
    ),
    Guard(
        "freshness: the ticket is read again",
        "bugbridge/services/linking.py",
        "keep_ticket(store, clock, rules, source_id, gathered)\n    ticket =",
        "pass\n    ticket =",
        SENDING,
    ),
    Guard(
        "freshness: what it rests on was read lately, when it is claimed",
        "bugbridge/services/sending.py",
        "if stale := stale_sources(sender.store, verdict.together, now, sender.fresh_for):",
        "if stale := ():",
        FRESHNESS,
    ),
    Guard(
        "freshness: what it rests on was read lately, when it is posted",
        "bugbridge/services/delivering.py",
        "if stale := stale_sources(store, attempt.items, now, sender.fresh_for):",
        "if stale := ():",
        FRESHNESS,
    ),
    Guard(
        "freshness: what is no longer called for is withdrawn",
        "bugbridge/services/claiming.py",
        "intention = decided[key].called_for.get(item.key)",
        "from bugbridge.core.policy_model import Intention\n"
        "    intention = decided[key].called_for.get(item.key) or Intention(item.reason, item.due_at)",
        FRESHNESS,
    ),
    Guard(
        "live_from: nothing is planned in watch mode",
        "bugbridge/core/planning.py",
        "if ruling.hold or state.live_from is None:\n        return ()",
        "if ruling.hold:\n        return ()",
        ("tests/services/test_watch_mode.py",),
    ),
    Guard(
        "live_from: nothing is posted before it",
        "bugbridge/store/work.py",
        "{LIVE_FROM} <= :by AND (source",
        "(source",
        (*SENDING, *PILOTS),
    ),
    Guard(
        "pause: nothing is posted while it lasts",
        "bugbridge/store/work.py",
        "AND (source.paused_until IS NULL OR source.paused_until <= :by)",
        "",
        SENDING,
    ),
    Guard(
        "reply: what nobody knows the outcome of stays the agent's",
        "bugbridge/services/attempts.py",
        "hand_to_agent(sender.store, sender.clock, attempt.items, REPLY_UNKNOWN, DAEMON)",
        "pass",
        REPLIES,
    ),
    Guard(
        "reply: one in doubt is looked for again before anybody is told to write",
        "bugbridge/services/delivering.py",
        "if _arrived_after_all(sender, fresh, judged.called):",
        "if False:",
        DOUBTS,
    ),
    Guard(
        "reply: two bugs that become one don't hide what was told under the old name",
        "bugbridge/services/claiming.py",
        "bug_id = store.canonical_bug(item.bug_id)",
        "bug_id = item.bug_id",
        DOUBTS,
    ),
    Guard(
        "reply: one in doubt stays the agent's when its link was taken back",
        "bugbridge/services/claiming.py",
        'return link_of(store, item) or next(_links_of(store, item, {"unlinked"}), None)',
        "return link_of(store, item)",
        DOUBTS,
    ),
    Guard(
        "reply: it is held from the moment of its claim",
        "bugbridge/services/sending.py",
        "return hold_reply(sender, attempt) if attempt.is_reply else attempt",
        "return attempt",
        REPLIES,
    ),
    Guard(
        "round: old news waits for a person",
        "bugbridge/core/reviews.py",
        "elif _was_news_by(event, news_seq, happened_at):",
        "elif False:",
        ("tests/services/test_rounds.py",),
    ),
    Guard(
        "round: news for several tickets waits from its planning on",
        "bugbridge/core/rounds.py",
        "return Review.WAITING if decided else Review.NONE",
        "return Review.NONE",
        ROUNDS,
    ),
    Guard(
        "round: an approval ends when the customer writes",
        "bugbridge/core/rounds.py",
        "any(message.author_kind is AuthorKind.CUSTOMER and message.seq > seq for message in history.messages)",
        "False",
        ROUNDS,
    ),
    Guard(
        "round: what was approved goes out as a reply only while it is",
        "bugbridge/services/replying.py",
        "if not is_approved(called.history, called.state, called.intention):",
        "if False:",
        ROUNDS,
    ),
    Guard(
        "round: no minute sees more replies than a helpdesk can bear",
        "bugbridge/services/delivering.py",
        "opens = max(_opens(sender, attempt, now), _paced(sender, attempt, now))",
        "opens = _opens(sender, attempt, now)",
        ROUNDS,
    ),
    Guard(
        "round: a helpdesk that asks to wait is left alone",
        "bugbridge/services/sending.py",
        "if quiet.until(delivery.ticket_id) is None:",
        "if True:",
        ROUNDS,
    ),
    Guard(
        "pause: it is asked in the transaction that says that a post begins",
        "bugbridge/services/attempts.py",
        "if not sender.store.may_be_written_to(attempt.ticket.id, sender.clock.now()):",
        "if False:",
        REPLIES,
    ),
    Guard(
        "cancel: a reply that was stopped isn't sent by who was about to",
        "bugbridge/store/outbox.py",
        "SET state = 'withdrawn', fence = fence + 1\n    WHERE id = :delivery AND state = 'claimed'",
        "SET owner = owner\n    WHERE id = :delivery AND state = 'claimed'",
        REPLIES,
    ),
    Guard(
        "cancel: a reply that is being sent can't be stopped",
        "bugbridge/store/outbox.py",
        "WHERE id = :delivery AND state = 'claimed' AND channel = 'reply'",
        "WHERE id = :delivery AND state IN ('claimed', 'posting') AND channel = 'reply'",
        OUTBOX,
    ),
    Guard(
        "key: what was posted isn't planned again",
        "bugbridge/store/work.py",
        "WHEN delivery_id IN (SELECT id FROM delivery WHERE state = 'posted') THEN 'posted' ELSE 'planned'",
        "WHEN 1 THEN 'planned'",
        ("tests/services/test_planning.py",),
    ),
)
