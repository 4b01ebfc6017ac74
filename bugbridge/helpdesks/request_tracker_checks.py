"""What `doctor` says of a Request Tracker: each right by a harmless read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import Check
from bugbridge.helpdesks.request_tracker_payloads import Account, FoundTicket, Page, Queue
from bugbridge.helpdesks.request_tracker_people import People
from bugbridge.helpdesks.request_tracker_queries import NEWEST_FIRST, TICKET_FIELDS, of_queues
from bugbridge.helpdesks.request_tracker_rest import SHOW_TICKET, Rest
from bugbridge.helpdesks.vendors import judged

SEE_QUEUE = "SeeQueue"
NONE_SEEN = "there is no ticket to try it on"


@dataclass(frozen=True, slots=True)
class Checks:
    """What is to be tried; RT shows what may be done with a ticket, but not whether we see comments on it."""

    rest: Rest
    people: People
    queues: Sequence[str]
    tier_field: str
    tag_field: str

    def all(self) -> Iterator[Check]:
        """Try everything; where sign-in fails nothing else is tried."""
        try:
            own = self.people.own()
        except RemoteError as error:
            yield Check("sign_in", well=False, sentence=str(error))
            return
        yield Check("sign_in", well=True, sentence=f"Signed in to {self.rest.name} as {own.name}.")
        yield _check("time_zone", self.people.zone_problem(own), f"The time zone of {own.name} is UTC.")
        yield _check("privileged", self._rank_problem(own), f"{own.name} can tell agents from customers.")
        if self.tier_field:
            yield _check("tier", self._tier_problem(own), f"The custom field {self.tier_field} can be read.")
        yield judged("queues", self._queues_problem, "The queues can be read.")
        yield from self._checks_of_newest()

    def _checks_of_newest(self) -> Iterator[Check]:
        """Try on the newest ticket what we may do with tickets."""
        try:
            page = self._newest()
        except RemoteError as error:
            yield Check("tickets", well=False, sentence=str(error))
            return
        newest = next(iter(self.rest.rows(FoundTicket, page)), None)
        yield _check("tickets", self._tickets_problem(page, newest), "Changed tickets can be read.")
        yield _check("notes", self._action_problem(newest, "comment", "CommentOnTicket", "reminder"), _may("noted on"))
        yield _check("replies", self._action_problem(newest, "correspond", "ReplyToTicket", "reply"), _may("answered"))
        if self.tag_field:
            yield _check("tags", self._tags_problem(newest), f"The newest ticket has the field {self.tag_field}.")

    def _newest(self) -> Page:
        query = of_queues("id > 0", self.queues)
        return self.rest.one(
            Page, f"tickets?{NEWEST_FIRST}", {"query": query, "per_page": 1, **TICKET_FIELDS}, right=SHOW_TICKET
        )

    def _rank_problem(self, own: Account) -> str:
        return "" if own.privileged else f"Let the user {own.name} in {self.rest.name} be granted rights (privileged)."

    def _tier_problem(self, own: Account) -> str:
        if own.shows_field(self.tier_field):
            return ""
        return (
            f"Grant SeeCustomField on the users' field {self.tier_field} in {self.rest.name}, or correct `tier_field`."
        )

    def _queues_problem(self) -> str:
        name = self.rest.name
        seen = {queue.name for queue in self.rest.all(Queue, "queues/all", [], {"fields": "Name"}, right=SEE_QUEUE)}
        missing = sorted(set(self.queues) - seen)
        if missing:
            return f"Grant SeeQueue on {', '.join(missing)} in {name}, or correct the names in `queues`."
        return "" if seen else f"Grant SeeQueue, ShowTicket and ShowTicketComments on the queues in {name}."

    def _tickets_problem(self, page: Page, newest: FoundTicket | None) -> str:
        name = self.rest.name
        if page.total is None and not self.queues:
            return (
                f"Name the queues of {name} in `queues`: with UseSQLForACLChecks off it hides tickets of other"
                " queues page by page, and changes could be missed."
            )
        return "" if newest else f"Grant ShowTicket on the queues in {name}: {NONE_SEEN}."

    def _action_problem(self, newest: FoundTicket | None, action: str, right: str, what: str) -> str:
        if newest is not None and newest.allows(action):
            return ""
        why = f"without it no {what} can be posted" if newest else NONE_SEEN
        return f"Grant {right} on the queues in {self.rest.name}: {why}."

    def _tags_problem(self, newest: FoundTicket | None) -> str:
        if newest is not None and newest.shows_field(self.tag_field):
            return ""
        why = "the newest ticket doesn't show it" if newest else NONE_SEEN
        return (
            f"Apply the custom field {self.tag_field} in {self.rest.name} to the queues, and grant SeeCustomField and"
            f" ModifyCustomField on it: {why}."
        )


def _may(what: str) -> str:
    return f"The newest ticket can be {what}."


def _check(name: str, problem: str, praise: str) -> Check:
    return Check(name, well=not problem, sentence=problem or praise)
