"""What agents read of a round: one note for all of their tickets in it, and what came of a line that sends those."""

from collections.abc import Collection, Mapping, Sequence

from bugbridge.core.answers import Answer
from bugbridge.core.errors import UsageError
from bugbridge.core.model import TERMINAL_NEWS, Actor, AuthorKind, News, UpdateState
from bugbridge.core.people import Team
from bugbridge.core.records import KnownUpTo, LinkKey, Note
from bugbridge.core.round_view import Eye, RoundRow, RoundView, Standing
from bugbridge.services.claiming import Sender, reader_language
from bugbridge.services.drafting import for_whom, issue_name
from bugbridge.services.receiving import receiver_of
from bugbridge.services.round_opening import ALONE, SEND_FOR, is_repeated
from bugbridge.services.round_view import open_round
from bugbridge.services.rounds import approve_own, own_tickets

# Drafts shown in a note of those that need an eye; the command shows all.
MOST_DRAFTS = 5
HEAD, PING, SENT = "round_head", "round", "round_sent"
UNTIL: Mapping[str, str] = {"en": "you say so", "de": "Sie es sagen"}


def head_line(sender: Sender, view: RoundView, until: str = "", language: str = "") -> str:
    """Say how a round stands in a sentence or two, by default in the team's language; nothing goes out `until`, which
    by default is that the reader says so."""
    spoken = language or sender.language
    parameters: dict[str, object] = {
        "issue": issue_name(sender.store, view.issue),
        "reason": view.news.news.value,
        "version": view.news.version,
        "tickets": len(view.rows),
        "until": until or UNTIL.get(spoken.partition("-")[0], UNTIL["en"]),
        **view.counts(),
    }
    return sender.renderer.text(Note(HEAD, parameters), spoken)


def _names_a_version(view: RoundView) -> bool:
    """Whether a reply tells of the news for certain by naming its version."""
    return view.news.news is News.RELEASED and bool(view.news.version)


def round_text(sender: Sender, answer: Answer) -> str:
    """Render a note about a round; "" where the agent has nothing in it any more.

    Where a line asked for it, the agent's own drafts that are ready are approved first: once, however often this is
    rendered, for what is approved isn't ready.
    """
    if SEND_FOR in answer.subject:
        return _sent(sender, answer, int(str(answer.subject[SEND_FOR])))
    try:
        view = open_round(sender, answer.bug_id or 0, news_seq=int(str(answer.subject["news_seq"])))
    except UsageError:  # it is over
        return ""
    if ALONE in answer.subject:
        return _ping(sender, view, {answer.ticket_id}, answer.ticket_id)
    return _ping(sender, view, _received(sender, view, answer), answer.ticket_id)


def _received(sender: Sender, view: RoundView, answer: Answer) -> frozenset[int]:
    """Give the tickets of whoever receives what is due on a note's ticket, also for agents who aren't there; none where
    that one is told by another note, so that nobody is told twice."""
    team, now = Team(sender.people, sender.store.agents()), sender.clock.now()
    held = sender.store.held([row.key.ticket_id for row in view.rows])
    receivers = {one: team.receiver(each, now) for one, each in held.items()}
    if answer.ticket_id not in receivers:
        return frozenset()
    receiver = receivers[answer.ticket_id]
    theirs = frozenset(one for one, each in receivers.items() if each.key == receiver.key)
    own = {str(party_id) for party_id in team.parties(receiver)}
    notes = [one for ticket_id in theirs for one in sender.store.answers_to(ticket_id) if _tells_alike(one, answer)]
    chosen = min(notes, key=lambda one: (one.subject["agent"] not in own, one.key), default=answer)
    return theirs if chosen.key == answer.key else frozenset()


def _tells_alike(one: Answer, other: Answer) -> bool:
    """Whether two notes to agents are about the same round, at its beginning or once more, and neither was let be."""
    if "agent" not in one.subject or one.state is UpdateState.WITHDRAWN:
        return False
    return one.subject["news_seq"] == other.subject["news_seq"] and is_repeated(one) == is_repeated(other)


def _ping(sender: Sender, view: RoundView, mine: Collection[int], ticket_id: int) -> str:
    ready = [row for row in view.standing(Standing.READY) if row.key.ticket_id in mine]
    eye = [row for row in view.standing(Standing.EYE) if row.key.ticket_id in mine]
    if not ready and not eye:
        return ""
    language = reader_language(sender, ticket_id)
    parameters: dict[str, object] = {
        **for_whom(receiver_of(sender.store, sender.people, sender.store.ticket(ticket_id), sender.clock.now())),
        "head": head_line(sender, view, language=language),
        "issue": issue_name(sender.store, view.issue),
        "version": view.news.version if _names_a_version(view) else "",
        "say_told": view.news.news in TERMINAL_NEWS and not _names_a_version(view),
        "ready": [row.ticket for row in ready],
        "eye": _alike(eye),
        "draft": ready[0].text if ready else "",
    }
    return sender.renderer.text(Note(PING, parameters), language)


def _alike(rows: Sequence[RoundRow]) -> list[dict[str, object]]:
    """Give tickets that need an eye for the same reasons and have the same draft together, the draft once."""
    found: dict[tuple[tuple[Eye, ...], str], list[str]] = {}
    for row in rows:
        found.setdefault((row.eye, row.text), []).append(row.ticket)
    return [
        {"tickets": tickets, "why": [one.value for one in why], "draft": text if place < MOST_DRAFTS else ""}
        for place, ((why, text), tickets) in enumerate(found.items())
    ]


def _sent(sender: Sender, answer: Answer, agent_id: int) -> str:
    key, news_seq = LinkKey(answer.ticket_id, answer.bug_id or 0), int(str(answer.subject["news_seq"] or 0))
    try:
        approve_own(sender, key, news_seq, agent_id, Actor(AuthorKind.AGENT, f"party:{agent_id}", "note"))
        view = open_round(sender, key.bug_id, news_seq=news_seq)
    except UsageError:  # there was none, or it is over
        bug = sender.store.bug_course(key.bug_id, KnownUpTo(sender.store.head()))
        return _going(sender, answer.ticket_id, bug.primary_reference, [])
    mine = own_tickets(sender, view, agent_id)
    going = [row.ticket for row in view.standing(Standing.APPROVED) if row.key.ticket_id in mine]
    return _going(sender, answer.ticket_id, view.issue, going)


def _going(sender: Sender, ticket_id: int, issue: str, tickets: list[str]) -> str:
    note = Note(SENT, {"issue": issue_name(sender.store, issue), "tickets": tickets})
    return sender.renderer.text(note, reader_language(sender, ticket_id))
