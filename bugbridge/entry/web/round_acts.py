"""What people do in a round on the web: through the same services as the command, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bugbridge.core.access import Visitor
from bugbridge.core.errors import UsageError
from bugbridge.core.model import Actor
from bugbridge.core.round_view import Judgement, RoundRow, RoundView, Wish
from bugbridge.entry.jobs import decide
from bugbridge.entry.naming import known_issue
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import CONFLICT, NOT_FOUND
from bugbridge.entry.web.visiting import actor_of
from bugbridge.services import rounds
from bugbridge.services.round_members import news_of
from bugbridge.services.round_page import outline_for
from bugbridge.services.round_view import Outline

NO_ROUND = "No round waits here: the list of rounds names those that do."
NOT_IN_ROUND = "That ticket isn't in this round."
OVER = "This round is over, or about other news by now: open it anew."
NAMED = 5
MOST_IN_TRAIL = 100
APPROVED, TAKEN_BACK, STOPPED = "approved", "taken_back", "stopped"
RELEASED, DROPPED, BROUGHT_BACK = "released", "dropped", "brought_back"


class Changed(Exception):  # noqa: N818 - it is an answer, and no mistake of ours
    """Nothing was done, since not all of it could be: by ticket, why not."""

    def __init__(self, problems: Mapping[str, str], status: int = CONFLICT) -> None:
        """Keep the reasons; the sentence for programs has the first few."""
        named = [f"{ticket} {why}" for ticket, why in list(problems.items())[:NAMED]]
        more = [f"{len(problems) - NAMED} more can't be done either."] if len(problems) > NAMED else []
        super().__init__(" ".join([*named, *more]))
        self.problems = problems
        self.status = status


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Somebody who reviews a bug's round, of its latest news or of the piece that they were shown."""

    web: Web
    visitor: Visitor
    bug_id: int
    issue: str
    news_seq: int | None = None

    def outline(self) -> Outline:
        """Give the round as far as they may see it. Raises Refused where there is none for them."""
        try:
            return outline_for(self.web.app.sender, self.visitor, self.bug_id, self.news_seq)
        except UsageError:
            raise _not_there(self) from None

    @property
    def actor(self) -> Actor:
        """Who they are in what is kept of it."""
        return actor_of(self.visitor)

    def keep(self, did: str, tickets: Sequence[str]) -> None:
        """Keep in the trail what they did, and to which tickets."""
        subject = f"{self.issue} {_named(tickets)}"
        self.web.app.store.add_to_trail(self.visitor, f"round.{did}", subject, self.web.app.clock.now())


def _named(tickets: Sequence[str]) -> str:
    """Name one ticket, or count several and name as many as a line of the trail holds."""
    if len(tickets) == 1:
        return tickets[0]
    more = [f"and {len(tickets) - MOST_IN_TRAIL} more"] if len(tickets) > MOST_IN_TRAIL else []
    return f"{len(tickets)} tickets: {' '.join([*tickets[:MOST_IN_TRAIL], *more])}"


def reviewing(web: Web, visitor: Visitor, reference: str, news_seq: int | None = None) -> Reviewing:
    """Find the bug whose round is meant. Raises Refused for an unknown one, as for one none of whose
    tickets they may see."""
    try:
        issue = known_issue(web.app, reference)
    except UsageError:
        raise Refused(NOT_FOUND, NO_ROUND) from None
    bug_id = web.app.store.canonical_bug(issue.bug_id)
    if not web.app.store.tickets_in_sight(visitor, bug_id):
        raise Refused(NOT_FOUND, NO_ROUND)
    return Reviewing(web, visitor, bug_id, issue.reference, news_seq)


def _not_there(who: Reviewing) -> Refused:
    """A round that was shown and is no more is a conflict; one that nobody was shown isn't there."""
    return Refused(CONFLICT, OVER) if who.news_seq is not None else Refused(NOT_FOUND, NO_ROUND)


def carry_out(who: Reviewing, wishes: Sequence[Wish], did: str) -> Judgement:
    """Approve replies or take them back. Raises Changed where any of it can't be done, and Refused for tickets that
    aren't there for this visitor, and for a round that is over."""
    app = who.web.app
    with app.store.write():
        _check_sight(who, [wish.ticket_id for wish in wishes])
        try:
            judged = rounds.review(app.sender, _seen(who), wishes, who.actor)
        except UsageError:
            raise Refused(CONFLICT, OVER) from None
        if judged.problems:
            raise Changed({app.store.ticket(ticket_id).reference: why for ticket_id, why in judged.problems})
        done = [row.ticket for row in (*(row for row, _ in judged.approve), *judged.take_back)]
        if done:
            who.keep(did, done)
    if done:
        decide(app)
    return judged


def _seen(who: Reviewing) -> RoundView:
    news = news_of(who.web.app.store, who.bug_id, who.news_seq or 0)
    if news is None:
        raise Refused(CONFLICT, OVER)
    return RoundView(who.bug_id, who.issue, news, ())


def _check_sight(who: Reviewing, ticket_ids: Sequence[int]) -> None:
    if not who.web.app.store.tickets_in_sight(who.visitor, who.bug_id).issuperset(ticket_ids):
        raise Refused(NOT_FOUND, NOT_IN_ROUND)


def bring_back(who: Reviewing, rows: Sequence[RoundRow]) -> Sequence[str]:
    """Have what was let be wait in the round again; gives the tickets of it."""
    app = who.web.app
    with app.store.write():
        back = [row for row in rows if row.why == DROPPED]
        rounds.hold(app.store, app.clock, [row.key for row in back], who.actor)
        tickets = [row.ticket for row in back]
        if tickets:
            who.keep(BROUGHT_BACK, tickets)
    if tickets:
        decide(app)
    return tickets


def let_go(who: Reviewing, rows: Sequence[RoundRow], how: str) -> Sequence[str]:
    """Have the agents of these tickets reminded (`released`), or nobody told (`dropped`); gives those that wait no
    more. What doesn't wait is left as it is."""
    app, act = who.web.app, rounds.release if how == RELEASED else rounds.let_be
    with app.store.write():
        items = rounds.waiting_updates(app.store, rows)
        act(app.store, app.clock, items, who.actor)
        tickets = [row.ticket for row in rows if row.key.ticket_id in {item.ticket_id for item in items}]
        if tickets:
            who.keep(how, tickets)
    if tickets:
        decide(app)
    return tickets
