"""Whose something is, in the words of every list."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bugbridge.core.people import ReceiverKind

if TYPE_CHECKING:
    from bugbridge.core.people import Receiver


def for_whom(receiver: Mapping[str, str]) -> str:
    """Say in whose queue an update is."""
    name, queue = receiver["name"], receiver["queue"]
    return {
        ReceiverKind.DEPUTY: f"{name} for {receiver['absent']}",
        ReceiverKind.GROUP: f"group {name}",
        ReceiverKind.LEAD: f"lead ({name})" if name else "lead",
        ReceiverKind.NOBODY: "nobody",
    }.get(ReceiverKind(queue), name)


def whose(receiver: "Receiver") -> str:
    """Say the same of a receiver."""
    return for_whom({"queue": receiver.kind, "name": receiver.name, "absent": receiver.absent})
