"""What the edge hands in: tickets and issues as their systems show them. Instants are aware, in UTC."""

from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import AuthorKind, ClosedAs, Gone, TicketStatus


@dataclass(frozen=True, slots=True)
class RemoteAccount:
    """A customer's organisation as its helpdesk shows it; `tier` is empty where none is set."""

    remote_id: str
    name: str = ""
    tier: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemotePerson:
    """Somebody who writes in tickets; zone is an IANA name, locale a tag such as `de`, both empty if unknown.

    `tier` is what was said of this person alone, which outranks their account's; none where nothing is known of it.
    `suspended` is an agent who can't sign in any more, where the helpdesk shows it.
    """

    remote_id: str
    kind: AuthorKind
    name: str = ""
    address: str = ""
    account: RemoteAccount | None = None
    locale: str = ""
    zone: str = ""
    tier: str | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class RemoteTicket:
    """A ticket as its helpdesk shows it now. `version` is what a conditional write must present.

    `fields` are the team's own fields that hold something, by the name that people gave them; `reference_fields` are
    texts in which agents name issues elsewhere than in notes. An incident reports the problem ticket `incident_of`.
    """

    remote_id: str
    created_at: datetime
    updated_at: datetime
    status: TicketStatus
    requester: RemotePerson
    subject: str = ""
    assignee: RemotePerson | None = None
    group: str = ""
    brand: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    reference_fields: tuple[str, ...] = ()
    merged_into: str = ""
    followup_of: str = ""
    incident_of: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class RemoteMessage:
    """One part of a ticket; the body is plain text, read and dropped."""

    remote_id: str
    author: RemotePerson
    public: bool
    created_at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    """Some changed tickets, and the cursor to keep once they are stored."""

    tickets: tuple[RemoteTicket, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class RecordedLink:
    """A link that was made elsewhere: the ticket's id there, and a text that names the issue as a note would.

    `at` is none where nobody wrote down when it was made.
    """

    ticket_id: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostedReply:
    """Where a public reply went: another ticket than the one it answers where that one takes no more messages."""

    ticket_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class HistoryCost:
    """What reading old tickets takes; `per_minute` is how many requests the helpdesk allows, none where it doesn't say.

    A count that a helpdesk gives only roughly is rounded up.
    """

    tickets: int
    requests: int
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class TrackerState:
    """What a tracker says of an issue at one moment, before it is judged a stage."""

    closed_as: ClosedAs | None = None
    in_progress: bool = False
    released_in: str = ""


@dataclass(frozen=True, slots=True)
class TrackerChange:
    """From `at` on the issue was in `state`."""

    at: datetime
    state: TrackerState


@dataclass(frozen=True, slots=True)
class WorkaroundComment:
    """A comment that suggests a workaround; `text` is what follows the word, cleaned, and may be anybody's."""

    remote_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IssueSnapshot:
    """An issue with its whole history, oldest change first; the last change is the present state.

    `reference` is the one asked for; `now_called` the one it goes by since it was renamed, transferred or moved.
    `planned_version` is to be out on the day that begins at `planned_on`, given only where customers may be told of it.
    `mirror_texts` are people's, hostile as any, and may name the issue of another tracker that this one mirrors.
    `workaround_comments` are those read that suggest one; unless `comments_whole`, others may stand there unread.
    """

    reference: str
    remote_id: str
    created_at: datetime
    updated_at: datetime
    title: str = ""
    labels: tuple[str, ...] = ()
    duplicate_of: str = ""
    history: tuple[TrackerChange, ...] = ()
    now_called: str = ""
    planned_version: str = ""
    planned_on: datetime | None = None
    mirror_texts: tuple[str, ...] = ()
    workaround_comments: tuple[WorkaroundComment, ...] = ()
    comments_whole: bool = True


@dataclass(frozen=True, slots=True)
class MissingIssue:
    """An issue that can't be read any more: `reason` says how we know, `sentence` says so to people."""

    reference: str
    sentence: str
    reason: Gone = Gone.INVISIBLE


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """An issue that a tracker's search found; its title is for agents alone."""

    reference: str
    title: str


@dataclass(frozen=True, slots=True)
class IssuePage:
    """References of changed issues, and the cursor to keep once they are stored."""

    references: tuple[str, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `doctor`: a stable id, whether it is well, and what was seen or what to do."""

    id: str
    well: bool
    sentence: str
