"""What a pass of sending would post, on what is known now."""

from dataclasses import dataclass

from bugbridge.core.model import Channel
from bugbridge.core.noise import Verdict, urgency
from bugbridge.core.records import UpdateItem
from bugbridge.services.claiming import Imagined, Sender, called_for_as_known, next_note
from bugbridge.services.drafting import note_text
from bugbridge.services.replying import channel_of, reply_text
from bugbridge.services.sending import READ_AT_ONCE


@dataclass(frozen=True, slots=True)
class Preview:
    """A note or reply that would be posted, and where; `item` is the first of the updates in it, `issue` that one's."""

    items: tuple[UpdateItem, ...]
    ticket: str
    issue: str
    text: str
    ticket_status: str
    channel: Channel = Channel.NOTE

    @property
    def item(self) -> UpdateItem:
        """The update that comes first."""
        return self.items[0]


def preview_due(sender: Sender) -> tuple[Preview, ...]:
    """Show what a pass would post on what is known now; nothing is claimed, read afresh or written."""
    imagined = Imagined()
    previews = []
    for item in sorted(sender.store.due_updates(sender.clock.now(), READ_AT_ONCE), key=urgency):
        verdict = next_note(sender, item, sender.clock.now(), imagined)
        imagined.verdicts.append(verdict)
        previews.append(_preview(sender, verdict))
    return tuple(preview for preview in previews if preview is not None)


def _preview(sender: Sender, verdict: Verdict) -> Preview | None:
    called = called_for_as_known(sender, verdict.together)
    if verdict.ticket is None or not called:
        return None
    channel = channel_of(sender, verdict.together)
    by_reply = channel is Channel.REPLY
    return Preview(
        tuple(one.item for one in called),
        sender.store.ticket(verdict.ticket.id).reference,
        called[0].history.bug.primary_reference,
        reply_text(sender, called[0])
        if by_reply
        else note_text(sender.store, sender.renderer, sender.language, called),
        verdict.ticket.status.value,
        channel,
    )
