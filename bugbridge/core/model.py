"""The words of the product: enums whose values are what is stored and shown."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a bug is. A duplicate has its survivor's stage."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    FIXED = "fixed"
    RELEASED = "released"
    DECLINED = "declined"


class News(StrEnum):
    """An event of a bug worth telling."""

    IN_PROGRESS = "in_progress"
    WORKAROUND = "workaround"
    FIXED = "fixed"
    RELEASE_PLANNED = "release_planned"
    RELEASE_MOVED = "release_moved"
    RELEASED = "released"
    DECLINED = "declined"
    REOPENED = "reopened"


TERMINAL_STAGES = frozenset({Stage.RELEASED, Stage.DECLINED})
TERMINAL_NEWS = frozenset({News.RELEASED, News.DECLINED})


class Frequency(StrEnum):
    """How often customers meet a bug."""

    FREQUENT = "frequent"
    INFREQUENT = "infrequent"
    UNKNOWN = "unknown"
    SPIKING = "spiking"


class Workaround(StrEnum):
    """What the workaround is for one customer: whether there is one, whether they have it, whether it worked."""

    NONE = "none"
    KNOWN = "known"
    TOLD = "told"
    CONFIRMED = "confirmed"
    FAILED = "failed"


class AuthorKind(StrEnum):
    """Who wrote a message; `self` is BugBridge."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SELF = "self"


class TicketStatus(StrEnum):
    """A ticket's status, the same words for every helpdesk: new counts as open, on hold as pending."""

    OPEN = "open"
    PENDING = "pending"
    SOLVED = "solved"
    CLOSED = "closed"


class OptOut(StrEnum):
    """What a customer asked not to hear."""

    NONE = "none"
    NO_PERIODIC = "no_periodic"
    ALL = "all"


class Certainty(StrEnum):
    """How sure we are that a customer was told. Terminal news is cleared by `certain` alone."""

    CERTAIN = "certain"
    PROBABLE = "probable"


class ClosedAs(StrEnum):
    """Why a tracker closed an issue; `unknown` never counts as fixed."""

    FIXED = "fixed"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


class Gone(StrEnum):
    """Why an issue can't be read; none of these closes or releases anything. `invisible` may only be a lost right."""

    DELETED = "deleted"
    CONVERTED = "converted"
    INVISIBLE = "invisible"
    NOT_AN_ISSUE = "not_an_issue"


class Entity(StrEnum):
    """What a fact is about."""

    SOURCE = "source"
    PARTY = "party"
    TICKET = "ticket"
    ISSUE = "issue"
    BUG = "bug"


class FactKind(StrEnum):
    """Which fact of an entity an event states."""

    STAGE = "stage"
    RELEASE = "release"
    VERSION = "version"
    STATUS = "status"
    ASSIGNEE = "assignee"
    REQUESTER = "requester"
    ACCOUNT = "account"
    TIER = "tier"
    ZONE = "zone"
    LOCALE = "locale"
    OPT_OUT = "opt_out"
    LABELS = "labels"
    BRAND = "brand"
    ACTIVITY = "activity"
    LIVE_FROM = "live_from"
    MERGED = "merged"
    GONE = "gone"
    TAGS = "tags"
    FOLLOWUP_OF = "followup_of"
    DUE_TAG = "due_tag"
    GROUP = "group"
    LIVE_GROUP = "live_group"
    SUSPENDED = "suspended"


class FindingKind(StrEnum):
    """What was read in a message before it was dropped."""

    REFERENCE = "reference"
    TOLD = "told"
    LINE = "line"
    PROMISE = "promise"


class BugEventKind(StrEnum):
    """What happened to a bug as we keep it."""

    ISSUE_ADDED = "issue_added"
    PART_ADDED = "part_added"
    MIRROR_ADDED = "mirror_added"
    MERGED = "merged"
    FREQUENCY_CHECK = "frequency_check"
    RELEASE_MARK = "release_mark"
    WORKAROUND = "workaround"
    OVERRIDE = "override"
    FLOW = "flow"
    WRITTEN_BACK = "written_back"
    WORKAROUND_SUGGESTED = "workaround_suggested"
    ROUND = "round"


class LinkEventKind(StrEnum):
    """What happened to a link.

    `reviewed`: what is news by now waits for a person, may go out, is approved word for word, or is let be.
    `to_agent`: what is untold now goes through the agent, never out by itself. `put_off`: the agent is reminded of what
    is due now at the instant `value`, not before. `given`: reminders go to the agent whose party is `value`.
    `not_needed`: what is due now needn't be told. `still_due`: whatever seemed to tell the customer since the instant
    `value` didn't, nor was it not needed.
    """

    SUGGESTED = "suggested"
    LINKED = "linked"
    UNLINKED = "unlinked"
    WORKAROUND = "workaround"
    MEETS_IT = "meets_it"
    TOLD = "told"
    PROMISE_MADE = "promise_made"
    PROMISE_DISMISSED = "promise_dismissed"
    OVERRIDE = "override"
    REVIEWED = "reviewed"
    TO_AGENT = "to_agent"
    PUT_OFF = "put_off"
    GIVEN = "given"
    NOT_NEEDED = "not_needed"
    STILL_DUE = "still_due"


class LinkHow(StrEnum):
    """Who or what made a link, or told. `hand` is a person at one of BugBridge's own doors, `line` a `bug:` line in
    their note, `reply` a message of BugBridge's own to the customer."""

    HAND = "hand"
    NOTE = "note"
    FIELD = "field"
    PUBLIC_REPLY = "public_reply"
    CUSTOMER = "customer"
    BOT = "bot"
    BEFORE_TICKET = "before_ticket"
    IMPORTED = "imported"
    MERGED_TICKET = "merged_ticket"
    REPLY = "reply"
    LINE = "line"


class LinkMark(StrEnum):
    """What the value of a `linked` event says beside its date.

    `background`: recorded long after it was made, so that what happened before it was recorded is never told.
    `assumed`: that too, and nobody knows when it was made; it is dated back to the ticket's beginning.
    """

    NONE = ""
    BACKGROUND = "background"
    ASSUMED = "assumed"


class DeliveryState(StrEnum):
    """Where a delivery is; what happened on the way is in its events."""

    CLAIMED = "claimed"
    POSTING = "posting"
    UNKNOWN = "unknown"
    POSTED = "posted"
    WITHDRAWN = "withdrawn"
    DEAD = "dead"


class Review(StrEnum):
    """Whether an update waits for a person to look at it, among all that tell the same news; none for most.

    `released` ones go out as any others, `approved` ones to the customer in the very words that a person approved.
    """

    NONE = ""
    WAITING = "waiting"
    RELEASED = "released"
    APPROVED = "approved"
    DROPPED = "dropped"


class Channel(StrEnum):
    """How a delivery reaches a ticket: as a reminder to the agent, as a public reply to the customer, or as an internal
    note that tells no update but answers what was done or written there."""

    NOTE = "note"
    REPLY = "reply"
    ANSWER = "answer"


class UpdateState(StrEnum):
    """Where an update is: planned, in a delivery, reminded of (posted), told, or not called for after all."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    POSTED = "posted"
    TOLD = "told"
    WITHDRAWN = "withdrawn"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and through which door (`cli`, `daemon`, `note`, …)."""

    kind: AuthorKind
    id: str
    via: str
