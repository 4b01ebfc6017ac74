"""What is wrong with a run: notes repeated, lost, not asked for, or not as the database has it. No I/O."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scripts.crash.evidence import FINISHED_WELL, Delivery, Evidence, Meaning, Note

Told = tuple[Meaning, str]
"""An update and the ticket that holds it."""


@dataclass(frozen=True)
class Verdict:
    """Counts of what the run posted, and a sentence for each thing that is wrong."""

    updates: int
    lost: int = 0
    repeated: int = 0
    problems: tuple[str, ...] = field(default=())


def told(run: Evidence) -> Counter[Told]:
    """Count which update stands on which ticket, by the helpdesk's notes; the database only says what they mean."""
    meanings = {delivery.marker: delivery.meanings for delivery in run.deliveries}
    return Counter((meaning, note.ticket) for note in run.notes for meaning in meanings.get(note.marker, ()))


def judge(reference: Counter[Told], run: Evidence, is_racing: Callable[[str], bool]) -> Verdict:
    """Compare a run with what the same story's undisturbed run posted. Racing customers, by their id on the helpdesk,
    are looked at for repetitions and unwanted notes alone."""
    posted = told(run)
    by_seed = Counter({one: count for one, count in posted.items() if not is_racing(one[0].customer)})
    expected = Counter({one: count for one, count in reference.items() if not is_racing(one[0].customer)})
    lost = expected - by_seed
    times = Counter(meaning for meaning, _ in posted.elements())
    repeated = {meaning: count for meaning, count in times.items() if count > 1}
    more = {one: count for one, count in (by_seed - expected).items() if one[0] not in repeated}
    problems = [
        *(f"Lost: {meaning}, on ticket {ticket}." for meaning, ticket in sorted(lost)),
        *(
            f"Repeated: {meaning}, {count} notes ({_where(posted, meaning)})."
            for meaning, count in sorted(repeated.items())
        ),
        *(f"Not in the undisturbed run: {meaning}, on ticket {ticket}." for meaning, ticket in sorted(more)),
        *_disagreements(run),
    ]
    again = sum(count - 1 for count in repeated.values())
    return Verdict(posted.total(), lost.total(), again, tuple(problems))


def _where(posted: Counter[Told], meaning: Meaning) -> str:
    tickets = sorted(ticket for (each, ticket), count in posted.items() for _ in range(count) if each == meaning)
    return f"on {', '.join(tickets)}"


def _disagreements(run: Evidence) -> Iterator[str]:
    """Say where the helpdesk's notes and the database's deliveries don't match one to one."""
    known = {delivery.marker: delivery for delivery in run.deliveries}
    for marker, count in Counter(note.marker for note in run.notes).items():
        if count > 1:
            yield f"Repeated: {count} notes bear the marker {marker}."
    for note in run.notes:
        yield from _of_note(note, known.get(note.marker))
    posted = {note.marker for note in run.notes}
    for delivery in run.deliveries:
        yield from _of_delivery(delivery, is_posted=delivery.marker in posted)


def _of_note(note: Note, delivery: Delivery | None) -> Iterator[str]:
    where = f"Note {note.number} on ticket {note.ticket}"
    if delivery is None:
        yield f"{where} belongs to no delivery."
    elif delivery.state != FINISHED_WELL:
        yield f"{where} stands there, but its delivery is {delivery.state}."
    elif delivery.ticket != note.ticket:
        yield f"{where} has its delivery on {delivery.ticket}."


def _of_delivery(delivery: Delivery, *, is_posted: bool) -> Iterator[str]:
    name = f"the delivery {delivery.marker} to ticket {delivery.ticket}"
    if delivery.state == FINISHED_WELL and not is_posted:
        yield f"Lost: {name} is posted, but there is no such note."
    if delivery.state == FINISHED_WELL and not delivery.meanings and not delivery.answer:
        yield f"Of nothing: {name} is posted, but tells nothing."
    if delivery.state == "dead":
        yield f"Given up: {name}."
    for meaning in delivery.unwanted:
        yield f"Not called for any more when it was claimed or posted: {meaning}, on ticket {delivery.ticket}."
