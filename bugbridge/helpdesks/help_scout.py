"""Help Scout by its Inbox API 2.0.

Help Scout lets nobody post on condition, so notes are found again by their marker, and a conversation's version is
compared just before posting, which narrows the window without closing it. What we post names no status where Help Scout
keeps it by itself (notes), and the present one where it wouldn't (replies).

Sources: developer.helpscout.com/mailbox-api/endpoints/conversations: get (301 for merged ones), create, tags/update,
threads/note and threads/reply (user, status, assignTo, 404 for merged ones, 412 from 100 threads on).
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bugbridge.core.errors import (
    ConflictError,
    LockedError,
    MovedError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import (
    Check,
    HistoryCost,
    PostedReply,
    RecordedLink,
    RemoteMessage,
    RemotePerson,
    RemoteTicket,
    TicketPage,
)
from bugbridge.helpdesks import help_scout_changes
from bugbridge.helpdesks.help_scout_changes import CONVERSATIONS, RIGHT, changes_since, cursor_of
from bugbridge.helpdesks.help_scout_client import signed_in_client
from bugbridge.helpdesks.help_scout_payloads import (
    BY_API,
    DELETED,
    DRAFT,
    SPAM,
    STATUSES,
    TEAM,
    USER,
    Conversation,
    Conversations,
    Person,
    Thread,
    Threads,
    User,
    author_kind,
)
from bugbridge.helpdesks.help_scout_people import Directory, inbox_names, tier_check
from bugbridge.helpdesks.help_scout_settings import API, PEOPLES_VIEW
from bugbridge.helpdesks.vendors import as_html, marker_line, tried
from bugbridge.http import Parameters
from bugbridge.ports import Guarantee

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
PLACE = re.compile(r"/conversations/(?P<number>[1-9][0-9]{0,17})/?")
ANY_MARKER = re.compile(r"Ref BB-\w+")
LONGEST_CHAIN = 5  # merges that are followed
NEWEST: Parameters = {"status": "all", "sortField": "modifiedAt", "sortOrder": "desc"}
TO_WRITE = "to write in this inbox (Manage > Users > Permissions)"


class HelpScout:
    """One Help Scout account. What the user behind the app writes counts as our own: it must be nobody else's."""

    guarantee = Guarantee.LOOKUP
    replies_as_assignee = True
    takes_tags = True

    def __init__(
        self,
        name: str,
        url: str = API,
        *,
        client_id: str,
        client_secret: str,
        tier_field: str = "",
        secret_hint: str = "",
        timeout: tuple[float, float] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep how to sign in; nothing is asked yet. `timeout` is (to connect, to read), in seconds."""
        self.name = name
        self._tier_field = tier_field
        self._me: User | None = None
        self._client = signed_in_client(
            name,
            url,
            client_id,
            client_secret,
            secret_hint=secret_hint,
            timeout=timeout,
            sleep=sleep,
            monotonic=monotonic,
        )

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take: it may be refused once, fetch a new token, and be sent again."""
        return 3 * self._client.longest_call

    def cursor_at(self, instant: datetime) -> str:
        """Give the cursor for what changed from an instant on."""
        return cursor_of(instant)

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first; of merged ones only `ticket` tells."""
        people = self._directory()
        for conversations, after in changes_since(self._client, cursor):
            begun = (conversation for conversation in conversations if conversation.state != DRAFT)
            yield TicketPage(tuple(_remote(conversation, people) for conversation in begun), after)

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count what reading every ticket changed from an instant on would take, at most."""
        return help_scout_changes.cost_since(self._client, instant)

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; a merged one looks as its survivor does, and a deleted one is not found."""
        conversation = self._conversation(remote_id)
        ticket = _remote(conversation, self._directory())
        if conversation.id == remote_id:
            return ticket
        return replace(ticket, remote_id=remote_id, merged_into=conversation.id)

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, oldest first; of a merged one those of its survivor."""
        own_id = self._signed_in().id
        threads = [thread for thread in self._threads(remote_id) if thread.is_message]
        threads.sort(key=lambda thread: (thread.created_at, int(thread.id)))
        return tuple(_message(thread, own_id) for thread in threads)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note whose last line names the marker, and give its thread's id."""
        self._unchanged(ticket)
        return self._post(ticket.remote_id, "notes", {"text": as_html(body, marker)})

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Add a public reply whose last line names the marker, under the assignee's name where there is one.

        A full conversation is answered in a new one; Help Scout knows no relation between the two.
        """
        conversation = self._unchanged(ticket)
        if conversation.customer is None:
            raise LockedError(f"{self.name}:{ticket.remote_id} has no customer who could be answered.")
        kept = _kept(conversation, conversation.customer)
        text = as_html(body, marker)
        try:
            reply = self._post(ticket.remote_id, "reply", {**kept, "text": text, "draft": False})
        except LockedError:
            return self._follow_up(conversation, kept, text, marker)
        return PostedReply(ticket.remote_id, reply)

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the thread of our own note or reply with this marker, or ""."""
        own_id = self._signed_in().id
        for thread in self._threads(remote_id):
            if _may_be_ours(thread, own_id) and marker_line(marker) in thread.text.splitlines():
                return thread.id
        return ""

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Have the ticket carry a tag or not: Help Scout replaces all tags at once, so they are read just before."""
        carried = self._conversation(ticket.remote_id)
        others = [name for name in carried.tag_names if name.casefold() != tag.casefold()]
        if (len(others) < len(carried.tag_names)) == on:
            return
        tags = [*others, tag] if on else others
        self._client.write_json("PUT", f"{CONVERSATIONS}/{carried.id}/tags", {"tags": tags}, right=TO_WRITE)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give none: Help Scout keeps no links to issues."""
        return iter(())

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{PEOPLES_VIEW}/conversation/{remote_id}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in and all that is read. Help Scout has no right to write of its own: who may see may write."""
        try:
            me = self._signed_in()
        except RemoteError as error:
            return (Check("sign_in", well=False, sentence=str(error)),)
        sentence = f"Signed in to {self.name} as {me.first} {me.last} ({me.role})."
        return (Check("sign_in", well=True, sentence=sentence), *self._checks_of_reading())

    def _checks_of_reading(self) -> Iterator[Check]:
        """Try the lists, and with the newest conversation whatever is read one by one."""
        newest: list[Conversation] = []

        def conversations() -> None:
            listed = self._client.read(Conversations, CONVERSATIONS, NEWEST, right=RIGHT)
            newest.extend(each for each in listed.conversations if each.state not in (DELETED, DRAFT))

        yield self._inboxes_check()
        yield tried("conversations", conversations, "Changed conversations can be read.")
        for conversation in newest[:1]:
            yield from self._checks_of_one(conversation)
        if self._tier_field:
            try:
                yield tier_check(self._client, self._tier_field)
            except RemoteError as error:
                yield Check("tier_field", well=False, sentence=str(error))

    def _checks_of_one(self, conversation: Conversation) -> Iterator[Check]:
        """Try what is read of each conversation."""
        yield tried("threads", lambda: self.messages(conversation.id), "Threads can be read.")
        yield tried("people", lambda: self._directory().requester(conversation.requester), "Customers can be read.")

    def _inboxes_check(self) -> Check:
        try:
            names = sorted(inbox_names(self._client))
        except RemoteError as error:
            return Check("inboxes", well=False, sentence=str(error))
        missing = f"BugBridge's user in {self.name} sees no inbox: grant them at Manage > Users > Permissions."
        return Check("inboxes", well=bool(names), sentence=f"Inboxes: {', '.join(names)}." if names else missing)

    def _directory(self) -> Directory:
        return Directory(self._client, self._tier_field)

    def _signed_in(self) -> User:
        """Give the user that we act as."""
        if self._me is None:
            right = "Access API (Manage > Users > Permissions)"
            self._me = self._client.read(User, "/v2/users/me", right=right)
        return self._me

    def _conversation(self, remote_id: str) -> Conversation:
        """Read a conversation, or the one that it was merged into."""
        number = remote_id
        for _ in range(LONGEST_CHAIN):
            try:
                return self._client.read(Conversation, self._path(number), right=RIGHT)
            except NotFoundError:
                raise self._unknown(remote_id) from None
            except MovedError as moved:
                place = PLACE.search(moved.location)
                if place is None or place["number"] == number:
                    raise
                number = place["number"]
        raise RemoteError(f"{self.name}:{remote_id} was merged over and over; reading stopped there.")

    def _threads(self, remote_id: str) -> Iterator[Thread]:
        """Give all threads; of a merged conversation, which has none any more, those of its survivor."""
        try:
            threads = self._threads_of(remote_id)
        except NotFoundError:
            survivor = self._conversation(remote_id).id
            if survivor == remote_id:
                raise self._unknown(remote_id) from None
            threads = self._threads_of(survivor)
        return iter(threads.values())

    def _threads_of(self, number: str) -> dict[str, Thread]:
        """Give threads by id: newest come first, so one that is added meanwhile has another come twice."""
        pages = self._client.pages(Threads, f"{self._path(number)}/threads", {}, right=RIGHT)
        return {thread.id: thread for page in pages for thread in page.threads}

    def _unchanged(self, ticket: RemoteTicket) -> Conversation:
        """Read the conversation again. Raises ConflictError if it isn't as it was."""
        conversation = self._conversation(ticket.remote_id)
        if conversation.id != ticket.remote_id or conversation.version != ticket.version:
            raise ConflictError(f"{self.name}:{ticket.remote_id} was changed meanwhile; nothing was posted.")
        return conversation

    def _post(self, remote_id: str, what: str, payload: object) -> str:
        """Add a thread and give its id."""
        try:
            return self._client.add(f"{self._path(remote_id)}/{what}", payload, right=TO_WRITE)
        except NotFoundError:
            raise self._unknown(remote_id) from None
        except ConflictError:
            sentence = f"{self.name}:{remote_id} is closed to more messages: Help Scout takes 100 in one conversation."
            raise LockedError(sentence) from None

    def _follow_up(self, conversation: Conversation, kept: Mapping[str, object], text: str, marker: str) -> PostedReply:
        """Answer in a new conversation with the same customer, assignee and status."""
        new = {
            **kept,
            "subject": conversation.subject,
            "type": conversation.type,
            "mailboxId": int(conversation.mailbox_id),
            "threads": [{"type": "reply", "customer": kept["customer"], "text": text}],
        }
        number = self._client.add(CONVERSATIONS, new, right=TO_WRITE)
        try:
            reply = self.find_note(number, marker)
        except RemoteError:
            reply = ""
        if not reply:
            raise UnknownOutcomeError(
                f"{self.name} took the reply as a new conversation, {self.name}:{number}, but doesn't show it there."
            )
        return PostedReply(number, reply)

    def _path(self, number: str) -> str:
        """Give a conversation's path. Raises NotFoundError for what can't be a conversation's id."""
        if NUMBER.fullmatch(number) is None:
            raise self._unknown(number)
        return f"{CONVERSATIONS}/{number}"

    def _unknown(self, remote_id: str) -> NotFoundError:
        return NotFoundError(f"There is no conversation {self.name}:{remote_id}, or BugBridge's user may not see it.")


def _remote(conversation: Conversation, people: Directory) -> RemoteTicket:
    """Put a conversation into our words; nobody is to write to a sender of spam."""
    agent, assignee = conversation.agent, conversation.assignee
    return RemoteTicket(
        remote_id=conversation.id,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        status=STATUSES.get(conversation.status, TicketStatus.OPEN),
        requester=people.requester(conversation.requester),
        subject=conversation.subject,
        assignee=_person(agent, AuthorKind.AGENT) if agent else None,
        group=assignee.name if assignee and assignee.type == TEAM else "",
        brand=people.inbox(conversation.mailbox_id),
        version=conversation.version,
        tags=conversation.tag_names,
        fields=conversation.fields,
        gone=conversation.state == DELETED or conversation.status == SPAM,
    )


def _kept(conversation: Conversation, customer: Person) -> dict[str, object]:
    """Say what a reply leaves as it is: without a status it would reopen, without an assignee it might assign."""
    assignee = conversation.assignee
    return {
        "customer": {"id": int(customer.id)},
        "status": conversation.status,
        "assignTo": int(assignee.id) if assignee and not assignee.is_help_scout else None,
        **({"user": int(conversation.agent.id)} if conversation.agent else {}),
    }


def _person(person: Person, kind: AuthorKind) -> RemotePerson:
    return RemotePerson(person.id, kind, person.name, person.email)


def _message(thread: Thread, own_id: str) -> RemoteMessage:
    """Put a thread into our words; a reply that we wrote under the assignee's name is ours all the same."""
    text = thread.text
    signed = ANY_MARKER.fullmatch(next(reversed(text.splitlines()), "")) is not None
    kind = AuthorKind.SELF if signed and _may_be_ours(thread, own_id) else author_kind(thread, own_id)
    author = thread.created_by or Person(id="0")
    return RemoteMessage(thread.id, _person(author, kind), thread.is_public, thread.created_at, text)


def _may_be_ours(thread: Thread, own_id: str) -> bool:
    """Tell whether we can have written it: as ourselves, or, only a reply and only by the API, as another user."""
    author = thread.created_by
    if author is None or author.type != USER:
        return False
    by_api = thread.source is not None and thread.source.type == BY_API
    return author.id == own_id or (thread.is_public and by_api)
